//! The tables' versions: each file in migrations/ is one step, run once, in order.

use sqlx::{Connection, Row, SqlitePool};

use super::OpenError;

const STEPS: [&str; 9] = [
    include_str!("../../migrations/0001_desk.sql"),
    include_str!("../../migrations/0002_channels.sql"),
    include_str!("../../migrations/0003_requests.sql"),
    include_str!("../../migrations/0004_talk.sql"),
    include_str!("../../migrations/0005_audit_source.sql"),
    include_str!("../../migrations/0006_closed.sql"),
    include_str!("../../migrations/0007_archive.sql"),
    include_str!("../../migrations/0008_former_names.sql"),
    include_str!("../../migrations/0009_sign_ins.sql"),
];

pub async fn run(pool: &SqlitePool) -> Result<(), OpenError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let mut connection = pool.acquire().await?;
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")
        .execute(&mut *connection)
        .await?;
    let found: i64 = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM schema_version")
        .fetch_one(&mut *connection)
        .await?
        .get(0);
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    for (version, step) in (1..).zip(STEPS) {
        if version <= found {
            continue;
        }
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(step).execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO schema_version (version) VALUES ($1)")
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    Ok(())
}
