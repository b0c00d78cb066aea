//! Closing: verified or not, struck off, closed in an unusual way, not accepted, withdrawn.
//!
//! Owns the conditions of each. What follows a closing is `closing`'s.

use std::collections::BTreeSet;

use super::{Case, Given, handles, own, pause, stands, undisputed, was_own};
use crate::decide::{closing, signing};
use crate::life::{Closed, How};
use crate::pack::rules::Who;
use crate::step::Step;
use crate::{Decision, Directive, Refused};

/// Somebody other than the handler has looked: it goes on, or back to be done again.
pub(super) fn verify(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Verify])?;
    if was_own(case, last, given) {
        return Err(Refused::command(
            "verify.own",
            "whoever was in charge or claimed it does not verify it; ask an inspector",
        ));
    }
    if handles(last, given) && others_verify(case, last, given) {
        return Err(Refused::command(
            "verify.unit",
            "whoever comes from a unit that handles it does not verify it; somebody whom the rules name does",
        ));
    }
    match given.arg("result")? {
        "pass" => {
            undisputed(case)?;
            let mut decision = given.carry(case, last, Directive::Verify, &[("result", "pass")]);
            decision.life.verified_by = Some(given.by_worker.to_owned());
            closing::verified(case, &mut decision);
            Ok(decision)
        }
        "fail" => {
            let inputs = [("result", "fail"), ("reason", given.arg("reason")?)];
            let mut decision = given.carry(case, last, Directive::Redo, &inputs);
            pause::redo(case, &mut decision);
            Ok(decision)
        }
        _ => Err(given.wrong("\"result\" is pass or fail")),
    }
}

/// Whether the pack has others verify than those who handle it, and there are any: a pack that names the handlers means
/// their colleagues, and so it is where all whom it names handle it, that no case waits for ever.
fn others_verify(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> bool {
    let who = &given.rule.who;
    if last.audience.compartment.is_some() || who.iter().any(|who| matches!(who, Who::Owner | Who::Lead)) {
        return false;
    }
    let handles =
        |unit: &str| last.unit.as_deref() == Some(unit) || last.co_units.iter().any(|of| of == unit);
    let may = |unit: &str| who.iter().any(|who| stands(case, last, unit, *who));
    let mut units = case.pack.units().map(|unit| unit.code.as_str());
    units.any(|unit| !handles(unit) && may(unit) && case.pack.unit(unit, case.now).is_some())
}

/// By command, once all have signed.
pub(super) fn strike_off(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Sign, Step::StrikeOff])?;
    undisputed(case)?;
    let signing::Count { signed, missing, .. } = signing::count(case, last);
    if !missing.is_empty() {
        let message = format!("these signatures are missing or cover something else: {}", missing.join(", "));
        return Err(Refused::command("signatures", message));
    }
    let mut decision = given.carry(case, last, Directive::StrikeOff, &[("unit", given.by_unit)]);
    decision.life.signed = signed;
    closing::strike_off(case, &mut decision, How::Signed);
    Ok(decision)
}

/// Although the person did not sign: attempts, a witness, somebody higher. Everybody else has signed.
pub(super) fn unusual(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    let Some(rule) = &case.pack.rules().unusual else {
        return Err(given.refuse("this district closes no case without the person"));
    };
    given.at(last, &[Step::Sign, Step::StrikeOff])?;
    undisputed(case)?;
    let (how, why) = (given.arg("how")?, given.arg("reason")?);
    let known = rule.how.iter().any(|name| name.get_ref() == how);
    let Some(way) = How::unusual(how).filter(|_| known) else {
        let ways: Vec<&str> = rule.how.iter().map(|name| name.get_ref().as_str()).collect();
        return Err(Refused::command("unusual.how", format!("\"how\" is one of {}", ways.join(", "))));
    };
    if way == How::Anonymous && case.projection.proofs.person {
        let message =
            "the case says who the person is or how to reach them: nobody is anonymous who is known";
        return Err(Refused::command("unusual.known", message));
    }
    let attempts = given.optional("attempts").and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    if matches!(way, How::Refused | How::Unreachable) && attempts < rule.attempts {
        let message =
            format!("{attempts} attempts are recorded, {} are needed ({})", rule.attempts, rule.basis);
        return Err(Refused::command("unusual.attempts", message));
    }
    let witness = given.optional("witness").unwrap_or("");
    if rule.witness && (witness.is_empty() || witness == given.by_worker) {
        let message = format!("somebody else must have witnessed it: name the \"witness\" ({})", rule.basis);
        return Err(Refused::command("unusual.witness", message));
    }
    // Whom the pack names by their post may be of a unit that helps; a deputy is not of that post.
    let stands_in = given.own_unit() != given.by_unit;
    if own(last, given) || stands_in && handles(last, given) {
        return Err(Refused::command(
            "unusual.approval",
            "whoever was in charge, claimed it or comes from who handles it does not approve this; somebody higher does",
        ));
    }
    let witnessed = case.pack.rules().signatures.iter().filter(|s| s.witness);
    let persons: Vec<&String> = witnessed.map(|s| s.role.get_ref()).collect();
    let signing::Count { signed, missing, .. } = signing::count(case, last);
    let missing: Vec<String> = missing.into_iter().filter(|role| !persons.contains(&role)).collect();
    if !missing.is_empty() {
        let message = format!("the others sign first: {}", missing.join(", "));
        return Err(Refused::command("signatures", message));
    }
    let count = attempts.to_string();
    let inputs = [("how", how), ("reason", why), ("attempts", &count), ("witness", witness)];
    let mut decision = given.carry(case, last, Directive::CloseUnusual, &inputs);
    decision.life.signed = signed;
    closing::strike_off(case, &mut decision, way);
    Ok(decision)
}

