//! Figures about rounds of visits and meetings: what those of a mode came to, as of a cut-off.
//!
//! Counts what `coverage` counts. A round's denominator is the rounds that count; one that took place later does not.

use std::collections::BTreeSet;

use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::{Cohort, Figure, Unknown};
use crate::coverage::{Tally, tally};
use crate::pipeline::Centre;
use crate::policies::Packs;
use crate::store::{Kept, Store};

/// Every measure of rounds with its name.
pub const MEASURES: [&str; 10] = [
    "rounds",
    "leaders",
    "teams",
    "towns",
    "villages",
    "households",
    "people",
    "firms",
    "problems",
    "rectified",
];

/// One figure of the rounds of a cohort, such as `mode=stationed` or `mode=joint,year=2023`; `None`: no such measure,
/// or no such cohort. `kind=meeting` counts meetings.
pub async fn compute<S: Store>(
    centre: &Centre<S>,
    measure: &str,
    cohort: &str,
    cutoff: Millis,
) -> Kept<Option<Figure>> {
    let Some((mode, kind, registered)) = rounds_of(cohort) else { return Ok(None) };
    if !MEASURES.contains(&measure) {
        return Ok(None);
    }
    let packs = centre.packs();
    let (mut numerator, mut denominator) = (0, 0);
    for district in packs.districts() {
        let Some(pack) = packs.of(district, centre.now()) else { continue };
        let Some(slice) = registered.slice(district, cutoff, Some(pack), super::Sight::All) else { continue };
        let span = (slice.registered.start, slice.registered.end.min(cutoff.saturating_add(1)));
        let by = tally(&**centre.store(), pack, kind, span).await?;
        for tally in by.iter().filter(|(of, _)| mode.is_none_or(|mode| mode == of.as_str())).map(|(_, t)| t) {
            numerator += count(measure, tally);
            denominator += tally.rounds;
        }
    }
    Ok(Some(Figure::of(numerator, denominator)))
}

/// The time that a cohort of rounds names and that there is not, whatever was counted.
pub fn no_time(packs: &Packs, cohort: &str) -> Option<Unknown> {
    let (_, _, times) = rounds_of(cohort)?;
    times.unknown(packs).filter(|_| !times.has_its_times(packs))
}

/// The mode of visits that a cohort names and no pack has.
pub fn unknown(packs: &Packs, cohort: &str) -> Option<Unknown> {
    let (mode, kind, _) = rounds_of(cohort)?;
    let modes: BTreeSet<String> =
        packs.all().flat_map(|pack| pack.visit_modes()).map(|mode| mode.id).collect();
    let mode = mode.filter(|mode| kind == Kind::Visit && !modes.contains(*mode))?;
    Some(Unknown::of("mode", mode, &modes))
}

/// Mode, kind and span of a cohort of rounds.
fn rounds_of(cohort: &str) -> Option<(Option<&str>, Kind, Cohort)> {
    let (mut mode, mut kind, mut times) = (None, Kind::Visit, Vec::new());
    for condition in cohort.split(',') {
        match condition.split_once('=') {
            Some(("mode", value)) => mode = Some(value),
            Some(("kind", "visit")) => kind = Kind::Visit,
            Some(("kind", "meeting")) => kind = Kind::Meeting,
            _ => times.push(condition),
        }
    }
    let times = if times.is_empty() { "all".to_owned() } else { times.join(",") };
    let span = Cohort::parse(&times).filter(Cohort::is_by_time)?;
    Some((mode, kind, span))
}

fn count(measure: &str, tally: &Tally) -> u64 {
    match measure {
        "rounds" => tally.rounds,
        "leaders" => tally.leaders.len() as u64,
        "teams" => tally.teams.len() as u64,
        "towns" => tally.towns.len() as u64,
        "villages" => tally.villages.len() as u64,
        "households" => tally.households,
        "people" => tally.people,
        "firms" => tally.firms,
        "problems" => tally.tasks,
        _ => tally.done,
    }
}
