//! What the parts of ingest cost by themselves, on the changes that the measured server has just taken, in the same
//! batches: so that it shows which part of a change's CPU is whose, and what no server built of these parts can go below.
//!
//! CPU time of threads, not time on the wall: the machine may be busy.

use std::path::Path;

use automerge::{Automerge, Change};
use doorstep_policy::{Cause, Decision, Pack, decide, embedded_bazhou};
use doorstep_protocol::documents::genesis::{genesis, new_document};
use doorstep_protocol::documents::{Facts, Kind, Table, derive, derive_decoded};
use doorstep_protocol::wire::{self, AckFacts, Down, Up};
use doorstep_protocol::{DocumentId, Receipt};
use doorstep_server::gate::{ByteLimits, OpIndex, admit, change_hash, inspect};
use doorstep_server::keys::Keys;
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{ChangeRow, Commit, Expect, Query, Row as StoreRow, Store, StoreError, Stored};

use super::{Row, usage};
use crate::play::wire::push;

/// Documents of a sample.
const SAMPLE: usize = 500;
/// Commits of one group.
const GROUP: usize = 200;

/// A document as it was before the last push, and the push.
struct Pushed {
    stored: Stored,
    base: Vec<ChangeRow>,
    batch: Vec<ChangeRow>,
}

impl Pushed {
    fn id(&self) -> DocumentId {
        self.stored.row.document
    }
}

/// The parts, each in microseconds a change beside the server's whole CPU a change.
pub(super) fn rows(data: &Path, scratch: &Path, batch: usize, server_us: f64) -> Result<Vec<Row>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let pushed = runtime.block_on(sample(data, batch)).map_err(|error| error.to_string())?;
    if pushed.is_empty() {
        return Err("the server has no documents to take a sample of".into());
    }
    let mut parts = in_memory(&pushed);
    parts.push((
        "SQLite: the same rows in groups of 200 commits, not filed for search",
        runtime.block_on(sqlite(&pushed, scratch))?,
    ));
    let sum: f64 = parts.iter().map(|(_, us)| us).sum();
    let row = |(name, us): (&str, f64)| {
        Row::new(&format!("ingest floor, {batch} a case: {name}"), (us, "us/change"), server_us)
    };
    let mut rows: Vec<Row> = parts.into_iter().map(row).collect();
    rows.push(row(("all these parts", sum)));
    rows.extend(deciding(&pushed).map(row));
    Ok(rows)
}

async fn sample(data: &Path, batch: usize) -> Result<Vec<Pushed>, StoreError> {
    let store = SqliteStore::open(&data.join("doorstep.sqlite")).await?;
    let query = Query {
        district: super::ingest::DISTRICT.into(),
        kind: Some(Kind::Case),
        limit: SAMPLE,
        ..Query::default()
    };
    let mut pushed = Vec::new();
    for row in store.rows(query).await? {
        let Some(mut stored) = store.load(row.document).await? else { continue };
        let mut base = std::mem::take(&mut stored.changes);
        let batch = base.split_off(base.len().saturating_sub(batch));
        pushed.push(Pushed { stored, base, batch });
    }
    store.close().await?;
    Ok(pushed)
}

/// Microseconds of this thread's CPU for each change of the batches.
fn spent(pushed: &[Pushed], work: impl FnOnce()) -> f64 {
    let before = usage::thread_cpu();
    work();
    let took = usage::thread_cpu().saturating_sub(before);
    let changes: usize = pushed.iter().map(|of| of.batch.len()).sum();
    (took.as_secs_f64() * 1e7 / changes as f64).round() / 10.0
}

fn parsed(changes: &[ChangeRow]) -> Vec<Change> {
    let parse = |row: &ChangeRow| Change::from_bytes(row.bytes.clone()).expect("the server has parsed it");
    changes.iter().map(parse).collect()
}

fn in_memory(pushed: &[Pushed]) -> Vec<(&'static str, f64)> {
    let mut parts = vec![frames(pushed)];
    parts.extend(applying(pushed));
    parts.extend(gating(pushed));
    let keys = Keys::new([1; 32]);
    parts.push((
        "a receipt each",
        spent(pushed, || {
            for of in pushed {
                for row in &of.batch {
                    std::hint::black_box(keys.receipt(of.id(), row.hash, &row.facts));
                }
            }
        }),
    ));
    parts.push((
        "a document's row as JSON",
        spent(pushed, || {
            for of in pushed {
                std::hint::black_box(serde_json::to_string(&of.stored.row).expect("serialises"));
            }
        }),
    ));
    parts
}

/// Reading the push frame; making the ack and packing it.
fn frames(pushed: &[Pushed]) -> (&'static str, f64) {
    let frames: Vec<Vec<u8>> = pushed
        .iter()
        .map(|of| {
            let chunks: Vec<Vec<u8>> = of.batch.iter().map(|row| row.bytes.clone()).collect();
            push(of.id().0.as_bytes(), &chunks)
        })
        .collect();
    let ack = |of: &Pushed| {
        let count = of.batch.len();
        let received = of.batch.first().map_or(0, |row| row.facts.received);
        let facts = vec![AckFacts { count: count as u32, skew: 0, received }];
        Down::Ack { push: 7, without: Vec::new(), facts, receipts: vec![Receipt([5; 16]); count] }
    };
    let us = spent(pushed, || {
        for (frame, of) in frames.iter().zip(pushed) {
            std::hint::black_box(wire::unpack::<Up>(frame).expect("a frame"));
            std::hint::black_box(doorstep_server::ws::pack(&[ack(of)]));
        }
    });
    ("frames: the push read, the ack packed", us)
}

