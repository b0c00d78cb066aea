//! Deciding: one cause in, at most one decision out.
//!
//! Owns the dispatch by cause and what all decisions share. Never keeps state: history is an argument.

mod closing;
mod command;
mod intake;
mod migration;
mod provisional;
mod review;
mod settled;
mod signable;
mod signing;
mod timer;

pub use command::commands;
pub use migration::counted_due;
pub use signable::{Signable, signable, waits_for_signatures, would_count};

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::audience::{self, Author};
use crate::pack::rules::Compartment;
use crate::route::{self, Outcome};
use crate::{
    Audience, Cause, Changed, Decision, Directive, ENGINE, Life, Pack, Projection, Reason, Refused, Routed,
    Step, ladder,
};

/// Decides a case for one cause at the cause's nominal time.
///
/// `history` is the case's decisions of this epoch in order. `Ok(None)`: nothing to decide (the same digest, a stale
/// timer, a second intake, a document that is no case). `Err`: asked for and refused; the case stands.
#[expect(clippy::needless_pass_by_value, reason = "a cause is used up by deciding it")]
pub fn decide(
    pack: &Pack,
    projection: &Projection,
    history: &[Decision],
    cause: Cause,
    now: Timestamp,
) -> Result<Option<Decision>, Refused> {
    if projection.kind != "case" {
        return Ok(None);
    }
    let case = Case { pack, projection, history, now };
    match &cause {
        Cause::Intake => Ok(intake::decide(&case, &cause)),
        Cause::Settled { digest } => settled::decide(&case, &cause, Some(digest)),
        Cause::Review { .. } => settled::decide(&case, &cause, None),
        Cause::Provisional { digest } => provisional::decide(&case, &cause, digest),
        Cause::Timer { id, generation } => timer::decide(&case, &cause, id, *generation),
        Cause::Command { .. } => command::decide(&case, &cause).map(Some),
        Cause::PolicyMigration { version } => migration::decide(&case, &cause, version),
    }
}

/// Decides a history again from what it stored. `Ok` when it comes out identical; else the numbers that differ.
pub fn replay(pack: &Pack, history: &[Decision]) -> Result<(), Vec<u32>> {
    replay_versions(|_| Some(pack), history)
}

/// The same where versions have changed in between: each decision by the version that it names. One whose version is
/// unknown differs; one of an earlier [`ENGINE`] is not asked again, for that engine is not here.
pub fn replay_versions<'p>(
    version: impl Fn(&str) -> Option<&'p Pack>,
    history: &[Decision],
) -> Result<(), Vec<u32>> {
    let differs = |(i, stored): (usize, &Decision)| {
        let before = history.get(..i).unwrap_or(&[]);
        if stored.engine != ENGINE {
            return None;
        }
        let Some(pack) = version(&stored.policy) else { return Some(stored.n) };
        let again = decide(pack, &stored.projection, before, stored.cause.clone(), stored.at);
        let same = again.is_ok_and(|d| d.is_some_and(|d| same_outcome(&d, stored)));
        (!same).then_some(stored.n)
    };
    let different: Vec<u32> = history.iter().enumerate().filter_map(differs).collect();
    if different.is_empty() { Ok(()) } else { Err(different) }
}

/// Whether a replayed decision is the stored one: everything counts. An epoch opened by a restore is passed through
/// by the server and is the one thing a replay of a single epoch's history cannot know for its first decision.
pub fn same_outcome(a: &Decision, b: &Decision) -> bool {
    if a.n == 1 && b.n == 1 { Decision { epoch: b.epoch, ..a.clone() } == *b } else { a == b }
}

/// What every decision starts from.
pub(crate) struct Case<'a> {
    pack: &'a Pack,
    projection: &'a Projection,
    history: &'a [Decision],
    now: Timestamp,
}

