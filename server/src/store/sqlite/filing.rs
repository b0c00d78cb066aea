//! Filing: beside each document its tags and words, in the transaction that writes the document.
//!
//! The index of words is written only where tags or words changed: announcements and checkouts cost nothing here.

use std::collections::HashMap;

use doorstep_protocol::DocumentId;
use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use super::bulk;
use super::columns::{Columns, each, id, ids, one};
use super::plan::{Moves, PlannedDocument};
use crate::finding::{Gist, Tag, due, tags, words};
use crate::store::{CaseRow, Kept, StoreError};

/// What is filed of a document.
#[derive(Clone, Debug, Default)]
struct Filed {
    n: i64,
    tags: Vec<u8>,
    gist: Option<Gist>,
    /// Digest of its words in the index; empty before it has any.
    said: Vec<u8>,
}

/// A row of `listed` to be written.
struct Entry<'a> {
    row: &'a CaseRow,
    filed: Filed,
    gist: Option<String>,
    /// For the index; `None`: as they were.
    words: Option<String>,
}

/// Files the documents of a commit, in order: one that is there twice meets what the first has made.
pub(super) async fn write(connection: &mut SqliteConnection, documents: &[PlannedDocument]) -> Kept<()> {
    if documents.is_empty() {
        return Ok(());
    }
    let mut before = read(connection, documents.iter().map(|of| &of.row.document)).await?;
    let mut next: i64 =
        sqlx::query_scalar("SELECT ifnull(max(n), 0) FROM listed").fetch_one(&mut *connection).await?;
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(documents.len());
    for PlannedDocument { row, gist, .. } in documents {
        let filed = before.remove(&row.document).unwrap_or_else(|| {
            next += 1;
            Filed { n: next, ..Filed::default() }
        });
        let entry = entry(row, filed, gist.as_ref())?;
        before.insert(row.document, entry.filed.clone());
        entries.push(entry);
    }
    put(connection, &entries).await
}

fn entry<'a>(row: &'a CaseRow, before: Filed, gist: Option<&Gist>) -> Kept<Entry<'a>> {
    let now = tags(row);
    let packed = pack(&now);
    let changed = packed != before.tags || gist.is_some_and(|gist| before.gist.as_ref() != Some(gist));
    // A title is part of the row: with a gist it may have changed, however the rest compares.
    let gist_now = gist.cloned().or(before.gist);
    let words = (changed || gist.is_some()).then(|| words(row, &now, &gist_now.clone().unwrap_or_default()));
    // Most edits say nothing that is found by. Writing the same again would cost as much as what is new, and the more the
    // larger the index is.
    let said = words.as_deref().map_or_else(|| before.said.clone(), digest);
    let words = words.filter(|_| said != before.said);
    let text = gist_now.as_ref().map(serde_json::to_string).transpose()?;
    Ok(Entry { row, filed: Filed { n: before.n, tags: packed, gist: gist_now, said }, gist: text, words })
}

fn digest(words: &str) -> Vec<u8> {
    Sha256::digest(words)[..8].to_vec()
}

async fn read(
    connection: &mut SqliteConnection,
    documents: impl IntoIterator<Item = &DocumentId>,
) -> Kept<HashMap<DocumentId, Filed>> {
    let rows = sqlx::query(
        "SELECT document, n, tags, keys, gist, ifnull(said, x'') FROM listed
         WHERE document IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(ids(documents))
    .fetch_all(connection)
    .await?;
    let filed = each(&rows, |columns| {
        let document = columns.document()?;
        let (n, tags) = (columns.take()?, columns.take()?);
        Ok((document, Filed { n, tags, gist: gist(columns)?, said: columns.take()? }))
    })?;
    Ok(filed.into_iter().collect())
}

/// `keys, gist`.
pub(super) fn gist(columns: &mut Columns<'_>) -> Kept<Option<Gist>> {
    let keys = unpack(columns.take()?);
    let text: Option<&str> = columns.take()?;
    let gist = text.map(serde_json::from_str::<Gist>).transpose()?;
    Ok(gist.map(|gist| Gist { keys, ..gist }))
}

async fn put(connection: &mut SqliteConnection, entries: &[Entry<'_>]) -> Kept<()> {
    let text =
        ["INSERT OR REPLACE INTO listed (n, document, district, due, updated, tags, keys, gist, said) ", ""];
    bulk::insert(connection, text, entries, |mut values, Entry { row, filed, gist, .. }| {
        values.push_bind(filed.n).push_bind(id(&row.document)).push_bind(row.district.as_str());
        values.push_bind(due(row)).push_bind(row.updated).push_bind(filed.tags.as_slice());
        values.push_bind(filed.gist.as_ref().map(|gist| pack(&gist.keys)).unwrap_or_default());
        values.push_bind(gist.as_deref()).push_bind(filed.said.as_slice());
    })
    .await?;
    let changed: Vec<&Entry<'_>> = entries.iter().filter(|entry| entry.words.is_some()).collect();
    let text = ["INSERT OR REPLACE INTO found (rowid, words) ", ""];
    bulk::insert(connection, text, &changed, |mut values, entry| {
        values.push_bind(entry.filed.n).push_bind(entry.words.as_deref());
    })
    .await?;
    Ok(())
}

/// Files one stored document anew, with these words.
pub(super) async fn file(connection: &mut SqliteConnection, document: DocumentId, gist: &Gist) -> Kept<()> {
    let row = sqlx::query("SELECT body, version, seq FROM documents WHERE document = ?1")
        .bind(id(&document))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = one(row.as_ref(), Columns::case)? else { return Ok(()) };
    write(connection, &[PlannedDocument { row, positions: 0, moves: Moves::None, gist: Some(gist.clone()) }])
        .await
}

/// Documents whose words are not there yet.
pub(super) async fn unfiled(
    connection: &mut SqliteConnection,
    after: Option<DocumentId>,
    limit: usize,
) -> Kept<Vec<DocumentId>> {
    // An empty blob is before every id.
    let after = after.as_ref().map_or(&[][..], id);
    let rows = sqlx::query(
        "SELECT document FROM listed INDEXED BY listed_unfiled
         WHERE gist IS NULL AND document > ?1
             AND document NOT IN (SELECT document FROM documents WHERE documents.document = listed.document AND kind = 'erased')
         ORDER BY document LIMIT ?2",
    )
    .bind(after)
    .bind(super::columns::clamped(limit as u64))
    .fetch_all(connection)
    .await?;
    each(&rows, Columns::document)
}

fn pack(tags: &[Tag]) -> Vec<u8> {
    tags.iter().flat_map(|tag| tag.0).collect()
}

pub(super) fn unpack(bytes: &[u8]) -> Vec<Tag> {
    bytes.chunks_exact(8).map(Tag::cut).collect()
}

/// Takes a document out of everything by which it is found, words included, and leaves nothing of them in the file's
/// free pages: for erasure. Dear: the whole index is written anew.
pub(super) async fn forget(connection: &mut SqliteConnection, document: DocumentId) -> Kept<()> {
    let n: Option<i64> = sqlx::query_scalar("SELECT n FROM listed WHERE document = ?1")
        .bind(id(&document))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(n) = n else { return Ok(()) };
    for text in ["DELETE FROM found WHERE rowid = ?1", "DELETE FROM listed WHERE n = ?1"] {
        sqlx::query(text).bind(n).execute(&mut *connection).await.map_err(StoreError::from)?;
    }
    sqlx::query("INSERT INTO found (found) VALUES ('optimize')").execute(connection).await?;
    Ok(())
}
