//! Rounds of visits as documents: counted at the centre without opening one, and no way around a case that is hidden.

use std::time::Duration;

use doorstep_client::store::immediate;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::{Edit, Kind, Role};
use doorstep_server::coverage::{Tally, tally};
use doorstep_server::store::rounds::Rounds;
use doorstep_tests::harness::{CENTRE, DESK, DISTRICT, Handset, NEIGHBOUR, TOWN, VILLAGE, WATER, World, put};
use serde_json::json;

use super::village::{A_WHILE, small};

const DISCIPLINE: &str = "511902-discipline";

pub(crate) fn append(field: &str, item: &serde_json::Value) -> Edit {
    let item = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
    Edit::Append { field: field.into(), item }
}

pub(crate) fn made(handset: &mut Handset, kind: Kind, edits: Vec<Edit>) -> DocumentId {
    immediate(handset.replica.new_document(kind, edits)).expect("it can be made offline").document
}

fn counted(world: &World, mode: &str) -> Tally {
    let packs = world.packs();
    let pack = packs.of(DISTRICT, world.now()).expect("the district has rules");
    let all = immediate(tally(&*world.store, pack, Kind::Visit, (0, world.now() + 1))).expect("memory reads");
    all.get(mode).cloned().unwrap_or_default()
}

fn stationed(leader: &str, place: &str) -> Vec<Edit> {
    vec![
        put("title", "驻村"),
        put("mode", "stationed"),
        put("leader", leader),
        put("place", place),
        append("households", &json!({"household": "一组三号", "people": 3})),
        append("households", &json!({"household": "一组五号", "people": 2})),
        append("firms", &json!({"name": "小卖部", "people": 1})),
        append("rectification", &json!({"item": "1", "what": "渠道淤塞", "unit": WATER})),
        append("rectification", &json!({"item": "2", "what": "路灯不亮"})),
    ]
}

/// BZ-19: leaders stationed in villages leave a list that is worked off item by item.
#[test]
fn leaders_stationed_in_villages_leave_a_list_that_is_worked_off_item_by_item() {
    let mut world = World::default();
    let mut leader = world.device("驻村领导", TOWN, Role::Leader);
    let mut clerk = world.device("干事", TOWN, Role::Worker);
    let visit = made(&mut leader, Kind::Visit, stationed("驻村领导", VILLAGE));
    made(&mut leader, Kind::Visit, stationed("驻村领导", NEIGHBOUR));
    let nobody = stationed("", VILLAGE);
    made(&mut leader, Kind::Visit, nobody);
    world.sync(&mut leader);
    world.sync(&mut clerk);
    let all = counted(&world, "stationed");
    assert_eq!((all.rounds, all.astray), (2, 1), "a visit that nobody led does not count");
    assert_eq!((all.leaders.len(), all.towns.len(), all.villages.len()), (1, 1, 2));
    assert_eq!((all.households, all.people, all.firms), (4, 12, 2));
    assert_eq!((all.tasks, all.done, all.overdue), (4, 0, 0));

    // Two of the team work items off at once, offline.
    clerk
        .edit(visit, vec![append("progress", &json!({"item": "2", "state": "done", "by": "电工"}))])
        .expect("held");
    leader.edit(visit, vec![append("progress", &json!({"item": "1", "state": "done"}))]).expect("held");
    world.sync(&mut leader);
    world.sync(&mut clerk);
    assert_eq!(counted(&world, "stationed").done, 2);
    clerk.edit(visit, vec![append("progress", &json!({"item": "2", "state": "not_done"}))]).expect("held");
    clerk.edit(visit, vec![append("progress", &json!({"item": "9", "state": "done"}))]).expect("held");
    world.sync(&mut clerk);
    assert_eq!(
        counted(&world, "stationed").done,
        1,
        "the last word counts, and no item that is not on the list"
    );
    world.advance(Duration::from_hours(24 * 60));
    assert_eq!(counted(&world, "stationed").overdue, 3, "30 working days are over");
}