impl<'a> Case<'a> {
    fn last(&self) -> Option<&'a Decision> {
        self.history.last()
    }

    /// The last decision that was made from a settled case.
    fn last_settled(&self) -> Option<&'a Decision> {
        self.history.iter().rev().find(|d| is_settled(d))
    }

    /// The last decision that read the document: settled or provisional.
    fn last_read(&self) -> Option<&'a Decision> {
        self.history.iter().rev().find(|d| is_settled(d) || matches!(d.cause, Cause::Provisional { .. }))
    }

    fn digest(&self) -> String {
        self.projection.digest(self.pack.reads())
    }

    /// The compartment that the case is in or falls into. Once inside it stays until its own unit returns it.
    fn compartment(&self) -> Option<&'a Compartment> {
        let inside = self.last().and_then(|d| d.audience.compartment.as_deref());
        inside.and_then(|id| self.pack.compartment(id)).or_else(|| self.pack.compartment_of(self.projection))
    }

    /// A decision that gives the case to whom the rules name.
    fn assign(&self, cause: &Cause, directive: Directive, outcome: Outcome) -> Decision {
        let n = self.last().map_or(0, |d| d.n) + 1;
        let tier = self.pack.tier(&outcome.unit);
        let registered_at = self.projection.registered_at;
        let (due, why_due) = route::due(self.pack, &outcome.class, tier, registered_at, self.now);
        let ladder = self.pack.class(&outcome.class).map_or_else(String::new, |c| c.ladder.get_ref().clone());
        let timers = ladder::timers(self.pack, &ladder, self.now, due, n);
        let audience = self.audience(&outcome);
        Decision {
            epoch: self.last().map_or(1, |d| d.epoch),
            n,
            at: self.now,
            cause: cause.clone(),
            policy: self.pack.id().to_owned(),
            engine: ENGINE,
            directive,
            routed: Routed {
                rule: outcome.rule,
                unit: outcome.unit.clone(),
                class: outcome.class,
                ladder,
                since: self.now,
            },
            unit: Some(outcome.unit),
            co_units: outcome.co_units,
            tier,
            step: outcome.step.code().to_owned(),
            due,
            audience,
            timers,
            reasons: outcome.reasons.into_iter().chain(why_due).collect(),
            changed: Vec::new(),
            referrals: self.last().map_or(0, |d| d.referrals),
            digest: self.digest(),
            projection: self.projection.clone(),
            life: self.life(),
        }
    }

    /// What a newly assigned case brings with it: all that was, save what belonged to the unit before.
    fn life(&self) -> Life {
        let Some(last) = self.last() else {
            return Life { campaign: self.campaign(), ..Life::default() };
        };
        let mut life = last.life.clone();
        life.moved();
        life.parked = None;
        life.campaign = life.campaign.or_else(|| self.campaign());
        life
    }

    /// The first campaign of the pack that fits.
    fn campaign(&self) -> Option<String> {
        let at = self.projection.registered_at;
        let found = self.pack.rules().campaigns.iter().find(|c| c.from <= at && at < c.to);
        found.map(|c| c.id.get_ref().clone())
    }

    /// Units that were concerned before: they stay so, whatever is written later.
    fn excluded(&self) -> BTreeSet<String> {
        self.last().map(|last| last.audience.excluded_units.clone()).unwrap_or_default()
    }

    fn audience(&self, outcome: &Outcome) -> Audience {
        let before = self.last().map(|d| &d.audience);
        // The walls of a compartment that this pack does not know stand: no version takes a case that it would let out.
        let unknown =
            |a: &&Audience| a.compartment.as_ref().is_some_and(|id| self.pack.compartment(id).is_none());
        if let Some(walls) = before.filter(|a| unknown(a) && self.compartment().is_none()) {
            return walls.clone();
        }
        if let Some(compartment) = self.compartment() {
            let mut closed =
                audience::closed(compartment.id.get_ref(), &outcome.unit, self.pack, self.projection);
            if outcome.unit != *compartment.unit.get_ref() && !compartment.routes.is_empty() {
                // Assigned inside: the compartment's own unit goes on seeing what its groups and offices do.
                closed.units.insert(compartment.unit.get_ref().clone());
            }
            closed.units.extend(outcome.co_units.iter().cloned());
            closed.excluded_units.extend(before.into_iter().flat_map(|a| a.excluded_units.iter().cloned()));
            closed.excluded_units.remove(&outcome.unit);
            closed.units.retain(|u| !closed.excluded_units.contains(u));
            return closed;
        }
        let owners: Vec<&str> =
            std::iter::once(&outcome.unit).chain(&outcome.co_units).map(String::as_str).collect();
        audience::open(self.pack, &owners, Author::after(before), (self.projection, self.now))
    }

    /// A decision that leaves everything as it was, to be changed where the cause says so.
    fn carry(&self, last: &Decision, cause: &Cause, directive: Directive, reason: Reason) -> Decision {
        Decision {
            n: last.n + 1,
            at: self.now,
            cause: cause.clone(),
            policy: self.pack.id().to_owned(),
            engine: ENGINE,
            directive,
            reasons: vec![reason],
            changed: Vec::new(),
            ..last.clone()
        }
    }
}

