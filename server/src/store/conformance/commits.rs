//! Compare-and-swap, the feed, and what a commit adds.

use super::data::{
    EAST, WEST, announced, at, case, change, checkout, command, commit, decision, device, device_row,
    document, full_case, hash, new, refused, win,
};
use crate::store::{Aside, CaseRow, Commit, EnrolmentRow, FeedRow, Outcome, Row, Store};
use doorstep_protocol::WorkerId;

pub(super) async fn a_new_document_is_made_once(store: &impl Store) {
    assert_eq!(store.row(document(1)).await.expect("reads"), None);
    assert!(store.load(document(1)).await.expect("reads").is_none());
    let outcomes = commit(store, vec![new(case(1), vec![change(1)])]).await;
    assert_eq!(outcomes, [Outcome::Done { version: 1, seq: 1 }]);
    assert_eq!(commit(store, vec![new(case(1), vec![change(2)])]).await, [Outcome::Lost]);
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!((stored.row.version, stored.row.seq, stored.changes.len()), (1, 1, 1));
}

pub(super) async fn a_version_is_won_once(store: &impl Store) {
    assert_eq!(commit(store, vec![at(0, case(1), vec![])]).await, [Outcome::Lost], "it is not there");
    win(store, new(case(1), vec![])).await;
    assert_eq!(commit(store, vec![at(2, case(1), vec![])]).await, [Outcome::Lost], "not yet");
    assert_eq!(commit(store, vec![at(1, case(1), vec![])]).await, [Outcome::Done { version: 2, seq: 2 }]);
    assert_eq!(commit(store, vec![at(1, case(1), vec![])]).await, [Outcome::Lost], "no longer");
    assert_eq!(commit(store, vec![at(u64::MAX, case(1), vec![])]).await, [Outcome::Lost]);
    assert_eq!(store.head(EAST).await.expect("reads"), 2);
}

pub(super) async fn a_loser_keeps_nothing_and_the_others_are_kept(store: &impl Store) {
    win(store, new(case(2), vec![change(20)])).await;
    let everything = vec![
        change(21),
        decision(1, "c"),
        Row::Quarantine(refused(2)),
        Row::Command(command(1, 1)),
        Row::Announced(announced(1, 2, 22)),
        Row::Checkout(checkout(1, 1, 2)),
        Row::Held { device: device(1) },
    ];
    let row = CaseRow { title: Some("lost".into()), ..case(2) };
    let batch = vec![new(case(1), vec![change(10)]), at(7, row, everything), new(case(3), vec![change(30)])];
    let outcomes = commit(store, batch).await;
    let done = |seq| Outcome::Done { version: 1, seq };
    assert_eq!(outcomes, [done(2), Outcome::Lost, done(3)]);

    let stored = store.load(document(2)).await.expect("reads").expect("it is there");
    assert_eq!((stored.row.title, stored.row.version, stored.row.seq), (None, 1, 1));
    assert_eq!((stored.changes.len(), stored.decisions.len()), (1, 0));
    assert_eq!((stored.announced.len(), stored.checkouts.len()), (0, 0));
    assert_eq!(store.command([1; 16]).await.expect("reads"), None);
    assert_eq!(store.quarantined(document(2), hash(2)).await.expect("reads"), None);
    assert!(store.held(device(1), vec![]).await.expect("reads").is_empty());
    assert_eq!(store.head(EAST).await.expect("reads"), 3);
}

pub(super) async fn a_push_of_a_device_that_was_shut_out_is_lost(store: &impl Store) {
    let offered = EnrolmentRow { code: [5; 32], worker: WorkerId(1), expires: 99, used: None };
    store.write(vec![Aside::Enrolment(offered)]).await.expect("writes");
    assert!(store.enrol([5; 32], device_row(1)).await.expect("writes"));
    let by = |n: u64, commit: Commit| Commit { by: Some(device(n)), ..commit };
    win(store, by(1, new(case(1), vec![change(1)]))).await;
    store.write(vec![Aside::RevokeDevice { device: device(1), at: 70 }]).await.expect("writes");
    // Another device, and somebody at the desk, are not concerned.
    let batch =
        vec![by(1, at(1, case(1), vec![change(2)])), by(2, new(case(2), vec![])), new(case(3), vec![])];
    let done = |seq| Outcome::Done { version: 1, seq };
    assert_eq!(commit(store, batch).await, [Outcome::Lost, done(2), done(3)]);
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!((stored.row.version, stored.changes.len()), (1, 1));
}

