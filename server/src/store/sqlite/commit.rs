//! A batch of documents in one transaction: read what the compare-and-swaps need, plan, write.
//!
//! The caller holds SQLite's write lock, so nothing read here can change before the commit. Every statement
//! still carries its own guard (`WHERE version = …`, unique keys): a plan that is wrong fails as a whole.

use std::collections::BTreeSet;

use doorstep_protocol::{DeviceId, DocumentId};
use sqlx::SqliteConnection;

use super::columns::{Columns, clamped, device_ids, each, id, ids, kind};
use super::plan::{
    Before, Listed, Moves, Plan, PlannedChange, PlannedDecision, PlannedDocument, PlannedFeed, plan,
};
use super::{asides, bulk, filing, read, rounds, standings};
use crate::store::{CaseRow, Commit, Kept, Outcome, Row, StoreError};

/// Commits a batch inside the open transaction.
pub(super) async fn commit(connection: &mut SqliteConnection, batch: Vec<Commit>) -> Kept<Vec<Outcome>> {
    let mut before = read_before(connection, &batch).await?;
    let Plan { outcomes, documents, feed, changes, decisions, standings, held, others } =
        plan(&mut before, batch);
    write_documents(connection, &documents).await?;
    rounds::write(connection, &documents).await?;
    filing::write(connection, &documents).await?;
    write_feed(connection, &feed).await?;
    write_changes(connection, &changes).await?;
    write_decisions(connection, &decisions).await?;
    standings::write(connection, &standings).await?;
    write_held(connection, &held).await?;
    for (document, row) in others {
        asides::add(connection, document, row).await?;
    }
    Ok(outcomes)
}

async fn read_before(connection: &mut SqliteConnection, batch: &[Commit]) -> Kept<Before> {
    let mut before = Before::default();
    let documents: BTreeSet<DocumentId> = batch.iter().map(|commit| commit.row.document).collect();
    let rows = sqlx::query(
        "SELECT document, version, positions, unit, due, urgent, conflicts, conflict_since, kind = 'erased', wake
         FROM documents WHERE document IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(ids(&documents))
    .fetch_all(&mut *connection)
    .await?;
    for row in &rows {
        let mut columns = Columns::of(row);
        let document = columns.document()?;
        let (version, position) = (columns.unsigned()?, columns.take()?);
        let (unit, due, urgent) = (columns.take()?, columns.take()?, columns.take()?);
        let (conflicts, conflict_since, erased) = (columns.take()?, columns.take()?, columns.take()?);
        let wake = columns.take()?;
        let listed = Listed { unit, due, urgent, conflicts, conflict_since, erased, wake };
        before.documents.insert(document, (version, position, listed));
    }
    let districts: BTreeSet<&str> = batch.iter().map(|commit| commit.row.district.as_str()).collect();
    for district in districts {
        before.heads.insert(district.to_owned(), read::head(connection, district).await?);
    }
    let devices: BTreeSet<DeviceId> = batch.iter().filter_map(|commit| commit.by).collect();
    if !devices.is_empty() {
        before.shut_out.extend(shut_out(connection, &devices).await?);
    }
    let deciding =
        batch.iter().filter(|commit| commit.rows.iter().any(|row| matches!(row, Row::Decision(_))));
    let deciding: BTreeSet<DocumentId> = deciding.map(|commit| commit.row.document).collect();
    if !deciding.is_empty() {
        read_decided(connection, &mut before, &deciding).await?;
    }
    Ok(before)
}

/// Which of these devices are shut out.
async fn shut_out(connection: &mut SqliteConnection, devices: &BTreeSet<DeviceId>) -> Kept<Vec<DeviceId>> {
    let rows = sqlx::query(
        "SELECT device FROM devices
         WHERE device IN (SELECT unhex(value) FROM json_each(?1)) AND revoked IS NOT NULL",
    )
    .bind(device_ids(devices))
    .fetch_all(connection)
    .await?;
    each(&rows, Columns::device)
}

async fn read_decided(
    connection: &mut SqliteConnection,
    before: &mut Before,
    documents: &BTreeSet<DocumentId>,
) -> Kept<()> {
    let rows = sqlx::query(
        "SELECT document, epoch, n, cause FROM decisions
         WHERE document IN (SELECT unhex(value) FROM json_each(?1))",
    )
    .bind(ids(documents))
    .fetch_all(connection)
    .await?;
    for row in &rows {
        let mut columns = Columns::of(row);
        let (document, epoch) = (columns.document()?, columns.take::<u32>()?);
        before.numbers.insert((document, epoch, columns.take()?));
        before.causes.insert((document, epoch, columns.take()?));
    }
    Ok(())
}

const DOCUMENTS: &str =
    "INSERT INTO documents (document, district, kind, version, seq, positions, unit, due, wake,
     urgent, conflicts, conflict_since, updated, body) ";
/// The district is for ever; the kind until the document is erased.
const MOVED: &str = " ON CONFLICT (document) DO UPDATE SET kind = excluded.kind,
     version = excluded.version, seq = excluded.seq, positions = excluded.positions,
     unit = excluded.unit, due = excluded.due, wake = excluded.wake, urgent = excluded.urgent, conflicts = excluded.conflicts, conflict_since = excluded.conflict_since,
     updated = excluded.updated, body = excluded.body WHERE documents.version = excluded.version - 1";
