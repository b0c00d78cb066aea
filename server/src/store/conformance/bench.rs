//! How fast SQLite takes commits on this machine: `BENCH=1 cargo test -p doorstep-server bench -- --nocapture`.
//!
//! Prints and asserts nothing: a disk is as fast as it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::data::{Folder, at, case, commit, document, facts, full_case, hash, new};
use crate::store::group::GroupCommit;
use crate::store::sqlite::SqliteStore;
use crate::store::{Commit, Row, Store};

const CALLERS: u64 = 64;
const COMMITS_EACH: u64 = 100;
const BATCHES: u64 = 40;
const BATCH: u64 = 512;
/// Bytes of a change as a field app makes it.
const CHANGE: usize = 200;

fn wanted() -> bool {
    std::env::var_os("BENCH").is_some()
}

fn a_change(n: u64) -> Row {
    Row::Change { hash: hash(n), bytes: vec![n as u8; CHANGE], facts: facts(n) }
}

fn report(what: &str, rows: u64, took: Duration) {
    let rate = rows as f64 / took.as_secs_f64();
    eprintln!("{what}: {rows} in {took:.2?}, {rate:.0}/s");
}

/// One caller: a document of its own, one change per commit.
async fn caller(store: GroupCommit<SqliteStore>, n: u64) {
    commit(&store, vec![new(full_case(n), vec![a_change(0)])]).await;
    for version in 1..COMMITS_EACH {
        commit(&store, vec![at(version, full_case(n), vec![a_change(version)])]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bench_callers_at_once() {
    if !wanted() {
        return;
    }
    let folder = Folder::new();
    for callers in [1, CALLERS, 8 * CALLERS] {
        let store = GroupCommit::new(Arc::new(folder.open().await));
        let from = Instant::now();
        let tasks: Vec<_> =
            (0..callers).map(|n| tokio::spawn(caller(store.clone(), callers * 1_000 + n))).collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        report(&format!("{callers} callers, commits of 1 change"), callers * COMMITS_EACH, from.elapsed());
    }
}

async fn batches(store: &SqliteStore, what: &str, batch: impl Fn(u64) -> Vec<Commit>) {
    let from = Instant::now();
    for n in 0..BATCHES {
        commit(store, batch(n)).await;
    }
    report(what, BATCHES * BATCH, from.elapsed());
}

#[tokio::test]
async fn bench_batches() {
    if !wanted() {
        return;
    }
    let folder = Folder::new();
    let store = folder.open().await;
    let one_each =
        |n: u64| (n * BATCH..(n + 1) * BATCH).map(|n| new(full_case(n), vec![a_change(n)])).collect();
    batches(&store, "512 new documents a batch, 1 change each", one_each).await;
    let again = |n: u64| {
        let numbers = n * BATCH..(n + 1) * BATCH;
        numbers.map(|n| at(1, full_case(n), vec![a_change(n + 1)])).collect()
    };
    batches(&store, "512 documents a batch, 1 more change each", again).await;
    let of_one = |n: u64| vec![new(case(1_000_000 + n), (0..BATCH).map(a_change).collect())];
    batches(&store, "1 document a batch, 512 changes", of_one).await;

    let from = Instant::now();
    for n in 0..1_000 {
        store.load(document(n)).await.expect("reads").expect("it is there");
    }
    report("documents loaded, 2 changes each", 1_000, from.elapsed());
}
