//! Drills: a device's store put back, copied, wiped; devices, grants and timers that a restored centre has
//! forgotten; a backup that lacks more than it should. Nothing is lost, nothing is done twice, nothing stalls.

use std::time::Duration;

use doorstep_client::store::{Meta, Op, Store as _, immediate};
use doorstep_protocol::documents::Role;
use doorstep_server::enrol::EnrolError;
use doorstep_server::pipeline::Leaving;
use doorstep_server::store::Store;
use doorstep_tests::harness::{CENTRE, Handset, Move, NEIGHBOUR, VILLAGE, World};
use serde_json::json;

use super::village::{A_WHILE, Village, small};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn log(handset: &Handset, case: doorstep_protocol::DocumentId) -> serde_json::Value {
    handset.show(case).fields["log"].clone()
}

#[test]
fn a_device_put_back_from_an_old_copy_gets_what_it_had_written_itself() {
    let mut village = Village::new();
    let copy = village.li.copied();
    village.li.set(village.case, "log", "水沟已清");
    village.world.sync(&mut village.li);
    let later = village.li.new_case(&small("桥栏断了"));
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.li);

    village.li = copy;
    village.li.set(village.case, "log", "又堵了");
    village.world.sync(&mut village.li);
    assert_eq!(log(&village.li, village.case), json!(["水沟已清", "又堵了"]));
    assert!(village.li.holds(later), "the case that the old copy had never seen");
    assert_eq!((village.li.unsent(), village.li.refused().len()), (0, 0));
    village.world.sync(&mut village.wang);
    assert_eq!(log(&village.wang, village.case), json!(["水沟已清", "又堵了"]));
}

/// Sessions that never reached the centre were counted too, so that the copy's count may be above its other self's.
#[test]
fn a_copy_that_has_tried_in_vain_is_told_apart_all_the_same() {
    let mut village = Village::new();
    let copy = village.li.copied();
    village.li.set(village.case, "log", "水沟已清");
    let own = village.li.new_case(&small("桥栏断了"));
    village.world.sync(&mut village.li);

    village.li = copy;
    for _ in 0..5 {
        let mut line = village.world.connect(0, &mut village.li);
        line.cut(&mut village.li).expect("nothing has arrived");
    }
    village.world.sync(&mut village.li);
    assert_eq!(log(&village.li, village.case), json!(["水沟已清"]), "what it had written itself");
    assert!(village.li.holds(own));
    let row = immediate(village.world.store.device(village.li.id)).expect("reads").expect("enrolled");
    assert_eq!(row.prefixes.len(), 1);
    let traffic = village.world.sync(&mut village.li).traffic;
    assert_eq!((traffic.frames_up, traffic.frames_down), (1, 1), "told apart once: {traffic:?}");
}

#[test]
fn a_device_whose_welcomes_are_lost_is_no_copy() {
    let mut village = Village::new();
    for _ in 0..5 {
        village.li.set(village.case, "log", "写");
        let mut line = village.world.connect(0, &mut village.li);
        while let Some(next) = line.moves().into_iter().find(|next| *next != Move::Down) {
            line.step(next, &village.world.nodes[0], &mut village.li).expect("works");
        }
        line.cut(&mut village.li).expect("cut");
    }
    village.world.sync(&mut village.li);
    let row = immediate(village.world.store.device(village.li.id)).expect("reads").expect("enrolled");
    assert_eq!((row.prefixes.len(), village.li.unsent()), (0, 0));
}

#[test]
fn whoever_claims_the_prefix_of_another_device_gets_nothing_of_what_that_holds() {
    let mut village = Village::new();
    let mut stranger = village.world.device("陌生人", NEIGHBOUR, Role::Worker);
    let meta = immediate(stranger.memory.meta()).expect("reads");
    let claims = Meta { prefix: village.li.id, ..meta };
    immediate(stranger.memory.apply(vec![Op::Meta(claims)])).expect("stored");
    village.world.sync(&mut stranger);
    let given =
        immediate(village.world.store.device(stranger.id)).expect("reads").expect("enrolled").prefixes;
    assert_eq!(given.len(), 1, "a prefix of its own");
    let held = immediate(village.world.store.held(given[0], Vec::new())).expect("reads");
    assert!(held.is_empty(), "no right to write follows from a claim: {held:?}");
    let traffic = village.world.sync(&mut village.li).traffic;
    assert_eq!((traffic.frames_up, traffic.frames_down), (1, 1), "the other one is not troubled");
}

#[test]
fn one_store_on_two_devices_is_told_apart_once_and_each_hears_of_the_other() {
    let mut village = Village::new();
    let mut twin = village.li.copied();
    for n in 0..4 {
        village.li.set(village.case, "log", &format!("左 {n}"));
        twin.set(village.case, "log", &format!("右 {n}"));
        village.world.sync(&mut village.li);
        village.world.sync(&mut twin);
    }
    village.world.sync(&mut village.li);
    assert_eq!(village.li.refused().len() + twin.refused().len(), 0);
    let there = village.world.view(&village.reviewer, village.case).expect("the desk sees it").fields;
    assert_eq!(there["log"].as_array().map(Vec::len), Some(8));
    assert_eq!(
        (log(&village.li, village.case), log(&twin, village.case)),
        (there["log"].clone(), there["log"].clone())
    );
    let row = immediate(village.world.store.device(twin.id)).expect("reads").expect("enrolled");
    assert_eq!(row.prefixes.len(), 1, "one more prefix, however often they sync");
}

