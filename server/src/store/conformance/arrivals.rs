//! Files that have arrived.

use doorstep_protocol::documents::Media;

use super::data::{case, device, document, hash, new, win};
use crate::store::Store;
use crate::store::arrivals::ArrivalRow;

fn row(n: u64, h: u8, size: u64) -> ArrivalRow {
    ArrivalRow {
        document: document(n),
        hash: hash(h.into()),
        size,
        media: Media::Jpeg,
        device: device(1),
        at: 100 + i64::from(h),
    }
}

pub(super) async fn a_file_arrives_once_and_can_be_forgotten(store: &impl Store) {
    win(store, new(case(1), Vec::new())).await;
    win(store, new(case(2), Vec::new())).await;
    let first = row(1, 2, 1_000);
    for row in [first.clone(), row(1, 1, 20), ArrivalRow { size: 7, ..first.clone() }, row(2, 2, 300)] {
        store.arrive(row).await.expect("the store works");
    }
    assert_eq!(store.arrivals(document(1)).await.expect("reads"), [row(1, 1, 20), first.clone()]);
    assert_eq!(store.arrivals(document(3)).await.expect("reads"), []);
    assert_eq!(store.arrived_bytes(device(1), 0).await.expect("reads"), 1_320);
    assert_eq!(store.arrived_bytes(device(1), 102).await.expect("reads"), 1_300);
    assert_eq!(store.arrived_bytes(device(2), 0).await.expect("reads"), 0);
    store.forget_arrivals(document(1), Some(hash(1))).await.expect("forgets one");
    assert_eq!(store.arrivals(document(1)).await.expect("reads"), [first]);
    store.forget_arrivals(document(1), None).await.expect("forgets all");
    assert_eq!(store.arrivals(document(1)).await.expect("reads"), []);
    assert_eq!(store.arrivals(document(2)).await.expect("reads"), [row(2, 2, 300)]);
}
