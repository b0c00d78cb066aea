//! Writes of one transaction, one statement each. Never begins or commits.

use doorstep_protocol::documents::Edit;
use doorstep_protocol::wire::{self, Down, Up};
use doorstep_protocol::{DocumentId, Hash};
use serde::Serialize;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection};

use super::blobs;
use crate::store::{
    DocumentRow, HeldCheckout, Meta, Op, OutboxEntry, RejectedItem, StoreError, StoredChange,
};

type Query = sqlx::query::Query<'static, Sqlite, SqliteArguments>;

pub(super) fn key(document: DocumentId) -> Vec<u8> {
    document.0.as_bytes().to_vec()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain records of strings and numbers serialise")
}

/// A number that no transaction of this store has had before.
pub(super) async fn next_sequence(tx: &mut SqliteConnection) -> Result<i64, StoreError> {
    let query = sqlx::query_scalar("UPDATE meta SET sequence = sequence + 1 RETURNING sequence");
    Ok(query.fetch_one(&mut *tx).await?)
}

async fn run(tx: &mut SqliteConnection, query: Query) -> Result<u64, StoreError> {
    Ok(query.execute(&mut *tx).await?.rows_affected())
}

/// Writes one step.
pub(super) async fn op(tx: &mut SqliteConnection, sequence: i64, op: Op) -> Result<(), StoreError> {
    let query = match op {
        Op::Meta(meta) => return self::meta(tx, sequence, &meta).await,
        Op::Document(row) => return self::document(tx, sequence, row).await,
        Op::Purge { document, version, counter } => return purge(tx, document, (version, counter)).await,
        Op::Blob(row, bytes) => return blobs::keep(tx, &row, &bytes).await,
        Op::SettleBlob { document, hash, epoch, refused } => {
            return blobs::settle(tx, (document, hash), epoch, refused).await;
        }
        Op::Change(document, change) => self::change(document, change),
        Op::Decision(document, decision) => {
            sqlx::query("INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?)")
                .bind(key(document))
                .bind(i64::from(decision.epoch))
                .bind(i64::from(decision.n))
                .bind(decision.json)
        }
        Op::Name(worker, name) => {
            sqlx::query("INSERT OR REPLACE INTO names VALUES (?, ?)").bind(i64::from(worker.0)).bind(name)
        }
        Op::ForgetDecisions(document) => {
            sqlx::query("DELETE FROM decisions WHERE document = ?").bind(key(document))
        }
        Op::ConfirmPurged(before) => sqlx::query("DELETE FROM purged WHERE counter < ?").bind(before as i64),
        Op::Regrant(document) => sqlx::query("DELETE FROM purged WHERE document = ?").bind(key(document)),
        Op::Checkout(checkout) => self::checkout(&checkout),
        Op::EndCheckout(id) => sqlx::query("DELETE FROM checkouts WHERE id = ?").bind(id.to_vec()),
        other => queued(other),
    };
    run(tx, query).await.map(drop)
}

fn queued(op: Op) -> Query {
    let by_hash = |sql: &'static str, document: DocumentId, hash: Hash| {
        sqlx::query(sql).bind(key(document)).bind(hash.0.to_vec())
    };
    match op {
        Op::Enqueue(entry) => enqueue(entry),
        Op::Dequeue(document, hash) => {
            by_hash("DELETE FROM outbox WHERE document = ? AND hash = ?", document, hash)
        }
        Op::MarkSent(document, hash) => {
            by_hash("UPDATE outbox SET sent = 1 WHERE document = ? AND hash = ?", document, hash)
        }
        Op::Reject(item) => reject(item),
        Op::Dismiss(id) => sqlx::query("DELETE FROM rejected WHERE id = ?").bind(id),
        Op::Command(command) => {
            sqlx::query("INSERT OR IGNORE INTO commands (id, document, frame) VALUES (?, ?, ?)")
                .bind(command.id.to_vec())
                .bind(key(command.document))
                .bind(wire::encode(&Up::Act(command)))
        }
        Op::Answer(id, outcome) => sqlx::query("UPDATE commands SET outcome = ? WHERE id = ?")
            .bind(wire::encode(&Down::Acted { id, outcome }))
            .bind(id.to_vec()),
        _ => sqlx::query("UPDATE outbox SET sent = 0 WHERE sent = 1"),
    }
}

