//! One suite for every store: what a replica relies on.

use doorstep_protocol::Receipt;
use doorstep_protocol::documents::{Edit, Facts, Kind, Media};
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId, limits};

use super::*;

fn id(n: u8) -> DocumentId {
    DocumentId::v7(1_700_000_000_000 + i64::from(n), [n; 10])
}

fn entry(document: DocumentId, n: u8) -> OutboxEntry {
    let intent = vec![Edit::Put { field: "title".into(), value: Some(format!("冰沟 {n}")) }];
    OutboxEntry {
        document,
        hash: Hash([n; 32]),
        intent,
        base: vec![Hash([0; 32])],
        bytes: vec![n; 3],
        made: 5,
        sent: false,
    }
}

fn change(n: u8) -> StoredChange {
    let facts = Facts {
        worker: WorkerId(3),
        device: DeviceId([n; 8]),
        made: 7,
        received: 9,
        receipt: Receipt([4; 16]),
    };
    StoredChange { hash: Hash([n; 32]), bytes: vec![n], facts }
}

fn item(document: DocumentId, n: u8) -> RejectedItem {
    let (code, message) = ("schema.role".into(), "no".into());
    let OutboxEntry { intent, bytes, made, .. } = entry(document, n);
    RejectedItem { document, id: Hash([n; 32]).to_string(), code, message, intent, bytes, made }
}

fn changed(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Changed(_)))
}

async fn version(store: &impl Store, document: DocumentId) -> u64 {
    store.load(document).await.expect("loads").map_or(0, |stored| stored.row.version)
}

/// What goes in comes out, in order, and adding twice is adding once.
async fn keeps(store: &impl Store) {
    let row = Stored::new(id(1), Kind::Visit).row;
    let row = DocumentRow { title: Some("一".into()), due: Some("2026-12-01T00:00:00Z".into()), ..row };
    let (second, first) = (entry(id(1), 9), entry(id(1), 4));
    let decision = |n| StoredDecision { epoch: 1, n, json: format!("{{\"n\":{n}}}") };
    store
        .apply(vec![
            Op::Change(id(1), change(8)),
            Op::Change(id(1), change(2)),
            Op::Change(id(1), change(8)),
            Op::Enqueue(first.clone()),
            Op::Enqueue(second.clone()),
            Op::Enqueue(OutboxEntry { made: 99, ..first.clone() }),
            Op::Decision(id(1), decision(2)),
            Op::Decision(id(1), decision(1)),
            Op::Name(WorkerId(3), "朱大楠".into()),
            Op::Document(row.clone()),
        ])
        .await
        .expect("applies");
    let stored = store.load(id(1)).await.expect("loads").expect("is there");
    assert_eq!(stored.changes, [change(8), change(2)]);
    assert_eq!(stored.outbox, [first.clone(), second.clone()]);
    assert_eq!(stored.decisions, [decision(1), decision(2)]);
    assert_eq!(stored.row, DocumentRow { version: stored.row.version, ..row });
    store.apply(vec![Op::MarkSent(id(1), first.hash)]).await.expect("applies");
    let listed = store.list().await.expect("lists");
    assert_eq!((listed[0].pending, listed[0].sent, listed[0].accepted), (2, 1, true));
    store.apply(vec![Op::Dequeue(id(1), first.hash), Op::ClearSent]).await.expect("applies");
    assert_eq!(store.outbox().await.expect("reads"), [second]);
    assert_eq!(store.names().await.expect("reads")[&WorkerId(3)], "朱大楠");
    assert!(store.load(id(2)).await.expect("loads").is_none());
}

