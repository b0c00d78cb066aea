//! What visits and meetings are held against: coverage plans, modes of visits, cadences.
//!
//! Owns the counting. Never reads a document: rounds are passed in, as the centre keeps them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::Pack;
use super::rules::{self, Every};
use crate::clock::beijing_date;
use crate::units::Level;

/// One round of visits, as far as a plan asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// When it took place.
    pub at: Timestamp,
    /// Its mode, such as `concentrated`; empty where nobody said.
    pub mode: String,
    /// The team's id in the plan; empty where nobody said.
    pub team: String,
    /// Who led it; empty where nobody said.
    pub leader: String,
    /// Where it went: a town, or a single village.
    pub place: String,
    /// Villages that it reached.
    pub villages: BTreeSet<String>,
}

/// A coverage plan: an explicit, labelled subset of places, each with the team that is to visit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Its id in the pack.
    pub id: String,
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// Why these places and not others.
    pub label: String,
    /// What it rests on.
    pub basis: String,
    /// Place and team, in order of places.
    pub places: Vec<(String, String)>,
    /// Team and the unit that leads it, in the order of the pack.
    pub teams: Vec<(String, String)>,
    mode: Option<String>,
    every: Option<Every>,
    one_town: bool,
    led: bool,
}

/// How far a plan has come at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// Rounds that count.
    pub rounds: usize,
    /// Rounds of the span that do not: of no team of the plan, or without a leader where one is asked for.
    pub astray: usize,
    /// Places of the plan that were reached, each with the time at which it was first.
    pub reached: BTreeMap<String, Timestamp>,
    /// Places that are left.
    pub left: Vec<String>,
    /// Team by team.
    pub teams: Vec<TeamCovered>,
}

/// How far one team has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamCovered {
    /// Its id.
    pub team: String,
    /// The unit that leads it.
    pub lead: String,
    /// Its places.
    pub of: usize,
    /// Those that were reached, by whichever team.
    pub covered: usize,
    /// Its rounds.
    pub rounds: usize,
    /// First days of the periods that are over and in which it did not go out.
    pub missed: Vec<Date>,
}

impl Coverage {
    /// The places that no visit has reached, given the places of visits.
    pub fn left(&self, visited: &BTreeSet<String>) -> Vec<&str> {
        self.places.iter().map(|(place, _)| place.as_str()).filter(|p| !visited.contains(*p)).collect()
    }

    /// Holds rounds against the plan. What came after `as_of` does not count; nor do rounds of other modes.
    pub fn covered(&self, pack: &Pack, rounds: &[Round], as_of: Timestamp) -> Covered {
        let until = as_of.min(self.to);
        let mode = |r: &&Round| self.mode.as_ref().is_none_or(|mode| r.mode == *mode);
        let within =
            rounds.iter().filter(|r| self.from <= r.at && r.at < self.to && r.at <= as_of).filter(mode);
        let known = |r: &Round| self.teams.iter().any(|(team, _)| *team == r.team);
        let counts = |r: &&Round| known(r) && (!self.led || !r.leader.is_empty());
        let (counted, astray): (Vec<&Round>, Vec<&Round>) = within.partition(counts);
        let mut reached: BTreeMap<String, Timestamp> = BTreeMap::new();
        for round in &counted {
            for village in round.villages.iter().filter(|v| self.goes_to(pack, round, v)) {
                if self.places.iter().any(|(place, _)| place == village) {
                    let first = reached.entry(village.clone()).or_insert(round.at);
                    *first = round.at.min(*first);
                }
            }
        }
        let visited = reached.keys().cloned().collect();
        let left = self.left(&visited).into_iter().map(str::to_owned).collect();
        let teams = self.teams.iter().map(|team| self.of_team(team, &counted, &visited, until)).collect();
        Covered { rounds: counted.len(), astray: astray.len(), reached, left, teams }
    }

    /// Whether a village counts for a round: where one town a visit is the rule, only in the town that it went to.
    fn goes_to(&self, pack: &Pack, round: &Round, village: &str) -> bool {
        !self.one_town || pack.town_of(village).is_some_and(|town| pack.town_of(&round.place) == Some(town))
    }

    fn of_team(
        &self,
        (team, lead): &(String, String),
        counted: &[&Round],
        visited: &BTreeSet<String>,
        until: Timestamp,
    ) -> TeamCovered {
        let own: Vec<&str> =
            self.places.iter().filter(|(_, of)| of == team).map(|(place, _)| place.as_str()).collect();
        let went: BTreeSet<Date> =
            counted.iter().filter(|r| r.team == *team).map(|r| beijing_date(r.at)).collect();
        TeamCovered {
            team: team.clone(),
            lead: lead.clone(),
            of: own.len(),
            covered: own.iter().filter(|place| visited.contains(**place)).count(),
            rounds: counted.iter().filter(|r| r.team == *team).count(),
            missed: self.every.map_or_else(Vec::new, |every| missed(every, (self.from, until), &went)),
        }
    }
}

