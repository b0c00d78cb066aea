//! Moving a standing decision to another policy version, explicitly.
//!
//! Owns migration. Never reads the document as it is now: it decides the last settled state again.

use super::command::pause;
use super::{Case, review};
use crate::step::Step;
use crate::{Audience, Cause, Changed, Decision, Directive, Reason, Refused, ladder, route};

/// Input of the reason `migration`: the due time that the pack would have set.
const COUNTED: &str = "counted_due";

/// Decides the last settled projection by this pack; a case that never settled only takes on the version. New rules take
/// nothing from people who work by the old ones: what was moved, extended, claimed or closed since stands, and a person
/// looks first where somebody has taken it on. An end stays as it is.
pub(super) fn decide(case: &Case<'_>, cause: &Cause, version: &str) -> Result<Option<Decision>, Refused> {
    if version != case.pack.id() {
        return Err(Refused::new("migration-version", format!("this is {}, not {version}", case.pack.id())));
    }
    let Some(last) = case.last() else { return Ok(None) };
    if last.policy == version || Step::named(&last.step).is_some_and(Step::is_end) {
        return Ok(None);
    }
    let settled = case.last_read().filter(|d| super::is_settled(d));
    let read = settled.map_or(&last.projection, |d| &d.projection);
    let Some(walls) = walls(&Case { projection: read, ..*case }, last) else {
        let id = last.audience.compartment.as_deref().unwrap_or_default();
        let message = format!(
            "the case lies in the compartment {id:?}, which {version} does not have, and none of its own takes it; \
             keep that compartment in the pack, or one whose condition holds for such cases"
        );
        return Err(Refused::new("migration-compartment", message));
    };
    let mut decision = moved(case, cause, (last, version));
    if decision.audience.compartment == last.audience.compartment {
        decision.audience = walls;
    }
    Ok(Some(decision))
}

/// Who may see the case by this pack where nothing else changes: where it lies in a compartment that is called otherwise
/// now, that one. `None`: the pack would let it out. Only its own unit lets a case out of a compartment.
fn walls(read: &Case<'_>, last: &Decision) -> Option<Audience> {
    let mut walls = last.audience.clone();
    let Some(id) = &walls.compartment else { return Some(walls) };
    if read.pack.compartment(id).is_some() {
        return Some(walls);
    }
    let other = read.pack.compartment_of(read.projection)?;
    walls.compartment = Some(other.id.get_ref().clone());
    walls.units.insert(other.unit.get_ref().clone());
    walls.units.retain(|unit| !walls.excluded_units.contains(unit));
    Some(walls)
}

/// The last settled projection, decided by this pack.
fn moved(case: &Case<'_>, cause: &Cause, (last, version): (&Decision, &str)) -> Decision {
    let reason = Reason::new(
        "migration",
        &[("from", &last.policy), ("to", version)],
        "policy versions take effect explicitly",
    );
    let settled = case.last_read().filter(|d| super::is_settled(d));
    let Some(settled) = settled.filter(|d| d.projection.disputed(case.pack.reads()).next().is_none()) else {
        return stays(case, cause, last, reason);
    };
    let then = Case { projection: &settled.projection, ..*case };
    let outcome = super::settled::outcome(&then);
    if outcome.unit == last.routed.unit && outcome.class == last.routed.class {
        return stays(case, cause, last, reason);
    }
    // What falls into a compartment does so at once, whoever works on it: the others may not see it.
    let hides = last.audience.compartment.is_none() && then.compartment().is_some();
    if last.life.closed.is_some() || !hides && stands(case, last) {
        return stays(case, cause, last, reason);
    }
    if !hides && review::busy(last) {
        let Some(mut reviewed) = review::of_amendment(&then, cause, &outcome) else {
            return stays(case, cause, last, reason);
        };
        reviewed.reasons.insert(0, reason);
        return reviewed;
    }
    let mut decision = then.assign(cause, Directive::Migrate, outcome);
    decision.reasons.insert(0, reason);
    if decision.unit != last.unit {
        let text = |unit: &Option<String>| unit.clone().unwrap_or_default();
        decision.changed.push(Changed {
            field: "unit".into(),
            from: text(&last.unit),
            to: text(&decision.unit),
        });
    }
    decision
}

/// Whether the case is where people or a ladder brought it, not where the rules did: beyond handling, or waiting to go on;
/// referred, entrusted, escalated; done again; on a deadline that was extended.
fn stands(case: &Case<'_>, last: &Decision) -> bool {
    let life = &last.life;
    let routed = [Step::Triage, Step::Handle].iter().any(|step| step.code() == last.step);
    let moved = last.referrals > 0 || last.unit.as_deref() != Some(last.routed.unit.as_str());
    !routed || moved || pause::extended(case) || life.parked.is_some() || life.redo > 0 || life.reopened > 0
}

/// Owner and step stay, and so does the due time: it was promised. What this pack would have said is written beside it. One
/// that was counted without a year's notice is counted again by what is known now; steps of the ladder that have been taken
/// are not taken again.
fn stays(case: &Case<'_>, cause: &Cause, last: &Decision, reason: Reason) -> Decision {
    let mut kept = case.carry(last, cause, Directive::Migrate, reason);
    let Some((set, class)) = set_by(case, last) else { return kept };
    let provisional = set.reasons.iter().any(|r| r.rule == "calendar-provisional");
    let (due, why) = route::due(case.pack, &class, set.tier, set.projection.registered_at, set.at);
    if due == last.due {
        return kept;
    }
    if !provisional {
        for migration in &mut kept.reasons {
            migration.inputs.insert("due".into(), last.due.to_string());
            migration.inputs.insert(COUNTED.into(), due.to_string());
        }
        return kept;
    }
    kept.reasons.extend(why);
    let waits = |id: &str| last.timers.iter().any(|t| t.id == id);
    let mut timers = ladder::timers(case.pack, &last.routed.ladder, last.routed.since, due, kept.n);
    timers.retain(|timer| waits(&timer.id));
    if !timers.is_empty() {
        timers.iter_mut().for_each(|timer| timer.at = timer.at.max(case.now));
        kept.timers = timers;
    }
    kept.changed.push(Changed { field: "due".into(), from: last.due.to_string(), to: due.to_string() });
    kept.due = due;
    kept
}

/// The decision that set the due time which stands, and the class by which it did; none where somebody extended it.
fn set_by<'a>(case: &Case<'a>, last: &Decision) -> Option<(&'a Decision, String)> {
    let stood = case.history.iter().rev().take_while(|d| d.due == last.due);
    stood.into_iter().find_map(|d| {
        let class = d.reasons.iter().find_map(|r| r.rule.strip_prefix("class."))?;
        Some((d, class.to_owned()))
    })
}

/// The due time that the version a case was moved to would have set, where another stands.
pub fn counted_due(decision: &Decision) -> Option<jiff::Timestamp> {
    let migration = decision.reasons.iter().find(|reason| reason.rule == "migration");
    migration?.inputs.get(COUNTED)?.parse().ok()
}
