//! Leave: a span, a deputy who acts in the other's place, and cases that keep their owner meanwhile.

use std::time::Duration;

use doorstep_client::store::immediate;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::absences::{Leave, No};
use doorstep_server::store::Person;
use doorstep_tests::harness::{CENTRE, NEIGHBOUR, TOWN, VILLAGE, WATER, World};

use super::life::Street;

const DAY: Duration = Duration::from_hours(24);

fn leave(world: &World, by: &Person, (of, deputy): (&Person, &Person), days: i64) -> Result<i64, No> {
    let from = world.now();
    let leave = Leave { worker: of.worker, from, until: from + days * 24 * 3_600_000, deputy: deputy.worker };
    immediate(world.centre().enter_leave(by, leave)).expect("memory keeps").map(|row| row.id)
}

fn rule(outcome: &ActOutcome) -> &str {
    match outcome {
        ActOutcome::Refused { rule, .. } => rule,
        ActOutcome::Decided { .. } => "decided",
    }
}

#[test]
fn a_deputy_acts_in_the_place_of_whoever_is_away_and_only_then() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let (leader, wang, li) =
        (street.leader.person.clone(), street.village.wang.person.clone(), street.village.li.person.clone());
    let deputy = street.village.world.worker("副镇长", TOWN, Role::Handler);
    let world = &mut street.village.world;
    let number = deputy.worker.to_string();
    let of = leader.worker.to_string();
    let delegate = [("role", "leader"), ("worker", number.as_str()), ("for", of.as_str())];
    assert_eq!(rule(&world.act(&deputy, case, "delegate", &delegate)), "command.delegate", "he is no leader");
    let id = leave(world, &leader, (&leader, &deputy), 10).expect("entered");
    assert_eq!(
        rule(&world.act(&wang, case, "delegate", &delegate)),
        "command.delegate",
        "nor is anybody else"
    );
    assert_eq!(rule(&world.act(&deputy, case, "delegate", &delegate)), "decided", "in the leader's place");
    let last = world.decisions(case).pop().expect("decided");
    assert_eq!(last.life.delegates.get("leader"), Some(&number));
    assert_eq!(last.unit.as_deref(), Some(VILLAGE), "the owner stays");

    // Whoever is away is not entrusted with anything; the deputy is named.
    leave(world, &wang, (&wang, &li), 10).expect("his own");
    assert!(immediate(world.centre().end_leave(&leader, id)).expect("memory keeps"), "back early");
    assert_eq!(rule(&world.act(&deputy, case, "delegate", &delegate)), "command.delegate", "no longer");
}

#[test]
fn nobody_is_entrusted_while_away_and_everybody_is_again_afterwards() {
    let mut street = Street::new();
    let case = street.village.case;
    let (wang, li, zhao) = (
        street.village.wang.person.clone(),
        street.village.li.person.clone(),
        street.village.zhao.person.clone(),
    );
    let world = &mut street.village.world;
    leave(world, &li, (&li, &zhao), 3).expect("entered");
    let number = li.worker.to_string();
    let to = [("worker", number.as_str())];
    let refused = world.act(&wang, case, "assign", &to);
    assert_eq!(rule(&refused), "worker.away");
    let ActOutcome::Refused { message, .. } = refused else { panic!("refused") };
    assert!(message.contains(&zhao.worker.to_string()), "{message}");
    world.advance(4 * DAY);
    assert_eq!(rule(&world.act(&wang, case, "assign", &to)), "decided");
}

#[test]
fn leave_is_ones_own_or_a_leaders_to_enter_and_names_somebody_who_is_there() {
    let street = Street::new();
    let world = &street.village.world;
    let (wang, li, leader) = (&street.village.wang.person, &street.village.li.person, &street.leader.person);
    let elsewhere = world.worker("外局领导", WATER, Role::Leader);
    assert_eq!(leave(world, li, (wang, li), 3), Err(No::Worker), "a colleague does not");
    assert_eq!(leave(world, &elsewhere, (wang, li), 3), Err(No::Worker), "nor another unit's leader");
    assert_eq!(leave(world, wang, (wang, wang), 3), Err(No::Deputy));
    assert_eq!(leave(world, wang, (wang, li), 0), Err(No::Span));
    assert_eq!(leave(world, wang, (wang, li), 400), Err(No::Span));
    assert!(leave(world, leader, (wang, li), 3).is_ok(), "the town's leader, for a village of the town");
    assert_eq!(leave(world, li, (li, wang), 3), Err(No::DeputyAway));
}

#[test]
fn one_post_has_one_deputy_at_a_time() {
    let mut street = Street::new();
    let world = &mut street.village.world;
    let (wang, li, zhao) = (
        street.village.wang.person.clone(),
        street.village.li.person.clone(),
        street.village.zhao.person.clone(),
    );
    let id = leave(world, &wang, (&wang, &li), 3).expect("entered");
    assert_eq!(leave(world, &wang, (&wang, &zhao), 1), Err(No::Overlaps), "within it");
    assert_eq!(
        leave(world, &wang, (&wang, &li), 9),
        Err(No::Overlaps),
        "around it, with the same deputy too"
    );
    let (hour, now) = (3_600_000, world.now());
    let later =
        Leave { worker: wang.worker, from: now + 72 * hour, until: now + 96 * hour, deputy: zhao.worker };
    let entered = immediate(world.centre().enter_leave(&wang, later)).expect("memory keeps");
    assert!(entered.is_ok(), "from the moment at which the other ends");
    assert!(immediate(world.centre().end_leave(&wang, id)).expect("memory keeps"));
    world.advance(Duration::from_secs(1));
    assert!(leave(world, &wang, (&wang, &zhao), 1).is_ok(), "what was ended early is over");
}

