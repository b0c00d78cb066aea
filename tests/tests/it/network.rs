//! What networks, crashes and second nodes do to a sync: nothing that anybody sees.

use std::collections::BTreeSet;

use doorstep_protocol::documents::Role;
use doorstep_protocol::{DocumentId, Hash};
use doorstep_tests::harness::{Line, Move, Traffic, VILLAGE, World};
use serde_json::json;

use super::village::{A_WHILE, Village, small};

/// Lets the centre work until it has nothing left to do, while the device hears nothing.
fn deaf(village: &mut Village, line: &mut Line) {
    while let Some(next) = line.moves().into_iter().find(|next| *next != Move::Down) {
        line.step(next, &village.world.nodes[0], &mut village.li).expect("works");
    }
}

fn stored_once(world: &World, case: DocumentId) -> BTreeSet<Hash> {
    let hashes = world.stored_hashes().remove(&case).unwrap_or_default();
    let once: BTreeSet<Hash> = hashes.iter().copied().collect();
    assert_eq!(once.len(), hashes.len(), "a change is stored twice");
    once
}

#[test]
fn an_edit_whose_ack_was_lost_is_sent_again_and_stored_once() {
    let mut village = Village::new();
    let case = village.case;
    village.li.set(case, "log", "写一次");
    let mut line = village.world.connect(0, &mut village.li);
    deaf(&mut village, &mut line);
    line.cut(&mut village.li).expect("cut");
    let first = stored_once(&village.world, case);
    assert_eq!(village.li.unsent(), 1, "not acknowledged: kept");
    let feed = village.world.stored(case).row.seq;
    village.world.sync(&mut village.li);
    assert_eq!(village.li.unsent(), 0);
    assert_eq!(stored_once(&village.world, case), first);
    assert_eq!(village.world.stored(case).row.seq, feed, "nobody else hears of it a second time");
    assert_eq!(village.li.field(case, "log"), json!(["写一次"]));
}

#[test]
fn a_push_that_arrives_a_second_time_behind_its_own_repetition_is_stored_once() {
    let mut village = Village::new();
    let case = village.case;
    village.li.set(case, "log", "写一次");
    let mut old = village.world.connect(0, &mut village.li);
    old.leave(&mut village.li).expect("the device gives up; its frames are still on their way");
    village.world.sync(&mut village.li);
    let first = stored_once(&village.world, case);
    deaf(&mut village, &mut old);
    assert_eq!(stored_once(&village.world, case), first);
    village.world.sync(&mut village.wang);
    assert_eq!(village.wang.field(case, "log"), json!(["写一次"]));
}

#[test]
fn what_the_centre_did_not_keep_it_did_not_acknowledge() {
    for writes in 0..6 {
        let mut village = Village::new();
        let case = village.case;
        village.li.set(case, "log", "一");
        village.li.set(case, "log", "二");
        let sent = village.li.unsent();
        village.world.store.fail_after(writes);
        village.world.sync_once(&mut village.li);
        village.world.restart(0);
        let kept = village.world.view(&village.reviewer, case).expect("seen").fields.get("log").cloned();
        let kept = kept.and_then(|log| log.as_array().map(Vec::len)).unwrap_or(0);
        assert!(kept + village.li.unsent() >= sent, "after {writes} writes: what is acknowledged is kept");
        village.world.sync(&mut village.li);
        assert_eq!(
            village.world.view(&village.reviewer, case).expect("seen").fields["log"],
            json!(["一", "二"])
        );
        assert_eq!(village.li.unsent(), 0);
    }
}

#[test]
fn a_device_that_dies_while_it_stores_a_page_is_told_the_page_again() {
    for applies in 1..6 {
        let mut village = Village::new();
        let case = village.case;
        village.wang.set(case, "log", "给别人看的");
        village.wang.set(case, "contact_phone", "13500000001");
        village.world.sync(&mut village.wang);
        village.zhao.memory.fail_after(applies);
        let opened = Line::open(&village.world.nodes[0], &mut village.zhao, false);
        if let Ok(Some(mut line)) = opened {
            while let Some(next) = line.moves().first().copied() {
                if line.step(next, &village.world.nodes[0], &mut village.zhao).is_err() {
                    break;
                }
            }
        }
        village.zhao.restart();
        village.world.sync(&mut village.zhao);
        assert_eq!(village.zhao.field(case, "log"), json!(["给别人看的"]), "after {applies} writes");
        assert_eq!(village.zhao.field(case, "contact_phone"), json!("13500000001"));
    }
}

