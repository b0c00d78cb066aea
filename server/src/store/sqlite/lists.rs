//! Lists over documents: the desk's, the timers', the quarantine. No list reads a change.

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::columns::{Columns, clamped, each, id, kind, one};
use crate::store::{CaseRow, Kept, Place, QuarantineRow, Query};

/// Rows for a list: open conflicts urgent first, then by age; else newest first. Where the row to go on
/// from is no longer in the list, it begins again. The caller has opened a read transaction.
pub(super) async fn rows(connection: &mut SqliteConnection, query: &Query) -> Kept<Vec<CaseRow>> {
    let after = match query.after {
        Some(after) => place_of(connection, query, after).await?,
        None => None,
    };
    let mut statement = QueryBuilder::new("SELECT body, version, seq FROM documents WHERE ");
    filter(&mut statement, query);
    if query.in_conflict {
        if let Some(after) = after {
            // NULL comes first in the order of the list, as in the index.
            statement.push(" AND (-urgent, ifnull(conflict_since, -9223372036854775808), document) > (");
            statement.push_bind(-i64::from(after.urgent)).push(", ");
            statement.push_bind(after.since.unwrap_or(Millis::MIN)).push(", ");
            statement.push_bind(id(&after.document)).push(")");
        }
        statement.push(" ORDER BY urgent DESC, conflict_since, document LIMIT ");
    } else {
        if let Some(after) = after {
            statement.push(" AND document < ").push_bind(id(&after.document));
        }
        statement.push(" ORDER BY document DESC LIMIT ");
    }
    statement.push_bind(clamped(query.limit as u64));
    each(&statement.build().fetch_all(connection).await?, Columns::case)
}

/// Rows of a district in the order of a first sync, as the index `documents_first` has them.
pub(super) async fn first(
    connection: &mut SqliteConnection,
    district: &str,
    after: Option<Place>,
    limit: usize,
) -> Kept<Vec<CaseRow>> {
    // An empty blob is before every id.
    let (later, due) = after.map_or((-2, Millis::MIN), |after| (i64::from(after.later) - 1, after.due));
    let document = after.map_or_else(Vec::new, |after| id(&after.document).to_vec());
    let rows = sqlx::query(
        "SELECT body, version, seq FROM documents
         WHERE district = ?1 AND (-urgent, ifnull(due, 9223372036854775807), document) > (?2, ?3, ?4)
         ORDER BY -urgent, ifnull(due, 9223372036854775807), document LIMIT ?5",
    )
    .bind(district)
    .bind(later)
    .bind(due)
    .bind(document)
    .bind(clamped(limit as u64))
    .fetch_all(connection)
    .await?;
    each(&rows, Columns::case)
}

/// Where a document stands in a list.
struct Standing {
    urgent: bool,
    since: Option<Millis>,
    document: DocumentId,
}

async fn place_of(
    connection: &mut SqliteConnection,
    query: &Query,
    document: DocumentId,
) -> Kept<Option<Standing>> {
    let mut statement = QueryBuilder::new("SELECT urgent, conflict_since, document FROM documents WHERE ");
    filter(&mut statement, query);
    statement.push(" AND document = ").push_bind(id(&document));
    let row = statement.build().fetch_optional(connection).await?;
    one(row.as_ref(), |columns| {
        Ok(Standing { urgent: columns.take()?, since: columns.take()?, document: columns.document()? })
    })
}

/// The conditions of a list. Text of the statement is static; there are few combinations.
fn filter(statement: &mut QueryBuilder<Sqlite>, query: &Query) {
    statement.push("district = ").push_bind(query.district.as_str());
    if query.kind.is_none() {
        statement.push(" AND kind <> 'erased'");
    }
    if let Some(wanted) = query.kind {
        statement.push(" AND kind = ").push_bind(kind(wanted));
    }
    if query.in_conflict {
        statement.push(" AND conflicts > 0");
    }
    if let Some(before) = query.due_before {
        statement.push(" AND due < ").push_bind(before);
    }
    if let Some(unit) = &query.unit {
        statement.push(" AND unit = ").push_bind(unit.as_str());
    }
}

/// Documents to look at by this time, the longest due first.
pub(super) async fn due(
    connection: &mut SqliteConnection,
    now: Millis,
    limit: usize,
) -> Kept<Vec<DocumentId>> {
    let rows =
        sqlx::query("SELECT document FROM documents WHERE wake <= ?1 ORDER BY wake, document LIMIT ?2")
            .bind(now)
            .bind(clamped(limit as u64))
            .fetch_all(connection)
            .await?;
    each(&rows, Columns::document)
}

/// When the next document is to be looked at.
pub(super) async fn next_due(connection: &mut SqliteConnection) -> Kept<Option<Millis>> {
    let row = sqlx::query("SELECT wake FROM documents WHERE wake IS NOT NULL ORDER BY wake LIMIT 1")
        .fetch_optional(connection)
        .await?;
    one(row.as_ref(), Columns::take)
}

/// All documents, in order.
pub(super) async fn documents(
    connection: &mut SqliteConnection,
    after: Option<DocumentId>,
    limit: usize,
) -> Kept<Vec<DocumentId>> {
    // An empty blob is before every id.
    let after = after.as_ref().map_or(&[][..], id);
    let rows = sqlx::query("SELECT document FROM documents WHERE document > ?1 ORDER BY document LIMIT ?2")
        .bind(after)
        .bind(clamped(limit as u64))
        .fetch_all(connection)
        .await?;
    each(&rows, Columns::document)
}

/// What was refused in a district, newest first.
pub(super) async fn quarantine(
    connection: &mut SqliteConnection,
    district: &str,
    before: Option<i64>,
    limit: usize,
) -> Kept<Vec<QuarantineRow>> {
    let rows = sqlx::query(
        "SELECT id, district, device, worker, document, hash, code, message, bytes, at FROM quarantine
         WHERE district = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    )
    .bind(district)
    .bind(before.unwrap_or(i64::MAX))
    .bind(clamped(limit as u64))
    .fetch_all(connection)
    .await?;
    each(&rows, Columns::quarantined)
}

/// One refused change.
pub(super) async fn quarantined(
    connection: &mut SqliteConnection,
    document: DocumentId,
    hash: Hash,
) -> Kept<Option<QuarantineRow>> {
    let row = sqlx::query(
        "SELECT id, district, device, worker, document, hash, code, message, bytes, at FROM quarantine
         WHERE document = ?1 AND hash = ?2",
    )
    .bind(id(&document))
    .bind(&hash.0[..])
    .fetch_optional(connection)
    .await?;
    one(row.as_ref(), Columns::quarantined)
}
