//! The shape of what a pack lists beside its rules: grades, crosswalks, campaigns, coverage plans.
//!
//! Owns their entries as written. Never decides by them; a grade is a fact that routes may read.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;

use super::Name;
use crate::clock::moment;

/// Severity × urgency (轻重缓急): the first that lists both is the fact `grade`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grade {
    pub(crate) id: Name,
    /// Severities; an empty string stands for unset.
    pub(crate) severity: Vec<Name>,
    pub(crate) urgency: Vec<Name>,
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
    /// How many places, as published.
    pub(crate) of: usize,
    /// Why these and not others.
    pub(crate) label: String,
    #[serde(rename = "team")]
    pub(crate) teams: Vec<Team>,
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
