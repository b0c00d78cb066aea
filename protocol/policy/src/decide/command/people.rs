//! People: who is to do it, who helps, who keeps away, who signs for whom.
//!
//! Owns the effects. Never knows a name: workers are numbers here, units are codes.

use super::{Case, Given, effect};
use crate::decide::{hand_to, signing};
use crate::step::Step;
use crate::{Decision, Directive, Refused};

/// What the centre says of whoever steps back, or is kept away: nobody else who works here sees the case.
const ALONE: &str = "worker.alone";

/// Who answers for others.
const LEADER: &str = "leader";

/// To a worker of the unit; or, in triage, to the unit that is to handle it. That is no referral, save where another unit
/// had it and returned it: from one to the next by way of triage is from one to the next.
pub(super) fn assign(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Triage, Step::Handle])?;
    let Some(unit) = given.optional("unit") else {
        let worker = here(given, last, "worker")?;
        if last.step != Step::Handle.code() {
            return Err(
                given.refuse("a worker is entrusted with what is being handled; in triage name the \"unit\"")
            );
        }
        of_handlers(case, last, given, "worker")?;
        let mut decision = given.carry(case, last, Directive::Entrust, &[("worker", worker)]);
        decision.life.worker = Some(worker.to_owned());
        decision.life.taken_on = decision.life.taken_on.or(Some(case.now));
        return Ok(decision);
    };
    if last.step != Step::Triage.code() || last.audience.compartment.is_some() {
        return Err(given.refuse("only triage assigns to a unit; from a handler it is referred or returned"));
    }
    given.new_unit(case, unit, [])?;
    let had = effect::returned(case);
    let passed_on = had.is_some_and(|had| had.unit.as_deref() != Some(unit));
    if passed_on {
        effect::within_limit(case, last, given)?;
    }
    let mut decision = given.carry(case, last, Directive::Entrust, &[("unit", unit)]);
    decision.life.moved();
    decision.referrals += u32::from(passed_on);
    decision.step = Step::Handle.code().to_owned();
    match had.filter(|_| !passed_on) {
        Some(had) => effect::comes_back(case, &mut decision, had),
        None => {
            hand_to(case, &mut decision, unit, &[]);
            effect::goes_along(case, &mut decision, had);
        }
    }
    Ok(decision)
}

/// Adds or removes a unit beside the lead.
pub(super) fn co_handle(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle])?;
    let lead = last.unit.clone().unwrap_or_default();
    let mut others = last.co_units.clone();
    let unit = match (given.optional("add"), given.optional("remove")) {
        (Some(unit), None) => {
            given.new_unit(case, unit, last.unit.iter().chain(&last.co_units))?;
            if last.audience.compartment.is_some() {
                return Err(given.refuse("a case in a compartment has no co-handlers"));
            }
            others.push(unit.to_owned());
            unit
        }
        (None, Some(unit)) => {
            let place = others.iter().position(|u| u == unit);
            others.remove(place.ok_or_else(|| {
                Refused::command("co_handle.absent", format!("{unit} does not handle it beside the lead"))
            })?);
            unit
        }
        _ => {
            let message = "give either \"add\" or \"remove\" with the code of a unit";
            return Err(Refused::command("command.either", message));
        }
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
    if given.optional("worker").is_some() && given.optional("worker.unit").is_none() {
        return Err(unknown());
    }
    // Whoever keeps somebody else away answers for them: or anybody could blind those who look after the case.
    let leads = given.by_role == LEADER
        && given.optional("worker.unit").is_some_and(|unit| {
            case.pack.is_within(unit, given.by_unit) || given.by_unit == case.pack.desk()
        });
    if worker != given.by_worker && !leads {
        return Err(given.refuse("of somebody else only a leader of theirs, or of a unit above, says so"));
    }
    let in_charge = last.life.worker.as_deref() == Some(worker);
    let deputy = match given.optional("deputy") {
        Some(deputy) if deputy == worker => return Err(given.wrong("nobody is his own deputy")),
        Some(_) => Some(here(given, last, "deputy")?).filter(|_| in_charge),
        None => None,
    };
    if deputy.is_some() {
        of_handlers(case, last, given, "deputy")?;
    }
    let mut decision = given.carry(case, last, Directive::Recuse, &[("worker", worker), ("reason", why)]);
    decision.life.recused.insert(worker.to_owned());
    if in_charge {
        // The unit owns it still; without a deputy the next who takes it on is in charge.
        decision.life.worker = deputy.map(str::to_owned);
    }
    decision.life.delegates.retain(|_, delegate| delegate != worker);
    if given.optional(ALONE).is_some() {
        to_another_office(case, last, given, &mut decision)?;
    }
    Ok(decision)
}

