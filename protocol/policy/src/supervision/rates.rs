//! Rates of units over a cohort, what they call for, and the red and black list.
//!
//! Owns the counting and the ranking, in whole numbers: no rounding differs from one machine to the next.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Decision, How, Life, Pack, Resolved, Satisfaction};

/// What a unit's cases of a cohort come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Cases of the cohort.
    pub collected: u64,
    /// Of these, resolved as the district publishes it.
    pub resolved: u64,
    /// Claimed at least once.
    pub handled: u64,
    /// Done again at least once.
    pub redone: u64,
    /// The person answered.
    pub answered: u64,
    /// And was satisfied.
    pub satisfied: u64,
    /// Neither resolved nor closed, and past the due time.
    pub overdue: u64,
}

/// A rate that packs weigh and judge by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rate {
    /// Resolved, of those collected.
    Completion,
    /// Satisfied, of those who answered.
    Satisfaction,
    /// Done again, of those ever claimed.
    Redo,
    /// Overdue, of those collected.
    Overdue,
}

impl Rate {
    /// Every rate.
    pub const ALL: [Self; 4] = [Self::Completion, Self::Satisfaction, Self::Redo, Self::Overdue];

    /// The code as in JSON, in packs and in string files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Completion => "completion",
            Self::Satisfaction => "satisfaction",
            Self::Redo => "redo",
            Self::Overdue => "overdue",
        }
    }

    /// Numerator and denominator.
    pub const fn of(self, tally: &Tally) -> (u64, u64) {
        match self {
            Self::Completion => (tally.resolved, tally.collected),
            Self::Satisfaction => (tally.satisfied, tally.answered),
            Self::Redo => (tally.redone, tally.handled),
            Self::Overdue => (tally.overdue, tally.collected),
        }
    }
}

impl Tally {
    /// Counts one case by where its life stands.
    pub fn count(&mut self, life: &Life, due: Option<Timestamp>, (resolved, cutoff): (Resolved, Timestamp)) {
        let how = life.closed.map(|closed| closed.how);
        let is_resolved = match resolved {
            Resolved::Claimed => life.claimed_at.is_some(),
            Resolved::Verified => life.verified_at.is_some(),
            Resolved::Closed => how.is_some_and(|how| !matches!(how, How::Declined | How::Withdrawn)),
        };
        let answer = life.satisfaction.filter(|answer| *answer != Satisfaction::Unreachable);
        self.collected += 1;
        self.resolved += u64::from(is_resolved);
        self.handled += u64::from(life.claimed_at.is_some() || life.redo > 0);
        self.redone += u64::from(life.redo > 0);
        self.answered += u64::from(answer.is_some());
        self.satisfied += u64::from(answer == Some(Satisfaction::Satisfied));
        let late = due.is_some_and(|due| due < cutoff);
        self.overdue += u64::from(!is_resolved && how.is_none() && late);
    }

    /// Both together.
    pub fn add(&mut self, other: &Self) {
        self.collected += other.collected;
        self.resolved += other.resolved;
        self.handled += other.handled;
        self.redone += other.redone;
        self.answered += other.answered;
        self.satisfied += other.satisfied;
        self.overdue += other.overdue;
    }

    /// The same tallies by the units of a level that the pack ranks; what belongs to none of them is left out.
    pub fn by_level(pack: &Pack, units: &BTreeMap<String, Self>) -> BTreeMap<String, Self> {
        let mut by: BTreeMap<String, Self> = BTreeMap::new();
        let Some(rule) = &pack.rules().list else { return by };
        for (unit, tally) in units {
            let chain = std::iter::once(unit.as_str()).chain(pack.units_above(unit));
            let of_level = |code: &&str| {
                let found = pack.units_ref().latest(code);
                // A centre is of its town's level and belongs to the town.
                found.is_some_and(|u| {
                    u.level == rule.level && !has_level_above(pack, u.code.as_str(), rule.level)
                })
            };
            if let Some(code) = chain.into_iter().find(of_level) {
                by.entry(code.to_owned()).or_default().add(tally);
            }
        }
        by
    }
}

fn has_level_above(pack: &Pack, code: &str, level: crate::Level) -> bool {
    pack.units_above(code).into_iter().any(|c| pack.units_ref().latest(c).is_some_and(|u| u.level == level))
}

