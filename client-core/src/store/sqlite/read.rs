//! Reads, row by row into records. Never writes; what it cannot read it reports, never skips.

use std::collections::BTreeMap;

use doorstep_protocol::documents::Kind;
use doorstep_protocol::wire::{self, Down, Up};
use doorstep_protocol::{DocumentId, Hash, WorkerId};
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::write::key;
use crate::store::{
    DocumentRow, HeldCheckout, Listed, Meta, OutboxEntry, Purged, QueuedCommand, RejectedItem, StoreError,
    Stored, StoredChange, StoredDecision,
};

pub(super) fn unreadable(what: &str) -> impl Fn() -> StoreError {
    move || StoreError::Unreadable(what.into())
}

fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable(format!("{column}: {error}")))
}

pub(super) fn array<const N: usize>(row: &SqliteRow, column: &str) -> Result<[u8; N], StoreError> {
    let bytes: &[u8] = row.try_get(column)?;
    bytes.try_into().map_err(|_| unreadable(column)())
}

pub(super) fn document_id(row: &SqliteRow) -> Result<DocumentId, StoreError> {
    Ok(DocumentId(uuid::Uuid::from_bytes(array(row, "document")?)))
}

pub(super) async fn meta(pool: &SqlitePool) -> Result<Meta, StoreError> {
    let row = sqlx::query("SELECT version, record FROM meta").fetch_one(pool).await?;
    let version: i64 = row.try_get("version")?;
    if version == 0 {
        return Ok(Meta::default());
    }
    Ok(Meta { version: version as u64, ..json(&row, "record")? })
}

fn row(row: &SqliteRow) -> Result<DocumentRow, StoreError> {
    Ok(DocumentRow {
        document: document_id(row)?,
        kind: Kind::named(row.try_get("kind")?).ok_or_else(unreadable("kind"))?,
        version: row.try_get::<i64, _>("version")? as u64,
        revoked: row.try_get("revoked")?,
        title: row.try_get("title")?,
        due: row.try_get("due")?,
        settled: row.try_get("settled")?,
    })
}

fn change(row: &SqliteRow) -> Result<StoredChange, StoreError> {
    Ok(StoredChange {
        hash: Hash(array(row, "hash")?),
        bytes: row.try_get("bytes")?,
        facts: json(row, "facts")?,
    })
}

fn entry(row: &SqliteRow) -> Result<OutboxEntry, StoreError> {
    Ok(OutboxEntry {
        document: document_id(row)?,
        hash: Hash(array(row, "hash")?),
        intent: json(row, "intent")?,
        base: json(row, "base")?,
        bytes: row.try_get("bytes")?,
        made: row.try_get("made")?,
        sent: row.try_get("sent")?,
    })
}

fn decision(row: &SqliteRow) -> Result<StoredDecision, StoreError> {
    Ok(StoredDecision { epoch: row.try_get("epoch")?, n: row.try_get("n")?, json: row.try_get("json")? })
}

/// `tx` is a transaction, so that all parts are of one moment.
pub(super) async fn load(
    tx: &mut SqliteConnection,
    document: DocumentId,
) -> Result<Option<Stored>, StoreError> {
    let found = sqlx::query("SELECT * FROM documents WHERE document = ?").bind(key(document));
    let Some(found) = found.fetch_optional(&mut *tx).await? else { return Ok(None) };
    let changes = sqlx::query("SELECT hash, bytes, facts FROM changes WHERE document = ? ORDER BY n");
    let changes = changes.bind(key(document)).fetch_all(&mut *tx).await?;
    let outbox = sqlx::query("SELECT * FROM outbox WHERE document = ? ORDER BY n").bind(key(document));
    let outbox = outbox.fetch_all(&mut *tx).await?;
    let decisions = sqlx::query("SELECT epoch, n, json FROM decisions WHERE document = ? ORDER BY epoch, n");
    let decisions = decisions.bind(key(document)).fetch_all(&mut *tx).await?;
    let unsent_blobs = super::blobs::unsent(&mut *tx, document).await?;
    Ok(Some(Stored {
        unsent_blobs,
        row: row(&found)?,
        changes: changes.iter().map(change).collect::<Result<_, _>>()?,
        outbox: outbox.iter().map(entry).collect::<Result<_, _>>()?,
        decisions: decisions.iter().map(decision).collect::<Result<_, _>>()?,
    }))
}