#[test]
fn what_was_refused_on_one_copy_does_not_come_in_from_the_other() {
    let mut village = Village::new();
    let case = village.case;
    // A worker may not resolve; the edit behind it is refused with it, and made anew.
    village.wang.set(case, "category", "roads");
    village.world.sync(&mut village.wang);
    village.li.set(case, "category", "facilities");
    village.world.sync(&mut village.li);
    let args = [("field", "category"), ("value", "roads"), ("reason", "我看见的")];
    village.li.act(case, "resolve", &args).expect("can be tried");
    village.li.set(case, "log", "只写一次");
    let mut copy = village.li.copied();
    village.world.sync(&mut village.li);
    assert_eq!(village.li.refused().len(), 1);
    village.world.sync(&mut copy);
    let there = village.world.view(&village.reviewer, case).expect("the desk sees it").fields;
    let times = there["log"].as_array().expect("a log").iter().filter(|entry| **entry == "只写一次").count();
    assert!(times <= 2, "each copy may rebuild it once, and the refused bytes never come in: {there:?}");
    let hashes = &village.world.stored_hashes()[&case];
    for refused in village.li.refused().iter().chain(&copy.refused()) {
        assert!(!hashes.iter().any(|hash| hash.to_string() == refused.hash), "rejection is final");
    }
}

#[test]
fn a_wiped_device_is_enrolled_anew_and_given_everything() {
    let mut village = Village::new();
    village.li.set(village.case, "log", "水沟已清");
    village.world.sync(&mut village.li);
    let person = village.li.person.clone();
    village.li = village.world.device_of(&person);
    village.world.sync(&mut village.li);
    assert_eq!(log(&village.li, village.case), json!(["水沟已清"]));
    village.li.set(village.case, "log", "又堵了");
    village.world.sync(&mut village.li);
    assert_eq!(village.li.refused().len(), 0);
}

#[test]
fn a_device_enrolled_after_the_backup_gets_back_in_with_all_its_edits() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    let mut qian = village.world.device("钱芳", VILLAGE, Role::Worker);
    let sent = qian.new_case(&small("灯不亮"));
    village.world.sync(&mut qian);
    let worker = qian.person.worker;
    let unsent = qian.new_case(&small("井盖松动"));
    qian.set(sent, "log", "还没发出");

    village.world.restore(&backup);
    assert!(immediate(village.world.store.device(qian.id)).expect("reads").is_none(), "forgotten");
    let sun = village.world.worker("孙丽", VILLAGE, Role::Worker);
    assert_ne!(sun.worker, worker, "a number that was given is not given again");
    village.world.enrol_again(&mut qian).expect("the office knows her");
    village.world.sync(&mut qian);
    assert_eq!((qian.unsent(), qian.refused().len()), (0, 0));
    for case in [sent, unsent] {
        let stored = village.world.stored(case);
        assert!(stored.changes.iter().all(|row| row.facts.worker == worker && row.facts.device == qian.id));
    }
    assert_eq!(village.world.stored(sent).changes.len(), 2);
}

#[test]
fn nobody_enrols_as_a_device_that_is_known_or_not_theirs() {
    let mut village = Village::new();
    let again = village.world.enrol_again(&mut village.li);
    assert!(matches!(again, Err(EnrolError::Already)), "it is known: {again:?}");
    let backup = village.world.store.snapshot();
    let mut qian = village.world.device("钱芳", VILLAGE, Role::Worker);
    village.world.restore(&backup);
    let held = immediate(qian.replica.identity()).expect("reads").expect("enrolled");
    let forged = doorstep_client::store::Identity { proof: village.proof_of_li(), ..held };
    immediate(qian.replica.enrolled_again(forged, 0)).expect("stored");
    let again = village.world.enrol_again(&mut qian);
    assert!(matches!(again, Err(EnrolError::Already)), "another device's proof: {again:?}");
}

#[test]
fn a_grant_that_the_centre_has_forgotten_is_known_again_and_can_be_ended() {
    let mut village = Village::new();
    let hidden = village.zhao.new_case(&small("与李华有关"));
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    let backup = village.world.store.snapshot();
    village.world.sync(&mut village.li);
    assert!(village.li.holds(hidden));
    // Li is named, at the desk of a device that Li's has not heard of yet.
    village.world.restore_from(&backup, village.world.now() + 1);
    village.world.sync(&mut village.zhao);
    village.zhao.set(hidden, "subject", "李华");
    village.world.sync(&mut village.zhao);
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(hidden), "the grant was rewound, the device still is told to let go");
}

