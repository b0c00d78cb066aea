//! Who holds what: a case leaves a device when it is no longer its worker's, and nothing unsent is lost.

use doorstep_client::store::immediate;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::{ActOutcome, Entry};
use doorstep_server::store::{Aside, Store};
use doorstep_tests::harness::{DESK, NEIGHBOUR, Note, VILLAGE, WATER, World};

use super::village::{A_WHILE, Village, small};

fn refer(village: &Village, unit: &str) {
    refer_to(village, village.case, unit);
}

fn refer_to(village: &Village, case: DocumentId, unit: &str) {
    let args = [("unit", unit), ("reason", "属于水利局")];
    let outcome = village.world.act(&village.reviewer, case, "refer", &args);
    assert!(matches!(outcome, ActOutcome::Decided { .. }), "{outcome:?}");
}

/// Li's session, until the line breaks after this.
fn cut_at(village: &mut Village, seen: impl Fn(&Note) -> bool) {
    let mut line = village.world.connect(0, &mut village.li);
    while !line.notes.iter().any(&seen) {
        village.world.run(0, &mut line, &mut village.li, 1);
    }
    line.cut(&mut village.li).expect("cut");
}

#[test]
fn a_referred_case_leaves_the_village_at_its_next_sync() {
    let mut village = Village::new();
    let mut water = village.world.device("水利局老刘", WATER, Role::Handler);
    refer(&village, WATER);
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(village.case), "nothing of it stays in the store");
    village.world.sync(&mut water);
    assert!(water.lists(village.case), "the new owner has it");
    assert!(village.world.view(&village.li.person, village.case).is_err());
}

#[test]
fn what_a_referred_device_had_not_sent_arrives_before_the_case_goes() {
    let mut village = Village::disputed();
    let case = village.case;
    village.world.sync(&mut village.wang);
    village.world.sync(&mut village.zhao);
    village.zhao.set(case, "log", "第一条");
    let refused = village.zhao.act(
        case,
        "resolve",
        &[("field", "category"), ("value", "roads"), ("reason", "我看见的")],
    );
    refused.expect("the device lets him; the centre will not");
    village.zhao.set(case, "log", "第二条");
    refer(&village, WATER);
    village.world.sync(&mut village.zhao);
    let log = village.world.view(&village.reviewer, case).expect("seen").fields["log"].clone();
    assert_eq!(log, serde_json::json!(["第一条", "第二条"]), "write right outlives read right");
    let shown = village.zhao.refused();
    assert_eq!(shown.len(), 1, "the refused one is visible: {shown:?}");
    assert_eq!(shown[0].reason, "schema.role");
    assert!(!village.zhao.holds(case) && village.zhao.unsent() == 0);
}

#[test]
fn a_revocation_finds_a_drained_device() {
    let mut village = Village::new();
    let case = village.case;
    village.li.set(case, "log", "还没发出的");
    refer(&village, WATER);
    let mut line = village.world.connect(0, &mut village.li);
    village.world.run(0, &mut line, &mut village.li, 10_000);
    let revoked = |entry: &Entry| matches!(entry, Entry::Revoke { document } if *document == case);
    let at = |wanted: &dyn Fn(&Note) -> bool| line.notes.iter().position(wanted).expect("it happened");
    let acked = at(&|note| matches!(note, Note::AckSent(document, _) if *document == case));
    let told = at(&|note| matches!(note, Note::Told(entries) if entries.iter().any(revoked)));
    assert!(acked < told, "answered before it is taken away");
    let heard = at(&|note| matches!(note, Note::AckHeard(document, _) if *document == case));
    let stored = at(&|note| matches!(note, Note::Stored(entries) if entries.iter().any(revoked)));
    assert!(heard < stored, "drained before it is purged");
    assert!(!village.li.holds(case));
}

#[test]
fn a_device_that_was_cut_off_between_revocation_and_purge_purges_later() {
    let mut village = Village::new();
    let case = village.case;
    refer(&village, WATER);
    // The page with the revocation is on its way when the line breaks.
    cut_at(&mut village, |note| matches!(note, Note::Told(_)));
    assert!(village.li.holds(case), "it has not heard of it");
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(case));
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(case));
}