/// The clock of the decision before goes on: due time, ladder and the timers that are left of it.
fn keep_clock(decision: &mut Decision, last: &Decision) {
    decision.due = last.due;
    decision.timers.clone_from(&last.timers);
    decision.routed.since = last.routed.since;
    decision.routed.ladder.clone_from(&last.routed.ladder);
}

/// Gives a carried decision a new deadline class: due time, ladder and timers start anew.
fn restart(case: &Case<'_>, decision: &mut Decision, class: &str) {
    let registered_at = decision.projection.registered_at;
    let (due, why) = route::due(case.pack, class, decision.tier, registered_at, case.now);
    decision.due = due;
    decision.reasons.extend(why);
    let ladder = case.pack.class(class).map_or_else(String::new, |c| c.ladder.get_ref().clone());
    climb(case, decision, ladder);
}

/// Puts a carried decision into another step, with a deadline class of its own.
fn enter(case: &Case<'_>, decision: &mut Decision, step: Step, class: &str) {
    decision.step = step.code().to_owned();
    restart(case, decision, class);
}

/// Puts a carried decision into the hands of a unit, in the open audience that follows from it.
fn hand_to(case: &Case<'_>, decision: &mut Decision, unit: &str, co_units: &[String]) {
    decision.unit = Some(unit.to_owned());
    decision.co_units = co_units.iter().filter(|u| *u != unit).cloned().collect();
    decision.tier = case.pack.tier(unit);
    if decision.audience.compartment.is_none() {
        let owners: Vec<&str> = std::iter::once(unit).chain(co_units.iter().map(String::as_str)).collect();
        let author = Author::after(Some(&decision.audience));
        decision.audience = audience::open(case.pack, &owners, author, (&decision.projection, case.now));
    }
}

/// Gives a carried decision back to whom it was with: to the unit that stands for each of them by now. Inside a compartment
/// whoever has been kept out since does not get it back, and it stays with whoever has it.
fn hand_back(case: &Case<'_>, decision: &mut Decision, unit: &str, co_units: &[String]) {
    if decision.audience.compartment.is_some() {
        let out = &decision.audience.excluded_units;
        let has = decision.unit.clone().filter(|_| out.contains(unit));
        let others: Vec<String> = co_units.iter().filter(|of| !out.contains(*of)).cloned().collect();
        return hand_to(case, decision, has.as_deref().unwrap_or(unit), &others);
    }
    let stands =
        |code: &str| case.pack.units_ref().standing(code, case.now).map_or(code, |of| &of.code).to_owned();
    let others: BTreeSet<String> = co_units.iter().map(|of| stands(of)).collect();
    hand_to(case, decision, &stands(unit), &others.into_iter().collect::<Vec<_>>());
}

/// Puts a carried decision on a ladder from now to its due time.
fn climb(case: &Case<'_>, decision: &mut Decision, ladder: String) {
    decision.timers = ladder::timers(case.pack, &ladder, case.now, decision.due, decision.n);
    decision.routed.ladder = ladder;
    decision.routed.since = case.now;
}

fn is_settled(decision: &Decision) -> bool {
    matches!(decision.cause, Cause::Settled { .. } | Cause::Review { .. })
}

/// The read fields whose view changed, and the unit.
fn changes(case: &Case<'_>, before: &Decision, unit: Option<&str>) -> Vec<Changed> {
    let field = |name: &String| {
        let (from, to) = (before.projection.field(name), case.projection.field(name));
        (from != to).then(|| Changed { field: name.clone(), from: from.shown(), to: to.shown() })
    };
    let mut changed: Vec<Changed> = case.pack.reads().iter().filter_map(field).collect();
    let owner = case.last().and_then(|d| d.unit.as_deref());
    if owner != unit {
        let text = |u: Option<&str>| u.unwrap_or_default().to_owned();
        changed.push(Changed { field: "unit".into(), from: text(owner), to: text(unit) });
    }
    changed
}
