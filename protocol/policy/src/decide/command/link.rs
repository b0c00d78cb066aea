//! Cases that belong together: groups of reports about one matter, and conduct reviews behind a case.
//!
//! Owns what the member or the conduct case records. Never touches the other case: each has its own log, and documents
//! are never combined. The centre says what the other case is like (`lead.*` arguments), from its own rows.

use super::{Case, Given};
use crate::{Decision, Directive, Refused};

/// Follows the earliest case about the same matter; keeps its own deadline, reply and callback.
pub(super) fn group(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    let lead = given.arg("lead")?;
    let refuse = |message: &str| Err(Refused::command("group", message));
    if lead == last.projection.id {
        return Err(Refused::command("group.self", "a case does not follow itself"));
    }
    if last.life.closed.is_some() {
        return refuse("a closed case joins no group");
    }
    if last.life.lead.is_some() {
        return refuse("it follows another case already; ungroup it first");
    }
    if last.audience.compartment.is_some() || given.optional("lead.compartment").is_some() {
        return Err(Refused::command("group.compartment", "groups never reach across a compartment"));
    }
    if given.optional("lead.lead").is_some() {
        return refuse("that case follows another one itself; follow that one");
    }
    if let Some(followers) = given.optional("lead.followers") {
        return refuse(&format!("{followers} cases follow this one: group those under that case first"));
    }
    let registered = given.optional("lead.registered").and_then(|at| at.parse::<jiff::Timestamp>().ok());
    let Some(registered) = registered else {
        return refuse("there is no such case, or it is not yours to see");
    };
    // A total order, so that no two cases can lead each other.
    let (own, of) = (&last.projection.id, last.projection.registered_at);
    if (registered, lead) > (of, own.as_str()) {
        return refuse("the earliest leads, and this one is earlier: group that case under this one");
    }
    let mut decision = given.carry(case, last, Directive::Group, &[("lead", lead)]);
    decision.life.lead = Some(lead.to_owned());
    Ok(decision)
}

/// On its own again, with everything that it has.
pub(super) fn ungroup(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    let Some(lead) = &last.life.lead else { return Err(given.refuse("it follows no other case")) };
    let inputs = [("lead", lead.as_str()), ("reason", given.arg("reason")?)];
    let mut decision = given.carry(case, last, Directive::Ungroup, &inputs);
    decision.life.lead = None;
    Ok(decision)
}