impl Decision {
    /// The unit that a case counts for: whoever handled it, or has it.
    pub fn counts_for(&self) -> Option<&str> {
        self.life.handlers.first().or(self.unit.as_ref()).map(String::as_str)
    }
}

/// What a pack holds a unit's rate against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateRule {
    /// Its id.
    pub id: String,
    /// The rate.
    pub rate: Rate,
    /// Below this percentage, or above that one.
    pub below: Option<u32>,
    /// Above this percentage.
    pub above: Option<u32>,
    /// The denominator has at least so many.
    pub least: u64,
    /// What it rests on.
    pub basis: String,
}

/// A unit whose rate calls for an interview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// The rule of the pack.
    pub rule: String,
    /// The rate.
    pub rate: Rate,
    /// The unit.
    pub unit: String,
    /// The rate's numerator.
    pub numerator: u64,
    /// Its denominator.
    pub denominator: u64,
}

impl RateRule {
    fn judges(&self, (numerator, denominator): (u64, u64)) -> bool {
        if denominator == 0 || denominator < self.least {
            return false;
        }
        let (part, whole) = (u128::from(numerator) * 100, u128::from(denominator));
        let below = self.below.is_some_and(|percent| part < u128::from(percent) * whole);
        below || self.above.is_some_and(|percent| part > u128::from(percent) * whole)
    }

    /// The units of a cohort that the rule calls up, by code.
    pub fn triggers(&self, units: &BTreeMap<String, Tally>) -> Vec<Trigger> {
        let of = |(unit, tally): (&String, &Tally)| {
            let (numerator, denominator) = self.rate.of(tally);
            self.judges((numerator, denominator)).then(|| Trigger {
                rule: self.id.clone(),
                rate: self.rate,
                unit: unit.clone(),
                numerator,
                denominator,
            })
        };
        units.iter().filter_map(of).collect()
    }
}

/// A red and black list (红黑榜): every unit ranked, and both ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Unit, tally and score, best first. Scores are thousandths of the weights' sum.
    pub ranked: Vec<(String, Tally, i64)>,
    /// Units with fewer cases than the pack asks for: not ranked.
    pub small: Vec<String>,
    /// The red end, best first.
    pub red: Vec<String>,
    /// The black end, worst first.
    pub black: Vec<String>,
}

impl List {
    /// Ranks the units of a cohort by the pack's rule. Nobody is on both ends, and equal scores share a fate: an end
    /// that would divide equals takes none of them.
    pub fn of(pack: &Pack, units: &BTreeMap<String, Tally>) -> Option<Self> {
        let rule = pack.rules().list.as_ref()?;
        let score = |tally: &Tally| {
            let part = |w: &crate::pack::rules::Weight| {
                let (numerator, denominator) = w.measure.of(tally);
                // What nobody was asked about speaks neither for nor against.
                if denominator == 0 { 0 } else { w.weight * per_mille(numerator, denominator) }
            };
            rule.weights.iter().map(part).sum::<i64>()
        };
        let (enough, small): (Vec<_>, Vec<_>) = units.iter().partition(|(_, t)| t.collected >= rule.least);
        let mut ranked: Vec<(String, Tally, i64)> =
            enough.into_iter().map(|(unit, tally)| (unit.clone(), *tally, score(tally))).collect();
        ranked.sort_by(|a, b| (b.2, &a.0).cmp(&(a.2, &b.0)));
        let red = end(&ranked, rule.red.min(ranked.len() / 2));
        let backward: Vec<_> = ranked.iter().rev().cloned().collect();
        let black = end(&backward, rule.black.min(ranked.len() / 2));
        let small = small.into_iter().map(|(unit, _)| unit.clone()).collect();
        Some(Self { ranked, small, red, black })
    }
}

/// The first so many, as far as the last of them differs from the next.
fn end(ranked: &[(String, Tally, i64)], size: usize) -> Vec<String> {
    let mut size = size;
    while size > 0 && ranked.get(size).is_some_and(|next| next.2 == ranked[size - 1].2) {
        size -= 1;
    }
    ranked.iter().take(size).map(|(unit, ..)| unit.clone()).collect()
}

fn per_mille(numerator: u64, denominator: u64) -> i64 {
    i64::try_from(u128::from(numerator) * 1000 / u128::from(denominator)).unwrap_or(i64::MAX)
}