#[test]
fn devices_give_back_what_is_newer_than_the_backup_and_heads() {
    let mut village = Village::new();
    for n in 0..250 {
        village.li.set(village.case, "log", &format!("第 {n} 次"));
    }
    village.world.sync(&mut village.li);
    village.world.skip(DAY);
    let (backup, horizon) = (village.world.store.snapshot(), village.world.now());
    village.world.skip(DAY);
    village.li.set(village.case, "log", "备份之后");
    village.world.sync(&mut village.li);
    let all = village.world.stored_hashes();

    village.world.restore_from(&backup, horizon);
    let bounded = village.world.sync(&mut village.li);
    assert_eq!(village.world.stored_hashes(), all);
    village.world.restore_from(&backup, 0);
    let whole = village.world.sync(&mut village.li);
    assert_eq!(village.world.stored_hashes(), all);
    assert!(bounded.traffic.bytes_up * 4 < whole.traffic.bytes_up, "{bounded:?} {whole:?}");
}

#[test]
fn a_backup_that_lacks_older_things_than_it_says_is_found_out_and_everything_is_asked_for() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    village.li.set(village.case, "log", "比备份新");
    let new = village.li.new_case(&small("桥栏断了"));
    village.world.sync(&mut village.li);
    village.li.set(village.case, "log", "更新");
    village.world.sync(&mut village.li);
    let all = village.world.stored_hashes();
    // The clock of the backup's machine was a day ahead.
    village.world.restore_from(&backup, village.world.now() + 86_400_000);
    village.world.sync(&mut village.li);
    assert_eq!(village.world.stored_hashes(), all);
    assert!(village.li.holds(new));
    assert_eq!(village.li.refused().len(), 0);
}

#[test]
fn a_timer_that_fired_after_the_backup_is_not_fired_again() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    village.world.advance(DAY * 14);
    village.world.sync(&mut village.wang);
    let fired = village.world.decisions(village.case);
    assert!(
        village.world.causes(village.case).contains(&"Timer"),
        "{:?}",
        village.world.causes(village.case)
    );
    village.world.restore(&backup);
    village.world.sync(&mut village.wang);
    village.world.release();
    village.world.tick(0);
    assert_eq!(village.world.decisions(village.case), fired);

    // Nobody gives it back: it fires once more, as the same decision with the same number and time.
    village.world.restore(&backup);
    village.world.release();
    village.world.tick(0);
    village.world.tick(0);
    assert_eq!(village.world.decisions(village.case), fired, "whoever acts by (case, number) acts once");
}

#[test]
fn a_decision_without_proof_is_no_decision() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    village.world.advance(DAY * 14);
    let lost = village.world.decisions(village.case).pop().expect("a timer");
    let mut forged = lost.clone();
    forged.unit = Some("511902-water".into());
    let keys = village.world.centre().keys().clone();
    let json = |decision| serde_json::to_vec(decision).expect("JSON");
    let true_one = keys.seal_decision(village.case, 1, &json(&lost));
    let mut false_one = keys.seal_decision(village.case, 1, &json(&lost));
    let tail = json(&forged);
    false_one.truncate(false_one.len() - json(&lost).len() + 1);
    false_one.extend(&tail[1..]);
    village.world.restore(&backup);
    let before = village.world.decisions(village.case);
    let session = doorstep_server::pipeline::Session::at(village.li.person.clone(), village.li.id);
    let give = |world: &World, bytes: Vec<u8>| {
        let blob = doorstep_protocol::wire::Blob::from(bytes);
        let case = world.stored_hashes().into_keys().next().expect("one case");
        immediate(world.centre().regain(&session, case, (Vec::new(), vec![blob]))).expect("answered");
    };
    give(&village.world, false_one);
    assert_eq!(village.world.decisions(village.case), before);
    let kept = immediate(village.world.store.quarantine("511902", None, 10)).expect("reads");
    assert_eq!(kept.iter().map(|row| row.code.as_str()).collect::<Vec<_>>(), ["decision.receipt"]);
    give(&village.world, true_one);
    assert_eq!(village.world.decisions(village.case).last(), Some(&lost));
}

#[test]
fn a_device_is_wiped_once_every_copy_of_its_store_is_empty() {
    let mut village = Village::new();
    let mut twin = village.li.copied();
    for n in 0..2 {
        village.li.set(village.case, "log", &format!("左 {n}"));
        twin.set(village.case, "log", &format!("右 {n}"));
        village.world.sync(&mut village.li);
        village.world.sync(&mut twin);
    }
    twin.set(village.case, "log", "还没送");
    let admin = village.world.worker("管理员", CENTRE, Role::Admin);
    let how = (village.li.id, Leaving::GivesUp);
    immediate(village.world.centre().let_leave(&admin, how, "丢了")).expect("an administrator may");
    let device = twin.id;
    let shut = |world: &World| {
        immediate(world.store.device(device)).expect("reads").expect("enrolled").revoked.is_some()
    };
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(village.case) && !shut(&village.world), "the other copy holds it all still");
    village.world.sync(&mut twin);
    assert!(!twin.holds(village.case) && twin.unsent() == 0, "it gave up what it had, and sent first");
    assert!(shut(&village.world));
    let there = village.world.view(&village.reviewer, village.case).expect("the desk sees it").fields;
    assert_eq!(there["log"].as_array().map(Vec::len), Some(5));
}
