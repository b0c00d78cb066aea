//! Of which units' cases something comes to somebody: for inboxes, which ask an index and open no case.
//!
//! Owns reading `who` of a rule for a whole district. Whether somebody may in fact, `offered` says of each case.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::pack::rules::{CommandName, CommandRule, SignatureRule, Who};
use crate::{Decision, Level, Pack};

/// Cases of these units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Of every unit.
    Everywhere,
    /// Of these; of none where there are none.
    Of(BTreeSet<String>),
}

impl Reach {
    /// Cases of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Of(mut one), Self::Of(other)) => {
                one.extend(other);
                Self::Of(one)
            }
            _ => Self::Everywhere,
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Of(units) if units.is_empty())
    }
}

impl Pack {
    /// The signatures that somebody of this unit and role may give for themselves, in order, and for whose cases.
    pub fn signs(&self, (unit, role): (&str, &str), at: Timestamp) -> Vec<(&str, Reach)> {
        let rules = self.rules().signatures.iter().filter(|rule| !rule.witness);
        let of_role = rules.filter(|rule| rule.roles.is_empty() || rule.roles.iter().any(|of| of == role));
        let reach = |rule: &SignatureRule| match rule.units.iter().any(|of| of.get_ref() == unit) {
            true => Reach::Everywhere,
            false => self.reach(&rule.who, unit, at),
        };
        let all = of_role.map(|rule| (rule.role.get_ref().as_str(), reach(rule)));
        all.filter(|(_, reach)| !reach.is_empty()).collect()
    }

    /// Who signs a case no more: whoever has signed it, for nobody signs in two roles, and whoever verified it. Whoever
    /// brought the person's own signature may.
    pub fn signers(&self, decision: &Decision) -> BTreeSet<String> {
        let rules = &self.rules().signatures;
        let own = |role: &str| rules.iter().any(|rule| !rule.witness && rule.role.get_ref() == role);
        let (signatures, life) = (&decision.projection.proofs.signatures, &decision.life);
        let counts = signatures.iter().filter(|given| given.fresh && own(&given.role));
        let signed = counts.filter(|given| life.signed.contains(&given.role));
        signed.map(|given| &given.worker).chain(&life.verified_by).cloned().collect()
    }

    /// Whose cases somebody of this unit and role verifies: not their own unit's, where the pack has others do it.
    pub fn verifies(&self, (unit, role): (&str, &str), at: Timestamp) -> Reach {
        let rule =
            self.verifying().filter(|rule| rule.roles.is_empty() || rule.roles.iter().any(|of| of == role));
        rule.map_or(Reach::Of(BTreeSet::new()), |rule| self.reach(&rule.who, unit, at))
    }

    /// Whether those who handle a case verify it.
    pub fn handlers_verify(&self) -> bool {
        self.verifying().is_some_and(|rule| rule.who.iter().any(|who| matches!(who, Who::Owner | Who::Lead)))
    }

    fn verifying(&self) -> Option<&CommandRule> {
        self.rules().commands.iter().find(|rule| *rule.name.get_ref() == CommandName::Verify)
    }

    fn reach(&self, who: &[Who], unit: &str, at: Timestamp) -> Reach {
        let of = |units: BTreeSet<String>| Reach::Of(units);
        let every = |holds: bool| if holds { Reach::Everywhere } else { of(BTreeSet::new()) };
        let codes = || self.units().map(|unit| unit.code.as_str());
        let one = |who: &Who| match who {
            Who::Owner | Who::Lead => of(BTreeSet::from([unit.to_owned()])),
            Who::Above => {
                of(codes().filter(|of| *of != unit && self.is_within(of, unit)).map(str::to_owned).collect())
            }
            Who::Intake if unit == self.desk() => Reach::Everywhere,
            Who::Intake => {
                of(codes().filter(|of| self.centre(of, at) == Some(unit)).map(str::to_owned).collect())
            }
            Who::District => every(self.unit(unit, at).is_some_and(|unit| unit.level == Level::District)),
            Who::Supervisor => every(self.is_supervisor(unit)),
            Who::Author | Who::Other => of(BTreeSet::new()),
        };
        who.iter().map(one).fold(of(BTreeSet::new()), Reach::or)
    }
}
