//! What must fit together in the closing part of a pack: every step that a case can reach can also be left.
//!
//! Owns those checks. Never reads a file.

use std::collections::BTreeSet;

use super::rules::{CommandName, Rules};
use crate::life::How;
use crate::problem::{Problem, Source};

/// Reports what would leave a case stuck.
pub(super) fn check(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    commands(rules, source, problems);
    if let Some(signature) = rules.signatures.first().filter(|_| rules.closure.is_none()) {
        let message = "signatures are asked for, but there is no [closure]".to_owned();
        let remedy = "add [closure] with `resolved`, `class` and `basis`, or drop the signatures";
        problems.push(source.at(signature.role.span(), "signatures-without-closure", message, remedy));
    }
    for signature in rules.signatures.iter().filter(|signature| signature.proof && !signature.witness) {
        let message = format!(
            "{:?} is signed by whoever gives it: there is nothing to prove",
            signature.role.get_ref()
        );
        let remedy = "drop `proof`, or write `witness = true` where somebody else brings it";
        problems.push(source.at(signature.role.span(), "signature-proof", message, remedy));
    }
    for how in rules.unusual.iter().flat_map(|unusual| &unusual.how) {
        if How::unusual(how.get_ref()).is_none() {
            let message = format!("{:?} is no unusual way of closing", how.get_ref());
            let remedy = "write refused, died, moved, anonymous or unreachable";
            problems.push(source.at(how.span(), "unusual-how", message, remedy));
        }
    }
}

/// A step needs its command: without it, cases would stay there for ever.
fn commands(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for rule in &rules.commands {
        if !seen.insert(*rule.name.get_ref()) {
            let message = format!("command {:?} appears twice", rule.name.get_ref().code());
            problems.push(source.at(rule.name.span(), "duplicate", message, "join the two into one"));
        }
    }
    let by_command = rules.closure.as_ref().filter(|c| c.by_command).map(|c| &c.class);
    let needs = [
        (rules.closure.as_ref().map(|c| &c.class), CommandName::Verify),
        (by_command, CommandName::StrikeOff),
        (rules.callback.as_ref().map(|c| &c.class), CommandName::Callback),
        (rules.look_back.as_ref().and_then(|l| l.classes.first()), CommandName::LookBack),
        (rules.review.as_ref().map(|r| &r.class), CommandName::Amend),
    ];
    for (at, command) in needs {
        if let Some(at) = at.filter(|_| !seen.contains(&command)) {
            let message = format!("cases wait for {:?}, which nobody may give", command.code());
            let remedy = format!("add [[command]] name = {:?} with `who` and `basis`", command.code());
            problems.push(source.at(at.span(), "command-missing", message, &remedy));
        }
    }
}
