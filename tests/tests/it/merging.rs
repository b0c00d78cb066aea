//! Edits that meet: nothing vanishes unseen, and the order of arrival never shows.

use doorstep_client::store::immediate;
use doorstep_policy::{Decision, Directive};
use doorstep_protocol::documents::{Edit, Role};
use doorstep_server::pipeline::{ConflictView, DeskError};
use doorstep_tests::harness::{DESK, NEIGHBOUR, Rng, TOWN, VILLAGE, World, put};
use serde_json::json;

use super::village::{A_WHILE, Village};

/// What the centre makes of three offline edits that arrive in this order.
fn arriving(order: [usize; 3]) -> (Vec<ConflictView>, serde_json::Value, Vec<String>) {
    let Village { mut world, wang, li, zhao, reviewer, case } = Village::new();
    let mut devices = [wang, li, zhao];
    devices[0].edit(case, vec![put("category", "roads"), put("contact_phone", "13500000001")]).expect("held");
    devices[1].edit(case, vec![put("category", "facilities"), put("urgency", "soon")]).expect("held");
    devices[2].edit(case, vec![put("contact_phone", "13500000003"), put("log", "去看过")]).expect("held");
    for at in order {
        world.sync(&mut devices[at]);
    }
    world.advance(A_WHILE);
    let seen = world.view(&reviewer, case).expect("the desk sees it");
    let before = world.decisions(case).len();
    world.resolve(&reviewer, (case, "category"), ("roads", "现场核实")).expect("the conflict is open");
    world.advance(A_WHILE);
    for device in &mut devices {
        world.sync(device);
    }
    let fields = serde_json::to_value(&world.view(&reviewer, case).expect("seen").fields).expect("JSON");
    for device in &devices {
        assert_eq!(json!(device.show(case).fields), fields, "every device shows what the centre shows");
        assert!(device.disputes(case).is_empty());
    }
    let decided = &world.decisions(case)[before..];
    let decided = decided.iter().map(|decision| serde_json::to_string(decision).expect("JSON")).collect();
    (seen.conflicts, json!([seen.fields, fields]), decided)
}

#[test]
fn three_offline_edits_give_the_same_case_in_every_order_of_arrival() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let first = arriving(orders[0]);
    assert_eq!(first.0.len(), 1, "one conflict: the category");
    assert_eq!(first.0[0].sides.len(), 2);
    assert_eq!(first.2.len(), 1, "one decision follows the resolution");
    for order in &orders[1..] {
        assert_eq!(arriving(*order), first, "{order:?}");
    }
}

/// What policy reads, and values that lead to different units, dates and readers.
const READ: [(&str, &[&str]); 5] = [
    ("category", &["water", "roads", "facilities", "dispute", "conduct"]),
    ("severity", &["light", "medium", "heavy"]),
    ("urgency", &["normal", "soon", "urgent"]),
    ("place", &[VILLAGE, NEIGHBOUR, TOWN]),
    ("channel", &["scan", "visit"]),
];

/// What somebody writes offline: now and then one field twice.
fn written(rng: &mut Rng) -> Vec<Edit> {
    let edit = |rng: &mut Rng| {
        let (field, values) = rng.pick(&READ);
        put(field, rng.word(values))
    };
    (0..=rng.below(4)).map(|_| edit(rng)).collect()
}

/// What is decided of a case, apart from which number it has and what was done before everything was there.
fn decided(last: &Decision) -> serde_json::Value {
    let timers: Vec<_> = last.timers.iter().map(|timer| (&timer.id, timer.at)).collect();
    json!([
        last.projection,
        last.unit,
        last.step,
        last.due,
        last.routed,
        last.audience,
        last.co_units,
        timers
    ])
}

/// The case as it stands once three drawn scripts have arrived in this order, the desk has resolved what is in conflict,
/// and all of it has settled; and whether anything was dispatched before.
fn settled(seed: u64, order: [usize; 3]) -> (serde_json::Value, serde_json::Value, bool) {
    let Village { mut world, wang, li, zhao, reviewer, case } = Village::of(World::new(seed));
    let (mut devices, mut rng) = ([wang, li, zhao], Rng::new(seed));
    for device in &mut devices {
        for _ in 0..=rng.below(2) {
            device.edit(case, written(&mut rng)).expect("held");
        }
    }
    for at in order {
        world.sync(&mut devices[at]);
    }
    world.advance(A_WHILE);
    let mut chief = reviewer;
    if world.view(&chief, case).is_err() {
        // As soon as anybody says that it is about conduct, the case is the discipline unit's.
        chief = world.worker("何纪检", "511902-discipline", Role::Reviewer);
    }
    let seen = world.view(&chief, case).expect("somebody sees it");
    for conflict in &seen.conflicts {
        let sides = conflict.sides.iter().filter_map(|side| side.value.as_deref());
        let value = sides.max().expect("a side says something");
        world.resolve(&chief, (case, &conflict.field), (value, "现场核实")).expect("the conflict is open");
    }
    world.advance(A_WHILE);
    let log = world.decisions(case);
    let fields = world.view(&chief, case).expect("seen").fields;
    let early = log.iter().any(|decision| decision.directive == Directive::Provisional);
    (json!([seen.fields, fields]), decided(log.last().expect("decided")), early)
}

