//! A case that turns out to be a complaint late: after it was closed, after it was withdrawn, or while people disagree.

use std::time::Duration;

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::store::Person;
use doorstep_tests::harness::{DISTRICT, TOWN, VILLAGE, World};

use super::life::Street;
use super::village::{A_WHILE, Village};

const DISCIPLINE: &str = "511902-discipline";

fn outsiders(world: &World, village: &Village) -> Vec<Person> {
    vec![
        village.reviewer.clone(),
        village.wang.person.clone(),
        world.worker("镇长", TOWN, Role::Leader),
        world.worker("区领导", DISTRICT, Role::Leader),
        world.worker("督查员", "511902-supervision", Role::Inspector),
    ]
}

/// Discipline sees it and can work on it; nobody else does, whatever was decided before.
fn is_behind_walls(street: &Street, case: DocumentId) {
    let world = &street.village.world;
    for person in outsiders(world, &street.village) {
        assert!(world.view(&person, case).is_err(), "{} sees it", person.name);
    }
    let last = street.last(case);
    assert_eq!(
        (last.unit.as_deref(), last.audience.compartment.is_some()),
        (Some(DISCIPLINE), true),
        "{last:?}"
    );
    let head = world.worker("纪检负责人", DISCIPLINE, Role::Leader);
    let filed = world.act(&head, case, "file_case", &[("reason", "log-1")]);
    assert!(matches!(filed, ActOutcome::Decided { .. }), "{filed:?}");
}

/// Li writes what it is about, and whom it names.
fn named(street: &mut Street, case: DocumentId) {
    let Village { world, li, .. } = &mut street.village;
    li.set(case, "category", "conduct");
    li.set(case, "subject", TOWN);
    world.sync(li);
    world.advance(A_WHILE);
    world.advance(A_WHILE);
}

#[test]
fn a_closed_case_goes_behind_the_walls_and_is_never_proposed_to_those_it_names() {
    let mut street = Street::new();
    let case = street.village.case;
    street.closed(case);
    named(&mut street, case);
    is_behind_walls(&street, case);
    let last = street.last(case);
    assert!(last.life.closed.is_none() && last.life.signed.is_empty() && last.life.handlers.is_empty());
}

#[test]
fn a_withdrawn_case_does_not_stay_with_nobody() {
    let mut street = Street::new();
    let case = street.village.case;
    street.withdrawn(case);
    named(&mut street, case);
    is_behind_walls(&street, case);
}

/// The step of a ladder that comes meanwhile decides on what was settled before: it opens nothing.
#[test]
fn a_timer_opens_nothing_while_people_disagree_whether_it_is_a_complaint() {
    let mut street = Street::new();
    let case = street.village.case;
    let Village { world, wang, li, .. } = &mut street.village;
    wang.set(case, "category", "roads");
    li.set(case, "category", "conduct");
    world.sync(wang);
    world.sync(li);
    let before = world.decisions(case).len();
    world.advance(Duration::from_hours(24 * 40));
    assert!(world.decisions(case).len() > before, "the ladder went on");
    for person in outsiders(&street.village.world, &street.village) {
        assert!(street.village.world.view(&person, case).is_err(), "{} sees it", person.name);
    }
    let inside = street.village.world.worker("纪检员", DISCIPLINE, Role::Handler);
    assert!(street.village.world.view(&inside, case).is_ok(), "its own unit does not lose it");
}

/// What was written while it was withdrawn is decided on once it goes on.
#[test]
fn facts_of_a_withdrawn_case_are_decided_on_when_it_is_reopened() {
    let mut street = Street::new();
    let case = street.village.case;
    street.withdrawn(case);
    let Village { world, li, .. } = &mut street.village;
    li.set(case, "category", "roads");
    world.sync(li);
    world.advance(A_WHILE);
    assert_eq!(street.last(case).step, "withdrawn", "an end is an end");
    let reopened = street.village.world.act(&street.village.reviewer, case, "reopen", &[("reason", "log-3")]);
    assert!(matches!(reopened, ActOutcome::Decided { .. }), "{reopened:?}");
    street.village.world.advance(A_WHILE);
    let last = street.last(case);
    let category = last.projection.fields.get("category").map(|view| format!("{view:?}"));
    assert!(category.is_some_and(|shown| shown.contains("roads")), "{last:?}");
    assert_eq!(last.unit.as_deref(), Some(VILLAGE));
}
