//! The cases of a scenario, drawn from its volumes and a seed before anything happens: when each comes, where, about what,
//! and which course it takes.
//!
//! Owns the draw. Exactly so many of a span's cases are closed by the cut-off as the volumes say; which ones is drawn, with
//! those that came late more likely to be open.

use std::collections::BTreeMap;

use doorstep_policy::{Level, Pack};
use jiff::civil::Date;

use super::text;
use super::visits::DrawnVisit;
use super::volumes::{Course as Shares, Span, Volumes};
use crate::harness::Rng;

/// Working days that the shortest way to closing takes.
const SHORTEST: usize = 4;
/// Working days that a case needs which is done twice.
const TWICE: usize = 60;
/// Working days by which chance moves a case before the order in which they are left open.
const JITTER: usize = 140;

/// What becomes of a case by the cut-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Closed with all signatures.
    Plain,
    /// Not verified at first, then closed.
    VerifiedTwice,
    /// Closed, not satisfied, done again and closed.
    NotSatisfied,
    /// Closed without the person.
    Unusual,
    /// Open: nobody claims it.
    Stuck,
    /// Open: claimed, and never verified.
    Unverified,
}

/// A case as it will come.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    /// The working day of the run on which it comes.
    pub(super) day: usize,
    /// The town whose device makes it.
    pub(super) town: String,
    /// Its fields.
    pub(super) fields: Vec<(&'static str, String)>,
    /// What becomes of it.
    pub(super) course: Course,
    /// Of a lead: whether it is filed, and whether somebody is punished.
    pub(super) lead: [bool; 2],
    /// Working days for handling, verifying and signing.
    pub(super) pace: [usize; 3],
}

/// The working days of a run, in order.
pub(super) fn working_days(volumes: &Volumes, pack: &Pack) -> Vec<Date> {
    let last = jiff::tz::offset(8).to_datetime(volumes.cutoff).date();
    let first = volumes.first_day().unwrap_or(last);
    let days = first.series(jiff::ToSpan::days(1)).take_while(|day| *day <= last);
    days.filter(|day| pack.calendar().is_working_day(*day)).collect()
}

/// Every case, in the order of their days.
pub(super) fn cases(volumes: &Volumes, pack: &Pack, seed: u64) -> Result<Vec<Drawn>, String> {
    let days = working_days(volumes, pack);
    let places = places(pack)?;
    let mut rng = Rng::new(seed ^ 0x5c3a_a710);
    let mut all = Vec::new();
    for span in &volumes.spans {
        // What one span draws does not move what another does: k more cases here change nothing there.
        let mut rng = rng.split();
        all.extend(of_span(span, (&days, &places), volumes, &mut rng)?);
    }
    all.sort_by_key(|case| case.day);
    Ok(all)
}

/// Every round of visits, in the order of their days.
pub(super) fn visits(volumes: &Volumes, pack: &Pack, seed: u64) -> Result<Vec<DrawnVisit>, String> {
    let (days, places) = (working_days(volumes, pack), places(pack)?);
    let mut rng = Rng::new(seed ^ 0x0071_517e);
    let mut all = Vec::new();
    for wanted in &volumes.visits {
        let mut rng = rng.split();
        all.extend(super::visits::draw(wanted, (&days, &places), (pack, &mut rng))?);
    }
    all.sort_by_key(|visit| visit.day);
    Ok(all)
}

/// Towns with their villages.
fn places(pack: &Pack) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut towns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for unit in pack.units().filter(|unit| unit.level == Level::Village && unit.until.is_none()) {
        let town = unit.parent.clone().unwrap_or_default();
        towns.entry(town).or_default().push(unit.code.clone());
    }
    if towns.is_empty() { Err("the pack has no villages".into()) } else { Ok(towns.into_iter().collect()) }
}

