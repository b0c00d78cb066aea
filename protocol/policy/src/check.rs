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
    explore::check(&pack, source, &mut problems);
    strings::check(&pack, &mut problems);
    examples::check(&pack, files, &mut problems);
    problems.sort();
    problems
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
