//! What must fit together in the closing part of a pack: every step that a case can reach can also be left.
//!
//! Owns those checks. Never reads a file.

use std::collections::BTreeSet;

use super::rules::{CommandName, Rules};
use crate::life::How;
use crate::problem::{Problem, Source};
use crate::said::said;

/// Reports what would leave a case stuck.
pub(super) fn check(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    commands(rules, source, problems);
    if let Some(signature) = rules.signatures.first().filter(|_| rules.closure.is_none()) {
        let said = said("signatures-without-closure");
        problems.push(source.at(signature.role.span(), "signatures-without-closure", said));
    }
    for signature in rules.signatures.iter().filter(|signature| signature.proof && !signature.witness) {
        let said = said("signature-proof").name("role", signature.role.get_ref());
        problems.push(source.at(signature.role.span(), "signature-proof", said));
    }
    for how in rules.unusual.iter().flat_map(|unusual| &unusual.how) {
        if How::unusual(how.get_ref()).is_none() {
            problems.push(source.at(
                how.span(),
                "unusual-how",
                said("unusual-how").name("how", how.get_ref()),
            ));
        }
    }
}

/// A step needs its command: without it, cases would stay there for ever.
fn commands(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    for rule in &rules.commands {
        if !seen.insert(*rule.name.get_ref()) {
            let said = said("command-twice").name("command", rule.name.get_ref().code());
            problems.push(source.at(rule.name.span(), "duplicate", said));
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
            let said = said("command-missing").name("command", command.code());
            problems.push(source.at(at.span(), "command-missing", said));
        }
    }
}
