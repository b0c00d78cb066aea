//! People: who may be named to do it, who keeps away, who signs, two who refer at once. The owner is never lost.

use std::time::Duration;

use doorstep_client::replica::Seal;
use doorstep_client::store::immediate;
use doorstep_policy::{Decision, Directive};
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::store::Person;
use doorstep_tests::harness::{NEIGHBOUR, TOWN, VILLAGE, WATER, World};

use super::life::Street;
use super::village::{A_WHILE, Village, small};

const LEADER: &str = "511902-leader";

fn decided(world: &World, who: &Person, case: DocumentId, name: &str, args: &[(&str, &str)]) -> Decision {
    let outcome = world.act(who, case, name, args);
    assert!(matches!(outcome, ActOutcome::Decided { .. }), "{name}: {outcome:?}");
    world.decisions(case).pop().expect("decided")
}

fn refused(world: &World, who: &Person, case: DocumentId, name: &str, args: &[(&str, &str)]) -> String {
    let before = world.decisions(case).len();
    match world.act(who, case, name, args) {
        ActOutcome::Refused { rule, .. } => {
            assert_eq!(world.decisions(case).len(), before, "{name} changed something");
            rule
        }
        ActOutcome::Decided { n } => panic!("{name} was decided as {n}"),
    }
}

#[test]
fn a_case_is_entrusted_to_somebody_who_works_here_and_handles_it_and_to_nobody_else() {
    let mut village = Village::new();
    let (case, wang) = (village.case, village.wang.person.clone());
    let elsewhere = village.world.worker("孙梅", NEIGHBOUR, Role::Worker);
    let named = village.world.worker("周强", VILLAGE, Role::Worker);
    village.li.set(case, "subject", "周强");
    village.world.sync(&mut village.li);
    village.world.advance(A_WHILE);
    let world = &village.world;
    let to = |worker: &str| [("worker".to_owned(), worker.to_owned())];
    let assign = |worker: &str| {
        let args = to(worker);
        let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        refused(world, &wang, case, "assign", &args)
    };
    assert_eq!(assign("w9999"), "worker.unknown");
    assert_eq!(assign("nobody"), "worker.unknown");
    assert_eq!(assign(&elsewhere.worker.to_string()), "worker.unit");
    assert_eq!(assign(&named.worker.to_string()), "concerned");
    let forged = [("worker", "w9999"), ("worker.unit", VILLAGE)];
    assert_eq!(
        refused(world, &wang, case, "assign", &forged),
        "worker.unknown",
        "a caller's own word is dropped"
    );
    let li = village.li.person.worker.to_string();
    let entrusted = decided(world, &wang, case, "assign", &[("worker", &li)]);
    assert_eq!(entrusted.life.worker.as_deref(), Some(li.as_str()));
    assert_eq!((entrusted.unit.as_deref(), entrusted.step.as_str()), (Some(VILLAGE), "handle"));
}

#[test]
fn whoever_recuses_himself_sees_it_no_more_and_a_deputy_is_in_charge() {
    let mut village = Village::new();
    let (case, wang) = (village.case, village.wang.person.clone());
    decided(&village.world, &wang, case, "accept", &[]);
    let li = village.li.person.worker.to_string();
    let kin = [("reason", "kinship"), ("deputy", li.as_str())];
    let unknown = [("reason", "kinship"), ("deputy", "w9999")];
    assert_eq!(refused(&village.world, &wang, case, "recuse", &unknown), "worker.unknown");
    let left = decided(&village.world, &wang, case, "recuse", &kin);
    assert_eq!(left.life.worker.as_deref(), Some(li.as_str()));
    assert_eq!(left.unit.as_deref(), Some(VILLAGE), "the owner stays");
    assert!(!left.timers.is_empty(), "and so does the next step");
    village.world.sync(&mut village.wang);
    assert!(!village.wang.holds(case) && village.world.view(&wang, case).is_err());
    village.world.sync(&mut village.li);
    assert!(village.li.holds(case), "his colleague goes on");
    let zhao = village.zhao.person.clone();
    let back = [("worker", village.wang.person.worker.to_string())];
    let back: Vec<(&str, &str)> = back.iter().map(|(k, v)| (*k, v.as_str())).collect();
    assert_eq!(refused(&village.world, &zhao, case, "assign", &back), "concerned");
}

