//! Time: one extension, asked for and given; the clock that stands still and goes on.
//!
//! Owns the bounds of both. Never lets a suspension end later than it was given for.

use jiff::Timestamp;

use super::{Case, Given, own};
use crate::clock::{Span, beijing_date};
use crate::decide::{climb, restart, review};
use crate::life::{Asked, Parked};
use crate::step::Step;
use crate::{Cause, Decision, Directive, Reason, Refused, TimerAt};

/// The timer that ends a suspension.
pub(in crate::decide) const RESUME: &str = "life.resume";

/// One extension, before the due time, with a reason; or the one that was asked for.
pub(super) fn extend(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    extendable(case, last, given)?;
    not_to_oneself(last, given, "extension.own")?;
    let (days, why) = match &last.life.asked {
        Some(asked) if given.optional("days").is_none() => (asked.days.to_string(), asked.reason.as_str()),
        _ => (given.arg("days")?.to_owned(), given.arg("reason")?),
    };
    let count = days_of(case, &days)?;
    let inputs = [("days", days.as_str()), ("due", &last.due.to_string()), ("reason", why)];
    let reason = Reason::new(&given.id(), &inputs, &case.pack.rules().extension.basis);
    let mut decision = case.carry(last, given.cause, Directive::Extend, reason);
    decision.life.asked = None;
    decision.due = case.pack.count(Span::Days(count), last.due).at;
    climb(case, &mut decision, last.routed.ladder.clone());
    Ok(decision)
}

/// Time is given by somebody else than whoever is in charge, claimed it or asked, in whosever place they act: it wants a
/// leader's approval, and nobody approves of themselves.
fn not_to_oneself(last: &Decision, given: &Given<'_>, rule: &str) -> Result<(), Refused> {
    let asked = last.life.asked.as_ref().is_some_and(|asked| asked.worker == given.by_worker);
    if asked || own(last, given) {
        return Err(Refused::command(rule, "nobody gives themselves time; another leader does"));
    }
    Ok(())
}

/// The handler asks; whoever may extend decides. The deadline stays as it is.
pub(super) fn ask(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle])?;
    extendable(case, last, given)?;
    if last.life.asked.is_some() {
        return Err(given.refuse("an extension has been asked for and waits for an answer"));
    }
    let (days, why) = (given.arg("days")?, given.arg("reason")?);
    let count = days_of(case, days)?;
    let mut decision = given.carry(case, last, Directive::AskExtension, &[("days", days), ("reason", why)]);
    decision.life.asked =
        Some(Asked { days: count, reason: why.to_owned(), worker: given.by_worker.to_owned() });
    Ok(decision)
}

/// The extension is not given; the deadline stands.
pub(super) fn deny(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    if last.life.asked.is_none() {
        return Err(given.refuse("nobody has asked for an extension"));
    }
    let mut decision = given.carry(case, last, Directive::DenyExtension, &[("reason", given.arg("reason")?)]);
    decision.life.asked = None;
    Ok(decision)
}

fn extendable(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<(), Refused> {
    let rule = &case.pack.rules().extension;
    if last.life.closed.is_some() || last.life.parked.is_some() {
        return Err(given.refuse(format!("the case is at {:?}, where no deadline is extended", last.step)));
    }
    if extended(case) {
        return Err(Refused::command("extension.once", format!("a case is extended once ({})", rule.basis)));
    }
    if case.now > last.due {
        let message = "the case is overdue; an extension comes before the due time";
        return Err(Refused::command("extension.late", message));
    }
    Ok(())
}

/// Whether the deadline that runs was extended. One that is counted anew, because the case goes to whom the rules or triage
/// say, may be extended once, as the one before; what is done again, returned or goes up a tier was extended already.
pub(in crate::decide) fn extended(case: &Case<'_>) -> bool {
    let counts = |d: &&Decision| {
        let goes = matches!(
            d.directive,
            Directive::Assign
                | Directive::Amend
                | Directive::Provisional
                | Directive::Migrate
                | Directive::Entrust
                | Directive::Refer
        );
        goes && d.routed.since == d.at && d.reasons.iter().any(|reason| reason.rule.starts_with("class."))
    };
    let runs = case.history.iter().rev().take_while(|d| !counts(d));
    runs.into_iter().any(|d| d.directive == Directive::Extend)
}

fn days_of(case: &Case<'_>, days: &str) -> Result<u32, Refused> {
    let rule = &case.pack.rules().extension;
    let count = days.parse::<u32>().ok().filter(|n| (1..=rule.days).contains(n));
    count.ok_or_else(|| {
        let message = format!("an extension is 1 to {} days ({})", rule.days, rule.basis);
        Refused::command("extension.days", message)
    })
}

/// For a reason of the pack and at most so many days the clock stands still.
pub(super) fn suspend(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle])?;
    let Some(rule) = &case.pack.rules().suspension else {
        return Err(given.refuse("the clock never stands still in this district"));
    };
    not_to_oneself(last, given, "suspension.own")?;
    let (why, days) = (given.arg("reason")?, given.arg("days")?);
    if case.now > last.due {
        let message = "the case is overdue; a clock stands still before the due time or not at all";
        return Err(Refused::command("suspension.late", message));
    }
    if !rule.reasons.iter().any(|reason| reason == why) {
        let message = format!("{why:?} is no reason ({}); one of {}", rule.basis, rule.reasons.join(", "));
        return Err(Refused::command("suspension.reason", message));
    }
    let count = days.parse::<u32>().ok().filter(|n| (1..=rule.days).contains(n));
    let Some(count) = count else {
        let message = format!("a suspension is 1 to {} days ({})", rule.days, rule.basis);
        return Err(Refused::command("suspension.days", message));
    };
    if last.life.suspensions >= rule.times {
        let message = format!("a case is suspended at most {} times ({})", rule.times, rule.basis);
        return Err(Refused::command("suspension.times", message));
    }
    let inputs = [("reason", why), ("days", days), ("due", &last.due.to_string())];
    let mut decision = given.carry(case, last, Directive::Suspend, &inputs);
    decision.life.parked = Some(review::park(last, "suspension", case));
    decision.life.suspensions += 1;
    // Plain days: a holiday at the end does not make it longer than it was given for.
    let given_for = jiff::SignedDuration::from_hours(24 * i64::from(count));
    stand_still(&mut decision, case.now.checked_add(given_for).unwrap_or(Timestamp::MAX));
    Ok(decision)
}

