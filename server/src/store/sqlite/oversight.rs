//! What supervision reads, in SQLite: by the columns and indexes of the migration `oversight`.

use std::collections::BTreeMap;

use doorstep_policy::supervision::Tally;
use doorstep_policy::{RepeatField, Resolved};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};
use sqlx::{QueryBuilder, Sqlite};

use super::SqliteStore;
use super::board::{counted, is_stuck, waiting, within};
use super::columns::{Columns, clamped, each, id};
use crate::store::CaseRow;
use crate::store::Kept;
use crate::store::oversight::{
    BoardRow, Claims, Cluster, LedgerQuery, Oversight, Period, Repeat, RepeatQuery, Scope, Stuck,
};

/// Pictures under two cases, from the few that came lately to their cases: the other way round every case of the district is
/// looked at.
const REUSED: &str = "SELECT arrivals.hash, arrivals.document FROM (
         SELECT DISTINCT late.hash FROM arrivals late INDEXED BY arrivals_at WHERE late.at >= ?2 AND EXISTS (
             SELECT 1 FROM arrivals other INDEXED BY arrivals_of_hash
             WHERE other.hash = late.hash AND other.document <> late.document)) twice
     CROSS JOIN arrivals INDEXED BY arrivals_of_hash ON arrivals.hash = twice.hash
     CROSS JOIN documents ON documents.document = arrivals.document
     WHERE arrivals.media LIKE 'image/%' AND documents.district = ?1 AND documents.kind = 'case'
         AND documents.w_compartment IS NULL
     ORDER BY arrivals.hash, arrivals.document";

fn column(field: RepeatField) -> &'static str {
    match field {
        RepeatField::Household => "w_household",
        RepeatField::Subject => "w_subject",
        RepeatField::Place => "w_place",
        RepeatField::Category => "w_category",
    }
}

/// What the district publishes as resolved, as a condition.
fn resolved(how: Resolved) -> &'static str {
    match how {
        Resolved::Claimed => "w_claimed IS NOT NULL",
        Resolved::Verified => "w_verified",
        Resolved::Closed => "ifnull(w_how NOT IN ('declined', 'withdrawn'), 0)",
    }
}

/// The tallies of a period, from one index alone: a month of a large district has twenty thousand cases.
fn tallying(district: &str, period: Period, (how, cutoff): (Resolved, Millis)) -> QueryBuilder<Sqlite> {
    let is = resolved(how);
    let mut statement = QueryBuilder::<Sqlite>::new("SELECT w_unit, count(*), sum(");
    statement.push(is).push("), sum(w_claimed IS NOT NULL OR w_redo > 0), sum(w_redo > 0),");
    statement.push(" sum(ifnull(w_answer IN ('satisfied', 'not_satisfied'), 0)),");
    statement.push(" sum(ifnull(w_answer = 'satisfied', 0)), sum(NOT ").push(is);
    statement.push(" AND w_closed IS NULL AND ifnull(due < ").push_bind(cutoff).push(", 0))");
    statement.push(" FROM documents INDEXED BY documents_tallied WHERE w_registered >= ");
    statement.push_bind(period.from).push(" AND w_registered < ").push_bind(period.to);
    statement.push(" AND district = ").push_bind(district);
    statement.push(" AND w_compartment IS NULL AND w_unit IS NOT NULL GROUP BY w_unit");
    statement
}

impl Oversight for SqliteStore {
    async fn board(&self, scope: Scope) -> Kept<Vec<BoardRow>> {
        let mut reading = self.readers.begin().await?;
        let mut rows = counted(&mut reading, &scope).await?;
        for (unit, category, count, oldest) in waiting(&mut reading, &scope).await? {
            let place = rows.binary_search_by(|row| (&row.unit, &row.category).cmp(&(&unit, &category)));
            if let Ok(place) = place {
                rows[place].stuck[Stuck::Devices as usize] = count;
                rows[place].oldest[Stuck::Devices as usize] = oldest;
            }
        }
        reading.rollback().await?;
        Ok(rows)
    }

    async fn ledger(&self, query: LedgerQuery) -> Kept<Vec<CaseRow>> {
        let LedgerQuery { scope, stuck, unit, category, urged, after, limit } = query;
        let mut statement = QueryBuilder::<Sqlite>::new(
            "SELECT body, version, seq FROM documents WHERE document IN (
             SELECT document FROM documents INDEXED BY documents_watched",
        );
        within(&mut statement, &scope);
        if let Some(stuck) = stuck {
            statement.push(" AND ");
            is_stuck(&mut statement, &scope, stuck);
        }
        if let Some(unit) = unit {
            statement.push(" AND unit = ").push_bind(unit);
        }
        if let Some(category) = category {
            statement.push(" AND w_category IS ").push_bind(category);
        }
        if urged {
            statement.push(" AND w_urged > 0");
        }
        if let Some((due, document)) = after {
            statement.push(" AND (ifnull(due, 9223372036854775807), document) > (").push_bind(due);
            statement.push(", ").push_bind(id(&document).to_vec()).push(")");
        }
        statement.push(" ORDER BY ifnull(due, 9223372036854775807), document LIMIT ");
        statement.push_bind(clamped(limit as u64));
        statement.push(") ORDER BY ifnull(due, 9223372036854775807), document");
        let rows = statement.build().fetch_all(&mut *self.readers.acquire().await?).await?;
        each(&rows, Columns::case)
    }