#[test]
fn whatever_is_written_offline_is_decided_alike_in_every_order_of_arrival() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    let mut early = 0;
    for seed in 1..=8 {
        let first = settled(seed, orders[0]);
        early += usize::from(first.2);
        for order in &orders[1..] {
            let other = settled(seed, *order);
            assert_eq!((other.0, other.1), (first.0.clone(), first.1.clone()), "seed {seed}, {order:?}");
        }
    }
    assert!((1..8).contains(&early), "some cases were dispatched before all had arrived, and some were not");
}

#[test]
fn two_resolutions_at_once_are_a_conflict_of_their_own() {
    let Village { mut world, mut wang, mut li, reviewer, case, .. } = Village::disputed();
    let mut first = world.device_of(&reviewer);
    let mut second = world.device("周凯", DESK, Role::Reviewer);
    for device in [&mut first, &mut second] {
        world.sync(device);
        assert_eq!(device.disputes(case), ["category"]);
    }
    let resolve = |value| [("field", "category"), ("value", value), ("reason", "各自核实")];
    first.act(case, "resolve", &resolve("roads")).expect("open, as far as he knows");
    second.act(case, "resolve", &resolve("facilities")).expect("open, as far as she knows");
    world.sync(&mut first);
    world.sync(&mut second);
    let view = world.view(&reviewer, case).expect("seen");
    assert_eq!(view.fields["category"], json!({ "disputed": ["facilities", "roads"] }));
    assert!(
        view.conflicts[0].sides.iter().all(|side| side.resolution),
        "both resolutions stand side by side"
    );
    world.resolve(&reviewer, (case, "category"), ("roads", "会商后")).expect("a third names both");
    for device in [&mut wang, &mut li, &mut first, &mut second] {
        world.sync(device);
        assert_eq!(device.field(case, "category"), json!("roads"));
    }
}

#[test]
fn a_second_resolution_from_a_form_that_the_first_has_closed_is_told_so_and_covers_nothing() {
    let Village { world, reviewer, case, .. } = Village::disputed();
    let form = world.view(&reviewer, case).expect("seen").heads;
    let about = (case, "category");
    world.resolve_at(&reviewer, about, ("roads", "按现场"), Some(form.clone())).expect("first");
    let second = world.resolve_at(&reviewer, about, ("facilities", "按台账"), Some(form));
    assert!(matches!(second, Err(DeskError::NotOpen)), "{second:?}");
    assert_eq!(world.view(&reviewer, case).expect("seen").fields["category"], json!("roads"));
}

#[test]
fn an_edit_that_did_not_see_the_resolution_opens_the_conflict_again() {
    let mut village = Village::disputed();
    let (case, reviewer) = (village.case, village.reviewer.clone());
    village.zhao.set(case, "category", "dispute");
    village.world.resolve(&reviewer, (case, "category"), ("roads", "现场核实")).expect("open");
    assert_eq!(village.category(), json!("roads"));
    village.world.sync(&mut village.zhao);
    assert_eq!(village.category(), json!({ "disputed": ["dispute", "roads"] }), "neither covers the other");
    village.world.sync(&mut village.wang);
    assert_eq!(village.wang.disputes(case), ["category"], "the devices are told");
}

#[test]
fn a_form_opened_before_an_edit_arrived_covers_nothing_that_it_did_not_show() {
    let mut village = Village::disputed();
    let (case, reviewer) = (village.case, village.reviewer.clone());
    let form = village.world.view(&reviewer, case).expect("seen").heads;
    village.zhao.set(case, "category", "dispute");
    village.world.sync(&mut village.zhao);
    let about = (case, "category");
    village
        .world
        .resolve_at(&reviewer, about, ("roads", "现场核实"), Some(form))
        .expect("it names what it saw");
    assert_eq!(village.category(), json!({ "disputed": ["dispute", "roads"] }));
    village.world.advance(A_WHILE);
    assert_eq!(village.world.causes(case), ["Intake", "Settled"], "nothing is decided over it");
}

#[test]
fn an_edit_at_the_desk_is_made_at_what_its_form_showed() {
    let Village { mut world, mut wang, reviewer, case, .. } = Village::new();
    let form = world.view(&reviewer, case).expect("seen").heads;
    wang.set(case, "category", "roads");
    world.sync(&mut wang);
    let edits = [put("category", "facilities")];
    immediate(world.centre().desk_edit(&reviewer, case, &form, &edits))
        .expect("a person's edit like any other");
    let shown = world.view(&reviewer, case).expect("seen").fields["category"].clone();
    assert_eq!(
        shown,
        json!({ "disputed": ["facilities", "roads"] }),
        "it does not cover what came meanwhile"
    );
}

#[test]
fn what_was_resolved_is_decided_by_review_and_amends() {
    let Village { mut world, reviewer, case, .. } = Village::disputed();
    world.resolve(&reviewer, (case, "category"), ("roads", "现场核实")).expect("open");
    world.advance(A_WHILE);
    assert_eq!(world.causes(case), ["Intake", "Settled", "Review"]);
    let last = world.decisions(case).pop().expect("three");
    assert_eq!(last.directive, Directive::Amend);
}
