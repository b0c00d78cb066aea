//! Arrived files in SQLite.

use doorstep_protocol::documents::Media;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use sqlx::Row;

use super::SqliteStore;
use super::columns::id;
use crate::store::arrivals::{ArrivalRow, Arrivals};
use crate::store::{Kept, StoreError};

fn read(document: DocumentId, row: &sqlx::sqlite::SqliteRow) -> Kept<ArrivalRow> {
    let unreadable = || StoreError::Corrupt(format!("{document}: an arrival does not read"));
    let (hash, device): (Vec<u8>, Vec<u8>) = (row.try_get("hash")?, row.try_get("device")?);
    let media: String = row.try_get("media")?;
    Ok(ArrivalRow {
        document,
        hash: Hash(hash.try_into().map_err(|_| unreadable())?),
        size: row.try_get::<i64, _>("size")? as u64,
        media: Media::named(&media).ok_or_else(unreadable)?,
        device: DeviceId(device.try_into().map_err(|_| unreadable())?),
        at: row.try_get("at")?,
    })
}

impl Arrivals for SqliteStore {
    async fn arrive(&self, row: ArrivalRow) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query(
            "INSERT INTO arrivals (document, hash, size, media, device, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (document, hash) DO NOTHING",
        )
        .bind(id(&row.document))
        .bind(&row.hash.0[..])
        .bind(row.size as i64)
        .bind(row.media.name())
        .bind(&row.device.0[..])
        .bind(row.at)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await
    }

    async fn arrivals(&self, document: DocumentId) -> Kept<Vec<ArrivalRow>> {
        let rows = sqlx::query(
            "SELECT hash, size, media, device, at FROM arrivals WHERE document = ?1 ORDER BY hash",
        )
        .bind(id(&document))
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        rows.iter().map(|row| read(document, row)).collect()
    }

    async fn arrived_bytes(&self, device: DeviceId, since: Millis) -> Kept<u64> {
        let sum: i64 =
            sqlx::query_scalar("SELECT coalesce(sum(size), 0) FROM arrivals WHERE device = ?1 AND at >= ?2")
                .bind(&device.0[..])
                .bind(since)
                .fetch_one(&mut *self.readers.acquire().await?)
                .await?;
        Ok(sum as u64)
    }

    async fn forget_arrivals(&self, document: DocumentId, hash: Option<Hash>) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query("DELETE FROM arrivals WHERE document = ?1 AND (?2 IS NULL OR hash = ?2)")
            .bind(id(&document))
            .bind(hash.map(|hash| hash.0.to_vec()))
            .execute(&mut writing.connection)
            .await?;
        writing.commit().await
    }
}