#[test]
fn the_subject_stops_seeing_the_case_at_once_whichever_side_names_them() {
    let mut village = Village::new();
    let (case, wang) = (village.case, village.wang.person.clone());
    village.li.set(case, "subject", "某某公司");
    village.zhao.set(case, "subject", "王敏");
    village.world.sync(&mut village.li);
    assert!(village.world.view(&wang, case).is_ok(), "named by nobody yet");
    village.world.sync(&mut village.zhao);
    assert_eq!(village.world.view(&village.reviewer, case).expect("seen").conflicts.len(), 1);
    assert!(village.world.view(&wang, case).is_err(), "in the moment of acceptance, without any decision");
    village.world.sync(&mut village.wang);
    assert!(!village.wang.holds(case));
}

/// BZ-3, ZL-4: who is to handle a matter sees it, also where it is named as the one whose matter it is; by decision, not before.
#[test]
fn a_department_that_is_made_responsible_for_what_names_it_sees_it_by_that_decision() {
    let mut village = Village::new();
    let water = village.world.worker("何渠", WATER, Role::Handler);
    let fields = [("title", "塘坝"), ("category", "water"), ("severity", "medium"), ("place", VILLAGE)];
    let case = village.wang.new_case(&[&fields[..], &[("subject", WATER)]].concat());
    village.world.sync(&mut village.wang);
    assert!(village.world.view(&water, case).is_err(), "named, and nothing is decided");
    village.world.advance(A_WHILE);
    let last = village.world.decisions(case).pop().expect("decided");
    assert_eq!((last.routed.rule.as_str(), last.unit.as_deref()), ("named-department", Some(WATER)));
    assert!(village.world.view(&water, case).is_ok(), "what it has to handle");
    village.wang.set(case, "log", "又漏了");
    village.world.sync(&mut village.wang);
    assert!(village.world.view(&water, case).is_ok(), "and goes on handling");
    let by = |name: &str| village.world.act(&water, case, name, &[("reason", "log-1")]);
    assert!(matches!(by("accept"), ActOutcome::Decided { .. }));

    // Named as people call it, and not by its code.
    let called = village.wang.new_case(&[&fields[..], &[("subject", "巴州区水利局")]].concat());
    village.world.sync(&mut village.wang);
    assert!(village.world.view(&water, called).is_err(), "named, and nothing is decided");
    village.world.advance(A_WHILE);
    refer_to(&village, called, WATER);
    assert!(village.world.view(&water, called).is_ok(), "what it has to handle");

    // A case that is handled already, and is found to be about its handler.
    let other = village.wang.new_case(&fields);
    village.world.sync(&mut village.wang);
    village.world.advance(A_WHILE);
    let owner = village.world.decisions(other).pop().and_then(|last| last.unit).expect("decided");
    let handler = village.world.worker("镇干部", &owner, Role::Handler);
    assert!(village.world.view(&handler, other).is_ok());
    village.wang.set(other, "subject", &owner);
    village.world.sync(&mut village.wang);
    assert!(village.world.view(&handler, other).is_err(), "in the moment of acceptance");
}

#[test]
fn before_it_settles_only_the_author_and_the_desk_see_a_case() {
    let mut world = World::default();
    let mut wang = world.device("王敏", VILLAGE, Role::Worker);
    let mut li = world.device("李华", VILLAGE, Role::Worker);
    let mut next_door = world.device("孙梅", NEIGHBOUR, Role::Worker);
    let case = wang.new_case(&small("水管漏水"));
    world.sync(&mut wang);
    world.sync(&mut li);
    assert!(!li.holds(case));
    world.advance(A_WHILE);
    world.sync(&mut li);
    world.sync(&mut next_door);
    assert!(li.holds(case) && !next_door.holds(case));
}

#[test]
fn a_case_that_comes_back_is_given_whole() {
    let mut village = Village::new();
    let case = village.case;
    refer(&village, WATER);
    village.world.sync(&mut village.li);
    village.wang.set(case, "log", "走之前写的");
    village.world.sync(&mut village.wang);
    refer(&village, VILLAGE);
    village.world.sync(&mut village.li);
    assert_eq!(village.li.field(case, "log"), serde_json::json!(["走之前写的"]));
    assert_eq!(village.li.field(case, "category"), serde_json::json!("water"));
    village.li.set(case, "log", "回来后写的");
    village.world.sync(&mut village.li);
    assert!(village.li.refused().is_empty() && village.li.unsent() == 0);
}

