//! Inside a compartment: a case behind another case, a lead that is filed, people who were punished.
//!
//! Owns the effects. Nothing of them shows in the case that is looked behind: what links the two is here alone.

use super::{Case, Given};
use crate::step::Step;
use crate::{Decision, Directive, Refused};

fn inside(last: &Decision, rule: &str, message: &str) -> Result<(), Refused> {
    if last.audience.compartment.is_some() { Ok(()) } else { Err(Refused::command(rule, message)) }
}

/// Given on the conduct case, so that nothing of it shows in the case that it looks behind.
pub(super) fn conduct_review(
    case: &Case<'_>,
    last: &Decision,
    given: &Given<'_>,
) -> Result<Decision, Refused> {
    let message =
        "a conduct review is a case of its own in the compartment: make one and give this command there";
    inside(last, "conduct_review.open", message)?;
    let of = given.arg("of")?;
    if of == last.projection.id {
        return Err(given.refuse("it does not look behind itself"));
    }
    if given.optional("of.known").is_none() {
        return Err(given.refuse("there is no such case, or it is not yours to see"));
    }
    let mut decision = given.carry(case, last, Directive::ConductReview, &[("of", of)]);
    decision.life.review_of = Some(of.to_owned());
    Ok(decision)
}

/// What may be told is handled outside, as an open case without whoever complained. That it is so stands here alone: the
/// case outside names nothing, and whoever works on it does not learn that there is another.
pub(super) fn hand_over(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    inside(
        last,
        "hand_over.open",
        "an open case is referred or has co-handlers; nothing of it is held back",
    )?;
    let of = given.arg("of")?;
    if of == last.projection.id || given.optional("of.known").is_none() {
        return Err(given.refuse("there is no such case, or it is not yours to see"));
    }
    if given.optional("of.compartment").is_some() {
        return Err(
            given.refuse("that case is in a compartment itself: whoever handles it outside would not see it")
        );
    }
    let mut decision = given.carry(case, last, Directive::HandOver, &[("of", of)]);
    decision.life.handed_over.insert(of.to_owned());
    Ok(decision)
}

/// The lead becomes a filed case (立案): once.
pub(super) fn file(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    inside(last, "discipline.open", "only a lead in the compartment is filed")?;
    given.at(last, &[Step::Handle, Step::Verify, Step::Sign])?;
    if last.life.filed_at.is_some() {
        return Err(given.refuse("it is filed already"));
    }
    let mut decision = given.carry(case, last, Directive::FileCase, &[("reason", given.arg("reason")?)]);
    decision.life.filed_at = Some(case.now);
    Ok(decision)
}

/// So many people were punished (处分), for what was filed. It adds up.
pub(super) fn punish(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    inside(last, "discipline.open", "only a lead in the compartment is filed")?;
    if last.life.filed_at.is_none() {
        return Err(Refused::command("discipline.filed", "nobody is punished before the case is filed"));
    }
    let (count, why) = (given.arg("count")?, given.arg("reason")?);
    let Some(more) = count.parse::<u32>().ok().filter(|n| (1..=99).contains(n)) else {
        return Err(given.wrong("\"count\" is a number of people from 1 to 99"));
    };
    let mut decision = given.carry(case, last, Directive::Punish, &[("count", count), ("reason", why)]);
    decision.life.punished = decision.life.punished.saturating_add(more);
    Ok(decision)
}
