//! From the facts of a case to who handles it and by when: the pack's routes, first match wins.
//!
//! Owns matching, resolving a target to a unit, and the deadline. Never fails to route: what cannot be placed goes to
//! triage at the intake unit, and a reason says why.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::condition::context;
use crate::facts::{self, Facts};
use crate::pack::rules::{Compartment, From, Route};
pub(crate) use crate::step::Step;
use crate::{Level, Pack, Projection, Reason, Tier};

/// Who handles a case and by when.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) rule: String,
    pub(crate) unit: String,
    pub(crate) co_units: Vec<String>,
    pub(crate) class: String,
    pub(crate) step: Step,
    pub(crate) reasons: Vec<Reason>,
}

/// Routes one possible case.
pub(crate) fn route(pack: &Pack, facts: &Facts, projection: &Projection, now: Timestamp) -> Outcome {
    let mut reasons = Vec::new();
    let matched = matching(&pack.rules().routes, facts, &mut reasons);
    let intake = pack.intake_unit(projection, now).to_owned();
    let Some(route) = matched else {
        let fallback = &pack.rules().fallback;
        reasons.push(Reason::new("fallback", &[("category", facts.get("category"))], &fallback.basis));
        let class = fallback.class.get_ref().clone();
        return Outcome {
            rule: "fallback".into(),
            unit: intake,
            co_units: vec![],
            class,
            step: Step::Triage,
            reasons,
        };
    };
    reasons.push(applied(route, facts));
    let place = Resolve { pack, facts, now, basis: &route.basis };
    // Triage that is there because nobody could be named has the time of triage, not of whoever would have handled it.
    let triage = pack.rules().fallback.class.get_ref();
    let (unit, step, class) =
        match (route.to.get_ref().as_str(), place.unit(route.to.get_ref(), &mut reasons)) {
            ("intake", _) => (intake, Step::Triage, route.class.get_ref()),
            (_, None) => (intake, Step::Triage, triage),
            (_, Some(unit)) => (unit, Step::Handle, route.class.get_ref()),
        };
    let class = class.clone();
    let mut co_units: Vec<String> = route
        .with
        .iter()
        .filter_map(|to| place.unit(to.get_ref(), &mut reasons))
        .filter(|u| *u != unit)
        .collect();
    co_units.sort();
    co_units.dedup();
    Outcome { rule: route.id.get_ref().clone(), unit, co_units, class, step, reasons }
}

/// A matched route as a reason: what it read, and the field that its target follows.
fn applied(route: &Route, facts: &Facts) -> Reason {
    let target = match route.to.get_ref().as_str() {
        "subject" => Some("subject"),
        to => Level::of_target(to).map(|_| "place"),
    };
    let read = route.when.reads().iter().map(String::as_str).chain(target);
    let inputs = read.map(|name| (name.to_owned(), facts.get(name).to_owned())).collect();
    Reason { rule: route.id.get_ref().clone(), inputs, basis: route.basis.clone() }
}

/// Who inside a compartment handles a case that has been read: the first of its routes whose unit is not concerned
/// itself, with co-handlers likewise. Without one, or while a dispute leaves several ways open, its own unit keeps it.
pub(crate) fn inside(
    pack: &Pack,
    compartment: &Compartment,
    projection: &Projection,
    (before, now): (&BTreeSet<String>, Timestamp),
) -> Outcome {
    let mut outcome = into_compartment(pack, compartment, projection, before);
    let side = facts::sides(pack, projection, now).filter(|sides| sides.len() == 1);
    let Some(facts) = side.and_then(|sides| sides.into_iter().next()) else { return outcome };
    let mut routes = compartment.routes.as_slice();
    while let Some(route) = matching(routes, &facts, &mut outcome.reasons) {
        outcome.reasons.push(applied(route, &facts));
        let place = Resolve { pack, facts: &facts, now, basis: &route.basis };
        if let Some(unit) =
            unconcerned(&place, route.to.get_ref(), (projection, before), &mut outcome.reasons)
        {
            let with = route.with.iter();
            let with = with
                .filter_map(|t| unconcerned(&place, t.get_ref(), (projection, before), &mut outcome.reasons));
            let co_units: BTreeSet<String> = with.filter(|u| *u != unit).collect();
            outcome.co_units = co_units.into_iter().collect();
            outcome.unit = unit;
            outcome.class.clone_from(route.class.get_ref());
            return outcome;
        }
        let passed = routes.iter().position(|r| std::ptr::eq(r, route)).map_or(routes.len(), |i| i + 1);
        routes = routes.get(passed..).unwrap_or(&[]);
    }
    outcome
}

/// The unit that a target means, unless a side of the case names it or one above it, up to its town, as subject, or did.
fn unconcerned(
    place: &Resolve<'_>,
    target: &str,
    (projection, before): (&Projection, &BTreeSet<String>),
    reasons: &mut Vec<Reason>,
) -> Option<String> {
    let unit = place.unit(target, reasons)?;
    let mut subjects = place.pack.concerned(projection);
    subjects.extend(before.iter().cloned());
    let above = place.pack.units_above(&unit).into_iter().filter(|u| *u != place.pack.district());
    let concerned = std::iter::once(unit.as_str()).chain(above).any(|u| subjects.contains(u));
    if concerned {
        let subject = projection.field("subject").shown();
        say(reasons, Reason::new("recusal", &[("subject", &subject), ("unit", &unit)], place.basis));
        return None;
    }
    Some(unit)
}