pub(super) async fn two_commits_of_one_document_in_a_batch_are_in_order(store: &impl Store) {
    let named = |title: &str| CaseRow { title: Some(title.into()), ..case(1) };
    let batch = vec![
        new(named("first"), vec![change(1)]),
        new(named("never"), vec![change(2)]),
        at(1, named("second"), vec![change(3)]),
        at(1, named("late"), vec![change(4)]),
    ];
    let outcomes = commit(store, batch).await;
    let done = |n| Outcome::Done { version: n, seq: n };
    assert_eq!(outcomes, [done(1), Outcome::Lost, done(2), Outcome::Lost]);
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    assert_eq!(stored.row.title.as_deref(), Some("second"));
    assert_eq!(
        stored.changes.iter().map(|row| (row.hash, row.seq)).collect::<Vec<_>>(),
        [(hash(1), 1), (hash(3), 2)]
    );
}

pub(super) async fn the_feed_is_gapless_in_each_district(store: &impl Store) {
    let west = |n| CaseRow { district: WEST.into(), ..case(n) };
    commit(store, vec![new(case(1), vec![]), new(west(2), vec![]), new(case(3), vec![])]).await;
    commit(store, vec![at(1, case(1), vec![]), at(9, case(3), vec![]), at(1, west(2), vec![])]).await;

    let row = |seq, n| FeedRow { seq, document: document(n), content: [0; 8] };
    let feed = store.feed(EAST, 0, 10).await.expect("reads");
    assert_eq!(feed, [row(1, 1), row(2, 3), row(3, 1)]);
    assert_eq!(store.feed(EAST, 1, 1).await.expect("reads"), [row(2, 3)]);
    assert_eq!(store.feed(EAST, 3, 10).await.expect("reads"), []);
    assert_eq!(store.feed(EAST, u64::MAX, 10).await.expect("reads"), []);
    assert_eq!(store.feed(WEST, 0, 10).await.expect("reads"), [row(1, 2), row(2, 2)]);
    assert_eq!(store.feed("north", 0, 10).await.expect("reads"), []);
    assert_eq!(store.head("north").await.expect("reads"), 0);

    let mut chain = [0; 8];
    assert_eq!(store.chain("north", 0).await.expect("reads"), Some(chain));
    for row in feed {
        chain = crate::store::roll(chain, row.seq, row.document, row.content);
        assert_eq!(store.chain(EAST, row.seq).await.expect("reads"), Some(chain));
    }
    assert_eq!(store.chain(EAST, 4).await.expect("reads"), None);
    assert_eq!(store.chain(EAST, u64::MAX).await.expect("reads"), None);
}

pub(super) async fn since_gives_what_is_after(store: &impl Store) {
    win(store, new(case(1), vec![change(1), decision(1, "a")])).await;
    win(store, new(case(2), vec![change(2)])).await;
    win(store, at(1, case(1), vec![change(3), change(4), decision(2, "b")])).await;
    let (changes, decisions) = store.since(document(1), 1).await.expect("reads");
    assert_eq!(changes.iter().map(|row| row.hash).collect::<Vec<_>>(), [hash(3), hash(4)]);
    assert!(changes.iter().all(|row| row.seq == 3));
    assert_eq!(decisions.iter().map(|row| (row.decision.n, row.seq)).collect::<Vec<_>>(), [(2, 3)]);
    let (changes, decisions) = store.since(document(1), 0).await.expect("reads");
    assert_eq!((changes.len(), decisions.len()), (3, 2));
    let (changes, decisions) = store.since(document(1), u64::MAX).await.expect("reads");
    assert_eq!((changes.len(), decisions.len()), (0, 0));
    let (changes, decisions) = store.since(document(9), 0).await.expect("reads");
    assert_eq!((changes.len(), decisions.len()), (0, 0));
}

