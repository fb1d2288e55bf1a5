//! Links: making them, showing them again, finding the session behind one, and what the page behind it says.

use std::sync::Arc;

use mayday_protocol::invite::Token;
use mayday_protocol::{SessionId, limits};
use mayday_session::desk::Status;
use mayday_session::permission::Action;

use super::record::{Entry, Invite};
use super::{Desk, DeskError};
use crate::clock::now;
use crate::directory::Account;
use crate::secrets::random;

/// What the page behind a link shows.
#[derive(Clone, Debug, PartialEq)]
pub struct InviteView {
    /// The assigned technician's name.
    pub technician: Option<String>,
    pub state: InviteState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InviteState {
    Open,
    Expired,
    Closed,
}

impl Desk {
    /// A new link's token, kept as keyed hash and sealed. Gives the token in clear.
    pub(super) fn fresh_invite(&self, id: SessionId) -> (Invite, String) {
        let token = Token::new(random()).to_string();
        let keys = &self.inner.keys;
        let invite = Invite {
            token_hash: keys.look_up("link", &token),
            token_sealed: keys.seal(&owner(id), &token),
            pin: None,
        };
        (invite, token)
    }

    pub(super) fn link(&self, token: &str) -> String {
        format!("{}/j/{token}", self.inner.public_url)
    }

    /// The session's link again.
    ///
    /// # Errors
    /// See [`DeskError`].
    pub async fn show_link(&self, me: &Account, id: SessionId) -> Result<String, DeskError> {
        let record = self.entry_for(me, id).await?.current();
        let actor = record.actor(&self.inner.directory.now(), me);
        let session = &record.session;
        session.allowed_now(actor, Action::CopyLink, now())?;
        let token = self
            .inner
            .keys
            .open(&owner(id), &record.invite.token_sealed);
        Ok(self.link(&token.ok_or(DeskError::NotFound)?))
    }

    /// What is no token asks nobody.
    pub(super) async fn entry_by_link(&self, token: &str) -> Result<Arc<Entry>, DeskError> {
        let token: Token = token.parse().map_err(|_| DeskError::NotFound)?;
        let hash = self.inner.keys.look_up("link", &token.to_string());
        self.entry_by_token(&hash).await
    }

    /// What the page behind a link says. Looking consumes nothing.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] for a link that leads nowhere; [`DeskError::TryLater`] when this address has looked at too many old ones.
    pub async fn look_at_invite(&self, token: &str) -> Result<InviteView, DeskError> {
        let record = self.entry_by_link(token).await?.current();
        let snapshot = self.inner.directory.now();
        let assigned = record.facts().assigned();
        let account = assigned.and_then(|one| snapshot.account(one.technician.0));
        Ok(InviteView {
            technician: account.map(|one| one.name.chars().take(limits::NAME_CHARS).collect()),
            state: match record.session.status(now()) {
                Status::Waiting | Status::Active | Status::InQueue => InviteState::Open,
                Status::Expired => InviteState::Expired,
                Status::Closed => InviteState::Closed,
            },
        })
    }

    /// The end user does not know who invites them: the session closes and its technicians and managers hear of it.
    ///
    /// # Errors
    /// When the session is over already.
    pub async fn disown(&self, token: &str) -> Result<(), DeskError> {
        let entry = self.entry_by_link(token).await?;
        let disowned = self.change(entry, |draft| {
            let now = draft.now;
            Ok(draft.session().handle_disowned(now)?)
        });
        disowned.await.map(drop)
    }
}

fn owner(id: SessionId) -> String {
    format!("link:{}", id.0)
}
