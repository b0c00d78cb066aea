//! What a meeting decides to have done: made into cases and decisions by a person, once, however often they press.

use doorstep_client::store::immediate;
use doorstep_protocol::documents::{Edit, Kind, Role};
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::pipeline::DeskError;
use doorstep_server::store::{Query, Store};
use doorstep_tests::harness::{CENTRE, TOWN, VILLAGE, WATER, World, put};
use serde_json::json;

use super::village::{A_WHILE, Village};
use super::visits::{append, made};

fn cases(world: &World) -> usize {
    let query = Query { district: "511902".into(), kind: Some(Kind::Case), limit: 100, ..Query::default() };
    immediate(world.store.rows(query)).expect("memory reads").len()
}

/// BZ-9: the joint meeting has agenda, attendance, minutes, and actions that become cases or decisions.
#[test]
fn a_joint_meetings_action_becomes_a_case_once_and_a_decision_once() {
    let mut village = Village::new();
    let first = village.case;
    let mut clerk = village.world.device("文书", CENTRE, Role::Handler);
    let mut other = village.world.device("同事", CENTRE, Role::Handler);
    let edits = vec![
        put("title", "联席会议"),
        put("format", "joint"),
        put("place", TOWN),
        append("agenda", &json!({"matter": "水沟", "case": first})),
        append("attendance", &json!({"name": "水利", "unit": WATER})),
        append("minutes", &json!("议定两件。")),
        append("actions", &json!({"what": "清查全镇水沟", "unit": WATER, "due": "2026-12-31"})),
        append("actions", &json!({"what": "水利局协办", "case": first})),
    ];
    let meeting = made(&mut clerk, Kind::Meeting, edits);
    village.world.sync(&mut clerk);
    village.world.sync(&mut other);
    let world = &village.world;
    let (centre, person) = (world.centre(), clerk.person.clone());
    let actions = immediate(centre.actions(&person, meeting)).expect("theirs");
    assert_eq!((actions.len(), actions[0].case, actions[1].case), (2, None, Some(first)));

    let about = (meeting, actions[0].key.as_str());
    let category = || vec![Edit::Put { field: "category".into(), value: Some("water".into()) }];
    let (case, new) = immediate(centre.case_of_action(&person, about, category())).expect("made");
    assert!(new);
    let again = immediate(centre.case_of_action(&other.person, about, category())).expect("there");
    assert_eq!(again, (case, false), "whoever presses again gets the same");
    assert_eq!(cases(world), 2);
    let view = world.view(&person, case).expect("theirs");
    assert_eq!(view.fields["title"], "清查全镇水沟");
    assert_eq!((&view.fields["channel"], &view.fields["place"]), (&json!("meeting"), &json!(TOWN)));
    assert_eq!(view.fields["links"], json!([{"to": meeting, "relation": "meeting"}]));
    assert_eq!(view.row.author, person.worker, "a person made it");

    // The other action is decided on the case that exists: once.
    let given = || (first, "co_handle".to_owned(), vec![("add".to_owned(), WATER.to_owned())]);
    let decide =
        || immediate(centre.decide_action(&person, (meeting, &actions[1].key), given())).expect("answered");
    let decided = decide();
    assert!(matches!(decided, ActOutcome::Decided { .. }), "{decided:?}");
    assert_eq!(decide(), decided, "the same answer");
    let co_units = world.decisions(first).pop().expect("decided").co_units;
    assert_eq!(co_units, [WATER]);
    let round = immediate(world.store.row(meeting))
        .expect("memory reads")
        .and_then(|row| row.round)
        .expect("a round");
    assert_eq!((round.tasks, round.done, round.people), (2, 2, 1));
    village.world.sync(&mut other);
    assert_eq!(other.show(meeting).fields["actions"].as_array().map(Vec::len), Some(4), "on devices too");
}

/// A stranger to the meeting makes nothing of it; somebody who was at the table does.
#[test]
fn who_was_not_at_the_meeting_makes_nothing_of_it() {
    let mut world = World::default();
    let mut clerk = world.device("文书", CENTRE, Role::Handler);
    let edits = vec![
        put("format", "joint"),
        append("attendance", &json!({"name": "水利", "unit": WATER})),
        append("actions", &json!({"what": "修渠"})),
    ];
    let meeting = made(&mut clerk, Kind::Meeting, edits);
    world.sync(&mut clerk);
    let stranger = world.worker("村里人", VILLAGE, Role::Worker);
    let guest = world.worker("水利", WATER, Role::Handler);
    let key = immediate(world.centre().actions(&guest, meeting)).expect("at the table")[0].key.clone();
    let refused = immediate(world.centre().case_of_action(&stranger, (meeting, &key), Vec::new()));
    assert!(matches!(refused, Err(DeskError::NotFound)), "{refused:?}");
    let none = immediate(world.centre().case_of_action(&guest, (meeting, "0000000000000000"), Vec::new()));
    assert!(matches!(none, Err(DeskError::NotFound)), "{none:?}");
    assert_eq!(cases(&world), 0);
    let (case, _) =
        immediate(world.centre().case_of_action(&guest, (meeting, &key), Vec::new())).expect("made");
    world.advance(A_WHILE);
    assert!(!world.decisions(case).is_empty(), "taken in and owned from its first commit on");
}
