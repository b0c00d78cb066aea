//! Erasures: everything that is kept of a document goes, whoever keeps it, and only of that one.

use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::{Kind, Media};

use super::data::{announced, at, case, change, device, document, hash, new, refused, win};
use crate::store::arrivals::ArrivalRow;
use crate::store::deliveries::DeliveryRow;
use crate::store::erasures::ErasureRow;
use crate::store::snapshots::SnapshotRow;
use crate::store::{CaseRow, Expect, Query, Row, Store};

fn erasure(n: u64) -> ErasureRow {
    ErasureRow {
        document: document(n),
        district: case(n).district,
        kind: Kind::Case,
        successor: document(90 + n),
        at: 77,
        by: WorkerId(3),
        reason: "2026-17".into(),
        changes: vec![hash(1), hash(2)],
    }
}

async fn told(store: &impl Store, n: u64) {
    win(store, new(case(n), vec![change(1), change(2), Row::Announced(announced(1, n, 9))])).await;
    let quarantine = refused(n);
    win(store, at(1, case(n), vec![Row::Quarantine(quarantine)])).await;
    let seq = store.row(document(n)).await.expect("reads").expect("stored").seq;
    let snapshot = SnapshotRow { document: document(n), seq, digest: [1; 32], bytes: vec![1; 9] };
    store.put_snapshots(vec![snapshot]).await.expect("put");
    let file = ArrivalRow {
        document: document(n),
        hash: hash(5),
        size: 3,
        media: Media::Jpeg,
        device: device(1),
        at: 1,
    };
    store.arrive(file).await.expect("noted");
    let delivery = DeliveryRow { document: document(n), ..super::deliveries::told("a", 1, 10) };
    store.add_deliveries(vec![delivery], ("hooks/a".into(), "1".into())).await.expect("noted");
}

pub(super) async fn everything_of_an_erased_document_goes_and_nothing_of_another(store: &impl Store) {
    told(store, 1).await;
    told(store, 2).await;
    let stub = CaseRow { erased: Some(77), title: None, ..case(1) };
    let (stub, successor) = (at(2, stub, Vec::new()), new(case(91), vec![change(3)]));
    let mut lost = stub.clone();
    lost.expect = Expect::At(1);
    assert!(!store.erase(erasure(1), vec![successor.clone(), lost]).await.expect("answered"));
    assert!(store.row(document(91)).await.expect("reads").is_none(), "all of it or nothing");
    assert_eq!(store.erasure_count().await.expect("reads"), 0);

    assert!(store.erase(erasure(1), vec![stub, successor]).await.expect("erased"));
    let left = store.load(document(1)).await.expect("reads").expect("a stub is left");
    assert_eq!((left.row.erased, left.row.version), (Some(77), 3));
    assert_eq!((left.changes.len(), left.decisions.len(), left.announced.len()), (0, 0, 0));
    assert_eq!(store.snapshot_of(document(1)).await.expect("reads"), None);
    assert_eq!(store.arrivals(document(1)).await.expect("reads"), []);
    assert_eq!(store.quarantine(&case(1).district, None, 9).await.expect("reads").len(), 1);
    let told = store.open_deliveries(None, i64::MAX, 9).await.expect("reads");
    assert_eq!(told.iter().map(|row| row.document).collect::<Vec<_>>(), [document(2)]);
    let query = Query { district: case(1).district, limit: 9, ..Query::default() };
    let listed: Vec<_> =
        store.rows(query).await.expect("reads").into_iter().map(|row| row.document).collect();
    assert_eq!(listed, [document(91), document(2)], "what was erased is in no list");

    let other = store.load(document(2)).await.expect("reads").expect("stored");
    assert_eq!((other.changes.len(), other.announced.len()), (2, 1));
    assert!(store.snapshot_of(document(2)).await.expect("reads").is_some());
    assert_eq!(store.erasures().await.expect("reads"), [erasure(1)]);
    assert_eq!(store.erasure(document(1)).await.expect("reads"), Some(erasure(1)));
    assert_eq!(store.erasure(document(2)).await.expect("reads"), None);
    assert!(store.scour().await.expect("scoured"));
}
