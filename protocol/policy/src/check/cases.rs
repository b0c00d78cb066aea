//! What examples name: fields, values, units, arguments, each other. A misspelt name in an example checks nothing and
//! says so nowhere.
//!
//! Owns the names. Running the examples is `examples`.

use std::collections::BTreeMap;

use super::document::Entry;
use super::vocabulary::{ARGUMENTS, EVIDENCE, is_argument, is_purpose};
use crate::pack::rules::{Name, Rules};
use crate::pack::{FIELDS, SEVERITIES, URGENCIES};
use crate::problem::{Problem, Source};
use crate::said::{Word, said};
use crate::units::Units;

/// Where an example says a field of the case.
const FIELD: &[&str] = &["example.fields.*", "example.step.set.*"];

/// Where it names a unit.
const UNIT: &[&str] = &[
    "example.author_unit",
    "example.subject_units",
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
                let said = said("unknown-unit").name("unit", text);
                problems.push(source.at(entry.span.clone(), "unknown-unit", said));
            }
            if entry.is("example.step.args.*") && !is_argument(entry.key) {
                let said = said("unknown-argument").name("argument", entry.key).list("known", ARGUMENTS);
                problems.push(source.at(entry.named.clone(), "unknown-argument", said));
            }
            if entry.is("example.step.evidence.*") && !is_purpose(entry.key) {
                let said = said("unknown-purpose").name("purpose", entry.key).list("known", EVIDENCE);
                problems.push(source.at(entry.named.clone(), "unknown-value", said));
            }
            if let Some(role) = text.filter(|_| entry.is("example.step.sign.role")) {
                self.signs(entry, role, source, problems);
            }
            if let Some(id) = text.filter(|_| entry.is("example.id"))
                && let Some(file) = ids.insert(id.to_owned(), source.file.to_owned())
            {
                let said = said("example-twice").name("example", id).with("file", file);
                problems.push(source.at(entry.span.clone(), "duplicate", said));
            }
        }
    }

    fn signs(&self, entry: &Entry<'_>, role: &str, source: Source<'_>, problems: &mut Vec<Problem>) {
        let known: Vec<&str> =
            self.rules.signatures.iter().map(|rule| rule.role.get_ref().as_str()).collect();
        if !known.contains(&role) {
            let said = if known.is_empty() {
                said("signs-none").name("role", role)
            } else {
                said("signs-unknown").name("role", role).list("known", known)
            };
            problems.push(source.at(entry.span.clone(), "unknown-value", said));
        }
    }

    fn field(&self, entry: &Entry<'_>, source: Source<'_>, problems: &mut Vec<Problem>) {
        let reads: Vec<&str> = self.rules.pack.reads.iter().map(|read| read.get_ref().as_str()).collect();
        if reads.contains(&entry.key) {
            return;
        }
        let said = if FIELDS.contains(&entry.key) { said("field-unread") } else { said("unknown-field") };
        let said = said.name("field", entry.key).list("known", reads);
        problems.push(source.at(entry.named.clone(), "unknown-field", said));
    }

    fn value(&self, entry: &Entry<'_>, text: &str, source: Source<'_>, problems: &mut Vec<Problem>) {
        let names = |names: &'_ [Name]| names.iter().map(|name| name.get_ref().clone()).collect::<Vec<_>>();
        let fixed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (what, known) = match entry.key {
            "category" => (Word("kind-category"), names(&self.rules.pack.categories)),
            "channel" => (Word("kind-channel"), names(&self.rules.pack.channels)),
            "severity" => (Word("kind-severity"), fixed(&SEVERITIES)),
            "urgency" => (Word("kind-urgency"), fixed(&URGENCIES)),
            _ => return,
        };
        if !known.is_empty() && !known.iter().any(|name| name == text) {
            let known = known.into_iter().filter(|name| !name.is_empty());
            let said = said("unknown-value").word("what", what).name("value", text).list("known", known);
            problems.push(source.at(entry.span.clone(), "unknown-value", said));
        }
    }
}
