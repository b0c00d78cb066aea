//! No case comes to its end on half the facts, nor by the hand of whoever had it.

use doorstep_policy::{Decision, Directive, Pack, Refused, replay};

use crate::closing::{ASKED, FOUR, LATER, SIGNED, claimed, closed, signature, verified};
use crate::story::{CENTRE, Story, TOWN, VILLAGE, bazhou};

const SUPERVISION: &str = "511902-supervision";
const DISCIPLINE: &str = "511902-discipline";
const LEADER: &str = "511902-leader";

fn rule(refused: Result<Decision, Refused>) -> String {
    refused.map_or_else(|no| no.rule, |decided| format!("decided {:?}", decided.directive))
}

/// All have signed but the person.
fn all_but_the_person(pack: &Pack) -> Story<'_> {
    let mut story = verified(pack);
    story.case.proofs.signatures = FOUR[1..].iter().map(|of| signature(*of)).collect();
    story
}

/// The principal leader closes it without the person.
fn without_them(story: &mut Story<'_>, how: &str) -> Result<Decision, Refused> {
    let args = [("how", how), ("reason", "x"), ("attempts", "3"), ("witness", "3")];
    story.command_of("9", "close_unusual", (LEADER, "leader"), &args, SIGNED)
}

#[test]
fn while_people_disagree_about_what_a_case_says_nothing_takes_it_to_its_end() {
    let pack = bazhou();
    let pass = [("result", "pass")];
    let mut story = claimed(&pack);
    story.case.proofs.disputed = ["outcome".to_owned()].into();
    assert_eq!(rule(story.command_of("5", "verify", (CENTRE, "handler"), &pass, SIGNED)), "conflict.open");
    let fail = [("result", "fail"), ("reason", "x")];
    assert!(
        story.command_of("5", "verify", (CENTRE, "handler"), &fail, SIGNED).is_ok(),
        "what was not done is said"
    );

    let mut story = all_but_the_person(&pack);
    story.case.proofs.disputed = ["category".to_owned()].into();
    assert_eq!(rule(without_them(&mut story, "refused")), "conflict.open");
    story.case.proofs.disputed.clear();
    let closed = without_them(&mut story, "refused").expect("decided by then");
    assert_eq!(closed.life.signed.len(), 3, "what was signed is known, so that it can be missed");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// Or nobody would learn that what was signed is not what is said.
#[test]
fn a_case_that_was_closed_in_an_unusual_way_is_reviewed_once_something_else_is_said() {
    let pack = bazhou();
    let mut story = all_but_the_person(&pack);
    without_them(&mut story, "refused").expect("closed");
    story.case.proofs.signatures.iter_mut().for_each(|signature| signature.fresh = false);
    let said = story.settle(LATER).expect("decided");
    assert_eq!((said.directive, said.step.as_str()), (Directive::Review, "review"));
}

#[test]
fn nobody_is_anonymous_whom_the_case_names() {
    let pack = bazhou();
    let mut story = all_but_the_person(&pack);
    story.case.proofs.person = true;
    assert_eq!(rule(without_them(&mut story, "anonymous")), "unusual.known");
    story.case.proofs.person = false;
    assert_eq!(rule(without_them(&mut story, "anonymous")), "decided CloseUnusual");
}

/// An edit that policy reads comes while the four sign, and is undone: what was signed before it is void.
#[test]
fn a_decision_that_reads_something_else_voids_what_was_signed() {
    let pack = bazhou();
    let mut story = verified(&pack);
    story.case.proofs.signatures = FOUR[..2].iter().map(|of| signature(*of)).collect();
    assert_eq!(story.settle(SIGNED).expect("two have signed").life.signed.len(), 2);
    story.set("channel", "visit");
    story.case.proofs.signatures.iter_mut().for_each(|signature| signature.fresh = false);
    let said = story.settle(ASKED).expect("something else is said");
    assert!(said.reasons.iter().any(|reason| reason.rule == "signature.changed"), "{:?}", said.reasons);
    assert!(said.life.signed.is_empty());
    story.set("channel", "");
    story.case.proofs.signatures = FOUR.map(signature).into();
    let said = story.settle(LATER).expect("the same is said again");
    assert_eq!(
        said.life.signed.iter().collect::<Vec<_>>(),
        ["leader", "principal_leader"],
        "{:?}",
        said.reasons
    );
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// Whoever has had it does not judge it from another desk.
#[test]
fn another_unit_takes_off_nobody_that_a_case_was_theirs() {
    let pack = bazhou();
    let pass = [("result", "pass")];
    let mut story = claimed(&pack);
    assert_eq!(
        rule(story.command_of("1", "verify", (SUPERVISION, "inspector"), &pass, SIGNED)),
        "verify.own"
    );
    // Nor once it was another's after them.
    let fail = [("result", "fail"), ("reason", "x")];
    story.command_of("5", "verify", (CENTRE, "handler"), &fail, SIGNED).expect("to be done again");
    story.command_of("2", "accept", (VILLAGE, "worker"), &[], ASKED).expect("another takes it on");
    story.command_of("2", "claim", (VILLAGE, "worker"), &[], ASKED).expect("and claims it");
    assert_eq!(rule(story.command_of("1", "verify", (SUPERVISION, "inspector"), &pass, LATER)), "verify.own");
    assert_eq!(
        rule(story.command_of("5", "verify", (SUPERVISION, "inspector"), &pass, LATER)),
        "decided Verify"
    );
    let mut story = closed(&pack);
    let answer = [("answer", "satisfied")];
    let asks = story.log.last().and_then(|last| last.unit.clone()).expect("somebody asks");
    assert_eq!(rule(story.command_of("1", "callback", (&asks, "handler"), &answer, LATER)), "callback.blind");
    assert_eq!(
        rule(story.command_of("6", "callback", (&asks, "handler"), &answer, LATER)),
        "decided Callback"
    );
}

/// A namesake comes to the office that looks into a complaint: it goes to the next one, which can act on it.
#[test]
fn a_complaint_whose_office_turns_out_to_be_concerned_goes_to_the_next_one() {
    let pack = bazhou();
    let fields = [("category", "conduct"), ("place", VILLAGE), ("severity", "light"), ("subject", "孙悟")];
    let mut story = Story::new(&pack, "2025-03-03T10:00:00+08:00").with(&fields);
    story.case.subject_units = [TOWN.to_owned()].into();
    story.intake();
    assert_eq!(story.settle(SIGNED).expect("settled").unit.as_deref(), Some(DISCIPLINE));
    story.case.subject_units.insert(DISCIPLINE.to_owned());
    let said = story.settle(ASKED).expect("decided again");
    assert_eq!(said.unit.as_deref(), Some(LEADER));
    assert!(said.audience.excluded_units.contains(DISCIPLINE) && said.audience.units.contains(LEADER));
    assert_eq!(rule(story.command_of("7", "accept", (LEADER, "leader"), &[], LATER)), "decided TakeOn");
    story.command_of("7", "claim", (LEADER, "leader"), &[], LATER).expect("claimed");
    let pass = [("result", "pass")];
    story.command_of("8", "verify", (LEADER, "leader"), &pass, LATER).expect("verified");
    let (leader, handler) = ("leader", "handler");
    let all = [
        ("person", "11", handler),
        ("handler", "11", handler),
        ("leader", "10", leader),
        ("principal_leader", "9", leader),
    ];
    let signed = all.map(|(role, worker, by)| signature((role, worker, LEADER, by)));
    story.case.proofs.signatures = signed.into();
    let closed = story.settle(LATER).expect("all have signed");
    assert!(closed.life.closed.is_some(), "{:?}", closed.reasons);
    story.case.subject_units.insert("511902-water".to_owned());
    assert_eq!(story.settle(LATER), None, "whoever moves about reopens nothing");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// BZ-7: what was taken on is closed by signatures, however early it is.
#[test]
fn what_was_taken_on_is_not_turned_away_by_way_of_triage() {
    let pack = bazhou();
    let why = [("reason", "no-authority"), ("answer", "log-1")];
    let turned_away = |story: &mut Story<'_>| {
        story.command_of("2", "return", (VILLAGE, "leader"), &why[..1], SIGNED).expect("returned");
        rule(story.command_of("5", "refuse_acceptance", (CENTRE, "handler"), &why, SIGNED))
    };
    let mut story = claimed(&pack);
    let fail = [("result", "fail"), ("reason", "x")];
    story.command_of("5", "verify", (CENTRE, "handler"), &fail, SIGNED).expect("to be done again");
    assert_eq!(turned_away(&mut story), "command.refuse_acceptance");
    assert_eq!(turned_away(&mut crate::pauses::taken_on(&pack)), "command.refuse_acceptance");
    // What nobody has taken on may be answered with no.
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(&pack, "2025-03-03T10:00:00+08:00").with(&fields);
    story.intake();
    story.settle("2025-03-03T10:05:00+08:00").expect("assigned");
    assert_eq!(turned_away(&mut story), "decided Decline");
}

#[test]
fn a_case_is_not_withdrawn_while_people_disagree_about_what_it_says() {
    let pack = bazhou();
    let mut story = claimed(&pack);
    story.case.proofs.disputed = ["category".to_owned()].into();
    let withdraw = |story: &mut Story<'_>| {
        rule(story.command_of("5", "withdraw", (CENTRE, "handler"), &[("reason", "log-1")], SIGNED))
    };
    assert_eq!(withdraw(&mut story), "conflict.open");
    story.case.proofs.disputed.clear();
    assert_eq!(withdraw(&mut story), "decided Withdraw");
}
