//! Figures a second time, from the decisions themselves: what `verify` holds the columns against.
//!
//! Shares with the first way what a measure means for a pack, and nothing of how it is stored or asked for.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Decision, How, Pack, Resolved, Satisfaction};
use doorstep_protocol::ids::Millis;

use super::{Cohort, Figure, Measure, of_all};
use crate::pipeline::{Centre, timestamp};
use crate::store::{Kept, Store, Stored};

/// Measures that are recounted.
const MEASURES: [Measure; 6] = [
    Measure::Collected,
    Measure::Resolved,
    Measure::Open,
    Measure::Overdue,
    Measure::Asked,
    Measure::Satisfied,
];
/// Milliseconds before now of the cut-offs that are recounted: now, a week, a quarter and two years ago.
const BEFORE: [Millis; 5] = [0, MINUTE, 7 * DAY, 90 * DAY, 730 * DAY];
const MINUTE: Millis = 60 * 1000;
const DAY: Millis = 24 * 60 * 60 * 1000;

/// Counts of one walk over all cases, by cut-off, measure and cohort: all, and each year.
#[derive(Debug, Default)]
pub struct Recount {
    counted: BTreeMap<(Millis, &'static str, Option<i16>), u64>,
    now: Millis,
    cutoffs: Vec<Millis>,
    /// The ends of the feeds when it began.
    heads: Vec<u64>,
}

impl Recount {
    /// A recount as of now and of some times before.
    pub async fn begin<S: Store>(centre: &Centre<S>) -> Kept<Recount> {
        let now = centre.now();
        let cutoffs = BEFORE.iter().map(|before| now - before).collect();
        Ok(Recount { counted: BTreeMap::new(), now, cutoffs, heads: heads(centre).await? })
    }

    /// Takes in one case.
    pub fn take<S: Store>(&mut self, centre: &Centre<S>, stored: &Stored) {
        let year = jiff::tz::offset(8).to_datetime(timestamp(stored.row.registered)).year();
        for cutoff in self.cutoffs.clone() {
            if stored.row.registered > cutoff {
                continue;
            }
            let made = stored.decisions.iter().map(|row| &row.decision);
            let last = made.rev().find(|decision| decision.at.as_millisecond() <= cutoff);
            let packs = centre.packs();
            let by = last.and_then(|last| packs.version(&last.policy));
            let by = by.or_else(|| packs.of(&stored.row.district, centre.now()));
            let resolved = by.map_or(Resolved::default(), |pack| Pack::resolved(pack));
            for measure in MEASURES {
                if counts(measure, last, resolved, cutoff) {
                    for cohort in [None, Some(year)] {
                        *self.counted.entry((cutoff, measure.name(), cohort)).or_default() += 1;
                    }
                }
            }
        }
    }

    /// Each figure as it is published, as it was recounted, and what it is of.
    pub async fn compare<S: Store>(&self, centre: &Centre<S>) -> Kept<Vec<(Figure, Figure, String)>> {
        let mut compared = Vec::new();
        // What was committed since the walk began may be nominally of a moment ago.
        let still = heads(centre).await? == self.heads;
        let settled = |cutoff: &&Millis| still || **cutoff <= self.now - MINUTE;
        let years: BTreeSet<Option<i16>> = self.counted.keys().map(|(_, _, year)| *year).collect();
        for cutoff in self.cutoffs.iter().filter(settled) {
            for year in &years {
                let text = year.map_or_else(|| "all".to_owned(), |year| format!("year={year}"));
                let cohort = Cohort::parse(&text).unwrap_or_default();
                let published = of_all(centre, &cohort, *cutoff).await?;
                for measure in MEASURES {
                    let count = |of: Measure| self.counted.get(&(*cutoff, of.name(), *year)).copied();
                    let count = |of: Measure| count(of).unwrap_or_default();
                    let recounted = Figure::of(count(measure), count(measure.of()));
                    let of = format!("{} of {text} as of {cutoff}", measure.name());
                    compared.push((published.figure(measure), recounted, of));
                }
            }
        }
        Ok(compared)
    }
}

async fn heads<S: Store>(centre: &Centre<S>) -> Kept<Vec<u64>> {
    let mut heads = Vec::new();
    for district in centre.packs().districts() {
        heads.push(centre.store().head(district).await?);
    }
    Ok(heads)
}

fn counts(measure: Measure, last: Option<&Decision>, resolved: Resolved, cutoff: Millis) -> bool {
    let Some(last) = last else { return matches!(measure, Measure::Collected | Measure::Open) };
    let life = &last.life;
    let how = life.closed.map(|closed| closed.how);
    let is_resolved = match resolved {
        Resolved::Claimed => life.claimed_at.is_some(),
        Resolved::Verified => life.verified_at.is_some(),
        Resolved::Closed => how.is_some_and(|how| !matches!(how, How::Declined | How::Withdrawn)),
    };
    let open = !is_resolved && how.is_none();
    match measure {
        Measure::Collected => true,
        Measure::Resolved => is_resolved,
        Measure::Open => open,
        Measure::Overdue => open && last.due.as_millisecond() < cutoff,
        Measure::Satisfied => life.satisfaction == Some(Satisfaction::Satisfied),
        Measure::Asked => {
            matches!(life.satisfaction, Some(Satisfaction::Satisfied | Satisfaction::NotSatisfied))
        }
        _ => false,
    }
}
