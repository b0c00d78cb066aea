//! Figures about cases: each names its cohort, its cut-off and its denominator, and is computed from
//! stored changes and decisions alone.
//!
//! Never reads the clock: the cut-off is given, and what came after it does not count.

use doorstep_policy::{Decision, Directive, How, Pack, Resolved, Satisfaction};
use doorstep_protocol::documents::{Field, Kind};
use doorstep_protocol::ids::Millis;
use serde::Serialize;

use crate::pipeline::Centre;
use crate::policies::Packs;
use crate::store::{Kept, Store, Stored, Walk};

macro_rules! measures {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What is counted of a cohort, as things stood at the cut-off. A rate's denominator is the cohort.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Measure { $($(#[$doc])* $variant),+ }

        impl Measure {
            /// Every measure with its name.
            pub const ALL: &'static [(&'static str, Measure)] = &[$(($name, Measure::$variant)),+];
        }
    };
}

measures! {
    /// Registered.
    Collected = "collected",
    /// Decided after intake: somebody is responsible.
    Assigned = "assigned",
    /// Claimed resolved (办结) by the handler, and neither returned nor to be done again. A claim goes on standing
    /// when the case is verified and closed.
    Claimed = "claimed",
    /// Verified resolved (核实) by somebody else.
    Verified = "verified",
    /// Closed, in whatever way; withdrawn and not accepted too.
    Closed = "closed",
    /// What the district publishes as resolved: claimed, verified, or closed save for those withdrawn or not
    /// accepted, as the pack that made the last decision says.
    Resolved = "resolved",
    /// Neither resolved nor closed.
    Open = "open",
    /// Open, and past the due time.
    Overdue = "overdue",
    /// The person said so when asked.
    Satisfied = "satisfied",
    /// Closed although the person did not sign: counted apart.
    Unusual = "unusual",
    /// Opened again after being closed, at least once.
    Reopened = "reopened",
    /// Done again, at least once: not verified, not satisfied, did not last.
    Redone = "redone",
}

impl Measure {
    /// The measure of this name.
    pub fn named(name: &str) -> Option<Measure> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, measure)| *measure)
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
            // By the version that decided: what a later pack publishes does not change a past figure.
            let by =
                decisions.last().and_then(|last| packs.version(&last.policy).map(|pack| &**pack)).or(pack);
            let resolved = by.map_or(Resolved::default(), Pack::resolved);
            numerator += u64::from(counts(measure, &decisions, resolved, cutoff));
        }
    }
    let value = if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 };
    Ok(Figure { value, numerator, denominator })
}

fn counts(measure: Measure, decisions: &[&Decision], resolved: Resolved, cutoff: Millis) -> bool {
    let Some(last) = decisions.last() else { return matches!(measure, Measure::Collected | Measure::Open) };
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
        Measure::Assigned => decisions.iter().any(|d| d.directive != Directive::Accept),
        Measure::Claimed => life.claimed_at.is_some(),
        Measure::Verified => life.verified_at.is_some(),
        Measure::Closed => how.is_some(),
        Measure::Resolved => is_resolved,
        Measure::Open => open,
        Measure::Overdue => open && last.due.as_millisecond() < cutoff,
        Measure::Satisfied => life.satisfaction == Some(Satisfaction::Satisfied),
        Measure::Unusual => how.is_some_and(How::is_unusual),
        Measure::Reopened => life.reopened > 0,
        Measure::Redone => life.redo > 0,
    }
}
