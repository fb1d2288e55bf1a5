//! Earlier sessions of the same computer, by what its agent says of itself. What that can and cannot tell is in docs/chat.md.

use std::cmp::Reverse;
use std::sync::Arc;

use mayday_protocol::SessionId;

use super::record::Record;
use super::{Desk, DeskError, sees};
use crate::clock::now;
use crate::directory::Account;

const MOST: usize = 50;
/// Of archived ones: some of them `me` may not see.
const LOOKED_AT: u32 = 200;

impl Desk {
    /// The other sessions of this computer that `me` may see, newest first; none when the computer is not known.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn earlier(
        &self,
        me: &Account,
        id: SessionId,
    ) -> Result<Vec<Arc<Record>>, DeskError> {
        let record = self.find(me, id).await?;
        let key = |record: &Record| record.device.as_ref().map(|device| device.key.clone());
        let Some(computer) = key(&record).filter(|key| !key.is_empty()) else {
            return Ok(Vec::new());
        };
        let archived = self.archived_of(&computer, LOOKED_AT).await?;
        let (snapshot, at) = (self.inner.directory.now(), now());
        let open = self.inner.shelf.all();
        let open = open.iter().map(|entry| entry.current());
        let mut found: Vec<_> = open
            .chain(archived.into_iter().map(Arc::new))
            .filter(|one| {
                let same = one.device.as_ref().is_some_and(|one| one.key == computer);
                same && one.id() != id && sees(one, &snapshot, me, at)
            })
            .collect();
        found.sort_by_key(|one| (Reverse(one.facts().created_at), one.id()));
        // Over just now: it was in both.
        found.dedup_by_key(|one| one.id());
        found.truncate(MOST);
        Ok(found)
    }
}