#[test]
fn two_nodes_that_race_on_one_case_keep_both_edits() {
    let mut village = Village::new();
    let (case, second) = (village.case, village.world.add_node());
    // Both nodes have the case in memory as it was.
    for node in &village.world.nodes {
        doorstep_client::store::immediate(node.view(&village.reviewer, case)).expect("seen");
    }
    village.wang.set(case, "category", "roads");
    village.li.set(case, "category", "facilities");
    village.world.sync_at(0, &mut village.wang);
    village.world.sync_at(second, &mut village.li);
    let row = village.world.stored(case).row;
    assert_eq!(row.conflicts, BTreeSet::from(["category".to_owned()]), "the second saw the first");
    assert_eq!(stored_once(&village.world, case).len(), 3);
    village.world.restart(0);
    assert_eq!(village.category(), json!({ "disputed": ["facilities", "roads"] }));
    village.world.advance(A_WHILE);
    village.world.tick(second);
    assert_eq!(village.world.causes(case), ["Intake", "Settled"], "neither node decides over the conflict");
}

#[test]
fn two_nodes_decide_one_settled_case_once() {
    let mut village = Village::new();
    let (case, second) = (village.case, village.world.add_node());
    village.wang.set(case, "category", "roads");
    village.world.sync_at(0, &mut village.wang);
    doorstep_client::store::immediate(village.world.nodes[second].view(&village.reviewer, case))
        .expect("seen");
    village.world.skip(A_WHILE);
    village.world.tick(0);
    village.world.tick(second);
    assert_eq!(village.world.causes(case), ["Intake", "Settled", "Settled"]);
}

#[test]
fn a_device_that_stays_connected_hears_at_once_and_is_heard_at_once() {
    let mut village = Village::new();
    let case = village.case;
    let line = Line::open(&village.world.nodes[0], &mut village.li, true).expect("the store works");
    let mut line = line.expect("let in");
    village.world.run(0, &mut line, &mut village.li, 1_000);
    assert!(line.end.is_none(), "it stays");
    village.wang.set(case, "contact_phone", "13500000001");
    village.world.sync(&mut village.wang);
    village.world.run(0, &mut line, &mut village.li, 1_000);
    assert_eq!(village.li.field(case, "contact_phone"), json!("13500000001"));
    village.li.set(case, "log", "连着的时候写的");
    line.local(&mut village.li).expect("the store works");
    village.world.run(0, &mut line, &mut village.li, 1_000);
    assert_eq!(village.li.unsent(), 0);
    village.world.sync(&mut village.wang);
    assert_eq!(village.wang.field(case, "log"), json!(["连着的时候写的"]));
}

/// Bytes and frames of a rejoin with nothing changed, by cases held.
fn rejoin(cases: usize) -> Traffic {
    let mut world = World::default();
    let mut wang = world.device("王敏", VILLAGE, Role::Worker);
    for n in 0..cases {
        wang.new_case(&small(&format!("第{n}件")));
        if n % 50 == 49 {
            world.sync(&mut wang);
        }
    }
    world.sync(&mut wang);
    world.advance(A_WHILE);
    world.sync(&mut wang);
    let held = doorstep_client::store::immediate(wang.replica.status()).expect("reads").held;
    assert_eq!(held, cases);
    let synced = world.sync(&mut wang);
    assert_eq!(synced.sessions, 1);
    synced.traffic
}

#[test]
fn a_rejoin_with_nothing_changed_costs_one_frame_each_way_whatever_is_held() {
    for cases in [10, 2_000] {
        let traffic = rejoin(cases);
        assert_eq!((traffic.frames_up, traffic.frames_down), (1, 1), "{cases} held");
        assert!(traffic.bytes_up + traffic.bytes_down < 1_024, "{cases} held: {traffic:?}");
    }
}