fn of_span(
    span: &Span,
    (days, places): (&[Date], &[(String, Vec<String>)]),
    volumes: &Volumes,
    rng: &mut Rng,
) -> Result<Vec<Drawn>, String> {
    let within = days.partition_point(|day| *day < span.from)..days.partition_point(|day| *day < span.to);
    if within.is_empty() {
        let why = format!("there is no working day from {} to {} by the cut-off", span.from, span.to);
        return if span.collected == 0 { Ok(Vec::new()) } else { Err(why) };
    }
    let mut cases = Vec::with_capacity(span.collected as usize);
    for _ in 0..span.collected {
        let mut rng = rng.split();
        let day = within.start + rng.below(within.len());
        let (town, villages) = &places[rng.below(places.len())];
        let place = rng.pick(villages).clone();
        let fields = fields((volumes, span), &place, &mut rng);
        let pace = pace(&fields, &mut rng);
        let open_order = day + rng.below(JITTER);
        let case = Drawn { day, town: town.clone(), fields, course: Course::Plain, lead: [false; 2], pace };
        cases.push((open_order, case, rng));
    }
    // Those that cannot be closed in time are open first, then the latest, more or less.
    let late = |day: usize| day + SHORTEST >= days.len();
    cases.sort_by_key(|(order, case, _)| (late(case.day), *order));
    let closable = cases.iter().filter(|(_, case, _)| !late(case.day)).count();
    if closable < span.resolved as usize {
        return Err(format!("from {}: only {closable} cases come early enough to be closed", span.from));
    }
    let decide = |(at, (_, mut case, mut rng)): (usize, (usize, Drawn, Rng))| {
        let room = days.len() - 1 - case.day;
        case.lead = [span.filed, span.punished].map(|count| (at as u64) < count);
        let conduct = case.fields.iter().any(|(name, value)| *name == "category" && value == "conduct");
        case.course = match at < span.resolved as usize {
            true if conduct => Course::Plain,
            true => course(volumes.course, room, &mut rng),
            false if rng.one_in(5) => Course::Unverified,
            false => Course::Stuck,
        };
        if case.pace.iter().sum::<usize>() + 1 > room {
            case.pace = [1, 1, 1];
        }
        case
    };
    Ok(cases.into_iter().enumerate().map(decide).collect())
}

/// Working days for handling, verifying and signing: mostly in time, one in twelve maybe not.
fn pace(fields: &[(&'static str, String)], rng: &mut Rng) -> [usize; 3] {
    let urgent =
        fields.iter().any(|(name, value)| *name == "urgency" && (value == "urgent" || value == "danger"));
    let handle = match rng.one_in(12) {
        _ if urgent => 1,
        true => 1 + rng.below(20),
        false => 1 + rng.below(8),
    };
    [handle, 1 + rng.below(3), 1 + rng.below(3)]
}

fn course(shares: Shares, room: usize, rng: &mut Rng) -> Course {
    let mut drawn = rng.below(1_000) as u32;
    let mut within = |share: u32| {
        let hit = drawn < share;
        drawn = drawn.saturating_sub(share);
        hit
    };
    if within(shares.unusual) {
        Course::Unusual
    } else if within(shares.verified_twice) && room > TWICE {
        Course::VerifiedTwice
    } else if within(shares.not_satisfied) && room > TWICE {
        Course::NotSatisfied
    } else {
        Course::Plain
    }
}

fn fields((volumes, span): (&Volumes, &Span), place: &str, rng: &mut Rng) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    for name in ["category", "channel", "severity", "urgency"] {
        fields.push((name, weighted(&volumes.weights[name], rng)));
    }
    if let Some(category) = &span.category {
        fields[0].1.clone_from(category);
    }
    let category = fields[0].1.clone();
    let household = format!("{place}-{:04}", 1 + rng.below(900));
    fields.extend([("place", place.to_owned()), ("household", household)]);
    fields.extend(text::of(&category, rng));
    fields
}

fn weighted(weights: &BTreeMap<String, u32>, rng: &mut Rng) -> String {
    let sum: u32 = weights.values().sum();
    let mut at = rng.below(sum.max(1) as usize) as u32;
    for (value, weight) in weights {
        if at < *weight {
            return value.clone();
        }
        at -= weight;
    }
    String::new()
}
