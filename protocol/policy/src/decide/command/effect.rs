//! Refer, accept, claim, return: who has the case, and what they say of it.
//!
//! Owns the effects and their own conditions (limits, steps, proofs). Never checks roles; `command` has done so.

use jiff::SignedDuration;

use super::{Case, Given, handles, undisputed};
use crate::audience::{self, Author};
use crate::decide::{climb, enter, hand_to, restart, review};
use crate::pack::rules::{ClaimRule, CommandName};
use crate::step::Step;
use crate::{Cause, Decision, Directive, Reason, Refused};

/// Another unit takes over; the one before and the author no longer see it unless they are above.
pub(super) fn refer(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Triage, Step::Handle])?;
    if last.audience.compartment.is_some() {
        return Err(given.refuse("a case in a compartment is not referred; its unit may return it"));
    }
    let (to, why) = (given.arg("unit")?, given.arg("reason")?);
    let unit = given.new_unit(case, to, &last.unit)?;
    within_limit(case, last, given)?;
    let from = last.unit.as_deref().unwrap_or("");
    let count = (last.referrals + 1).to_string();
    let inputs = [("from", from), ("to", to), ("reason", why), ("referrals", count.as_str())];
    let mut decision = given.carry(case, last, Directive::Refer, &inputs);
    decision.life.moved();
    decision.unit = Some(to.to_owned());
    decision.co_units.clear();
    decision.tier = unit.level.tier();
    decision.referrals += 1;
    decision.audience = audience::open(case.pack, &[to], Author::Left, (&last.projection, case.now));
    let had = if last.step == Step::Handle.code() { Some(last) } else { returned(case) };
    goes_along(case, &mut decision, had);
    decision.step = Step::Handle.code().into();
    Ok(decision)
}

/// The deadline goes with the case: passing it on wins nobody time, save the least anyone gets. Only what nobody had before
/// begins anew.
pub(super) fn goes_along(case: &Case<'_>, decision: &mut Decision, had: Option<&Decision>) {
    let class = case.pack.rules().referral.class.get_ref();
    let Some(had) = had else { return restart(case, decision, class) };
    let least = case.pack.count(case.pack.rules().clock.at_least, case.now).at;
    decision.due = had.due.max(least);
    let ladder = case.pack.class(&had.routed.class).or_else(|| case.pack.class(class));
    climb(case, decision, ladder.map_or_else(String::new, |c| c.ladder.get_ref().clone()));
}

/// It goes on with whoever returned it as it stood there: with those who helped, due when it was, and what was left of its
/// ladder.
pub(super) fn comes_back(case: &Case<'_>, decision: &mut Decision, had: &Decision) {
    hand_to(case, decision, had.unit.as_deref().unwrap_or(""), &had.co_units);
    decision.due = had.due;
    review::left(case, decision, (had, SignedDuration::ZERO));
}

/// How the case stood with the unit that returned it to the triage where it is now. What a compartment let go of begins anew.
pub(super) fn returned<'a>(case: &Case<'a>) -> Option<&'a Decision> {
    let in_triage = |at: &usize| case.history.get(*at).is_some_and(|d| d.step == Step::Triage.code());
    let mut here = (0..case.history.len()).rev().take_while(in_triage);
    let at = here.find(|at| case.history.get(*at).is_some_and(|d| d.directive == Directive::Return))?;
    case.history.get(at.checked_sub(1)?).filter(|had| had.audience.compartment.is_none())
}

