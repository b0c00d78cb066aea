//! New facts about a case that people work on, or that is closed: a person decides first.
//!
//! Owns parking a case and what a review proposes. Never moves a case by itself.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::command::pause;
use super::{Case, climb, closing, enter, hand_back, hand_to, settled};
use crate::clock::later;
use crate::life::Parked;
use crate::route::Outcome;
use crate::step::Step;
use crate::{Cause, Decision, Directive, Reason, ladder};

/// The rule by which a second referral is reviewed.
pub(super) const TWO_REFERRALS: &str = "two-referrals";
/// The rule by which new facts are reviewed that would take a case elsewhere.
const AMENDMENT: &str = "amendment";

/// What goes on later.
pub(super) fn park(last: &Decision, rule: &str, case: &Case<'_>) -> Parked {
    Parked {
        since: case.now,
        rule: rule.to_owned(),
        step: last.step.clone(),
        unit: last.unit.clone().unwrap_or_default(),
        co_units: last.co_units.clone(),
        tier: last.tier,
        due: last.due,
        ladder: last.routed.ladder.clone(),
        proposed: None,
        until: None,
    }
}

/// What was parked goes on, due at this time and on its own ladder.
pub(super) fn unpark(case: &Case<'_>, decision: &mut Decision, (parked, due): (&Parked, Timestamp)) {
    let seen = decision.audience.units.clone();
    hand_back(case, decision, &parked.unit, &parked.co_units);
    decision.step.clone_from(&parked.step);
    if decision.unit.as_ref() == Some(&parked.unit) {
        decision.tier = parked.tier;
    }
    decision.due = due;
    go_on(case, decision, parked);
    if decision.step == Step::Callback.code() {
        closing::hide(case, decision);
    }
    still_see(decision, seen);
    closing::show_to_signers(case, decision);
    decision.life.parked = None;
}

/// A review or a clock that stands still takes a case out of nobody's sight: signers, whom a leader has delegated to and
/// supervisors were shown it and are shown it once. Whoever is to be blind is blind.
fn still_see(decision: &mut Decision, seen: BTreeSet<String>) {
    let blind = &decision.audience.excluded_units;
    let seen: Vec<String> = seen.into_iter().filter(|unit| !blind.contains(unit)).collect();
    decision.audience.units.extend(seen);
}

/// The ladder that was parked goes on where it stood: later by as much as the due time is, each step that was left and none
/// that was taken. What came due meanwhile comes now.
pub(super) fn go_on(case: &Case<'_>, decision: &mut Decision, parked: &Parked) {
    let mut waits = case.history.iter().rev().take_while(|d| d.life.parked.is_some());
    let again = |d: &&Decision| d.directive == Directive::Redo && d.step == Step::Review.code();
    if let Some(again) = waits.find(again) {
        // Found false while it waited: the ladder of what is done again runs since then.
        decision.timers = ladder::timers(case.pack, &parked.ladder, again.at, decision.due, decision.n);
        (decision.routed.ladder, decision.routed.since) = (parked.ladder.clone(), again.at);
        return not_before_now(case, decision);
    }
    let before = case.history.iter().rev().find(|d| d.life.parked.is_none());
    let Some(before) = before else { return climb(case, decision, parked.ladder.clone()) };
    let moved = before.due.duration_until(decision.due);
    left(case, decision, (before, moved));
    decision.routed.ladder.clone_from(&parked.ladder);
}

/// The ladder of a decision before, later by so much.
pub(super) fn left(case: &Case<'_>, decision: &mut Decision, (before, moved): (&Decision, SignedDuration)) {
    decision.routed.ladder.clone_from(&before.routed.ladder);
    decision.routed.since = later(before.routed.since, moved);
    decision.timers.clone_from(&before.timers);
    for timer in &mut decision.timers {
        timer.generation = decision.n;
        timer.at = later(timer.at, moved);
    }
    not_before_now(case, decision);
}

/// What came due meanwhile comes now, one after another.
fn not_before_now(case: &Case<'_>, decision: &mut Decision) {
    let mut earliest = case.now;
    for timer in &mut decision.timers {
        timer.at = timer.at.max(earliest);
        earliest = later(timer.at, SignedDuration::from_secs(1));
    }
}

/// A review is over and nothing changes: what was parked goes on; a clock that stood still stands still again, until the end
/// that it was given, and what has stood still by then is not lost.
pub(super) fn back(case: &Case<'_>, decision: &mut Decision, parked: &Parked) {
    let stood = |until: Timestamp| pause::moved_by(case, parked.due, (parked.since, until.min(case.now)));
    unpark(case, decision, (parked, parked.until.map_or(parked.due, stood)));
    if let Some(until) = parked.until.filter(|until| *until > case.now) {
        pause::stand_still(decision, until);
        decision.life.parked = Some(Parked { proposed: None, until: None, ..parked.clone() });
    }
}

/// Whether people work on it: somebody has taken it on or claimed it, or it waits to go on.
pub(super) fn busy(last: &Decision) -> bool {
    let life = &last.life;
    life.taken_on.is_some() || life.claimed_at.is_some() || life.parked.is_some()
}

/// An amendment that would take the case from people who work on it. `None` where the pack has no review, or
/// nobody works on it yet: then it applies at once.
pub(super) fn of_amendment(case: &Case<'_>, cause: &Cause, outcome: &Outcome) -> Option<Decision> {
    let last = case.last()?;
    if !busy(last) || case.compartment().is_some() || last.audience.compartment.is_some() {
        return None;
    }
    let inputs = [("unit", last.unit.as_deref().unwrap_or("")), ("proposed", &outcome.unit)];
    propose(case, cause, last, (AMENDMENT, &inputs, Some(&outcome.unit)))
}

