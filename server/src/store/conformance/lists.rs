//! Orders, filters and pages of lists.

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::data::{EAST, WEST, at, case, commit, document, new, refused, win};
use crate::store::{Aside, CaseRow, Query, Store};

fn query() -> Query {
    Query { district: EAST.into(), limit: 100, ..Query::default() }
}

async fn listed(store: &impl Store, query: Query) -> Vec<DocumentId> {
    store.rows(query).await.expect("reads").into_iter().map(|row| row.document).collect()
}

/// The same list, page by page.
async fn paged(store: &impl Store, query: Query, limit: usize) -> Vec<DocumentId> {
    let mut all = Vec::new();
    loop {
        let page = listed(store, Query { after: all.last().copied(), limit, ..query.clone() }).await;
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

fn documents<const N: usize>(numbers: [u64; N]) -> [DocumentId; N] {
    numbers.map(document)
}

fn disputed(n: u64, urgent: bool, since: Option<Millis>) -> CaseRow {
    CaseRow { conflicts: ["place".into()].into(), conflict_since: since, urgent, ..case(n) }
}

pub(super) async fn conflicts_are_listed_urgent_first_then_by_age(store: &impl Store) {
    let rows = [
        disputed(1, false, Some(10)),
        disputed(2, true, Some(30)),
        case(3),
        disputed(4, false, Some(5)),
        disputed(5, true, Some(20)),
        disputed(6, false, Some(10)),
        disputed(7, false, None),
        CaseRow { urgent: true, conflict_since: Some(1), ..case(8) },
        CaseRow { district: WEST.into(), ..disputed(9, true, Some(0)) },
    ];
    commit(store, rows.into_iter().map(|row| new(row, vec![])).collect()).await;
    let query = Query { in_conflict: true, ..query() };
    let expected = documents([5, 2, 7, 4, 1, 6]);
    assert_eq!(listed(store, query.clone()).await, expected);
    for limit in 1..4 {
        assert_eq!(paged(store, query.clone(), limit).await, expected);
    }
    win(store, at(1, case(5), vec![])).await;
    assert_eq!(listed(store, query).await, documents([2, 7, 4, 1, 6]));
}

pub(super) async fn lists_are_newest_first_and_filtered(store: &impl Store) {
    let of = |n, unit: &str, due| CaseRow { unit: Some(unit.into()), due, ..case(n) };
    let rows = [
        of(1, "street", Some(10)),
        of(2, "water", Some(20)),
        CaseRow { kind: Kind::Visit, ..of(3, "street", None) },
        case(4),
        CaseRow { conflicts: ["place".into()].into(), ..of(5, "street", Some(30)) },
        CaseRow { district: WEST.into(), ..of(6, "street", Some(1)) },
    ];
    commit(store, rows.into_iter().map(|row| new(row, vec![])).collect()).await;
    assert_eq!(listed(store, query()).await, documents([5, 4, 3, 2, 1]));
    assert_eq!(paged(store, query(), 2).await, documents([5, 4, 3, 2, 1]));
    let street = Query { unit: Some("street".into()), ..query() };
    assert_eq!(listed(store, street.clone()).await, documents([5, 3, 1]));
    assert_eq!(paged(store, street.clone(), 1).await, documents([5, 3, 1]));
    assert_eq!(listed(store, Query { kind: Some(Kind::Visit), ..query() }).await, documents([3]));
    assert_eq!(listed(store, Query { due_before: Some(20), ..query() }).await, documents([1]));
    assert_eq!(listed(store, Query { due_before: Some(21), ..query() }).await, documents([2, 1]));
    let all = Query { kind: Some(Kind::Case), in_conflict: true, due_before: Some(31), ..street };
    assert_eq!(listed(store, all).await, documents([5]));
    assert_eq!(listed(store, Query { limit: 0, ..query() }).await, []);
    assert_eq!(listed(store, Query { limit: usize::MAX, ..query() }).await.len(), 5);
    assert_eq!(listed(store, Query { district: "north".into(), ..query() }).await, []);
}

pub(super) async fn a_list_begins_again_where_its_place_is_gone(store: &impl Store) {
    let rows = [1, 2, 3].map(|n| new(disputed(n, false, Some(n as Millis)), vec![]));
    commit(store, rows.into()).await;
    win(store, at(1, case(2), vec![])).await;
    let query = Query { in_conflict: true, after: Some(document(2)), ..query() };
    assert_eq!(listed(store, query.clone()).await, documents([1, 3]), "2 is no longer in conflict");
    let query = Query { in_conflict: false, kind: Some(Kind::Visit), ..query };
    assert_eq!(listed(store, query).await, []);
}

pub(super) async fn documents_wake_in_order(store: &impl Store) {
    assert_eq!(store.next_due().await.expect("reads"), None);
    let waking = |n, wake| CaseRow { wake, ..case(n) };
    let rows =
        [waking(1, Some(30)), waking(2, Some(10)), waking(3, None), waking(4, Some(30)), waking(5, Some(31))];
    commit(store, rows.into_iter().map(|row| new(row, vec![])).collect()).await;
    assert_eq!(store.next_due().await.expect("reads"), Some(10));
    assert_eq!(store.due(30, 10).await.expect("reads"), documents([2, 1, 4]));
    assert_eq!(store.due(30, 2).await.expect("reads"), documents([2, 1]));
    assert_eq!(store.due(9, 10).await.expect("reads"), []);
    win(store, at(1, waking(2, None), vec![])).await;
    win(store, at(1, waking(1, Some(40)), vec![])).await;
    assert_eq!(store.next_due().await.expect("reads"), Some(30));
    assert_eq!(store.due(Millis::MAX, 10).await.expect("reads"), documents([4, 5, 1]));
}

pub(super) async fn quarantine_is_listed_newest_first(store: &impl Store) {
    let asides = (1..=5).map(|n| {
        let mut row = refused(n);
        row.district = if n == 3 { WEST } else { EAST }.into();
        Aside::Quarantine(row)
    });
    store.write(asides.collect()).await.expect("writes");
    let ids = |rows: Vec<crate::store::QuarantineRow>| rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(store.quarantine(EAST, None, 2).await.expect("reads")), [5, 4]);
    assert_eq!(ids(store.quarantine(EAST, Some(4), 10).await.expect("reads")), [2, 1]);
    assert_eq!(ids(store.quarantine(WEST, None, 10).await.expect("reads")), [3]);
    let mut expected = refused(1);
    expected.id = 1;
    assert_eq!(store.quarantine(EAST, Some(2), 10).await.expect("reads"), [expected]);
}

pub(super) async fn all_documents_are_walked_in_order(store: &impl Store) {
    let order = [3, 1, 5, 2, 4];
    commit(store, order.map(|n| new(case(n), vec![])).into()).await;
    assert_eq!(store.documents(None, 2).await.expect("reads"), documents([1, 2]));
    assert_eq!(store.documents(Some(document(2)), 2).await.expect("reads"), documents([3, 4]));
    assert_eq!(store.documents(Some(document(4)), 2).await.expect("reads"), documents([5]));
    assert_eq!(store.documents(Some(document(5)), 2).await.expect("reads"), []);
}

pub(super) async fn a_first_sync_has_what_is_urgent_or_due_before_the_rest(store: &impl Store) {
    let due = |n: u64, urgent: bool, due: Option<Millis>| CaseRow { urgent, due, ..case(n) };
    let rows = [
        due(1, false, Some(10)),
        due(2, true, Some(30)),
        due(3, false, None),
        due(4, false, Some(5)),
        due(5, true, None),
        due(6, false, Some(10)),
        due(7, false, Some(-3)),
        CaseRow { district: WEST.into(), ..due(9, true, Some(0)) },
    ];
    commit(store, rows.into_iter().map(|row| new(row, vec![])).collect()).await;
    let expected = documents([2, 5, 7, 4, 1, 6, 3]);
    for limit in 1..9 {
        let (mut told, mut place) = (Vec::new(), None);
        loop {
            let page = store.first(EAST, place, limit).await.expect("reads");
            let Some(last) = page.last() else { break };
            place = Some(last.place());
            told.extend(page.into_iter().map(|row| row.document));
        }
        assert_eq!(told, expected, "pages of {limit}");
    }
}
