//! Deciding waits until a case has settled: four conditions, each able to block alone, and no more.

use std::time::Duration;

use doorstep_client::store::immediate;
use doorstep_policy::{Cause, Directive};
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_server::pipeline::WaitKind;
use doorstep_server::store::Store;
use doorstep_server::store::snapshots::Snapshots as _;
use doorstep_tests::harness::{TOWN, VILLAGE, World};

use super::village::{A_WHILE, Village, small};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const HOUR_MS: Millis = 60 * 60 * 1000;

#[test]
fn a_new_case_has_an_owner_a_next_step_and_a_due_time_from_its_first_commit() {
    let mut world = World::default();
    let mut wang = world.device("王敏", VILLAGE, Role::Worker);
    let case = wang.new_case(&[("title", "还没说清楚的事")]);
    world.sync(&mut wang);
    let row = world.stored(case).row;
    assert!(row.unit.is_some() && row.step.is_some() && row.due.is_some());
    assert_eq!(world.causes(case), ["Intake"]);
    assert_eq!(wang.show(case).decisions.len(), 1, "the device is told in the same sync");
}

#[test]
fn quiet_alone_blocks_until_its_last_second() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    world.advance(Duration::from_millis(119_999));
    assert_eq!(world.waits(case), [WaitKind::Quiet]);
    assert_eq!(world.causes(case).len(), 2);
    world.advance(Duration::from_millis(1));
    assert_eq!(world.causes(case).len(), 3, "decided as the wait ends");
    assert!(world.waits(case).is_empty());
}

#[test]
fn an_announced_change_alone_blocks_until_it_is_there() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    world.advance(Duration::from_secs(110));
    li.set(case, "log", "到户了解");
    let mut line = world.connect(0, &mut li);
    world.run(0, &mut line, &mut li, 1);
    line.cut(&mut li).expect("the hello arrived, then the line broke");
    world.advance(Duration::from_secs(30));
    assert_eq!(world.waits(case), [WaitKind::Announced]);
    assert_eq!(world.causes(case).len(), 2, "no decision while something is on its way");
    world.sync(&mut li);
    world.advance(SECOND);
    assert_eq!(world.causes(case).len(), 3, "within a second of its arrival");
}

#[test]
fn an_announcement_without_progress_lapses_after_two_minutes() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    li.set(case, "log", "到户了解");
    let mut line = world.connect(0, &mut li);
    world.advance(MINUTE);
    world.run(0, &mut line, &mut li, 1);
    line.cut(&mut li).expect("cut");
    world.advance(119 * SECOND);
    assert_eq!(world.waits(case), [WaitKind::Announced]);
    world.advance(SECOND);
    assert_eq!(world.causes(case).len(), 3);
}

#[test]
fn an_announcement_holds_as_long_as_its_device_makes_progress() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    let other = li.new_case(&small("一件别的小事"));
    li.set(case, "log", "到户了解");
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    let mut line = world.connect(0, &mut li);
    world.run(0, &mut line, &mut li, 1);
    world.advance(100 * SECOND);
    // The first push arrives and is done; the second, about our case, is still on its way.
    world.run(0, &mut line, &mut li, 1);
    let ingest =
        line.moves().into_iter().find(|next| matches!(next, doorstep_tests::harness::Move::Ingest(_)));
    line.step(ingest.expect("a push arrived"), &world.nodes[0], &mut li).expect("works");
    assert!(world.stored_hashes().contains_key(&other));
    world.advance(60 * SECOND);
    assert_eq!(
        world.waits(case),
        [WaitKind::Announced],
        "160 s after the hello, 60 s after the last progress"
    );
    assert_eq!(world.causes(case).len(), 2);
    world.advance(60 * SECOND);
    assert_eq!(world.causes(case).len(), 3);
}

#[test]
fn a_checkout_alone_blocks_until_it_is_over() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    li.checkout(case, 5 * HOUR_MS);
    world.sync(&mut li);
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    world.advance(HOUR);
    assert_eq!(world.waits(case), [WaitKind::Checkout]);
    assert_eq!(world.causes(case).len(), 2);
    li.set(case, "log", "走访完了");
    world.sync(&mut li);
    world.advance(SECOND);
    assert_eq!(world.causes(case).len(), 3, "the first drained sync after it began ends it");
}

#[test]
fn a_checkout_ends_at_its_time() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    li.checkout(case, 5 * HOUR_MS);
    world.sync(&mut li);
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    world.advance((5 * 60 * 60 - 1) * SECOND);
    assert_eq!(world.causes(case).len(), 2);
    world.advance(SECOND);
    assert_eq!(world.causes(case).len(), 3);
}

#[test]
fn an_open_conflict_alone_blocks_and_no_time_overrides_it() {
    let Village { mut world, reviewer, case, .. } = Village::disputed();
    world.advance(5 * 24 * HOUR);
    assert_eq!(world.waits(case), [WaitKind::Conflict]);
    assert!(!world.decisions(case).iter().skip(2).any(|d| matches!(d.cause, Cause::Settled { .. })));
    world.resolve(&reviewer, (case, "category"), ("roads", "现场核实")).expect("open");
    world.advance(SECOND);
    let last = world.decisions(case).pop().expect("decided");
    assert!(matches!(last.cause, Cause::Review { .. }), "the longest wait is over already: at once");
}

