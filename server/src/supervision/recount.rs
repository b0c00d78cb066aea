//! Draws and lists done again: from the journal's words and from the cases' decisions, as they were up to the sequence
//! that each names.
//!
//! A case that has moved into a compartment since is counted neither for nor against: what was published stands.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::supervision::{List, Tally, commitment, draw, population_digest};
use doorstep_policy::{Decision, How, Pack, Resolved};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::acts::{Act, DRAW, Entry, LIST};
use super::draws::{self, DrawView};
use crate::pipeline::{Centre, timestamp};
use crate::store::oversight::Period;
use crate::store::{Kept, Store, Stored};

/// What is to be counted again in one district, and what has been.
#[derive(Debug, Default)]
pub struct Recount {
    district: String,
    draws: Vec<DrawAgain>,
    lists: Vec<Listed>,
    /// Cases that are stored: one that was erased is counted neither for nor against.
    stored: BTreeSet<DocumentId>,
}

#[derive(Debug)]
struct DrawAgain {
    view: DrawView,
    seq: u64,
    /// Before this time; none: whatever the time.
    before: Option<Millis>,
    sure: BTreeSet<DocumentId>,
    moved: BTreeSet<DocumentId>,
}

#[derive(Debug)]
struct Listed {
    n: u64,
    period: Period,
    cutoff: Millis,
    seq: u64,
    resolved: Resolved,
    policy: String,
    units: BTreeMap<String, Tally>,
    list: List,
    sure: BTreeMap<String, Tally>,
    moved: BTreeMap<String, Tally>,
}

impl Recount {
    /// Reads what was drawn and published in a district.
    pub async fn of<S: Store>(centre: &Centre<S>, district: &str) -> Kept<Self> {
        let packs = centre.packs();
        let entries = centre.acts_of(district, DRAW, None).await?;
        let seqs: BTreeMap<&str, (u64, bool)> = entries.iter().filter_map(seq_of).collect();
        let drawn = draws::of(&entries).into_values().filter(|view| view.done.is_some());
        let draws = drawn.filter_map(|view| {
            let (seq, at_cutoff) = seqs.get(view.n.to_string().as_str()).copied()?;
            let before = at_cutoff.then_some(view.period.to);
            Some(DrawAgain { view, seq, before, sure: BTreeSet::new(), moved: BTreeSet::new() })
        });
        let draws = draws.collect();
        let mut lists = Vec::new();
        for Entry { row, act } in centre.acts_of(district, LIST, None).await? {
            if let Act::ListPublished { from, to, cutoff, seq, policy, units, list } = act {
                let resolved = packs.version(&policy).map_or_else(Resolved::default, |pack| pack.resolved());
                let period = Period { from, to };
                let (sure, moved) = (BTreeMap::new(), BTreeMap::new());
                lists.push(Listed {
                    n: row.n,
                    period,
                    cutoff,
                    seq,
                    resolved,
                    policy,
                    units,
                    list,
                    sure,
                    moved,
                });
            }
        }
        Ok(Recount { district: district.to_owned(), draws, lists, stored: BTreeSet::new() })
    }

