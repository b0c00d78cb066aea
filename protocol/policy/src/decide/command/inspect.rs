//! Supervision of one case: urging whoever has it, and recording what an inspection found.
//!
//! Owns the effects. Which cases are inspected is drawn elsewhere; an inspection of any other case counts as well.

use super::{Case, Given, after, pause};
use crate::decide::timer;
use crate::life::Inspected;
use crate::step::Step;
use crate::{Decision, Directive, Refused};

/// Urges the owner: noted and counted, and from now on the supervisors see the case. Nothing else changes: what is due
/// stays due.
pub(super) fn urge(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    if Step::named(&last.step).is_some_and(Step::is_end) {
        return Err(given.refuse("nothing more is to be done about it"));
    }
    if given.is_of(&last.unit) {
        return Err(Refused::command("urge.own", "a unit does not urge itself; whoever supervises it does"));
    }
    let due = last.due.to_string();
    let inputs =
        [("unit", last.unit.as_deref().unwrap_or("")), ("due", &due), ("reason", given.arg("reason")?)];
    let mut decision = given.carry(case, last, Directive::Urge, &inputs);
    decision.life.urged += 1;
    timer::supervise(case, &mut decision);
    Ok(decision)
}

/// What was found on the spot: the resolution holds, or it is false (假化解), and the case is to be done again.
pub(super) fn inspect(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    let closed = last.life.closed.is_some();
    if !closed && last.life.claimed_at.is_none() {
        return Err(Refused::command(
            "inspect.open",
            "nobody says that it is resolved; there is nothing to inspect",
        ));
    }
    let own = super::was_own(case, last, given);
    let handles = if closed { given.is_of(&last.life.handlers) } else { super::handles(last, given) };
    if own || handles && last.audience.compartment.is_none() {
        return Err(Refused::command(
            "inspect.own",
            "whoever handled it does not inspect it; another unit does",
        ));
    }
    let holds = match given.arg("result")? {
        "holds" => true,
        "false" => false,
        _ => return Err(given.wrong("\"result\" is holds or false")),
    };
    let reason = if holds { given.optional("reason").unwrap_or("") } else { given.arg("reason")? };
    let mut inputs = vec![("result", if holds { "holds" } else { "false" })];
    inputs.extend((!reason.is_empty()).then_some(("reason", reason)));
    inputs.extend(given.optional("draw").map(|draw| ("draw", draw)));
    let directive = if holds { Directive::Inspect } else { Directive::Redo };
    let mut decision = given.carry(case, last, directive, &inputs);
    if !holds {
        decision.life.false_resolutions += 1;
        match closed {
            true => after::open_again(case, &mut decision),
            false if last.step == Step::Review.code() => pause::redo_after_review(case, &mut decision),
            false => pause::redo(case, &mut decision),
        }
    }
    let (by, unit) = (given.by_worker.to_owned(), given.by_unit.to_owned());
    decision.life.inspected = Some(Inspected { at: case.now, by, unit, holds });
    Ok(decision)
}
