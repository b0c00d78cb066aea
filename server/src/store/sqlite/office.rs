//! The work around the cases, in SQLite.

use std::sync::atomic::Ordering::Relaxed;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, WorkerId};
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::columns::{Columns, clamped, each, id, one};
use crate::store::office::{AnsweredRow, JournalRow, LeavingRow, Office, RepeatedRow, ReviewRow};
use crate::store::{Kept, Person};

/// `body, version`.
fn read_review(columns: &mut Columns<'_>) -> Kept<ReviewRow> {
    let row: ReviewRow = columns.json()?;
    Ok(ReviewRow { version: columns.unsigned()?, ..row })
}

fn read_journal(columns: &mut Columns<'_>) -> Kept<JournalRow> {
    Ok(JournalRow {
        id: columns.take()?,
        district: columns.take()?,
        at: columns.take()?,
        worker: columns.worker()?,
        act: columns.take()?,
        document: columns
            .take::<Option<Vec<u8>>>()?
            .and_then(|bytes| uuid::Uuid::from_slice(&bytes).ok())
            .map(DocumentId),
        about: columns.take()?,
        reason: columns.take()?,
    })
}

fn read_answered(columns: &mut Columns<'_>) -> Kept<AnsweredRow> {
    Ok(AnsweredRow {
        id: columns.take()?,
        at: columns.take()?,
        worker: columns.worker()?,
        entered: columns.take::<String>()? == "entered",
        reason: columns.take()?,
    })
}

fn read_leaving(columns: &mut Columns<'_>) -> Kept<LeavingRow> {
    Ok(LeavingRow {
        device: columns.device()?,
        since: columns.take()?,
        worker: columns.worker()?,
        holds_back: columns.take()?,
        reason: columns.take()?,
    })
}

fn read_repeated(columns: &mut Columns<'_>) -> Kept<RepeatedRow> {
    Ok(RepeatedRow {
        worker: columns.worker()?,
        key: columns.take()?,
        request: columns.bytes()?,
        at: columns.take()?,
        status: columns.take()?,
        media: columns.take()?,
        body: columns.take()?,
    })
}