/// The clock stands still until then.
pub(in crate::decide) fn stand_still(decision: &mut Decision, until: Timestamp) {
    decision.step = Step::Suspended.code().to_owned();
    decision.due = until;
    decision.timers = vec![TimerAt { id: RESUME.into(), generation: decision.n, at: until }];
}

/// A due time so much later as the clock stood still: by the second where it is counted in hours, else by days.
pub(in crate::decide) fn moved_by(
    case: &Case<'_>,
    due: Timestamp,
    (since, until): (Timestamp, Timestamp),
) -> Timestamp {
    let running = case.last().map(|last| (case.pack.class(&last.routed.class), last.tier));
    if let Some((Some(class), tier)) = running
        && matches!(class.span(tier), Some(Span::Hours(_)))
    {
        return due.checked_add(until.duration_since(since)).unwrap_or(Timestamp::MAX);
    }
    let stood = beijing_date(until) - beijing_date(since);
    match u32::try_from(stood.get_days()).unwrap_or(0) {
        0 => due,
        days => case.pack.count(Span::Days(days), due).at,
    }
}

/// Before its time.
pub(super) fn resume_now(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Suspended])?;
    let reason = Reason::new(&given.id(), &[("unit", given.by_unit)], &given.rule.basis);
    resume(case, last, given.cause, reason).ok_or_else(|| given.refuse("nothing is suspended"))
}

/// The clock goes on: the case is due so many days later as it stood still.
pub(in crate::decide) fn resume(
    case: &Case<'_>,
    last: &Decision,
    cause: &Cause,
    reason: Reason,
) -> Option<Decision> {
    let parked = last.life.parked.clone()?;
    let mut decision = case.carry(last, cause, Directive::Resume, reason);
    let due = moved_by(case, parked.due, (parked.since, case.now));
    review::unpark(case, &mut decision, (&parked, due));
    Some(decision)
}

/// Again from the start of handling, by whoever has it, with the deadline of what is done again.
pub(super) fn redo(case: &Case<'_>, decision: &mut Decision) {
    let rules = case.pack.rules();
    decision.life.redo += 1;
    decision.life.unclaimed();
    decision.step = Step::Handle.code().to_owned();
    let class = rules.redo.as_ref().map_or(&rules.referral.class, |rule| &rule.class);
    let class = match decision.audience.compartment.as_deref().and_then(|id| case.pack.compartment(id)) {
        Some(compartment) => compartment.class.get_ref(),
        None => class.get_ref(),
    };
    restart(case, decision, class);
}

/// The same while the case is under review, which comes first: what goes on after it is handling again, by those who had it,
/// on a deadline that runs from now.
pub(super) fn redo_after_review(case: &Case<'_>, decision: &mut Decision) {
    let Some(parked) = decision.life.parked.clone() else { return redo(case, decision) };
    let mut again = Decision { unit: Some(parked.unit.clone()), tier: parked.tier, ..decision.clone() };
    redo(case, &mut again);
    decision.life = again.life;
    decision.reasons = again.reasons;
    decision.life.parked =
        Some(Parked { step: again.step, due: again.due, ladder: again.routed.ladder, ..parked });
}
