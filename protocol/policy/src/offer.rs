//! What somebody may do with a case now: each command of the pack tried with the best that could be filled in.
//!
//! Owns what a command takes. Decides nothing of its own: whether a command would be decided, `decide` says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decide::decide;
use crate::life::Satisfaction;
use crate::pack::rules::CommandName;
use crate::{Cause, Decision, OWN_UNIT, Pack, Projection, Refused, STANDING_IN, Step};

/// Who wants to act: number, units and role.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The worker's number.
    pub worker: &'a str,
    /// The unit in whose name.
    pub unit: &'a str,
    /// The unit that they are of: another one where they stand in for somebody.
    pub own_unit: &'a str,
    /// The role in which.
    pub role: &'a str,
    /// The number of whoever is away and whom they stand in for.
    pub standing_in: Option<&'a str>,
}

/// One command of the pack, for one person, at one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its code.
    pub command: &'static str,
    /// What it takes.
    pub wants: Vec<Want>,
    /// Why it would be refused whatever is filled in.
    pub refused: Option<Refused>,
}

/// One argument of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// Its name.
    pub name: &'static str,
    /// The values to choose from; none: it is written.
    pub choices: Vec<String>,
    /// It may be left out.
    pub optional: bool,
    /// A number from 1 to this.
    pub most: Option<u32>,
}

/// Every command of the pack in its order: what it takes, and whether this person could have it decided now.
pub fn offered(
    pack: &Pack,
    projection: &Projection,
    history: &[Decision],
    (actor, now): (Actor<'_>, Timestamp),
) -> Vec<Offer> {
    let Some(last) = history.last() else { return Vec::new() };
    let offer = |name: CommandName| {
        let wants = wants(pack, last, name);
        let refusal = |mut args: BTreeMap<String, String>| {
            if actor.own_unit != actor.unit {
                args.insert(OWN_UNIT.into(), actor.own_unit.into());
            }
            if let Some(of) = actor.standing_in {
                args.insert(STANDING_IN.into(), of.into());
            }
            let cause = Cause::Command {
                id: "offer".into(),
                name: name.code().into(),
                args,
                by_worker: actor.worker.into(),
                by_unit: actor.unit.into(),
                by_role: actor.role.into(),
            };
            decide(pack, projection, history, cause, now).err()
        };
        let tried: Vec<_> = tries(pack, last, &wants, now).into_iter().map(refusal).collect();
        let refused = if tried.contains(&None) { None } else { tried.into_iter().flatten().next() };
        Offer { command: name.code(), wants, refused }
    };
    pack.rules().commands.iter().map(|rule| offer(*rule.name.get_ref())).collect()
}

fn written(name: &'static str) -> Want {
    Want { name, choices: Vec::new(), optional: false, most: None }
}

fn chosen<'a>(name: &'static str, choices: impl IntoIterator<Item = &'a str>) -> Want {
    Want { name, choices: choices.into_iter().map(str::to_owned).collect(), ..written(name) }
}

fn days(most: u32) -> Want {
    Want { most: Some(most), ..written("days") }
}

fn optional(name: &'static str) -> Want {
    Want { optional: true, ..written(name) }
}

/// What a command takes at this case.
fn wants(pack: &Pack, last: &Decision, name: CommandName) -> Vec<Want> {
    use CommandName as C;
    let rules = pack.rules();
    match name {
        C::Accept | C::Claim | C::Resume | C::StrikeOff | C::Archive => Vec::new(),
        C::Return | C::DenyExtension | C::Reopen | C::Withdraw | C::Ungroup => vec![written("reason")],
        C::Refer => vec![written("unit"), written("reason")],
        C::Extend if last.life.asked.is_some() => {
            vec![Want { optional: true, ..days(rules.extension.days) }, optional("reason")]
        }
        C::Extend | C::AskExtension => vec![days(rules.extension.days), written("reason")],
        C::Assign if last.step == Step::Triage.code() => vec![written("unit")],
        C::Assign => vec![written("worker")],
        C::CoHandle => vec![optional("add"), optional("remove")],
        C::Suspend => {
            let reasons = rules.suspension.iter().flat_map(|rule| &rule.reasons);
            let most = rules.suspension.as_ref().map_or(0, |rule| rule.days);
            vec![chosen("reason", reasons.map(String::as_str)), days(most)]
        }
        C::Verify => vec![chosen("result", ["pass", "fail"]), optional("reason")],
        C::Callback => {
            use Satisfaction as S;
            vec![chosen("answer", [S::Satisfied, S::NotSatisfied, S::Unreachable].map(S::code))]
        }
        C::LookBack => vec![chosen("result", ["holds", "fails"]), optional("reason")],
        C::CloseUnusual => {
            let how = rules.unusual.iter().flat_map(|rule| &rule.how);
            let how = chosen("how", how.map(|how| how.get_ref().as_str()));
            vec![how, optional("attempts"), optional("witness"), written("reason")]
        }
        C::RefuseAcceptance => vec![written("reason"), written("answer")],
        C::Group => vec![written("lead")],
        C::Recuse => vec![optional("worker"), written("reason")],
        C::Delegate => {
            let roles = rules.signatures.iter().filter(|rule| !rule.witness);
            vec![chosen("role", roles.map(|rule| rule.role.get_ref().as_str())), written("worker")]
        }
        C::ConductReview | C::HandOver => vec![written("of")],
        C::FileCase => vec![written("reason")],
        C::Punish => vec![written("count"), written("reason")],
        C::Urge => vec![written("reason")],
        C::Inspect => vec![chosen("result", ["holds", "false"]), optional("reason")],
        C::Amend => vec![chosen("decision", ["approve", "keep"]), written("reason")],
    }
}

/// Arguments that would do if any would: each choice once, the rest as good as they can be.
fn tries(pack: &Pack, last: &Decision, wants: &[Want], now: Timestamp) -> Vec<BTreeMap<String, String>> {
    let other = |unit: &&crate::Unit| {
        let has = last.unit.as_deref() == Some(&unit.code) || last.co_units.contains(&unit.code);
        !has && pack.unit(&unit.code, now).is_some()
    };
    let another = pack.units().find(other).map_or(String::new(), |unit| unit.code.clone());
    let attempts = pack.rules().unusual.as_ref().map_or(0, |rule| rule.attempts).to_string();
    let mut best: BTreeMap<String, String> = BTreeMap::new();
    for want in wants.iter().filter(|want| want.choices.is_empty()) {
        let value = match want.name {
            "days" | "count" => "1".to_owned(),
            "attempts" => attempts.clone(),
            "unit" | "add" => another.clone(),
            // Whoever stands beside it, and a case that is older than any: the centre looks them up.
            "remove" => continue,
            "worker" if want.optional => continue,
            _ => "0".to_owned(),
        };
        best.insert(want.name.to_owned(), value);
    }
    if wants.iter().any(|want| want.name == "lead") {
        best.insert("lead.registered".into(), last.projection.registered_at.to_string());
    }
    if wants.iter().any(|want| want.name == "worker") {
        best.insert("worker.unit".into(), last.unit.clone().unwrap_or_default());
    }
    if wants.iter().any(|want| want.name == "of") {
        best.insert("of.known".into(), "yes".into());
    }
    match wants.iter().find(|want| !want.choices.is_empty()) {
        None => vec![best],
        Some(want) => {
            let with = |choice: &String| {
                let mut args = best.clone();
                args.insert(want.name.to_owned(), choice.clone());
                args
            };
            want.choices.iter().map(with).collect()
        }
    }
}
