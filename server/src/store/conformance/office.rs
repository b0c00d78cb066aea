//! The work around the cases.

use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Role;

use super::data::{case, device, device_row, document, hash, new, win};
use crate::store::office::{AnsweredRow, AskedRow, JournalRow, LeavingRow, RepeatedRow, ReviewRow};
use crate::store::{Aside, Commit, EnrolmentRow, Outcome, Person, QuarantineRow, Store};

pub(super) async fn a_review_is_won_once(store: &impl Store) {
    win(store, new(case(1), Vec::new())).await;
    win(store, new(case(2), Vec::new())).await;
    let mut row = ReviewRow::new(document(1), "place", 5);
    row.owner = Some(WorkerId(3));
    assert!(store.put_review(row.clone()).await.expect("writes"));
    assert!(!store.put_review(row.clone()).await.expect("writes"), "somebody was first");
    let kept = store.reviews(vec![document(1), document(2)]).await.expect("reads").remove(0);
    assert_eq!((kept.version, kept.owner), (1, Some(WorkerId(3))));
    let asked = AskedRow { worker: WorkerId(4), by: WorkerId(3), at: 9, hash: hash(7) };
    let next = ReviewRow { asked: Some(asked), opened: Some((WorkerId(3), 8)), ..kept };
    assert!(store.put_review(next.clone()).await.expect("writes"));
    assert!(store.put_review(ReviewRow::new(document(2), "place", 1)).await.expect("writes"));
    let rows = store.reviews(vec![document(1)]).await.expect("reads");
    assert_eq!(rows, [ReviewRow { version: 2, ..next }]);
    assert_eq!(store.reviews(Vec::new()).await.expect("reads"), []);
}

pub(super) async fn the_journal_is_read_backwards(store: &impl Store) {
    let row = |act: &str, district: &str, document| JournalRow {
        id: 0,
        district: district.into(),
        at: 7,
        worker: WorkerId(2),
        act: act.into(),
        document,
        about: "x".into(),
        reason: "because".into(),
    };
    for (act, district) in [("device.revoke", "a"), ("review.assign", "a"), ("device.wipe", "b")] {
        store.note(row(act, district, Some(document(4)))).await.expect("writes");
    }
    store.note(row("device.wipe", "a", None)).await.expect("writes");
    let all = store.journal("a", "", None, 2).await.expect("reads");
    let acts: Vec<&str> = all.iter().map(|row| row.act.as_str()).collect();
    assert_eq!(acts, ["device.wipe", "review.assign"]);
    assert_eq!(all[0], JournalRow { id: 4, ..row("device.wipe", "a", None) });
    let rest = store.journal("a", "", Some(all[1].id), 9).await.expect("reads");
    assert_eq!(rest, [JournalRow { id: 1, ..row("device.revoke", "a", Some(document(4))) }]);
    assert_eq!(store.journal("a", "device", None, 9).await.expect("reads").len(), 2);
}

pub(super) async fn a_refused_change_is_answered_once(store: &impl Store) {
    let refused = QuarantineRow {
        id: 0,
        district: "a".into(),
        device: device(1),
        worker: WorkerId(1),
        document: document(1),
        hash: hash(1),
        code: "x".into(),
        message: "y".into(),
        bytes: vec![1],
        at: 1,
    };
    store.write(vec![Aside::Quarantine(refused)]).await.expect("writes");
    let id = store.quarantine("a", None, 1).await.expect("reads")[0].id;
    let row = AnsweredRow { id, at: 3, worker: WorkerId(9), entered: true, reason: "seen".into() };
    assert!(store.answer(row.clone()).await.expect("writes"));
    assert!(!store.answer(AnsweredRow { entered: false, ..row.clone() }).await.expect("writes"));
    assert_eq!(store.answered(vec![id, id + 1]).await.expect("reads"), [row]);
    assert_eq!(store.answered(Vec::new()).await.expect("reads"), []);
}

pub(super) async fn a_person_changes_and_keeps_the_number(store: &impl Store) {
    let person = Person {
        worker: WorkerId::default(),
        name: "王敏".into(),
        district: "a".into(),
        unit: "u".into(),
        role: Role::Worker,
        ended: None,
    };
    let worker = store.add_person(person.clone()).await.expect("adds");
    let now = Person { worker, unit: "v".into(), role: Role::Handler, ended: Some(4), ..person };
    store.change_person(now.clone()).await.expect("writes");
    store.change_person(Person { worker: WorkerId(worker.0 + 9), ..now.clone() }).await.expect("nobody");
    assert_eq!(store.people("a").await.expect("reads"), std::slice::from_ref(&now));
    assert_eq!(store.former_names("a").await.expect("reads"), []);
    let changes = store.staff_changes();
    for name in ["王敏敏", "王敏", "王敏敏"] {
        store.change_person(Person { name: name.into(), ..now.clone() }).await.expect("writes");
    }
    assert!(store.staff_changes() > changes);
    // From whom a case is hidden was worked out with who worked here before: that is worked out again.
    let worked_out = |staff| Commit { staff, ..new(case(7), Vec::new()) };
    let lost = store.commit(vec![worked_out(Some(changes))]).await.expect("answers");
    assert_eq!(lost, [Outcome::Lost]);
    let won = store.commit(vec![worked_out(Some(store.staff_changes()))]).await.expect("answers");
    assert!(matches!(won[..], [Outcome::Done { .. }]), "{won:?}");
    let before: Vec<_> = ["王敏", "王敏敏"].map(|name| (worker, name.to_owned())).into();
    assert_eq!(store.former_names("a").await.expect("reads"), before);
    assert_eq!(store.former_names("b").await.expect("reads"), []);
}

pub(super) async fn a_device_leaves_and_is_held_back(store: &impl Store) {
    let offered = EnrolmentRow { code: [5; 32], worker: WorkerId(1), expires: 99, used: None };
    store.write(vec![Aside::Enrolment(offered)]).await.expect("writes");
    assert!(store.enrol([5; 32], device_row(1)).await.expect("writes"));
    let row = LeavingRow {
        device: device(1),
        since: 5,
        worker: WorkerId(2),
        holds_back: false,
        reason: "gone".into(),
    };
    assert_eq!(store.leaving(device(1)).await.expect("reads"), None);
    store.leave(row.clone()).await.expect("writes");
    store.leave(LeavingRow { since: 9, holds_back: true, ..row.clone() }).await.expect("writes");
    store.leave(LeavingRow { since: 11, ..row.clone() }).await.expect("writes");
    assert_eq!(store.leaving(device(1)).await.expect("reads"), Some(LeavingRow { holds_back: true, ..row }));
}

pub(super) async fn a_repeated_request_has_its_first_answer(store: &impl Store) {
    let row = |key: &str, at, status| RepeatedRow {
        worker: WorkerId(1),
        key: key.into(),
        request: [7; 32],
        at,
        status,
        media: "application/json".into(),
        body: b"{}".to_vec(),
    };
    store.put_repeated(row("k", 10, 200), 0).await.expect("writes");
    store.put_repeated(row("k", 11, 500), 0).await.expect("writes");
    assert_eq!(store.repeated(WorkerId(1), "k").await.expect("reads"), Some(row("k", 10, 200)));
    assert_eq!(store.repeated(WorkerId(2), "k").await.expect("reads"), None);
    store.put_repeated(row("l", 50, 200), 20).await.expect("writes");
    assert_eq!(store.repeated(WorkerId(1), "k").await.expect("reads"), None);
}
