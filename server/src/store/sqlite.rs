//! The store in one SQLite file: the default of a server that runs alone.
//!
//! One connection writes, behind a lock; a few read beside it (WAL). `doorstep admin` may open the same
//! file beside a running server: every write takes SQLite's own write lock first, and waits for it.
//!
//! Never caches a row: what another process wrote is seen by the next call.

mod absences;
mod accounts;
mod acts;
mod arrivals;
mod asides;
mod board;
mod bulk;
mod columns;
mod commit;
mod copies;
mod deliveries;
mod erasures;
mod error;
mod filing;
mod finding;
mod lists;
mod notes;
mod office;
mod oversight;
mod people;
mod plan;
mod read;
mod rounds;
mod schema;
mod snapshots;
mod standings;
mod warm;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard};

use super::{
    Aside, CaseRow, ChangeRow, CommandRow, Commit, CopyRow, DecisionRow, DeviceRow, EnrolmentRow, FeedRow,
    HeldRow, Kept, Outcome, Person, Place, QuarantineRow, Query, Store, StoreError, Stored, Waiting,
};

/// How long a connection waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections that read.
const READERS: u32 = 4;
/// Pages of the log after which it is folded into the file: 32 MB. A group commit writes megabytes of pages, the same
/// ones again and again; at SQLite's own 4 MB nearly every one of them paid for folding as well.
const FOLD_PAGES: &str = "8192";
/// Memory for pages of the connection that writes, and of each that reads, in KiB (negative, as SQLite has it).
const WRITER_CACHE: &str = "-32768";
const READER_CACHE: &str = "-8000";

/// Everything, in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    options: SqliteConnectOptions,
    /// Empty after a write that failed: the next one opens another connection.
    writer: Mutex<Option<SqliteConnection>>,
    readers: SqlitePool,
    /// How often who works here was changed.
    staffed: AtomicU64,
    /// What SQLite said about writes of others at the last commit of cases, or when the file was opened.
    seen: AtomicI64,
}

/// Another one whenever another connection has written since it was last asked.
const DATA_VERSION: &str = "PRAGMA data_version";

/// Not known: somebody may have written.
const UNSEEN: i64 = i64::MIN;

/// A write transaction. Dropped without [`Writing::commit`], it takes its connection with it, and
/// SQLite rolls back: no half-ended transaction can meet the next caller.
/// A new file that nobody else on this machine reads; SQLite gives what lies beside it the same rights. Where there is one it
/// stays as it is.
fn begin_for_us_alone(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    drop(std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path));
}

struct Writing<'store> {
    slot: MutexGuard<'store, Option<SqliteConnection>>,
    connection: SqliteConnection,
}

impl Writing<'_> {
    /// Returns when everything is on the disk.
    async fn commit(mut self) -> Kept<()> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        *self.slot = Some(self.connection);
        Ok(())
    }

    /// The same of who works here. Whoever commits a case next already finds that said, and whoever has read that it was said
    /// reads who works here now.
    async fn commit_staff(mut self, staffed: &AtomicU64) -> Kept<()> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        staffed.fetch_add(1, Relaxed);
        *self.slot = Some(self.connection);
        Ok(())
    }
}

impl SqliteStore {
    /// Opens the file, makes it if it is not there, and brings its schema up to this build's.
    ///
    /// # Errors
    /// `Corrupt` if the file is no database, or its schema is newer than this build; else `Failed`.
    pub async fn open(path: &Path) -> Kept<Self> {
        begin_for_us_alone(path);
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten: personal data must not stay in free space.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("wal_autocheckpoint", FOLD_PAGES)
            .pragma("cache_size", WRITER_CACHE)
            .disable_statement_logging();
        let mut writer = options.connect().await?;
        schema::migrate(&mut writer).await?;
        let seen: i64 = sqlx::query_scalar(DATA_VERSION).fetch_one(&mut writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options.clone().pragma("cache_size", READER_CACHE).pragma("query_only", "ON"));
        Ok(SqliteStore {
            options,
            writer: Mutex::new(Some(writer)),
            readers,
            staffed: AtomicU64::new(0),
            seen: AtomicI64::new(seen),
        })
    }

    /// Ends every connection; the last one to the file folds the log into it. Calls after this fail or reopen.
    pub async fn close(&self) -> Kept<()> {
        self.readers.close().await;
        let writer = self.writer.lock().await.take();
        match writer {
            Some(writer) => Ok(writer.close().await?),
            None => Ok(()),
        }
    }

