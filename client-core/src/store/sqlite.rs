//! The store on disk: one SQLite file, WAL, `synchronous=FULL`, every write in one transaction.
//!
//! All SQL of the client is here and in the two submodules, as static text. Never waits longer than
//! ten seconds for another process.

mod blobs;
mod read;
mod write;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use doorstep_protocol::{DocumentId, Hash, WorkerId};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, SqlitePool};

use super::{
    BlobRow, HeldCheckout, Listed, Meta, Op, OutboxEntry, Purged, QueuedCommand, RejectedItem, Store,
    StoreError, Stored,
};

/// Layouts in order; a store's `user_version` says how many it has.
const MIGRATIONS: [&str; 2] = [include_str!("sqlite/0001.sql"), include_str!("sqlite/0002.sql")];

/// What a store is marked with when it has all of them.
const VERSION: &str = "PRAGMA user_version = 2";

/// Takes away all that they make.
const NOTHING: &str = include_str!("sqlite/nothing.sql");

/// A store in a SQLite file.
#[derive(Clone, Debug)]
pub struct Sqlite {
    pool: SqlitePool,
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::Failed(Box::new(error))
    }
}

/// A new file that nobody else on this machine reads; SQLite gives what lies beside it the same rights. Where there is one it
/// stays as it is.
fn begin_for_us_alone(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

impl Sqlite {
    /// Opens the file, or makes it, and brings its layout up to date.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        begin_for_us_alone(path);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What is purged is not left in free pages.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(2).connect_with(options).await?;
        let store = Sqlite { pool };
        store.migrate().await?;
        Ok(store)
    }

    /// Makes a store as if it had never been used, overwriting what it held. Not while anybody has it open, nor once anything
    /// was written to it since it stood at this sequence: then it stays as it is, and the answer is no.
    pub async fn empty(path: &Path, sequence: u64) -> Result<bool, StoreError> {
        let options = SqliteConnectOptions::new().filename(path).pragma("secure_delete", "ON");
        let mut connection = options.busy_timeout(Duration::from_secs(1)).connect().await?;
        // Only whoever is alone with a file may leave its log: whoever else has it open would write into it afterwards.
        let mode = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = DELETE").fetch_one(&mut connection);
        if !mode.await.is_ok_and(|mode| mode == "delete") {
            return Ok(false);
        }
        let mut tx = connection.begin_with("BEGIN EXCLUSIVE").await?;
        let now: i64 = sqlx::query_scalar("SELECT sequence FROM meta").fetch_one(&mut *tx).await?;
        if now as u64 != sequence {
            return Ok(false);
        }
        tx.execute(sqlx::raw_sql(NOTHING)).await?;
        for migration in MIGRATIONS {
            tx.execute(sqlx::raw_sql(migration)).await?;
        }
        tx.commit().await?;
        connection.close().await?;
        Ok(true)
    }

    /// Closes the file; the write-ahead log is folded in.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let known = MIGRATIONS.len() as i64;
        let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&self.pool).await?;
        if found == known {
            return Ok(());
        }
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *tx).await?;
        if found > known {
            return Err(StoreError::Newer { found, known });
        }
        for migration in MIGRATIONS.into_iter().skip(found as usize) {
            tx.execute(sqlx::raw_sql(migration)).await?;
        }
        if found < known {
            tx.execute(sqlx::raw_sql(VERSION)).await?;
        }
        Ok(tx.commit().await?)
    }
}

impl Store for Sqlite {
    async fn apply(&self, ops: Vec<Op>) -> Result<(), StoreError> {
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let sequence = write::next_sequence(&mut tx).await?;
        for op in ops {
            write::op(&mut tx, sequence, op).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn meta(&self) -> Result<Meta, StoreError> {
        read::meta(&self.pool).await
    }

    async fn load(&self, document: DocumentId) -> Result<Option<Stored>, StoreError> {
        let mut tx = self.pool.begin().await?;
        read::load(&mut tx, document).await
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        read::list(&self.pool).await
    }

    async fn outbox(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        read::outbox(&self.pool).await
    }

    async fn rejected(&self) -> Result<Vec<RejectedItem>, StoreError> {
        read::rejected(&self.pool).await
    }

    async fn commands(&self) -> Result<Vec<QueuedCommand>, StoreError> {
        read::commands(&self.pool).await
    }

    async fn checkouts(&self) -> Result<Vec<HeldCheckout>, StoreError> {
        read::checkouts(&self.pool).await
    }

    async fn purged(&self) -> Result<Vec<Purged>, StoreError> {
        read::purged(&self.pool).await
    }

    async fn names(&self) -> Result<BTreeMap<WorkerId, String>, StoreError> {
        read::names(&self.pool).await
    }

    async fn blobs(&self) -> Result<Vec<BlobRow>, StoreError> {
        blobs::all(&self.pool).await
    }

    async fn blob_part(
        &self,
        document: DocumentId,
        hash: Hash,
        n: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        blobs::part(&self.pool, document, hash, n).await
    }

    async fn sequence(&self) -> Result<u64, StoreError> {
        let sequence: i64 = sqlx::query_scalar("SELECT sequence FROM meta").fetch_one(&self.pool).await?;
        Ok(sequence as u64)
    }
}
