//! From claimed to archived: four signatures, unusual closing, callbacks, look-backs, reopening.

use crate::story::{CENTRE, Story, TOWN, VILLAGE, bazhou};
use doorstep_policy::{
    Actor, Decision, Directive, How, Offer, Pack, Satisfaction, Signature, offered, replay,
};

const REGISTERED: &str = "2025-03-03T10:00:00+08:00";
const SETTLED: &str = "2025-03-03T10:05:00+08:00";
const CLAIMED: &str = "2025-03-05T09:00:00+08:00";
const VERIFIED: &str = "2025-03-06T09:00:00+08:00";
pub(crate) const SIGNED: &str = "2025-03-07T09:00:00+08:00";
pub(crate) const ASKED: &str = "2025-03-10T09:00:00+08:00";
pub(crate) const LATER: &str = "2025-03-11T09:00:00+08:00";
const SUPERVISION: &str = "511902-supervision";

/// Who signs as what: role, worker, unit, role of the worker.
pub(crate) const FOUR: [(&str, &str, &str, &str); 4] = [
    ("person", "1", VILLAGE, "worker"),
    ("handler", "1", VILLAGE, "worker"),
    ("leader", "7", TOWN, "leader"),
    ("principal_leader", "9", "511902-leader", "leader"),
];

pub(crate) fn signature(of: (&str, &str, &str, &str)) -> Signature {
    let (role, worker, unit, by_role) = of;
    Signature {
        role: role.into(),
        worker: worker.into(),
        unit: unit.into(),
        by_role: by_role.into(),
        at: SIGNED.parse().expect("a time"),
        fresh: true,
        paper: false,
        witness: false,
        awaits_paper: false,
        seen: None,
    }
}

/// A small thing in the village, claimed by worker 1 and verified by the centre.
pub(crate) fn verified(pack: &Pack) -> Story<'_> {
    let mut story = claimed(pack);
    let passed = story.command_of("5", "verify", (CENTRE, "handler"), &[("result", "pass")], VERIFIED);
    assert_eq!(passed.expect("another looks").step, "sign");
    story
}

pub(crate) fn claimed(pack: &Pack) -> Story<'_> {
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(SETTLED).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], SETTLED).expect("taken on");
    story.command_of("1", "claim", (VILLAGE, "worker"), &[], CLAIMED).expect("claimed");
    story
}

pub(crate) fn closed(pack: &Pack) -> Story<'_> {
    let mut story = verified(pack);
    story.case.proofs.signatures = FOUR.map(signature).into();
    let closed = story.settle(SIGNED).expect("all four are there");
    assert_eq!((closed.directive, closed.step.as_str()), (Directive::StrikeOff, "callback"));
    story
}

fn missing(decision: &Decision) -> &str {
    let reason = decision.reasons.iter().find(|reason| reason.rule == "signatures").expect("says so");
    &reason.inputs["missing"]
}

