//! What conditions see: one set of plain strings per way in which the case's disputes may end.
//!
//! Owns combining disputed values and deriving the town and level of a place. Never picks a side.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::condition::{Condition, Variables, context};
use crate::{Level, Pack, Projection};

/// More ways than this to end the disputes of a case are not enumerated.
pub(crate) const MAX_SIDES: usize = 512;

/// The variables of one possible case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts(pub(crate) Variables);

impl Facts {
    /// Variables beside the fields: level and town of the place, unit and level of the author's unit, and the grade that
    /// severity and urgency make together.
    pub(crate) const DERIVED: &'static [&'static str] =
        &["place_level", "town", "author_unit", "author_level", "grade"];

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn derive(mut self, pack: &Pack, projection: &Projection, at: Timestamp) -> Self {
        let author = projection.author_unit.clone().unwrap_or_default();
        let place = pack.units_ref().standing(self.get("place"), at);
        let level = place.map_or("", |u| level_name(u.level)).to_owned();
        let town = place.and_then(|u| town_of(pack, &u.code)).unwrap_or_default().to_owned();
        let author_level = pack.units_ref().latest(&author).map_or("", |u| level_name(u.level)).to_owned();
        let grade = pack.grade(self.get("severity"), self.get("urgency")).to_owned();
        self.0.insert("grade".into(), grade);
        self.0.insert("place_level".into(), level);
        self.0.insert("town".into(), town);
        self.0.insert("author_unit".into(), author);
        self.0.insert("author_level".into(), author_level);
        self
    }
}

/// The town that a unit is or lies in.
pub(crate) fn town_of<'a>(pack: &'a Pack, code: &'a str) -> Option<&'a str> {
    let is_town = |c: &&str| {
        let unit = pack.units_ref().latest(c);
        unit.is_some_and(|u| u.level == Level::Town && u.parent.as_deref() == Some(pack.district()))
    };
    std::iter::once(code).chain(pack.units_above(code)).find(is_town)
}

/// Every way in which the disputes over read fields may end; `None` when there are more than [`MAX_SIDES`].
pub(crate) fn sides(pack: &Pack, projection: &Projection, at: Timestamp) -> Option<Vec<Facts>> {
    combine(pack, projection, at, pack.reads().iter().collect())
}

fn combine(pack: &Pack, projection: &Projection, at: Timestamp, fields: Vec<&String>) -> Option<Vec<Facts>> {
    let mut sides: Vec<Variables> = vec![BTreeMap::new()];
    for field in fields {
        let values = projection.field(field).values();
        if sides.len().checked_mul(values.len())? > MAX_SIDES {
            return None;
        }
        sides = sides
            .into_iter()
            .flat_map(|side| {
                values.iter().map(move |value| {
                    let mut side = side.clone();
                    side.insert(field.clone(), (*value).to_owned());
                    side
                })
            })
            .collect();
    }
    Some(sides.into_iter().map(|side| Facts(side).derive(pack, projection, at)).collect())
}

/// Whether a condition holds on any side; only what it reads is combined. Too many sides, or a condition that fails, count as yes: what this guards
/// (urgency, compartments) is the safe answer.
pub(crate) fn any_side(pack: &Pack, projection: &Projection, condition: &Condition) -> bool {
    let derived = Facts::DERIVED.iter().any(|d| condition.reads().contains(*d));
    let from = ["place", "severity", "urgency"];
    let read =
        |field: &&String| condition.reads().contains(*field) || derived && from.contains(&field.as_str());
    combine(pack, projection, projection.registered_at, pack.reads().iter().filter(read).collect())
        .is_none_or(|sides| sides.iter().any(|side| condition.holds(&context(&side.0)).unwrap_or(true)))
}

fn level_name(level: Level) -> &'static str {
    level.tier().code()
}
