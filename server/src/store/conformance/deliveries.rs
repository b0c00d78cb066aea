//! What is told outside: once for each address and decision.

use doorstep_protocol::DocumentId;

use super::data::{EAST, WEST, at, case, decision, document, new, win};
use crate::store::Store;
use crate::store::deliveries::{DeliveryRow, Shown, Standing};

pub(super) fn told(hook: &str, n: u32, due: i64) -> DeliveryRow {
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
    let due = async |hook, now| store.open_deliveries(hook, now, 9).await.expect("reads");
    let said: Vec<(String, u32)> = due(None, 30).await.into_iter().map(|row| (row.hook, row.n)).collect();
    assert_eq!(said, [("a".into(), 2), ("b".into(), 1), ("a".into(), 1)], "the longest due first");
    assert_eq!(due(Some("b"), 30).await.len(), 1);
    let first = due(None, 10).await.pop().expect("one");
    let done =
        DeliveryRow { standing: Standing::Delivered, tries: 1, due: 11, said: "200".into(), ..first.clone() };
    assert!(store.put_delivery(done.clone(), Standing::Waiting).await.expect("keeps"));
    let late = DeliveryRow { standing: Standing::Failed, ..done.clone() };
    assert!(!store.put_delivery(late, Standing::Waiting).await.expect("keeps"), "it stands elsewhere by now");
    assert_eq!(store.delivery(first.id).await.expect("reads"), Some(done.clone()));
    assert_eq!(store.delivery(99).await.expect("reads"), None);
    assert_eq!(due(None, 30).await.len(), 2, "what has arrived is not due again");
    store.add_deliveries(vec![told("a", 2, 10)], read("4")).await.expect("keeps");
    let listed =
        async |shown, before, limit| store.deliveries((EAST, shown), before, limit).await.expect("reads");
    let all = listed(Shown::All, None, 9).await;
    assert_eq!((all.len(), all.iter().find(|row| row.id == first.id)), (3, Some(&done)));
    assert_eq!(listed(Shown::All, Some(all[0].id), 1).await, all[1..2]);
    let unknown = DeliveryRow { standing: Standing::Unknown, ..all[0].clone() };
    assert!(store.put_delivery(unknown.clone(), Standing::Waiting).await.expect("keeps"));
    assert_eq!(listed(Shown::Undelivered, None, 9).await, [unknown]);
    assert_eq!(listed(Shown::Open, None, 9).await.len(), 1);
    assert_eq!(store.delivery_counts(EAST).await.expect("reads"), (1, 1));
}

pub(super) async fn what_arrived_long_ago_is_forgotten(store: &impl Store) {
    let made = |n, at| DeliveryRow { at, ..told("a", n, 0) };
    let rows = vec![made(1, 10), made(2, 20), made(3, 30), made(4, 10), made(5, 10)];
    store.add_deliveries(rows, ("hooks/a".into(), "1".into())).await.expect("keeps");
    let all = async || store.deliveries((EAST, Shown::All), None, 9).await.expect("reads");
    for row in all().await {
        let standing = match row.n {
            4 => Standing::Failed,
            5 => Standing::Waiting,
            _ => Standing::Delivered,
        };
        if standing != row.standing {
            let row = DeliveryRow { standing, ..row };
            assert!(store.put_delivery(row, Standing::Waiting).await.expect("keeps"));
        }
    }
    let numbers = async || all().await.iter().map(|row| row.n).collect::<Vec<_>>();
    assert_eq!(store.forget_delivered(10, 9).await.expect("keeps"), 0, "not before");
    assert_eq!(store.forget_delivered(30, 1).await.expect("keeps"), 1, "the oldest first");
    assert_eq!(numbers().await, [5, 4, 3, 2]);
    assert_eq!(store.forget_delivered(30, 9).await.expect("keeps"), 1);
    assert_eq!(numbers().await, [5, 4, 3], "neither what is open, nor what did not arrive, nor what is new");
}

pub(super) async fn what_was_decided_is_read_between_two_rows_of_the_feed(store: &impl Store) {
    win(store, new(case(1), vec![decision(1, "a")])).await;
    win(store, new(case(2), vec![decision(1, "a")])).await;
    for n in 2..=3 {
        win(store, at(u64::from(n) - 1, case(1), vec![decision(n, &format!("c{n}"))])).await;
    }
    let between = async |after, until| {
        let found = store.decided(vec![document(1), document(1)], after, until).await.expect("reads");
        assert!(found.iter().all(|(of, _)| *of == document(1)));
        found.into_iter().map(|(_, decision)| decision.n).collect::<Vec<_>>()
    };
    assert_eq!(between(0, u64::MAX).await, [1, 2, 3]);
    assert_eq!(between(1, 3).await, [2]);
    assert!(store.decided(vec![document(9)], 0, 9).await.expect("reads").is_empty());
}
