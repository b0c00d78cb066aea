//! Reading a pack: text to rules, and everything that must be right before a case may be decided by it.
//!
//! Owns errors. Warnings (dead rules, categories without a route, failing examples) are `check`'s.

use std::collections::BTreeMap;

use super::names::Names;
use super::rules::Rules;
use super::{Category, Pack, wording};
use crate::PackFiles;
use crate::calendar::WorkCalendar;
use crate::problem::{Problem, Source, in_order};
use crate::said::{Word, said};
use crate::units::Units;

pub(crate) const POLICY: &str = "policy.toml";
const UNITS: &str = "units.csv";

/// What was read of a pack, as far as it reads.
pub(crate) struct Draft {
    pub(crate) rules: Option<Rules>,
    pub(crate) units: Units,
    calendar: WorkCalendar,
    reads: Vec<String>,
    strings: BTreeMap<String, String>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads a pack or reports all that is wrong.
pub(crate) fn load(files: &PackFiles) -> Result<Pack, Vec<Problem>> {
    draft(files).finish()
}

/// Reads a pack as far as it reads.
pub(crate) fn draft(files: &PackFiles) -> Draft {
    let mut problems = Vec::new();
    let mut rules = read_rules(files, &mut problems);
    let units = if let Some(text) = files.0.get(UNITS) {
        Units::read(Source { file: UNITS, text }, &mut problems)
    } else {
        missing::<()>(UNITS, &mut problems);
        Units::missing()
    };
    let calendar = read_calendar(files, &mut problems);
    let source = Source { file: POLICY, text: files.0.get(POLICY).map_or("", String::as_str) };
    let (mut reads, mut strings) = (Vec::new(), BTreeMap::new());
    if let Some(rules) = &mut rules {
        reads = rules.pack.reads.iter().map(|r| r.get_ref().clone()).collect();
        reads.sort();
        reads.dedup();
        compile(rules, &reads, source, &mut problems);
        Names { rules, units: &units, source }.check(&mut problems);
        strings = read_strings(files, rules, source, &mut problems);
    }
    Draft { rules, units, calendar, reads, strings, problems }
}

impl Draft {
    /// The pack, where nothing is wrong with it.
    pub(crate) fn finish(self) -> Result<Pack, Vec<Problem>> {
        let Draft { rules, units, calendar, reads, strings, problems } = self;
        let rules = match rules {
            Some(rules) if problems.is_empty() => rules,
            _ => return Err(in_order(problems)),
        };
        let categories = categories(&rules, &strings);
        let tightened = rules.pack.tighten_to_review.iter().cloned().collect();
        let id = format!("{}@{}", rules.pack.name, rules.pack.version);
        Ok(Pack { id, rules, reads, tightened, units, calendar, strings, categories })
    }
}

fn missing<T: Default>(file: &str, problems: &mut Vec<Problem>) -> T {
    let source = Source { file, text: "" };
    problems.push(source.line(1, 1, "missing-file", said("missing-file").with("file", file)));
    T::default()
}

fn read_rules(files: &PackFiles, problems: &mut Vec<Problem>) -> Option<Rules> {
    let Some(text) = files.0.get(POLICY) else { return missing(POLICY, problems) };
    match toml::from_str(text) {
        Ok(rules) => Some(rules),
        Err(error) => {
            problems.push(wording::toml(&error, Word("show-packs"), Source { file: POLICY, text }));
            None
        }
    }
}

fn read_calendar(files: &PackFiles, problems: &mut Vec<Problem>) -> WorkCalendar {
    let mut calendar = WorkCalendar::default();
    for (file, text) in files.0.iter().filter(|(f, _)| f.rsplit('.').next() == Some("ics")) {
        calendar.read(Source { file, text }, problems);
    }
    calendar
}

fn compile(rules: &mut Rules, reads: &[String], source: Source<'_>, problems: &mut Vec<Problem>) {
    let known = Pack::variables(reads);
    for condition in rules.conditions() {
        condition.compile(&known, source, problems);
    }
}

fn read_strings(
    files: &PackFiles,
    rules: &Rules,
    source: Source<'_>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut strings = BTreeMap::new();
    for locale in &rules.pack.locales {
        let path = format!("strings/{}.ftl", locale.get_ref());
        if let Some(text) = files.0.get(&path) {
            strings.insert(locale.get_ref().clone(), text.clone());
        } else {
            let said = said("missing-locale").with("file", path);
            problems.push(source.at(locale.span(), "missing-file", said));
        }
    }
    strings
}

fn categories(rules: &Rules, strings: &BTreeMap<String, String>) -> Vec<Category> {
    let names = |code: &str| {
        let named = |(locale, text): (&String, &String)| {
            let name = message(text, &format!("category-{code}"))?;
            Some((locale.clone(), name.to_owned()))
        };
        strings.iter().filter_map(named).collect()
    };
    rules
        .pack
        .categories
        .iter()
        .map(|c| Category { code: c.get_ref().clone(), names: names(c.get_ref()) })
        .collect()
}

/// The one-line message of a Fluent file.
pub(crate) fn message<'a>(text: &'a str, id: &str) -> Option<&'a str> {
    let value = |line: &'a str| Some(line.strip_prefix(id)?.trim_start().strip_prefix('=')?.trim());
    text.lines().find_map(value)
}