#[test]
fn four_signatures_in_any_order_strike_a_case_off() {
    let pack = bazhou();
    for first in 0..4 {
        let mut story = verified(&pack);
        assert_eq!(missing(story.log.last().expect("verified")), "person, handler, leader, principal_leader");
        for next in 0..4 {
            story.case.proofs.signatures.push(signature(FOUR[(first + next) % 4]));
            let decided = story.settle(SIGNED).expect("a signature that counts is decided on");
            let directive = if next == 3 { Directive::StrikeOff } else { Directive::Sign };
            assert_eq!((decided.directive, decided.life.signed.len()), (directive, next + 1));
        }
        let last = story.log.last().expect("closed");
        assert_eq!(last.life.closed.map(|closed| closed.how), Some(How::Signed));
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
}

#[test]
fn a_leader_delegates_signing_and_nobody_else_may() {
    let pack = bazhou();
    let mut story = verified(&pack);
    let to = [("role", "leader"), ("worker", "3"), ("worker.unit", VILLAGE)];
    let refused = story.command_of("1", "delegate", (VILLAGE, "worker"), &to, SIGNED);
    assert_eq!(refused.expect_err("a worker is no leader").rule, "command.delegate");
    story.command_of("7", "delegate", (TOWN, "leader"), &to, SIGNED).expect("the leader may");
    story.case.proofs.signatures.push(signature(("leader", "3", VILLAGE, "worker")));
    let decided = story.settle(SIGNED).expect("the delegate's counts");
    assert_eq!(missing(&decided), "person, handler, principal_leader");
}

#[test]
fn whoever_claims_it_does_not_sign_by_what_was_delegated_before() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(&pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(SETTLED).expect("assigned");
    let to = [("role", "leader"), ("worker", "1"), ("worker.unit", VILLAGE)];
    story.command_of("7", "delegate", (TOWN, "leader"), &to, SETTLED).expect("nobody has claimed it");
    story.command_of("1", "claim", (VILLAGE, "worker"), &[], CLAIMED).expect("claimed");
    story.command_of("5", "verify", (CENTRE, "handler"), &[("result", "pass")], VERIFIED).expect("verified");
    story.case.proofs.signatures.push(signature(("leader", "1", VILLAGE, "worker")));
    let decided = story.settle(SIGNED).expect("it says so");
    assert_eq!(missing(&decided), "person, handler, leader, principal_leader");
    assert!(decided.reasons.iter().any(|reason| reason.rule == "signature.standing"));
    story.case.proofs.signatures.push(signature(FOUR[1]));
    let decided = story.settle(SIGNED).expect("as the handler that they are");
    assert_eq!(missing(&decided), "person, leader, principal_leader");
}

#[test]
fn what_was_signed_has_changed_the_signatures_are_void_until_given_again() {
    let pack = bazhou();
    let mut story = verified(&pack);
    story.case.proofs.signatures = FOUR[..2].iter().map(|of| signature(*of)).collect();
    assert_eq!(story.settle(SIGNED).expect("signed").life.signed.len(), 2);
    story.case.proofs.signatures[0].fresh = false;
    story.case.proofs.signatures[1].fresh = false;
    let void = story.settle(ASKED).expect("visibly void");
    assert_eq!((void.directive, void.step.as_str()), (Directive::Void, "sign"));
    assert_eq!(missing(&void), "person, handler, leader, principal_leader");
    let anew = FOUR.map(|of| Signature { at: LATER.parse().expect("a time"), ..signature(of) });
    story.case.proofs.signatures.extend(anew);
    assert_eq!(story.settle(LATER).expect("signed anew").directive, Directive::StrikeOff);
}

#[test]
fn whoever_claimed_it_does_not_verify_it_and_what_fails_is_done_again() {
    let pack = bazhou();
    let mut story = claimed(&pack);
    let own = story.command_of("1", "verify", (CENTRE, "handler"), &[("result", "pass")], VERIFIED);
    assert_eq!(own.expect_err("his own").rule, "verify.own");
    let failed = [("result", "fail"), ("reason", "not-fixed")];
    let again = story.command_of("5", "verify", (CENTRE, "handler"), &failed, VERIFIED).expect("not fixed");
    assert_eq!((again.directive, again.step.as_str(), again.life.redo), (Directive::Redo, "handle", 1));
    assert_eq!((again.unit.as_deref(), again.life.claimed_at), (Some(VILLAGE), None));
    story.command_of("1", "claim", (VILLAGE, "worker"), &[], SIGNED).expect("claimed again");
}

#[test]
fn a_person_who_refuses_to_sign_is_closed_apart_with_attempts_a_witness_and_somebody_higher() {
    let pack = bazhou();
    let mut story = verified(&pack);
    story.case.proofs.signatures = FOUR[1..].iter().map(|of| signature(*of)).collect();
    assert_eq!(missing(&story.settle(SIGNED).expect("three")), "person");
    let mut close = |by: (&str, &str), attempts: &str, witness: &str, how: &str| {
        let args = [("how", how), ("reason", "log-4"), ("attempts", attempts), ("witness", witness)];
        story.command_of("7", "close_unusual", by, &args, ASKED).map_err(|refused| refused.rule)
    };
    let leader = (TOWN, "leader");
    assert_eq!(close((VILLAGE, "worker"), "3", "4", "refused"), Err("command.close_unusual".into()));
    assert_eq!(close(leader, "2", "4", "refused"), Err("unusual.attempts".into()));
    assert_eq!(close(leader, "3", "", "refused"), Err("unusual.witness".into()));
    assert_eq!(close(leader, "3", "4", "signed"), Err("unusual.how".into()));
    let closed = close(leader, "3", "4", "refused").expect("attempts, a witness, a leader");
    assert_eq!(closed.life.closed.map(|closed| closed.how), Some(How::Refused));
    assert_eq!((closed.directive, closed.step.as_str()), (Directive::CloseUnusual, "callback"));
}

#[test]
fn nobody_asks_the_dead_and_the_others_sign_all_the_same() {
    let pack = bazhou();
    let mut story = verified(&pack);
    let args = [("how", "died"), ("reason", "log-4"), ("witness", "4")];
    let refused = story.command_of("7", "close_unusual", (TOWN, "leader"), &args, ASKED);
    assert_eq!(refused.expect_err("the others sign first").rule, "signatures");
    story.case.proofs.signatures = FOUR[1..].iter().map(|of| signature(*of)).collect();
    story.settle(SIGNED).expect("three");
    let closed = story.command_of("7", "close_unusual", (TOWN, "leader"), &args, ASKED).expect("closed");
    assert_eq!((closed.step.as_str(), closed.life.satisfaction), ("look_back", None));
}

#[test]
fn a_callback_is_blind_to_the_handlers_and_satisfaction_is_the_persons_own() {
    let pack = bazhou();
    let mut story = closed(&pack);
    let asked = story.log.last().expect("closed").clone();
    assert_eq!(asked.unit.as_deref(), Some(CENTRE));
    assert!(asked.audience.excluded_units.contains(VILLAGE) && !asked.audience.units.contains(VILLAGE));
    let satisfied = [("answer", "satisfied")];
    let own = story.command_of("1", "callback", (VILLAGE, "worker"), &satisfied, ASKED);
    assert_eq!(own.expect_err("sees nothing of it").rule, "concerned");
    let same_worker = story.command_of("1", "callback", (CENTRE, "worker"), &satisfied, ASKED);
    assert_eq!(same_worker.expect_err("the handler in another unit").rule, "callback.blind");
    let answered = story.command_of("5", "callback", (CENTRE, "handler"), &satisfied, ASKED).expect("asked");
    assert_eq!(answered.life.satisfaction, Some(Satisfaction::Satisfied));
    assert_eq!((answered.step.as_str(), answered.unit.as_deref()), ("look_back", Some(SUPERVISION)));
    assert!(answered.audience.units.contains(VILLAGE), "the handlers see it again");
}

#[test]
fn not_satisfied_opens_it_again_and_counts() {
    let pack = bazhou();
    let mut story = closed(&pack);
    let answer = [("answer", "not_satisfied")];
    let again = story.command_of("5", "callback", (CENTRE, "handler"), &answer, ASKED).expect("asked");
    assert_eq!((again.directive, again.step.as_str()), (Directive::Redo, "handle"));
    assert_eq!((again.life.redo, again.life.reopened, again.life.closed), (1, 1, None));
    assert_eq!((again.unit.as_deref(), again.life.signed.len()), (Some(VILLAGE), 0));
    assert!(again.audience.units.contains(VILLAGE) && again.audience.excluded_units.is_empty());
}

/// Whoever handled it before it was closed the first time has no more to do with it.
#[test]
fn what_fails_after_reopening_and_a_referral_goes_to_whoever_has_it_now() {
    let pack = bazhou();
    let mut story = closed(&pack);
    let again = [("reason", "again")];
    let opened = story.command_of("6", "reopen", (SUPERVISION, "inspector"), &again, ASKED).expect("opened");
    assert_eq!((opened.unit.as_deref(), opened.life.handlers.len()), (Some(VILLAGE), 0));
    let to = [("unit", "511902103"), ("reason", "log-1")];
    story.command_of("1", "refer", (VILLAGE, "worker"), &to, ASKED).expect("referred");
    story.command_of("3", "claim", ("511902103", "handler"), &[], ASKED).expect("claimed");
    let failed = [("result", "fail"), ("reason", "not-fixed")];
    let redo = story.command_of("5", "verify", (CENTRE, "handler"), &failed, LATER).expect("not fixed");
    assert_eq!((redo.directive, redo.unit.as_deref()), (Directive::Redo, Some("511902103")));
    assert!(!redo.audience.units.contains(VILLAGE));
}

#[test]
fn three_times_unreachable_counts_as_unreachable() {
    let pack = bazhou();
    let mut story = closed(&pack);
    for attempt in 1..=3 {
        let answer = [("answer", "unreachable")];
        let asked = story.command_of("5", "callback", (CENTRE, "handler"), &answer, ASKED).expect("asked");
        let (step, counts) =
            if attempt < 3 { ("callback", None) } else { ("look_back", Some(Satisfaction::Unreachable)) };
        assert_eq!(
            (asked.step.as_str(), asked.life.satisfaction, asked.life.attempts),
            (step, counts, attempt)
        );
    }
}

#[test]
fn what_holds_is_archived_and_then_only_reopening_changes_a_figure() {
    let pack = bazhou();
    let mut story = closed(&pack);
    story.command_of("5", "callback", (CENTRE, "handler"), &[("answer", "satisfied")], ASKED).expect("asked");
    let held = [("result", "holds")];
    let held =
        story.command_of("6", "look_back", (SUPERVISION, "inspector"), &held, "2025-06-01T09:00:00+08:00");
    assert_eq!(held.expect("it holds").step, "archive");
    let archived = story.tick();
    assert_eq!((archived.directive, archived.step.as_str()), (Directive::Archive, "archived"));
    assert!(archived.timers.is_empty() && archived.life.closed.is_some());
    let now = "2025-08-01T09:00:00+08:00";
    let worker = story.command_of("1", "reopen", (VILLAGE, "worker"), &[("reason", "again")], now);
    assert_eq!(worker.expect_err("not by the handler").rule, "command.reopen");
    let opened = story.command_of("6", "reopen", (SUPERVISION, "inspector"), &[("reason", "again")], now);
    let opened = opened.expect("an inspector may");
    assert_eq!((opened.step.as_str(), opened.life.reopened, opened.life.closed), ("handle", 1, None));
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn new_facts_about_a_closed_case_are_reviewed_and_change_nothing_by_themselves() {
    let pack = bazhou();
    let mut story = closed(&pack);
    story.set("severity", "heavy");
    let review = story.settle(ASKED).expect("visible");
    assert_eq!((review.directive, review.step.as_str()), (Directive::Review, "review"));
    assert!(review.life.closed.is_some(), "figures stay as they are");
    let keep = [("decision", "keep"), ("reason", "log-9")];
    let worker = story.command_of("5", "amend", (CENTRE, "handler"), &keep, ASKED);
    assert_eq!(worker.expect_err("a reviewer's").rule, "command.amend");
    let kept = story.command_of("5", "amend", (CENTRE, "reviewer"), &keep, ASKED).expect("kept");
    assert_eq!((kept.directive, kept.step.as_str()), (Directive::Keep, "callback"));
    assert!(kept.audience.excluded_units.contains(VILLAGE), "blind as before");
    assert_eq!(story.settle(LATER), None, "the same facts do not ask again");
    story.case.proofs.signatures[2].fresh = false;
    let stale = story.settle(LATER).expect("a signature on changed content");
    assert_eq!((stale.directive, stale.step.as_str()), (Directive::Review, "review"));
}

#[test]
fn what_was_signed_before_it_was_done_again_does_not_count_for_the_next_claim() {
    let pack = bazhou();
    let mut story = closed(&pack);
    let not = [("answer", "not_satisfied")];
    story.command_of("5", "callback", (CENTRE, "handler"), &not, ASKED).expect("asked");
    story
        .command_of("1", "claim", (VILLAGE, "worker"), &[], ASKED)
        .expect("claimed again, in the same words");
    let late = Signature { worker: "3".into(), ..signature(FOUR[0]) };
    story.case.proofs.signatures.push(late);
    let passed = story.command_of("5", "verify", (CENTRE, "handler"), &[("result", "pass")], LATER);
    let passed = passed.expect("verified");
    assert_eq!(missing(&passed), "person, handler, leader, principal_leader", "{:?}", passed.directive);
    for of in FOUR {
        let anew = Signature { at: LATER.parse().expect("a time"), ..signature(of) };
        story.case.proofs.signatures.push(anew);
    }
    assert_eq!(story.settle(LATER).expect("signed for this claim").directive, Directive::StrikeOff);
}

#[test]
fn what_is_offered_is_what_would_be_decided_and_the_rest_says_why_not() {
    let pack = bazhou();
    let story = verified(&pack);
    let offers = |worker, unit, role| {
        let actor = Actor { worker, unit, own_unit: unit, role, standing_in: None };
        offered(&pack, &story.case, &story.log, (actor, SIGNED.parse().expect("a time")))
    };
    let open = |offers: &[Offer]| -> Vec<&'static str> {
        offers.iter().filter(|offer| offer.refused.is_none()).map(|offer| offer.command).collect()
    };
    let refused = |offers: &[Offer], command: &str| {
        let offer = offers.iter().find(|offer| offer.command == command).expect("of the pack");
        offer.refused.as_ref().map(|refused| refused.rule.clone())
    };
    let handler = offers("1", VILLAGE, "worker");
    assert_eq!(open(&handler), ["group", "recuse"]);
    assert_eq!(refused(&handler, "withdraw").as_deref(), Some("withdraw.own"));
    assert_eq!(refused(&handler, "claim").as_deref(), Some("command.claim"), "claimed already");
    let leader = offers("7", TOWN, "leader");
    assert_eq!(open(&leader), ["extend", "recuse", "delegate", "urge"]);
    let why = refused(&leader, "close_unusual");
    assert_eq!(why.as_deref(), Some("signatures"), "the others sign first");
}

/// A form knows of deputies what the command knows: nobody is offered what is then refused.
#[test]
fn a_deputy_is_not_offered_what_whoever_is_away_has_claimed() {
    let pack = bazhou();
    let story = claimed(&pack);
    let verify = |standing_in| {
        let (unit, role) = (CENTRE, "handler");
        let actor = Actor { worker: "5", unit, own_unit: unit, role, standing_in };
        let offers = offered(&pack, &story.case, &story.log, (actor, VERIFIED.parse().expect("a time")));
        let offer = offers.into_iter().find(|offer| offer.command == "verify").expect("of the pack");
        offer.refused.map(|no| no.rule)
    };
    assert_eq!(verify(None), None);
    assert_eq!(verify(Some("2")), None, "somebody who had nothing to do with it");
    assert_eq!(verify(Some("1")).as_deref(), Some("verify.own"), "whoever claimed it");
}

/// What is urgent is dispatched once for what it says; that somebody signs it, or answers, sends nobody out again.
#[test]
fn an_urgent_case_is_signed_and_struck_off_like_any_other() {
    let pack = bazhou();
    let mut story = Story::new(&pack, REGISTERED).with(&[
        ("category", "water"),
        ("place", VILLAGE),
        ("severity", "light"),
        ("urgency", "urgent"),
    ]);
    story.intake();
    let sent = story.dispatch(REGISTERED).expect("dispatched at once");
    let unit = sent.unit.clone().expect("a unit");
    story.settle(SETTLED).expect("confirmed");
    story.command_of("w1", "claim", (&unit, "handler"), &[], CLAIMED).expect("claimed");
    let pass = [("result", "pass")];
    story.command_of("w5", "verify", (CENTRE, "handler"), &pass, VERIFIED).expect("verified");
    story.case.proofs.signatures.push(signature(("person", "w1", &unit, "handler")));
    assert_eq!(story.dispatch(SIGNED), None, "a signature is no new emergency");
    let signed = story.settle(SIGNED).expect("counted");
    assert_eq!((signed.directive, signed.step.as_str()), (Directive::Sign, "sign"));
    assert!(signed.life.claimed_at.is_some() && signed.life.signed.contains("person"));
    // New facts do send somebody, as long as it is open; what is claimed and signed stands until a person decides.
    story.set("urgency", "danger");
    let helped = story.dispatch(ASKED).expect("dispatched");
    assert_eq!((helped.directive, helped.step.as_str()), (Directive::Provisional, "sign"));
    assert!(helped.co_units.iter().any(|unit| unit == "511902-emergency"));
    assert_eq!((&helped.life, helped.due), (&signed.life, signed.due));
    story.set("category", "roads");
    story.set("severity", "heavy");
    story.set("urgency", "normal");
    assert_eq!(story.settle(ASKED).expect("reviewed").directive, Directive::Review);
}