#[test]
fn a_visit_counts_for_what_came_of_it_although_no_case_arose() {
    let mut world = World::default();
    let mut wang = world.device("王敏", VILLAGE, Role::Worker);
    let edits = vec![
        put("mode", "home"),
        put("place", VILLAGE),
        put("visited_at", "2020-05-06"),
        append("met", &json!({"group": "elders", "count": 30})),
        append("outcomes", &json!({"what": "policy_advice", "count": 12})),
        append("outcomes", &json!({"what": "publicity"})),
    ];
    made(&mut wang, Kind::Visit, edits);
    world.sync(&mut wang);
    let home = counted(&world, "home");
    assert_eq!((home.rounds, home.people, home.given, home.cases), (1, 30, 13, 0));
    let may = |day: &str| day.parse::<jiff::Timestamp>().expect("a time").as_millisecond();
    let packs = world.packs();
    let pack = packs.of(DISTRICT, world.now()).expect("the district has rules");
    let span = (may("2020-05-06T00:00:00+08:00"), may("2020-05-07T00:00:00+08:00"));
    let there = immediate(tally(&*world.store, pack, Kind::Visit, span)).expect("memory reads");
    assert!(there.contains_key("home"), "by the day of the visit, not of its arrival");
}

/// Whoever a case names stops seeing the meetings that have it on the agenda, on every device, at once.
#[test]
fn whom_a_case_names_no_longer_sees_the_meeting_about_it() {
    let mut world = World::default();
    let mut zhou = world.device("周强", CENTRE, Role::Handler);
    let mut chen = world.device("陈静", CENTRE, Role::Handler);
    let mut li = world.device("李华", VILLAGE, Role::Worker);
    let case = li.new_case(&small("低保名额"));
    world.sync(&mut li);
    world.advance(A_WHILE);
    let edits = vec![
        put("format", "joint"),
        append("agenda", &json!({"matter": "低保", "case": case})),
        append("attendance", &json!({"name": "周强"})),
    ];
    let meeting = made(&mut chen, Kind::Meeting, edits);
    world.sync(&mut chen);
    world.sync(&mut zhou);
    assert!(zhou.holds(meeting) && world.view(&zhou.person, meeting).is_ok(), "nobody has named him");
    li.set(case, "subject", "周强");
    world.sync(&mut li);
    assert!(world.view(&zhou.person, meeting).is_err(), "in the moment of acceptance");
    world.sync(&mut zhou);
    assert!(!zhou.holds(meeting), "and on his device at its next sync");
    assert!(world.view(&chen.person, meeting).is_err(), "nor his colleagues: it is about their unit");
    let town = world.worker("镇长", TOWN, Role::Leader);
    assert!(world.view(&town, meeting).is_ok(), "the town goes on with it");
    world.restart(0);
    assert!(world.view(&zhou.person, meeting).is_err());
}

/// A visit or meeting that names a lead is in the lead's compartment, whichever of the two comes first.
#[test]
fn what_names_a_lead_is_in_its_compartment() {
    for case_first in [true, false] {
        let mut world = World::default();
        let mut wang = world.device("王敏", VILLAGE, Role::Worker);
        let mut li = world.device("李华", VILLAGE, Role::Worker);
        let desk = world.worker("受理", DESK, Role::Reviewer);
        let inspector = world.worker("纪检", DISCIPLINE, Role::Handler);
        let lead = wang.new_case(&[("title", "收钱"), ("category", "conduct"), ("place", VILLAGE)]);
        let names =
            vec![put("mode", "home"), put("place", VILLAGE), append("cases", &json!(lead.to_string()))];
        let visit = made(&mut li, Kind::Visit, names);
        let (first, second) = if case_first { (&mut wang, &mut li) } else { (&mut li, &mut wang) };
        world.sync(first);
        world.sync(second);
        assert!(world.view(&desk, visit).is_err() && world.view(&li.person, visit).is_err(), "{case_first}");
        assert!(world.view(&inspector, visit).is_ok(), "{case_first}");
        world.sync(&mut li);
        assert!(!li.holds(visit), "{case_first}");
        assert_eq!(counted(&world, "home").rounds, 1, "it took place, and is counted");
        assert_eq!(immediate(world.store.naming(lead)).expect("memory reads"), [visit]);
    }
}

/// Departments that were at the table see what was decided there; others do not.
#[test]
fn whoever_was_at_a_meeting_sees_its_minutes() {
    let mut world = World::default();
    let mut clerk = world.device("文书", CENTRE, Role::Handler);
    let water = world.worker("水利", WATER, Role::Handler);
    let roads = world.worker("交通", "511902-transport", Role::Handler);
    let edits = vec![put("format", "joint"), append("attendance", &json!({"name": "水利", "unit": WATER}))];
    let meeting = made(&mut clerk, Kind::Meeting, edits);
    world.sync(&mut clerk);
    assert!(world.view(&water, meeting).is_ok());
    assert!(world.view(&roads, meeting).is_err());
}