/// BZ-15, BZ-7: the linked leader of the district sees a village's case when his signature is due, and not before.
#[test]
fn a_principal_leader_sees_the_case_when_his_signature_is_due_and_not_before() {
    let mut street = Street::new();
    let case = street.village.case;
    let mut linked = street.village.world.device("联系领导", LEADER, Role::Leader);
    let other = street.village.world.worker("别的局", WATER, Role::Leader);
    assert!(street.village.world.view(&linked.person, case).is_err(), "not his yet");
    street.verified(case);
    street.sign(case, &["person", "handler", "leader"]);
    street.village.world.sync(&mut linked);
    assert!(linked.holds(case), "to sign is to see");
    assert!(street.village.world.view(&other, case).is_err());
    linked.sign(case, "principal_leader");
    street.village.world.sync(&mut linked);
    street.village.world.advance(A_WHILE);
    assert_eq!(street.last(case).directive, Directive::StrikeOff);
    street.village.world.sync(&mut linked);
    assert!(!linked.holds(case), "signed: not his any more");
}

/// A delegate sees what he is to sign.
#[test]
fn a_delegate_works_here_and_sees_what_he_signs() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let deputy = street.village.world.worker("代签人", WATER, Role::Handler);
    let leader = street.leader.person.clone();
    let world = &street.village.world;
    let unknown = [("role", "leader"), ("worker", "w9999")];
    assert_eq!(refused(world, &leader, case, "delegate", &unknown), "worker.unknown");
    assert!(world.view(&deputy, case).is_err());
    let number = deputy.worker.to_string();
    decided(world, &leader, case, "delegate", &[("role", "leader"), ("worker", &number)]);
    assert!(world.view(&deputy, case).is_ok());
}

/// A signature on paper counts with its photo, and not with a number that stands for nothing.
#[test]
fn a_signature_on_paper_counts_when_its_photo_is_attached() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    let photo = Hash([7; 32]);
    let seal = Seal { paper: Some(photo), witness: Some("赵强".into()) };
    let Village { world, li, .. } = &mut street.village;
    immediate(li.replica.sign(case, "person", seal)).expect("signed offline");
    world.sync(li);
    world.advance(A_WHILE);
    assert!(
        !world.decisions(case).pop().expect("one").life.signed.contains("person"),
        "there is no such photo"
    );
    let item = serde_json::json!({"hash": photo, "size": 10, "type": "image/jpeg", "name": "a.jpg",
                                  "purpose": "paper", "made": "2026-11-21T10:00:00Z"});
    let edit =
        doorstep_protocol::documents::Edit::Append { field: "attachments".into(), item: item.to_string() };
    li.edit(case, vec![edit]).expect("held");
    world.sync(li);
    world.advance(A_WHILE);
    assert!(world.decisions(case).pop().expect("one").life.signed.contains("person"), "and now it counts");
}

/// Two devices refer one case at once, each without knowing of the other: a person decides between the two.
#[test]
fn two_referrals_at_once_become_a_review() {
    for (decision, unit) in [("approve", "511902-transport"), ("keep", WATER)] {
        let mut village = Village::new();
        let case = village.case;
        let to = |unit: &'static str| [("unit", unit), ("reason", "theirs")];
        village.wang.act(case, "refer", &to(WATER)).expect("queued offline");
        village.li.act(case, "refer", &to("511902-transport")).expect("queued offline");
        village.zhao.act(case, "refer", &to(WATER)).expect("queued offline");
        let Village { world, wang, li, zhao, reviewer, .. } = &mut village;
        world.sync(wang);
        world.sync(zhao);
        assert_eq!(zhao.refused().len(), 1, "the same as what was done: nothing to decide");
        world.sync(li);
        let review = world.decisions(case).pop().expect("decided");
        assert_eq!((review.directive, review.step.as_str()), (Directive::Review, "review"));
        assert!(review.reasons.iter().any(|reason| reason.rule == "two-referrals"));
        assert_eq!(review.referrals, 1);
        let args = [("decision", decision), ("reason", "log-1")];
        let end = decided(world, reviewer, case, "amend", &args);
        assert_eq!((end.unit.as_deref(), end.step.as_str()), (Some(unit), "handle"));
        let again = [("unit", TOWN), ("reason", "x"), ("seen", "2")];
        let again = world.act(&li.person, case, "refer", &again);
        assert!(matches!(again, ActOutcome::Refused { .. }), "reviewed once: {again:?}");
    }
    // Somebody who has heard of the first one refers what is no longer his: refused, as ever.
    let mut village = Village::new();
    let case = village.case;
    village.wang.act(case, "refer", &[("unit", WATER), ("reason", "theirs")]).expect("queued");
    let Village { world, wang, li, .. } = &mut village;
    world.sync(wang);
    let late = world.act(&li.person, case, "refer", &[("unit", TOWN), ("reason", "x"), ("seen", "3")]);
    assert!(matches!(late, ActOutcome::Refused { ref rule, .. } if rule == "right.none"), "{late:?}");
}

