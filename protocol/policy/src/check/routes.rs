//! Routes that never apply, and categories that none applies to.
//!
//! Owns the search. It tries the values that conditions mention, unset, and one that they do not mention; it is silent
//! where there are too many to try. Never reports a rule that it has seen apply.

use std::collections::{BTreeMap, BTreeSet};

use crate::Pack;
use crate::condition::{Condition, Variables, context};
use crate::facts::Facts;
use crate::pack::rules::Route;
use crate::problem::{Problem, Source};
use crate::said::said;

/// Combinations tried for one rule.
const MAX_TRIED: usize = 20_000;
/// Stands for any value that no condition mentions.
const ELSE: &str = "\u{1}";

type Domains = BTreeMap<String, Vec<String>>;

/// Reports dead and shadowed routes and categories without a route.
pub(super) fn check(pack: &Pack, source: Source<'_>, problems: &mut Vec<Problem>) {
    let domains = domains(pack);
    let inside = pack.rules().compartments.iter().map(|c| c.routes.as_slice());
    for routes in std::iter::once(pack.rules().routes.as_slice()).chain(inside) {
        one_list(routes, &domains, source, problems);
    }
    for compartment in &pack.rules().compartments {
        if !ever(&compartment.when, &domains) {
            let said = said("dead-compartment").name("compartment", compartment.id.get_ref());
            problems.push(source.at(compartment.when.span(), "dead-rule", said));
        }
    }
    let rules = pack.rules();
    let commands =
        rules.commands.iter().filter_map(|rule| Some((rule.name.get_ref().code(), rule.when.as_ref()?)));
    for (name, when) in commands.filter(|(_, when)| !ever(when, &domains)) {
        problems.push(source.at(when.span(), "dead-rule", said("dead-command").name("command", name)));
    }
    if !ever(&rules.settle.urgent, &domains) {
        problems.push(source.at(rules.settle.urgent.span(), "dead-rule", said("dead-urgent")));
    }
    unrouted(pack, source, problems);
}

/// Routes of which the first that holds applies.
fn one_list(routes: &[Route], domains: &Domains, source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut shadowed: BTreeMap<String, Vec<&Route>> = BTreeMap::new();
    for (i, route) in routes.iter().enumerate() {
        match verdict(route, routes.get(..i).unwrap_or(&[]), domains) {
            Verdict::Applies => {}
            Verdict::Never => {
                let said = said("dead-route").name("route", route.id.get_ref());
                problems.push(source.at(route.when.span(), "dead-rule", said));
            }
            Verdict::Shadowed(by) => shadowed.entry(by).or_default().push(route),
        }
    }
    for (by, routes_after) in shadowed {
        let names = routes_after.iter().map(|route| route.id.get_ref().as_str());
        let wide = routes.iter().find(|route| *route.id.get_ref() == by);
        let (at, said) = match (routes_after.as_slice(), wide) {
            // One that takes the cases of many is what is wrong, not they.
            ([_, _, ..], Some(wide)) => (
                wide.when.span(),
                said("shadows-routes").name("by", &by).with("n", names.len()).names("routes", names),
            ),
            ([route, ..], _) => {
                (route.when.span(), said("shadowed-route").name("by", &by).names("routes", names))
            }
            ([], _) => continue,
        };
        problems.push(source.at(at, "shadowed-rule", said));
    }
}

enum Verdict {
    Applies,
    Never,
    Shadowed(String),
}

fn verdict(route: &Route, before: &[Route], domains: &Domains) -> Verdict {
    let own = route.when.reads();
    let others = before.iter().flat_map(|r| r.when.reads()).filter(|v| !own.contains(*v));
    // The route's own variables vary fastest, so that a rule that applies shows it at once.
    let names: Vec<&String> = own.iter().chain(others.collect::<BTreeSet<_>>()).collect();
    let mut blocker = None;
    let mut tried = 0;
    for variables in Combinations::new(&names, domains) {
        tried += 1;
        if tried > MAX_TRIED {
            return Verdict::Applies;
        }
        let context = context(&variables);
        if !route.when.holds(&context).unwrap_or(false) {
            continue;
        }
        match before.iter().find(|b| b.when.holds(&context).unwrap_or(false)) {
            None => return Verdict::Applies,
            Some(by) => blocker = blocker.or_else(|| Some(by.id.get_ref().clone())),
        }
    }
    blocker.map_or(Verdict::Never, Verdict::Shadowed)
}

