//! Commands: what people do with a case between decisions of the rules.
//!
//! Owns who may give a command. Never touches the document; each command's effect is in a file below, by the part of
//! a case's life that it belongs to. A refusal names the rule and says what would help; it changes nothing.

mod after;
mod answer;
mod close;
mod discipline;
mod effect;
mod inspect;
mod link;
pub(super) mod pause;
mod people;

use std::collections::BTreeMap;

pub(super) use answer::answered;
pub(super) use pause::{RESUME, resume};

use super::{Case, closing};
use crate::condition::context;
use crate::pack::rules::{CommandName, CommandRule, Who};
use crate::step::Step;
use crate::{
    Cause, Decision, Directive, Level, OWN_UNIT, Projection, Reason, Refused, STANDING_IN, Unit, facts,
};

/// A command with the rule that allows it.
pub(super) struct Given<'a> {
    pub(super) rule: &'a CommandRule,
    pub(super) cause: &'a Cause,
    pub(super) args: &'a BTreeMap<String, String>,
    pub(super) by_worker: &'a str,
    pub(super) by_unit: &'a str,
    pub(super) by_role: &'a str,
}

impl Given<'_> {
    /// The rule's name in reasons and refusals.
    pub(super) fn id(&self) -> String {
        format!("command.{}", name(self.rule))
    }

    pub(super) fn refuse(&self, message: impl Into<String>) -> Refused {
        Refused::command(&self.id(), message)
    }

    /// An argument that may be there.
    pub(super) fn optional(&self, key: &str) -> Option<&str> {
        self.args.get(key).map(|v| v.trim()).filter(|v| !v.is_empty())
    }

    /// The unit that its giver is of, whoever they stand in for.
    pub(super) fn own_unit(&self) -> &str {
        self.optional(OWN_UNIT).unwrap_or(self.by_unit)
    }

    /// Whether any of these is the giver's: the unit in whose name they act, or the one that they are of.
    pub(super) fn is_of<'u>(&self, units: impl IntoIterator<Item = &'u String>) -> bool {
        units.into_iter().any(|unit| unit == self.by_unit || unit == self.own_unit())
    }

    /// An argument that must be there.
    pub(super) fn arg(&self, key: &str) -> Result<&str, Refused> {
        let missing =
            || Refused::command("command.incomplete", format!("{key:?} is missing; give it and try again"));
        self.optional(key).ok_or_else(missing)
    }

    /// Refuses an argument that is none of those that there are, or no number: says which there are.
    pub(super) fn wrong(&self, allowed: impl Into<String>) -> Refused {
        Refused::command("command.value", allowed)
    }

    /// A unit that exists now and that has not got the case yet.
    pub(super) fn new_unit<'c>(
        &self,
        case: &Case<'c>,
        code: &str,
        have: impl IntoIterator<Item = &'c String>,
    ) -> Result<&'c Unit, Refused> {
        let unknown = || Refused::command("command.unit", format!("there is no unit {code} at this time"));
        let unit = case.pack.unit(code, case.now).ok_or_else(unknown)?;
        if have.into_iter().any(|unit| unit == code) {
            return Err(Refused::command("command.has", format!("{code} has the case already")));
        }
        Ok(unit)
    }

    /// Refuses unless the case is at one of these steps.
    pub(super) fn at(&self, last: &Decision, steps: &[Step]) -> Result<(), Refused> {
        if steps.iter().any(|step| step.code() == last.step) {
            return Ok(());
        }
        let wanted: Vec<&str> = steps.iter().map(|step| step.code()).collect();
        let why =
            if last.step == Step::Review.code() { "; it is under review, which comes first" } else { "" };
        Err(self.refuse(format!("the case is at {:?}; this is for {}{why}", last.step, wanted.join(", "))))
    }

    /// The decision that carries the case on, with the reason that names this command.
    pub(super) fn carry(
        &self,
        case: &Case<'_>,
        last: &Decision,
        directive: Directive,
        inputs: &[(&str, &str)],
    ) -> Decision {
        case.carry(last, self.cause, directive, Reason::new(&self.id(), inputs, &self.rule.basis))
    }
}

/// The code of every command that the engine knows. A district uses those that its pack lists.
pub fn commands() -> impl Iterator<Item = &'static str> {
    CommandName::ALL.iter().map(|name| name.code())
}

