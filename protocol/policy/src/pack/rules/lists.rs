//! The shape of what a pack lists beside its rules: grades, crosswalks, campaigns, coverage plans.
//!
//! Owns their entries as written. Never decides by them; a grade is a fact that routes may read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Name;
use crate::clock::{Span, moment};

/// Severity × urgency (轻重缓急): the first that lists both is the fact `grade`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grade {
    pub(crate) id: Name,
    /// Severities; an empty string stands for unset.
    pub(crate) severity: Vec<Name>,
    pub(crate) urgency: Vec<Name>,
    #[expect(dead_code, reason = "for people; the check of a pack sees that it is there")]
    pub(crate) basis: String,
}

/// Another list of categories, each with the categories of this pack that fall under it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Crosswalk {
    pub(crate) id: Name,
    /// How many categories the other list has, as published.
    pub(crate) of: usize,
    /// The other list's code to codes of this pack, the first being the one that intake proposes.
    pub(crate) map: BTreeMap<Name, Vec<Name>>,
    #[expect(dead_code, reason = "for people; the check of a pack sees that it is there")]
    pub(crate) basis: String,
}

/// A cohort of its own (大起底): a year's total and a campaign's differ.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Campaign {
    pub(crate) id: Name,
    #[serde(deserialize_with = "moment")]
    pub(crate) from: Timestamp,
    /// Exclusive.
    #[serde(deserialize_with = "moment")]
    pub(crate) to: Timestamp,
    pub(crate) basis: String,
}

/// Which places are to be visited by whom: an explicit, labelled subset of the district.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coverage {
    pub(crate) id: Name,
    #[serde(deserialize_with = "moment")]
    pub(crate) from: Timestamp,
    #[serde(deserialize_with = "moment")]
    pub(crate) to: Timestamp,
    /// The mode of the visits that count, such as `concentrated`; left out: visits of any mode.
    #[serde(default)]
    pub(crate) mode: Option<Name>,
    /// How often each team is to go; left out: whenever.
    #[serde(default)]
    pub(crate) every: Option<Every>,
    /// A visit counts for the town that it goes to and for no other (一次一镇).
    #[serde(default)]
    pub(crate) one_town: bool,
    /// How many places, as published.
    pub(crate) of: usize,
    /// Why these and not others.
    pub(crate) label: String,
    #[serde(rename = "team")]
    pub(crate) teams: Vec<Team>,
    pub(crate) basis: String,
}

/// A cadence, in Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Every {
    Month,
    Quarter,
}

/// A mode of visits that the district knows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VisitMode {
    pub(crate) id: Name,
    /// Informal formats in which it is held (塘边调查、田间交流、围坐谈心); left out: any.
    #[serde(default)]
    pub(crate) formats: Vec<Name>,
    /// Only a visit that names its leader counts.
    #[serde(default)]
    pub(crate) led: bool,
    /// By when each item of its rectification list is to be put right, from the visit on. Left out: it has none.
    #[serde(default)]
    pub(crate) rectify: Option<Span>,
    pub(crate) basis: String,
}

/// Meetings of a format that are to be held regularly.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MeetingRule {
    /// The format, such as `joint`.
    pub(crate) id: Name,
    /// How often at least; left out: whenever there is something.
    #[serde(default)]
    pub(crate) every: Option<Every>,
    /// The channel of the cases that arise from it.
    pub(crate) channel: Name,
    pub(crate) basis: String,
}

/// One team of a coverage plan.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Team {
    pub(crate) id: Name,
    /// The unit that leads it.
    pub(crate) lead: Name,
    pub(crate) places: Vec<Name>,
}
