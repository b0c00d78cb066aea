//! Deliveries in SQLite.

use doorstep_protocol::ids::Millis;

use super::SqliteStore;
use super::columns::{Columns, clamped, each, id};
use crate::store::deliveries::{Deliveries, DeliveryRow, Standing};
use crate::store::{Kept, StoreError};

fn row(columns: &mut Columns<'_>) -> Kept<DeliveryRow> {
    Ok(DeliveryRow {
        id: columns.take()?,
        hook: columns.take()?,
        district: columns.take()?,
        document: columns.document()?,
        n: columns.take()?,
        event: columns.take()?,
        at: columns.take()?,
        standing: {
            let name: String = columns.take()?;
            Standing::named(&name).ok_or_else(|| StoreError::Corrupt(format!("a delivery is {name}")))?
        },
        tries: columns.take()?,
        due: columns.take()?,
        said: columns.take()?,
    })
}

impl Deliveries for SqliteStore {
    async fn add_deliveries(&self, rows: Vec<DeliveryRow>, (key, value): (String, String)) -> Kept<()> {
        let mut writing = self.begin().await?;
        for row in rows {
            sqlx::query(
                "INSERT INTO deliveries (hook, district, document, n, event, at, state, tries, due, said)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (hook, document, n) DO NOTHING",
            )
            .bind(row.hook)
            .bind(row.district)
            .bind(id(&row.document))
            .bind(row.n)
            .bind(row.event)
            .bind(row.at)
            .bind(row.standing.name())
            .bind(row.tries)
            .bind(row.due)
            .bind(row.said)
            .execute(&mut writing.connection)
            .await?;
        }
        sqlx::query(
            "INSERT INTO settings (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        )
        .bind(key)
        .bind(value)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await
    }

    async fn put_delivery(&self, row: DeliveryRow) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query("UPDATE deliveries SET state = ?2, tries = ?3, due = ?4, said = ?5 WHERE id = ?1")
            .bind(row.id)
            .bind(row.standing.name())
            .bind(row.tries)
            .bind(row.due)
            .bind(row.said)
            .execute(&mut writing.connection)
            .await?;
        writing.commit().await
    }

    async fn open_deliveries(&self, now: Millis, limit: usize) -> Kept<Vec<DeliveryRow>> {
        let rows = sqlx::query(
            "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
             WHERE state IN ('waiting', 'trying') AND due <= ?1 ORDER BY due, id LIMIT ?2",
        )
        .bind(now)
        .bind(clamped(limit as u64))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, row)
    }

    async fn deliveries(&self, district: &str, before: Option<i64>, limit: usize) -> Kept<Vec<DeliveryRow>> {
        let rows = sqlx::query(
            "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
             WHERE district = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
        )
        .bind(district)
        .bind(before.unwrap_or(i64::MAX))
        .bind(clamped(limit as u64))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, row)
    }
}
