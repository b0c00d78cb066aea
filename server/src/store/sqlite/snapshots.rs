//! Snapshots in SQLite.

use doorstep_protocol::{DocumentId, Hash};
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::columns::{Columns, clamped, each, id, one};
use super::read;
use crate::store::snapshots::{Cold, SnapshotRow, Snapshots};
use crate::store::{CaseRow, ChangeRow, Kept, Stored};

/// The row, whether anything is announced or checked out, and the snapshot: one statement for what every cold case asks.
struct Head {
    row: CaseRow,
    waited_for: bool,
    snapshot: Option<(i64, SnapshotRow)>,
}

async fn head(connection: &mut SqliteConnection, document: DocumentId) -> Kept<Option<Head>> {
    let row = sqlx::query(
        "SELECT d.body, d.version, d.seq,
                EXISTS (SELECT 1 FROM announced WHERE document = ?1)
                OR EXISTS (SELECT 1 FROM checkouts WHERE document = ?1 AND ended IS NULL),
                s.position, s.seq, s.digest, s.bytes
         FROM documents AS d LEFT JOIN snapshots AS s USING (document) WHERE d.document = ?1",
    )
    .bind(id(&document))
    .fetch_optional(connection)
    .await?;
    one(row.as_ref(), |columns| {
        let (row, waited_for) = (columns.case()?, columns.take()?);
        let Some(position) = columns.take::<Option<i64>>()? else {
            return Ok(Head { row, waited_for, snapshot: None });
        };
        let snapshot = SnapshotRow {
            document,
            seq: columns.unsigned()?,
            digest: columns.bytes()?,
            bytes: columns.take()?,
        };
        Ok(Head { row, waited_for, snapshot: Some((position, snapshot)) })
    })
}

/// Changes from a position on, in the order in which they were accepted.
async fn changes(
    connection: &mut SqliteConnection,
    document: DocumentId,
    position: i64,
) -> Kept<Vec<ChangeRow>> {
    let rows = sqlx::query(
        "SELECT hash, bytes, worker, device, made, received, seq FROM changes
         WHERE document = ?1 AND position >= ?2 ORDER BY position",
    )
    .bind(id(&document))
    .bind(position)
    .fetch_all(connection)
    .await?;
    each(&rows, Columns::change)
}

impl Snapshots for SqliteStore {
    async fn cold(&self, document: DocumentId) -> Kept<Option<Cold>> {
        let mut reading = self.readers.begin().await?;
        let Some(Head { row, waited_for, snapshot }) = head(&mut reading, document).await? else {
            return Ok(None);
        };
        let position = snapshot.as_ref().map_or(0, |(position, _)| *position);
        let changes = changes(&mut reading, document, position).await?;
        let decisions = read::decisions(&mut reading, document, 0).await?;
        let (announced, checkouts) =
            if waited_for { read::waited_for(&mut reading, document).await? } else { Default::default() };
        reading.rollback().await?;
        let stored = Stored { row, changes, decisions, announced, checkouts };
        Ok(Some(Cold { stored, snapshot: snapshot.map(|(_, row)| row) }))
    }

    async fn snapshot_of(&self, document: DocumentId) -> Kept<Option<SnapshotRow>> {
        let row = sqlx::query("SELECT seq, digest, bytes FROM snapshots WHERE document = ?1")
            .bind(id(&document))
            .fetch_optional(&mut *self.readers.acquire().await?)
            .await?;
        one(row.as_ref(), |columns| {
            Ok(SnapshotRow {
                document,
                seq: columns.unsigned()?,
                digest: columns.bytes()?,
                bytes: columns.take()?,
            })
        })
    }

    async fn put_snapshots(&self, rows: Vec<SnapshotRow>) -> Kept<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut writing = self.begin().await?;
        for row in &rows {
            sqlx::query(
                "INSERT OR REPLACE INTO snapshots (document, position, seq, digest, bytes)
                 SELECT document, positions, seq, ?3, ?4 FROM documents WHERE document = ?1 AND seq = ?2",
            )
            .bind(id(&row.document))
            .bind(clamped(row.seq))
            .bind(&row.digest[..])
            .bind(&row.bytes)
            .execute(&mut writing.connection)
            .await?;
        }
        writing.commit().await
    }

    async fn drop_snapshot(&self, document: DocumentId) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query("DELETE FROM snapshots WHERE document = ?1")
            .bind(id(&document))
            .execute(&mut writing.connection)
            .await?;
        writing.commit().await
    }

    async fn mend_changes(&self, document: DocumentId, changes: Vec<(Hash, Vec<u8>)>) -> Kept<()> {
        let mut writing = self.begin().await?;
        for (hash, bytes) in changes {
            sqlx::query("UPDATE changes SET bytes = ?3 WHERE document = ?1 AND hash = ?2")
                .bind(id(&document))
                .bind(&hash.0[..])
                .bind(bytes)
                .execute(&mut writing.connection)
                .await?;
        }
        writing.commit().await
    }
}