pub(super) async fn list(pool: &SqlitePool) -> Result<Vec<Listed>, StoreError> {
    let rows = sqlx::query(
        "SELECT d.*, EXISTS (SELECT 1 FROM changes c WHERE c.document = d.document) AS accepted,
                (SELECT count(*) FROM outbox o WHERE o.document = d.document) AS pending,
                (SELECT count(*) FROM outbox o WHERE o.document = d.document AND o.sent = 1) AS sent
         FROM documents d ORDER BY d.document",
    )
    .fetch_all(pool)
    .await?;
    let listed = |found: &SqliteRow| {
        Ok(Listed {
            row: row(found)?,
            accepted: found.try_get("accepted")?,
            pending: found.try_get::<i64, _>("pending")? as u64,
            sent: found.try_get::<i64, _>("sent")? as u64,
        })
    };
    rows.iter().map(listed).collect()
}

pub(super) async fn outbox(pool: &SqlitePool) -> Result<Vec<OutboxEntry>, StoreError> {
    let rows = sqlx::query("SELECT * FROM outbox ORDER BY n").fetch_all(pool).await?;
    rows.iter().map(entry).collect()
}

pub(super) async fn rejected(pool: &SqlitePool) -> Result<Vec<RejectedItem>, StoreError> {
    let rows = sqlx::query("SELECT * FROM rejected ORDER BY n").fetch_all(pool).await?;
    let item = |row: &SqliteRow| {
        Ok(RejectedItem {
            document: document_id(row)?,
            id: row.try_get("id")?,
            code: row.try_get("code")?,
            message: row.try_get("message")?,
            intent: json(row, "intent")?,
            bytes: row.try_get("bytes")?,
            made: row.try_get("made")?,
        })
    };
    rows.iter().map(item).collect()
}

pub(super) async fn commands(pool: &SqlitePool) -> Result<Vec<QueuedCommand>, StoreError> {
    let rows = sqlx::query("SELECT frame, outcome FROM commands ORDER BY n").fetch_all(pool).await?;
    let queued = |row: &SqliteRow| {
        let Ok(Up::Act(command)) = wire::decode(row.try_get("frame")?) else {
            return Err(unreadable("command")());
        };
        let outcome = match row.try_get::<Option<&[u8]>, _>("outcome")?.map(wire::decode) {
            None => None,
            Some(Ok(Down::Acted { outcome, .. })) => Some(outcome),
            Some(_) => return Err(unreadable("outcome")()),
        };
        Ok(QueuedCommand { command, outcome })
    };
    rows.iter().map(queued).collect()
}

pub(super) async fn checkouts(pool: &SqlitePool) -> Result<Vec<HeldCheckout>, StoreError> {
    let rows = sqlx::query("SELECT * FROM checkouts ORDER BY id").fetch_all(pool).await?;
    let held = |row: &SqliteRow| {
        Ok(HeldCheckout {
            id: array(row, "id")?,
            documents: json(row, "documents")?,
            until: row.try_get("until")?,
            announced: row.try_get::<i64, _>("announced")? as u64,
        })
    };
    rows.iter().map(held).collect()
}

pub(super) async fn purged(pool: &SqlitePool) -> Result<Vec<Purged>, StoreError> {
    let rows = sqlx::query("SELECT document, counter FROM purged ORDER BY document").fetch_all(pool).await?;
    let purged = |row: &SqliteRow| {
        Ok(Purged { document: document_id(row)?, counter: row.try_get::<i64, _>("counter")? as u64 })
    };
    rows.iter().map(purged).collect()
}

pub(super) async fn names(pool: &SqlitePool) -> Result<BTreeMap<WorkerId, String>, StoreError> {
    let rows = sqlx::query("SELECT worker, name FROM names").fetch_all(pool).await?;
    rows.iter().map(|row| Ok((WorkerId(row.try_get("worker")?), row.try_get("name")?))).collect()
}
