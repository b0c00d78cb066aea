//! Acts of supervision in SQLite.

use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::columns::{Columns, clamped, each};
use crate::store::Kept;
use crate::store::acts::{ActQuery, ActRow, Acts};

const LAST: &str = "SELECT ifnull(max(n), 0) FROM acts WHERE district = ?1";

impl Acts for SqliteStore {
    async fn record(&self, row: ActRow) -> Kept<bool> {
        let mut writing = self.begin().await?;
        let last: i64 =
            sqlx::query_scalar(LAST).bind(&row.district).fetch_one(&mut writing.connection).await?;
        let next = last as u64 + 1 == row.n;
        if next {
            sqlx::query(
                "INSERT INTO acts (district, n, kind, topic, worker, unit, at, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )
            .bind(&row.district)
            .bind(clamped(row.n))
            .bind(&row.kind)
            .bind(&row.topic)
            .bind(row.worker.0)
            .bind(&row.unit)
            .bind(row.at)
            .bind(&row.body)
            .execute(&mut writing.connection)
            .await?;
        }
        writing.commit().await?;
        Ok(next)
    }

    async fn last_act(&self, district: &str) -> Kept<u64> {
        let connection = &mut *self.readers.acquire().await?;
        let last: i64 = sqlx::query_scalar(LAST).bind(district).fetch_one(connection).await?;
        Ok(last as u64)
    }

    async fn acts(&self, query: ActQuery) -> Kept<Vec<ActRow>> {
        let mut statement = QueryBuilder::<Sqlite>::new(
            "SELECT district, n, kind, topic, worker, unit, at, body FROM acts WHERE district = ",
        );
        statement.push_bind(query.district.as_str()).push(" AND kind = ").push_bind(query.kind.as_str());
        if let Some(topic) = &query.topic {
            statement.push(" AND topic = ").push_bind(topic.as_str());
        }
        if let Some(before) = query.before {
            statement.push(" AND n < ").push_bind(clamped(before));
        }
        statement.push(" ORDER BY n DESC LIMIT ").push_bind(clamped(query.limit as u64));
        let rows = statement.build().fetch_all(&mut *self.readers.acquire().await?).await?;
        each(&rows, |columns: &mut Columns<'_>| {
            Ok(ActRow {
                district: columns.take()?,
                n: columns.unsigned()?,
                kind: columns.take()?,
                topic: columns.take()?,
                worker: columns.worker()?,
                unit: columns.take()?,
                at: columns.take()?,
                body: columns.take()?,
            })
        })
    }
}
