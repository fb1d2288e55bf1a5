//! The one writer. Changes that arrive while a commit runs are written together in the next transaction, each all or nothing, and
//! every caller hears back after its commit. Nothing waits for company: an idle writer commits at once.

use std::net::IpAddr;

use mayday_session::audit::Head;
use sqlx::{Connection, Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{mpsc, oneshot};

use super::statement::{AuditEntry, Change, Statement, Value};
use crate::{chain, origin};

/// Changes in one transaction; bounds how long the first of them waits.
const GROUP: usize = 256;
const QUEUE: usize = 4096;

/// Why nothing of a change was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("something with this name exists")]
    Exists,
    #[error("it changed meanwhile")]
    Stale,
    #[error("the database does not take it: {0}")]
    Failed(String),
    #[error("the gateway is stopping")]
    Stopping,
}

type Reply = oneshot::Sender<Result<(), WriteError>>;

/// A change and the address it was asked for from.
type Sourced = (Change, String);

enum Job {
    /// From where it was asked for, for its audit.
    Write(Change, Option<IpAddr>, Reply),
    Close(oneshot::Sender<()>),
}

#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    pub fn start(pool: SqlitePool) -> Self {
        let (jobs, queue) = mpsc::channel(QUEUE);
        tokio::spawn(run(pool, queue));
        Self { jobs }
    }

    pub async fn write(&self, change: Change) -> Result<(), WriteError> {
        let (reply, answer) = oneshot::channel();
        self.jobs
            .send(Job::Write(change, origin::current(), reply))
            .await
            .map_err(|_| WriteError::Stopping)?;
        answer.await.map_err(|_| WriteError::Stopping)?
    }

    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.jobs.send(Job::Close(done)).await.is_ok() {
            // An error means that the writer ended already, which is what was wanted.
            let _ = closed.await;
        }
    }
}

async fn run(pool: SqlitePool, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(GROUP);
    while queue.recv_many(&mut jobs, GROUP).await > 0 {
        let mut closed = None;
        let mut group = Vec::with_capacity(jobs.len());
        for job in jobs.drain(..) {
            match job {
                Job::Write(change, from, reply) => {
                    let source = from.map(|from| from.to_string()).unwrap_or_default();
                    group.push(((change, source), reply));
                }
                Job::Close(done) => closed = Some(done),
            }
        }
        commit(&pool, group).await;
        if let Some(done) = closed {
            pool.close().await;
            // Nobody waiting for the end any more is fine.
            let _ = done.send(());
            return;
        }
    }
}

async fn commit(pool: &SqlitePool, group: Vec<(Sourced, Reply)>) {
    if group.is_empty() {
        return;
    }
    let (changes, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    let results = match transaction(pool, &changes).await {
        Ok(results) => results,
        Err(error) => {
            tracing::error!(%error, changes = changes.len(), "nothing was written");
            let failed = error.to_string();
            let each = || Err(WriteError::Failed(failed.clone()));
            changes.iter().map(|_| each()).collect()
        }
    };
    for (reply, result) in replies.into_iter().zip(results) {
        // A caller that gave up does not undo what is written.
        let _ = reply.send(result);
    }
}

async fn transaction(
    pool: &SqlitePool,
    changes: &[Sourced],
) -> Result<Vec<Result<(), WriteError>>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut head = chain::head(&mut transaction).await?;
    let mut results = Vec::with_capacity(changes.len());
    for (change, source) in changes {
        let mut save_point = transaction.begin().await?;
        let after = apply(&mut save_point, change, source, head.clone()).await;
        match after {
            Ok(next) => {
                save_point.commit().await?;
                head = next;
                results.push(Ok(()));
            }
            Err(error) => {
                save_point.rollback().await?;
                results.push(Err(error));
            }
        }
    }
    transaction.commit().await?;
    Ok(results)
}

async fn apply(
    to: &mut SqliteConnection,
    change: &Change,
    source: &str,
    mut head: Head,
) -> Result<Head, WriteError> {
    for statement in &change.statements {
        execute(to, statement).await?;
    }
    for entry in &change.audit {
        head = append(to, entry, source, &head).await?;
    }
    Ok(head)
}

async fn execute(to: &mut SqliteConnection, statement: &Statement) -> Result<(), WriteError> {
    let mut query = sqlx::query::<Sqlite>(statement.sql);
    for value in &statement.values {
        query = match value {
            Value::Int(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.as_str()),
            Value::Null => query.bind(None::<i64>),
        };
    }
    let done = query.execute(to).await.map_err(refused)?;
    if statement.exactly_one && done.rows_affected() != 1 {
        return Err(WriteError::Stale);
    }
    Ok(())
}

async fn append(
    to: &mut SqliteConnection,
    entry: &AuditEntry,
    source: &str,
    head: &Head,
) -> Result<Head, WriteError> {
    let next = chain::after(head, entry, source);
    let statement = Statement::new(
        "INSERT INTO audit (sequence, at, actor, action, session_id, detail, source, hash) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        crate::values![
            next.sequence,
            entry.at,
            entry.actor.as_str(),
            entry.action,
            entry.session,
            entry.detail.as_str(),
            source,
            next.hash.as_str(),
        ],
    );
    execute(to, &statement).await?;
    Ok(next)
}

fn refused(error: sqlx::Error) -> WriteError {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => WriteError::Exists,
        Some(_) | None => WriteError::Failed(error.to_string()),
    }
}