/// Into a compartment: its unit alone. Whoever was concerned before stays so.
pub(crate) fn into_compartment(
    pack: &Pack,
    compartment: &Compartment,
    projection: &Projection,
    before: &BTreeSet<String>,
) -> Outcome {
    let rule = format!("compartment.{}", compartment.id.get_ref());
    let read = |name: &String| (name.clone(), projection.field(name).shown());
    let inputs: BTreeMap<String, String> = compartment.when.reads().iter().map(read).collect();
    let mut reasons = vec![Reason { rule: rule.clone(), inputs, basis: compartment.basis.clone() }];
    let unit = compartment.owner((pack.units_ref(), projection), before, pack.district()).to_owned();
    if unit != *compartment.unit.get_ref() {
        reasons.push(Reason::new(
            "recusal",
            &[("subject", &projection.field("subject").shown())],
            &compartment.basis,
        ));
    }
    let class = compartment.class.get_ref().clone();
    Outcome { rule, unit, co_units: Vec::new(), class, step: Step::Handle, reasons }
}

/// The first route whose condition holds. A condition that fails is skipped, and said.
pub(crate) fn matching<'a>(
    routes: &'a [Route],
    facts: &Facts,
    reasons: &mut Vec<Reason>,
) -> Option<&'a Route> {
    let context = context(&facts.0);
    routes.iter().find(|route| match route.when.holds(&context) {
        Ok(held) => held,
        Err(error) => {
            reasons.push(Reason::new(
                route.id.get_ref(),
                &[("error", &error.to_string())],
                "the condition failed",
            ));
            false
        }
    })
}

struct Resolve<'a> {
    pack: &'a Pack,
    facts: &'a Facts,
    now: Timestamp,
    basis: &'a str,
}

impl Resolve<'_> {
    /// The unit that a target means; `None` after a reason when it means none.
    fn unit(&self, target: &str, reasons: &mut Vec<Reason>) -> Option<String> {
        match target {
            "intake" => None,
            "subject" => self.standing(self.facts.get("subject"), "subject", reasons),
            target => match Level::of_target(target) {
                Some((level, None)) => self.place(level, reasons),
                Some((level, Some(beside))) => {
                    let at = self.place(level, reasons)?;
                    self.standing(&format!("{at}-{beside}"), "unit", reasons)
                }
                None => self.standing(target, "unit", reasons),
            },
        }
    }

    fn place(&self, level: Level, reasons: &mut Vec<Reason>) -> Option<String> {
        let place = self.facts.get("place");
        let standing = self.standing(place, "place", reasons)?;
        let mut chain = std::iter::once(standing.as_str()).chain(self.pack.units_above(&standing));
        let found = chain.find(|c| self.pack.unit(c, self.now).is_some_and(|u| u.level == level));
        if let Some(unit) = found {
            return Some(unit.to_owned());
        }
        reasons.push(Reason::new(
            "place-coarser",
            &[("place", place), ("wanted", level.tier().code())],
            self.basis,
        ));
        Some(standing)
    }

    /// A named unit, or the nearest above it that still exists.
    fn standing(&self, code: &str, field: &str, reasons: &mut Vec<Reason>) -> Option<String> {
        let rule = |what: &str| format!("{field}-{what}");
        if code.is_empty() {
            say(reasons, Reason::new(&rule("unset"), &[(field, "")], "triage decides"));
            return None;
        }
        let Some(unit) = self.pack.units_ref().standing(code, self.now) else {
            say(reasons, Reason::new(&rule("unknown"), &[(field, code)], "triage decides"));
            return None;
        };
        if unit.code != code {
            say(reasons, Reason::new(&rule("ended"), &[(field, code), ("stands", &unit.code)], "units.csv"));
        }
        Some(unit.code.clone())
    }
}

/// A reason that owner and co-handlers share is given once.
fn say(reasons: &mut Vec<Reason>, reason: Reason) {
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}

/// When a class is due for a tier; reasons name the class, the floor, and years without a notice.
pub(crate) fn due(
    pack: &Pack,
    class: &str,
    tier: Tier,
    registered_at: Timestamp,
    now: Timestamp,
) -> (Timestamp, Vec<Reason>) {
    let rules = pack.rules();
    let class = pack
        .class(class)
        .or_else(|| pack.class(rules.fallback.class.get_ref()))
        .expect("load checks classes");
    let span = class.span(tier).expect("load checks that every class has a deadline for every tier");
    let (start, from) = match class.from {
        From::Registration => (registered_at, "registration"),
        From::Decision => (now, "decision"),
    };
    let mut counted = pack.count(span, start);
    let shown = serde_json::to_string(&span).expect("a span serialises");
    let inputs = [("tier", tier.code()), ("span", shown.as_str()), ("from", from)];
    let mut reasons = vec![Reason::new(&format!("class.{}", class.id.get_ref()), &inputs, &class.basis)];
    let floor = pack.count(rules.clock.at_least, now);
    if class.from == From::Registration && counted.at < floor.at {
        reasons.push(Reason::new("clock.at-least", &[("due", &counted.at.to_string())], &rules.clock.basis));
        counted = floor;
    }
    for year in counted.provisional_years {
        let basis = "the State Council's notice for the year is not in the pack: weekends only";
        reasons.push(Reason::new("calendar-provisional", &[("year", &year.to_string())], basis));
    }
    (counted.at, reasons)
}