async fn meta(tx: &mut SqliteConnection, sequence: i64, meta: &Meta) -> Result<(), StoreError> {
    let query = sqlx::query("UPDATE meta SET version = ?, record = ? WHERE version = ?")
        .bind(sequence)
        .bind(json(meta))
        .bind(meta.version as i64);
    match run(tx, query).await? {
        0 => Err(StoreError::Changed("the device's record".into())),
        _ => Ok(()),
    }
}

async fn document(tx: &mut SqliteConnection, sequence: i64, row: DocumentRow) -> Result<(), StoreError> {
    let changed = StoreError::Changed(row.document.to_string());
    let fresh = row.version == 0;
    let sql = if fresh {
        "INSERT INTO documents (kind, version, revoked, title, due, settled, document) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING"
    } else {
        "UPDATE documents SET kind = ?, version = ?, revoked = ?, title = ?, due = ?, settled = ?
         WHERE document = ? AND version = ?"
    };
    let query = sqlx::query(sql)
        .bind(row.kind.name())
        .bind(sequence)
        .bind(row.revoked)
        .bind(row.title)
        .bind(row.due)
        .bind(row.settled)
        .bind(key(row.document));
    let query = if fresh { query } else { query.bind(row.version as i64) };
    if run(tx, query).await? == 0 { Err(changed) } else { Ok(()) }
}

fn change(document: DocumentId, change: StoredChange) -> Query {
    sqlx::query(
        "INSERT INTO changes (document, hash, bytes, facts) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET facts = excluded.facts",
    )
    .bind(key(document))
    .bind(change.hash.0.to_vec())
    .bind(change.bytes)
    .bind(json(&change.facts))
}

fn enqueue(entry: OutboxEntry) -> Query {
    sqlx::query(
        "INSERT INTO outbox (document, hash, intent, base, bytes, made, sent) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(key(entry.document))
    .bind(entry.hash.0.to_vec())
    .bind(json(&entry.intent))
    .bind(json(&entry.base))
    .bind(entry.bytes)
    .bind(entry.made)
    .bind(entry.sent)
}

fn reject(item: RejectedItem) -> Query {
    sqlx::query(
        "INSERT INTO rejected (id, document, code, message, intent, bytes, made) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(item.id)
    .bind(key(item.document))
    .bind(item.code)
    .bind(item.message)
    .bind(json(&item.intent))
    .bind(item.bytes)
    .bind(item.made)
}

fn checkout(checkout: &HeldCheckout) -> Query {
    sqlx::query("INSERT OR REPLACE INTO checkouts VALUES (?, ?, ?, ?)")
        .bind(checkout.id.to_vec())
        .bind(json(&checkout.documents))
        .bind(checkout.until)
        .bind(checkout.announced as i64)
}

async fn purge(
    tx: &mut SqliteConnection,
    document: DocumentId,
    (version, counter): (u64, u64),
) -> Result<(), StoreError> {
    let found = sqlx::query_scalar("SELECT version FROM documents WHERE document = ?").bind(key(document));
    let found: Option<i64> = found.fetch_optional(&mut *tx).await?;
    if found.unwrap_or(0) as u64 != version {
        return Err(StoreError::Changed(document.to_string()));
    }
    for sql in [
        "DELETE FROM documents WHERE document = ?",
        "DELETE FROM changes WHERE document = ?",
        "DELETE FROM outbox WHERE document = ?",
        "DELETE FROM decisions WHERE document = ?",
        "DELETE FROM commands WHERE document = ?",
        "DELETE FROM blob_parts WHERE document = ?",
        "DELETE FROM blobs WHERE document = ?",
    ] {
        run(tx, sqlx::query(sql).bind(key(document))).await?;
    }
    let strip = "UPDATE rejected SET intent = ?, bytes = x'' WHERE document = ?";
    run(tx, sqlx::query(strip).bind(json(&Vec::<Edit>::new())).bind(key(document))).await?;
    let note =
        sqlx::query("INSERT OR REPLACE INTO purged VALUES (?, ?)").bind(key(document)).bind(counter as i64);
    run(tx, note).await.map(drop)
}
