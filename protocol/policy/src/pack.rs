//! A policy pack, read and compiled: the rules of one district in one version.
//!
//! Owns what others may ask a pack. Never decides; that is `decide`.

mod closing;
mod coverage;
mod lists;
mod load;
mod names;
pub(crate) mod rules;
mod supervision;
pub(crate) mod wording;

pub use coverage::{Coverage, Covered, MeetingRule, Round, TeamCovered, VisitMode};
pub use lists::Campaign;
pub(crate) use load::{POLICY, draft, message};
pub(crate) use names::{FIELDS, SEVERITIES, URGENCIES, named_units, tier};
pub use rules::Resolved;
pub use supervision::{DrawRule, RepeatField, Signals};

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::calendar::WorkCalendar;
use crate::clock::{Due, Span};
use crate::facts::{self, Facts};
use crate::problem::Problem;
use crate::units::Units;
use crate::{PackFiles, Projection, Tier, Unit};
use rules::{Class, Compartment, Ladder, Rules};

/// The rules of one district in one version.
#[derive(Debug)]
pub struct Pack {
    id: String,
    rules: Rules,
    reads: Vec<String>,
    tightened: BTreeSet<String>,
    units: Units,
    calendar: WorkCalendar,
    strings: BTreeMap<String, String>,
    categories: Vec<Category>,
}

/// One category of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Code as in the field `category`.
    pub code: String,
    /// Name by locale, such as `zh-CN`.
    pub names: BTreeMap<String, String>,
}

/// How long a case waits before it is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettleRule {
    /// The fields that policy reads must have been quiet for this long.
    pub quiet: SignedDuration,
    /// After this, announcements, checkouts and noise no longer hold the case back.
    pub settle_max: SignedDuration,
    /// On any side of any conflict the case is urgent: dispatch at once, with `Cause::Provisional`.
    pub urgent: bool,
}

/// By when a conflict between values is to be decided by a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictDue {
    /// By when.
    pub due: Timestamp,
    /// From when those above hear of it; `None`: never.
    pub escalates: Option<Timestamp>,
    /// Where the deadline comes from.
    pub basis: String,
}

impl Pack {
    /// Reads and compiles a pack, or says everything that is wrong with it.
    pub fn load(files: &PackFiles) -> Result<Self, Vec<Problem>> {
        load::load(files)
    }

    /// `name@version`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Name of the pack.
    pub fn name(&self) -> &str {
        &self.rules.pack.name
    }

    /// Version of the pack.
    pub fn version(&self) -> &str {
        &self.rules.pack.version
    }

    /// Division code of the district.
    pub fn district(&self) -> &str {
        self.rules.pack.district.get_ref()
    }

    /// New cases are decided by this version from here on.
    pub fn effective_from(&self) -> Timestamp {
        self.rules.pack.effective_from
    }

    /// The fields that policy reads: for the digest and for quiet time.
    pub fn reads(&self) -> &[String] {
        &self.reads
    }

    /// Fields that this district tightens to review.
    pub fn tightened(&self) -> &BTreeSet<String> {
        &self.tightened
    }

