//! Commands: what people do with a case between decisions of the rules.
//!
//! Owns who may give a command. Never touches the document; each command's effect is in `effect`.

mod effect;

use std::collections::BTreeMap;

use super::Case;
use crate::pack::rules::{CommandName, CommandRule, Who};
use crate::{Cause, Decision, Level, Refused};

/// A command with the rule that allows it.
pub(super) struct Given<'a> {
    pub(super) rule: &'a CommandRule,
    pub(super) args: &'a BTreeMap<String, String>,
    pub(super) by_unit: &'a str,
    pub(super) by_role: &'a str,
}

impl Given<'_> {
    /// The rule's name in reasons and refusals.
    pub(super) fn id(&self) -> String {
        format!("command.{}", name(self.rule))
    }

    pub(super) fn refuse(&self, message: impl Into<String>) -> Refused {
        Refused::new(&self.id(), message)
    }

    /// An argument that must be there.
    pub(super) fn arg(&self, key: &str) -> Result<&str, Refused> {
        let value = self.args.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
        value.ok_or_else(|| self.refuse(format!("{key:?} is missing")))
    }
}

/// Checks who asks, then acts on the last decision.
pub(super) fn decide(case: &Case<'_>, cause: &Cause) -> Result<Decision, Refused> {
    let Cause::Command { name: asked, args, by_unit, by_role, .. } = cause else {
        return Err(Refused::new("command", "not a command"));
    };
    let Some(last) = case.last() else {
        return Err(Refused::new("no-decision-yet", "the case has not been taken in"));
    };
    let rule = case.pack.rules().commands.iter().find(|r| name(r) == asked);
    let Some(rule) = rule else {
        return Err(Refused::new("command", format!("the pack knows no command {asked:?}")));
    };
    let given = Given { rule, args, by_unit, by_role };
    permitted(case, last, &given)?;
    match rule.name.get_ref() {
        CommandName::Refer => effect::refer(case, cause, last, &given),
        CommandName::Accept => effect::accept(case, cause, last, &given),
        CommandName::Claim => effect::claim(case, cause, last, &given),
        CommandName::Return => effect::give_back(case, cause, last, &given),
        CommandName::Extend => effect::extend(case, cause, last, &given),
    }
}

/// Role and standing of whoever gives the command.
fn permitted(case: &Case<'_>, last: &Decision, given: &Given<'_>) -> Result<(), Refused> {
    let unit = given.by_unit;
    if last.audience.excluded_units.contains(unit) {
        return Err(Refused::new("concerned", "whoever is concerned does not act on the case"));
    }
    if let Some(compartment) = &last.audience.compartment {
        let inside = last.audience.units.contains(unit);
        let rule = format!("compartment.{compartment}");
        return if inside {
            Ok(())
        } else {
            Err(Refused::new(&rule, "only the compartment's own unit acts on the case"))
        };
    }
    if !given.rule.roles.is_empty() && !given.rule.roles.iter().any(|r| r == given.by_role) {
        return Err(given.refuse(format!("takes one of the roles {}", given.rule.roles.join(", "))));
    }
    if given.rule.who.iter().any(|who| stands(case, last, unit, *who)) {
        return Ok(());
    }
    Err(given.refuse(format!("{unit} has no part in the case that allows this")))
}

fn stands(case: &Case<'_>, last: &Decision, unit: &str, who: Who) -> bool {
    let owner = last.unit.as_deref().unwrap_or("");
    match who {
        Who::Owner => unit == owner || last.co_units.iter().any(|u| u == unit),
        Who::Above => unit != owner && case.pack.is_within(owner, unit),
        Who::Intake => unit == case.pack.desk() || unit == case.pack.intake_unit(&last.projection, case.now),
        Who::District => case.pack.unit(unit, case.now).is_some_and(|u| u.level == Level::District),
    }
}

fn name(rule: &CommandRule) -> &'static str {
    rule.name.get_ref().code()
}
