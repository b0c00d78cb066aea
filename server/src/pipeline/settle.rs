//! When a case has settled: the four conditions, what each waits for, and when to look again.
//!
//! Merging needs no coordination; deciding does. All clocks here are the centre's.

use std::collections::BTreeMap;

use doorstep_policy::Pack;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, WorkerId};
use serde::Serialize;

use super::Settings;
use super::case::Case;
use crate::clock::rfc3339;
use crate::limits;
use crate::store::rows::AnnouncedRow;
use crate::store::{CaseRow, CheckoutRow, Person};

/// The condition that blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// A device has changes that are not here yet.
    Announced,
    /// Somebody is on a planned visit.
    Checkout,
    /// A person must decide between values.
    Conflict,
    /// What policy reads was written a moment ago.
    Quiet,
}

/// One thing that a case waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wait {
    /// The condition.
    pub kind: WaitKind,
    /// The worker's name, or the field in conflict.
    pub who: Option<String>,
    /// When it ends by itself (RFC 3339); `None`: only a person ends it.
    pub until: Option<String>,
    /// The same in milliseconds.
    #[serde(skip)]
    pub until_ms: Option<Millis>,
    /// The worker, whose name is not known here.
    #[serde(skip)]
    pub worker: Option<WorkerId>,
}

/// Whether a case has settled, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settled {
    /// Nothing blocks and nothing is undecided.
    pub ok: bool,
    /// What blocks.
    pub waits: Vec<Wait>,
}

impl Settled {
    /// Fills in the names of workers.
    pub fn name<'a>(&mut self, people: impl IntoIterator<Item = &'a Person>) {
        let names: BTreeMap<WorkerId, &str> =
            people.into_iter().map(|person| (person.worker, person.name.as_str())).collect();
        for wait in &mut self.waits {
            if let Some(worker) = wait.worker {
                wait.who =
                    Some(names.get(&worker).map_or_else(|| worker.to_string(), |name| (*name).to_owned()));
            }
        }
    }
}

fn wait(kind: WaitKind, until: Option<Millis>) -> Wait {
    Wait { kind, who: None, until: until.map(rfc3339), until_ms: until, worker: None }
}

/// What a case waits for at this time. `settle_max` overrides all but open conflicts.
pub(crate) fn waits(
    case: &Case,
    pack: &Pack,
    settings: &Settings,
    now: Millis,
    progress: impl Fn(DeviceId) -> Option<Millis>,
) -> Vec<Wait> {
    waits_of(&case.row, (&case.announced, &case.checkouts), (pack, settings), now, progress)
}

/// The same from rows: nothing of the document itself is read.
pub(crate) fn waits_of(
    row: &CaseRow,
    (announced, checkouts): (&[AnnouncedRow], &[CheckoutRow]),
    (pack, settings): (&Pack, &Settings),
    now: Millis,
    progress: impl Fn(DeviceId) -> Option<Millis>,
) -> Vec<Wait> {
    let rule = pack.settle_times();
    let conflicts = row.conflicts.iter();
    let mut waits: Vec<Wait> =
        conflicts.map(|field| Wait { who: Some(field.clone()), ..wait(WaitKind::Conflict, None) }).collect();
    let longest = row.unsettled_since.map(|since| since + rule.settle_max.as_millis() as i64);
    if longest.is_some_and(|end| end <= now) {
        return waits;
    }
    for row in announced {
        let lapse = lapse(row, &progress);
        if lapse > now && !waits.iter().any(|w| w.kind == WaitKind::Announced && w.worker == Some(row.worker))
        {
            waits.push(Wait { worker: Some(row.worker), ..wait(WaitKind::Announced, Some(lapse)) });
        }
    }
    for checkout in checkouts.iter().filter(|checkout| checkout.ended.is_none() && checkout.until > now) {
        waits.push(Wait { worker: Some(checkout.worker), ..wait(WaitKind::Checkout, Some(checkout.until)) });
    }
    let quiet = settings.settle_ms.unwrap_or(rule.quiet.as_millis() as i64);
    if row.unsettled_since.is_some() && row.quiet_from + quiet > now {
        waits.push(wait(WaitKind::Quiet, Some(row.quiet_from + quiet)));
    }
    waits
}

/// When an announcement lapses: a while after the device's last progress.
pub(crate) fn lapse(row: &AnnouncedRow, progress: impl Fn(DeviceId) -> Option<Millis>) -> Millis {
    row.at.max(progress(row.device).unwrap_or(row.at)) + limits::ANNOUNCED_LAPSE_MS
}

/// What people are shown.
pub(crate) fn settled(row: &CaseRow, waits: Vec<Wait>) -> Settled {
    Settled { ok: waits.is_empty() && row.unsettled_since.is_none(), waits }
}

/// Sets when the case is to be looked at again: the end of its waits, or its next timer.
pub(crate) fn schedule(
    case: &mut Case,
    pack: &Pack,
    settings: &Settings,
    now: Millis,
    progress: impl Fn(DeviceId) -> Option<Millis>,
) {
    let timers = case.decisions.last().into_iter().flat_map(|decision| &decision.timers);
    let timer = timers.map(|timer| timer.at.as_millisecond()).min();
    let expiry = case.checkouts.iter().filter(|checkout| checkout.ended.is_none()).map(|c| c.until).min();
    let lapse = case.announced.iter().map(|row| lapse(row, &progress)).min();
    let mut wake = [timer, expiry, lapse].into_iter().flatten().min();
    if let Some(since) = case.row.unsettled_since {
        let waits = waits(case, pack, settings, now, progress);
        let on_people = waits.iter().any(|wait| wait.until_ms.is_none());
        if !on_people {
            let rule = pack.settle_times();
            let end = waits.iter().filter_map(|wait| wait.until_ms).max().unwrap_or(now);
            let settle = end.min(since + rule.settle_max.as_millis() as i64).max(now);
            wake = Some(wake.map_or(settle, |wake| wake.min(settle)));
        }
    }
    if case.row.kind == Kind::Case && case.decisions.is_empty() {
        // Came while the centre was recovering: somebody must own it as soon as it decides again, whatever it
        // waits for, and whatever the clock showed then.
        wake = Some(0);
    }
    case.row.wake = wake;
}
