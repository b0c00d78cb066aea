//! Standings in columns: written in the commit that decides, counted by one statement.

use std::collections::BTreeMap;

use doorstep_policy::{Decision, How, Satisfaction};
use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::columns::{Columns, each, id, ids};
use super::{SqliteStore, bulk};
use crate::store::standings::{Column, Marks, SEPARATOR, Sight, Slice, Standing, Standings, Tally};
use crate::store::{CaseRow, Kept, StoreError};

/// Documents read at once when a store of before is filled in.
const PAGE: usize = 500;

/// Writes new standings, in the order of their decisions: each ends those before it from its own time on.
pub(super) async fn write(connection: &mut SqliteConnection, standings: &[Standing]) -> Kept<()> {
    let mut from: BTreeMap<DocumentId, Millis> = BTreeMap::new();
    let mut rows: Vec<(&Standing, Millis)> = Vec::with_capacity(standings.len());
    for standing in standings.iter().rev() {
        let next = from.get(&standing.document).copied();
        rows.push((standing, next.map_or(Millis::MAX, |next| next.max(standing.since))));
        from.insert(standing.document, next.map_or(standing.since, |next| next.min(standing.since)));
    }
    end(connection, &from).await?;
    let head =
        "INSERT INTO standings (document, epoch, n, district, registered, since, until, policy, marks, due,
         how, satisfaction, unit, tier, step, category, place, severity, urgency, channel, confined_to) ";
    bulk::insert(connection, [head, ""], &rows, |mut values, (of, until)| {
        values.push_bind(id(&of.document)).push_bind(of.number.0).push_bind(of.number.1);
        values.push_bind(of.district.as_str()).push_bind(of.registered).push_bind(of.since).push_bind(*until);
        values.push_bind(of.policy.as_str()).push_bind(of.marks.0).push_bind(of.due);
        values.push_bind(of.how.map(How::code)).push_bind(of.satisfaction.map(Satisfaction::code));
        for column in &of.columns {
            values.push_bind(column.as_deref());
        }
        values.push_bind(of.confined_to.as_deref());
    })
    .await?;
    Ok(())
}

/// What stood before stands until then.
async fn end(connection: &mut SqliteConnection, from: &BTreeMap<DocumentId, Millis>) -> Kept<()> {
    if from.is_empty() {
        return Ok(());
    }
    let from: Vec<(String, Millis)> =
        from.iter().map(|(document, at)| (document.0.simple().to_string(), *at)).collect();
    sqlx::query(
        "UPDATE standings SET until = max(since, new.at)
         FROM (SELECT unhex(value ->> 0) AS document, value ->> 1 AS at FROM json_each(?1)) AS new
         WHERE standings.document = new.document AND standings.until > new.at",
    )
    .bind(serde_json::to_string(&from)?)
    .execute(connection)
    .await?;
    Ok(())
}

/// Fills in what a store of before this table has decided.
pub(super) async fn fill(connection: &mut SqliteConnection) -> Kept<()> {
    let mut after = Vec::new();
    loop {
        let rows = sqlx::query(
            "SELECT document, body, version, seq FROM documents
             WHERE kind = 'case' AND document > ?1 ORDER BY document LIMIT ?2",
        )
        .bind(&after)
        .bind(PAGE as i64)
        .fetch_all(&mut *connection)
        .await?;
        let cases = each(&rows, |columns| {
            columns.document()?;
            columns.case()
        })?;
        let Some(last) = cases.last() else { return Ok(()) };
        after = id(&last.document).to_vec();
        for case in &cases {
            let standings = decided(connection, case).await?;
            write(connection, &standings).await?;
        }
    }
}

async fn decided(connection: &mut SqliteConnection, case: &CaseRow) -> Kept<Vec<Standing>> {
    let rows = sqlx::query("SELECT body FROM decisions WHERE document = ?1 ORDER BY epoch, n")
        .bind(id(&case.document))
        .fetch_all(connection)
        .await?;
    let decisions: Vec<Decision> = each(&rows, Columns::json)?;
    let decided = decisions.iter().map(|decision| Standing::of(case, decision));
    Ok(std::iter::once(Standing::new(case)).chain(decided).collect())
}

impl Standings for SqliteStore {
    async fn tally(&self, slice: Slice) -> Kept<Vec<Tally>> {
        let mut statement = question(&slice);
        let mut reader = self.readers.acquire().await?;
        let rows = statement.build().fetch_all(&mut *reader).await?;
        let mut tallies = each(&rows, |columns| {
            Ok(Tally {
                policy: columns.take()?,
                marks: Marks(columns.take()?),
                how: how(columns.take()?)?,
                satisfaction: satisfaction(columns.take()?)?,
                late: columns.take()?,
                cases: columns.unsigned()?,
            })
        })?;
        tallies.sort();
        Ok(tallies)
    }
}

fn question(slice: &Slice) -> QueryBuilder<Sqlite> {
    // What still stands ends at the largest number: the cut-off stays below it.
    let cutoff = slice.cutoff.min(Millis::MAX - 1);
    let mut statement = QueryBuilder::new("SELECT policy, marks, how, satisfaction, due < ");
    statement.push_bind(cutoff).push(" AS late, count(*) FROM standings WHERE district = ");
    statement.push_bind(slice.district.as_str()).push(" AND until > ").push_bind(cutoff);
    statement.push(" AND since <= ").push_bind(cutoff).push(" AND registered <= ").push_bind(cutoff);
    statement.push(" AND registered >= ").push_bind(slice.registered.start);
    statement.push(" AND registered < ").push_bind(slice.registered.end);
    for (column, value) in &slice.columns {
        // The name is one of `Column::ALL`; a disputed field has separators between its values.
        statement
            .push(" AND instr(char(31) || ifnull(")
            .push(Column::name(*column))
            .push(", '') || char(31), ");
        statement.push_bind(format!("{SEPARATOR}{value}{SEPARATOR}")).push(") > 0");
    }
    match &slice.sight {
        Sight::All => {}
        Sight::Person { unit, hidden } => {
            statement.push(" AND (confined_to IS NULL OR instr(confined_to, ");
            statement.push_bind(format!("{SEPARATOR}{unit}{SEPARATOR}")).push(") > 0)");
            if !hidden.is_empty() {
                statement.push(" AND document NOT IN (SELECT unhex(value) FROM json_each(");
                statement.push_bind(ids(hidden)).push("))");
            }
        }
    }
    statement.push(" GROUP BY policy, marks, how, satisfaction, late");
    statement
}

fn how(code: Option<&str>) -> Kept<Option<How>> {
    let unknown = |code: &str| StoreError::Corrupt(format!("there is no way of closing {code:?}"));
    code.map(|code| How::named(code).ok_or_else(|| unknown(code))).transpose()
}

fn satisfaction(code: Option<&str>) -> Kept<Option<Satisfaction>> {
    let unknown = |code: &str| StoreError::Corrupt(format!("there is no answer {code:?}"));
    code.map(|code| Satisfaction::named(code).ok_or_else(|| unknown(code))).transpose()
}