/// Checks who asks, then acts on the last decision. What it reads of the document's fields is what was last decided
/// on; of its lists, which only grow, what they hold today.
pub(super) fn decide(case: &Case<'_>, cause: &Cause) -> Result<Decision, Refused> {
    let Cause::Command { name: asked, args, by_worker, by_unit, by_role, .. } = cause else {
        return Err(Refused::command("command", "not a command"));
    };
    let Some(last) = case.last() else {
        return Err(Refused::command(
            "no-decision-yet",
            "the case has not been taken in; try again in a moment",
        ));
    };
    let rule = case.pack.rules().commands.iter().find(|r| name(r) == asked);
    let Some(rule) = rule else {
        let known = CommandName::ALL.iter().any(|c| c.code() == asked);
        let why = if known { "; this district does not use it" } else { "" };
        return Err(Refused::command("command", format!("the pack knows no command {asked:?}{why}")));
    };
    let given = Given { rule, cause, args, by_worker, by_unit, by_role };
    // Whoever refers a case without knowing that it has just been referred gave the command while it was theirs.
    let saw = effect::crossed(case, last, &given);
    permitted(case, (last, saw.unwrap_or(last)), &given)?;
    let projection = Projection { proofs: case.projection.proofs.clone(), ..last.projection.clone() };
    let today = Case { projection: &projection, ..*case };
    let mut decision = match saw {
        Some(saw) => effect::refer_too(&today, (last, saw), &given)?,
        None => act(case, &today, last, &given)?,
    };
    decision.projection.proofs = projection.proofs;
    Ok(decision)
}

fn act(case: &Case<'_>, today: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<Decision, Refused> {
    match given.rule.name.get_ref() {
        CommandName::Refer => effect::refer(today, last, given),
        CommandName::Accept => effect::accept(today, last, given),
        CommandName::Claim => effect::claim(today, last, given),
        CommandName::Return => effect::give_back(case, last, given),
        CommandName::Extend => pause::extend(today, last, given),
        CommandName::AskExtension => pause::ask(today, last, given),
        CommandName::DenyExtension => pause::deny(today, last, given),
        CommandName::Suspend => pause::suspend(today, last, given),
        CommandName::Resume => pause::resume_now(today, last, given),
        CommandName::Assign => people::assign(today, last, given),
        CommandName::CoHandle => people::co_handle(today, last, given),
        CommandName::Recuse => people::recuse(today, last, given),
        CommandName::Delegate => people::delegate(today, last, given),
        CommandName::Verify => close::verify(today, last, given),
        CommandName::StrikeOff => close::strike_off(today, last, given),
        CommandName::CloseUnusual => close::unusual(today, last, given),
        CommandName::RefuseAcceptance => close::refuse_acceptance(today, last, given),
        CommandName::Withdraw => close::withdraw(today, last, given),
        CommandName::Callback => after::callback(today, last, given),
        CommandName::LookBack => after::look_back(today, last, given),
        CommandName::Archive => after::archive(today, last, given),
        CommandName::Reopen => after::reopen(today, last, given),
        CommandName::Amend => after::amend(today, last, given),
        CommandName::Group => link::group(today, last, given),
        CommandName::Ungroup => link::ungroup(today, last, given),
        CommandName::ConductReview => discipline::conduct_review(today, last, given),
        CommandName::HandOver => discipline::hand_over(today, last, given),
        CommandName::FileCase => discipline::file(today, last, given),
        CommandName::Punish => discipline::punish(today, last, given),
        CommandName::Urge => inspect::urge(today, last, given),
        CommandName::Inspect => inspect::inspect(today, last, given),
    }
}

/// Role and standing of whoever gives the command: as things are now, and in the state that they saw.
fn permitted(case: &Case<'_>, (last, saw): (&Decision, &Decision), given: &Given<'_>) -> Result<(), Refused> {
    let unit = given.by_unit;
    if last.life.recused.contains(given.by_worker) {
        return Err(Refused::command(
            "concerned",
            "whoever is concerned does not act on the case; a colleague may",
        ));
    }
    if given.is_of(&last.audience.excluded_units) {
        return Err(Refused::command("concerned", "whoever is concerned does not act on the case"));
    }
    if let Some(compartment) = &last.audience.compartment {
        let inside = last.audience.units.contains(unit);
        let rule = format!("compartment.{compartment}");
        if !inside {
            return Err(Refused::command(&rule, "only the compartment's own unit acts on the case"));
        }
    }
    if !given.rule.roles.is_empty() && !given.rule.roles.iter().any(|r| r == given.by_role) {
        return Err(given.refuse(format!("takes one of the roles {}", given.rule.roles.join(", "))));
    }
    if last.audience.compartment.is_some() {
        return Ok(());
    }
    if !asked(last, given) && !given.rule.who.iter().any(|who| stands(case, saw, unit, *who)) {
        return Err(given.refuse(format!("{unit} has no part in the case that allows this")));
    }
    condition(case, last, given)
}