/// What is in a compartment goes to the next office that may look into it: nobody of those who had it is left.
fn to_another_office(
    case: &Case<'_>,
    last: &Decision,
    given: &Given<'_>,
    decision: &mut Decision,
) -> Result<(), Refused> {
    let compartment = last.audience.compartment.as_deref().and_then(|id| case.pack.compartment(id));
    let Some(compartment) = compartment else { return Ok(()) };
    let mut before = last.audience.excluded_units.clone();
    before.extend(last.audience.units.iter().cloned());
    let owner =
        compartment.owner((case.pack.units_ref(), case.projection), &before, case.pack.district()).to_owned();
    if before.contains(&owner) {
        return Err(given.refuse("nobody else may look into it; have somebody added to the office first"));
    }
    decision.life.moved();
    decision.life.worker = None;
    decision.co_units.clear();
    decision.audience.units = [owner.clone()].into();
    decision.audience.excluded_units = before;
    if let Some(parked) = &mut decision.life.parked {
        // Or it would go back to them when it goes on.
        (parked.unit, parked.tier) = (owner.clone(), case.pack.tier(&owner));
        parked.co_units.clear();
    }
    decision.tier = case.pack.tier(&owner);
    decision.unit = Some(owner);
    Ok(())
}

/// Somebody signs in the giver's place.
pub(super) fn delegate(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Handle, Step::Verify, Step::Sign])?;
    let (role, worker) = (given.arg("role")?, here(given, last, "worker")?);
    let rule = case.pack.rules().signatures.iter().find(|s| s.role.get_ref() == role);
    let Some(rule) = rule.filter(|rule| !rule.witness) else {
        return Err(given.refuse(format!("{role:?} is no signature that anybody may delegate")));
    };
    if !signing::may_sign_as(case, last, rule, (given.by_unit, given.by_role)) {
        return Err(Refused::command(
            "signature.role",
            format!("only whoever may sign as {role} may delegate that"),
        ));
    }
    if last.life.claimed_by.as_deref() == Some(worker) {
        return Err(Refused::command("signature.role", "whoever claimed it does not sign as its leader too"));
    }
    if last.life.verified_by.as_deref() == Some(worker) {
        return Err(Refused::command("signature.verifier", "whoever verified it signs in nobody's place"));
    }
    let mut decision = given.carry(case, last, Directive::Delegate, &[("role", role), ("worker", worker)]);
    decision.life.delegates.insert(role.to_owned(), worker.to_owned());
    if let Some(unit) = given.optional("worker.unit").filter(|_| last.audience.compartment.is_none()) {
        // Nobody signs what he may not see.
        decision.audience.units.insert(unit.to_owned());
    }
    Ok(decision)
}

fn unknown() -> Refused {
    Refused::command(
        "worker.unknown",
        "nobody of that number works in this district; see who does and try again",
    )
}

/// A worker who is named: works in the district, is not away and not concerned. What the centre says of the worker
/// stands beside the argument.
fn here<'g>(given: &'g Given<'_>, last: &Decision, key: &str) -> Result<&'g str, Refused> {
    let worker = given.arg(key)?;
    let said = |what: &str| given.optional(&format!("{key}.{what}"));
    let Some(unit) = said("unit") else { return Err(unknown()) };
    let excluded = last.audience.excluded_units.contains(unit);
    if said("concerned").is_some() || excluded || last.life.recused.contains(worker) {
        return Err(Refused::command("concerned", "that worker is concerned; name a colleague"));
    }
    if let Some(until) = said("away") {
        let deputy = said("deputy").map_or_else(String::new, |deputy| format!("; the deputy is {deputy}"));
        return Err(Refused::command("worker.away", format!("that worker is away until {until}{deputy}")));
    }
    Ok(worker)
}

/// The case stays in the unit that has it: whoever is to do it is of the lead, of a co-handler, or below them.
fn of_handlers(case: &Case<'_>, last: &Decision, given: &Given<'_>, key: &str) -> Result<(), Refused> {
    let unit = given.optional(&format!("{key}.unit")).unwrap_or("");
    let handlers = last.unit.iter().chain(&last.co_units);
    if handlers.into_iter().any(|of| case.pack.is_within(unit, of)) {
        return Ok(());
    }
    let message =
        format!("that worker is of {unit}, which does not handle the case; refer it, or name a colleague");
    Err(Refused::command("worker.unit", message))
}
