//! Files in parts. Written with the edit that names them, deleted with their document.

use doorstep_protocol::documents::Media;
use doorstep_protocol::{DocumentId, Hash, limits};
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::read::{array, document_id, unreadable};
use super::write::key;
use crate::store::{BlobRow, StoreError};

pub(super) async fn keep(tx: &mut SqliteConnection, row: &BlobRow, bytes: &[u8]) -> Result<(), StoreError> {
    let added = sqlx::query(
        "INSERT INTO blobs (document, hash, size, media, settled, refused) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(key(row.document))
    .bind(row.hash.0.to_vec())
    .bind(row.size as i64)
    .bind(row.media.name())
    .bind(row.settled.map(i64::from))
    .bind(row.refused.clone())
    .execute(&mut *tx)
    .await?;
    if added.rows_affected() == 0 {
        return Ok(());
    }
    for (part, bytes) in (0i64..).zip(bytes.chunks(limits::BLOB_PART_BYTES)) {
        sqlx::query("INSERT INTO blob_parts (document, hash, part, bytes) VALUES (?, ?, ?, ?)")
            .bind(key(row.document))
            .bind(row.hash.0.to_vec())
            .bind(part)
            .bind(bytes.to_vec())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub(super) async fn settle(
    tx: &mut SqliteConnection,
    (document, hash): (DocumentId, Hash),
    epoch: u32,
    refused: Option<String>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE blobs SET settled = ?, refused = ? WHERE document = ? AND hash = ?")
        .bind(i64::from(epoch))
        .bind(refused)
        .bind(key(document))
        .bind(hash.0.to_vec())
        .execute(&mut *tx)
        .await?;
    Ok(())
}

/// How many files of a document have never been with the centre.
pub(super) async fn unsent(tx: &mut SqliteConnection, document: DocumentId) -> Result<usize, StoreError> {
    let count = sqlx::query_scalar("SELECT count(*) FROM blobs WHERE document = ? AND settled IS NULL");
    let count: i64 = count.bind(key(document)).fetch_one(&mut *tx).await?;
    Ok(count as usize)
}

pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<BlobRow>, StoreError> {
    let rows = sqlx::query("SELECT document, hash, size, media, settled, refused FROM blobs ORDER BY n");
    let rows = rows.fetch_all(pool).await?;
    let blob = |row: &sqlx::sqlite::SqliteRow| {
        let epoch: Option<i64> = row.try_get("settled")?;
        Ok(BlobRow {
            document: document_id(row)?,
            hash: Hash(array(row, "hash")?),
            size: row.try_get::<i64, _>("size")? as u64,
            media: Media::named(row.try_get("media")?).ok_or_else(unreadable("media"))?,
            settled: epoch.map(|epoch| epoch as u32),
            refused: row.try_get("refused")?,
        })
    };
    rows.iter().map(blob).collect()
}

pub(super) async fn part(
    pool: &SqlitePool,
    document: DocumentId,
    hash: Hash,
    n: u64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let part =
        sqlx::query_scalar("SELECT bytes FROM blob_parts WHERE document = ? AND hash = ? AND part = ?");
    let part = part.bind(key(document)).bind(hash.0.to_vec()).bind(n as i64);
    Ok(part.fetch_optional(pool).await?)
}