/// First days of the periods that lie wholly in a span and in which nothing happened.
fn missed(every: Every, (from, until): (Timestamp, Timestamp), days: &BTreeSet<Date>) -> Vec<Date> {
    let months = match every {
        Every::Month => 1,
        Every::Quarter => 3,
    };
    let (first, end) = (beijing_date(from), beijing_date(until));
    let mut start = first.first_of_month();
    let mut missed = Vec::new();
    while let Ok(next) = start.checked_add(jiff::Span::new().months(months)) {
        if next > end {
            break;
        }
        if start >= first && days.range(start..next).next().is_none() {
            missed.push(start);
        }
        start = next;
    }
    missed
}

/// A mode of visits that a district knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitMode {
    /// Its code.
    pub id: String,
    /// Only a visit that names its leader counts.
    pub led: bool,
    /// Formats in which it is held; none: any.
    pub formats: Vec<String>,
    /// Whether it leaves a rectification list.
    pub rectifies: bool,
    /// What it rests on.
    pub basis: String,
}

/// Meetings of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingRule {
    /// The format, such as `joint`.
    pub id: String,
    /// The channel of the cases that arise from it.
    pub channel: String,
    /// What it rests on.
    pub basis: String,
    every: Option<Every>,
}

impl MeetingRule {
    /// First days of the periods of a span that are over and in which none was held.
    pub fn missed(&self, span: (Timestamp, Timestamp), held: &[Timestamp]) -> Vec<Date> {
        let days = held.iter().map(|at| beijing_date(*at)).collect();
        self.every.map_or_else(Vec::new, |every| missed(every, span, &days))
    }
}

impl Pack {
    /// Coverage plans in the order of the pack.
    pub fn coverages(&self) -> impl Iterator<Item = Coverage> {
        let name = |name: &rules::Name| name.get_ref().clone();
        self.rules.coverages.iter().map(move |c| {
            let of = |team: &rules::Team| {
                let id = name(&team.id);
                team.places.iter().map(move |p| (name(p), id.clone())).collect::<Vec<_>>()
            };
            let mut places: Vec<(String, String)> = c.teams.iter().flat_map(of).collect();
            places.sort();
            let mode = c.mode.as_ref().map(name);
            let led = self.rules.visits.iter().any(|v| Some(v.id.get_ref()) == mode.as_ref() && v.led);
            Coverage {
                id: name(&c.id),
                from: c.from,
                to: c.to,
                label: c.label.clone(),
                basis: c.basis.clone(),
                places,
                teams: c.teams.iter().map(|t| (name(&t.id), name(&t.lead))).collect(),
                mode,
                every: c.every,
                one_town: c.one_town,
                led,
            }
        })
    }

    /// Modes of visits in the order of the pack.
    pub fn visit_modes(&self) -> impl Iterator<Item = VisitMode> {
        self.rules.visits.iter().map(|v| VisitMode {
            id: v.id.get_ref().clone(),
            led: v.led,
            formats: v.formats.iter().map(|f| f.get_ref().clone()).collect(),
            rectifies: v.rectify.is_some(),
            basis: v.basis.clone(),
        })
    }

    /// By when the rectification list of a visit of this mode is to be worked off; `None`: there is none.
    pub fn rectified_by(&self, mode: &str, visited: Timestamp) -> Option<Timestamp> {
        let rule = self.rules.visits.iter().find(|v| v.id.get_ref() == mode)?;
        rule.rectify.map(|span| self.count(span, visited).at)
    }

    /// Formats of meetings in the order of the pack.
    pub fn meeting_rules(&self) -> impl Iterator<Item = MeetingRule> {
        self.rules.meetings.iter().map(|m| MeetingRule {
            id: m.id.get_ref().clone(),
            channel: m.channel.get_ref().clone(),
            basis: m.basis.clone(),
            every: m.every,
        })
    }

    /// The town that a place lies in or is.
    pub fn town_of(&self, place: &str) -> Option<&str> {
        let town = |code: &&str| {
            self.units.latest(code).is_some_and(|u| u.level == Level::Town)
                && code.bytes().all(|b| b.is_ascii_digit())
        };
        let own = self.units.latest(place).map(|unit| unit.code.as_str());
        own.into_iter().chain(self.units.above(place)).find(town)
    }
}
