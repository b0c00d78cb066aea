//! The working days of a run, one after the other: what fell due overnight, the towns' devices, settling, the desks.
//!
//! Owns the calendar and who is looked at when. All that happens at one moment goes on side by side, so that commits share
//! one wait for the disk.

use std::collections::BTreeMap;
use std::time::Instant;

use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::ProgressBar;
use jiff::civil::Date;

use super::Took;
use super::district::{District, at};
use super::draw::{Drawn, working_days};
use super::rounds::{Done, Round, round};
use super::steps::{Live, forward, look};
use super::visits::DrawnVisit;
use super::volumes::Volumes;
use crate::harness::Rng;

/// Sessions, and cases at the desks, side by side.
const SIDE_BY_SIDE: usize = 64;
/// Devices sync, in minutes after midnight.
const SYNC: i64 = 9 * 60;
/// What they brought has settled.
const SETTLED: i64 = SYNC + 10;
/// Desks work.
const DESKS: i64 = 10 * 60;

/// A run on its way.
struct Run<'a> {
    district: &'a mut District,
    cases: Vec<Option<Live>>,
    /// By working day: the cases that somebody does something with.
    due: BTreeMap<usize, Vec<usize>>,
    took: Took,
}

/// Plays every day up to the cut-off.
pub(super) async fn play(
    district: &mut District,
    volumes: &Volumes,
    (drawn, visits): (Vec<Drawn>, Vec<DrawnVisit>),
    bar: &ProgressBar,
) -> Result<Took, String> {
    let days = working_days(volumes, &district.pack);
    let mut run = Run {
        district,
        cases: drawn.iter().map(|_| None).collect(),
        due: BTreeMap::new(),
        took: Took::default(),
    };
    let mut coming = drawn.into_iter().enumerate().peekable();
    let mut visits = visits.into_iter().peekable();
    for (number, day) in days.iter().enumerate() {
        let mut new = Vec::new();
        while let Some(case) = coming.next_if(|(_, drawn)| drawn.day <= number) {
            new.push(case);
        }
        let mut visited = Vec::new();
        while let Some(visit) = visits.next_if(|visit| visit.day <= number) {
            visited.push(visit);
        }
        let count = new.len() as u64;
        bar.set_message(day.to_string());
        run.day((number, *day), new, visited).await?;
        bar.inc(count);
    }
    run.district.clock.set(volumes.cutoff.as_millisecond());
    run.district.settle().await?;
    Ok(run.took)
}

impl Run<'_> {
    async fn day(
        &mut self,
        (number, day): (usize, Date),
        new: Vec<(usize, Drawn)>,
        visits: Vec<DrawnVisit>,
    ) -> Result<(), String> {
        let due = self.due.remove(&number).unwrap_or_default();
        let began = Instant::now();
        self.district.clock.set(at(day, SYNC)?);
        self.district.settle().await?;
        let synced = Instant::now();
        let (made, unsigned) = self.devices(new, visits, &due).await?;
        let settled = Instant::now();
        let signing: Vec<usize> = due.iter().copied().filter(|case| self.is_at(*case, "sign")).collect();
        self.desks(&signing, &unsigned).await?;
        self.took.acts += settled.elapsed();
        let settling = Instant::now();
        self.district.clock.set(at(day, SETTLED)?);
        self.district.settle().await?;
        self.took.settling += settling.elapsed() + (synced - began);
        self.took.devices += settled - synced;
        let desks = Instant::now();
        self.district.clock.set(at(day, DESKS)?);
        // What came today is taken on today; what was signed this morning is looked at.
        self.look(made.iter().chain(&signing)).await?;
        let rest = due.iter().copied().filter(|case| !signing.contains(case));
        let acting: Vec<usize> = rest.chain(made.iter().copied()).collect();
        self.desks(&acting, &unsigned).await?;
        for case in acting.into_iter().chain(signing) {
            if let Some(pause) = self.cases[case].as_mut().and_then(Live::pause) {
                self.due.entry(number + pause).or_default().push(case);
            }
        }
        self.took.acts += desks.elapsed();
        Ok(())
    }

    fn is_at(&self, case: usize, step: &str) -> bool {
        self.cases[case].as_ref().is_some_and(|case| case.step == step)
    }

    /// The devices that have something to do this morning. Returns the cases made, and those that no device had signed.
    async fn devices(
        &mut self,
        new: Vec<(usize, Drawn)>,
        visits: Vec<DrawnVisit>,
        due: &[usize],
    ) -> Result<(Vec<usize>, Vec<doorstep_protocol::DocumentId>), String> {
        let mut rounds: BTreeMap<String, Round> = BTreeMap::new();
        let mut coming = BTreeMap::new();
        for (case, drawn) in new {
            let round = rounds.entry(drawn.town.clone()).or_default();
            round.new.push((case, drawn.fields.clone()));
            coming.insert(case, drawn);
        }
        for visit in visits {
            rounds.entry(visit.town).or_default().visits.push(visit.edits);
        }
        for case in due.iter().filter_map(|case| self.cases[*case].as_ref()) {
            if case.is_signed_at_the_door() {
                rounds.entry(case.drawn.town.clone()).or_default().sign.push(case.id);
            }
        }
        let District { centre, towns, .. } = &mut *self.district;
        let centre = &*centre;
        let working = towns.iter_mut().filter_map(|(town, handset)| {
            let wanted = rounds.remove(town)?;
            Some(round(centre, handset, wanted))
        });
        let done: Vec<Done> = stream::iter(working).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        let (mut made, mut unsigned) = (Vec::new(), Vec::new());
        for done in done {
            unsigned.extend(done.unsigned);
            for (case, id) in done.made {
                let Some(drawn) = coming.remove(&case) else { continue };
                let rng = Rng::new(case as u64 ^ 0x0dd0_57e9);
                let step = "triage".to_owned();
                self.cases[case] =
                    Some(Live { drawn, id, step, turned: false, begun: false, confined: false, rng });
                made.push(case);
            }
        }
        Ok((made, unsigned))
    }

    /// The next thing is done with each of these, side by side.
    async fn desks(
        &mut self,
        cases: &[usize],
        unsigned: &[doorstep_protocol::DocumentId],
    ) -> Result<(), String> {
        let taken: Vec<(usize, Live)> =
            cases.iter().filter_map(|case| Some((*case, self.cases[*case].take()?))).collect();
        let district = &*self.district;
        let acting = taken.into_iter().map(|(at, mut case)| async move {
            let signed = case.is_signed_at_the_door() && !unsigned.contains(&case.id);
            forward(district, &mut case, signed).await.map(|()| (at, case))
        });
        let done: Vec<(usize, Live)> =
            stream::iter(acting).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        for (at, case) in done {
            self.cases[at] = Some(case);
        }
        Ok(())
    }

    async fn look(&mut self, cases: impl Iterator<Item = &usize>) -> Result<(), String> {
        for case in cases {
            if let Some(case) = self.cases[*case].as_mut() {
                look(self.district, case).await?;
            }
        }
        Ok(())
    }
}
