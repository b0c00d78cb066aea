//! Figures about cases: each names its cohort, its cut-off and its denominator, and is computed from columns that the
//! commit of each decision writes (`store::standings`).
//!
//! Never reads the clock: the cut-off is given, and what came after it does not count. Never opens a case;
//! [`recount`] does, from the decisions themselves, so that `verify` can compare.

mod cohort;
pub mod recount;
pub mod rounds;

pub use cohort::{Cohort, Unknown};

use doorstep_policy::{How, Pack, Resolved, Satisfaction};
use doorstep_protocol::ids::Millis;
use serde::Serialize;

use crate::pipeline::Centre;
use crate::store::standings::{Marks, Sight, Tally};
use crate::store::{Kept, Store};

macro_rules! measures {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What is counted of a cohort, as things stood at the cut-off. Its denominator is the cohort, save where it says
        /// otherwise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Measure { $($(#[$doc])* $variant),+ }

        impl Measure {
            /// Every measure with its name.
            pub const ALL: &'static [(&'static str, Measure)] = &[$(($name, Measure::$variant)),+];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Measure::$variant => $name),+ }
            }
        }
    };
}

measures! {
    /// Registered.
    Collected = "collected",
    /// Decided after intake: somebody is responsible, or was.
    Assigned = "assigned",
    /// Taken on by its unit, claimed or closed. The first of the three rates (响应率).
    Responded = "responded",
    /// Claimed resolved (办结) by the handler, and neither returned nor to be done again. A claim goes on standing
    /// when the case is verified and closed.
    Claimed = "claimed",
    /// Verified resolved (核实) by somebody else.
    Verified = "verified",
    /// Closed, in whatever way; withdrawn and not accepted too.
    Closed = "closed",
    /// What the district publishes as resolved: claimed, verified, or closed save for those withdrawn or not
    /// accepted, as the pack that made the last decision says. The second of the three rates (解决率).
    Resolved = "resolved",
    /// Neither resolved nor closed.
    Open = "open",
    /// Open, and past the due time.
    Overdue = "overdue",
    /// The person answered when asked.
    Asked = "asked",
    /// The person said so when asked. The third of the three rates (满意率); its denominator is those who answered.
    Satisfied = "satisfied",
    /// Closed although the person did not sign: counted apart.
    Unusual = "unusual",
    /// Opened again after being closed, at least once.
    Reopened = "reopened",
    /// Done again, at least once: not verified, not satisfied, did not last.
    Redone = "redone",
    /// Filed as a case of discipline (立案). Of leads in a compartment: counted, never told which.
    Filed = "filed",
    /// Filed, and somebody was punished (处分).
    Punished = "punished",
}

impl Measure {
    /// The measure of this name.
    pub fn named(name: &str) -> Option<Measure> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, measure)| *measure)
    }

    /// What it is a share of.
    pub const fn of(self) -> Measure {
        match self {
            Measure::Satisfied => Measure::Asked,
            _ => Measure::Collected,
        }
    }
}

/// One figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The rate, numerator by denominator; 0 where there is nothing to divide by.
    pub value: f64,
    /// Cases that count.
    pub numerator: u64,
    /// Cases that it is a share of.
    pub denominator: u64,
}

impl Figure {
    /// So many of so many.
    pub fn of(numerator: u64, denominator: u64) -> Figure {
        let value = if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 };
        Figure { value, numerator, denominator }
    }
}

/// Every figure of a cohort, counted at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures(Vec<(Measure, u64)>);

impl Figures {
    /// One of them.
    pub fn figure(&self, measure: Measure) -> Figure {
        Figure::of(self.count(measure), self.count(measure.of()))
    }

    /// The cases that a measure counts.
    pub fn count(&self, measure: Measure) -> u64 {
        self.0.iter().find(|(known, _)| *known == measure).map_or(0, |(_, cases)| *cases)
    }

    fn empty() -> Figures {
        Figures(Measure::ALL.iter().map(|(_, measure)| (*measure, 0)).collect())
    }

    fn add(&mut self, cases: u64, counts: impl Fn(Measure) -> bool) {
        let counted = self.0.iter_mut().filter(|(measure, _)| counts(*measure));
        counted.for_each(|(_, sum)| *sum += cases);
    }
}

/// Computes one figure over all districts of the store, for its operator: compartments are counted too.
pub async fn compute<S: Store>(
    centre: &Centre<S>,
    measure: Measure,
    cohort: &Cohort,
    cutoff: Millis,
) -> Kept<Figure> {
    Ok(of_all(centre, cohort, cutoff).await?.figure(measure))
}

/// Every figure of a cohort over all districts, for the operator.
pub async fn of_all<S: Store>(centre: &Centre<S>, cohort: &Cohort, cutoff: Millis) -> Kept<Figures> {
    let mut all = Figures::empty();
    for district in centre.packs().districts() {
        let figures = of_district(centre, district, (cohort, cutoff), Sight::All).await?;
        all.0.iter_mut().for_each(|(measure, sum)| *sum += figures.count(*measure));
    }
    Ok(all)
}

/// Every figure of a cohort of one district, as of a cut-off, of what `sight` lets count.
pub async fn of_district<S: Store>(
    centre: &Centre<S>,
    district: &str,
    (cohort, cutoff): (&Cohort, Millis),
    sight: Sight,
) -> Kept<Figures> {
    let packs = centre.packs();
    let pack = packs.of(district, centre.now()).map(|pack| &**pack);
    let mut figures = Figures::empty();
    let Some(slice) = cohort.slice(district, cutoff, pack, sight) else { return Ok(figures) };
    for tally in centre.store().tally(slice).await? {
        // By the version that decided: what a later pack publishes does not change a past figure.
        let by = packs.version(&tally.policy).map(|pack| &**pack).or(pack);
        let resolved = by.map_or(Resolved::default(), Pack::resolved);
        figures.add(tally.cases, |measure| counts(measure, &tally, resolved));
    }
    Ok(figures)
}

fn counts(measure: Measure, tally: &Tally, resolved: Resolved) -> bool {
    let (marks, how) = (tally.marks, tally.how);
    let is_resolved = match resolved {
        Resolved::Claimed => marks.has(Marks::CLAIMED),
        Resolved::Verified => marks.has(Marks::VERIFIED),
        Resolved::Closed => how.is_some_and(|how| !matches!(how, How::Declined | How::Withdrawn)),
    };
    let open = !is_resolved && how.is_none();
    match measure {
        Measure::Collected => true,
        Measure::Assigned => marks.has(Marks::ASSIGNED),
        Measure::Responded => marks.has(Marks::TAKEN_ON) || marks.has(Marks::CLAIMED) || how.is_some(),
        Measure::Claimed => marks.has(Marks::CLAIMED),
        Measure::Verified => marks.has(Marks::VERIFIED),
        Measure::Closed => how.is_some(),
        Measure::Resolved => is_resolved,
        Measure::Open => open,
        Measure::Overdue => open && tally.late,
        Measure::Asked => {
            matches!(tally.satisfaction, Some(Satisfaction::Satisfied | Satisfaction::NotSatisfied))
        }
        Measure::Satisfied => tally.satisfaction == Some(Satisfaction::Satisfied),
        Measure::Unusual => how.is_some_and(How::is_unusual),
        Measure::Reopened => marks.has(Marks::REOPENED),
        Measure::Redone => marks.has(Marks::REDONE),
        Measure::Filed => marks.has(Marks::FILED),
        Measure::Punished => marks.has(Marks::PUNISHED),
    }
}
