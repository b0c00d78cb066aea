//! The names in a pack against each other: units, classes, ladders, escalations, fields.
//!
//! Owns what must fit together before a pack may decide. Never reads a file.

mod lists;
mod supervision;

pub(crate) use lists::{SEVERITIES, URGENCIES};

use std::collections::BTreeSet;

use toml::Spanned;

use super::rules::{Act, Name, Route, Rules, Step};
use crate::problem::{Problem, Source};
use crate::said::{Word, said};
use crate::units::Units;
use crate::{Level, Tier, Unit};

/// Fields that carry people's data: never read by policy, so that decisions hold none.
const PERSONAL: &[&str] = &["title", "description", "contact_phone", "log", "attachments", "signatures"];

/// The coded fields of a case: what the centre projects for policy.
pub(crate) const FIELDS: [&str; 8] =
    ["category", "severity", "urgency", "place", "subject", "channel", "household", "outcome"];

/// The names of a pack against each other.
pub(super) struct Names<'a> {
    pub(super) rules: &'a Rules,
    pub(super) units: &'a Units,
    pub(super) source: Source<'a>,
}

impl Names<'_> {
    pub(super) fn check(&self, problems: &mut Vec<Problem>) {
        self.reads(problems);
        self.unit_names(problems);
        self.class_names(problems);
        self.ladders(problems);
        self.escalations(problems);
        self.lists(problems);
        self.supervision(problems);
        let inside = self.rules.compartments.iter().flat_map(|c| &c.routes);
        self.unique(Word("kind-route"), self.rules.routes.iter().chain(inside).map(|r| &r.id), problems);
        self.unique(Word("kind-class"), self.rules.classes.iter().map(|c| &c.id), problems);
        self.unique(Word("kind-ladder"), self.rules.ladders.iter().map(|l| &l.id), problems);
        self.unique(Word("kind-compartment"), self.rules.compartments.iter().map(|c| &c.id), problems);
        self.unique(Word("kind-category"), self.rules.pack.categories.iter(), problems);
        self.unique(Word("kind-signature"), self.rules.signatures.iter().map(|s| &s.role), problems);
        super::closing::check(self.rules, self.source, problems);
    }

    fn reads(&self, problems: &mut Vec<Problem>) {
        for read in &self.rules.pack.reads {
            let name = read.get_ref();
            if name.contains('.') || PERSONAL.contains(&name.as_str()) {
                let said = said("personal-field").name("field", name).list("known", FIELDS);
                problems.push(self.source.at(read.span(), "personal-field", said));
            } else if !FIELDS.contains(&name.as_str()) {
                let said = said("unknown-field").name("field", name).list("known", FIELDS);
                problems.push(self.source.at(read.span(), "unknown-field", said));
            }
        }
        // What the engine itself reads must be in the digest.
        for needed in ["category", "place", "subject", "urgency"] {
            if !self.rules.pack.reads.iter().any(|r| r.get_ref() == needed) {
                let span = self.rules.pack.reads.first().map_or(0..0, Spanned::span);
                problems.push(self.source.at(span, "reads-lack", said("reads-lack").name("field", needed)));
            }
        }
    }

    fn unit_names(&self, problems: &mut Vec<Problem>) {
        let names = named_units(self.rules);
        for name in names {
            self.known_unit(name, problems);
        }
        for target in self.routes().flat_map(|r| std::iter::once(&r.to).chain(&r.with)) {
            match (target.get_ref().as_str(), Level::of_target(target.get_ref())) {
                ("subject" | "intake", _) | (_, Some((_, None))) => {}
                (_, Some((level, Some(beside)))) => self.beside(target, level, beside, problems),
                (_, None) => self.known_unit(target, problems),
            }
        }
    }

    /// All routes, those inside compartments included.
    fn routes(&self) -> impl Iterator<Item = &Route> {
        self.rules.routes.iter().chain(self.rules.compartments.iter().flat_map(|c| &c.routes))
    }

    fn known_unit(&self, name: &Name, problems: &mut Vec<Problem>) {
        if self.units.lacks(name.get_ref()) {
            let said = said("unknown-unit").name("unit", name.get_ref());
            problems.push(self.source.at(name.span(), "unknown-unit", said));
        }
    }

    /// Every unit of the level in the tree needs the unit beside it that a target names.
    fn beside(&self, target: &Name, level: Level, beside: &str, problems: &mut Vec<Problem>) {
        let coded = |u: &&Unit| u.level == level && u.code.bytes().all(|b| b.is_ascii_digit());
        let codes: BTreeSet<&str> = self.units.all().filter(coded).map(|u| u.code.as_str()).collect();
        let lacks = |code: &&str| self.units.lacks(&format!("{code}-{beside}"));
        if let Some(code) = codes.into_iter().find(lacks) {
            let said = said("unit-beside").name("target", target.get_ref());
            let said = said.with("unit", format!("{code}-{beside}")).word("tier", tier(level.tier()));
            problems.push(self.source.at(target.span(), "unknown-unit", said));
        }
    }

    fn class_names(&self, problems: &mut Vec<Problem>) {
        let rules = self.rules;
        for name in rules.class_names() {
            if !rules.classes.iter().any(|c| c.id.get_ref() == name.get_ref()) {
                let said = said("unknown-class").name("class", name.get_ref());
                problems.push(self.source.at(name.span(), "unknown-class", said));
            }
        }
        for class in &rules.classes {
            for of in [Tier::Village, Tier::Town, Tier::Department, Tier::District] {
                if class.span(of).is_none() {
                    let said = said("no-deadline").name("class", class.id.get_ref()).word("tier", tier(of));
                    problems.push(self.source.at(class.id.span(), "no-deadline", said));
                }
            }
            if !rules.ladders.iter().any(|l| l.id.get_ref() == class.ladder.get_ref()) {
                let said = said("unknown-ladder").name("ladder", class.ladder.get_ref());
                problems.push(self.source.at(class.ladder.span(), "unknown-ladder", said));
            }
        }
    }

    fn ladders(&self, problems: &mut Vec<Problem>) {
        for ladder in &self.rules.ladders {
            self.unique(Word("kind-step"), ladder.steps.iter().map(|s| &s.id), problems);
            for pair in ladder.steps.windows(2) {
                let [before, after] = pair else { continue };
                if after.at.get_ref() <= before.at.get_ref() || before.repeat.is_some() {
                    let said = said("ladder-order").name("step", after.id.get_ref());
                    let said = said.name("before", before.id.get_ref());
                    problems.push(self.source.at(after.at.span(), "ladder-order", said));
                }
            }
            let endless = |s: &Step| s.act == Act::Overdue && s.repeat.is_some_and(|r| r.as_secs() >= 3600);
            if !ladder.steps.last().is_some_and(endless) {
                let said = said("ladder-runs-out").name("ladder", ladder.id.get_ref());
                problems.push(self.source.at(ladder.id.span(), "ladder-runs-out", said));
            }
        }
        let rules = self.rules;
        for compartment in &rules.compartments {
            if compartment.unit.get_ref() == compartment.recusal.get_ref() {
                let said = said("recusal-of-itself").name("unit", compartment.unit.get_ref());
                problems.push(self.source.at(compartment.recusal.span(), "recusal-of-itself", said));
            }
            for name in std::iter::once(&compartment.class).chain(compartment.routes.iter().map(|r| &r.class))
            {
                let class = rules.classes.iter().find(|c| c.id.get_ref() == name.get_ref());
                let ladder =
                    class.and_then(|c| rules.ladders.iter().find(|l| l.id.get_ref() == c.ladder.get_ref()));
                if ladder.is_some_and(|l| l.steps.iter().any(|s| s.act == Act::Escalate)) {
                    let said = said("compartment-leaks").name("compartment", compartment.id.get_ref());
                    problems.push(self.source.at(name.span(), "compartment-leaks", said));
                }
            }
        }
    }

    /// Escalation must climb: village, town, department, district; and end there.
    fn escalations(&self, problems: &mut Vec<Problem>) {
        for rule in &self.rules.escalations {
            let from = *rule.from.get_ref();
            let to = match rule.to.get_ref().as_str() {
                "parent" if from == Tier::Village => Some(Tier::Town),
                "parent" => Some(Tier::District),
                code => self.units.latest(code).map(|u| u.level.tier()),
            };
            let climbs = to.is_some_and(|to| to > from || from == Tier::District && to == Tier::District);
            if to.is_some() && !climbs {
                let said = said("escalation-down").word("tier", tier(from));
                problems.push(self.source.at(rule.to.span(), "escalation-down", said));
            }
        }
        for from in [Tier::Village, Tier::Town, Tier::Department] {
            if !self.rules.escalations.iter().any(|e| *e.from.get_ref() == from) {
                let said = said("no-escalation").word("tier", tier(from));
                problems.push(self.source.line(1, 1, "no-escalation", said));
            }
        }
    }

    fn unique<'n>(&self, what: Word, names: impl Iterator<Item = &'n Name>, problems: &mut Vec<Problem>) {
        let mut seen = BTreeSet::new();
        for name in names.filter(|n| !seen.insert(n.get_ref().as_str())) {
            let said = said("appears-twice").word("what", what).name("name", name.get_ref());
            problems.push(self.source.at(name.span(), "duplicate", said));
        }
    }
}