#[test]
fn after_the_longest_wait_neither_checkout_nor_announcement_nor_edits_hold_a_case_back() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    let begun = world.now();
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    for _ in 0..71 {
        li.checkout(case, 2 * HOUR_MS);
        world.sync(&mut li);
        world.advance(HOUR);
        assert_eq!(world.causes(case).len(), 2);
    }
    li.checkout(case, 2 * HOUR_MS);
    world.sync(&mut li);
    world.advance(59 * MINUTE);
    li.set(case, "log", "还在路上");
    let mut line = world.connect(0, &mut li);
    world.run(0, &mut line, &mut li, 1);
    line.cut(&mut li).expect("cut");
    wang.set(case, "category", "facilities");
    world.sync(&mut wang);
    assert_eq!(world.waits(case), [WaitKind::Announced, WaitKind::Checkout, WaitKind::Quiet]);
    world.advance(MINUTE);
    let last = world.decisions(case).pop().expect("decided");
    assert!(matches!(last.cause, Cause::Settled { .. }));
    assert_eq!(last.at.as_millisecond() - begun, 72 * HOUR_MS, "three days after it was unsettled");
}

#[test]
fn a_late_edit_amends_only_what_policy_reads() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    wang.set(case, "contact_phone", "13500000001");
    wang.set(case, "description", "水沟在屋后，下雨就满。");
    world.sync(&mut wang);
    world.advance(A_WHILE);
    assert_eq!(world.causes(case), ["Intake", "Settled"], "policy reads neither: silence");
    wang.set(case, "severity", "medium");
    world.sync(&mut wang);
    world.advance(A_WHILE);
    let last = world.decisions(case).pop().expect("decided");
    assert_eq!(last.directive, Directive::Amend);
    assert!(last.changed.iter().any(|changed| changed.field == "severity"), "it says what changed");
    assert_eq!(last.unit.as_deref(), Some(TOWN), "no small matter any more");
}

#[test]
fn a_value_that_comes_back_is_decided_again() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    for category in ["housing", "water", "housing"] {
        wang.set(case, "category", category);
        world.sync(&mut wang);
        world.advance(A_WHILE);
        let last = world.decisions(case).pop().expect("decided");
        assert_eq!(last.projection.field("category").shown(), category);
    }
    assert_eq!(world.causes(case), ["Intake", "Settled", "Settled", "Settled", "Settled"]);
    let report = doorstep_client::store::immediate(doorstep_server::verify::report(world.centre()));
    let report = report.expect("memory reads");
    assert!(report.ok, "{report:?}");
}

#[test]
fn danger_does_not_wait_and_goes_to_everyone_in_question() {
    let Village { mut world, mut wang, mut li, case, .. } = Village::new();
    wang.set(case, "category", "housing");
    li.edit(
        case,
        vec![
            doorstep_tests::harness::put("category", "roads"),
            doorstep_tests::harness::put("urgency", "danger"),
        ],
    )
    .expect("held");
    world.sync(&mut wang);
    world.sync(&mut li);
    let last = world.decisions(case).pop().expect("decided");
    assert!(matches!(last.cause, Cause::Provisional { .. }), "in the very commit");
    let units: Vec<&str> = last.unit.iter().chain(&last.co_units).map(String::as_str).collect();
    for unit in ["511902-housing", "511902-transport", "511902-emergency"] {
        assert!(units.contains(&unit), "{unit} in {units:?}");
    }
    assert_eq!(world.waits(case), [WaitKind::Conflict, WaitKind::Quiet], "it has not settled for that");
}

#[test]
fn a_node_that_has_an_old_copy_of_a_case_still_decides_it() {
    let Village { mut world, mut wang, case, reviewer, .. } = Village::new();
    let second = world.add_node();
    world.view(&reviewer, case).expect("the first node has it in memory");
    wang.set(case, "category", "roads");
    world.sync_at(second, &mut wang);
    world.nodes.truncate(1);
    world.skip(A_WHILE);
    world.tick(0);
    assert_eq!(world.causes(case).len(), 3);
    assert_eq!(
        doorstep_client::store::immediate(world.store.row(case)).expect("reads").expect("there").decided,
        3
    );
}

/// A case whose changes do not read any more is put off; what is due beside it is decided.
#[test]
fn a_case_that_rots_holds_up_no_other() {
    let mut village = Village::new();
    let cases: Vec<_> = (0..4).map(|n| village.wang.new_case(&small(&format!("路灯{n}不亮")))).collect();
    village.world.sync(&mut village.wang);
    let hash = village.world.stored(cases[0]).changes[0].hash;
    let rot = village.world.store.mend_changes(cases[0], vec![(hash, vec![0; 20])]);
    immediate(rot).expect("ruined");
    village.world.restart(0);
    let now = village.world.now() + i64::try_from(A_WHILE.as_millis()).expect("fits");
    village.world.skip(A_WHILE);
    let ticked = immediate(village.world.centre().tick());
    let (_, looked) = ticked.expect("one that does not read is no failure of the rest");
    assert!(looked >= cases.len(), "{looked}");
    for case in &cases[1..] {
        assert!(village.world.causes(*case).contains(&"Settled"), "{:?}", village.world.causes(*case));
    }
    let row = immediate(village.world.store.row(cases[0])).expect("reads").expect("stored");
    assert!(row.wake.is_some_and(|wake| wake > now), "put off, not first for ever");
    assert!(!immediate(doorstep_server::verify::report(village.world.centre())).expect("reads").ok);
}