/// The earliest leads; a case that leads others follows none, so that nobody is lost behind two leads.
#[test]
fn a_case_that_leads_others_is_not_grouped_under_a_third() {
    let mut street = Street::new();
    let Village { world, li, wang, .. } = &mut street.village;
    let mut cases = Vec::new();
    for title in ["一", "二", "三"] {
        cases.push(li.new_case(&small(title)));
        world.sync(li);
        world.advance(Duration::from_hours(1));
    }
    world.sync(wang);
    let [first, second, third] = [cases[0], cases[1], cases[2]];
    let wang = wang.person.clone();
    let lead = |of: DocumentId| of.to_string();
    decided(world, &wang, third, "group", &[("lead", &lead(second))]);
    assert_eq!(
        refused(world, &wang, second, "group", &[("lead", &lead(first))]),
        "group",
        "it leads one itself"
    );
    decided(world, &wang, third, "ungroup", &[("reason", "log-1")]);
    let follows = decided(world, &wang, second, "group", &[("lead", &lead(first))]);
    assert_eq!(follows.life.lead, Some(lead(first)));
}

/// BZ-11: what the person says at the door is written down offline and counts; the handlers' own word does not.
#[test]
fn an_answer_written_down_at_the_door_counts_as_the_callback() {
    let mut street = Street::new();
    let case = street.village.case;
    street.closed(case);
    let centre = street.centre.clone();
    let mut door = street.village.world.device_of(&centre);
    street.village.world.sync(&mut door);
    immediate(door.replica.answered(case, "not_satisfied", Some("还漏"))).expect("written down offline");
    street.village.world.sync(&mut door);
    assert!(door.refused().is_empty(), "{:?}", door.refused());
    street.village.world.advance(A_WHILE);
    let again = street.last(case);
    assert_eq!((again.directive, again.step.as_str(), again.life.redo), (Directive::Redo, "handle", 1));

    street.closed(case);
    // Whoever does not know yet that it was done again has asked about what was done before.
    immediate(door.replica.answered(case, "satisfied", None)).expect("held");
    street.village.world.sync(&mut door);
    street.village.world.advance(A_WHILE);
    let asked = street.last(case);
    let early = asked.reasons.iter().any(|reason| reason.rule == "callback.early");
    assert!(early && asked.step == "callback", "named, and nobody has answered: {:?}", asked.reasons);
    street.village.world.sync(&mut door);
    immediate(door.replica.answered(case, "satisfied", None)).expect("held");
    let forged = serde_json::json!({"answer": "satisfied", "by": "x", "worker": "w1", "unit": VILLAGE});
    let forged =
        doorstep_protocol::documents::Edit::Append { field: "callback".into(), item: forged.to_string() };
    let mut liar = street.village.world.device_of(&centre);
    street.village.world.sync(&mut liar);
    liar.edit(case, vec![forged]).expect("the device lets him");
    street.village.world.sync(&mut liar);
    assert_eq!(liar.refused().len(), 1, "in another's name: refused");
    street.village.world.advance(A_WHILE);
    assert_eq!(street.last(case).n, asked.n, "nothing has been said");
    street.village.world.sync(&mut door);
    street.village.world.advance(A_WHILE);
    assert_eq!(street.last(case).step, "look_back");
}
