//! A refused change is shown, and poisons nothing.

use doorstep_protocol::documents::{Edit, Record};
use doorstep_server::store::Store;
use doorstep_tests::harness::DISTRICT;
use serde_json::json;

use super::village::Village;

#[test]
fn a_change_refused_in_the_middle_of_a_queue_does_not_poison_the_device() {
    let mut village = Village::disputed();
    let case = village.case;
    village.world.sync(&mut village.zhao);
    village.zhao.set(case, "log", "一");
    let resolve = [("field", "category"), ("value", "roads"), ("reason", "我看见的")];
    village.zhao.act(case, "resolve", &resolve).expect("the device lets him; the centre will not");
    village.zhao.set(case, "log", "二");
    village.zhao.set(case, "contact_phone", "13500000009");
    let other = village.zhao.new_case(&super::village::small("别的事"));
    let synced = village.world.sync(&mut village.zhao);
    assert_eq!(synced.sessions, 2, "the rest is sent in a session of its own");

    let view = village.world.view(&village.reviewer, case).expect("seen");
    assert_eq!(view.fields["log"], json!(["一", "二"]));
    assert_eq!(view.fields["contact_phone"], json!("13500000009"));
    assert_eq!(view.conflicts.len(), 1, "the conflict waits for somebody who may decide");
    assert!(village.world.stored_hashes().contains_key(&other), "other documents were not held up");
    let shown = village.zhao.refused();
    assert_eq!(shown.iter().map(|item| item.reason.as_str()).collect::<Vec<_>>(), ["schema.role"]);
    assert_eq!(village.zhao.unsent(), 0);

    // The device goes on as if nothing had happened; the refused edit stays shown.
    village.zhao.set(case, "log", "三");
    village.world.sync(&mut village.zhao);
    assert_eq!(village.zhao.field(case, "log"), json!(["一", "二", "三"]));
    assert_eq!(village.zhao.refused().len(), 1);
}

#[test]
fn what_was_refused_is_in_quarantine_with_its_bytes() {
    let mut village = Village::disputed();
    let case = village.case;
    village.world.sync(&mut village.zhao);
    let resolve = [("field", "category"), ("value", "roads"), ("reason", "我看见的")];
    village.zhao.act(case, "resolve", &resolve).expect("the device lets him");
    village.zhao.set(case, "log", "之后");
    village.world.sync(&mut village.zhao);
    let kept =
        doorstep_client::store::immediate(village.world.store.quarantine(DISTRICT, None, 10)).expect("reads");
    let codes: Vec<&str> = kept.iter().rev().map(|row| row.code.as_str()).collect();
    assert_eq!(codes, ["schema.role", "covered"]);
    assert!(kept.iter().all(|row| !row.bytes.is_empty() && row.worker == village.zhao.person.worker));
}

#[test]
fn an_answer_that_is_lost_after_a_refusal_changes_nothing() {
    let mut village = Village::disputed();
    let case = village.case;
    village.world.sync(&mut village.zhao);
    village.zhao.set(case, "log", "一");
    let resolve = [("field", "category"), ("value", "roads"), ("reason", "我看见的")];
    village.zhao.act(case, "resolve", &resolve).expect("the device lets him");
    village.zhao.set(case, "log", "二");
    // The centre has stored and refused, and its answer is lost.
    let mut line = village.world.connect(0, &mut village.zhao);
    loop {
        let moves = line.moves();
        let next = moves.into_iter().find(|next| *next != doorstep_tests::harness::Move::Down);
        let Some(next) = next else { break };
        line.step(next, &village.world.nodes[0], &mut village.zhao).expect("works");
    }
    line.cut(&mut village.zhao).expect("cut");
    village.world.sync(&mut village.zhao);
    let view = village.world.view(&village.reviewer, case).expect("seen");
    assert_eq!(view.fields["log"], json!(["一", "二"]), "each once");
    assert_eq!(village.zhao.refused().len(), 1);
    assert_eq!(village.zhao.unsent(), 0);
}

#[test]
fn a_resolution_that_names_less_than_it_was_shown_is_refused() {
    let mut village = Village::disputed();
    let case = village.case;
    let mut desk = village.world.device_of(&village.reviewer);
    village.world.sync(&mut desk);
    let sides = desk.show(case).conflicts.remove(0).sides;
    let record = Record::Resolution {
        field: "category".into(),
        of: vec![sides[0].hash],
        value: sides[0].value.clone(),
        reason: "只看了一边".into(),
    };
    desk.edit(case, vec![Edit::Record { record }]).expect("a client of another making");
    village.world.sync(&mut desk);
    assert_eq!(desk.refused()[0].reason, "conflict.names_less");
    assert_eq!(
        village.category(),
        json!({ "disputed": ["facilities", "roads"] }),
        "the other side still stands"
    );
}
