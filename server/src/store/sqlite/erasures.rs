//! Erasures in SQLite: every table with a column `document` loses the document's rows, whoever added the table.
//!
//! What is deleted is overwritten at once (`secure_delete`, on every connection). A page that was split earlier may still
//! hold an old copy of a row in its free space, and the write-ahead log holds old pages: [`scour`] leaves none.

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use sqlx::{ConnectOptions, Row, SqliteConnection};

use super::SqliteStore;
use super::columns::{Columns, each, id};
use super::{commit, filing};
use crate::store::erasures::{ErasureRow, Erasures};
use crate::store::{Commit, Kept, Outcome, StoreError};

/// Tables that keep a row of an erased document: the stub that is left of it, its place in the feed, who holds it, the
/// ledger, and who did and saw what at the desk, without the reason that they gave. A table that is to be spared says so here, and
/// why; every other one loses its rows.
const SPARED: &str = "('documents', 'feed', 'held', 'erasures', 'erased_changes', 'journal', 'reveals')";
/// What has no column `document`, or keeps its row without its words. `repeated` holds whole answers of a day.
const BESIDE: [&str; 4] = [
    "DELETE FROM answered_refusals WHERE id IN (SELECT id FROM quarantine WHERE document = ?1)",
    "UPDATE journal SET reason = '' WHERE document = ?1",
    "UPDATE reveals SET reason = '' WHERE document = ?1",
    "DELETE FROM repeated WHERE ?1 IS NOT NULL",
];

async fn tables(connection: &mut SqliteConnection) -> Kept<Vec<String>> {
    let text = format!(
        "SELECT name FROM sqlite_schema AS listed WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'
         AND name NOT IN {SPARED}
         AND EXISTS (SELECT 1 FROM pragma_table_info(listed.name) AS columns WHERE columns.name = 'document')"
    );
    Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(text)).fetch_all(connection).await?)
}

async fn destroy(connection: &mut SqliteConnection, document: DocumentId) -> Kept<()> {
    // Whatever refers to what: it is judged at the end.
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut *connection).await?;
    filing::forget(connection, document).await?;
    for text in BESIDE {
        sqlx::query(text).bind(id(&document)).execute(&mut *connection).await?;
    }
    for table in tables(connection).await? {
        // The name comes from the schema.
        let text = format!("DELETE FROM \"{table}\" WHERE document = ?1");
        sqlx::query(sqlx::AssertSqlSafe(text)).bind(id(&document)).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn note(connection: &mut SqliteConnection, row: &ErasureRow) -> Kept<()> {
    sqlx::query(
        "INSERT INTO erasures (document, district, kind, successor, at, worker, reason)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (document) DO NOTHING",
    )
    .bind(id(&row.document))
    .bind(&row.district)
    .bind(row.kind.name())
    .bind(id(&row.successor))
    .bind(row.at)
    .bind(row.by.0)
    .bind(&row.reason)
    .execute(&mut *connection)
    .await?;
    for hash in &row.changes {
        sqlx::query("INSERT OR IGNORE INTO erased_changes (document, hash) VALUES (?1, ?2)")
            .bind(id(&row.document))
            .bind(&hash.0[..])
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

const COLUMNS: &str = "SELECT document, district, kind, successor, at, worker, reason FROM erasures";

async fn read(connection: &mut SqliteConnection, document: Option<DocumentId>) -> Kept<Vec<ErasureRow>> {
    let text = format!("{COLUMNS} WHERE ?1 IS NULL OR document = ?1 ORDER BY document");
    let rows = sqlx::query(sqlx::AssertSqlSafe(text))
        .bind(document.map(|document| id(&document).to_vec()))
        .fetch_all(&mut *connection)
        .await?;
    let mut rows = each(&rows, |columns: &mut Columns<'_>| {
        let (document, district) = (columns.document()?, columns.take()?);
        let name: &str = columns.take()?;
        let kind =
            Kind::named(name).ok_or_else(|| StoreError::Corrupt(format!("there is no kind {name:?}")))?;
        let (successor, at, by) = (columns.document()?, columns.take()?, columns.worker()?);
        Ok(ErasureRow {
            document,
            district,
            kind,
            successor,
            at,
            by,
            reason: columns.take()?,
            changes: Vec::new(),
        })
    })?;
    for row in &mut rows {
        let hashes = sqlx::query("SELECT hash FROM erased_changes WHERE document = ?1 ORDER BY hash")
            .bind(id(&row.document))
            .fetch_all(&mut *connection)
            .await?;
        row.changes = each(&hashes, Columns::hash)?;
    }
    Ok(rows)
}

impl Erasures for SqliteStore {
    async fn erase(&self, row: ErasureRow, commits: Vec<Commit>) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let outcomes = commit::commit(&mut writing.connection, commits).await?;
        if outcomes.contains(&Outcome::Lost) {
            // Dropped without a commit: nothing of it is kept.
            return Ok(false);
        }
        destroy(&mut writing.connection, row.document).await?;
        note(&mut writing.connection, &row).await?;
        writing.commit().await?;
        Ok(true)
    }

    async fn erasures(&self) -> Kept<Vec<ErasureRow>> {
        read(&mut *self.readers.acquire().await?, None).await
    }

    async fn erasure_count(&self) -> Kept<usize> {
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM erasures")
            .fetch_one(&mut *self.readers.acquire().await?)
            .await?;
        Ok(count as usize)
    }

    async fn erasure(&self, document: DocumentId) -> Kept<Option<ErasureRow>> {
        Ok(read(&mut *self.readers.acquire().await?, Some(document)).await?.pop())
    }

    async fn scour(&self) -> Kept<bool> {
        let mut slot = self.writer.lock().await;
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        sqlx::query("VACUUM").execute(&mut connection).await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
        let busy: i64 = row.try_get(0)?;
        *slot = Some(connection);
        Ok(busy == 0)
    }
}
