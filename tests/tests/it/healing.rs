//! A server put back from an old backup: devices give back what it has lost, nothing is decided before
//! it is released, and nobody can give back what was never accepted.

use std::collections::BTreeMap;

use doorstep_client::store::{HeardRow, Meta, Op, Store as _, immediate};
use doorstep_protocol::documents::{Facts, Role};
use doorstep_protocol::limits::SESSION_OVER;
use doorstep_protocol::machines::device::End;
use doorstep_protocol::wire::{Blob, Sent};
use doorstep_protocol::{DocumentId, Hash, Receipt, WorkerId};
use doorstep_server::pipeline::Session;
use doorstep_server::store::Store;
use doorstep_tests::harness::{Line, Note, VILLAGE, World};
use serde_json::json;

use super::village::{A_WHILE, Village, small};

/// Everything that is accepted, with what was recorded about it.
fn accepted(world: &World) -> BTreeMap<(DocumentId, Hash), Facts> {
    let documents: Vec<DocumentId> = world.stored_hashes().into_keys().collect();
    let of = |document: DocumentId| {
        world.stored(document).changes.into_iter().map(move |row| ((document, row.hash), row.facts))
    };
    documents.into_iter().flat_map(of).collect()
}

/// After the backup, Li wrote into the village's case, Wang heard of it, and Zhao raised a new one.
/// Then Li's device fell into the pond.
fn a_morning(village: &mut Village) -> DocumentId {
    village.li.set(village.case, "log", "水沟已清");
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.wang);
    let new = village.zhao.new_case(&small("桥栏断了"));
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    village.world.sync(&mut village.zhao);
    new
}

#[test]
fn what_is_newer_than_the_backup_comes_back_from_whoever_holds_it() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    let new = a_morning(&mut village);
    let before = accepted(&village.world);
    let decided = village.world.decisions(new);
    let row = village.world.stored(new).row;
    let registered = (row.registered, row.due, row.unit);

    village.world.restore(&backup);
    assert!(accepted(&village.world).len() < before.len(), "the backup is older");
    village.world.sync(&mut village.wang);
    village.world.sync(&mut village.zhao);
    assert_eq!(accepted(&village.world), before, "each change, with who, where and when as it was");

    assert_eq!(village.world.decisions(new), decided, "and each decision");
    let row = village.world.stored(new).row;
    assert_eq!((row.registered, row.due, &row.unit), (registered.0, registered.1, &registered.2));

    village.world.advance(A_WHILE);
    village.world.release();
    village.world.advance(A_WHILE);
    assert_eq!(village.world.decisions(new), decided, "nothing is decided a second time");
    village.world.sync(&mut village.zhao);
    assert_eq!(village.zhao.show(new).decisions.len(), 2, "and the device shows what stands");
}

#[test]
fn what_was_decided_and_nobody_was_told_is_decided_again_as_of_its_time() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    let new = village.zhao.new_case(&small("桥栏断了"));
    village.world.sync_once(&mut village.zhao);
    village.world.advance(A_WHILE);
    let registered = village.world.stored(new).row.registered;
    assert_eq!(village.world.causes(new), ["Intake", "Settled"], "of which Zhao has heard the first");

    village.world.restore(&backup);
    village.world.sync(&mut village.zhao);
    assert_eq!(village.world.causes(new), ["Intake"], "a restored server decides nothing");
    village.world.advance(A_WHILE);
    assert_eq!(village.world.causes(new), ["Intake"]);
    village.world.release();
    village.world.advance(A_WHILE);
    assert_eq!(village.world.causes(new), ["Intake", "Settled"], "it goes on where the log broke off");
    let intake = &village.world.decisions(new)[0];
    assert_eq!(intake.at.as_millisecond(), registered, "statutory clocks run from the first registration");
}

/// What came due in the lost time may have been fired then: only what devices give back can say.
#[test]
fn nothing_fires_before_a_restored_centre_is_released() {
    let mut village = Village::new();
    let case = village.case;
    let backup = village.world.store.snapshot();
    let due = village.world.decisions(case).pop().expect("decided").timers[0].at.as_millisecond();
    village.world.restore(&backup);
    let before = village.world.decisions(case).len();
    let until = (due - village.world.true_time()).unsigned_abs();
    village.world.advance(std::time::Duration::from_millis(until) + A_WHILE);
    village.world.tick(0);
    assert_eq!(village.world.decisions(case).len(), before);
    village.world.release();
    village.world.advance(A_WHILE);
    let fired = village.world.decisions(case).swap_remove(before);
    assert_eq!(fired.at.as_millisecond(), due, "as of its time");
}

