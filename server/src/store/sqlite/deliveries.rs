//! Deliveries in SQLite.

use doorstep_policy::Decision;
use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;

use super::SqliteStore;
use super::columns::{Columns, clamped, each, id, ids, one};
use crate::store::deliveries::{Deliveries, DeliveryRow, Shown, Standing};
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
    async fn decided(
        &self,
        documents: Vec<DocumentId>,
        after: u64,
        until: u64,
    ) -> Kept<Vec<(DocumentId, Decision)>> {
        let rows = sqlx::query(
            "SELECT document, body FROM decisions
             WHERE document IN (SELECT unhex(value) FROM json_each(?1)) AND seq > ?2 AND seq <= ?3
             ORDER BY document, epoch, n",
        )
        .bind(ids(&documents))
        .bind(clamped(after))
        .bind(clamped(until))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, |columns| Ok((columns.document()?, columns.json()?)))
    }

    async fn add_deliveries(&self, rows: Vec<DeliveryRow>, (key, value): (String, String)) -> Kept<()> {
        let mut writing = self.begin().await?;
        for row in rows {
            sqlx::query(
                "INSERT INTO deliveries (hook, district, document, n, event, at, state, tries, due, said)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (document, hook, n) DO NOTHING",
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

    async fn put_delivery(&self, row: DeliveryRow, was: Standing) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let put = sqlx::query(
            "UPDATE deliveries SET state = ?2, tries = ?3, due = ?4, said = ?5 WHERE id = ?1 AND state = ?6",
        )
        .bind(row.id)
        .bind(row.standing.name())
        .bind(row.tries)
        .bind(row.due)
        .bind(row.said)
        .bind(was.name())
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok(put.rows_affected() == 1)
    }

    async fn open_deliveries(&self, hook: Option<&str>, now: Millis, limit: usize) -> Kept<Vec<DeliveryRow>> {
        let rows = sqlx::query(
            "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
             WHERE state IN ('waiting', 'trying') AND due <= ?2 AND (?1 IS NULL OR hook = ?1)
             ORDER BY due, id LIMIT ?3",
        )
        .bind(hook)
        .bind(now)
        .bind(clamped(limit as u64))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, row)
    }

    async fn delivery(&self, id: i64) -> Kept<Option<DeliveryRow>> {
        let found = sqlx::query(
            "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
             WHERE id = ?1",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await?;
        one(found.as_ref(), row)
    }

    async fn deliveries(
        &self,
        (district, shown): (&str, Shown),
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<DeliveryRow>> {
        let rows = sqlx::query(match shown {
            Shown::All => {
                "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
                 WHERE district = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
            }
            Shown::Open => {
                "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
                 WHERE district = ?1 AND state IN ('waiting', 'trying') AND id < ?2 ORDER BY id DESC LIMIT ?3"
            }
            Shown::Undelivered => {
                "SELECT id, hook, district, document, n, event, at, state, tries, due, said FROM deliveries
                 WHERE district = ?1 AND state IN ('failed', 'unknown') AND id < ?2 ORDER BY id DESC LIMIT ?3"
            }
        })
        .bind(district)
        .bind(before.unwrap_or(i64::MAX))
        .bind(clamped(limit as u64))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, row)
    }

    async fn delivery_counts(&self, district: &str) -> Kept<(u64, u64)> {
        let row = sqlx::query(
            "SELECT count(*) FILTER (WHERE state IN ('waiting', 'trying')),
                    count(*) FILTER (WHERE state IN ('failed', 'unknown'))
             FROM deliveries WHERE district = ?1 AND state IN ('waiting', 'trying', 'failed', 'unknown')",
        )
        .bind(district)
        .fetch_one(&self.readers)
        .await?;
        let mut columns = Columns::of(&row);
        Ok((columns.unsigned()?, columns.unsigned()?))
    }

    async fn forget_delivered(&self, before: Millis, limit: usize) -> Kept<usize> {
        let mut writing = self.begin().await?;
        let gone = sqlx::query(
            "DELETE FROM deliveries WHERE id IN (
                 SELECT id FROM deliveries INDEXED BY deliveries_delivered
                 WHERE state = 'delivered' AND at < ?1 ORDER BY at, id LIMIT ?2)",
        )
        .bind(before)
        .bind(clamped(limit as u64))
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok(usize::try_from(gone.rows_affected()).unwrap_or(usize::MAX))
    }
}