    /// Writes a consistent copy into a file that is not there yet, beside a running server.
    pub async fn backup(&self, to: &Path) -> Kept<()> {
        let mut connection = self.options.connect().await?;
        begin_for_us_alone(to);
        sqlx::query("VACUUM INTO ?1")
            .bind(to.to_string_lossy().into_owned())
            .execute(&mut connection)
            .await?;
        std::fs::File::open(to)
            .and_then(|file| file.sync_all())
            .map_err(|e| StoreError::Failed(e.to_string()))
    }

    /// Whether the file is whole, as SQLite sees it.
    pub async fn check(&self) -> Kept<()> {
        let mut connection = self.options.connect().await?;
        let said: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&mut connection).await?;
        if said == "ok" { Ok(()) } else { Err(StoreError::Corrupt(said)) }
    }

    /// Whether another process has written since the last commit of cases: `admin` works beside a server.
    async fn others_wrote(&self, connection: &mut SqliteConnection) -> Kept<bool> {
        let version: i64 = sqlx::query_scalar(DATA_VERSION).fetch_one(connection).await?;
        let wrote = self.seen.swap(version, Relaxed) != version;
        self.staffed.fetch_add(u64::from(wrote), Relaxed);
        Ok(wrote)
    }

    async fn begin(&self) -> Kept<Writing<'_>> {
        let mut slot = self.writer.lock().await;
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => {
                // Another connection counts otherwise.
                self.seen.store(UNSEEN, Relaxed);
                self.options.connect().await?
            }
        };
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
        Ok(Writing { slot, connection })
    }
}

impl Store for SqliteStore {
    async fn commit(&self, batch: Vec<Commit>) -> Kept<Vec<Outcome>> {
        if batch.is_empty() {
            return Ok(Vec::new());
        }
        let mut writing = self.begin().await?;
        let others = self.others_wrote(&mut writing.connection).await?;
        let staffed = self.staffed.load(Relaxed);
        if others || batch.iter().any(|commit| commit.staff.is_some_and(|of| of != staffed)) {
            // Who works here may be others than when this was worked out: it is worked out again.
            writing.commit().await?;
            return Ok(batch.iter().map(|_| Outcome::Lost).collect());
        }
        let outcomes = commit::commit(&mut writing.connection, batch).await?;
        writing.commit().await?;
        Ok(outcomes)
    }

    async fn write(&self, asides: Vec<Aside>) -> Kept<()> {
        if asides.is_empty() {
            return Ok(());
        }
        let staffs = asides.iter().any(|aside| matches!(aside, Aside::Person(_)));
        let mut writing = self.begin().await?;
        for aside in asides {
            asides::write(&mut writing.connection, aside).await?;
        }
        if staffs { writing.commit_staff(&self.staffed).await } else { writing.commit().await }
    }

    async fn load(&self, document: DocumentId) -> Kept<Option<Stored>> {
        // One read transaction, so that the parts are of one version.
        let mut reading = self.readers.begin().await?;
        let stored = read::load(&mut reading, document).await?;
        reading.rollback().await?;
        Ok(stored)
    }

    async fn row(&self, document: DocumentId) -> Kept<Option<CaseRow>> {
        read::row(&mut *self.readers.acquire().await?, document).await
    }

    async fn rows_of(&self, documents: Vec<DocumentId>) -> Kept<BTreeMap<DocumentId, CaseRow>> {
        read::rows_of(&mut *self.readers.acquire().await?, &documents).await
    }

    async fn rows(&self, query: Query) -> Kept<Vec<CaseRow>> {
        let mut reading = self.readers.begin().await?;
        let rows = lists::rows(&mut reading, &query).await?;
        reading.rollback().await?;
        Ok(rows)
    }

    async fn first(&self, district: &str, after: Option<Place>, limit: usize) -> Kept<Vec<CaseRow>> {
        lists::first(&mut *self.readers.acquire().await?, district, after, limit).await
    }

    async fn waiting_on(&self, documents: Vec<DocumentId>) -> Kept<Waiting> {
        let mut reading = self.readers.begin().await?;
        let waiting = read::waiting_on(&mut reading, &documents).await?;
        reading.rollback().await?;
        Ok(waiting)
    }

