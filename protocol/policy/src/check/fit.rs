//! What a pack's rules say to each other, where two of them cannot both be meant.
//!
//! Owns what loading lets pass because older versions were let in with it. Names that lead nowhere are `pack::names`.

use std::collections::BTreeSet;

use crate::Level;
use crate::clock::beijing_date;
use crate::pack::named_units;
use crate::pack::rules::{Coverage, Grade, Name, Route, Rules};
use crate::pack::tier;
use crate::problem::{Problem, Source};
use crate::said::{Said, said};
use crate::units::Units;

pub(super) fn check(rules: &Rules, units: &Units, source: Source<'_>, problems: &mut Vec<Problem>) {
    Fit { rules, units, source, problems }.all();
}

struct Fit<'a, 'p> {
    rules: &'a Rules,
    units: &'a Units,
    source: Source<'a>,
    problems: &'p mut Vec<Problem>,
}

impl Fit<'_, '_> {
    fn all(&mut self) {
        self.settling();
        self.district();
        self.ended();
        self.centres();
        self.escalations();
        self.periods();
        self.handlers();
        self.categories();
        self.grades();
        self.weights();
    }

    fn say(&mut self, at: std::ops::Range<usize>, code: &str, said: Said) {
        self.problems.push(self.source.at(at, code, said));
    }

    fn settling(&mut self) {
        let settle = &self.rules.settle;
        if settle.max < settle.quiet {
            self.say(settle.urgent.span(), "settle-order", said("settle-order"));
        }
    }

    fn district(&mut self) {
        let name = &self.rules.pack.district;
        if self.units.latest(name.get_ref()).is_some_and(|unit| unit.level != Level::District) {
            self.say(name.span(), "unknown-unit", said("unknown-district").name("unit", name.get_ref()));
        }
        let rules = self.rules;
        for town in rules.intake.centres.keys() {
            if self.units.latest(town.get_ref()).is_some_and(|unit| unit.level == Level::Department) {
                let said = said("centre-of-department").name("unit", town.get_ref());
                self.say(town.span(), "unknown-unit", said);
            }
        }
    }

    /// A unit that is gone before the pack is in force, or an office that goes while it is.
    fn ended(&mut self) {
        let rules = self.rules;
        let from = rules.pack.effective_from;
        let inside = rules.compartments.iter().flat_map(|c| &c.routes);
        let routes = rules.routes.iter().chain(inside).flat_map(|r| std::iter::once(&r.to).chain(&r.with));
        // A place that ends leaves what is there to whoever is above; an office that ends has nobody above who does the same.
        let places = rules.intake.centres.iter().flat_map(|(town, centre)| [town, centre]);
        let places: BTreeSet<&str> = places.map(|name| name.get_ref().as_str()).collect();
        let offices =
            named_units(rules).into_iter().map(|name| (name, !places.contains(name.get_ref().as_str())));
        for (name, lasts) in offices.chain(routes.map(|name| (name, false))) {
            let until = self.units.latest(name.get_ref()).and_then(|unit| unit.until);
            let Some(until) = until.filter(|until| lasts || *until <= from) else { continue };
            let said = if until <= from { said("ended-unit") } else { said("unit-ends") };
            let said = said.name("unit", name.get_ref()).with("until", beijing_date(until));
            self.say(name.span(), "ended-unit", said);
        }
    }

    /// A town whose cases go to the centre of another one, although it has its own.
    fn centres(&mut self) {
        for (town, centre) in &self.rules.intake.centres {
            let of =
                self.units.latest(centre.get_ref()).and_then(|unit| unit.parent.as_deref()).unwrap_or("");
            let Some(kind) = centre.get_ref().strip_prefix(of).filter(|kind| kind.starts_with('-')) else {
                continue;
            };
            let own = format!("{}{kind}", town.get_ref());
            if own != *centre.get_ref() && self.units.latest(&own).is_some() {
                let said = said("centre-of-another").with("town", town.get_ref());
                let said = said.with("centre", centre.get_ref()).with("own", own);
                self.problems.push(self.source.at(centre.span(), "mixed-up", said));
            }
        }
    }

    fn escalations(&mut self) {
        let mut seen = BTreeSet::new();
        for rule in self.rules.escalations.iter().filter(|rule| !seen.insert(*rule.from.get_ref())) {
            let said = said("escalation-twice").word("tier", tier(*rule.from.get_ref()));
            self.problems.push(self.source.at(rule.from.span(), "duplicate", said));
        }
    }