/// Two referrals at once: the case stays where the first brought it until a person decides.
pub(super) fn of_referral(
    case: &Case<'_>,
    cause: &Cause,
    last: &Decision,
    (inputs, proposed): (&[(&str, &str)], &str),
) -> Option<Decision> {
    let mut decision = propose(case, cause, last, (TWO_REFERRALS, inputs, Some(proposed)))?;
    decision.digest.clone_from(&last.digest);
    Some(decision)
}

/// A closed case whose facts or signatures changed. Figures stay as they are until somebody reopens it.
pub(super) fn of_closed(case: &Case<'_>, cause: &Cause, last: &Decision, what: &str) -> Option<Decision> {
    if last.step == Step::Withdrawn.code() {
        return None;
    }
    propose(case, cause, last, ("closed-against", &[("changed", what)], None))
}

type Why<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);

fn propose(case: &Case<'_>, cause: &Cause, last: &Decision, why: Why<'_>) -> Option<Decision> {
    let (rule, inputs, proposed) = why;
    let review = case.pack.rules().review.as_ref()?;
    let mut decision = case.carry(last, cause, Directive::Review, Reason::new(rule, inputs, &review.basis));
    decision.digest = case.digest();
    decision.projection = case.projection.clone();
    let in_review = last.step == Step::Review.code();
    let mut parked = match &last.life.parked {
        Some(parked) => parked.clone(),
        None => park(last, rule, case),
    };
    // Between two referrals a person decides as they are; on what the case says by now, after that: [`facts_since`].
    if !in_review || parked.rule != TWO_REFERRALS {
        parked.proposed = proposed.map(str::to_owned);
    }
    if last.step == Step::Suspended.code() {
        parked.until = Some(last.due);
    }
    if last.audience.compartment.is_some() {
        keep_out(case, &mut decision, &mut parked);
    }
    if !in_review {
        to_reviewer(case, &mut decision, &parked);
    }
    decision.life.parked = Some(parked);
    Some(decision)
}

/// Into the hands of whoever decides.
fn to_reviewer(case: &Case<'_>, decision: &mut Decision, parked: &Parked) {
    let Some(review) = &case.pack.rules().review else { return };
    let blind = parked.step == Step::Callback.code();
    let reviewer = match blind {
        // Inside a compartment its own people decide: nobody else sees the case.
        _ if decision.audience.compartment.is_some() => parked.unit.clone(),
        true => closing::blind_reviewer(case, decision, &parked.unit),
        false => case.pack.intake_unit(case.projection, case.now).to_owned(),
    };
    let others: Vec<String> = std::iter::once(parked.unit.clone()).chain(parked.co_units.clone()).collect();
    let seen = decision.audience.units.clone();
    hand_to(case, decision, &reviewer, &others);
    if blind {
        closing::hide(case, decision);
    }
    still_see(decision, seen);
    enter(case, decision, Step::Review, review.class.get_ref());
}

/// Whom a case in a compartment turns out to be about is kept out from now on; where those are the ones who have it, it is
/// with whoever may look into it instead.
fn keep_out(case: &Case<'_>, decision: &mut Decision, parked: &mut Parked) {
    let mut concerned = case.pack.concerned(case.projection);
    match decision.unit.clone().filter(|unit| !concerned.contains(unit)) {
        Some(_) => {
            decision.audience.units.retain(|unit| !concerned.contains(unit));
            decision.audience.excluded_units.append(&mut concerned);
        }
        None => {
            let outcome = settled::outcome(case);
            decision.audience = case.audience(&outcome);
            decision.tier = case.pack.tier(&outcome.unit);
            (decision.unit, decision.co_units) = (Some(outcome.unit), outcome.co_units);
        }
    }
    let out = &decision.audience.excluded_units;
    parked.co_units.retain(|unit| !out.contains(unit));
    if let Some(unit) = decision.unit.as_ref().filter(|_| out.contains(&parked.unit)) {
        (parked.unit, parked.tier) = (unit.clone(), decision.tier);
    }
}

/// Decided between two referrals: what the case came to say meanwhile, and would take it elsewhere, a person decides on next.
pub(super) fn facts_since(case: &Case<'_>, decision: &mut Decision) {
    let waited = case.history.iter().rev().take_while(|d| d.life.parked.is_some());
    let amended = waited.flat_map(|d| &d.reasons).any(|reason| reason.rule == AMENDMENT);
    let disputed = case.projection.disputed(case.pack.reads()).next().is_some();
    let Some(review) = case.pack.rules().review.as_ref().filter(|_| amended && !disputed) else { return };
    let outcome = settled::outcome(case);
    if (&decision.routed.unit, &decision.routed.class) == (&outcome.unit, &outcome.class) {
        return;
    }
    let inputs = [("unit", decision.unit.as_deref().unwrap_or("")), ("proposed", &outcome.unit)];
    decision.reasons.push(Reason::new(AMENDMENT, &inputs, &review.basis));
    if decision.directive == Directive::Keep {
        decision.directive = Directive::Review;
    }
    let parked = Parked { proposed: Some(outcome.unit), ..park(decision, AMENDMENT, case) };
    to_reviewer(case, decision, &parked);
    decision.life.parked = Some(parked);
}