/// A disk that kept less than it said: the case was taken away, and nothing is known of that any more when it comes back.
#[test]
fn a_revocation_that_the_centre_lost_after_it_was_sent_leaves_nobody_without_the_case() {
    let mut village = Village::new();
    let case = village.case;
    refer(&village, WATER);
    let revokes = |entry: &Entry| matches!(entry, Entry::Revoke { .. });
    cut_at(&mut village, |note| matches!(note, Note::Stored(entries) if entries.iter().any(revokes)));
    let identity = immediate(village.li.replica.identity()).expect("memory reads").expect("enrolled");
    let device = identity.device;
    let lost = Aside::Grant { device, document: case, granted: 1 };
    immediate(village.world.store.write(vec![lost])).expect("memory keeps");
    village.wang.set(case, "log", "李华不在时写的");
    village.world.sync(&mut village.wang);
    refer(&village, VILLAGE);
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.li);
    assert!(village.li.holds(case), "it is theirs again");
    assert_eq!(village.li.field(case, "log"), serde_json::json!(["李华不在时写的"]));
}

/// A disk that kept less than it said: the page was sent, and that the device has it is forgotten. It is taken away all the
/// same, once the device says what it was granted last.
#[test]
fn a_grant_that_the_centre_lost_after_it_was_sent_ends_like_any_other() {
    let mut village = Village::new();
    let case = village.case;
    let mut late = village.world.device("后来的", VILLAGE, Role::Worker);
    let before = village.world.store.snapshot();
    village.world.sync(&mut late);
    assert!(late.holds(case));
    village.world.put_back(&before);
    refer(&village, WATER);
    village.world.sync(&mut late);
    assert!(!late.holds(case), "nothing of it stays in the store");
    village.world.sync(&mut late);
    assert!(!village.world.centre().recovering() && late.refused().is_empty());
}

/// The same where the device had held it before, and had confirmed that it was gone.
#[test]
fn a_grant_that_came_again_and_was_lost_ends_like_any_other() {
    let mut village = Village::new();
    let case = village.case;
    let mut late = village.world.device("后来的", VILLAGE, Role::Worker);
    village.world.sync(&mut late);
    refer(&village, WATER);
    village.world.sync(&mut late);
    village.world.sync(&mut late);
    assert!(!late.holds(case));
    refer(&village, VILLAGE);
    village.world.sync(&mut late);
    assert!(late.holds(case));
    let identity = immediate(late.replica.identity()).expect("memory reads").expect("enrolled");
    let device = identity.device;
    let as_before =
        vec![Aside::Revoke { device, document: case, until: 1 }, Aside::Purged { device, document: case }];
    immediate(village.world.store.write(as_before)).expect("memory writes");
    // Beyond the limit of referrals a leader decides.
    village.reviewer = village.world.worker("区领导", DESK, Role::Leader);
    refer(&village, WATER);
    village.world.sync(&mut late);
    assert!(!late.holds(case), "nothing of it stays in the store");
    village.world.sync(&mut late);
    assert!(!village.world.centre().recovering() && late.refused().is_empty());
}

/// Or nobody would know what to take back from a device that had it and is lost before it says so.
#[test]
fn what_is_on_its_way_to_a_device_counts_as_held() {
    let mut village = Village::new();
    village.world.sync(&mut village.li);
    let case = village.wang.new_case(&small("桥栏松了"));
    village.world.sync(&mut village.wang);
    village.world.advance(A_WHILE);
    let held = |village: &Village| {
        let held = immediate(village.world.store.held(village.li.id, vec![case])).expect("memory reads");
        held.get(&case).is_some_and(|row| !row.purged)
    };
    assert!(!held(&village));
    let grants =
        |entry: &Entry| matches!(entry, Entry::Document { document, grant: true, .. } if *document == case);
    cut_at(&mut village, |note| matches!(note, Note::Told(entries) if entries.iter().any(grants)));
    assert!(held(&village), "the device may have it");
}

/// Its maker may have given it up since, and the centre may have it from somebody else.
#[test]
fn who_made_a_change_says_nothing_of_who_has_it() {
    let mut village = Village::new();
    let case = village.case;
    village.world.sync(&mut village.li);
    village.li.set(case, "log", "又看了一次");
    cut_at(&mut village, |note| matches!(note, Note::AckHeard(..)));
    let tells = |note: &Note| {
        let of = |entry: &Entry| match entry {
            Entry::Document { document, changes, .. } if *document == case => changes.len(),
            _ => 0,
        };
        matches!(note, Note::Told(entries) if entries.iter().map(of).sum::<usize>() > 0)
    };
    let mut line = village.world.connect(0, &mut village.li);
    for _ in 0..100 {
        village.world.run(0, &mut line, &mut village.li, 1);
    }
    assert!(line.notes.iter().any(tells), "not brought in this session");
}