fn ever(condition: &Condition, domains: &Domains) -> bool {
    let names: Vec<&String> = condition.reads().iter().collect();
    Combinations::new(&names, domains).take(MAX_TRIED).any(|v| condition.holds(&context(&v)).unwrap_or(true))
}

/// A plain case of every category, with a place and nothing else set, must find a route or a compartment.
fn unrouted(pack: &Pack, source: Source<'_>, problems: &mut Vec<Problem>) {
    for category in &pack.rules().pack.categories {
        let mut facts: Variables = pack.reads().iter().map(|r| (r.clone(), String::new())).collect();
        facts.extend(Facts::DERIVED.iter().map(|d| ((*d).to_owned(), String::new())));
        facts.insert("category".into(), category.get_ref().clone());
        facts.insert("place".into(), ELSE.into());
        facts.insert("town".into(), ELSE.into());
        facts.insert("place_level".into(), "village".into());
        let routed =
            crate::route::matching(&pack.rules().routes, &Facts(facts.clone()), &mut Vec::new()).is_some();
        let context = context(&facts);
        let enclosed = pack.rules().compartments.iter().any(|c| c.when.holds(&context).unwrap_or(false));
        if !routed && !enclosed {
            let said = said("unroutable-category").name("category", category.get_ref());
            problems.push(source.at(category.span(), "unroutable-category", said));
        }
    }
}

/// The values worth trying for each variable.
fn domains(pack: &Pack) -> Domains {
    let rules = pack.rules();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for condition in rules.read_conditions() {
        for (name, values) in condition.literals() {
            found.entry(name).or_default().extend(values);
        }
        for name in condition.reads() {
            found.entry(name.clone()).or_default().extend([String::new(), ELSE.to_owned()]);
        }
    }
    if let Some(categories) = found.get_mut("category") {
        // A category that the pack does not list is a typing error in a route, not a value.
        let listed: BTreeSet<&String> = rules.pack.categories.iter().map(toml::Spanned::get_ref).collect();
        categories.retain(|c| c.is_empty() || listed.contains(c));
    }
    for level in ["place_level", "author_level"] {
        if let Some(levels) = found.get_mut(level) {
            *levels = ["", "village", "town", "department", "district"].map(str::to_owned).into();
        }
    }
    found.into_iter().map(|(name, values)| (name, values.into_iter().collect())).collect()
}

/// All combinations of the named variables' values; the first name varies fastest.
struct Combinations<'a> {
    names: Vec<(&'a String, &'a [String])>,
    next: Option<Vec<usize>>,
}

impl<'a> Combinations<'a> {
    fn new(names: &[&'a String], domains: &'a Domains) -> Self {
        let values = |name: &'a String| (name, domains.get(name).map_or(&[][..], Vec::as_slice));
        let names: Vec<_> = names.iter().map(|n| values(n)).filter(|(_, v)| !v.is_empty()).collect();
        let next = Some(vec![0; names.len()]);
        Self { names, next }
    }
}

impl Iterator for Combinations<'_> {
    type Item = Variables;

    fn next(&mut self) -> Option<Variables> {
        let mut places = self.next.take()?;
        let picked = self.names.iter().zip(&places);
        let variables = picked.map(|((name, values), i)| ((*name).clone(), values[*i].clone())).collect();
        for (place, (_, values)) in places.iter_mut().zip(&self.names) {
            *place += 1;
            if *place < values.len() {
                self.next = Some(places);
                break;
            }
            *place = 0;
        }
        Some(variables)
    }
}