/// Every unit that the rules name by its code, save as the target of a route.
pub(crate) fn named_units(rules: &Rules) -> Vec<&Name> {
    let mut names: Vec<&Name> = vec![&rules.pack.district, &rules.intake.desk];
    names.extend(
        rules.audience.always.iter().filter(|u| u.get_ref() != "intake").chain(&rules.audience.supervisors),
    );
    names.extend(rules.intake.centres.iter().flat_map(|(town, centre)| [town, centre]));
    names.extend(rules.compartments.iter().flat_map(|c| [&c.unit, &c.recusal]));
    let asks = rules.callback.iter().flat_map(|c| [&c.unit, &c.else_unit]);
    let looks = rules.look_back.iter().map(|l| &l.unit);
    names.extend(asks.chain(looks).filter(|u| u.get_ref() != "intake"));
    names.extend(rules.signatures.iter().flat_map(|s| &s.units));
    names.extend(rules.escalations.iter().map(|e| &e.to).filter(|to| to.get_ref() != "parent"));
    names
}

/// How a tier is called.
pub(crate) fn tier(tier: Tier) -> Word {
    match tier {
        Tier::Village => Word("tier-village"),
        Tier::Town => Word("tier-town"),
        Tier::Department => Word("tier-department"),
        Tier::District => Word("tier-district"),
    }
}