#[test]
fn a_store_put_back_behind_the_servers_back_is_found_out() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    a_morning(&mut village);
    let before = accepted(&village.world);
    village.world.put_back(&backup);
    assert!(!village.world.centre().recovering());
    village.world.sync(&mut village.wang);
    assert!(village.world.centre().recovering(), "the cursor's hash is not the feed's");
    village.world.sync(&mut village.zhao);
    assert_eq!(accepted(&village.world), before);
}

/// Whoever heard an ack and no page after it has a cursor from before the backup: its session tells, not its cursor.
#[test]
fn a_store_put_back_is_found_out_by_somebody_who_had_only_heard_an_ack() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    village.li.set(village.case, "log", "水沟已清");
    let mut line = village.world.connect(0, &mut village.li);
    while !line.notes.iter().any(|note| matches!(note, Note::AckHeard(..))) {
        village.world.run(0, &mut line, &mut village.li, 1);
    }
    line.cut(&mut village.li).expect("cut");
    let before = accepted(&village.world);
    village.world.put_back(&backup);
    assert_ne!(accepted(&village.world), before);
    village.world.sync(&mut village.li);
    assert!(village.world.centre().recovering(), "it gave back what this store has never accepted");
    assert_eq!(accepted(&village.world), before);
}

#[test]
fn a_store_put_back_that_goes_on_with_the_same_cases_is_another_history() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    let from = village.world.stored(village.case).row.seq;
    village.li.set(village.case, "log", "水沟已清");
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.wang);
    let rows = village.world.stored(village.case).row.seq - from;
    village.world.put_back(&backup);
    village.zhao.set(village.case, "log", "还堵着");
    village.world.sync(&mut village.zhao);
    assert_eq!(village.world.stored(village.case).row.seq - from, rows, "as many rows, of the same case");
    village.world.sync(&mut village.wang);
    assert!(village.world.centre().recovering(), "what was committed differs");
    village.world.sync(&mut village.zhao);
    let shown = village.world.view(&village.reviewer, village.case).expect("the desk sees it");
    assert_eq!(shown.fields["log"].as_array().map(Vec::len), Some(2), "{:?}", shown.fields["log"]);
}

/// The ack is proven by its receipt: nobody stops a centre by claiming to have heard one.
#[test]
fn whoever_invents_an_ack_changes_nothing() {
    let mut village = Village::new();
    let meta = immediate(village.li.memory.meta()).expect("reads");
    let heard = HeardRow {
        document: village.case,
        hash: Hash([9; 32]),
        made: 1,
        received: village.world.now(),
        receipt: Receipt([7; 16]),
    };
    let claims = Meta { heard: Some(Box::new(heard)), ..meta };
    immediate(village.li.memory.apply(vec![Op::Meta(claims)])).expect("stored");
    village.world.sync(&mut village.li);
    assert!(!village.world.centre().recovering());
}

/// A page of the new epoch would say that the device has given back what it holds.
#[test]
fn a_session_ends_with_the_epoch_in_which_it_began() {
    let mut village = Village::new();
    let mut qian = village.world.device("钱芳", VILLAGE, Role::Worker);
    village.world.sync(&mut qian);
    let backup = village.world.store.snapshot();
    a_morning(&mut village);
    village.world.put_back(&backup);
    let mut line = Line::open(&village.world.nodes[0], &mut qian, true).expect("works").expect("let in");
    village.world.run(0, &mut line, &mut qian, 100);
    assert!(!village.world.centre().recovering(), "nothing is wrong with what she knows");
    village.world.sync(&mut village.wang);
    assert!(village.world.centre().recovering());
    village.world.run(0, &mut line, &mut qian, 100);
    assert!(matches!(&line.end, Some(End::Fault { code, .. }) if code == SESSION_OVER), "{:?}", line.end);
}