    /// Categories in the order of the pack.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// Codes of the channels through which cases come, in the order of the pack; none where it does not name them.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        self.rules.pack.channels.iter().map(|channel| channel.get_ref().as_str())
    }

    /// Fluent files by locale: names of categories, routes, classes, directives, steps, reasons.
    pub fn strings(&self) -> &BTreeMap<String, String> {
        &self.strings
    }

    /// Working days as the pack knows them.
    pub fn calendar(&self) -> &WorkCalendar {
        &self.calendar
    }

    /// A unit as it is at a time.
    pub fn unit(&self, code: &str, at: Timestamp) -> Option<&Unit> {
        self.units.get(code, at)
    }

    /// Every unit, every period, by code.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.all()
    }

    /// Codes of the units above, nearest first.
    pub fn units_above(&self, code: &str) -> Vec<&str> {
        self.units.above(code)
    }

    /// Whether a unit is another or lies below it.
    pub fn is_within(&self, unit: &str, ancestor: &str) -> bool {
        unit == ancestor || self.units.above(unit).contains(&ancestor)
    }

    /// How long this case waits, and whether it waits at all.
    pub fn settle(&self, projection: &Projection) -> SettleRule {
        let urgent = facts::any_side(self, projection, &self.rules.settle.urgent);
        SettleRule { urgent, ..self.settle_times() }
    }

    /// The times of [`Pack::settle`], which are the same for every case; of urgency nothing is said.
    pub fn settle_times(&self) -> SettleRule {
        SettleRule { quiet: self.rules.settle.quiet, settle_max: self.rules.settle.max, urgent: false }
    }

    /// The unit that takes a case in: the compartment's where one applies, else the centre of the town that the place
    /// (undisputed) or the author is in, else the district's desk. One that any side names takes in nothing about itself: then
    /// the desk does, else an office that supervises, else the district.
    pub fn intake_unit(&self, projection: &Projection, at: Timestamp) -> &str {
        if let Some(compartment) = self.compartment_of(projection) {
            return compartment.owner((&self.units, projection), &BTreeSet::new(), self.district());
        }
        let places = projection.field("place").values();
        let centres: BTreeSet<Option<&str>> = places.iter().map(|p| self.centre(p, at)).collect();
        let by_place = if centres.len() == 1 { centres.into_iter().next().flatten() } else { None };
        let nowhere = places.iter().all(|p| p.is_empty());
        let by_author = || self.centre(projection.author_unit.as_deref()?, at);
        let named = self.concerned(projection);
        let centre = by_place.or_else(|| if nowhere { by_author() } else { None });
        let supervisors = self.rules.audience.supervisors.iter().map(|unit| unit.get_ref().as_str());
        // Then whoever takes what a compartment may not.
        let recusals =
            self.rules.compartments.iter().map(|compartment| compartment.recusal.get_ref().as_str());
        let others = std::iter::once(self.desk()).chain(supervisors).chain(recusals).chain([self.district()]);
        let free = |unit: &&str| !named.contains(*unit);
        centre.into_iter().chain(others).find(free).unwrap_or(self.desk())
    }

    /// The audience of the compartment that any side of the case falls into. The centre applies it at
    /// accept: sight shrinks at once and grows only by decision.
    pub fn confined(&self, projection: &Projection) -> Option<crate::Audience> {
        let compartment = self.compartment_of(projection)?;
        let owner = compartment.owner((&self.units, projection), &BTreeSet::new(), self.district());
        Some(crate::audience::closed(compartment.id.get_ref(), owner, self, projection))
    }

    /// Whom a case is about: what any side of it names as responsible subject, the units whose names stand in that, and those
    /// of the people whom it names.
    pub fn concerned(&self, projection: &Projection) -> BTreeSet<String> {
        crate::audience::subjects((&self.units, self.district()), projection)
    }

    /// The audience inside a compartment for whom it turns out to be about since it was decided: none of those, nor who was
    /// kept out before. Where that leaves nobody, the office that stands in sees it at once; who owns it, the next decision
    /// says.
    pub fn kept_out(&self, audience: &crate::Audience, projection: &Projection) -> crate::Audience {
        let mut kept = audience.clone();
        let Some(compartment) = kept.compartment.as_deref().and_then(|id| self.compartment(id)) else {
            return kept;
        };
        let concerned = self.concerned(projection);
        kept.units.retain(|unit| !concerned.contains(unit));
        kept.excluded_units.extend(concerned);
        if kept.units.is_empty() {
            let owner = compartment.owner((&self.units, projection), &kept.excluded_units, self.district());
            kept.excluded_units.remove(owner);
            kept.units.insert(owner.to_owned());
        }
        kept
    }

    /// By when a reviewer is to decide between values, counted from when they came to differ, and when the conflict
    /// goes up. `None` where the pack sets no deadline. `unit` is who handles the case.
    pub fn conflict_due(&self, urgent: bool, unit: Option<&str>, since: Timestamp) -> Option<ConflictDue> {
        let rule = self.rules.conflict.as_ref()?;
        let id = if urgent { rule.urgent.as_ref().unwrap_or(&rule.class) } else { &rule.class };
        let class = self.class(id.get_ref())?;
        let due = self.count(class.span(unit.map_or(Tier::District, |unit| self.tier(unit)))?, since).at;
        let ladder = class.ladder.get_ref();
        let goes_up = |timer: &crate::TimerAt| {
            matches!(
                crate::ladder::step(self, ladder, &timer.id).0,
                rules::Act::Supervise | rules::Act::Escalate
            )
        };
        let timers = crate::ladder::timers(self, ladder, since, due, 0);
        let escalates = timers.iter().find(|timer| goes_up(timer)).map(|timer| timer.at);
        Some(ConflictDue { due, escalates, basis: rule.basis.clone() })
    }

    /// The district's intake desk.
    pub fn desk(&self) -> &str {
        self.rules.intake.desk.get_ref()
    }

    /// The centre that takes in what is of this unit.
    pub(crate) fn centre(&self, code: &str, at: Timestamp) -> Option<&str> {
        let standing = self.units.standing(code, at)?;
        let town = std::iter::once(standing.code.as_str()).chain(self.units.above(&standing.code));
        let centres = &self.rules.intake.centres;
        town.into_iter()
            .find_map(|t| centres.iter().find(|(town, _)| town.get_ref() == t))
            .map(|(_, c)| c.get_ref().as_str())
    }

    /// What this district publishes as resolved.
    pub fn resolved(&self) -> Resolved {
        self.rules.closure.as_ref().map_or_else(Resolved::default, |closure| closure.resolved)
    }

    /// Whether a case is claimed only once the person has been answered.
    pub fn answers_before_claiming(&self) -> bool {
        self.rules.claim.reply
    }

    /// The roles in which closing a case is signed, in order.
    pub fn signatures(&self) -> impl Iterator<Item = &str> {
        self.rules.signatures.iter().map(|rule| rule.role.get_ref().as_str())
    }

    /// The commands that people may give in this district, by code.
    pub fn commands(&self) -> impl Iterator<Item = &'static str> {
        self.rules.commands.iter().map(|rule| rule.name.get_ref().code())
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn units_ref(&self) -> &Units {
        &self.units
    }

    pub(crate) fn class(&self, id: &str) -> Option<&Class> {
        self.rules.classes.iter().find(|c| c.id.get_ref() == id)
    }

    pub(crate) fn ladder(&self, id: &str) -> Option<&Ladder> {
        self.rules.ladders.iter().find(|l| l.id.get_ref() == id)
    }

    /// The first compartment that any side of the case falls into.
    pub(crate) fn compartment_of(&self, projection: &Projection) -> Option<&Compartment> {
        self.rules.compartments.iter().find(|c| facts::any_side(self, projection, &c.when))
    }

    pub(crate) fn compartment(&self, id: &str) -> Option<&Compartment> {
        self.rules.compartments.iter().find(|c| c.id.get_ref() == id)
    }

    pub(crate) fn count(&self, span: Span, start: Timestamp) -> Due {
        crate::clock::due(span, self.rules.clock.last_day, &self.calendar, start)
    }

    /// The tier of a unit; the district's when it is unknown.
    pub(crate) fn tier(&self, unit: &str) -> Tier {
        self.units.latest(unit).map_or(Tier::District, |u| u.level.tier())
    }

    /// Variables that conditions may read.
    pub(crate) fn variables(reads: &[String]) -> BTreeSet<String> {
        reads.iter().cloned().chain(Facts::DERIVED.iter().map(|d| (*d).to_owned())).collect()
    }
}
