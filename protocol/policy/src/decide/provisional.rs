//! Urgent cases do not wait: every unit that any side of the disputes names starts now.
//!
//! Owns the union. Never settles a dispute; the settled decision that follows confirms or corrects.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, changes};
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
    let mut decision = case.assign(cause, Directive::Provisional, outcome);
    if let Some(before) = case.last_read() {
        decision.changed = changes(case, before, decision.unit.as_deref());
    }
    Ok(Some(decision))
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
