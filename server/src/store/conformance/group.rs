//! What group commit promises beyond its store.

use std::sync::Arc;

use futures_util::future::join_all;

use super::data::{Folder, at, case, change, commit, document, new};
use crate::store::group::GroupCommit;
use crate::store::memory::MemoryStore;
use crate::store::{CaseRow, Outcome, Store, StoreError};

#[tokio::test]
async fn callers_at_once_share_one_write() {
    let memory = Arc::new(MemoryStore::default());
    let store = GroupCommit::new(Arc::clone(&memory));
    memory.fail_after(1);
    let all = join_all((0..64).map(|n| store.commit(vec![new(case(n), vec![change(n)])]))).await;
    let seqs: Vec<u64> = all
        .into_iter()
        .map(|kept| match kept.expect("one write is enough for all")[..] {
            [Outcome::Done { version: 1, seq }] => seq,
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(seqs, (1..=64).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_full_group_does_not_take_more() {
    let memory = Arc::new(MemoryStore::default());
    let store = GroupCommit::new(Arc::clone(&memory));
    memory.fail_after(1);
    let batch = |n: u64| (n * 256..(n + 1) * 256).map(|n| new(case(n), vec![])).collect();
    let all = join_all((0..3).map(|n| store.commit(batch(n)))).await;
    assert!(matches!(all[..], [Ok(_), Ok(_), Err(StoreError::Failed(_))]), "512 fill a group");
}

#[tokio::test]
async fn each_caller_gets_its_own_outcomes() {
    let folder = Folder::new();
    let store = GroupCommit::new(Arc::new(folder.open().await));
    commit(&store, vec![new(case(1), vec![])]).await;
    let named = |title: &str| CaseRow { title: Some(title.into()), ..case(1) };
    let (first, second, third, none) = tokio::join!(
        store.commit(vec![at(1, named("first"), vec![change(1)]), new(case(2), vec![])]),
        store.commit(vec![at(1, named("late"), vec![change(2)])]),
        store.commit(vec![
            new(case(3), vec![]),
            at(2, named("second"), vec![change(3)]),
            new(case(2), vec![])
        ]),
        store.commit(vec![]),
    );
    let done = |version, seq| Outcome::Done { version, seq };
    assert_eq!(first.expect("works"), [done(2, 2), done(1, 3)]);
    assert_eq!(second.expect("works"), [Outcome::Lost]);
    assert_eq!(third.expect("works"), [done(1, 4), done(3, 5), Outcome::Lost]);
    assert_eq!(none.expect("works"), []);
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!((stored.row.title.as_deref(), stored.changes.len()), (Some("second"), 2));
}

#[tokio::test]
async fn a_failure_is_everybodys() {
    let memory = Arc::new(MemoryStore::default());
    let store = GroupCommit::new(Arc::clone(&memory));
    memory.fail_after(0);
    let all = join_all((0..3).map(|n| store.commit(vec![new(case(n), vec![])]))).await;
    assert!(all.iter().all(|kept| matches!(kept, Err(StoreError::Failed(_)))));
    memory.revive();
    assert_eq!(commit(&store, vec![new(case(1), vec![])]).await.len(), 1, "and the next one goes through");
}

#[tokio::test]
async fn what_was_handed_over_is_kept_though_its_caller_leaves() {
    let memory = Arc::new(MemoryStore::default());
    let store = GroupCommit::new(Arc::clone(&memory));
    tokio::select! {
        biased;
        _ = store.commit(vec![new(case(1), vec![])]) => panic!("nothing has run yet"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(commit(&store, vec![new(case(1), vec![])]).await, [Outcome::Lost]);
}
