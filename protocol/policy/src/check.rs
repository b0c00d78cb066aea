//! Checking a pack before it is used: everything loading reports, and what loading lets pass but nobody means.
//!
//! Owns the order of checks. Never changes a pack.

mod examples;
mod explore;
mod people;
mod routes;
mod strings;

pub use people::check_people;

use crate::pack::POLICY;
use crate::problem::Source;
use crate::{Pack, PackFiles, Problem};

/// All findings, in order of file and line. Empty: the pack is fit for use.
pub fn check(files: &PackFiles) -> Vec<Problem> {
    let pack = match Pack::load(files) {
        Ok(pack) => pack,
        Err(problems) => return problems,
    };
    let source = Source { file: POLICY, text: files.0.get(POLICY).map_or("", String::as_str) };
    let mut problems = Vec::new();
    routes::check(&pack, source, &mut problems);
    unused(&pack, source, &mut problems);
    oversight(&pack, source, &mut problems);
    explore::check(&pack, source, &mut problems);
    strings::check(&pack, &mut problems);
    examples::check(&pack, files, &mut problems);
    problems.sort();
    problems
}

/// The examples alone, of a pack that loads: what [`check`] says of them and nothing else.
pub fn check_examples(files: &PackFiles) -> Result<Vec<Problem>, Vec<Problem>> {
    let pack = Pack::load(files)?;
    let mut problems = Vec::new();
    examples::check(&pack, files, &mut problems);
    problems.sort();
    Ok(problems)
}

/// Whoever may look at any case does so on some basis. Versions of before, which are in stores, did not say which.
fn oversight(pack: &Pack, source: Source<'_>, problems: &mut Vec<Problem>) {
    let rules = pack.rules().supervision.iter().filter(|rule| rule.oversight_basis.trim().is_empty());
    for unit in rules.filter_map(|rule| rule.oversight.first()) {
        let message = format!("{:?} may look at any case, and nothing says why", unit.get_ref());
        let remedy = "quote the mechanism in `oversight_basis`, or leave out `oversight`";
        problems.push(source.at(unit.span(), "no-basis", message, remedy));
    }
}

/// Classes and ladders that nothing names.
fn unused(pack: &Pack, source: Source<'_>, problems: &mut Vec<Problem>) {
    let rules = pack.rules();
    let classes: Vec<_> = rules.class_names().collect();
    for class in &rules.classes {
        if !classes.iter().any(|c| c.get_ref() == class.id.get_ref()) {
            let message = format!("nothing uses class {:?}", class.id.get_ref());
            problems.push(source.at(class.id.span(), "unused", message, "name it in a route or remove it"));
        }
    }
    for ladder in &rules.ladders {
        if !rules.classes.iter().any(|c| c.ladder.get_ref() == ladder.id.get_ref()) {
            let message = format!("nothing uses ladder {:?}", ladder.id.get_ref());
            problems.push(source.at(ladder.id.span(), "unused", message, "name it in a class or remove it"));
        }
    }
}
