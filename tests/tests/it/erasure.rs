//! Erasure on request, as devices meet it: what they hold goes, what they still send is not taken, and neither a restore
//! nor a device that was away brings it back.

use doorstep_client::store::immediate;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_server::store::Store;
use doorstep_server::store::erasures::Erasures;
use doorstep_server::verify;
use doorstep_tests::harness::{DISTRICT, Note, World};

use super::village::{A_WHILE, Village};

/// An administrator erases a document; its successor.
fn erase(world: &World, case: DocumentId) -> DocumentId {
    let admin = world.worker("管理员", DISTRICT, Role::Admin);
    immediate(world.centre().erase(&admin, case, "2026-17")).expect("erased").row.successor
}

fn is_clean(world: &World, case: DocumentId) {
    let left = world.stored(case);
    assert!(left.row.erased.is_some() && left.changes.is_empty() && left.decisions.is_empty());
    let kept = immediate(world.store.quarantine(DISTRICT, None, 99)).expect("memory reads");
    assert!(kept.iter().all(|row| row.document != case), "not even in quarantine");
    let report = immediate(verify::report(world.centre())).expect("memory reads");
    assert!(report.ok, "{report:?}");
}

#[test]
fn devices_purge_what_was_erased_and_are_given_what_goes_on_in_its_place() {
    let mut village = Village::new();
    let successor = erase(&village.world, village.case);
    for device in [&mut village.wang, &mut village.li, &mut village.zhao] {
        village.world.sync(device);
        assert!(!device.holds(village.case) && device.holds(successor));
        let shown = device.show(successor).fields;
        assert_eq!((shown.get("title"), shown.get("category")), (None, Some(&"water".into())));
    }
    let held = immediate(village.world.store.held(village.li.id, vec![village.case])).expect("memory reads");
    assert!(held[&village.case].purged, "and they have confirmed it");
    assert!(village.world.view(&village.reviewer, village.case).is_err(), "the desk sees nothing of it");
    assert!(village.world.view(&village.reviewer, successor).is_ok());
    is_clean(&village.world, village.case);
}

#[test]
fn an_edit_that_was_under_way_is_refused_and_its_words_are_kept_nowhere() {
    let mut village = Village::new();
    village.li.set(village.case, "log", "刘桂芳不在家");
    erase(&village.world, village.case);
    village.world.sync(&mut village.li);
    let refused = village.li.refused();
    assert_eq!(
        (village.li.unsent(), refused.len()),
        (0, 1),
        "the worker is told: nothing is dropped silently"
    );
    assert_eq!(refused[0].reason, "document.erased");
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(village.case));
    is_clean(&village.world, village.case);
}

/// What a device proves that it was acknowledged is looked for at every hello, so that a centre that was put back is found
/// out. A centre that has erased it was not put back.
#[test]
fn whoever_was_acknowledged_what_was_erased_since_does_not_make_the_centre_recover() {
    let mut village = Village::new();
    village.li.set(village.case, "log", "刘桂芳不在家");
    let mut line = village.world.connect(0, &mut village.li);
    while !line.notes.iter().any(|note| matches!(note, Note::AckHeard(..))) {
        village.world.run(0, &mut line, &mut village.li, 1);
    }
    line.cut(&mut village.li).expect("the ack was heard, and no page after it");
    erase(&village.world, village.case);
    village.world.sync(&mut village.li);
    assert!(!village.world.centre().recovering());
    assert!(!village.li.holds(village.case));
    is_clean(&village.world, village.case);
}

#[test]
fn a_restored_backup_from_before_is_erased_again_and_nobody_gives_it_back() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    village.li.set(village.case, "log", "又堵了");
    village.world.sync(&mut village.li);
    let successor = erase(&village.world, village.case);
    village.world.sync(&mut village.wang);
    let ledger = immediate(village.world.store.erasures()).expect("memory reads");

    village.world.restore(&backup);
    assert_eq!(immediate(village.world.centre().erase_again(ledger)).expect("memory keeps"), 1);
    // Li and Zhao were away: they hold it with proofs, and offer it.
    for device in [&mut village.li, &mut village.zhao, &mut village.wang] {
        village.world.sync(device);
        village.world.sync(device);
        assert!(!device.holds(village.case), "told again to purge it");
    }
    village.world.release();
    village.world.advance(A_WHILE);
    village.world.sync(&mut village.li);
    assert!(village.li.holds(successor));
    is_clean(&village.world, village.case);
}

#[test]
fn a_case_that_is_younger_than_the_backup_does_not_come_back_either() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    let young = village.li.new_case(&super::village::small("刘桂芳家漏水"));
    village.world.sync(&mut village.li);
    village.world.advance(A_WHILE);
    village.world.sync(&mut village.zhao);
    assert!(village.zhao.holds(young));
    erase(&village.world, young);
    let ledger = immediate(village.world.store.erasures()).expect("memory reads");

    village.world.restore(&backup);
    assert_eq!(immediate(village.world.centre().erase_again(ledger)).expect("memory keeps"), 1);
    for device in [&mut village.li, &mut village.zhao] {
        village.world.sync(device);
        village.world.sync(device);
        assert!(!device.holds(young));
    }
    is_clean(&village.world, young);
}
