//! What devices hold, announce and check out; people, devices and their codes.

use doorstep_protocol::{Mark, WorkerId};

use super::data::{
    EAST, WEST, announced, at, case, checkout, device, device_row, document, hash, new, person, win,
};
use crate::store::accounts::{AccountRow, SignInRow};
use crate::store::{Aside, CheckoutRow, CopyRow, DeviceRow, EnrolmentRow, HeldRow, Row, Store, StoreError};

async fn write(store: &impl Store, asides: Vec<Aside>) {
    store.write(asides).await.expect("the store works");
}

async fn held(store: &impl Store, n: u64) -> Option<HeldRow> {
    store.held(device(1), vec![document(n)]).await.expect("reads").remove(&document(n))
}

pub(super) async fn a_grant_lives_until_its_purge(store: &impl Store) {
    let (device, document) = (device(1), document(1));
    assert_eq!(held(store, 1).await, None);
    write(store, vec![Aside::Revoke { device, document, until: 3 }, Aside::Purged { device, document }])
        .await;
    assert_eq!(held(store, 1).await, None, "what is not held cannot end");
    write(store, vec![Aside::Grant { device, document, granted: 4 }, Aside::Purged { device, document }])
        .await;
    assert_eq!(held(store, 1).await, Some(HeldRow { granted: 4, until: None, purged: false }));
    write(
        store,
        vec![Aside::Revoke { device, document, until: 5 }, Aside::Revoke { device, document, until: 6 }],
    )
    .await;
    assert_eq!(held(store, 1).await, Some(HeldRow { granted: 4, until: Some(5), purged: false }));
    write(store, vec![Aside::Purged { device, document }]).await;
    assert_eq!(held(store, 1).await, Some(HeldRow { granted: 4, until: Some(5), purged: true }));
    write(store, vec![Aside::Grant { device, document, granted: 9 }]).await;
    assert_eq!(held(store, 1).await, Some(HeldRow { granted: 9, until: None, purged: false }));
}

pub(super) async fn what_was_told_in_full_stands_once_it_is_stored(store: &impl Store) {
    let device = device(1);
    let anew = |n| Aside::Grant { device, document: document(n), granted: HeldRow::ANEW };
    let ended = Aside::Revoke { device, document: document(2), until: 7 };
    let other = Aside::Grant { device, document: document(3), granted: 5 };
    write(store, vec![anew(1), anew(2), ended, other, anew(4)]).await;
    let documents = vec![document(1), document(2), document(3), document(9)];
    write(store, vec![Aside::Granted { device, documents, granted: 6 }]).await;
    let granted = |n| async move { held(store, n).await.map(|held| held.granted) };
    assert_eq!(granted(1).await, Some(6));
    assert_eq!(granted(2).await, Some(HeldRow::ANEW), "it has ended since");
    assert_eq!(granted(3).await, Some(5), "it was told as news since");
    assert_eq!(granted(4).await, Some(HeldRow::ANEW), "it was not on the page");
    assert_eq!(granted(9).await, None);
}

pub(super) async fn an_overtaken_session_writes_nothing(store: &impl Store) {
    let (prefix, marks) = (device(1), vec![Mark([1; 8]), Mark([0xff; 8])]);
    let copy = |counter, walks| CopyRow { prefix, counter, marks: marks.clone(), walks };
    let only = |counter| Aside::Only { prefix, counter };
    let grant = Aside::Grant { device: prefix, document: document(1), granted: 4 };
    assert_eq!(store.copy(prefix).await.expect("reads"), None);
    let nobody = store.write(vec![only(0), grant.clone()]).await;
    assert!(matches!(nobody, Err(StoreError::Superseded)), "{nobody:?}");
    write(store, vec![Aside::Copy(copy(1, false))]).await;
    write(store, vec![Aside::Copy(copy(u64::MAX, true))]).await;
    assert_eq!(store.copy(prefix).await.expect("reads"), Some(copy(u64::MAX, true)));
    let late = store.write(vec![only(1), grant.clone()]).await;
    assert!(matches!(late, Err(StoreError::Superseded)), "{late:?}");
    assert_eq!(held(store, 1).await, None, "nothing of it is kept");
    write(store, vec![only(u64::MAX), grant]).await;
    assert_eq!(held(store, 1).await.map(|held| held.granted), Some(4));
}

pub(super) async fn a_device_holds_what_it_makes(store: &impl Store) {
    win(store, new(case(1), vec![Row::Held { device: device(1) }])).await;
    assert_eq!(held(store, 1).await, Some(HeldRow { granted: 0, until: None, purged: false }));
}

