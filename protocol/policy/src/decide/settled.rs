//! A settled case: routed by the rules, and amended when what they read has changed.
//!
//! Owns assignment and amendment, by settling or by review. Never decides while a read field is disputed.

use super::{Case, changes};
use crate::facts;
use crate::route::{self, Outcome, Step};
use crate::{Cause, Decision, Directive, Reason, Refused};

/// The rules route as they did.
const ROUTE_STANDS: &str = "route-stands";

/// Decides a settled case. `claimed` is the digest that the cause names, to be the projection's own.
pub(super) fn decide(
    case: &Case<'_>,
    cause: &Cause,
    claimed: Option<&str>,
) -> Result<Option<Decision>, Refused> {
    let disputed: Vec<&str> = case.projection.disputed(case.pack.reads()).collect();
    if !disputed.is_empty() {
        return Err(Refused::new("settle-disputed", format!("still disputed: {}", disputed.join(", "))));
    }
    let digest = case.digest();
    if claimed.is_some_and(|c| c != digest) {
        return Err(Refused::new(
            "settle-digest",
            "the cause names another state of the case than the one given",
        ));
    }
    let ended = case.last().is_some_and(|d| d.step == Step::Withdrawn.code());
    let read = case.last_read().filter(|d| super::is_settled(d));
    let same = read.is_some_and(|d| {
        let units = d.projection.subject_units == case.projection.subject_units || !units_matter(case);
        units && d.projection.same_fields(case.projection, case.pack.reads())
    });
    if !same && let Some(decision) = turned_out(case, cause) {
        return Ok(Some(decision));
    }
    if ended || same {
        return Ok(super::closing::progress(case, cause));
    }
    let closed = case.last().filter(|d| d.life.closed.is_some() && read.is_some());
    if let (Some(last), Some(before)) = (closed, read) {
        let changed = changes(case, before, last.unit.as_deref());
        let names: Vec<&str> = changed.iter().map(|c| c.field.as_str()).collect();
        // The text may be what it was, and the people of another unit by now.
        let what = if names.is_empty() { "subject".to_owned() } else { names.join(", ") };
        let mut reviewed = super::review::of_closed(case, cause, last, &what);
        if let Some(decision) = &mut reviewed {
            decision.changed = changed;
        }
        return Ok(reviewed);
    }
    let outcome = outcome(case);
    if let Some(last) = case.last().filter(|d| d.life.closed.is_some()) {
        // Closed before anything was settled (not accepted, say): what it says now is taken down, and opens nothing.
        return Ok(Some(kept(case, cause, last, outcome)));
    }
    let Some(before) = case.last_settled() else {
        let mut decision = first(case, cause, outcome);
        if let Some(provisional) = case.last_read() {
            decision.changed = changes(case, provisional, decision.unit.as_deref());
        }
        confirm(case, &mut decision);
        return Ok(Some(decision));
    };
    let mut decision = if let Some(reviewed) = reviewed(case, cause, &outcome) {
        reviewed
    } else if let Some(last) = standing(case, &outcome) {
        let mut kept = kept(case, cause, last, outcome);
        super::closing::count_again(case, &mut kept);
        kept
    } else {
        let mut moved = case.assign(cause, Directive::Amend, outcome);
        confirm(case, &mut moved);
        moved
    };
    decision.changed = changes(case, before, decision.unit.as_deref());
    Ok(Some(decision))
}

/// In a compartment it also matters of which units those are whom the case names: who looks into it may be among them by
/// now. Once it is closed, that alone matters.
fn units_matter(case: &Case<'_>) -> bool {
    let closed = case.last().filter(|d| d.life.closed.is_some());
    let has = |last: &Decision| {
        let concerned = case.pack.concerned(case.projection);
        last.unit.iter().chain(&last.audience.units).any(|unit| concerned.contains(unit))
    };
    case.compartment().is_some() && closed.is_none_or(has)
}

/// What the case says is taken down; everything else stays.
fn kept(case: &Case<'_>, cause: &Cause, last: &Decision, outcome: Outcome) -> Decision {
    let mut kept = case.carry(last, cause, Directive::Amend, route_stands(&outcome));
    kept.reasons.extend(outcome.reasons);
    kept.routed.rule = outcome.rule;
    kept.digest = case.digest();
    kept.projection = case.projection.clone();
    kept.audience.excluded_units.extend(excluded(case));
    if let Some(unit) = &kept.unit {
        kept.audience.excluded_units.remove(unit);
    }
    kept
}

/// The first settled decision. Where someone has referred or assigned the case out of triage already, that stands; the
/// route is kept beside it, so that a later amendment moves the case only if the route itself changes.
fn first(case: &Case<'_>, cause: &Cause, mut outcome: Outcome) -> Decision {
    let brought = brought(case).and_then(|d| d.unit.clone());
    let routed = outcome.unit.clone();
    if let Some(unit) = brought {
        outcome.unit = unit;
        outcome.co_units.clear();
        outcome.step = Step::Handle;
        let inputs = [("unit", outcome.unit.as_str()), ("route", routed.as_str())];
        outcome.reasons.push(Reason::new("referral-stands", &inputs, &case.pack.rules().referral.basis));
    }
    let mut decision = match busy(case, cause, &outcome) {
        Some(decision) => decision,
        None => case.assign(cause, Directive::Assign, outcome),
    };
    if decision.directive == Directive::Assign {
        decision.routed.unit = routed;
    }
    decision
}

