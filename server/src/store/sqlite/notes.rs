//! Saved filters and reveals in SQLite.

use doorstep_protocol::{DocumentId, WorkerId};

use super::SqliteStore;
use super::columns::{clamped, each, id};
use crate::limits;
use crate::store::Kept;
use crate::store::notes::{Notes, RevealRow};

impl Notes for SqliteStore {
    async fn filters(&self, worker: WorkerId) -> Kept<Vec<(String, String)>> {
        let rows = sqlx::query("SELECT name, query FROM saved_filters WHERE worker = ?1 ORDER BY name")
            .bind(worker.0)
            .fetch_all(&self.readers)
            .await?;
        each(&rows, |columns| Ok((columns.take()?, columns.take()?)))
    }

    async fn put_filter(&self, worker: WorkerId, name: &str, query: &str) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO saved_filters (worker, name, query)
             SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM saved_filters WHERE worker = ?1 AND name <> ?2) < ?4
             ON CONFLICT (worker, name) DO UPDATE SET query = excluded.query",
        )
        .bind(worker.0)
        .bind(name)
        .bind(query)
        .bind(clamped(limits::FILTERS_KEPT as u64))
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn drop_filter(&self, worker: WorkerId, name: &str) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query("DELETE FROM saved_filters WHERE worker = ?1 AND name = ?2")
            .bind(worker.0)
            .bind(name)
            .execute(&mut writing.connection)
            .await?;
        writing.commit().await
    }

    async fn reveal(&self, row: RevealRow) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query("INSERT INTO reveals (document, at, worker, field, reason) VALUES (?1, ?2, ?3, ?4, ?5)")
            .bind(id(&row.document))
            .bind(row.at)
            .bind(row.worker.0)
            .bind(row.field)
            .bind(row.reason)
            .execute(&mut writing.connection)
            .await?;
        writing.commit().await
    }

    async fn reveals(&self, document: DocumentId, limit: usize) -> Kept<Vec<RevealRow>> {
        let rows = sqlx::query(
            "SELECT document, field, worker, reason, at FROM reveals WHERE document = ?1
             ORDER BY at DESC, n DESC LIMIT ?2",
        )
        .bind(id(&document))
        .bind(clamped(limit as u64))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, |columns| {
            Ok(RevealRow {
                document: columns.document()?,
                field: columns.take()?,
                worker: columns.worker()?,
                reason: columns.take()?,
                at: columns.take()?,
            })
        })
    }
}
