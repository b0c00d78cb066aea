//! What SQLite promises beyond a store: it outlives the process, shares its file, and refuses what it does not know.

use std::collections::BTreeSet;

use sqlx::{Connection, SqliteConnection};

use super::data::{EAST, Folder, at, case, change, commit, decision, document, hash, new, person, win};
use crate::store::sqlite::SqliteStore;
use crate::store::{CaseRow, Outcome, Row, Store, StoreError};

#[tokio::test]
async fn all_is_there_after_opening_again() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![change(1), decision(1, "a")])).await;
    store.add_person(person("Li", EAST)).await.expect("writes");
    let (row, chain) =
        (store.row(document(1)).await.expect("reads"), store.chain(EAST, 1).await.expect("reads"));
    store.close().await.expect("closes");

    let store = folder.open().await;
    assert_eq!(store.row(document(1)).await.expect("reads"), row);
    assert_eq!(store.chain(EAST, 1).await.expect("reads"), chain);
    assert_eq!(
        commit(&store, vec![at(1, case(1), vec![change(2)])]).await,
        [Outcome::Done { version: 2, seq: 2 }]
    );
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!(stored.changes.iter().map(|row| row.hash).collect::<Vec<_>>(), [hash(1), hash(2)]);
    assert_eq!(stored.decisions.len(), 1);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_though_nothing_was_closed() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![change(1)])).await;
    let beside = folder.open().await;
    assert!(beside.row(document(1)).await.expect("reads").is_some());
    drop(store);
    win(&beside, at(1, case(1), vec![])).await;
}

/// Bumps one document again and again; gives the versions that it won.
async fn race(store: SqliteStore, first_change: u64) -> Vec<u64> {
    let mut won = Vec::new();
    for n in 0..60 {
        let version = store.row(document(1)).await.expect("reads").expect("it is there").version;
        let rows = vec![change(first_change + n)];
        if let [Outcome::Done { version, .. }] = commit(&store, vec![at(version, case(1), rows)]).await[..] {
            won.push(version);
        }
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_on_one_file_win_each_version_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![])).await;
    let one = tokio::spawn(race(folder.open().await, 1_000));
    let other = tokio::spawn(race(folder.open().await, 2_000));
    let mut won = one.await.expect("no panic");
    won.extend(other.await.expect("no panic"));

    let distinct: BTreeSet<u64> = won.iter().copied().collect();
    assert_eq!(distinct.len(), won.len(), "a version was won twice");
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!(distinct, (2..=stored.row.version).collect(), "a version was won by nobody");
    assert_eq!(stored.changes.len(), won.len(), "a loser left a change, or a winner none");
    let feed = store.feed(EAST, 0, 1_000).await.expect("reads");
    assert_eq!(
        feed.iter().map(|row| row.seq).collect::<Vec<_>>(),
        (1..=stored.row.version).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_cause_and_a_number_are_decided_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![decision(1, "a")])).await;
    win(&store, new(case(2), vec![])).await;
    let titled = |n| CaseRow { title: Some("lost".into()), ..case(n) };
    let batch = vec![
        at(1, titled(1), vec![change(1), decision(2, "a")]),
        at(1, titled(1), vec![change(2), decision(1, "b")]),
        at(1, titled(2), vec![decision(1, "c"), decision(2, "c")]),
        at(1, case(2), vec![decision(1, "a"), decision(2, "b")]),
        at(1, case(1), vec![decision(2, "b")]),
        at(2, titled(1), vec![decision(3, "b")]),
    ];
    let done = |seq| Outcome::Done { version: 2, seq };
    let lost = Outcome::Lost;
    assert_eq!(commit(&store, batch).await, [lost, lost, lost, done(3), done(4), lost]);
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!((stored.row.title, stored.changes.len(), stored.decisions.len()), (None, 0, 2));
}

#[tokio::test]
async fn a_digest_that_comes_back_is_decided_again() {
    let settled = |n: u32| {
        let Row::Decision(mut made) = decision(n, "") else { unreachable!("it is a decision") };
        made.cause = doorstep_policy::Cause::Settled { digest: "A".into() };
        Row::Decision(made)
    };
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![settled(1)])).await;
    win(&store, at(1, case(1), vec![decision(2, "b")])).await;
    win(&store, at(2, case(1), vec![settled(3)])).await;
}

#[tokio::test]
async fn a_change_is_kept_once() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![change(1), change(1), change(2)])).await;
    win(&store, at(1, case(1), vec![change(2), change(3)])).await;
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    let kept: Vec<_> = stored.changes.iter().map(|row| (row.hash, row.seq)).collect();
    assert_eq!(kept, [(hash(1), 1), (hash(2), 1), (hash(3), 2)]);
}

#[tokio::test]
async fn a_caller_that_leaves_in_the_middle_leaves_nothing_half_done() {
    let folder = Folder::new();
    let store = folder.open().await;
    for steps in 0..12 {
        let leave = async {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
        };
        let rows = vec![change(1), change(2)];
        tokio::select! {
            biased;
            () = leave => {}
            kept = store.commit(vec![new(case(steps), rows)]) => drop(kept.expect("works")),
        }
        // Whoever left took the connection along, and another one cannot say who wrote meanwhile: asked once more, it is kept.
        let after = || new(case(100 + steps), vec![change(1)]);
        let first = commit(&store, vec![after()]).await;
        if first == [Outcome::Lost] {
            win(&store, after()).await;
        } else {
            assert!(matches!(first[..], [Outcome::Done { .. }]), "{first:?}");
        }
        if let Some(stored) = store.load(document(steps)).await.expect("reads") {
            assert_eq!(stored.changes.len(), 2);
        }
    }
    let feed = store.feed(EAST, 0, 100).await.expect("reads");
    let documents = store.documents(None, 100).await.expect("reads");
    assert_eq!(feed.len(), documents.len());
}

#[tokio::test]
async fn a_file_of_a_newer_build_is_refused() {
    let folder = Folder::new();
    folder.open().await.close().await.expect("closes");
    let url = format!("sqlite://{}", folder.file().display());
    let mut connection = SqliteConnection::connect(&url).await.expect("opens");
    sqlx::query("INSERT INTO schema_version VALUES (1000, x'00')")
        .execute(&mut connection)
        .await
        .expect("writes");
    connection.close().await.expect("closes");
    let refused = SqliteStore::open(&folder.file()).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.file(), [b'x'; 8_192]).expect("writes");
    let refused = SqliteStore::open(&folder.file()).await;
    assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
}

#[tokio::test]
async fn a_row_that_does_not_read_is_told_apart() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![])).await;
    let url = format!("sqlite://{}", folder.file().display());
    let mut connection = SqliteConnection::connect(&url).await.expect("opens");
    sqlx::query("UPDATE documents SET body = '{}'").execute(&mut connection).await.expect("writes");
    let read = store.row(document(1)).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
}

#[tokio::test]
async fn the_columns_overrule_the_body() {
    let folder = Folder::new();
    let store = folder.open().await;
    win(&store, new(case(1), vec![])).await;
    let url = format!("sqlite://{}", folder.file().display());
    let mut connection = SqliteConnection::connect(&url).await.expect("opens");
    sqlx::query("UPDATE documents SET version = 8, seq = 9").execute(&mut connection).await.expect("writes");
    let row = store.row(document(1)).await.expect("reads").expect("it is there");
    assert_eq!((row.version, row.seq), (8, 9));
}
