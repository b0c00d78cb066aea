//! The shape of what a pack says about supervision: what is nearly due, draws, signals, clusters, accounts, interviews,
//! the red and black list.
//!
//! Owns the entries as written. A district that leaves one out does without it; nothing here decides a case.

use jiff::SignedDuration;
use jiff::civil::Time;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::{Name, duration};
use crate::pack::wording;
use crate::units::Level;

/// `[supervision]`: the ledger of what is overdue, nearly due or stuck.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupervisionRule {
    /// Due within this is nearly due.
    #[serde(deserialize_with = "duration")]
    pub(crate) near: SignedDuration,
    /// Units whose inspectors and leaders may look at any case at the desk, compartments apart. It enters no feed.
    #[serde(default)]
    pub(crate) oversight: Vec<Name>,
    /// What that rests on: it widens sight beyond what any case's audience says.
    #[serde(default)]
    pub(crate) oversight_basis: String,
    #[expect(dead_code, reason = "for people; the check of a pack sees that it is there")]
    pub(crate) basis: String,
}

/// `[[draw]]`: spot checks, drawn so that anybody can draw again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DrawRule {
    pub(crate) id: Name,
    /// From cases closed in this many days before the cut-off.
    pub(crate) days: u32,
    /// At most so many.
    pub(crate) size: u32,
    /// The seed is committed at least this long before the cut-off of the population.
    #[serde(deserialize_with = "duration")]
    pub(crate) notice: SignedDuration,
    /// Roles of the supervising units that may draw and inspect.
    pub(crate) roles: Vec<String>,
    pub(crate) basis: String,
}

/// `[signals]`: what inspectors are shown as possible false resolution (假化解). None of it decides anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignalsRule {
    /// Raised again so soon after closing.
    pub(crate) repeat_days: u32,
    /// Each names the fields, joined by `+`, in which a repeat is the same.
    pub(crate) repeat_by: Vec<Name>,
    /// Whether a photo that proves more than one case is shown.
    pub(crate) reused_photo: bool,
    pub(crate) bulk: Bulk,
    pub(crate) basis: String,
}

/// Many claims on account day.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    /// At least so many claims of a unit on the day.
    pub(crate) least: u32,
    /// And at least this share of its claims of the week.
    pub(crate) percent: u32,
}

/// `[clusters]`: many doors about one matter (风险预警).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClustersRule {
    /// Raised within so many days.
    pub(crate) days: u32,
    /// Open cases of one place and category, in no group, from at least so many.
    pub(crate) least: u32,
    pub(crate) basis: String,
}

/// `[account]`: the weekly account (报账制).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRule {
    pub(crate) weekday: Spanned<Weekday>,
    /// The hour of that day in Beijing.
    #[serde(deserialize_with = "hour")]
    pub(crate) until: Time,
    /// `centres` for every intake centre, or codes of units.
    pub(crate) units: Vec<Name>,
    /// At least so many pieces of evidence, where anything was claimed in the week.
    pub(crate) evidence: u32,
    pub(crate) basis: String,
}

/// A day of the week, in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// As the calendar has it.
    pub(crate) fn civil(self) -> jiff::civil::Weekday {
        use jiff::civil::Weekday as W;
        match self {
            Self::Monday => W::Monday,
            Self::Tuesday => W::Tuesday,
            Self::Wednesday => W::Wednesday,
            Self::Thursday => W::Thursday,
            Self::Friday => W::Friday,
            Self::Saturday => W::Saturday,
            Self::Sunday => W::Sunday,
        }
    }
}

/// `[[interview]]`: a rate of a unit's month that calls for an interview (约谈).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InterviewRule {
    pub(crate) id: Name,
    pub(crate) measure: Spanned<crate::supervision::Rate>,
    /// Below this percentage.
    #[serde(default)]
    pub(crate) below: Option<u32>,
    /// Above this percentage.
    #[serde(default)]
    pub(crate) above: Option<u32>,
    /// The denominator has at least so many.
    pub(crate) least: u64,
    pub(crate) basis: String,
}

/// `[list]`: the red and black list (红黑榜).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListRule {
    /// Units of this level are ranked; what lies below counts with them.
    pub(crate) level: Level,
    /// The cohort of a unit has at least so many.
    pub(crate) least: u64,
    /// So many at either end.
    pub(crate) red: usize,
    pub(crate) black: usize,
    #[serde(rename = "weigh")]
    pub(crate) weights: Vec<Weight>,
    pub(crate) basis: String,
}

/// How much a rate counts.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Weight {
    pub(crate) measure: crate::supervision::Rate,
    /// Negative for what is bad.
    pub(crate) weight: i64,
}

fn hour<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom(wording::NO_HOUR))
}