/// Whether there is a unit that had no part in the case, may say that it is withdrawn, and sees it.
fn others_take_down(case: &Case<'_>, last: &Decision, given: &Given<'_>, part: &BTreeSet<String>) -> bool {
    let concerned = case.pack.concerned(case.projection);
    let sees = |unit: &str| last.audience.units.contains(unit) || unit == case.pack.desk();
    let may = |unit: &str| given.rule.who.iter().any(|who| stands(case, last, unit, *who));
    let mut units = case.pack.units().filter(|unit| unit.exists_at(case.now)).map(|unit| unit.code.as_str());
    units.any(|unit| !part.contains(unit) && !concerned.contains(unit) && sees(unit) && may(unit))
}

/// Not accepted, with an answer to the person, while the answer is still due.
pub(super) fn refuse_acceptance(
    case: &Case<'_>,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    given.at(last, &[Step::Triage])?;
    undisputed(case)?;
    let worked_on =
        |d: &Decision| d.life.taken_on.is_some() || d.life.claimed_at.is_some() || d.life.redo > 0;
    if case.history.iter().any(worked_on) {
        let message = "it was taken on: from then on it is handled and signed for; assign it";
        return Err(given.refuse(message));
    }
    let (why, answer) = (given.arg("reason")?, given.arg("answer")?);
    let intake = &case.pack.rules().intake;
    let tier = case.pack.tier(last.unit.as_deref().unwrap_or(""));
    let registered = last.projection.registered_at;
    let (until, _) = crate::route::due(case.pack, intake.class.get_ref(), tier, registered, registered);
    if case.now > until {
        let message = format!("the answer was due by {until}; from then on the case is accepted: assign it");
        return Err(Refused::command("acceptance.late", message));
    }
    let mut decision = given.carry(case, last, Directive::Decline, &[("reason", why), ("answer", answer)]);
    closing::strike_off(case, &mut decision, How::Declined);
    Ok(decision)
}

/// By the person, recorded. An end.
pub(super) fn withdraw(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    if last.life.closed.is_some() {
        return Err(given.refuse(format!("the case is closed already (at {:?})", last.step)));
    }
    if last.audience.compartment.is_some() {
        return Err(given.refuse("a lead in a compartment is looked into whether or not it is withdrawn"));
    }
    // Or whoever has work to do could be rid of it: the person's word is taken down by somebody else.
    let part = closing::had_it(case, last);
    if was_own(case, last, given) || given.is_of(&part) && others_take_down(case, last, given, &part) {
        return Err(Refused::command(
            "withdraw.own",
            "whoever handles it does not take down that it is withdrawn; the centre or the desk asks the person and does",
        ));
    }
    undisputed(case)?;
    let why = given.arg("reason")?;
    let mut decision = given.carry(case, last, Directive::Withdraw, &[("reason", why)]);
    let life = &mut decision.life;
    // Whoever reviews it has not handled it.
    life.handlers = match &life.parked {
        Some(parked) => std::iter::once(&parked.unit).chain(&parked.co_units).cloned().collect(),
        None => last.unit.iter().chain(&last.co_units).cloned().collect(),
    };
    life.closed = Some(Closed { at: case.now, how: How::Withdrawn });
    (life.parked, life.asked) = (None, None);
    closing::archive(case, &mut decision);
    decision.step = Step::Withdrawn.code().to_owned();
    Ok(decision)
}
