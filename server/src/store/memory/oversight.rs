//! What supervision reads, over the rows in memory: the reference of what it means.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::supervision::Tally;
use doorstep_policy::{Decision, How, Life, RepeatField, Resolved, Step};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};

use super::{MemoryStore, State};
use crate::pipeline::timestamp;
use crate::store::oversight::{
    BoardRow, Claims, Cluster, LedgerQuery, Oversight, Period, Repeat, RepeatQuery, Scope, Stuck,
};
use crate::store::{CaseRow, DecisionRow, Kept};

/// A time to the second, as the columns have it.
fn second(at: Option<jiff::Timestamp>) -> Option<Millis> {
    at.map(|at| at.as_second() * 1000)
}

impl Period {
    fn has(&self, at: Option<Millis>) -> bool {
        at.is_some_and(|at| self.from <= at && at < self.to)
    }
}

fn compartment(row: &CaseRow) -> Option<&str> {
    row.audience.as_ref().and_then(|audience| audience.compartment.as_deref())
}

fn open(row: &CaseRow) -> bool {
    let step = row.step.as_deref();
    row.kind == Kind::Case
        && step.is_some_and(|step| !Step::named(step).is_some_and(Step::is_end))
        && compartment(row).is_none()
}

/// When it was closed as resolved.
fn resolved(life: &Life) -> Option<jiff::Timestamp> {
    let closed = life.closed.filter(|closed| !matches!(closed.how, How::Declined | How::Withdrawn));
    closed.map(|closed| closed.at)
}

fn counts_for(row: &CaseRow) -> Option<&String> {
    row.life.handlers.first().or(row.unit.as_ref())
}

fn field(row: &CaseRow, field: RepeatField) -> Option<&String> {
    match field {
        RepeatField::Household => row.household.as_ref(),
        RepeatField::Subject => row.concerned.first(),
        RepeatField::Place => row.place.as_ref(),
        RepeatField::Category => row.category.as_ref(),
    }
}

impl State {
    fn watched(&self) -> impl Iterator<Item = &CaseRow> {
        self.documents.values().filter_map(|document| document.row.as_ref())
    }

    fn devices_keep(&self, document: DocumentId, now: Millis) -> bool {
        let checked = |row: &crate::store::CheckoutRow| {
            row.document == document && row.ended.is_none() && row.until > now
        };
        self.announced.values().any(|row| row.document == document) || self.checkouts.values().any(checked)
    }

    fn stuck(&self, row: &CaseRow, scope: &Scope, stuck: Stuck) -> bool {
        match stuck {
            Stuck::Overdue => row.due.is_some_and(|due| due < scope.now),
            Stuck::Near => row.due.is_some_and(|due| scope.now <= due && due < scope.near),
            Stuck::Review => !row.conflicts.is_empty() || row.step.as_deref() == Some(Step::Review.code()),
            Stuck::Devices => self.devices_keep(row.document, scope.now),
        }
    }

    fn within<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a CaseRow> {
        self.watched().filter(move |row| {
            let unit = row.unit.as_ref();
            open(row)
                && row.district == scope.district
                && scope.units.as_ref().is_none_or(|units| unit.is_some_and(|unit| units.contains(unit)))
                && !scope.except.iter().any(|name| row.concerned.contains(name))
        })
    }
}

impl Oversight for MemoryStore {
    async fn board(&self, scope: Scope) -> Kept<Vec<BoardRow>> {
        let state = self.lock();
        let mut board: BTreeMap<(String, Option<String>), BoardRow> = BTreeMap::new();
        for row in state.within(&scope) {
            let Some(unit) = row.unit.clone() else { continue };
            let key = (unit.clone(), row.category.clone());
            let new = || BoardRow { unit, category: row.category.clone(), ..BoardRow::default() };
            let entry = board.entry(key).or_insert_with(new);
            entry.open += 1;
            entry.urged += u64::from(row.life.urged > 0);
            for (n, stuck) in Stuck::ALL.into_iter().enumerate() {
                if state.stuck(row, &scope, stuck) {
                    entry.stuck[n] += 1;
                    let since = row.conflict_since.filter(|_| stuck == Stuck::Review).or(row.due);
                    entry.oldest[n] = [entry.oldest[n], since].into_iter().flatten().min();
                }
            }
        }
        Ok(board.into_values().collect())
    }

    async fn ledger(&self, query: LedgerQuery) -> Kept<Vec<CaseRow>> {
        let state = self.lock();
        let place = |row: &CaseRow| (row.due.unwrap_or(Millis::MAX), row.document);
        let wanted = |row: &&CaseRow| {
            query.stuck.is_none_or(|stuck| state.stuck(row, &query.scope, stuck))
                && query.unit.as_ref().is_none_or(|unit| row.unit.as_ref() == Some(unit))
                && query.category.as_ref().is_none_or(|category| row.category == *category)
                && (!query.urged || row.life.urged > 0)
                && query.after.is_none_or(|after| place(row) > after)
        };
        let mut rows: Vec<CaseRow> = state.within(&query.scope).filter(wanted).cloned().collect();
        rows.sort_by_key(place);
        rows.truncate(query.limit);
        Ok(rows)
    }

