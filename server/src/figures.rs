//! Figures about cases: each names its cohort, its cut-off and its denominator, and is computed from
//! stored changes and decisions alone.
//!
//! Never reads the clock: the cut-off is given, and what came after it does not count.

use doorstep_policy::{Decision, Directive, Pack};
use doorstep_protocol::documents::{Field, Kind};
use doorstep_protocol::ids::Millis;
use serde::Serialize;

use crate::pipeline::Centre;
use crate::policies::Packs;
use crate::store::{Kept, Store, Stored, Walk};

/// What is counted. A rate's denominator is the cohort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Cases registered by the cut-off.
    Collected,
    /// Of these, decided after settling: somebody is responsible.
    Assigned,
    /// Of these, claimed resolved (办结) by the handler as their state at the cut-off.
    Claimed,
    /// Of these, not claimed resolved.
    Open,
    /// Of the open ones, past their due time at the cut-off.
    Overdue,
}

impl Measure {
    /// Every measure with its name.
    pub const ALL: [(&'static str, Measure); 5] = [
        ("collected", Measure::Collected),
        ("assigned", Measure::Assigned),
        ("claimed", Measure::Claimed),
        ("open", Measure::Open),
        ("overdue", Measure::Overdue),
    ];

    /// The measure of this name.
    pub fn named(name: &str) -> Option<Measure> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, measure)| measure)
    }
}

/// Which cases are looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cohort {
    /// All.
    All,
    /// Registered in this year, Beijing time.
    Year(i16),
    /// Registered in this campaign of the district's pack.
    Campaign(String),
    /// With this value in a field that policy reads, such as `channel=scan`, at the last decision.
    Field {
        /// The field's name.
        field: String,
        /// The value.
        value: String,
    },
}

impl Cohort {
    /// `all`, `year=2026`, `campaign=ID` or `FIELD=VALUE`.
    pub fn parse(text: &str) -> Option<Cohort> {
        match text.split_once('=') {
            None => (text == "all").then_some(Cohort::All),
            Some(("year", year)) => year.parse().ok().map(Cohort::Year),
            Some(("campaign", id)) => Some(Cohort::Campaign(id.to_owned())),
            Some((field, value)) => {
                let known = Kind::Case.field(field).is_some_and(Field::is_word);
                known.then(|| Cohort::Field { field: field.to_owned(), value: value.to_owned() })
            }
        }
    }

    /// Whether a pack has what the cohort names.
    pub fn is_known(&self, packs: &Packs) -> bool {
        match self {
            Cohort::Campaign(id) => packs.all().any(|pack| pack.campaigns().any(|c| c.id == *id)),
            _ => true,
        }
    }

    fn has(&self, stored: &Stored, last: Option<&Decision>, pack: Option<&Pack>) -> bool {
        match self {
            Cohort::All => true,
            Cohort::Year(year) => {
                let at = crate::pipeline::timestamp(stored.row.registered);
                jiff::tz::offset(8).to_datetime(at).year() == *year
            }
            Cohort::Campaign(id) => {
                let at = crate::pipeline::timestamp(stored.row.registered);
                let campaign = pack.and_then(|pack| pack.campaigns().find(|c| c.id == *id));
                campaign.is_some_and(|c| c.from <= at && at < c.to)
            }
            Cohort::Field { field, value } => last
                .is_some_and(|decision| decision.projection.field(field).values().contains(value.as_str())),
        }
    }
}

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The rate, numerator by denominator; 0 where the cohort is empty.
    pub value: f64,
    /// Cases that count.
    pub numerator: u64,
    /// Cases of the cohort.
    pub denominator: u64,
}

/// Computes a figure as of a cut-off.
pub async fn compute<S: Store>(
    centre: &Centre<S>,
    measure: Measure,
    cohort: &Cohort,
    cutoff: Millis,
) -> Kept<Figure> {
    let (mut numerator, mut denominator) = (0, 0);
    let packs = centre.packs();
    let mut walk = Walk::over(&**centre.store());
    while let Some(stored) = walk.next().await? {
        if stored.row.kind != Kind::Case || stored.row.registered > cutoff {
            continue;
        }
        let all = stored.decisions.iter().map(|row| &row.decision);
        let decisions: Vec<&Decision> = all.filter(|d| d.at.as_millisecond() <= cutoff).collect();
        let pack = packs.of(&stored.row.district, centre.now()).map(|pack| &**pack);
        if cohort.has(&stored, decisions.last().copied(), pack) {
            denominator += 1;
            numerator += u64::from(counts(measure, &decisions, cutoff));
        }
    }
    let value = if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 };
    Ok(Figure { value, numerator, denominator })
}

fn counts(measure: Measure, decisions: &[&Decision], cutoff: Millis) -> bool {
    // The handler's claim stands until the case is given back or decided anew.
    let standing = decisions.iter().rev().find(|d| {
        !matches!(
            d.directive,
            Directive::Remind | Directive::Supervise | Directive::Overdue | Directive::Extend
        )
    });
    let claimed = standing.is_some_and(|decision| decision.directive == Directive::Claim);
    match measure {
        Measure::Collected => true,
        Measure::Assigned => decisions.iter().any(|d| !matches!(d.directive, Directive::Accept)),
        Measure::Claimed => claimed,
        Measure::Open => !claimed,
        Measure::Overdue => !claimed && decisions.last().is_some_and(|d| d.due.as_millisecond() < cutoff),
    }
}
