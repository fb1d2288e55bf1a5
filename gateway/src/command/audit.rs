//! `mayday-gateway audit verify`: judges the audit's chain against the heads that were signed. Reads beside a running gateway or without.

use std::io::Write;

use anyhow::Context;
use mayday_session::audit::{Check, Entry, Head};
use sqlx::Row;

use crate::audit_heads::AuditHeads;
use crate::chain;
use crate::cli::AuditVerify;
use crate::clock::Timestamp;
use crate::data::DataFolder;
use crate::store::Store;

/// Records in memory at a time.
const PAGE: i64 = 1000;

/// Says that the audit is whole, or fails with the first record that is not.
///
/// # Errors
/// With a sentence for the person at the command line.
pub async fn verify(verify: AuditVerify) -> anyhow::Result<()> {
    let data = DataFolder::open(&verify.data)?;
    let store = Store::open(data.path()).await?;
    let signed = AuditHeads::open(&data, store.clone())?.read()?;
    let count = signed.len();
    let head = check(&store, signed)
        .await
        .context("the audit is NOT whole")?;
    store.close().await;
    writeln!(
        std::io::stdout(),
        "the audit is whole: {} records, {count} signed heads, last hash {}",
        head.sequence,
        head.hash
    )?;
    Ok(())
}

async fn check(store: &Store, signed: Vec<Head>) -> anyhow::Result<Head> {
    let mut check = Check::new(signed, chain::sha256);
    let mut last = 0_i64;
    loop {
        let rows = sqlx::query(
            "SELECT sequence, at, actor, action, session_id, detail, hash FROM audit \
             WHERE sequence > $1 ORDER BY sequence LIMIT $2",
        )
        .bind(last)
        .bind(PAGE)
        .fetch_all(store.reads())
        .await?;
        for row in &rows {
            last = row.get("sequence");
            let session = row.get::<Option<i64>, _>("session_id");
            let entry = Entry {
                at: Timestamp(unsigned(row.get("at"))),
                actor: row.get("actor"),
                action: row.get("action"),
                session: session.map(unsigned),
                detail: row.get("detail"),
            };
            check.handle_record(unsigned(last), entry, row.get("hash"))?;
        }
        if rows.is_empty() {
            return Ok(check.end()?);
        }
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