    /// A case of one day belongs to one campaign; a visit to one plan.
    fn periods(&mut self) {
        let rules = self.rules;
        for (i, later) in rules.campaigns.iter().enumerate() {
            let shares = |c: &&crate::pack::rules::Campaign| c.from < later.to && later.from < c.to;
            if let Some(other) = rules.campaigns.iter().take(i).find(shares) {
                let said = said("campaigns-overlap").name("one", other.id.get_ref());
                self.say(later.id.span(), "period-overlap", said.name("other", later.id.get_ref()));
            }
        }
        for (i, later) in rules.coverages.iter().enumerate() {
            if let Some(other) = rules.coverages.iter().take(i).find(|plan| both(plan, later)) {
                let said = said("plans-overlap").name("one", other.id.get_ref());
                self.say(later.id.span(), "period-overlap", said.name("other", later.id.get_ref()));
            }
        }
    }

    /// Nobody handles a case together with himself, or asks after what he handled.
    fn handlers(&mut self) {
        let rules = self.rules;
        let inside = rules.compartments.iter().flat_map(|c| &c.routes);
        let twice = |route: &'_ Route| {
            route.with.iter().find(|with| with.get_ref() == route.to.get_ref()).map(Name::span)
        };
        for route in rules.routes.iter().chain(inside) {
            if let Some(at) = twice(route) {
                let said = said("route-with-itself").name("route", route.id.get_ref());
                self.say(at, "duplicate", said.name("unit", route.to.get_ref()));
            }
        }
        if let Some(callback) = rules.callback.as_ref().filter(|c| c.unit.get_ref() == c.else_unit.get_ref())
        {
            let said = said("callback-same-unit").name("unit", callback.unit.get_ref());
            self.say(callback.else_unit.span(), "same-unit", said);
        }
    }

    /// A category that the pack does not list is a typing error in a condition, as a channel is.
    fn categories(&mut self) {
        let rules = self.rules;
        let known: BTreeSet<&str> = rules.pack.categories.iter().map(|c| c.get_ref().as_str()).collect();
        let always = rules.callback.iter().filter_map(|c| c.sample.as_ref()?.always.as_ref());
        for condition in rules.read_conditions().chain(always) {
            let literals = condition.equals();
            let values = literals.get("category").into_iter().flatten();
            for value in values.filter(|value| !value.is_empty() && !known.contains(value.as_str())) {
                let at = condition.find(value, self.source);
                self.say(at, "unknown-value", said("unlisted-category").name("value", value));
            }
        }
    }

    /// The first grade that lists both is the case's; one whose every pair is taken grades nothing.
    fn grades(&mut self) {
        let pairs = |grade: &Grade| -> BTreeSet<(String, String)> {
            let name = |name: &Name| name.get_ref().clone();
            let with = |severity: &Name| {
                grade.urgency.iter().map(|urgency| (name(severity), name(urgency))).collect::<Vec<_>>()
            };
            grade.severity.iter().flat_map(with).collect()
        };
        let mut taken = BTreeSet::new();
        for grade in &self.rules.grades {
            let own = pairs(grade);
            if !own.is_empty() && own.is_subset(&taken) {
                let said = said("shadowed-grade").name("grade", grade.id.get_ref());
                self.problems.push(self.source.at(grade.id.span(), "shadowed-rule", said));
            }
            taken.extend(own);
        }
    }

    fn weights(&mut self) {
        let Some(list) = &self.rules.list else { return };
        let measures: Vec<_> = list.weights.iter().map(|weight| weight.measure).collect();
        let at = self.source.text.find("[list]").unwrap_or(0);
        for (i, measure) in measures.iter().enumerate() {
            if measures.iter().take(i).any(|before| before == measure) {
                self.say(at..at, "duplicate", said("list-measure-twice"));
            }
        }
        if list.weights.iter().any(|weight| weight.weight == 0) || list.weights.is_empty() {
            self.say(at..at, "figure", said("list-weight-0"));
        }
        if list.red == 0 && list.black == 0 {
            self.say(at..at, "figure", said("list-empty"));
        }
    }
}

/// Whether a visit could count for two plans.
fn both(one: &Coverage, other: &Coverage) -> bool {
    let time = one.from < other.to && other.from < one.to;
    let modes = (one.mode.as_ref().map(Name::get_ref), other.mode.as_ref().map(Name::get_ref));
    let mode = modes.0.is_none() || modes.1.is_none() || modes.0 == modes.1;
    let places = |plan: &Coverage| -> BTreeSet<String> {
        plan.teams.iter().flat_map(|team| &team.places).map(|place| place.get_ref().clone()).collect()
    };
    time && mode && !places(one).is_disjoint(&places(other))
}
