//! What each command does to a case.
//!
//! Owns the effects and their own conditions (limits, steps, dates). Never checks roles; `command` has done so.

use super::{Case, Given};
use crate::audience::{self, Author};
use crate::clock::Span;
use crate::decide::{climb, restart};
use crate::route::Step;
use crate::{Cause, Decision, Directive, Reason, Refused};

/// Another unit takes over; the one before and the author no longer see it unless they are above.
pub(super) fn refer(
    case: &Case<'_>,
    cause: &Cause,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    let referral = &case.pack.rules().referral;
    if last.audience.compartment.is_some() {
        return Err(given.refuse("a case in a compartment is not referred; its unit may return it"));
    }
    let (to, why) = (given.arg("unit")?, given.arg("reason")?);
    let Some(unit) = case.pack.unit(to, case.now) else {
        return Err(given.refuse(format!("there is no unit {to} at this time")));
    };
    if last.unit.as_deref() == Some(to) {
        return Err(given.refuse(format!("{to} has the case already")));
    }
    if last.referrals >= referral.limit && !referral.beyond.iter().any(|r| r == given.by_role) {
        let roles = referral.beyond.join(", ");
        let message = format!(
            "referred {} times, the limit ({}): only {roles} may decide",
            last.referrals, referral.basis
        );
        return Err(Refused::new("referral.limit", message));
    }
    let from = last.unit.as_deref().unwrap_or("");
    let count = (last.referrals + 1).to_string();
    let inputs = [("from", from), ("to", to), ("reason", why), ("referrals", count.as_str())];
    let mut decision =
        case.carry(last, cause, Directive::Refer, Reason::new(&given.id(), &inputs, &given.rule.basis));
    decision.unit = Some(to.to_owned());
    decision.co_units.clear();
    decision.tier = unit.level.tier();
    decision.referrals += 1;
    decision.audience = audience::open(case.pack, &[to], Author::Left, (&last.projection, case.now));
    if last.step == Step::Handle.code() {
        // The deadline goes with the case: passing it on wins nobody time, save the least anyone gets.
        let least = case.pack.count(case.pack.rules().clock.at_least, case.now).at;
        decision.due = last.due.max(least);
        let ladder =
            case.pack.class(&last.routed.class).or_else(|| case.pack.class(referral.class.get_ref()));
        let ladder = ladder.map_or_else(String::new, |c| c.ladder.get_ref().clone());
        climb(case, &mut decision, ladder);
    } else {
        restart(case, &mut decision, referral.class.get_ref());
    }
    decision.step = Step::Handle.code().into();
    Ok(decision)
}

/// The handler takes it on. After a provisional dispatch to several, whoever takes it on leads.
pub(super) fn accept(
    case: &Case<'_>,
    cause: &Cause,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    if last.step == Step::Verify.code() {
        return Err(given.refuse("the case is claimed resolved and waits for verification"));
    }
    let owner = last.unit.clone().unwrap_or_default();
    let inputs = [("unit", given.by_unit), ("owner", owner.as_str())];
    let reason = Reason::new(&given.id(), &inputs, &given.rule.basis);
    let mut decision = case.carry(last, cause, Directive::TakeOn, reason);
    let provisional = matches!(case.last_read().map(|d| &d.cause), Some(Cause::Provisional { .. }));
    if let Some(place) = decision.co_units.iter().position(|u| provisional && u == given.by_unit) {
        decision.co_units.remove(place);
        decision.co_units.push(owner);
        decision.co_units.sort();
        decision.unit = Some(given.by_unit.to_owned());
        decision.tier = case.pack.tier(given.by_unit);
    }
    Ok(decision)
}

/// Claimed resolved (办结): verification comes next, on a deadline and ladder of its own.
pub(super) fn claim(
    case: &Case<'_>,
    cause: &Cause,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    if last.step != Step::Handle.code() {
        return Err(given.refuse(format!(
            "the case is at {:?}; only what is being handled is claimed resolved",
            last.step
        )));
    }
    let rule = &case.pack.rules().claim;
    let reason =
        Reason::new(&given.id(), &[("unit", given.by_unit), ("due", &last.due.to_string())], &rule.basis);
    let mut decision = case.carry(last, cause, Directive::Claim, reason);
    decision.step = Step::Verify.code().into();
    restart(case, &mut decision, rule.class.get_ref());
    if decision.audience.compartment.is_none() {
        decision.audience.units.insert(case.pack.intake_unit(&last.projection, case.now).to_owned());
    }
    Ok(decision)
}

/// Back to triage at the intake unit. This is also the only way out of a compartment, for its own unit.
pub(super) fn give_back(
    case: &Case<'_>,
    cause: &Cause,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    if last.step == Step::Triage.code() && last.audience.compartment.is_none() {
        return Err(given.refuse("the case is in triage already"));
    }
    let why = given.arg("reason")?;
    // The compartment lets go of a case only when what is read now no longer belongs there.
    let now_in = case.pack.compartment_of(case.projection).or(case.pack.compartment_of(&last.projection));
    if let Some(compartment) = now_in {
        let rule = format!("compartment.{}", compartment.id.get_ref());
        return Err(Refused::new(&rule, "what the case says still belongs in the compartment"));
    }
    let unit = case.pack.intake_unit(&last.projection, case.now).to_owned();
    let inputs = [("from", last.unit.as_deref().unwrap_or("")), ("reason", why)];
    let reason = Reason::new(&given.id(), &inputs, &given.rule.basis);
    let mut decision = case.carry(last, cause, Directive::Return, reason);
    decision.tier = case.pack.tier(&unit);
    decision.audience = audience::open(
        case.pack,
        &[&unit],
        Author::after(Some(&last.audience)),
        (&last.projection, case.now),
    );
    decision.unit = Some(unit);
    decision.co_units.clear();
    decision.step = Step::Triage.code().into();
    restart(case, &mut decision, case.pack.rules().intake.class.get_ref());
    Ok(decision)
}

/// One extension, before the due time, with a reason.
pub(super) fn extend(
    case: &Case<'_>,
    cause: &Cause,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    let rule = &case.pack.rules().extension;
    if case.history.iter().any(|d| d.directive == Directive::Extend) {
        return Err(Refused::new("extension.once", format!("a case is extended once ({})", rule.basis)));
    }
    if case.now > last.due {
        return Err(Refused::new(
            "extension.late",
            "the case is overdue; an extension comes before the due time",
        ));
    }
    let (days, why) = (given.arg("days")?, given.arg("reason")?);
    let count = days.parse::<u32>().ok().filter(|n| (1..=rule.days).contains(n));
    let Some(count) = count else {
        return Err(Refused::new(
            "extension.days",
            format!("an extension is 1 to {} days ({})", rule.days, rule.basis),
        ));
    };
    let inputs = [("days", days), ("due", &last.due.to_string()), ("reason", why)];
    let reason = Reason::new(&given.id(), &inputs, &rule.basis);
    let mut decision = case.carry(last, cause, Directive::Extend, reason);
    decision.due = case.pack.count(Span::Days(count), last.due).at;
    climb(case, &mut decision, last.routed.ladder.clone());
    Ok(decision)
}
