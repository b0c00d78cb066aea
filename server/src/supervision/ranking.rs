//! A month's rates by unit: what calls for an interview, and the red and black list.
//!
//! A list is computed from stored rows, names its cohort and its cut-off, and is published once; `verify` computes it
//! again from the decisions.

use std::collections::BTreeMap;

use doorstep_policy::supervision::{List, Tally, Trigger};
use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::acts::{Act, Entry, INTERVIEW, LIST, busy};
use super::{Rights, SupervisionError};
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::pipeline::{Centre, timestamp};
use crate::store::oversight::Period;
use crate::store::{Kept, Person, Store};

/// A month in Beijing: the cohort of cases that were registered in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month(Date);

impl Month {
    /// `2026-11`, of the years that figures are asked for.
    pub fn parse(text: &str) -> Option<Self> {
        let first: Date = format!("{text}-01").parse().ok()?;
        limits::YEARS.contains(&i32::from(first.year())).then_some(Month(first))
    }

    /// The month of an instant.
    pub fn of(at: Millis) -> Self {
        Month(timestamp(at).to_zoned(beijing()).date().first_of_month())
    }

    /// The month before.
    pub fn before(self) -> Self {
        Month(self.0.yesterday().unwrap_or(self.0).first_of_month())
    }

    /// The month after.
    pub fn after(self) -> Self {
        Month(self.0.last_of_month().tomorrow().unwrap_or(self.0))
    }

    /// From its first instant to the next month's.
    pub fn period(self) -> Period {
        let start = |day: Date| {
            day.to_zoned(beijing()).map_or(Millis::MAX, |zoned| zoned.timestamp().as_millisecond())
        };
        Period { from: start(self.0), to: start(self.after().0) }
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

fn beijing() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// A month's rates, as somebody may see them.
#[derive(Clone, Debug)]
pub struct RatesView {
    /// The cohort.
    pub month: Month,
    /// As things stand now: every ranked unit's tally. Empty for whoever does not see the district.
    pub units: BTreeMap<String, Tally>,
    /// What calls for an interview now, and when it was held.
    pub called: Vec<(Trigger, Option<Millis>)>,
    /// The list that was published.
    pub published: Option<Published>,
    /// What a list would be now.
    pub preview: Option<List>,
    /// From when on it can be published.
    pub ends: Millis,
    /// Whether the person publishes lists and holds interviews.
    pub acts: bool,
}

/// A published list.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its number in the journal.
    pub n: u64,
    /// By whom, and when.
    pub by: (WorkerId, Millis),
    /// As things stood then.
    pub cutoff: Millis,
    /// The pack that ranked.
    pub policy: String,
    /// The list.
    pub list: List,
}

fn published(entries: Vec<Entry>) -> Option<Published> {
    entries.into_iter().find_map(|Entry { row, act }| match act {
        Act::ListPublished { cutoff, policy, list, .. } => {
            Some(Published { n: row.n, by: (row.worker, row.at), cutoff, policy, list })
        }
        _ => None,
    })
}

impl<S: Store> Centre<S> {
    /// The rates of a month. Whoever does not see the district sees what was published, and their own unit's call.
    pub async fn rates(&self, person: &Person, month: Month) -> Result<RatesView, SupervisionError> {
        let pack = self.pack(&person.district)?;
        if !authorize(person, Wish::Supervise, None) {
            return Err(SupervisionError::NotFound);
        }
        let rights = Rights::of(person, &pack);
        let (all, _) = self.month_tallies(&person.district, month, self.now()).await?;
        let topic = month.to_string();
        let published = published(self.acts_of(&person.district, LIST, Some(&topic)).await?);
        let interviews = self.acts_of(&person.district, INTERVIEW, Some(&topic)).await?;
        let held = |trigger: &Trigger| {
            interviews.iter().find_map(|Entry { row, act }| match act {
                Act::InterviewHeld { trigger: of, .. } => {
                    (of.rule == trigger.rule && of.unit == trigger.unit).then_some(row.at)
                }
                _ => None,
            })
        };
        let called = pack.interviews().flat_map(|rule| rule.triggers(&all));
        let seen = called.filter(|trigger| rights.whole || pack.is_within(&person.unit, &trigger.unit));
        let called = seen.map(|trigger| (trigger.clone(), held(&trigger))).collect();
        let preview = List::of(&pack, &all).filter(|_| rights.whole);
        let units = if rights.whole { all } else { BTreeMap::new() };
        let ends = month.period().to;
        Ok(RatesView { month, units, called, published, preview, ends, acts: rights.acts })
    }

    /// Publishes the list of a month that has ended: once.
    pub async fn publish_list(&self, person: &Person, month: Month) -> Result<(), SupervisionError> {
        let pack = self.pack(&person.district)?;
        if !Rights::of(person, &pack).acts || pack.list_basis().is_none() {
            return Err(SupervisionError::NotFound);
        }
        let period = month.period();
        if self.now() < period.to {
            return Err(SupervisionError::NotYet(period.to));
        }
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let topic = month.to_string();
            if published(self.acts_of(&person.district, LIST, Some(&topic)).await?).is_some() {
                return Err(SupervisionError::Done);
            }
            let cutoff = self.now();
            let (units, seq) = self.month_tallies(&person.district, month, cutoff).await?;
            let list = List::of(&pack, &units).ok_or(SupervisionError::NotFound)?;
            let policy = pack.id().to_owned();
            let act =
                Act::ListPublished { from: period.from, to: period.to, cutoff, seq, policy, units, list };
            if self.record(person, (LIST, &topic), &act, last).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }

    /// An interview that was called for was held.
    pub async fn hold_interview(
        &self,
        person: &Person,
        month: Month,
        (rule, unit): (&str, &str),
        note: &str,
    ) -> Result<(), SupervisionError> {
        if note.trim().is_empty() {
            return Err(SupervisionError::Reason);
        }
        for _ in 0..limits::CAS_ATTEMPTS {
            let last = self.store().last_act(&person.district).await?;
            let view = self.rates(person, month).await?;
            let of = |(trigger, _): &&(Trigger, Option<Millis>)| trigger.rule == rule && trigger.unit == unit;
            let (trigger, held) =
                view.called.iter().find(of).filter(|_| view.acts).ok_or(SupervisionError::NotFound)?;
            if held.is_some() {
                return Err(SupervisionError::Done);
            }
            let act = Act::InterviewHeld { trigger: trigger.clone(), note: note.trim().to_owned() };
            if self.record(person, (INTERVIEW, &month.to_string()), &act, last).await? {
                return Ok(());
            }
        }
        Err(busy().into())
    }

    /// Tallies of the ranked units, and the feed's sequence up to which cases were looked at.
    async fn month_tallies(
        &self,
        district: &str,
        month: Month,
        cutoff: Millis,
    ) -> Kept<(BTreeMap<String, Tally>, u64)> {
        let pack = self.pack(district)?;
        for _ in 0..limits::CAS_ATTEMPTS {
            let before = self.store().head(district).await?;
            let by = (pack.resolved(), cutoff);
            let units = self.store().tallies(district, month.period(), by).await?;
            if self.store().head(district).await? == before {
                return Ok((Tally::by_level(&pack, &units), before));
            }
        }
        Err(busy())
    }
}
