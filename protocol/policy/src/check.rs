//! Checking a pack before it is used: everything loading reports, and what loading lets pass but nobody means.
//!
//! Owns the order of checks. Never changes a pack.

mod calendars;
mod cases;
mod compartments;
mod conditions;
mod document;
mod examples;
mod explore;
mod figures;
mod fit;
mod people;
mod refusals;
mod routes;
mod strings;
mod units;
mod vocabulary;
mod words;

pub use people::check_people;

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::limits::{EXAMPLE_FIGURES, Figure, POLICY_FIGURES};
use crate::pack::rules::Rules;
use crate::pack::{POLICY, draft};
use crate::problem::{Source, in_order};
use crate::said::said;
use crate::{Level, Pack, PackFiles, Problem};

/// All findings: causes before what follows from them, and within a file by place. Empty: the pack is fit for use.
pub fn check(files: &PackFiles) -> Vec<Problem> {
    let source = source(files, POLICY);
    let mut draft = draft(files);
    written(source, POLICY_FIGURES, &mut draft.problems);
    if files.0.contains_key("units.csv") {
        let district = draft.rules.as_ref().map(|rules| rules.pack.district.get_ref().as_str());
        let district = district
            .filter(|district| draft.units.latest(district).is_some_and(|u| u.level == Level::District));
        units::check(&draft.units, district, self::source(files, "units.csv"), &mut draft.problems);
    }
    calendars::check(files, &mut draft.problems);
    if let Some(rules) = &draft.rules {
        conditions::check(rules, source, &mut draft.problems);
        fit::check(rules, &draft.units, source, &mut draft.problems);
        unused(rules, source, &mut draft.problems);
        oversight(rules, source, &mut draft.problems);
    }
    let mut ids = BTreeMap::new();
    for (file, text) in files.0.iter().filter(|(file, _)| file.starts_with("examples/")) {
        let source = Source { file, text };
        examples::read(source, &mut draft.problems);
        written(source, EXAMPLE_FIGURES, &mut draft.problems);
        if let (Some(rules), Ok(document)) = (&draft.rules, DeTable::parse(text)) {
            let entries = document::entries(document.get_ref());
            let known = cases::Known { rules, units: &draft.units };
            known.check(&entries, &mut ids, source, &mut draft.problems);
        }
    }
    let found = std::mem::take(&mut draft.problems);
    // What a case comes to says nothing new where the rules themselves are wrong.
    if !found.is_empty() {
        return in_order(found);
    }
    let pack = match draft.finish() {
        Ok(pack) => pack,
        Err(problems) => return problems,
    };
    let mut problems = Vec::new();
    compartments::check(&pack, source, &mut problems);
    // What else would be said of such cases is how to let everybody read them.
    if !problems.is_empty() {
        return in_order(problems);
    }
    routes::check(&pack, source, &mut problems);
    let routed = problems.is_empty();
    strings::check(&pack, files, &mut problems);
    if routed {
        explore::check(&pack, source, &mut problems);
        examples::check(&pack, files, &mut problems);
    }
    in_order(problems)
}

fn source<'a>(files: &'a PackFiles, file: &'a str) -> Source<'a> {
    Source { file, text: files.0.get(file).map_or("", String::as_str) }
}

/// Figures and words of one TOML file, whether or not it comes to rules. What a reader said of a place that is
/// reported here, it said less well.
fn written(source: Source<'_>, known: &[(&str, Figure)], problems: &mut Vec<Problem>) {
    let Ok(document) = DeTable::parse(source.text) else { return };
    let entries = document::entries(document.get_ref());
    let mut found = Vec::new();
    figures::check(&entries, known, source, &mut found);
    words::check(&entries, source, &mut found);
    let said: Vec<(u32, u32)> =
        found.iter().filter(|f| f.code != "unknown-figure").map(|f| (f.line, f.column)).collect();
    let better =
        |p: &Problem| p.code == "toml" && p.file == source.file && said.contains(&(p.line, p.column));
    problems.retain(|p| !better(p));
    problems.extend(found);
}

/// The examples alone, of a pack that loads: what [`check`] says of them and nothing else.
pub fn check_examples(files: &PackFiles) -> Result<Vec<Problem>, Vec<Problem>> {
    let pack = Pack::load(files)?;
    let mut problems = Vec::new();
    examples::check(&pack, files, &mut problems);
    Ok(in_order(problems))
}

/// Whoever may look at any case does so on some basis. Versions of before, which are in stores, did not say which.
fn oversight(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    let rules = rules.supervision.iter().filter(|rule| rule.oversight_basis.trim().is_empty());
    for unit in rules.filter_map(|rule| rule.oversight.first()) {
        let said = said("oversight-no-basis").name("unit", unit.get_ref());
        problems.push(source.at(unit.span(), "no-basis", said));
    }
}

/// Classes and ladders that nothing names.
fn unused(rules: &Rules, source: Source<'_>, problems: &mut Vec<Problem>) {
    let classes: Vec<_> = rules.class_names().collect();
    for class in &rules.classes {
        if !classes.iter().any(|c| c.get_ref() == class.id.get_ref()) {
            let said = said("unused-class").name("class", class.id.get_ref());
            problems.push(source.at(class.id.span(), "unused", said));
        }
    }
    for ladder in &rules.ladders {
        if !rules.classes.iter().any(|c| c.ladder.get_ref() == ladder.id.get_ref()) {
            let said = said("unused-ladder").name("ladder", ladder.id.get_ref());
            problems.push(source.at(ladder.id.span(), "unused", said));
        }
    }
}
