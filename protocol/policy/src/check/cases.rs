//! What examples name: fields, values, units, arguments, each other. A misspelt name in an example checks nothing and
//! says so nowhere.
//!
//! Owns the names. Running the examples is `examples`.

use std::collections::BTreeMap;

use super::document::Entry;
use super::vocabulary::{arguments, is_argument, is_purpose};
use crate::pack::rules::{Name, Rules};
use crate::pack::{FIELDS, SEVERITIES, URGENCIES};
use crate::problem::{Problem, Source};
use crate::units::Units;

/// Where an example says a field of the case.
const FIELD: &[&str] = &["example.fields.*", "example.step.set.*"];

/// Where it names a unit.
const UNIT: &[&str] = &[
    "example.author_unit",
    "example.step.by_unit",
    "example.step.sign.unit",
    "example.step.expect.unit",
    "example.step.expect.co_units",
    "example.step.expect.sees",
    "example.step.expect.hidden",
];

/// What examples may name.
pub(super) struct Known<'a> {
    pub(super) rules: &'a Rules,
    pub(super) units: &'a Units,
}

impl Known<'_> {
    /// Reports names that nothing has, in one file; `ids` are the examples of the files before.
    pub(super) fn check(
        &self,
        entries: &[Entry<'_>],
        ids: &mut BTreeMap<String, String>,
        source: Source<'_>,
        problems: &mut Vec<Problem>,
    ) {
        for entry in entries {
            let text = entry.value.as_str();
            if entry.among(FIELD) && !entry.item {
                self.field(entry, source, problems);
            }
            if let Some(text) = text.filter(|text| entry.among(FIELD) && !text.is_empty()) {
                self.value(entry, text, source, problems);
            }
            if let Some(text) =
                text.filter(|text| !text.is_empty() && entry.among(UNIT) && self.units.lacks(text))
            {
                let message = format!("there is no unit {text:?} in units.csv");
                problems.push(source.at(
                    entry.span.clone(),
                    "unknown-unit",
                    message,
                    "correct the code, or add the unit",
                ));
            }
            if entry.is("example.step.args.*") && !is_argument(entry.key) {
                let message = format!("no command is told {:?}", entry.key);
                let remedy = format!("write one of {}", arguments());
                problems.push(source.at(entry.named.clone(), "unknown-argument", message, &remedy));
            }
            if entry.is("example.step.evidence.*") && !is_purpose(entry.key) {
                let message = format!("no attachment can have the purpose {:?}", entry.key);
                problems.push(source.at(
                    entry.named.clone(),
                    "unknown-value",
                    message,
                    "write a code such as before or after",
                ));
            }
            if let Some(role) = text.filter(|_| entry.is("example.step.sign.role")) {
                self.signs(entry, role, source, problems);
            }
            if let Some(id) = text.filter(|_| entry.is("example.id"))
                && let Some(file) = ids.insert(id.to_owned(), source.file.to_owned())
            {
                let message = format!("there is an example {id:?} in {file} already");
                problems.push(source.at(entry.span.clone(), "duplicate", message, "rename one"));
            }
        }
    }

    fn signs(&self, entry: &Entry<'_>, role: &str, source: Source<'_>, problems: &mut Vec<Problem>) {
        let known: Vec<&str> =
            self.rules.signatures.iter().map(|rule| rule.role.get_ref().as_str()).collect();
        if !known.contains(&role) {
            let message = format!("nobody signs as {role:?} in this pack");
            let remedy = if known.is_empty() {
                "add [[signature]] to the pack, or take out the signature".to_owned()
            } else {
                format!("write one of {}", known.join(", "))
            };
            problems.push(source.at(entry.span.clone(), "unknown-value", message, &remedy));
        }
    }

    fn field(&self, entry: &Entry<'_>, source: Source<'_>, problems: &mut Vec<Problem>) {
        let reads: Vec<&str> = self.rules.pack.reads.iter().map(|read| read.get_ref().as_str()).collect();
        if reads.contains(&entry.key) {
            return;
        }
        let message = if FIELDS.contains(&entry.key) {
            format!("the pack does not read {:?}: it changes nothing here", entry.key)
        } else {
            format!("no case has a field {:?} that policy can read", entry.key)
        };
        let remedy = format!("write one of {}", reads.join(", "));
        problems.push(source.at(entry.named.clone(), "unknown-field", message, &remedy));
    }

    fn value(&self, entry: &Entry<'_>, text: &str, source: Source<'_>, problems: &mut Vec<Problem>) {
        let names = |names: &'_ [Name]| names.iter().map(|name| name.get_ref().clone()).collect::<Vec<_>>();
        let fixed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let known = match entry.key {
            "category" => names(&self.rules.pack.categories),
            "channel" => names(&self.rules.pack.channels),
            "severity" => fixed(&SEVERITIES),
            "urgency" => fixed(&URGENCIES),
            _ => return,
        };
        if !known.is_empty() && !known.iter().any(|name| name == text) {
            let message = format!("there is no {} {text:?}", entry.key);
            let known: Vec<String> = known.into_iter().filter(|name| !name.is_empty()).collect();
            let remedy = format!("write one of {}", known.join(", "));
            problems.push(source.at(entry.span.clone(), "unknown-value", message, &remedy));
        }
    }
}