impl Office for SqliteStore {
    async fn reviews(&self, documents: Vec<DocumentId>) -> Kept<Vec<ReviewRow>> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement =
            QueryBuilder::<Sqlite>::new("SELECT body, version FROM reviews WHERE document IN (");
        let mut list = statement.separated(", ");
        for document in &documents {
            list.push_bind(id(document).to_vec());
        }
        statement.push(") ORDER BY document, field");
        each(&statement.build().fetch_all(&self.readers).await?, read_review)
    }

    async fn put_review(&self, row: ReviewRow) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO reviews (document, field, version, body) SELECT ?1, ?2, ?3 + 1, ?4
             WHERE ?3 = coalesce((SELECT version FROM reviews WHERE document = ?1 AND field = ?2), 0)
             ON CONFLICT (document, field) DO UPDATE SET version = excluded.version, body = excluded.body",
        )
        .bind(id(&row.document))
        .bind(&row.field)
        .bind(row.version as i64)
        .bind(serde_json::to_string(&row)?)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn note(&self, row: JournalRow) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query(
            "INSERT INTO journal (district, at, worker, act, document, about, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .bind(&row.district)
        .bind(row.at)
        .bind(row.worker.0)
        .bind(&row.act)
        .bind(row.document.as_ref().map(|document| id(document).to_vec()))
        .bind(&row.about)
        .bind(&row.reason)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await
    }

    async fn journal(
        &self,
        district: &str,
        act: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<JournalRow>> {
        let rows = sqlx::query(
            "SELECT id, district, at, worker, act, document, about, reason FROM journal
             WHERE district = ?1 AND id < ?2 AND substr(act, 1, length(?3)) = ?3 ORDER BY id DESC LIMIT ?4",
        )
        .bind(district)
        .bind(before.unwrap_or(i64::MAX))
        .bind(act)
        .bind(clamped(limit as u64))
        .fetch_all(&self.readers)
        .await?;
        each(&rows, read_journal)
    }

    async fn answered(&self, ids: Vec<i64>) -> Kept<Vec<AnsweredRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = QueryBuilder::<Sqlite>::new(
            "SELECT id, at, worker, how, reason FROM answered_refusals WHERE id IN (",
        );
        let mut list = statement.separated(", ");
        for id in &ids {
            list.push_bind(*id);
        }
        statement.push(") ORDER BY id");
        each(&statement.build().fetch_all(&self.readers).await?, read_answered)
    }

    async fn answer(&self, row: AnsweredRow) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let done = sqlx::query(
            "INSERT INTO answered_refusals (id, at, worker, how, reason) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(row.id)
        .bind(row.at)
        .bind(row.worker.0)
        .bind(if row.entered { "entered" } else { "dismissed" })
        .bind(&row.reason)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    async fn change_person(&self, person: Person) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query(
            "INSERT OR IGNORE INTO former_names (worker, name)
             SELECT worker, name FROM people WHERE worker = ?1 AND name <> ?2",
        )
        .bind(person.worker.0)
        .bind(&person.name)
        .execute(&mut writing.connection)
        .await?;
        sqlx::query("UPDATE people SET name = ?2, unit = ?3, role = ?4, ended = ?5 WHERE worker = ?1")
            .bind(person.worker.0)
            .bind(&person.name)
            .bind(&person.unit)
            .bind(person.role.name())
            .bind(person.ended)
            .execute(&mut writing.connection)
            .await?;
        writing.commit_staff(&self.staffed).await
    }

    async fn former_names(&self, district: &str) -> Kept<Vec<(WorkerId, String)>> {
        let rows = sqlx::query(
            "SELECT former_names.worker, former_names.name FROM former_names JOIN people USING (worker)
             WHERE people.district = ?1 ORDER BY former_names.worker, former_names.name",
        )
        .bind(district)
        .fetch_all(&self.readers)
        .await?;
        each(&rows, |columns| Ok((columns.worker()?, columns.take()?)))
    }

    fn staff_changes(&self) -> u64 {
        self.staffed.load(Relaxed)
    }

    async fn leaving(&self, device: DeviceId) -> Kept<Option<LeavingRow>> {
        let row =
            sqlx::query("SELECT device, since, worker, holds_back, reason FROM leaving WHERE device = ?1")
                .bind(&device.0[..])
                .fetch_optional(&self.readers)
                .await?;
        one(row.as_ref(), read_leaving)
    }

    async fn leave(&self, row: LeavingRow) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query(
            "INSERT INTO leaving (device, since, worker, holds_back, reason) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (device) DO UPDATE SET holds_back = max(holds_back, excluded.holds_back)",
        )
        .bind(&row.device.0[..])
        .bind(row.since)
        .bind(row.worker.0)
        .bind(row.holds_back)
        .bind(&row.reason)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await
    }

    async fn repeated(&self, worker: WorkerId, key: &str) -> Kept<Option<RepeatedRow>> {
        let row = sqlx::query(
            "SELECT worker, key, request, at, status, media, body FROM repeated WHERE worker = ?1 AND key = ?2",
        )
        .bind(worker.0)
        .bind(key)
        .fetch_optional(&self.readers)
        .await?;
        one(row.as_ref(), read_repeated)
    }

    async fn put_repeated(&self, row: RepeatedRow, until: Millis) -> Kept<()> {
        let mut writing = self.begin().await?;
        sqlx::query("DELETE FROM repeated WHERE at < ?1")
            .bind(until)
            .execute(&mut writing.connection)
            .await?;
        sqlx::query(
            "INSERT INTO repeated (worker, key, request, at, status, media, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (worker, key) DO NOTHING",
        )
        .bind(row.worker.0)
        .bind(&row.key)
        .bind(&row.request[..])
        .bind(row.at)
        .bind(row.status)
        .bind(&row.media)
        .bind(&row.body)
        .execute(&mut writing.connection)
        .await?;
        writing.commit().await
    }
}
