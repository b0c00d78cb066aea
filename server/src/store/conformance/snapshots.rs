//! Snapshots: of one version, replaced, thrown away, and what is read beside them.

use doorstep_protocol::Hash;

use super::data::{announced, at, case, document, facts, hash, new, win};
use crate::store::snapshots::SnapshotRow;
use crate::store::{Row, Store};

fn change(n: u64) -> Row {
    Row::Change { hash: hash(n), bytes: vec![n as u8; 50], facts: facts(n) }
}

fn snapshot(seq: u64, says: u8) -> SnapshotRow {
    SnapshotRow { document: document(1), seq, digest: [says; 32], bytes: vec![says; 300] }
}

async fn later(store: &impl Store) -> Vec<Hash> {
    let cold = store.cold(document(1)).await.expect("reads").expect("it is stored");
    cold.stored.changes.into_iter().map(|row| row.hash).collect()
}

pub(super) async fn a_cold_document_is_its_snapshot_and_what_came_after(store: &impl Store) {
    assert!(store.cold(document(1)).await.expect("reads").is_none());
    win(store, new(case(1), vec![change(1), change(2)])).await;
    assert_eq!(later(store).await, [hash(1), hash(2)]);
    // Of another version: left out. Of no document: left out.
    let stranger = SnapshotRow { document: document(9), ..snapshot(1, 1) };
    store.put_snapshots(vec![snapshot(7, 1), stranger]).await.expect("answered");
    assert_eq!(store.snapshot_of(document(1)).await.expect("reads"), None);
    store.put_snapshots(vec![snapshot(1, 1)]).await.expect("put");
    assert_eq!(later(store).await, []);
    win(store, at(1, case(1), vec![change(3), Row::Announced(announced(1, 1, 4))])).await;
    let cold = store.cold(document(1)).await.expect("reads").expect("it is stored");
    assert_eq!(cold.snapshot, Some(snapshot(1, 1)));
    assert_eq!((cold.stored.row.version, cold.stored.announced.len()), (2, 1));
    assert_eq!(later(store).await, [hash(3)]);
    store.put_snapshots(vec![snapshot(1, 5), snapshot(2, 2)]).await.expect("put");
    assert_eq!(store.snapshot_of(document(1)).await.expect("reads"), Some(snapshot(2, 2)));
    assert_eq!(later(store).await, []);
    store.drop_snapshot(document(1)).await.expect("dropped");
    assert_eq!(store.snapshot_of(document(1)).await.expect("reads"), None);
    assert_eq!(later(store).await, [hash(1), hash(2), hash(3)], "the changes are kept whatever happens");
}

pub(super) async fn a_damaged_change_can_be_put_right(store: &impl Store) {
    win(store, new(case(1), vec![change(1), change(2)])).await;
    let mended = vec![(hash(2), vec![9; 4]), (hash(7), vec![1])];
    store.mend_changes(document(1), mended).await.expect("mended");
    let (changes, _) = store.since(document(1), 0).await.expect("reads");
    let bytes: Vec<_> = changes.into_iter().map(|row| (row.hash, row.bytes)).collect();
    assert_eq!(bytes, [(hash(1), vec![1; 50]), (hash(2), vec![9; 4])]);
}
