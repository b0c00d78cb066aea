//! Absences in SQLite.

use doorstep_protocol::ids::Millis;

use super::SqliteStore;
use super::columns::{Columns, each};
use crate::store::Kept;
use crate::store::absences::{AbsenceRow, Absences};

impl Absences for SqliteStore {
    async fn add_absence(&self, row: AbsenceRow) -> Kept<Option<i64>> {
        let mut writing = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO absences (district, worker, begins, until, deputy, author, at)
             SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (
                 SELECT 1 FROM absences WHERE district = ?1 AND until > ?7 AND worker IN (?2, ?5)
                 AND ifnull(ended, 9223372036854775807) > ?7 AND begins < ?4 AND until > ?3)",
        )
        .bind(row.district.as_str())
        .bind(row.worker.0)
        .bind(row.from)
        .bind(row.until)
        .bind(row.deputy.0)
        .bind(row.by.0)
        .bind(row.at)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok((done.rows_affected() > 0).then(|| done.last_insert_rowid()))
    }

    async fn end_absence(&self, id: i64, at: Millis) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let done =
            sqlx::query("UPDATE absences SET ended = ?2 WHERE id = ?1 AND ended IS NULL AND until > ?2")
                .bind(id)
                .bind(at)
                .execute(&mut writing.connection)
                .await?;
        writing.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    async fn absences(&self, district: &str, at: Millis) -> Kept<Vec<AbsenceRow>> {
        let rows = sqlx::query(
            "SELECT id, district, worker, begins, until, deputy, author, at, ended FROM absences
             WHERE district = ?1 AND until > ?2 AND ifnull(ended, 9223372036854775807) > ?2 ORDER BY begins, id",
        )
        .bind(district)
        .bind(at)
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        each(&rows, |columns: &mut Columns<'_>| {
            Ok(AbsenceRow {
                id: columns.take()?,
                district: columns.take()?,
                worker: columns.worker()?,
                from: columns.take()?,
                until: columns.take()?,
                deputy: columns.worker()?,
                by: columns.worker()?,
                at: columns.take()?,
                ended: columns.take()?,
            })
        })
    }
}