    async fn closed_in(&self, district: &str, period: Period, inside: Option<&str>) -> Kept<Vec<DocumentId>> {
        let state = self.lock();
        let mut found = Vec::new();
        for (id, document) in &state.documents {
            let of = |row: &&CaseRow| {
                row.kind == Kind::Case
                    && row.erased.is_none()
                    && row.district == district
                    && compartment(row) == inside
            };
            if document.row.as_ref().filter(of).is_none() {
                continue;
            }
            let by = |row: &&DecisionRow| row.decision.at.as_millisecond() < period.to;
            let last = document.decisions.iter().rev().find(by).map(|row| &row.decision);
            let within = |last: &Decision| {
                last.audience.compartment.as_deref() == inside && period.has(second(resolved(&last.life)))
            };
            if last.is_some_and(within) {
                found.push(*id);
            }
        }
        Ok(found)
    }

    async fn tallies(
        &self,
        district: &str,
        period: Period,
        (resolved, cutoff): (Resolved, Millis),
    ) -> Kept<BTreeMap<String, Tally>> {
        let state = self.lock();
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for row in state.watched() {
            let wanted = row.kind == Kind::Case
                && row.district == district
                && compartment(row).is_none()
                && period.has(Some(row.registered));
            if let Some(unit) = counts_for(row).filter(|_| wanted) {
                let tally = tallies.entry(unit.clone()).or_default();
                tally.count(&row.life, row.due.map(timestamp), (resolved, timestamp(cutoff)));
            }
        }
        Ok(tallies)
    }

    async fn repeats(&self, query: RepeatQuery) -> Kept<Vec<Repeat>> {
        let state = self.lock();
        let here = |row: &&CaseRow| {
            row.kind == Kind::Case && row.district == query.district && compartment(row).is_none()
        };
        let same = |a: &CaseRow, b: &CaseRow| {
            query.by.iter().all(|f| field(a, *f).is_some() && field(a, *f) == field(b, *f))
        };
        let mut found = Vec::new();
        for again in state.watched().filter(here).filter(|row| row.registered >= query.since) {
            let before = |row: &&CaseRow| {
                let closed = second(row.life.closed.map(|closed| closed.at));
                let soon =
                    closed.is_some_and(|at| at < again.registered && again.registered - at <= query.within);
                soon && row.document != again.document && same(row, again)
            };
            found.extend(
                state
                    .watched()
                    .filter(here)
                    .filter(before)
                    .map(|row| (again.registered, Repeat { closed: row.document, again: again.document })),
            );
        }
        found.sort_by_key(|(at, repeat)| (std::cmp::Reverse(*at), *repeat));
        Ok(found.into_iter().map(|(_, repeat)| repeat).take(query.limit).collect())
    }

    async fn reused(
        &self,
        district: &str,
        since: Millis,
        limit: usize,
    ) -> Kept<Vec<(Hash, Vec<DocumentId>)>> {
        let state = self.lock();
        let outside = |document: &DocumentId| {
            let row = state.documents.get(document).and_then(|document| document.row.as_ref());
            row.is_some_and(|row| {
                row.kind == Kind::Case && row.district == district && compartment(row).is_none()
            })
        };
        let mut by: BTreeMap<Hash, (bool, BTreeSet<DocumentId>)> = BTreeMap::new();
        let pictures = state.files.values().filter(|file| file.media.name().starts_with("image/"));
        for file in pictures.filter(|file| outside(&file.document)) {
            let entry = by.entry(file.hash).or_default();
            entry.0 |= file.at >= since;
            entry.1.insert(file.document);
        }
        let twice = by.into_iter().filter(|(_, (recent, cases))| *recent && cases.len() > 1);
        Ok(twice.map(|(hash, (_, cases))| (hash, cases.into_iter().collect())).take(limit).collect())
    }

    async fn claims(&self, district: &str, week: Period, day: Period) -> Kept<Vec<Claims>> {
        let state = self.lock();
        let mut by: BTreeMap<String, Claims> = BTreeMap::new();
        for row in state.watched().filter(|row| open(row) && row.district == district) {
            let at = second(row.life.claimed_at);
            if let Some(unit) = counts_for(row).filter(|_| week.has(at)) {
                let new = || Claims { unit: unit.clone(), day: 0, week: 0 };
                let claims = by.entry(unit.clone()).or_insert_with(new);
                claims.week += 1;
                claims.day += u64::from(day.has(at));
            }
        }
        Ok(by.into_values().collect())
    }

    async fn clusters(&self, district: &str, since: Millis, least: u64) -> Kept<Vec<Cluster>> {
        let state = self.lock();
        let mut by: BTreeMap<(String, String), Vec<(Millis, DocumentId)>> = BTreeMap::new();
        for row in state.watched().filter(|row| open(row) && row.district == district) {
            let alone = row.life.lead.is_none() && row.life.closed.is_none() && row.registered >= since;
            if let (Some(place), Some(category), true) = (&row.place, &row.category, alone) {
                let of = by.entry((place.clone(), category.clone())).or_default();
                of.push((row.registered, row.document));
            }
        }
        let many = by.into_iter().filter(|(_, cases)| cases.len() as u64 >= least);
        Ok(many
            .map(|((place, category), mut cases)| {
                cases.sort_unstable();
                Cluster { place, category, cases: cases.into_iter().map(|(_, id)| id).collect() }
            })
            .collect())
    }

    async fn claimed_by(&self, district: &str, units: &[String], period: Period) -> Kept<Vec<DocumentId>> {
        let state = self.lock();
        let wanted = |row: &&CaseRow| {
            open(row)
                && row.district == district
                && counts_for(row).is_some_and(|of| units.contains(of))
                && period.has(second(row.life.claimed_at))
        };
        let mut found: Vec<(Millis, DocumentId)> = state
            .watched()
            .filter(wanted)
            .map(|row| (second(row.life.claimed_at).unwrap_or_default(), row.document))
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        Ok(found.into_iter().map(|(_, document)| document).collect())
    }
}