    /// Takes one document into account.
    pub fn count(&mut self, stored: &Stored) {
        let row = &stored.row;
        if row.kind != Kind::Case || row.district != self.district || row.erased.is_some() {
            return;
        }
        self.stored.insert(row.document);
        let inside = |decision: &Decision| decision.audience.compartment.clone();
        let as_of = |seq: u64| stored.decisions.iter().rev().find(|d| d.seq <= seq).map(|d| &d.decision);
        let now_inside = row.audience.as_ref().and_then(|audience| audience.compartment.clone());
        let ever = |seq: u64| {
            let later = stored.decisions.iter().filter(|d| d.seq > seq).map(|d| inside(&d.decision));
            now_inside.is_some() || later.flatten().next().is_some()
        };
        for DrawAgain { view, seq, before, sure, moved } in &mut self.draws {
            let by = |d: &crate::store::DecisionRow| {
                d.seq <= *seq && before.is_none_or(|before| d.decision.at.as_millisecond() < before)
            };
            let Some(at) = stored.decisions.iter().rposition(by) else { continue };
            let last = &stored.decisions[at].decision;
            let later = &stored.decisions[at + 1..];
            let ever = now_inside.is_some() || later.iter().any(|d| inside(&d.decision).is_some());
            let closed = last.life.closed.filter(|c| !matches!(c.how, How::Declined | How::Withdrawn));
            let closed = closed.map(|closed| closed.at.as_second() * 1000);
            let fits = closed.is_some_and(|at| view.period.from <= at && at < view.period.to);
            if !fits {
                continue;
            }
            // One that left its compartment before the draw was in no population of it.
            let left = view.compartment.is_some() && later.iter().any(|d| inside(&d.decision).is_none());
            if inside(last) == view.compartment && !(view.compartment.is_none() && ever) && !left {
                sure.insert(row.document);
            } else if ever || inside(last).is_some() {
                moved.insert(row.document);
            }
        }
        for list in &mut self.lists {
            let Some(last) = as_of(list.seq).filter(|last| inside(last).is_none()) else { continue };
            let (Some(unit), true) =
                (last.counts_for(), list.period.from <= row.registered && row.registered < list.period.to)
            else {
                continue;
            };
            let side = if ever(list.seq) { &mut list.moved } else { &mut list.sure };
            let by = (list.resolved, timestamp(list.cutoff));
            side.entry(unit.to_owned()).or_default().count(&last.life, Some(last.due), by);
        }
    }

    /// Whether each draw and each list comes out as it was published, by name.
    pub fn outcome<S: Store>(self, centre: &Centre<S>) -> Vec<(String, bool)> {
        let packs = centre.packs();
        let mut outcome = Vec::new();
        for DrawAgain { view, sure, moved, .. } in &self.draws {
            outcome.push((
                format!("draw {} of {}", view.n, self.district),
                same_draw(&self.district, view, (sure, moved, &self.stored)),
            ));
        }
        for list in &self.lists {
            let pack = packs.version(&list.policy).map(|pack| &**pack);
            let same = pack.is_some_and(|pack| same_list(pack, list));
            outcome.push((format!("list {} of {}", list.n, self.district), same));
        }
        outcome
    }
}

fn seq_of(entry: &Entry) -> Option<(&str, (u64, bool))> {
    match &entry.act {
        Act::DrawDone { seq, at_cutoff, .. } => Some((entry.row.topic.as_str(), (*seq, *at_cutoff))),
        _ => None,
    }
}

fn same_draw(
    district: &str,
    view: &DrawView,
    (sure, moved, stored): (&BTreeSet<DocumentId>, &BTreeSet<DocumentId>, &BTreeSet<DocumentId>),
) -> bool {
    let Some(done) = &view.done else { return true };
    let texts: Vec<String> = done.population.iter().map(ToString::to_string).collect();
    let ids = || texts.iter().map(String::as_str);
    let drawn: Vec<String> = done.drawn.iter().map(|drawn| drawn.document.to_string()).collect();
    let published: BTreeSet<DocumentId> = done.population.iter().copied().collect();
    commitment(district, view.n, &done.seed) == view.commitment
        && population_digest(ids()) == done.digest
        && draw(&done.seed, &done.words, ids(), view.size as usize) == drawn
        && published.symmetric_difference(sure).all(|id| moved.contains(id) || !stored.contains(id))
}

fn same_list(pack: &Pack, list: &Listed) -> bool {
    let sure = Tally::by_level(pack, &list.sure);
    let moved = Tally::by_level(pack, &list.moved);
    let none = Tally::default();
    let fits = |unit: &String| {
        let (low, more) = (sure.get(unit).unwrap_or(&none), moved.get(unit).unwrap_or(&none));
        let mut high = *low;
        high.add(more);
        let published = list.units.get(unit).unwrap_or(&none);
        let between = |of: fn(&Tally) -> u64| of(low) <= of(published) && of(published) <= of(&high);
        [
            |t: &Tally| t.collected,
            |t: &Tally| t.resolved,
            |t: &Tally| t.handled,
            |t: &Tally| t.redone,
            |t: &Tally| t.answered,
            |t: &Tally| t.satisfied,
            |t: &Tally| t.overdue,
        ]
        .into_iter()
        .all(between)
    };
    let units: BTreeSet<&String> = sure.keys().chain(list.units.keys()).collect();
    units.into_iter().all(fits) && List::of(pack, &list.units).as_ref() == Some(&list.list)
}