pub(super) async fn held_is_of_the_documents_named(store: &impl Store) {
    let grant = |d, n| Aside::Grant { device: device(d), document: document(n), granted: n };
    write(store, vec![grant(1, 1), grant(1, 2), grant(1, 3), grant(2, 4)]).await;
    let of = |documents| store.held(device(1), documents);
    let keys = |held: std::collections::BTreeMap<_, HeldRow>| held.into_keys().collect::<Vec<_>>();
    assert_eq!(keys(of(vec![]).await.expect("reads")), [document(1), document(2), document(3)]);
    let some = vec![document(3), document(1), document(4), document(3)];
    assert_eq!(keys(of(some).await.expect("reads")), [document(1), document(3)]);
}

pub(super) async fn announcements_are_answered_or_lapse(store: &impl Store) {
    let add = |d, n, h| Row::Announced(announced(d, n, h));
    win(store, new(case(1), vec![add(1, 1, 1), add(1, 1, 2), add(2, 1, 1)])).await;
    win(store, new(case(2), vec![add(1, 2, 3)])).await;
    let mut later = announced(1, 1, 2);
    later.at = 99;
    win(store, at(1, case(1), vec![Row::Announced(later.clone())])).await;
    let of_one = store.load(document(1)).await.expect("reads").expect("it is there").announced;
    assert_eq!(of_one, [announced(1, 1, 1), later.clone(), announced(2, 1, 1)]);
    let waiting = store.waiting(device(1)).await.expect("reads");
    let on = store.waiting_on(vec![document(1)]).await.expect("reads").announced;
    assert!(!on.is_empty() && on.iter().all(|row| row.document == document(1)), "{on:?}");
    assert!(store.waiting_on(vec![document(99)]).await.expect("reads").announced.is_empty());
    assert_eq!(waiting.announced, [announced(1, 1, 1), later, announced(1, 2, 3)]);

    win(store, at(2, case(1), vec![Row::Answered { device: device(1), hash: hash(1) }])).await;
    let of_one = store.load(document(1)).await.expect("reads").expect("it is there").announced;
    assert_eq!(
        of_one.iter().map(|row| (row.device, row.hash)).collect::<Vec<_>>(),
        [(device(1), hash(2)), (device(2), hash(1))]
    );
    // What lapses and what is announced again in one commit: in the order given.
    win(store, at(3, case(1), vec![Row::Lapsed { device: device(1) }, add(1, 1, 5)])).await;
    let waiting = store.waiting(device(1)).await.expect("reads").announced;
    assert_eq!(waiting, [announced(1, 1, 5), announced(1, 2, 3)]);
    write(store, vec![Aside::Answered { device: device(1), document: document(2), hash: hash(3) }]).await;
    assert_eq!(store.waiting(device(1)).await.expect("reads").announced, [announced(1, 1, 5)]);
    assert_eq!(store.waiting(device(2)).await.expect("reads").announced, [announced(2, 1, 1)]);
}

pub(super) async fn checkouts_end(store: &impl Store) {
    let add = |row| Row::Checkout(row);
    let both = vec![add(checkout(2, 1, 1)), add(checkout(1, 2, 1))];
    win(store, new(case(1), both)).await;
    win(store, new(case(2), vec![add(checkout(2, 1, 2))])).await;
    let of_one = store.load(document(1)).await.expect("reads").expect("it is there").checkouts;
    assert_eq!(of_one, [checkout(1, 2, 1), checkout(2, 1, 1)]);
    let longer = CheckoutRow { until: 500, ..checkout(2, 1, 1) };
    win(store, at(1, case(1), vec![add(longer.clone())])).await;
    assert_eq!(store.waiting(device(1)).await.expect("reads").checkouts, [longer.clone(), checkout(2, 1, 2)]);
    let ended = CheckoutRow { ended: Some(7), ..longer };
    win(store, at(2, case(1), vec![add(ended.clone())])).await;
    let waiting = store.waiting(device(1)).await.expect("reads").checkouts;
    assert_eq!(waiting, [ended, checkout(2, 1, 2)], "its device is told, so that it does not begin again");
    let of_one = store.load(document(1)).await.expect("reads").expect("it is there").checkouts;
    assert_eq!(of_one, [checkout(1, 2, 1)]);
}

pub(super) async fn a_code_enrols_once(store: &impl Store) {
    let code = [5; 32];
    assert!(!store.enrol(code, device_row(1)).await.expect("writes"), "there is no such code");
    let offered = EnrolmentRow { code, worker: WorkerId(1), expires: 99, used: None };
    write(store, vec![Aside::Enrolment(offered.clone())]).await;
    assert_eq!(store.enrolment(code).await.expect("reads"), Some(offered.clone()));
    assert!(store.enrol(code, device_row(1)).await.expect("writes"));
    assert!(!store.enrol(code, device_row(2)).await.expect("writes"), "it was used");
    let used = EnrolmentRow { used: Some(50), ..offered };
    assert_eq!(store.enrolment(code).await.expect("reads"), Some(used));
    assert_eq!(store.device(device(1)).await.expect("reads"), Some(device_row(1)));
    assert_eq!(store.device(device(2)).await.expect("reads"), None);
    assert_eq!(store.enrolment([6; 32]).await.expect("reads"), None);
}