    async fn since(&self, document: DocumentId, seq: u64) -> Kept<(Vec<ChangeRow>, Vec<DecisionRow>)> {
        let mut reading = self.readers.begin().await?;
        let changes = read::changes(&mut reading, document, seq).await?;
        let decisions = read::decisions(&mut reading, document, seq).await?;
        reading.rollback().await?;
        Ok((changes, decisions))
    }

    async fn feed(&self, district: &str, seq: u64, limit: usize) -> Kept<Vec<FeedRow>> {
        read::feed(&mut *self.readers.acquire().await?, district, seq, limit).await
    }

    async fn chain(&self, district: &str, seq: u64) -> Kept<Option<[u8; 8]>> {
        if seq == 0 {
            return Ok(Some([0; 8]));
        }
        read::chain(&mut *self.readers.acquire().await?, district, seq).await
    }

    async fn head(&self, district: &str) -> Kept<u64> {
        Ok(read::head(&mut *self.readers.acquire().await?, district).await?.0)
    }

    async fn held(
        &self,
        device: DeviceId,
        documents: Vec<DocumentId>,
    ) -> Kept<BTreeMap<DocumentId, HeldRow>> {
        read::held(&mut *self.readers.acquire().await?, device, &documents).await
    }

    async fn due(&self, now: Millis, limit: usize) -> Kept<Vec<DocumentId>> {
        lists::due(&mut *self.readers.acquire().await?, now, limit).await
    }

    async fn next_due(&self) -> Kept<Option<Millis>> {
        lists::next_due(&mut *self.readers.acquire().await?).await
    }

    async fn command(&self, id: [u8; 16]) -> Kept<Option<CommandRow>> {
        read::command(&mut *self.readers.acquire().await?, id).await
    }

    async fn waiting(&self, device: DeviceId) -> Kept<Waiting> {
        let mut reading = self.readers.begin().await?;
        let waiting = read::waiting(&mut reading, device).await?;
        reading.rollback().await?;
        Ok(waiting)
    }

    async fn person(&self, worker: WorkerId) -> Kept<Option<Person>> {
        people::person(&mut *self.readers.acquire().await?, worker).await
    }

    async fn persons(&self, workers: Vec<WorkerId>) -> Kept<Vec<Person>> {
        if workers.is_empty() {
            return Ok(Vec::new());
        }
        people::persons(&mut *self.readers.acquire().await?, &workers).await
    }

    async fn people(&self, district: &str) -> Kept<Vec<Person>> {
        people::of_district(&mut *self.readers.acquire().await?, district).await
    }

    async fn device(&self, device: DeviceId) -> Kept<Option<DeviceRow>> {
        people::device(&mut *self.readers.acquire().await?, device).await
    }

    async fn devices(&self, district: &str) -> Kept<Vec<DeviceRow>> {
        people::devices(&mut *self.readers.acquire().await?, district).await
    }

    async fn knows(&self, document: DocumentId, hash: Hash) -> Kept<bool> {
        read::knows(&mut *self.readers.acquire().await?, document, hash).await
    }

    async fn copy(&self, prefix: DeviceId) -> Kept<Option<CopyRow>> {
        copies::read(&mut *self.readers.acquire().await?, prefix).await
    }

    async fn enrolment(&self, code: [u8; 32]) -> Kept<Option<EnrolmentRow>> {
        people::enrolment(&mut *self.readers.acquire().await?, code).await
    }

    async fn enrol(&self, code: [u8; 32], device: DeviceRow) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let enrolled = people::enrol(&mut writing.connection, code, &device).await?;
        writing.commit().await?;
        Ok(enrolled)
    }

    async fn add_person(&self, person: Person) -> Kept<WorkerId> {
        let mut writing = self.begin().await?;
        let worker = people::add(&mut writing.connection, &person).await?;
        writing.commit_staff(&self.staffed).await?;
        Ok(worker)
    }

    async fn quarantine(
        &self,
        district: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<QuarantineRow>> {
        lists::quarantine(&mut *self.readers.acquire().await?, district, before, limit).await
    }

    async fn quarantined(&self, document: DocumentId, hash: Hash) -> Kept<Option<QuarantineRow>> {
        lists::quarantined(&mut *self.readers.acquire().await?, document, hash).await
    }

    async fn documents(&self, after: Option<DocumentId>, limit: usize) -> Kept<Vec<DocumentId>> {
        lists::documents(&mut *self.readers.acquire().await?, after, limit).await
    }

    async fn setting(&self, key: &str) -> Kept<Option<String>> {
        read::setting(&mut *self.readers.acquire().await?, key).await
    }
}
