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
    "referral.beyond",
    "claim.evidence",
    "command.roles",
    "signature.roles",
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
const KNOWN: &[(&str, &[&str], &str)] = &[
    ("referral.beyond", &ROLES, "role"),
    ("command.roles", &ROLES, "role"),
    ("signature.roles", &ROLES, "role"),
    ("draw.roles", &ROLES, "role"),
    ("pack.tighten_to_review", vocabulary::TIGHTENED, "field"),
    ("example.step.by_role", &ROLES, "role"),
    ("example.step.sign.by_role", &ROLES, "role"),
];

/// Reports words that cannot be meant.
pub(super) fn check(entries: &[Entry<'_>], source: Source<'_>, problems: &mut Vec<Problem>) {
    for entry in entries {
        match entry.value {
            DeValue::String(text) if !entry.among(CONDITIONS) => word(entry, text, source, problems),
            DeValue::Array(items) => {
                if items.is_empty() && !entry.among(MAY_BE_EMPTY) {
                    let message = format!("`{}` is an empty list", entry.key);
                    let remedy = "write what belongs in it, or take out the entry or its table";
                    problems.push(source.at(entry.span.clone(), "empty-list", message, remedy));
                }
                if !entry.among(MAY_REPEAT) {
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
    let mut say = |code: &str, message: String, remedy: &str| {
        problems.push(source.at(entry.span.clone(), code, message, remedy));
    };
    if text.trim().is_empty() {
        match entry.key {
            _ if text.is_empty() && entry.among(MAY_BE_BLANK) => {}
            "basis" => {
                let remedy = "quote the law, notice or mechanism, or say that it was chosen";
                say("no-basis", "a rule quotes no basis".into(), remedy);
            }
            key => {
                let remedy = "write what belongs there, or take out the entry";
                say("blank", format!("`{key}` is empty"), remedy);
            }
        }
        return;
    }
    if let Some(hidden) = text.chars().find(|c| invisible(*c)) {
        let message =
            format!("`{}` has a character that nobody sees: {}", entry.key, hidden.escape_unicode());
        say("invisible", message, "write the text anew, without copying it");
        return;
    }
    if text.chars().count() > MAX_TEXT {
        say("too-long", format!("`{}` has more than {MAX_TEXT} characters", entry.key), "shorten it");
        return;
    }
    if entry.among(IDS) {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !starts || !text.chars().all(fits) || text.len() > MAX_ID {
            let message = format!("`{}` is {text:?}, which cannot be a code", entry.key);
            let remedy = format!(
                "write letters a to z, digits, - and _, at most {MAX_ID}; its name goes into strings/"
            );
            say("bad-id", message, &remedy);
        }
    } else if text.trim() != text && !text.contains('\n') {
        let message = format!("`{}` begins or ends with a space: {text:?}", entry.key);
        say("spaces", message, "take out the space");
    }
    for (_, known, what) in KNOWN.iter().filter(|(path, ..)| entry.is(path)) {
        if !known.contains(&text) {
            let message = format!("there is no {what} {text:?}");
            say("unknown-value", message, &format!("write one of {}", known.join(", ")));
        }
    }
    // A purpose is anybody's to choose; what is not a code can be nobody's.
    if entry.is("claim.evidence") && !vocabulary::is_purpose(text) {
        let message = format!("no attachment can have the purpose {text:?}");
        say("unknown-value", message, &format!("write a code such as {}", EVIDENCE.join(", ")));
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
            let message = format!("{text:?} stands in `{}` twice", entry.key);
            problems.push(source.at(span, "duplicate", message, "remove one"));
        }
    }
}
