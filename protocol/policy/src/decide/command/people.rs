//! People: who is to do it, who helps, who keeps away, who signs for whom.
//!
//! Owns the effects. Never knows a name: workers are numbers here, units are codes.

use super::{Case, Given};
use crate::decide::{hand_to, restart};
use crate::step::Step;
use crate::{Decision, Directive, Refused};

/// To a worker of the unit; or, in triage, to the unit that is to handle it (which is no referral).
pub(super) fn assign(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Triage, Step::Handle])?;
    let Some(unit) = given.optional("unit") else {
        let worker = given.arg("worker")?;
        if last.step != Step::Handle.code() {
            return Err(
                given.refuse("a worker is entrusted with what is being handled; in triage name the \"unit\"")
            );
        }
        if last.life.recused.contains(worker) {
            return Err(Refused::command("concerned", "that worker is concerned; entrust a colleague"));
        }
        let mut decision = given.carry(case, last, Directive::Entrust, &[("worker", worker)]);
        decision.life.worker = Some(worker.to_owned());
        decision.life.taken_on = decision.life.taken_on.or(Some(case.now));
        return Ok(decision);
    };
    if last.step != Step::Triage.code() || last.audience.compartment.is_some() {
        return Err(given.refuse("only triage assigns to a unit; from a handler it is referred or returned"));
    }
    if case.pack.unit(unit, case.now).is_none() {
        return Err(given.refuse(format!("there is no unit {unit} at this time")));
    }
    let mut decision = given.carry(case, last, Directive::Entrust, &[("unit", unit)]);
    decision.life.moved();
    hand_to(case, &mut decision, unit, &[]);
    decision.step = Step::Handle.code().to_owned();
    restart(case, &mut decision, case.pack.rules().referral.class.get_ref());
    Ok(decision)
}

/// Adds or removes a unit beside the lead.
pub(super) fn co_handle(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle])?;
    let lead = last.unit.clone().unwrap_or_default();
    let mut others = last.co_units.clone();
    let unit = match (given.optional("add"), given.optional("remove")) {
        (Some(unit), None) => {
            if unit == lead || others.iter().any(|u| u == unit) {
                return Err(given.refuse(format!("{unit} handles it already")));
            }
            if case.pack.unit(unit, case.now).is_none() {
                return Err(given.refuse(format!("there is no unit {unit} at this time")));
            }
            if last.audience.compartment.is_some() {
                return Err(given.refuse("a case in a compartment has no co-handlers"));
            }
            others.push(unit.to_owned());
            unit
        }
        (None, Some(unit)) => {
            let place = others.iter().position(|u| u == unit);
            others.remove(place.ok_or_else(|| given.refuse(format!("{unit} is no co-handler")))?);
            unit
        }
        _ => return Err(given.refuse("give either \"add\" or \"remove\" with the code of a unit")),
    };
    others.sort();
    let mut decision = given.carry(case, last, Directive::CoHandle, &[("unit", unit), ("lead", &lead)]);
    hand_to(case, &mut decision, &lead, &others);
    Ok(decision)
}

/// Whoever is concerned acts no more on the case; somebody else of the unit is in charge.
pub(super) fn recuse(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    let worker = given.optional("worker").unwrap_or(given.by_worker);
    let why = given.arg("reason")?;
    if last.life.recused.contains(worker) {
        return Err(given.refuse("that worker acts on it no more already"));
    }
    let mut decision = given.carry(case, last, Directive::Recuse, &[("worker", worker), ("reason", why)]);
    decision.life.recused.insert(worker.to_owned());
    if decision.life.worker.as_deref() == Some(worker) {
        decision.life.worker = given.optional("deputy").map(str::to_owned);
    }
    decision.life.delegates.retain(|_, delegate| delegate != worker);
    Ok(decision)
}

/// Somebody signs in the giver's place.
pub(super) fn delegate(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle, Step::Verify, Step::Sign])?;
    let (role, worker) = (given.arg("role")?, given.arg("worker")?);
    let rule = case.pack.rules().signatures.iter().find(|s| s.role.get_ref() == role);
    let Some(rule) = rule.filter(|rule| !rule.witness) else {
        return Err(given.refuse(format!("{role:?} is no signature that anybody may delegate")));
    };
    let may = rule.roles.is_empty() || rule.roles.iter().any(|r| r == given.by_role);
    if !may || !rule.who.iter().any(|who| super::stands(case, last, given.by_unit, *who)) {
        return Err(Refused::command(
            "signature.role",
            format!("only whoever may sign as {role} may delegate that"),
        ));
    }
    if last.life.claimed_by.as_deref() == Some(worker) {
        return Err(Refused::command("signature.role", "whoever claimed it does not sign as its leader too"));
    }
    let mut decision = given.carry(case, last, Directive::Delegate, &[("role", role), ("worker", worker)]);
    decision.life.delegates.insert(role.to_owned(), worker.to_owned());
    Ok(decision)
}