    async fn closed_in(
        &self,
        district: &str,
        period: Period,
        compartment: Option<&str>,
    ) -> Kept<Vec<DocumentId>> {
        // What has not moved since stands in the row; of the others what was decided by then is read.
        let rows = sqlx::query(
            "SELECT documents.document FROM documents INDEXED BY documents_closed
             WHERE district = ?1 AND w_closed >= ?2 AND w_closed < ?3 AND w_compartment IS ?4
             AND w_how NOT IN ('declined', 'withdrawn') AND EXISTS (
                 SELECT 1 FROM standings WHERE standings.document = documents.document
                 AND standings.until = ?5 AND standings.since < ?3)
             UNION
             SELECT standings.document FROM standings INDEXED BY standings_then
             CROSS JOIN decisions ON decisions.document = standings.document
                 AND decisions.epoch = standings.epoch AND decisions.n = standings.n
             CROSS JOIN documents ON documents.document = standings.document AND documents.w_compartment IS ?4
             WHERE standings.district = ?1 AND standings.until >= ?3 AND standings.until < ?5
             AND standings.since < ?3 AND standings.how NOT IN ('declined', 'withdrawn')
             AND json_extract(decisions.body, '$.audience.compartment') IS ?4
             AND 1000 * CAST(strftime('%s', json_extract(decisions.body, '$.life.closed.at')) AS INTEGER) >= ?2
             AND 1000 * CAST(strftime('%s', json_extract(decisions.body, '$.life.closed.at')) AS INTEGER) < ?3
             ORDER BY 1",
        )
        .bind(district)
        .bind(period.from)
        .bind(period.to)
        .bind(compartment)
        .bind(Millis::MAX)
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        each(&rows, Columns::document)
    }

