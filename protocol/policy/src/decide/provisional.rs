//! Urgent cases do not wait: every unit that any side of the disputes names starts now.
//!
//! Owns the union. Never settles a dispute; the settled decision that follows confirms or corrects. Never takes a case
//! from people who work on it, and wins nobody time.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, changes, review, settled};
use crate::audience::{self, Author};
use crate::facts;
use crate::route::{self, Outcome, Step};
use crate::{Cause, Decision, Directive, Reason, Refused};

/// Dispatches to the union of units over all values in question, on an hours deadline.
pub(super) fn decide(case: &Case<'_>, cause: &Cause, claimed: &str) -> Result<Option<Decision>, Refused> {
    let settle = &case.pack.rules().settle;
    if !case.pack.settle(case.projection).urgent {
        return Err(Refused::new(
            "settle.urgent",
            "the case is not urgent on any side: it waits until it settles",
        ));
    }
    if claimed != case.digest() {
        return Err(Refused::new(
            "settle-digest",
            "the cause names another state of the case than the one given",
        ));
    }
    // Somebody signs, answers: that is for settling. And a closed case changes by reopening alone, after a review.
    let reads = case.pack.reads();
    let same = case.last_read().is_some_and(|d| d.projection.same_fields(case.projection, reads));
    if same || case.last().is_some_and(|d| d.life.closed.is_some()) {
        return Ok(None);
    }
    let read = |name: &String| (name.clone(), case.projection.field(name).shown());
    let inputs: BTreeMap<String, String> = settle.urgent.reads().iter().map(read).collect();
    let mut outcome = match case.compartment() {
        Some(compartment) => {
            route::inside(case.pack, compartment, case.projection, (&case.excluded(), case.now))
        }
        None => union(case),
    };
    outcome.reasons.insert(0, Reason { rule: "settle.urgent".into(), inputs, basis: settle.basis.clone() });
    if case.compartment().is_none() {
        outcome.class.clone_from(case.pack.rules().provisional.class.get_ref());
    }
    let moved = |last: &Decision| {
        last.unit.as_deref() != Some(last.routed.unit.as_str())
            && (&last.routed.unit, &last.routed.class) == (&outcome.unit, &outcome.class)
    };
    // What falls into a compartment does so at once, whoever works on it: the others may not see it.
    let hides = |last: &Decision| last.audience.compartment.is_none() && case.compartment().is_some();
    let brought = settled::brought(case).is_some();
    let stays = case.last().filter(|last| !hides(last) && (brought || review::busy(last) || moved(last)));
    let decided = match stays {
        Some(last) => beside(case, cause, last, &outcome),
        None => {
            let mut sent = case.assign(cause, Directive::Provisional, outcome);
            keep_time(case, &mut sent);
            Some(sent)
        }
    };
    Ok(decided.map(|mut decision| {
        if let Some(before) = case.last_read() {
            decision.changed = changes(case, before, decision.unit.as_deref());
        }
        decision
    }))
}

/// Units that are not there yet come to help whoever handles it; nothing else changes before it settles, and then a person
/// looks first. What is suspended or under review is joined by nobody.
fn beside(case: &Case<'_>, cause: &Cause, last: &Decision, outcome: &Outcome) -> Option<Decision> {
    let open = last.life.parked.is_none() && last.audience.compartment.is_none();
    let there = |unit: &String| last.unit.as_ref() == Some(unit) || last.co_units.contains(unit);
    let named = std::iter::once(&outcome.unit).chain(&outcome.co_units);
    let more: Vec<&String> = named.filter(|unit| open && !there(unit)).collect();
    if more.is_empty() {
        return None;
    }
    let (urgent, routed) = outcome.reasons.split_first()?;
    let mut decision = case.carry(last, cause, Directive::Provisional, urgent.clone());
    decision.reasons.extend_from_slice(routed);
    decision.reasons.push(settled::route_stands(outcome));
    let owners: Vec<&str> = more.iter().map(|unit| unit.as_str()).collect();
    let seen = audience::open(case.pack, &owners, Author::Left, (case.projection, case.now)).units;
    let excluded = &last.audience.excluded_units;
    decision.audience.units.extend(seen.into_iter().filter(|unit| !excluded.contains(unit)));
    let co_units: BTreeSet<&String> = last.co_units.iter().chain(more).collect();
    decision.co_units = co_units.into_iter().cloned().collect();
    decision.digest = case.digest();
    decision.projection = case.projection.clone();
    Some(decision)
}

/// A provisional dispatch to whoever has the case wins them no time: the earlier deadline goes on with its ladder.
fn keep_time(case: &Case<'_>, sent: &mut Decision) {
    let same = |last: &&Decision| last.unit == sent.unit && last.step == sent.step;
    let Some(last) = case.last().filter(same) else { return };
    if last.routed.class == sent.routed.class || last.due <= sent.due {
        super::keep_clock(sent, last);
    }
}

/// One outcome that names everyone. The lead is the first that handles, in order of sides.
fn union(case: &Case<'_>) -> Outcome {
    let Some(sides) = facts::sides(case.pack, case.projection, case.now) else {
        let limit = facts::MAX_SIDES.to_string();
        return Outcome {
            rule: "too-many-sides".into(),
            unit: case.pack.desk().to_owned(),
            co_units: Vec::new(),
            class: String::new(),
            step: Step::Triage,
            reasons: vec![Reason::new(
                "too-many-sides",
                &[("limit", &limit)],
                "the district's desk dispatches by hand",
            )],
        };
    };
    let outcomes: Vec<Outcome> =
        sides.iter().map(|side| route::route(case.pack, side, case.projection, case.now)).collect();
    let handles = |o: &&Outcome| o.step == Step::Handle;
    let lead =
        outcomes.iter().find(handles).or(outcomes.first()).expect("there is at least one side").clone();
    let units: BTreeSet<&String> =
        outcomes.iter().flat_map(|o| std::iter::once(&o.unit).chain(&o.co_units)).collect();
    let co_units = units.into_iter().filter(|u| **u != lead.unit).cloned().collect();
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in outcomes.iter().flat_map(|o| &o.reasons) {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    Outcome { co_units, reasons, ..lead }
}
