//! After closing: the person's answer, another look, the file's end, reopening; and what a review decides.
//!
//! Owns the conditions of each. Satisfaction comes from the person's own answer and from nothing else.

use super::{Case, Given, handled, pause, undisputed};
use crate::decide::{changes, climb, closing, hand_back, review, settled, signing};
use crate::life::Satisfaction;
use crate::step::Step;
use crate::{Decision, Directive, Reason, Refused};

/// What the person said, by somebody other than the handlers. Not satisfied: open again, to be done again.
pub(super) fn callback(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Callback])?;
    if handled(case, last, given) {
        return Err(Refused::command("callback.blind", "whoever handled it does not ask; another unit does"));
    }
    let answer = given.arg("answer")?;
    let Some(answer) = Satisfaction::named(answer) else {
        return Err(given.wrong("\"answer\" is satisfied, not_satisfied or unreachable"));
    };
    let attempts = (last.life.attempts + 1).to_string();
    let inputs = [("answer", answer.code()), ("attempts", attempts.as_str())];
    let mut decision = given.carry(case, last, Directive::Callback, &inputs);
    said(case, &mut decision, answer);
    Ok(decision)
}

/// What an answer brings about.
pub(super) fn said(case: &Case<'_>, decision: &mut Decision, answer: Satisfaction) {
    let limit = case.pack.rules().callback.as_ref().map_or(1, |rule| rule.attempts);
    match answer {
        Satisfaction::Unreachable if decision.life.attempts + 1 < limit => decision.life.attempts += 1,
        Satisfaction::NotSatisfied => {
            decision.directive = Directive::Redo;
            open_again(case, decision);
            decision.life.satisfaction = Some(Satisfaction::NotSatisfied);
        }
        Satisfaction::Satisfied | Satisfaction::Unreachable => {
            decision.life.attempts += u32::from(answer == Satisfaction::Unreachable);
            decision.life.satisfaction = Some(answer);
            closing::look_back(case, decision);
        }
    }
}

/// It holds, or it is to be done again.
pub(super) fn look_back(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::LookBack])?;
    if handled(case, last, given) {
        return Err(Refused::command(
            "look_back.own",
            "whoever handled it does not look back on it; another unit does",
        ));
    }
    match given.arg("result")? {
        "holds" => {
            let mut decision = given.carry(case, last, Directive::LookBack, &[("result", "holds")]);
            decision.life.look_backs += 1;
            closing::look_back(case, &mut decision);
            Ok(decision)
        }
        "fails" => {
            let inputs = [("result", "fails"), ("reason", given.arg("reason")?)];
            let mut decision = given.carry(case, last, Directive::Redo, &inputs);
            open_again(case, &mut decision);
            Ok(decision)
        }
        _ => Err(given.wrong("\"result\" is holds or fails")),
    }
}

/// Before its time.
pub(super) fn archive(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Archive])?;
    let mut decision = given.carry(case, last, Directive::Archive, &[("unit", given.by_unit)]);
    closing::archive(case, &mut decision);
    Ok(decision)
}

/// Recorded, with a reason: the only way in which a closed case counts as open again.
pub(super) fn reopen(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    if last.life.closed.is_none() {
        return Err(given.refuse(format!("the case is open (at {:?})", last.step)));
    }
    let why = given.arg("reason")?;
    let mut decision = given.carry(case, last, Directive::Reopen, &[("reason", why)]);
    open_again(case, &mut decision);
    decision.life.redo = last.life.redo;
    Ok(decision)
}

/// A closed case is open again, to be done again by those who handled it when it was closed. Whoever has it at the next
/// closing is another matter.
pub(super) fn open_again(case: &Case<'_>, decision: &mut Decision) {
    let life = &mut decision.life;
    life.closed = None;
    life.reopened += 1;
    (life.satisfaction, life.parked, life.attempts, life.look_backs) = (None, None, 0, 0);
    let handlers = std::mem::take(&mut life.handlers);
    if let Some((lead, others)) = handlers.split_first() {
        hand_back(case, decision, lead, others);
    }
    pause::redo(case, decision);
}

/// A reviewer decides on new facts: they apply, or everything stays as it was.
pub(super) fn amend(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    given.at(last, &[Step::Review])?;
    let Some(parked) = &last.life.parked else { return Err(given.refuse("nothing waits for review")) };
    let (what, why) = (given.arg("decision")?, given.arg("reason")?);
    let inputs = [("decision", what), ("reason", why), ("rule", parked.rule.as_str())];
    let reason = Reason::new(&given.id(), &inputs, &given.rule.basis);
    let closed = last.life.closed.is_some();
    match what {
        "approve" if parked.rule == review::TWO_REFERRALS => {
            let mut decision = case.carry(last, given.cause, Directive::Refer, reason);
            review::unpark(case, &mut decision, (parked, parked.due));
            let to = parked.proposed.as_deref().unwrap_or("");
            super::effect::referred_after_review(case, &mut decision, (to, given))?;
            review::facts_since(case, &mut decision);
            Ok(decision)
        }
        "keep" => {
            let mut decision = case.carry(last, given.cause, Directive::Keep, reason);
            review::back(case, &mut decision, parked);
            if parked.rule == review::TWO_REFERRALS {
                review::facts_since(case, &mut decision);
                return Ok(decision);
            }
            if closed {
                decision.life.signed = signing::fresh(case, last);
                return Ok(decision);
            }
            if parked.proposed.is_some() {
                // What the rules would do is noted, so that the same facts do not ask again.
                let outcome = settled::outcome(case);
                (decision.routed.rule, decision.routed.unit) = (outcome.rule, outcome.unit);
                decision.routed.class = outcome.class;
            }
            // Nothing else looks at what was signed meanwhile: by the next change of the case it may be months.
            if undisputed(case).is_ok() {
                closing::count_again(case, &mut decision);
            }
            Ok(decision)
        }
        "approve" if closed => Err(given.refuse("a closed case changes by reopening alone: give \"reopen\"")),
        "approve" => {
            let mut decision = case.assign(given.cause, Directive::Amend, settled::outcome(case));
            decision.reasons.insert(0, reason);
            decision.changed = changes(case, last, decision.unit.as_deref());
            decision.digest.clone_from(&last.digest);
            let stays =
                decision.unit.as_deref() == Some(parked.unit.as_str()) && decision.step == parked.step;
            if stays {
                decision.life.worker.clone_from(&last.life.worker);
                decision.life.taken_on = last.life.taken_on;
            }
            // The same deadline is no new one: approving what comes to the same wins nobody time.
            let same = stays && decision.routed.class == last.routed.class;
            if same {
                decision.due = parked.due;
            }
            if let Some(until) = parked.until {
                // What stood still is not lost to whoever has it now.
                decision.due = pause::moved_by(case, decision.due, (parked.since, until.min(case.now)));
            }
            if same {
                review::go_on(case, &mut decision, parked);
            } else {
                let ladder = decision.routed.ladder.clone();
                climb(case, &mut decision, ladder);
            }
            Ok(decision)
        }
        _ => Err(given.wrong("\"decision\" is approve or keep")),
    }
}
