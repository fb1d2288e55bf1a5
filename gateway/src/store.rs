//! The database: opening it, bringing its tables up to date, reading. Writing goes through the one writer task. Owns the SQL's
//! shape, not its meaning: accounts, channels and desk say what is written.

mod migrations;
mod statement;
mod writer;

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

pub use statement::{AuditEntry, Change, Statement, Value};
pub use writer::WriteError;

/// Cheap to clone.
#[derive(Clone)]
pub struct Store {
    reads: SqlitePool,
    writer: writer::Writer,
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the database {path} cannot be opened: {source}")]
    Open { path: String, source: sqlx::Error },
    #[error(
        "the database was written by a later version of the gateway (schema {found}, this one knows {known}): use that version"
    )]
    Newer { found: i64, known: i64 },
    #[error("the database's tables cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::Error),
}

const READERS: u32 = 4;
/// Another process on this machine (`owner create`) may hold the lock for a moment.
const BUSY: Duration = Duration::from_secs(5);

impl Store {
    /// The database's name in the data folder.
    pub const FILE: &str = "mayday.sqlite";

    /// Opens or creates the database in `data`.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(data: &Path) -> Result<Self, OpenError> {
        let path = data.join(Self::FILE);
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let failed = |source| OpenError::Open {
            path: path.display().to_string(),
            source,
        };
        let one = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(failed)?;
        migrations::run(&one).await?;
        let reads = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options)
            .await
            .map_err(failed)?;
        Ok(Self {
            reads,
            writer: writer::Writer::start(one),
        })
    }

    /// Writes all of `change` or nothing, and returns when it is on the disk.
    ///
    /// # Errors
    /// See [`WriteError`].
    pub async fn write(&self, change: Change) -> Result<(), WriteError> {
        self.writer.write(change).await
    }

    /// For queries that only read.
    #[must_use]
    pub fn reads(&self) -> &SqlitePool {
        &self.reads
    }

    /// Ends after everything that was handed over is written; for a clean stop.
    pub async fn close(&self) {
        self.writer.close().await;
        self.reads.close().await;
    }
}