/// Who handled a case looks at it in nobody's place, whatever unit a caller says they are of.
#[test]
fn a_deputy_from_the_village_neither_verifies_nor_calls_back_for_the_centre() {
    let mut street = Street::new();
    let case = street.village.case;
    street.claimed(case);
    // Whoever stands in for a desk has one.
    let (centre, li) = (street.centre.clone(), street.village.world.worker("村干部", VILLAGE, Role::Handler));
    let worker = street.village.li.person.clone();
    assert_eq!(leave(&street.village.world, &centre, (&centre, &worker), 60), Err(No::Deputy));
    let id = leave(&street.village.world, &centre, (&centre, &li), 60).expect("entered");
    let of = centre.worker.to_string();
    let verify = [("result", "pass"), ("for", of.as_str()), ("for.unit", CENTRE)];
    let world = &street.village.world;
    assert_eq!(rule(&world.act(&li, case, "verify", &verify)), "verify.unit");
    let acting = immediate(world.centre().in_place_of(&li, (centre.worker, case))).expect("memory keeps");
    let about = (case, Some(centre.worker));
    let offers = immediate(world.centre().offers(&acting.expect("stands in"), about)).expect("memory keeps");
    let offered = offers.iter().find(|offer| offer.command == "verify").expect("of the pack");
    assert_eq!(offered.refused.as_ref().map(|no| no.rule.as_str()), Some("verify.unit"), "nor is it offered");
    assert!(immediate(world.centre().end_leave(&centre, id)).expect("memory keeps"), "back");
    assert_eq!(rule(&world.act(&centre, case, "verify", &[("result", "pass")])), "decided");
    street.everybody_syncs();
    street.sign(case, &["person", "handler", "leader", "principal_leader"]);
    let world = &street.village.world;
    let id = leave(world, &centre, (&centre, &li), 60).expect("entered");
    let answer = [("answer", "satisfied"), ("for", of.as_str())];
    assert_eq!(rule(&world.act(&li, case, "callback", &answer)), "concerned", "blind to the village");
    // Somebody who handled none of it stands in.
    let other = world.worker("邻村小吴", NEIGHBOUR, Role::Handler);
    assert!(immediate(world.centre().end_leave(&centre, id)).expect("memory keeps"));
    leave(world, &centre, (&centre, &other), 60).expect("entered");
    assert_eq!(rule(&world.act(&other, case, "callback", &answer)), "decided");
}

/// A deputy signs as a deputy: the file says in whose place, and a word that is not so is dropped.
#[test]
fn a_deputy_signs_visibly_as_a_deputy() {
    use doorstep_policy::{Cause, signs_for};
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let (leader, wang) = (street.leader.person.clone(), street.village.wang.person.clone());
    let world = &mut street.village.world;
    let deputy = world.worker("副镇长", TOWN, Role::Handler);
    let (number, of) = (deputy.worker.to_string(), leader.worker.to_string());
    leave(world, &leader, (&leader, &deputy), 10).expect("entered");
    let delegate = [("role", "leader"), ("worker", number.as_str()), ("for", of.as_str())];
    assert_eq!(rule(&world.act(&deputy, case, "delegate", &delegate)), "decided");
    let log = world.decisions(case);
    let in_place = signs_for(&log, "leader", &number).expect("in another's place");
    assert_eq!((in_place.of, in_place.n), (of.as_str(), log.last().expect("decided").n));
    assert_eq!(signs_for(&log, "principal_leader", &number), None);
    assert_eq!(signs_for(&log, "leader", &of), None, "the leader himself would sign in his own");

    // Whoever stands in for nobody is not shown as a deputy, whatever the command says.
    let said = [("reason", "appraisal"), ("for", of.as_str())];
    assert_eq!(rule(&world.act(&wang, case, "recuse", &said)), "decided");
    let Some(Cause::Command { args, .. }) = world.decisions(case).pop().map(|last| last.cause) else {
        panic!("a command")
    };
    assert!(!args.contains_key("for") && args.contains_key("reason"), "{args:?}");
}

/// Whom a case is about sends nobody to it: neither to act nor to look.
#[test]
fn whoever_a_case_is_about_has_no_deputy_for_it() {
    let mut street = Street::new();
    let case = street.village.case;
    let leader = street.leader.person.clone();
    let deputy = street.village.world.worker("副镇长", TOWN, Role::Handler);
    leave(&street.village.world, &leader, (&leader, &deputy), 10).expect("entered");
    let stands_in = |street: &Street| {
        let centre = street.village.world.centre();
        immediate(centre.in_place_of(&deputy, (leader.worker, case))).expect("memory keeps").is_some()
    };
    assert!(stands_in(&street), "while it is not about him");
    street.village.li.set(case, "subject", &leader.name);
    street.village.world.sync(&mut street.village.li);
    assert!(!stands_in(&street));
    let of = leader.worker.to_string();
    let urge = [("reason", "log-1"), ("for", of.as_str())];
    assert_ne!(rule(&street.village.world.act(&deputy, case, "urge", &urge)), "decided");
}