const WOKEN: &str = " ON CONFLICT (document) DO UPDATE SET version = excluded.version, seq = excluded.seq,
     positions = excluded.positions, wake = excluded.wake, updated = excluded.updated, body = excluded.body
     WHERE documents.version = excluded.version - 1";
const STAYED: &str = " ON CONFLICT (document) DO UPDATE SET version = excluded.version, seq = excluded.seq,
     positions = excluded.positions, updated = excluded.updated, body = excluded.body
     WHERE documents.version = excluded.version - 1";

/// Runs of documents that move in the same indexes, in order: a document may come twice in a batch.
async fn write_documents(connection: &mut SqliteConnection, documents: &[PlannedDocument]) -> Kept<()> {
    let bodies: Result<Vec<String>, _> = documents.iter().map(|of| serde_json::to_string(&of.row)).collect();
    let mut documents: Vec<(&PlannedDocument, String)> = documents.iter().zip(bodies?).collect();
    // Few long runs. A document that comes twice keeps its order, and so do all others then.
    let mut ids = BTreeSet::new();
    if documents.iter().all(|(of, _)| ids.insert(of.row.document)) {
        documents.sort_by_key(|(of, _)| of.moves as u8);
    }
    let mut written = 0;
    for run in documents.chunk_by(|a, b| a.0.moves == b.0.moves) {
        let tail = match run[0].0.moves {
            Moves::All => MOVED,
            Moves::Wake => WOKEN,
            Moves::None => STAYED,
        };
        written += bulk::insert(connection, [DOCUMENTS, tail], run, |mut values, (of, body)| {
            let row = &of.row;
            values.push_bind(id(&row.document)).push_bind(row.district.as_str()).push_bind(listed_kind(row));
            values.push_bind(clamped(row.version)).push_bind(clamped(row.seq)).push_bind(of.positions);
            values.push_bind(row.unit.as_deref()).push_bind(row.due).push_bind(row.wake);
            values.push_bind(row.urgent).push_bind(row.conflicts.len() as i64).push_bind(row.conflict_since);
            values.push_bind(row.updated).push_bind(body.as_str());
        })
        .await?;
    }
    if written == documents.len() as u64 {
        Ok(())
    } else {
        Err(StoreError::Failed("a version changed under the write lock".into()))
    }
}

/// What is erased is in no list.
fn listed_kind(row: &CaseRow) -> &'static str {
    if row.erased.is_some() { "erased" } else { kind(row.kind) }
}

async fn write_feed(connection: &mut SqliteConnection, feed: &[PlannedFeed]) -> Kept<()> {
    let text = ["INSERT INTO feed (district, seq, document, chain, content) ", ""];
    bulk::insert(connection, text, feed, |mut values, row| {
        values.push_bind(row.district.as_str()).push_bind(clamped(row.seq));
        values.push_bind(id(&row.document)).push_bind(row.chain.as_slice());
        values.push_bind(row.content.as_slice());
    })
    .await?;
    Ok(())
}

/// A change that is there already stays as it was accepted first.
async fn write_changes(connection: &mut SqliteConnection, changes: &[PlannedChange]) -> Kept<()> {
    let head = "INSERT INTO changes (document, position, seq, hash, bytes, worker, device, made, received) ";
    let tail = " ON CONFLICT (document, hash) DO NOTHING";
    bulk::insert(connection, [head, tail], changes, |mut values, row| {
        values.push_bind(id(&row.document)).push_bind(row.position).push_bind(clamped(row.seq));
        values.push_bind(row.hash.0.as_slice()).push_bind(row.bytes.as_slice());
        values.push_bind(row.facts.worker.0).push_bind(row.facts.device.0.as_slice());
        values.push_bind(row.facts.made).push_bind(row.facts.received);
    })
    .await?;
    Ok(())
}

/// What a device made it holds; a grant that ended before begins again.
async fn write_held(connection: &mut SqliteConnection, held: &[(DeviceId, DocumentId)]) -> Kept<()> {
    let text = ["INSERT OR REPLACE INTO held (device, document, granted, purged) ", ""];
    bulk::insert(connection, text, held, |mut values, (device, document)| {
        values.push_bind(device.0.as_slice()).push_bind(id(document)).push_bind(0).push_bind(0);
    })
    .await?;
    Ok(())
}

async fn write_decisions(connection: &mut SqliteConnection, decisions: &[PlannedDecision]) -> Kept<()> {
    let bodies: Result<Vec<String>, _> =
        decisions.iter().map(|of| serde_json::to_string(&of.decision)).collect();
    let decisions: Vec<(&PlannedDecision, String)> = decisions.iter().zip(bodies?).collect();
    let text = ["INSERT INTO decisions (document, epoch, n, seq, cause, body) ", ""];
    bulk::insert(connection, text, &decisions, |mut values, (row, body)| {
        values.push_bind(id(&row.document)).push_bind(row.decision.epoch).push_bind(row.decision.n);
        values.push_bind(clamped(row.seq)).push_bind(row.decision.cause_key()).push_bind(body.as_str());
    })
    .await?;
    Ok(())
}