pub(super) async fn all_of_a_row_comes_back(store: &impl Store) {
    let Row::Decision(made) = decision(1, "a") else { unreachable!("it is a decision") };
    let claimed = CaseRow { version: 77, seq: 88, ..full_case(1) };
    win(store, new(claimed, vec![change(11), decision(1, "a")])).await;
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    let expected = CaseRow { version: 1, seq: 1, ..full_case(1) };
    assert_eq!(stored.row, expected);
    assert_eq!(store.row(document(1)).await.expect("reads"), Some(expected.clone()));
    let these = store.rows_of(vec![document(9), document(1), document(1)]).await.expect("reads");
    assert_eq!(these, [(document(1), expected.clone())].into(), "once each, and those that there are");
    assert_eq!(stored.decisions[0].decision, *made);
    let Row::Change { hash, bytes, facts } = change(11) else { unreachable!("it is a change") };
    let change = &stored.changes[0];
    assert_eq!((change.hash, &change.bytes, &change.facts, change.seq), (hash, &bytes, &facts, 1));

    win(store, at(1, case(1), vec![])).await;
    let emptied = CaseRow { version: 2, seq: 2, ..case(1) };
    assert_eq!(store.row(document(1)).await.expect("reads"), Some(emptied));
}

pub(super) async fn many_changes_keep_their_order(store: &impl Store) {
    let some = |from: u64, to: u64| (from..to).rev().map(change).collect::<Vec<_>>();
    win(store, new(case(1), some(0, 150))).await;
    win(store, new(case(2), some(0, 9))).await;
    win(store, at(1, case(1), some(150, 170))).await;
    let stored = store.load(document(1)).await.expect("reads").expect("it is there");
    let expected: Vec<_> = (0..150).rev().chain((150..170).rev()).map(hash).collect();
    assert_eq!(stored.changes.iter().map(|row| row.hash).collect::<Vec<_>>(), expected);
    let stored = store.load(document(2)).await.expect("reads").expect("it is there");
    assert_eq!(stored.changes.len(), 9, "a hash is a change of its document");
}

pub(super) async fn an_empty_batch_is_nothing(store: &impl Store) {
    assert_eq!(commit(store, vec![]).await, []);
    store.write(vec![]).await.expect("writes");
}

pub(super) async fn commands_are_answered_once(store: &impl Store) {
    win(store, new(case(1), vec![Row::Command(command(1, 5))])).await;
    win(store, at(1, case(1), vec![Row::Command(command(1, 6)), Row::Command(command(2, 0))])).await;
    store.write(vec![Aside::Command(command(2, 7)), Aside::Command(command(3, 0))]).await.expect("writes");
    assert_eq!(store.command([1; 16]).await.expect("reads"), Some(command(1, 5)));
    assert_eq!(store.command([2; 16]).await.expect("reads"), Some(command(2, 0)));
    assert_eq!(store.command([3; 16]).await.expect("reads"), Some(command(3, 0)));
    assert_eq!(store.command([4; 16]).await.expect("reads"), None);
}

pub(super) async fn a_refused_change_is_kept_once(store: &impl Store) {
    win(store, new(case(1), vec![Row::Quarantine(refused(1)), Row::Quarantine(refused(1))])).await;
    let mut again = refused(1);
    again.message = "said again".into();
    let mut other = refused(1);
    other.hash = hash(2);
    store.write(vec![Aside::Quarantine(again), Aside::Quarantine(other.clone())]).await.expect("writes");
    let kept = store.quarantined(document(1), hash(1)).await.expect("reads").expect("it is there");
    assert_eq!((kept.id, kept.message), (1, refused(1).message));
    let kept = store.quarantined(document(1), hash(2)).await.expect("reads");
    other.id = 2;
    assert_eq!(kept, Some(other));
    assert_eq!(store.quarantined(document(2), hash(1)).await.expect("reads"), None);
    assert_eq!(store.quarantine(EAST, None, 10).await.expect("reads").len(), 2);
}
