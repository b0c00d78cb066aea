//! Rounds and names in SQLite: written with the documents, read by index.

use doorstep_protocol::DocumentId;
use sqlx::SqliteConnection;

use super::SqliteStore;
use super::bulk;
use super::columns::{Columns, each, id, kind};
use super::plan::PlannedDocument;
use crate::store::Kept;
use crate::store::rounds::Rounds;
use crate::store::rows::{RoundQuery, RoundRow};

/// Keeps the rounds and the names of the documents of a batch.
pub(super) async fn write(connection: &mut SqliteConnection, documents: &[PlannedDocument]) -> Kept<()> {
    let rounds: Vec<(&PlannedDocument, String)> = documents
        .iter()
        .filter_map(|of| Some((of, of.row.round.as_ref()?)))
        .map(|(of, round)| Ok((of, serde_json::to_string(round)?)))
        .collect::<Result<_, serde_json::Error>>()?;
    let head = "INSERT INTO rounds (document, district, kind, at, body) ";
    let tail = " ON CONFLICT (document) DO UPDATE SET at = excluded.at, body = excluded.body";
    bulk::insert(connection, [head, tail], &rounds, |mut values, (of, body)| {
        let at = of.row.round.as_ref().map_or(0, |round| round.at);
        values.push_bind(id(&of.row.document)).push_bind(of.row.district.as_str());
        values.push_bind(kind(of.row.kind)).push_bind(at).push_bind(body.as_str());
    })
    .await?;
    let names: Vec<(DocumentId, DocumentId)> =
        documents.iter().flat_map(|of| of.row.names().map(|named| (named, of.row.document))).collect();
    let text = ["INSERT INTO names (named, document) ", " ON CONFLICT (named, document) DO NOTHING"];
    bulk::insert(connection, text, &names, |mut values, (named, by)| {
        values.push_bind(id(named)).push_bind(id(by));
    })
    .await?;
    Ok(())
}

impl Rounds for SqliteStore {
    async fn rounds(&self, query: RoundQuery) -> Kept<Vec<RoundRow>> {
        let rows = sqlx::query(
            "SELECT document, body FROM rounds WHERE district = ?1 AND kind = ?2 AND at >= ?3 AND at < ?4
             ORDER BY at, document",
        )
        .bind(query.district.as_str())
        .bind(kind(query.kind))
        .bind(query.from)
        .bind(query.to)
        .fetch_all(&mut *self.readers.acquire().await?)
        .await?;
        each(&rows, |columns: &mut Columns<'_>| {
            Ok(RoundRow { document: columns.document()?, round: columns.json()? })
        })
    }

    async fn naming(&self, named: DocumentId) -> Kept<Vec<DocumentId>> {
        let rows = sqlx::query("SELECT document FROM names WHERE named = ?1 ORDER BY document")
            .bind(id(&named))
            .fetch_all(&mut *self.readers.acquire().await?)
            .await?;
        each(&rows, Columns::document)
    }
}
