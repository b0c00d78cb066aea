//! What is told outside: once for each address and decision.

use doorstep_protocol::DocumentId;

use super::data::{EAST, WEST};
use crate::store::Store;
use crate::store::deliveries::{DeliveryRow, Standing};

fn told(hook: &str, n: u32, due: i64) -> DeliveryRow {
    DeliveryRow {
        id: 0,
        hook: hook.into(),
        district: EAST.into(),
        document: DocumentId::v7(1, [7; 10]),
        n,
        event: "assign".into(),
        at: 5,
        standing: Standing::Waiting,
        tries: 0,
        due,
        said: String::new(),
    }
}

pub(super) async fn deliveries_are_added_once_and_due_until_they_end(store: &impl Store) {
    let read = |value: &str| ("hooks/a".to_owned(), value.to_owned());
    let rows = vec![told("a", 1, 30), told("a", 2, 10), told("b", 1, 20)];
    store.add_deliveries(rows.clone(), read("1")).await.expect("keeps");
    store.add_deliveries(rows, read("2")).await.expect("the same again adds nothing");
    store
        .add_deliveries(vec![DeliveryRow { district: WEST.into(), ..told("c", 1, 90) }], read("3"))
        .await
        .expect("keeps");
    assert_eq!(store.setting("hooks/a").await.expect("reads").as_deref(), Some("3"));
    let due = async |now| store.open_deliveries(now, 9).await.expect("reads");
    let said: Vec<(String, u32)> = due(30).await.into_iter().map(|row| (row.hook, row.n)).collect();
    assert_eq!(said, [("a".into(), 2), ("b".into(), 1), ("a".into(), 1)], "the longest due first");
    let first = due(10).await.pop().expect("one");
    let done =
        DeliveryRow { standing: Standing::Delivered, tries: 1, due: 11, said: "200".into(), ..first.clone() };
    store.put_delivery(done.clone()).await.expect("keeps");
    assert_eq!(due(30).await.len(), 2, "what has arrived is not due again");
    store.add_deliveries(vec![told("a", 2, 10)], read("4")).await.expect("keeps");
    let listed = store.deliveries(EAST, None, 9).await.expect("reads");
    assert_eq!((listed.len(), listed.iter().find(|row| row.id == first.id)), (3, Some(&done)));
    let older = store.deliveries(EAST, Some(listed[0].id), 1).await.expect("reads");
    assert_eq!(older, listed[1..2]);
}