/// The case as people brought it out of triage before anything was read.
pub(super) fn brought<'a>(case: &Case<'a>) -> Option<&'a Decision> {
    let out = |d: &&Decision| d.routed.rule == "intake" && d.step != Step::Triage.code();
    case.last().filter(out).filter(|_| case.last_settled().is_none() && case.compartment().is_none())
}

/// People work on it before anything was settled: with the unit that they are of they go on, and on its clock; before it
/// goes to another one a person looks.
fn busy(case: &Case<'_>, cause: &Cause, outcome: &Outcome) -> Option<Decision> {
    let hidden = case.compartment().is_some();
    let last = case.last().filter(|last| super::review::busy(last) && !hidden)?;
    if last.unit.as_ref() != Some(&outcome.unit) {
        return super::review::of_amendment(case, cause, outcome);
    }
    let (first, others) = outcome.reasons.split_first()?;
    let mut kept = case.carry(last, cause, Directive::Assign, first.clone());
    kept.reasons.extend_from_slice(others);
    (kept.digest, kept.projection) = (case.digest(), case.projection.clone());
    (kept.routed.rule, kept.routed.class) = (outcome.rule.clone(), outcome.class.clone());
    if last.step == Step::Handle.code() && last.routed.rule != "intake" {
        super::hand_to(case, &mut kept, &outcome.unit, &outcome.co_units);
        if last.routed.class != outcome.class {
            super::restart(case, &mut kept, &outcome.class);
        }
    }
    Some(kept)
}

/// A case that is over turns out to belong in a compartment: it begins there anew, at its unit, and what was done with it
/// in the open does not stand. Nobody outside is asked first: whom it concerns may be who closed it.
fn turned_out(case: &Case<'_>, cause: &Cause) -> Option<Decision> {
    let last = case.last()?;
    let over = last.life.closed.is_some() || crate::Step::named(&last.step).is_some_and(crate::Step::is_end);
    if !over || last.audience.compartment.is_some() {
        return None;
    }
    case.compartment()?;
    let mut decision = case.assign(cause, Directive::Amend, outcome(case));
    decision.life.over_again();
    decision.changed = changes(case, last, decision.unit.as_deref());
    Some(decision)
}

/// Where the rules send the case now.
pub(super) fn outcome(case: &Case<'_>) -> Outcome {
    if let Some(compartment) = case.compartment() {
        let mut outcome =
            route::inside(case.pack, compartment, case.projection, (&case.excluded(), case.now));
        if case.pack.compartment_of(case.projection).is_none() {
            let inputs = [("category", case.projection.field("category").shown())];
            let inputs = inputs.each_ref().map(|(k, v)| (*k, v.as_str()));
            outcome.reasons.push(Reason::new("compartment-stays", &inputs, &compartment.basis));
        }
        return outcome;
    }
    let sides = facts::sides(case.pack, case.projection, case.now);
    let facts =
        sides.and_then(|s| s.into_iter().next()).expect("an undisputed projection has exactly one side");
    route::route(case.pack, &facts, case.projection, case.now)
}

/// People work on the case, and the rules would now send it elsewhere: review comes first.
fn reviewed(case: &Case<'_>, cause: &Cause, outcome: &Outcome) -> Option<Decision> {
    if standing(case, outcome).is_some() {
        return None;
    }
    super::review::of_amendment(case, cause, outcome)
}

/// The last decision, if the rules still route as they did: then referrals, escalations and claims stand. Save in a
/// compartment with whoever it turns out to be about.
fn standing<'a>(case: &Case<'a>, outcome: &Outcome) -> Option<&'a Decision> {
    let last = case.last()?;
    // A provisional dispatch that only sent others to help has left the route as it was.
    let helped = |d: &Decision| d.reasons.iter().any(|reason| reason.rule == ROUTE_STANDS);
    let read = case.last_read().is_some_and(|d| super::is_settled(d) || helped(d));
    let compartment = case.compartment().map(|c| c.id.get_ref().as_str());
    let same = last.routed.unit == outcome.unit
        && last.routed.class == outcome.class
        && last.audience.compartment.as_deref() == compartment;
    let own = last.unit.as_ref().is_some_and(|unit| *unit != outcome.unit && excluded(case).contains(unit));
    (read && same && !own).then_some(last)
}

/// A settled decision that confirms a provisional dispatch wins nobody time: its clock goes on.
fn confirm(case: &Case<'_>, decision: &mut Decision) {
    let provisional = case.last().filter(|_| case.last_read().is_some_and(|d| !super::is_settled(d)));
    let Some(last) = provisional else { return };
    if last.unit == decision.unit && last.routed.class == decision.routed.class {
        super::keep_clock(decision, last);
    }
}

pub(super) fn route_stands(outcome: &Outcome) -> Reason {
    Reason::new(
        ROUTE_STANDS,
        &[("unit", &outcome.unit), ("class", &outcome.class)],
        "what was decided since stands",
    )
}

/// In a compartment, whoever is newly named as subject is kept out from now on.
fn excluded(case: &Case<'_>) -> std::collections::BTreeSet<String> {
    case.compartment().map(|_| case.pack.concerned(case.projection)).unwrap_or_default()
}