fn applying(pushed: &[Pushed]) -> [(&'static str, f64); 2] {
    let mut changes = Vec::new();
    let parse = spent(pushed, || changes = pushed.iter().map(|of| parsed(&of.batch)).collect());
    let mut docs: Vec<Automerge> = pushed
        .iter()
        .map(|of| {
            let mut doc = new_document(Kind::Case);
            doc.apply_changes(parsed(&of.base)).expect("the server has applied them");
            doc
        })
        .collect();
    let apply = spent(pushed, || {
        for (doc, changes) in docs.iter_mut().zip(changes) {
            doc.apply_changes(changes).expect("the server has applied them");
        }
    });
    [("automerge: parse", parse), ("automerge: apply, a push at once", apply)]
}

fn gating(pushed: &[Pushed]) -> [(&'static str, f64); 4] {
    let (limits, each) = (ByteLimits::default(), || pushed.iter().flat_map(|of| &of.batch));
    let hash = spent(pushed, || {
        each().for_each(|row| {
            std::hint::black_box(change_hash(&row.bytes));
        });
    });
    let inspecting = spent(pushed, || {
        each().for_each(|row| drop(std::hint::black_box(inspect(&row.bytes, &limits))));
    });
    let mut parts: Vec<(OpIndex, Table)> = pushed.iter().map(state).collect();
    let mut admitted = Vec::new();
    let admitting = spent(pushed, || {
        for (of, (index, _)) in pushed.iter().zip(&mut parts) {
            let one = |row: &ChangeRow| admit(index, &|_| true, &row.bytes, &limits).expect("was admitted");
            admitted.push(of.batch.iter().map(one).collect::<Vec<_>>());
        }
    });
    let parsing = spent(pushed, || drop(pushed.iter().map(|of| parsed(&of.batch)).collect::<Vec<_>>()));
    let words = spent(pushed, || {
        for ((of, admitted), (_, table)) in pushed.iter().zip(&admitted).zip(&mut parts) {
            for (row, admitted) in of.batch.iter().zip(admitted) {
                let words = derive_decoded(Kind::Case, (&admitted.change, &admitted.decoded), row.facts);
                let words = words.expect("has words");
                std::hint::black_box(table.crowded_by(&words));
                table.insert(words);
            }
        }
    });
    [
        ("SHA-256 of a change once more", hash),
        ("gate: inspect", inspecting),
        ("gate: context, decode, index", (admitting - inspecting - parsing).max(0.0)),
        ("words and conflict table", words),
    ]
}

/// The index and the table before the push.
fn state(of: &Pushed) -> (OpIndex, Table) {
    let (mut index, mut table) = (OpIndex::new(), Table::default());
    index.admit(genesis(Kind::Case));
    table.insert(derive(Kind::Case, genesis(Kind::Case), Facts::default()).expect("no words"));
    for (row, change) in of.base.iter().zip(parsed(&of.base)) {
        index.admit(&change);
        table.insert(derive(Kind::Case, &change, row.facts).expect("has words"));
    }
    (index, table)
}

fn commit(of: &Pushed, expect: Expect, changes: &[ChangeRow]) -> Commit {
    let change =
        |row: &ChangeRow| StoreRow::Change { hash: row.hash, bytes: row.bytes.clone(), facts: row.facts };
    let by = changes.first().map(|row| row.facts.device);
    Commit {
        row: of.stored.row.clone(),
        expect,
        by,
        staff: None,
        gist: None,
        rows: changes.iter().map(change).collect(),
    }
}

/// CPU of all threads of this process: SQLite has one of its own.
async fn sqlite(pushed: &[Pushed], scratch: &Path) -> Result<f64, String> {
    let store = SqliteStore::open(scratch).await.map_err(|error| error.to_string())?;
    let new = pushed.iter().map(|of| commit(of, Expect::New, &of.base)).collect();
    store.commit(new).await.map_err(|error| error.to_string())?;
    let groups: Vec<Vec<Commit>> = pushed
        .chunks(GROUP)
        .map(|group| group.iter().map(|of| commit(of, Expect::At(1), &of.batch)).collect())
        .collect();
    let before = usage::process_cpu();
    for group in groups {
        store.commit(group).await.map_err(|error| error.to_string())?;
    }
    let took = usage::process_cpu().saturating_sub(before);
    store.close().await.map_err(|error| error.to_string())?;
    let changes: usize = pushed.iter().map(|of| of.batch.len()).sum();
    Ok((took.as_secs_f64() * 1e7 / changes as f64).round() / 10.0)
}

/// Deciding the intake of a case, and its JSON: of a new case only, so no part of the sum.
fn deciding(pushed: &[Pushed]) -> impl Iterator<Item = (&'static str, f64)> {
    let pack = Pack::load(&embedded_bazhou()).ok();
    let intakes: Vec<&Decision> =
        pushed.iter().filter_map(|of| of.stored.decisions.first()).map(|row| &row.decision).collect();
    let intake = pack.map(|pack| {
        spent(pushed, || {
            for intake in &intakes {
                let made = decide(&pack, &intake.projection, &[], Cause::Intake, intake.at);
                std::hint::black_box(made.is_ok());
            }
        })
    });
    let json = spent(pushed, || {
        intakes.iter().for_each(|intake| drop(std::hint::black_box(serde_json::to_string(intake))));
    });
    intake
        .map(|us| ("intake decided, where the case is new", us))
        .into_iter()
        .chain([("a decision as JSON, likewise", json)])
}