/// Whether this is the answer that the step waits for, from whom the case was put to: where those whom the pack names have
/// handled it themselves, another unit was chosen.
fn asked(last: &Decision, given: &Given<'_>) -> bool {
    let step = match given.rule.name.get_ref() {
        CommandName::Callback => Step::Callback,
        CommandName::LookBack => Step::LookBack,
        CommandName::Amend => Step::Review,
        _ => return false,
    };
    last.step == step.code() && last.unit.as_deref() == Some(given.by_unit)
}

/// The pack's own condition, over what was last decided on.
fn condition(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<(), Refused> {
    let Some(when) = &given.rule.when else { return Ok(()) };
    let sides = facts::sides(case.pack, &last.projection, case.now).unwrap_or_default();
    let holds = |side: &facts::Facts| when.holds(&context(&side.0)).unwrap_or(false);
    if !sides.is_empty() && sides.iter().all(holds) {
        return Ok(());
    }
    Err(given.refuse(format!("the district does not allow it for such a case ({})", given.rule.basis)))
}

/// Whether whoever gives the command handled the case: of a unit that did, whoever claimed it, whoever was in charge.
/// Standing in for somebody takes nothing off anybody: neither their own unit and number nor the other's.
pub(super) fn handled(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> bool {
    given.is_of(&closing::took_part(case, last)) || was_own(case, last, given)
}

/// Whether it is or was the giver's own since it was last begun: another unit or role takes that off nobody.
pub(super) fn was_own(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> bool {
    let hands = closing::hands(case, last);
    hands.contains(given.by_worker) || given.optional(STANDING_IN).is_some_and(|of| hands.contains(of))
}

/// Whether it is the giver's own: they, or whom they stand in for, claimed it or were in charge of it.
pub(super) fn own(last: &Decision, given: &Given<'_>) -> bool {
    is_own(last, given.by_worker) || given.optional(STANDING_IN).is_some_and(|of| is_own(last, of))
}

/// Whether it is a worker's own.
fn is_own(last: &Decision, worker: &str) -> bool {
    [&last.life.claimed_by, &last.life.worker].into_iter().flatten().any(|of| of == worker)
}

/// What takes a case to its end waits while people disagree about what it says, whether or not policy reads that: or it would
/// be over on half the facts.
pub(super) fn undisputed(case: &Case<'_>) -> Result<(), Refused> {
    let disputed = &case.projection.proofs.disputed;
    if disputed.is_empty() {
        return Ok(());
    }
    let fields: Vec<&str> = disputed.iter().map(String::as_str).collect();
    let message = format!("a reviewer decides first what is in conflict: {}", fields.join(", "));
    Err(Refused::command("conflict.open", message))
}

/// Whether the giver comes from where an open case is handled.
pub(super) fn handles(last: &Decision, given: &Given<'_>) -> bool {
    given.is_of(last.unit.iter().chain(&last.co_units))
}

/// Whether a unit stands so to the case.
pub(super) fn stands(case: &Case<'_>, last: &Decision, unit: &str, who: Who) -> bool {
    let owner = last.unit.as_deref().unwrap_or("");
    let closed = last.life.closed.is_some();
    let handles = match closed {
        true => last.life.handlers.iter().any(|u| u == unit),
        false => unit == owner || last.co_units.iter().any(|u| u == unit),
    };
    let lead = last.life.handlers.first().filter(|_| closed).map_or(owner, String::as_str);
    match who {
        Who::Owner => handles,
        Who::Lead => unit == lead,
        Who::Above => unit != lead && case.pack.is_within(lead, unit),
        Who::Intake => unit == case.pack.desk() || unit == case.pack.intake_unit(&last.projection, case.now),
        Who::District => case.pack.unit(unit, case.now).is_some_and(|u| u.level == Level::District),
        Who::Supervisor => case.pack.rules().audience.supervisors.iter().any(|u| u.get_ref() == unit),
        Who::Author => last.projection.author_unit.as_deref() == Some(unit),
        Who::Other => !handles && (last.audience.units.contains(unit) || unit == owner),
    }
}

fn name(rule: &CommandRule) -> &'static str {
    rule.name.get_ref().code()
}