/// A lost comparison undoes everything beside it; versions never come back.
async fn compares_and_swaps(store: &impl Store) {
    let row = Stored::new(id(5), Kind::Case).row;
    store.apply(vec![Op::Document(row.clone())]).await.expect("applies");
    let first = version(store, id(5)).await;
    let stale = vec![Op::Enqueue(entry(id(5), 77)), Op::Document(row.clone())];
    assert!(changed(&store.apply(stale).await), "it exists already");
    assert!(store.outbox().await.expect("reads").iter().all(|entry| entry.document != id(5)));
    store
        .apply(vec![Op::Document(DocumentRow { version: first, revoked: true, ..row.clone() })])
        .await
        .expect("applies");
    let second = version(store, id(5)).await;
    assert!(second > first);
    assert!(changed(&store.apply(vec![Op::Purge { document: id(5), version: first, counter: 1 }]).await));
    let again = vec![Op::Purge { document: id(5), version: second, counter: 1 }, Op::Document(row)];
    store.apply(again).await.expect("purged and granted again in one transaction");
    assert!(version(store, id(5)).await > second);
    let meta = store.meta().await.expect("reads");
    let next = Meta { counter: meta.counter + 1, cursor: Some(vec![1, 2]), ..meta };
    let before = store.sequence().await.expect("reads");
    store.apply(vec![Op::Meta(next.clone())]).await.expect("applies");
    assert!(changed(&store.apply(vec![Op::Meta(next.clone())]).await));
    assert_eq!(store.meta().await.expect("reads").cursor, Some(vec![1, 2]));
    assert_eq!(store.sequence().await.expect("reads"), before + 1, "a lost transaction leaves no trace");
}

/// A purge takes everything but the fact that something was refused.
async fn purges(store: &impl Store) {
    let command = |n: u8| {
        let (name, args) = ("refer".into(), vec![("unit".into(), "511902".into())]);
        Command { id: [n; 16], document: id(6), name, args, made: 4 }
    };
    let outcome = ActOutcome::Refused { rule: "referral-limit".into(), message: "no".into() };
    store
        .apply(vec![
            Op::Document(Stored::new(id(6), Kind::Case).row),
            Op::Change(id(6), change(1)),
            Op::Enqueue(entry(id(6), 2)),
            Op::Reject(item(id(6), 3)),
            Op::Reject(item(id(6), 3)),
            Op::Command(command(1)),
            Op::Command(command(1)),
            Op::Command(command(2)),
            Op::Answer([1; 16], outcome.clone()),
        ])
        .await
        .expect("applies");
    let queued = store.commands().await.expect("reads");
    assert_eq!(queued[0], QueuedCommand { command: command(1), outcome: Some(outcome) });
    assert_eq!(queued[1], QueuedCommand { command: command(2), outcome: None });
    let purge = Op::Purge { document: id(6), version: version(store, id(6)).await, counter: 8 };
    store.apply(vec![purge]).await.expect("applies");
    assert!(store.load(id(6)).await.expect("loads").is_none());
    assert!(store.commands().await.expect("reads").is_empty());
    let rejected = store.rejected().await.expect("reads");
    assert_eq!(rejected.len(), 1);
    assert!(rejected[0].intent.is_empty() && rejected[0].bytes.is_empty());
    let of_six = |purged: &Purged| purged.document == id(6);
    store.apply(vec![Op::ConfirmPurged(8)]).await.expect("applies");
    assert!(store.purged().await.expect("reads").iter().any(of_six), "its own session does not confirm it");
    store.apply(vec![Op::ConfirmPurged(9), Op::Dismiss(rejected[0].id.clone())]).await.expect("applies");
    assert!(!store.purged().await.expect("reads").iter().any(of_six));
    assert!(store.rejected().await.expect("reads").is_empty());
}

async fn checks_out(store: &impl Store) {
    let held = HeldCheckout { id: [4; 16], documents: vec![id(1), id(2)], until: 900, announced: 0 };
    let announced = HeldCheckout { announced: 3, ..held.clone() };
    store.apply(vec![Op::Checkout(held), Op::Checkout(announced.clone())]).await.expect("applies");
    assert_eq!(store.checkouts().await.expect("reads"), [announced]);
    store.apply(vec![Op::EndCheckout([4; 16])]).await.expect("applies");
    assert!(store.checkouts().await.expect("reads").is_empty());
}

