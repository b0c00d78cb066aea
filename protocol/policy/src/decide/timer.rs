//! A ladder step: remind, supervise, escalate a tier, and remind for ever once nobody is above.
//!
//! Owns what a timer does. Never reads the document: it acts on the last decision and never re-routes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::closing::ARCHIVE;
use super::command::{RESUME, resume};
use super::{Case, restart};
use crate::audience::{self, Author};
use crate::clock::later;
use crate::pack::rules::{Act, Escalation};
use crate::{Cause, Decision, Directive, Reason, Refused, TimerAt, ladder};

/// Acts on one timer of the last decision; a stale one does nothing.
pub(super) fn decide(
    case: &Case<'_>,
    cause: &Cause,
    id: &str,
    generation: u32,
) -> Result<Option<Decision>, Refused> {
    let Some(last) = case.last() else { return Ok(None) };
    let Some(place) = last.timers.iter().position(|t| t.id == id && t.generation == generation) else {
        return Ok(None);
    };
    let timer = &last.timers[place];
    if place > 0 {
        return Err(Refused::new("ladder-order", format!("{} comes before {id}", last.timers[0].id)));
    }
    if case.now < timer.at {
        return Err(Refused::new("ladder-early", format!("{id} is not due before {}", timer.at)));
    }
    if let Some(decision) = of_life(case, cause, last, timer) {
        return Ok(Some(decision));
    }
    let (act, repeat) = ladder::step(case.pack, &last.routed.ladder, id);
    let basis = case.pack.ladder(&last.routed.ladder).map_or("", |l| l.basis.as_str());
    let rule = format!("ladder.{}.{id}", last.routed.ladder);
    let reason = Reason::new(&rule, &[("due", &last.due.to_string()), ("step", &last.step)], basis);
    let mut decision = case.carry(last, cause, act.directive(), reason);
    decision.timers.remove(0);
    match act {
        Act::Remind | Act::Overdue => {}
        Act::Supervise => supervise(case, &mut decision),
        Act::Escalate => escalate(case, &mut decision),
    }
    keep_going(&mut decision, id, repeat.map(|r| later(timer.at, r)));
    Ok(Some(decision))
}

/// A timer that is no step of a ladder: a suspension ends, a file is closed.
fn of_life(case: &Case<'_>, cause: &Cause, last: &Decision, timer: &TimerAt) -> Option<Decision> {
    let inputs = [("due", last.due.to_string())];
    let inputs = inputs.each_ref().map(|(k, v)| (*k, v.as_str()));
    let rules = case.pack.rules();
    match timer.id.as_str() {
        RESUME => {
            let basis = rules.suspension.as_ref().map_or("", |rule| rule.basis.as_str());
            resume(case, last, cause, Reason::new(RESUME, &inputs, basis))
        }
        ARCHIVE => {
            let basis = rules.archive.as_ref().map_or("", |rule| rule.basis.as_str());
            let reason = Reason::new(ARCHIVE, &inputs, basis);
            let mut decision = case.carry(last, cause, Directive::Archive, reason);
            super::closing::archive(case, &mut decision);
            Some(decision)
        }
        _ => None,
    }
}

/// The supervisors see it from now on, save inside a compartment, and save whoever is to know nothing of it.
pub(super) fn supervise(case: &Case<'_>, decision: &mut Decision) {
    if decision.audience.compartment.is_none() {
        let supervisors = case.pack.rules().audience.supervisors.iter().map(toml::Spanned::get_ref);
        let excluded = &decision.audience.excluded_units;
        let supervisors: Vec<String> =
            supervisors.filter(|unit| !excluded.contains(*unit)).cloned().collect();
        decision.audience.units.extend(supervisors);
    }
}

/// To the tier above with a deadline of its own; the former owner goes on working under it.
fn escalate(case: &Case<'_>, decision: &mut Decision) {
    let Some((rule, unit)) = above(case, decision) else {
        decision.directive = Directive::Overdue;
        decision.reasons.push(Reason::new(
            "no-tier-above",
            &[("tier", decision.tier.code())],
            "every open case keeps a next step (件件有着落)",
        ));
        return;
    };
    let from = decision.unit.replace(unit.clone());
    let mut co_units: BTreeSet<String> = decision.co_units.drain(..).chain(from.clone()).collect();
    co_units.remove(&unit);
    decision.co_units = co_units.into_iter().collect();
    decision.tier = case.pack.tier(&unit);
    let inputs = [("from", from.as_deref().unwrap_or("")), ("to", unit.as_str())];
    let id = format!("escalation.{}", rule.from.get_ref());
    decision.reasons.push(Reason::new(&id, &inputs, &rule.basis));
    restart(case, decision, rule.class.get_ref());
    let owners: Vec<&str> = std::iter::once(&unit).chain(&decision.co_units).map(String::as_str).collect();
    let seen = (&decision.projection, case.now);
    let mut audience = audience::open(case.pack, &owners, Author::after(Some(&decision.audience)), seen);
    audience.units.append(&mut decision.audience.units);
    // Whoever is blind to it stays so, however far up it goes.
    audience.excluded_units.append(&mut decision.audience.excluded_units);
    audience.units.retain(|unit| !audience.excluded_units.contains(unit));
    decision.audience = audience;
}

/// The unit of the next tier. None inside a compartment, at the top, and where that unit is to know nothing of the case.
fn above<'a>(case: &Case<'a>, decision: &Decision) -> Option<(&'a Escalation, String)> {
    if decision.audience.compartment.is_some() {
        return None;
    }
    let owner = decision.unit.as_deref()?;
    let rule = case.pack.rules().escalations.iter().find(|e| *e.from.get_ref() == decision.tier)?;
    let named = match rule.to.get_ref().as_str() {
        "parent" => case.pack.units_above(owner).into_iter().next()?,
        code => code,
    };
    let unit = case.pack.units_ref().standing(named, case.now)?;
    let blind = decision.audience.excluded_units.contains(&unit.code);
    (unit.code != owner && !blind).then(|| (rule, unit.code.clone()))
}

/// A case is never without a next timer: the step again where it repeats or where it was the last.
fn keep_going(decision: &mut Decision, id: &str, again: Option<Timestamp>) {
    let weekly = later(decision.at, jiff::SignedDuration::from_hours(24 * 7));
    if again.is_some() || decision.timers.is_empty() {
        let at = again.unwrap_or(weekly);
        decision.timers.push(TimerAt { id: id.to_owned(), generation: decision.n, at });
        decision.timers.sort_by_key(|t| t.at);
    }
}
