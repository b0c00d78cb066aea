//! Units that a pack sends cases to and in which nobody works.
//!
//! Owns the question. Who works where is the centre's to know, and passed in.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::pack::POLICY;
use crate::pack::rules::Name;
use crate::problem::Source;
use crate::said::said;
use crate::{Pack, PackFiles, Problem};

/// Units named by code (compartments, supervisors, desk, centres, escalations, routes) in which nobody of `staffed` works: a case that
/// goes there has an owner and no hands. Each unit once, at the first place that names it.
pub fn check_people(files: &PackFiles, staffed: &BTreeSet<String>) -> Vec<Problem> {
    let Ok(pack) = Pack::load(files) else { return Vec::new() };
    let source = Source { file: POLICY, text: files.0.get(POLICY).map_or("", String::as_str) };
    let problem = |name: &Name| {
        let unit = pack.units_ref().latest(name.get_ref()).map_or("", |u| u.name.as_str());
        source.at(name.span(), "nobody", said("nobody").with("code", name.get_ref()).with("unit", unit))
    };
    let mut problems: Vec<Problem> = empty(&pack, staffed).map(problem).collect();
    problems.sort();
    problems
}

fn empty<'p>(pack: &'p Pack, staffed: &BTreeSet<String>) -> impl Iterator<Item = &'p Name> {
    let rules = pack.rules();
    let mut names: Vec<&Name> = rules.compartments.iter().flat_map(|c| [&c.unit, &c.recusal]).collect();
    // Whoever supervises takes in what the desk may not.
    names.extend(&rules.audience.supervisors);
    names.push(&rules.intake.desk);
    names.extend(rules.intake.centres.values());
    names.extend(rules.escalations.iter().map(|e| &e.to));
    let inside = rules.compartments.iter().flat_map(|c| &c.routes);
    names.extend(rules.routes.iter().chain(inside).flat_map(|r| std::iter::once(&r.to).chain(&r.with)));
    let mut seen = BTreeSet::new();
    let coded = names.into_iter().filter(|n| pack.units_ref().latest(n.get_ref()).is_some());
    coded.filter(move |n| !staffed.contains(n.get_ref()) && seen.insert(n.get_ref().as_str()))
}

impl Pack {
    /// Units of `at` that cases go to by code and in which nobody of `staffed` works, compartments' first: what lies there
    /// is read by nobody. Cases are not sent elsewhere for it, for who is enrolled when is no rule of a district.
    pub fn unattended(&self, staffed: &BTreeSet<String>, at: Timestamp) -> Vec<&str> {
        let codes = empty(self, staffed).map(|name| name.get_ref().as_str());
        // The last resort of a compartment is in no rule.
        let resort = (!self.rules().compartments.is_empty()).then_some(self.district());
        let resort = resort.filter(|code| !staffed.contains(*code));
        codes.chain(resort).filter(|code| self.unit(code, at).is_some()).collect()
    }
}