/// No passing on from one to the next: beyond the limit only whom the pack names decides, whichever way it comes.
pub(super) fn within_limit(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<(), Refused> {
    let referral = &case.pack.rules().referral;
    if last.referrals < referral.limit || referral.beyond.iter().any(|role| role == given.by_role) {
        return Ok(());
    }
    let roles = referral.beyond.join(", ");
    let message =
        format!("referred {} times, the limit ({}): only {roles} may decide", last.referrals, referral.basis);
    Err(Refused::command("referral.limit", message))
}

/// The state that whoever gives this referral saw, where another referral has come since and nobody knew of both.
pub(super) fn crossed<'a>(case: &Case<'a>, last: &Decision, given: &Given<'_>) -> Option<&'a Decision> {
    if *given.rule.name.get_ref() != CommandName::Refer || last.audience.compartment.is_some() {
        return None;
    }
    let seen = given.optional("seen")?.parse::<u32>().ok()?;
    let since = case.history.iter().any(|d| d.n > seen && d.directive == Directive::Refer);
    // Once: whoever goes on naming an old state does not have it reviewed again and again.
    let reviewed = |d: &Decision| d.reasons.iter().any(|reason| reason.rule == review::TWO_REFERRALS);
    let since = since && !case.history.iter().any(|d| d.n > seen && reviewed(d));
    let open = last.step == Step::Handle.code() && last.life.closed.is_none();
    let saw = case.history.iter().find(|d| d.n == seen && d.audience.compartment.is_none());
    saw.filter(|_| since && open && case.pack.rules().review.is_some())
}

/// Two referrals at once: neither undoes the other unseen, a person decides between the two.
pub(super) fn refer_too(
    case: &Case<'_>,
    (last, saw): (&Decision, &Decision),
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    given.at(saw, &[Step::Triage, Step::Handle])?;
    let (to, why) = (given.arg("unit")?, given.arg("reason")?);
    given.new_unit(case, to, &last.unit)?;
    within_limit(case, last, given)?;
    let now_at = last.unit.as_deref().unwrap_or("");
    let inputs = [("unit", now_at), ("proposed", to), ("from", given.by_unit), ("reason", why)];
    let reviewed = review::of_referral(case, given.cause, last, (&inputs, to));
    reviewed.ok_or_else(|| given.refuse("the district reviews nothing; refer it from where it is now"))
}

/// A reviewer decides for the second of two referrals: one more, which the limit holds for as for any other.
pub(in crate::decide) fn referred_after_review(
    case: &Case<'_>,
    decision: &mut Decision,
    (to, given): (&str, &Given<'_>),
) -> Result<(), Refused> {
    within_limit(case, decision, given)?;
    decision.life.moved();
    decision.referrals += 1;
    hand_to(case, decision, to, &[]);
    decision.step = Step::Handle.code().into();
    Ok(())
}

/// The handler takes it on. After a provisional dispatch to several, whoever takes it on leads.
pub(super) fn accept(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Triage, Step::Handle])?;
    if last.life.taken_on.is_some() && last.life.worker.as_deref() == Some(given.by_worker) {
        return Err(given.refuse("you have taken it on already"));
    }
    let owner = last.unit.clone().unwrap_or_default();
    // What is handled is taken on by a handler: a desk that did so would be in charge of what is not its own.
    if last.step == Step::Handle.code() && !handles(last, given) {
        return Err(
            given.refuse(format!("{owner} handles it and takes it on; refer it, or assign it to a worker"))
        );
    }
    let inputs = [("unit", given.by_unit), ("owner", owner.as_str())];
    let mut decision = given.carry(case, last, Directive::TakeOn, &inputs);
    if last.step == Step::Handle.code() {
        decision.life.taken_on = decision.life.taken_on.or(Some(case.now));
        decision.life.worker = Some(given.by_worker.to_owned());
    }
    // Whom the dispatch itself sent; who was asked to help since helps.
    let sent = |d: &Decision| {
        matches!(d.cause, Cause::Provisional { .. }) && d.co_units.iter().any(|u| u == given.by_unit)
    };
    let sent = case.last_read().is_some_and(sent);
    if let Some(place) = decision.co_units.iter().position(|u| sent && u == given.by_unit) {
        decision.co_units.remove(place);
        decision.co_units.push(owner);
        decision.co_units.sort();
        decision.unit = Some(given.by_unit.to_owned());
        decision.tier = case.pack.tier(given.by_unit);
    }
    Ok(decision)
}

/// Claimed resolved (办结): verification comes next, on a deadline and ladder of its own.
pub(super) fn claim(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle])?;
    let rule = &case.pack.rules().claim;
    proven(case, rule)?;
    undisputed(case)?;
    let inputs = [("unit", given.by_unit), ("due", &last.due.to_string())];
    let reason = Reason::new(&given.id(), &inputs, &rule.basis);
    let mut decision = case.carry(last, given.cause, Directive::Claim, reason);
    decision.life.unclaimed();
    decision.life.claimed_at = Some(case.now);
    decision.life.claimed_by = Some(given.by_worker.to_owned());
    decision.life.asked = None;
    enter(case, &mut decision, Step::Verify, rule.class.get_ref());
    if decision.audience.compartment.is_none() {
        decision.audience.units.insert(case.pack.intake_unit(&last.projection, case.now).to_owned());
    }
    Ok(decision)
}

/// Whether the document proves what the pack wants to see with a claim.
fn proven(case: &Case<'_>, rule: &ClaimRule) -> Result<(), Refused> {
    let proofs = &case.projection.proofs;
    if rule.outcome && !proofs.outcome {
        let message =
            format!("no outcome is stated, or it is disputed: write the outcome first ({})", rule.basis);
        return Err(Refused::command("claim.outcome", message));
    }
    if rule.reply && !proofs.reply {
        let message = format!("the person has not been answered: write the reply first ({})", rule.basis);
        return Err(Refused::command("claim.reply", message));
    }
    let missing = |purpose: &&String| proofs.evidence.get(*purpose).is_none_or(|n| *n == 0);
    match rule.evidence.iter().find(missing) {
        None => Ok(()),
        Some(purpose) => {
            let message = format!("no attachment shows {purpose:?}: attach one first ({})", rule.basis);
            Err(Refused::command("claim.evidence", message))
        }
    }
}

/// Back to triage at the intake unit. This is also the only way out of a compartment, for its own unit.
pub(super) fn give_back(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    if last.audience.compartment.is_none() {
        given.at(last, &[Step::Handle])?;
    }
    let why = given.arg("reason")?;
    // The compartment lets go of a case only when what is read now no longer belongs there.
    let now_in = case.pack.compartment_of(case.projection).or(case.pack.compartment_of(&last.projection));
    if let Some(compartment) = now_in {
        let rule = format!("compartment.{}", compartment.id.get_ref());
        return Err(Refused::command(&rule, "what the case says still belongs in the compartment"));
    }
    let unit = case.pack.intake_unit(&last.projection, case.now).to_owned();
    let inputs = [("from", last.unit.as_deref().unwrap_or("")), ("reason", why)];
    let mut decision = given.carry(case, last, Directive::Return, &inputs);
    decision.life.moved();
    decision.life.parked = None;
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