pub(super) async fn a_device_has_sessions_prefixes_and_an_end(store: &impl Store) {
    let offered = EnrolmentRow { code: [5; 32], worker: WorkerId(1), expires: 99, used: None };
    write(store, vec![Aside::Enrolment(offered)]).await;
    assert!(store.enrol([5; 32], device_row(1)).await.expect("writes"));
    let one = device(1);
    let asides = vec![
        Aside::Seen { device: one, at: 60 },
        Aside::Prefix { device: one, prefix: device(u64::MAX) },
        Aside::Prefix { device: one, prefix: device(8) },
        Aside::RevokeDevice { device: one, at: 70 },
        Aside::RevokeDevice { device: one, at: 80 },
        Aside::Seen { device: device(2), at: 60 },
    ];
    write(store, asides).await;
    let expected = DeviceRow {
        seen: Some(60),
        prefixes: vec![device(u64::MAX), device(8)],
        revoked: Some(70),
        ..device_row(1)
    };
    assert_eq!(store.device(one).await.expect("reads"), Some(expected));
    assert_eq!(store.device(device(2)).await.expect("reads"), None);
}

pub(super) async fn devices_are_listed_by_district(store: &impl Store) {
    for n in [2, 3, 1] {
        let code = [n as u8; 32];
        write(
            store,
            vec![Aside::Enrolment(EnrolmentRow { code, worker: WorkerId(1), expires: 99, used: None })],
        )
        .await;
        let district = if n == 3 { WEST } else { EAST }.into();
        assert!(store.enrol(code, DeviceRow { district, ..device_row(n) }).await.expect("writes"));
    }
    assert_eq!(store.devices(EAST).await.expect("reads"), [device_row(1), device_row(2)]);
    assert_eq!(store.devices("north").await.expect("reads"), []);
}

pub(super) async fn people_are_numbered(store: &impl Store) {
    for (n, (name, district)) in [("王", EAST), ("Li", WEST), ("Zhao", EAST)].into_iter().enumerate() {
        let worker = store.add_person(person(name, district)).await.expect("writes");
        assert_eq!(worker, WorkerId(n as u32 + 1));
    }
    let some = vec![WorkerId(2), WorkerId(1), WorkerId(99)];
    let some: Vec<_> =
        store.persons(some).await.expect("reads").into_iter().map(|person| person.worker).collect();
    assert_eq!(some, [WorkerId(1), WorkerId(2)]);
    assert_eq!(store.persons(Vec::new()).await.expect("reads"), []);
    let east = store.people(EAST).await.expect("reads");
    assert_eq!(east.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["王", "Zhao"]);
    let mut expected = person("Li", WEST);
    expected.worker = WorkerId(2);
    assert_eq!(store.person(WorkerId(2)).await.expect("reads"), Some(expected));
    assert_eq!(store.person(WorkerId(0)).await.expect("reads"), None);
}

pub(super) async fn settings_are_replaced(store: &impl Store) {
    assert_eq!(store.setting("epoch").await.expect("reads"), None);
    for value in ["1", "2"] {
        write(store, vec![Aside::Setting { key: "epoch".into(), value: value.into() }]).await;
        assert_eq!(store.setting("epoch").await.expect("reads").as_deref(), Some(value));
    }
}

/// Accounts and sign-ins: one login a person, and what has ended is not listed.
pub(super) async fn accounts_are_one_a_person(store: &impl Store) {
    let account = |login: &str, worker| AccountRow {
        login: login.into(),
        worker: WorkerId(worker),
        hash: "$argon2id$".into(),
        chosen: None,
        failed: 0,
        locked: Some(9),
    };
    assert!(store.put_account(account("li", 1)).await.expect("writes"));
    assert!(!store.put_account(account("li", 2)).await.expect("writes"), "another's login");
    assert!(store.put_account(account("lina", 1)).await.expect("writes"));
    assert_eq!(store.account("li").await.expect("reads"), None, "a person has one account");
    assert_eq!(store.account_of(WorkerId(1)).await.expect("reads"), Some(account("lina", 1)));
    let sign_in = |n: u8, ended| SignInRow {
        id: [n; 32],
        worker: WorkerId(1),
        began: i64::from(n),
        seen: 5,
        ended,
        browser: "火狐".into(),
    };
    for row in [sign_in(1, None), sign_in(2, None), sign_in(3, None), sign_in(2, Some(8))] {
        store.put_sign_in(row).await.expect("writes");
    }
    assert_eq!(store.sign_ins(WorkerId(1)).await.expect("reads"), [sign_in(3, None), sign_in(1, None)]);
    assert_eq!(store.sign_in([2; 32]).await.expect("reads"), Some(sign_in(2, Some(8))));
}