    async fn tallies(
        &self,
        district: &str,
        period: Period,
        (how, cutoff): (Resolved, Millis),
    ) -> Kept<BTreeMap<String, Tally>> {
        let mut statement = tallying(district, period, (how, cutoff));
        let rows = statement.build().fetch_all(&mut *self.readers.acquire().await?).await?;
        let tallies = each(&rows, |columns: &mut Columns<'_>| {
            let unit: String = columns.take()?;
            let tally = Tally {
                collected: columns.unsigned()?,
                resolved: columns.unsigned()?,
                handled: columns.unsigned()?,
                redone: columns.unsigned()?,
                answered: columns.unsigned()?,
                satisfied: columns.unsigned()?,
                overdue: columns.unsigned()?,
            };
            Ok((unit, tally))
        })?;
        Ok(tallies.into_iter().collect())
    }

    async fn repeats(&self, query: RepeatQuery) -> Kept<Vec<Repeat>> {
        // The rarest field first: each later case looks for earlier ones by it, until there are enough.
        let index = [
            (RepeatField::Household, "documents_closed_household"),
            (RepeatField::Subject, "documents_closed_subject"),
            (RepeatField::Place, "documents_closed_place"),
        ];
        let index = index.into_iter().find(|(field, _)| query.by.contains(field));
        let index = index.map_or("documents_closed", |(_, index)| index);
        let mut statement = QueryBuilder::<Sqlite>::new(
            "SELECT c.document, r.document FROM documents r INDEXED BY documents_registered
             CROSS JOIN documents c INDEXED BY ",
        );
        statement.push(index).push(" WHERE r.district = ").push_bind(query.district.as_str());
        statement.push(" AND r.w_registered >= ").push_bind(query.since);
        statement.push(" AND r.w_compartment IS NULL AND c.w_compartment IS NULL AND c.w_closed IS NOT NULL AND c.kind = 'case'");
        statement.push(" AND c.district = ").push_bind(query.district.as_str());
        for field in query.by {
            let column = column(field);
            statement.push(format!(" AND r.{column} IS NOT NULL AND c.{column} IS NOT NULL"));
            statement.push(format!(" AND c.{column} = r.{column}"));
        }
        statement.push(" AND c.w_closed < r.w_registered AND c.w_closed >= r.w_registered - ");
        statement.push_bind(query.within);
        statement.push(" AND c.document <> r.document ORDER BY r.w_registered DESC, c.document, r.document");
        statement.push(" LIMIT ").push_bind(clamped(query.limit as u64));
        let rows = statement.build().fetch_all(&mut *self.readers.acquire().await?).await?;
        each(&rows, |columns: &mut Columns<'_>| {
            Ok(Repeat { closed: columns.document()?, again: columns.document()? })
        })
    }

    async fn reused(
        &self,
        district: &str,
        since: Millis,
        limit: usize,
    ) -> Kept<Vec<(Hash, Vec<DocumentId>)>> {
        let rows = sqlx::query(REUSED)
            .bind(district)
            .bind(since)
            .fetch_all(&mut *self.readers.acquire().await?)
            .await?;
        let rows = each(&rows, |columns: &mut Columns<'_>| Ok((columns.hash()?, columns.document()?)))?;
        let mut by: BTreeMap<Hash, Vec<DocumentId>> = BTreeMap::new();
        for (hash, document) in rows {
            by.entry(hash).or_default().push(document);
        }
        Ok(by.into_iter().filter(|(_, cases)| cases.len() > 1).take(limit).collect())
    }

    async fn claims(&self, district: &str, week: Period, day: Period) -> Kept<Vec<Claims>> {
        let rows = sqlx::query(
            "SELECT w_unit, sum(w_claimed >= ?4 AND w_claimed < ?5), count(*)
             FROM documents INDEXED BY documents_claimed
             WHERE w_open = 1 AND district = ?1 AND w_claimed >= ?2 AND w_claimed < ?3 AND w_unit IS NOT NULL
             GROUP BY w_unit ORDER BY w_unit",
        )
        .bind(district)
        .bind(week.from)
        .bind(week.to)
        .bind(day.from)
        .bind(day.to)
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        each(&rows, |columns: &mut Columns<'_>| {
            Ok(Claims { unit: columns.take()?, day: columns.unsigned()?, week: columns.unsigned()? })
        })
    }

    async fn clusters(&self, district: &str, since: Millis, least: u64) -> Kept<Vec<Cluster>> {
        let rows = sqlx::query(
            "SELECT w_place, w_category, group_concat(hex(document), ',' ORDER BY w_registered, document)
             FROM documents INDEXED BY documents_clustered
             WHERE district = ?1 AND w_open = 1 AND w_closed IS NULL AND w_lead IS NULL
                 AND w_place IS NOT NULL AND w_category IS NOT NULL AND w_registered >= ?2
             GROUP BY w_place, w_category HAVING count(*) >= ?3 ORDER BY w_place, w_category",
        )
        .bind(district)
        .bind(since)
        .bind(clamped(least))
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        each(&rows, |columns: &mut Columns<'_>| {
            let (place, category): (String, String) = (columns.take()?, columns.take()?);
            Ok(Cluster { place, category, cases: columns.documents()? })
        })
    }

    async fn claimed_by(&self, district: &str, units: &[String], period: Period) -> Kept<Vec<DocumentId>> {
        let rows = sqlx::query(
            "SELECT document FROM documents INDEXED BY documents_claimed
             WHERE w_open = 1 AND district = ?1 AND w_unit IN (SELECT value FROM json_each(?2)) AND w_claimed >= ?3 AND w_claimed < ?4
             ORDER BY w_claimed DESC, document DESC",
        )
        .bind(district)
        .bind(serde_json::Value::from(units.to_vec()).to_string())
        .bind(period.from)
        .bind(period.to)
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        each(&rows, Columns::document)
    }
}

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::*;

    /// A statement's plan, or each step of its program with what it works on.
    async fn explained(of: &str, statement: String) -> Vec<String> {
        let folder = std::env::temp_dir().join(format!("doorstep-{of}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let store = SqliteStore::open(&folder.join("doorstep.db")).await.expect("opens");
        let rows = sqlx::query(sqlx::AssertSqlSafe(statement))
            .fetch_all(&mut *store.readers.acquire().await.expect("a connection"))
            .await
            .expect("explains");
        store.close().await.expect("closes");
        std::fs::remove_dir_all(&folder).expect("goes");
        let text = |row: &sqlx::sqlite::SqliteRow| {
            let cells = (0..row.len()).filter_map(|n| row.try_get_unchecked::<Option<String>, _>(n).ok()?);
            cells.collect::<Vec<_>>().join(" ")
        };
        rows.iter().map(text).collect()
    }

    /// What joins cases to something else comes to each by its id, never by going through those of the district.
    #[tokio::test]
    async fn pictures_lead_to_their_cases_and_not_the_other_way_round() {
        let steps = explained("reused", format!("EXPLAIN QUERY PLAN {REUSED}")).await;
        let cases: Vec<&String> = steps.iter().filter(|step| step.contains(" documents ")).collect();
        assert!(cases.len() == 1 && cases[0].contains("document=?"), "{steps:?}");
        assert!(steps.iter().any(|step| step.contains("late USING COVERING INDEX arrivals_at")), "{steps:?}");
    }

    /// Twenty thousand rows of a month, each somewhere else on the disk, would take a quarter of a second.
    #[tokio::test]
    async fn rates_are_counted_without_a_row() {
        for how in [Resolved::Claimed, Resolved::Verified, Resolved::Closed] {
            let period = Period { from: 0, to: 9 };
            let statement = tallying("east", period, (how, 9)).into_string();
            let steps = explained("tallied", format!("EXPLAIN {statement}")).await;
            assert!(steps.iter().any(|step| step.contains("DeferredSeek")), "{steps:?}");
            // What is not in the index is computed from the row's text.
            assert!(!steps.iter().any(|step| step.contains("json_extract")), "{steps:?}");
        }
    }
}
