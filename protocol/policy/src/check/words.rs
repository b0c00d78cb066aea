//! The words of a pack: none blank, none twice, ids that can be ids, names of what the engine knows by name.
//!
//! Owns what holds of a text by where it stands, for all texts alike. Whether a name leads somewhere in the pack is
//! `pack::names`.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::document::Entry;
use super::vocabulary::{self, EVIDENCE, ROLES};
use crate::limits::{MAX_ID, MAX_TEXT};
use crate::problem::{Problem, Source};
use crate::said::{Said, Word, said};

/// Conditions, which say themselves what is wrong with them.
const CONDITIONS: &[&str] = &[
    "settle.urgent",
    "compartment.when",
    "compartment.route.when",
    "route.when",
    "command.when",
    "callback.sample.always",
];

/// An empty text stands for "unset" here.
const MAY_BE_BLANK: &[&str] = &[
    "grade.severity",
    "grade.urgency",
    "supervision.oversight_basis",
    "example.fields.*",
    "example.step.set.*",
    "example.step.args.*",
    "example.step.by_unit",
    "example.step.by_role",
    "example.step.sign.by_role",
    "example.step.expect.unit",
    "example.step.expect.compartment",
    "example.step.expect.closed",
    "example.step.expect.satisfaction",
];

/// A list that says nothing is meant here.
const MAY_BE_EMPTY: &[&str] = &[
    "pack.tighten_to_review",
    "pack.channels",
    "audience.above",
    "audience.always",
    "audience.supervisors",
    "route.with",
    "compartment.route",
    "compartment.route.with",
    "claim.evidence",
    "signature.units",
    "supervision.oversight",
    "signals.repeat_by",
    "visit.formats",
    "account.units",
    "list.weigh",
    "crosswalk.map.*",
    "example.fields.*",
    "example.step.set.*",
    "example.step.sign",
    "example.step.expect.*",
];

/// The same name twice is meant here: a second look after as long again; what an example says of a case.
const MAY_REPEAT: &[&str] = &["look_back.classes", "example.fields.*", "example.step.set.*"];

/// Loading says of these already that a name appears twice.
const SAID: &[&str] = &["pack.categories", "coverage.team.places"];

/// Codes that other things are named by: messages, reasons, figures.
const IDS: &[&str] = &[
    "pack.name",
    "pack.version",
    "pack.categories",
    "pack.channels",
    "pack.locales",
    "class.id",
    "ladder.id",
    "ladder.step.id",
    "route.id",
    "compartment.id",
    "compartment.route.id",
    "signature.role",
    "suspension.reasons",
    "grade.id",
    "crosswalk.id",
    "campaign.id",
    "coverage.id",
    "coverage.team.id",
    "visit.id",
    "visit.formats",
    "meeting.id",
    "draw.id",
    "interview.id",
    "example.id",
];

/// Names of what the engine or the schema of cases knows, and where they stand.
const KNOWN: &[(&str, &[&str], Word)] = &[
    ("referral.beyond", &ROLES, Word("kind-role")),
    ("command.roles", &ROLES, Word("kind-role")),
    ("signature.roles", &ROLES, Word("kind-role")),
    ("draw.roles", &ROLES, Word("kind-role")),
    ("pack.tighten_to_review", vocabulary::TIGHTENED, Word("kind-field")),
    ("example.step.by_role", &ROLES, Word("kind-role")),
    ("example.step.sign.by_role", &ROLES, Word("kind-role")),
];

/// Reports words that cannot be meant.
pub(super) fn check(entries: &[Entry<'_>], source: Source<'_>, problems: &mut Vec<Problem>) {
    for entry in entries {
        match entry.value {
            DeValue::String(text) if !entry.among(CONDITIONS) => word(entry, text, source, problems),
            DeValue::Array(items) => {
                if items.is_empty() && !entry.among(MAY_BE_EMPTY) {
                    let said = said("empty-list").with("key", entry.key);
                    problems.push(source.at(entry.span.clone(), "empty-list", said));
                }
                if !entry.among(MAY_REPEAT) && !entry.among(SAID) {
                    twice(
                        entry,
                        items.iter().filter_map(|item| Some((item.span(), item.get_ref().as_str()?))),
                        source,
                        problems,
                    );
                }
            }
            _ => {}
        }
    }
}

fn word(entry: &Entry<'_>, text: &str, source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut say = |code: &str, said: Said| problems.push(source.at(entry.span.clone(), code, said));
    if text.trim().is_empty() {
        match entry.key {
            _ if text.is_empty() && entry.among(MAY_BE_BLANK) => {}
            "basis" => say("no-basis", said("no-basis")),
            key => say("blank", said("blank").with("key", key)),
        }
        return;
    }
    if let Some(hidden) = text.chars().find(|c| invisible(*c)) {
        say("invisible", said("invisible").with("key", entry.key).with("hidden", hidden.escape_unicode()));
        return;
    }
    if text.chars().count() > MAX_TEXT {
        say("too-long", said("too-long").with("key", entry.key).with("most", MAX_TEXT));
        return;
    }
    if entry.among(IDS) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || !text.chars().all(fits) || text.len() > MAX_ID {
            say("bad-id", said("bad-id").with("key", entry.key).name("id", text).with("most", MAX_ID));
        }
    } else if text.trim() != text && !text.contains('\n') {
        say("spaces", said("spaces").with("key", entry.key).name("text", text));
    }
    for (_, known, what) in KNOWN.iter().filter(|(path, ..)| entry.is(path)) {
        if !known.contains(&text) {
            let said = said("unknown-value").word("what", *what).name("value", text);
            say("unknown-value", said.list("known", *known));
        }
    }
    // A purpose is anybody's to choose; what is not a code can be nobody's.
    if entry.is("claim.evidence") && !vocabulary::is_purpose(text) {
        say("unknown-value", said("unknown-purpose").name("purpose", text).list("known", EVIDENCE));
    }
}

/// Controls, and marks that turn or hide what is written.
pub(super) fn invisible(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn twice<'t>(
    entry: &Entry<'_>,
    texts: impl Iterator<Item = (std::ops::Range<usize>, &'t str)>,
    source: Source<'_>,
    problems: &mut Vec<Problem>,
) {
    let mut seen = BTreeSet::new();
    for (span, text) in texts {
        if !seen.insert(text) {
            let said = said("listed-twice").name("text", text).with("key", entry.key);
            problems.push(source.at(span, "duplicate", said));
        }
    }
}