/// A file comes back part by part, is kept once, and goes with its document.
async fn keeps_files(store: &impl Store) {
    let bytes: Vec<u8> = (0..limits::BLOB_PART_BYTES * 2 + 7).map(|n| (n % 251) as u8).collect();
    let row = |n: u8| BlobRow {
        document: id(7),
        hash: Hash([n; 32]),
        size: bytes.len() as u64,
        media: Media::Jpeg,
        settled: None,
        refused: None,
    };
    let document = Op::Document(Stored::new(id(7), Kind::Case).row);
    store
        .apply(vec![
            document,
            Op::Blob(row(2), bytes.clone()),
            Op::Blob(row(1), bytes.clone()),
            Op::Blob(row(2), vec![9]),
        ])
        .await
        .expect("applies");
    assert_eq!(store.blobs().await.expect("reads"), [row(2), row(1)], "in the order in which they came");
    let mut parts = Vec::new();
    for n in 0..4 {
        parts.push(store.blob_part(id(7), Hash([2; 32]), n).await.expect("reads"));
    }
    let sizes: Vec<_> = parts.iter().map(|part| part.as_ref().map(Vec::len)).collect();
    assert_eq!(sizes, [Some(limits::BLOB_PART_BYTES), Some(limits::BLOB_PART_BYTES), Some(7), None]);
    assert_eq!(parts.into_iter().flatten().flatten().collect::<Vec<u8>>(), bytes);
    let unsent = async || store.load(id(7)).await.expect("loads").expect("is there").unsent_blobs;
    assert_eq!(unsent().await, 2);
    let refused = Some("blob.type".to_owned());
    let settle = |n, refused| Op::SettleBlob { document: id(7), hash: Hash([n; 32]), epoch: 3, refused };
    store.apply(vec![settle(1, refused.clone()), settle(2, None)]).await.expect("applies");
    assert_eq!(unsent().await, 0);
    let settled = [BlobRow { settled: Some(3), ..row(2) }, BlobRow { settled: Some(3), refused, ..row(1) }];
    assert_eq!(store.blobs().await.expect("reads"), settled);
    let purge = Op::Purge { document: id(7), version: version(store, id(7)).await, counter: 8 };
    store.apply(vec![purge, Op::ConfirmPurged(9)]).await.expect("applies");
    assert!(store.blobs().await.expect("reads").is_empty());
    assert_eq!(store.blob_part(id(7), Hash([2; 32]), 0).await.expect("reads"), None);
}

async fn suite(store: &impl Store) {
    keeps(store).await;
    compares_and_swaps(store).await;
    purges(store).await;
    checks_out(store).await;
    keeps_files(store).await;
}

#[test]
fn memory_conforms() {
    let store = Memory::default();
    immediate(suite(&store));
    store.fail_after(2);
    immediate(store.apply(Vec::new())).expect("the first goes through");
    assert!(immediate(store.apply(Vec::new())).is_err());
    store.revive();
    immediate(store.apply(Vec::new())).expect("revived");
}

#[tokio::test]
async fn sqlite_conforms_and_survives_reopening() {
    let folder = std::env::temp_dir().join(format!("doorstep-client-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder can be made");
    let path = folder.join("conformance.db");
    let store = Sqlite::open(&path).await.expect("opens");
    suite(&store).await;
    let (meta, list) = (store.meta().await.expect("reads"), store.list().await.expect("reads"));
    store.close().await;
    let store = Sqlite::open(&path).await.expect("opens again");
    assert_eq!(store.meta().await.expect("reads"), meta);
    assert_eq!(store.list().await.expect("reads"), list);
    store.close().await;
    std::fs::remove_dir_all(&folder).expect("the temporary folder can be removed");
}