#[test]
fn an_unsent_edit_on_what_was_lost_waits_until_that_is_back() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    a_morning(&mut village);
    village.wang.set(village.case, "log", "我也看过了");
    village.world.restore(&backup);
    village.world.sync(&mut village.wang);
    assert_eq!((village.wang.unsent(), village.wang.refused().len()), (0, 0));
    let shown = village.world.view(&village.reviewer, village.case).expect("the desk sees it");
    assert_eq!(shown.fields["log"], json!(["水沟已清", "我也看过了"]));
}

#[test]
fn a_cursor_that_is_cut_off_in_the_middle_of_giving_back_asks_again() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    let new = a_morning(&mut village);
    let before = accepted(&village.world);
    village.world.restore(&backup);
    for steps in 1..12 {
        let mut line = village.world.connect(0, &mut village.zhao);
        village.world.run(0, &mut line, &mut village.zhao, steps);
        line.cut(&mut village.zhao).expect("cut");
    }
    village.world.sync(&mut village.zhao);
    village.world.sync(&mut village.wang);
    assert_eq!(accepted(&village.world), before);
    assert!(village.zhao.holds(new));
}

#[test]
fn nobody_gives_back_what_was_never_accepted() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    a_morning(&mut village);
    let case = village.case;
    let lost = village.world.stored(case).changes.pop().expect("Li's change");
    let keys = village.world.centre().keys().clone();
    let receipt = keys.receipt(case, lost.hash, &lost.facts);
    village.world.restore(&backup);

    // Zhao's device brings Li's change with another name, and with a receipt of its own making.
    let person = village.zhao.person.clone();
    let session = Session::at(person, village.zhao.id);
    let Facts { worker, device, made, received, .. } = lost.facts;
    let sent = Sent { bytes: Blob::from(lost.bytes), worker, device, made, received, receipt };
    let forged = [
        Sent { worker: WorkerId(worker.0 + 1), ..sent.clone() },
        Sent { received: received - 1, ..sent.clone() },
        Sent { receipt: Receipt([7; 16]), ..sent.clone() },
    ];
    for sent in forged {
        immediate(village.world.centre().regain(&session, case, (vec![sent], Vec::new()))).expect("answered");
        assert!(!accepted(&village.world).contains_key(&(case, lost.hash)));
        let kept = immediate(village.world.store.quarantined(case, lost.hash)).expect("reads");
        assert_eq!(kept.expect("in quarantine").code, "actor.prefix");
    }
    immediate(village.world.centre().regain(&session, case, (vec![sent], Vec::new()))).expect("answered");
    assert_eq!(
        accepted(&village.world)[&(case, lost.hash)].worker,
        worker,
        "with the true receipt it is Li's"
    );
}

#[test]
fn what_one_receipt_proves_comes_back_whole_or_not_at_all() {
    let mut village = Village::new();
    let backup = village.world.store.snapshot();
    a_morning(&mut village);
    let case = village.case;
    let changes = village.world.stored(case).changes;
    assert!(changes.len() >= 2);
    let keys = village.world.centre().keys().clone();
    let proof = Receipt::together(changes.iter().map(|row| keys.receipt(case, row.hash, &row.facts)));
    let all: Vec<Sent> = changes.iter().map(|row| sent(&row.bytes, row.facts, proof)).collect();
    let lost: Vec<_> = changes.iter().map(|row| (case, row.hash)).collect();
    village.world.restore(&backup);
    let held = accepted(&village.world).len();
    let session = Session::at(village.zhao.person.clone(), village.zhao.id);
    let regain = |sent: Vec<Sent>| {
        immediate(village.world.centre().regain(&session, case, (sent, Vec::new()))).expect("answered");
        accepted(&village.world).len()
    };

    // Without the last, and with a stranger that is named twice so that it cancels out.
    assert_eq!(regain(all[..all.len() - 1].to_vec()), held);
    let last = changes.last().expect("one at least");
    let alone = keys.receipt(case, last.hash, &last.facts);
    let forged = sent(&last.bytes, Facts { worker: WorkerId(99), ..last.facts }, alone);
    assert_eq!(regain(vec![sent(&last.bytes, last.facts, alone), forged.clone(), forged]), held);

    assert!(regain(all) > held);
    assert!(lost.iter().all(|lost| accepted(&village.world).contains_key(lost)));
}

fn sent(bytes: &[u8], facts: Facts, receipt: Receipt) -> Sent {
    let Facts { worker, device, made, received, .. } = facts;
    Sent { bytes: Blob::from(bytes.to_vec()), worker, device, made, received, receipt }
}
