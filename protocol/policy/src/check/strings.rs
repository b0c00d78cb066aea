//! Whether every locale names everything that people read.
//!
//! Owns the list of message ids a pack needs: `category-water`, `directive-assign`, `step-handle`, `tier-town`,
//! `how-died`, `suspension-season`, `signature-person`, `campaign-...`, and
//! `rule-` with the rule's id, its dots as dashes. Never formats a message.
//!
//! What a rule is based on may have words, too (`basis-` and [`basis_id`](crate::basis_id)); without, it is shown as the pack
//! writes it, so that a district which writes its rules in its own language needs none.

use std::collections::BTreeMap;

use super::words::invisible;
use crate::pack::message;
use crate::pack::wording::distance;
use crate::problem::{Problem, Source};
use crate::said::said;
use crate::{Directive, How, Pack, PackFiles, Step, Tier};

/// Rules of the engine that appear in reasons.
const ENGINE_RULES: &[&str] = &[
    "intake",
    "fallback",
    "place-unset",
    "place-unknown",
    "place-ended",
    "place-coarser",
    "subject-unset",
    "subject-unknown",
    "subject-ended",
    "unit-unknown",
    "unit-ended",
    "recusal",
    "clock.at-least",
    "calendar-provisional",
    "settle.urgent",
    "too-many-sides",
    "route-stands",
    "referral-stands",
    "compartment-stays",
    "no-tier-above",
    "migration",
    "signatures",
    "callback.sample",
    "look-back",
    "amendment",
    "closed-against",
    "two-referrals",
    "life.resume",
    "life.archive",
];

/// Reports every message that a locale lacks, that is there twice, or that does not read.
pub(super) fn check(pack: &Pack, files: &PackFiles, problems: &mut Vec<Problem>) {
    let locale = |file: &str| file.strip_prefix("strings/")?.strip_suffix(".ftl").map(str::to_owned);
    for (file, text) in &files.0 {
        if let Some(locale) = locale(file).filter(|locale| !pack.strings().contains_key(locale)) {
            let said = said("unused-locale").name("locale", &locale);
            problems.push(Source { file, text }.line(1, 1, "unused", said));
        }
    }
    let wanted = wanted(pack);
    for (locale, text) in pack.strings() {
        let file = format!("strings/{locale}.ftl");
        let source = Source { file: &file, text };
        lines(source, problems);
        let last = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
        for id in wanted.iter().filter(|id| message(text, id).is_none()) {
            let (line, said) = match misspelt(id, &wanted, text) {
                Some((line, other)) => (line, said("string-misspelt").name("other", other)),
                None => (last, said("string-missing")),
            };
            let said = said.with("locale", locale).with("id", id);
            problems.push(source.line(line, 1, "string-missing", said));
        }
    }
}

/// The line of a message that nobody wants and that is all but this one.
fn misspelt<'t>(id: &str, wanted: &[String], text: &'t str) -> Option<(u32, &'t str)> {
    let ids =
        text.lines().zip(1..).filter_map(|(line, number)| Some((number, line.split_once('=')?.0.trim_end())));
    let spare = ids.filter(|(_, other)| !wanted.iter().any(|id| id == other));
    spare.filter(|(_, other)| distance(id, other) <= 2).min_by_key(|(_, other)| distance(id, other))
}

/// A message is one line here: `id = text`. Everything else is a comment, or a mistake.
fn lines(source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for (line, number) in source.text.lines().zip(1_u32..) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let named = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let message = line.split_once('=').map(|(id, text)| (id.trim_end(), text.trim()));
        let (code, said) = match message {
            Some((id, text))
                if id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(named) =>
            {
                if text.chars().any(invisible) {
                    ("invisible", said("string-invisible").name("id", id))
                } else if text.is_empty() {
                    ("string-empty", said("string-empty").name("id", id))
                } else if let Some(first) = seen.insert(id, number) {
                    ("duplicate", said("string-twice").name("id", id).with("line", first))
                } else {
                    continue;
                }
            }
            _ => ("string-syntax", said("string-syntax")),
        };
        problems.push(source.line(number, 1, code, said));
    }
}

fn wanted(pack: &Pack) -> Vec<String> {
    let rules = pack.rules();
    let mut wanted = vec!["pack-name".to_owned()];
    wanted.extend(rules.pack.categories.iter().map(|c| format!("category-{}", c.get_ref())));
    wanted.extend(rules.pack.channels.iter().map(|c| format!("channel-{}", c.get_ref())));
    wanted.extend(rules.grades.iter().map(|g| format!("grade-{}", g.id.get_ref())));
    wanted.extend(rules.campaigns.iter().map(|c| format!("campaign-{}", c.id.get_ref())));
    wanted.extend(rules.coverages.iter().map(|c| format!("coverage-{}", c.id.get_ref())));
    wanted.extend(rules.visits.iter().map(|v| format!("visit-{}", v.id.get_ref())));
    wanted.extend(rules.meetings.iter().map(|m| format!("meeting-{}", m.id.get_ref())));
    wanted.extend(rules.draws.iter().map(|d| format!("draw-{}", d.id.get_ref())));
    wanted.extend(rules.interviews.iter().map(|i| format!("interview-{}", i.id.get_ref())));
    wanted.extend(Directive::ALL.iter().map(|d| format!("directive-{d}")));
    wanted.extend(Step::ALL.iter().map(|s| format!("step-{}", s.code())));
    wanted.extend(How::ALL.iter().map(|how| format!("how-{}", how.code())));
    let reasons = rules.suspension.iter().flat_map(|rule| &rule.reasons);
    wanted.extend(reasons.map(|reason| format!("suspension-{reason}")));
    wanted.extend(rules.signatures.iter().map(|s| format!("signature-{}", s.role.get_ref())));
    let tiers = [Tier::Village, Tier::Town, Tier::Department, Tier::District];
    wanted.extend(tiers.iter().map(|t| format!("tier-{t}")));
    let mut ids: Vec<String> = ENGINE_RULES.iter().map(|r| (*r).to_owned()).collect();
    ids.extend(rules.routes.iter().map(|r| r.id.get_ref().clone()));
    ids.extend(rules.compartments.iter().flat_map(|c| &c.routes).map(|r| r.id.get_ref().clone()));
    ids.extend(rules.classes.iter().map(|c| format!("class.{}", c.id.get_ref())));
    ids.extend(rules.compartments.iter().map(|c| format!("compartment.{}", c.id.get_ref())));
    ids.extend(rules.escalations.iter().map(|e| format!("escalation.{}", e.from.get_ref())));
    ids.extend(rules.commands.iter().map(|c| format!("command.{}", c.name.get_ref().code())));
    for ladder in &rules.ladders {
        ids.extend(ladder.steps.iter().map(|s| format!("ladder.{}.{}", ladder.id.get_ref(), s.id.get_ref())));
    }
    wanted.extend(ids.iter().map(|id| format!("rule-{}", id.replace('.', "-"))));
    wanted
}
