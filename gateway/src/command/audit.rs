//! `mayday-gateway audit verify`: judges the audit's chain against the heads that were signed. Reads beside a running gateway or without.

use std::io::Write;

use crate::audit::Audit;
use crate::audit_heads::AuditHeads;
use crate::cli::AuditVerify;
use crate::data::DataFolder;
use crate::store::Store;

/// Says that the audit is whole, or fails with the first record that is not.
///
/// # Errors
/// With a sentence for the person at the command line.
pub async fn verify(verify: AuditVerify) -> anyhow::Result<()> {
    let data = DataFolder::open(&verify.data)?;
    let store = Store::open(data.path()).await?;
    let heads = AuditHeads::open(&data, store.clone())?;
    let checked = Audit::new(store.clone(), heads).check().await;
    store.close().await;
    let (head, count) =
        checked.map_err(|error| anyhow::anyhow!("the audit is NOT whole: {error}"))?;
    writeln!(
        std::io::stdout(),
        "the audit is whole: {} records, {count} signed heads, last hash {}\n\
         It cannot see: records cut off after the last signed head (at most the last minute), anything before this gateway wrote it, \
         and a change by somebody who has this folder's keys/audit.key as well. Keep copies of audit-heads.log on another machine.",
        head.sequence,
        head.hash
    )?;
    Ok(())
}
