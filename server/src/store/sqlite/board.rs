//! The board, in SQLite: open cases of a scope, counted in one walk along the index `documents_watched`.
//!
//! Owns which cases a board and its ledger are about, and what makes one stuck.

use doorstep_protocol::ids::Millis;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::columns::{Columns, each};
use crate::store::Kept;
use crate::store::oversight::{BoardRow, Scope, Stuck};

/// Documents that a device has not come in about.
const KEPT: &str = "document IN (SELECT document FROM announced
    UNION SELECT document FROM checkouts WHERE ended IS NULL AND until > ";

/// Open cases of a scope. `+` keeps the planner from any other index.
pub(super) fn within(statement: &mut QueryBuilder<Sqlite>, scope: &Scope) {
    statement.push(" WHERE w_open = 1 AND district = ").push_bind(scope.district.clone());
    if let Some(units) = &scope.units {
        let units = serde_json::Value::from(units.clone()).to_string();
        statement.push(" AND unit IN (SELECT value FROM json_each(").push_bind(units).push("))");
    }
    if !scope.except.is_empty() {
        let names = serde_json::Value::from(scope.except.clone()).to_string();
        statement.push(
            " AND (w_concerned = '[]' OR NOT EXISTS (SELECT 1 FROM json_each(w_concerned) AS named
             WHERE named.value IN (SELECT value FROM json_each(",
        );
        statement.push_bind(names).push("))))");
    }
}

pub(super) fn is_stuck(statement: &mut QueryBuilder<Sqlite>, scope: &Scope, stuck: Stuck) {
    match stuck {
        Stuck::Overdue => statement.push("due < ").push_bind(scope.now),
        Stuck::Near => {
            statement.push("due >= ").push_bind(scope.now);
            statement.push(" AND due < ").push_bind(scope.near)
        }
        Stuck::Review => statement.push("(conflicts > 0 OR w_step = 'review')"),
        Stuck::Devices => statement.push(KEPT).push_bind(scope.now).push(")"),
    };
}

/// All of the board but what devices keep, in one walk along the index.
pub(super) async fn counted(connection: &mut SqliteConnection, scope: &Scope) -> Kept<Vec<BoardRow>> {
    let mut statement = QueryBuilder::<Sqlite>::new("SELECT unit, w_category, count(*), sum(w_urged > 0)");
    for stuck in [Stuck::Overdue, Stuck::Near, Stuck::Review] {
        statement.push(", count(*) FILTER (WHERE ");
        is_stuck(&mut statement, scope, stuck);
        statement.push(")");
    }
    // What is due first is overdue, or nearly due, if anything is.
    statement.push(", min(due), min(due) FILTER (WHERE due >= ").push_bind(scope.now);
    statement.push("), min(ifnull(conflict_since, due)) FILTER (WHERE ");
    is_stuck(&mut statement, scope, Stuck::Review);
    statement.push(") FROM documents INDEXED BY documents_watched");
    within(&mut statement, scope);
    statement.push(" AND unit IS NOT NULL GROUP BY unit, w_category ORDER BY unit, w_category");
    let rows = statement.build().fetch_all(connection).await?;
    each(&rows, |columns: &mut Columns<'_>| {
        let mut row = BoardRow { unit: columns.take()?, category: columns.take()?, ..BoardRow::default() };
        (row.open, row.urged) = (columns.unsigned()?, columns.unsigned()?);
        for count in &mut row.stuck[..3] {
            *count = columns.unsigned()?;
        }
        for (oldest, count) in row.oldest[..3].iter_mut().zip(row.stuck) {
            *oldest = columns.take::<Option<Millis>>()?.filter(|_| count > 0);
        }
        Ok(row)
    })
}

/// Cases that a device has not come in about: unit, category, how many, the longest due. Mostly there are none, and then
/// nothing is walked.
pub(super) async fn waiting(
    connection: &mut SqliteConnection,
    scope: &Scope,
) -> Kept<Vec<(String, Option<String>, u64, Option<Millis>)>> {
    let any: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM announced)
             OR EXISTS (SELECT 1 FROM checkouts INDEXED BY checkouts_live WHERE ended IS NULL AND until > ?1)",
    )
    .bind(scope.now)
    .fetch_one(&mut *connection)
    .await?;
    if !any {
        return Ok(Vec::new());
    }
    let mut statement = QueryBuilder::<Sqlite>::new(
        "SELECT unit, w_category, count(*), min(due) FROM documents INDEXED BY documents_watched",
    );
    within(&mut statement, scope);
    statement.push(" AND unit IS NOT NULL AND ");
    is_stuck(&mut statement, scope, Stuck::Devices);
    statement.push(" GROUP BY unit, w_category");
    let rows = statement.build().fetch_all(connection).await?;
    each(&rows, |columns: &mut Columns<'_>| {
        Ok((columns.take()?, columns.take()?, columns.unsigned()?, columns.take()?))
    })
}
