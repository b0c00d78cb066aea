//! The store in memory: for the simulator and for tests, and the reference of what a store does.
//!
//! A commit is durable when the call returns. Faults make later calls fail: a crash between two writes.

mod absences;
mod accounts;
mod acts;
mod arrivals;
mod asides;
mod deliveries;
mod erasures;
mod faults;
mod finding;
mod lists;
mod notes;
mod office;
mod oversight;
mod rounds;
mod snapshots;
mod standings;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};

use super::chain::{content, roll};
use super::rows::AnnouncedRow;
use super::{
    Aside, CaseRow, ChangeRow, CheckoutRow, CommandRow, Commit, CopyRow, DecisionRow, DeviceRow,
    EnrolmentRow, Expect, FeedRow, HeldRow, Kept, Outcome, Person, Place, QuarantineRow, Query, Row, Store,
    StoreError, Stored, Waiting,
};

use crate::finding::Gist;
use faults::Faults;

/// Everything, behind one lock.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    /// How often who works here was changed.
    staffed: AtomicU64,
}

#[derive(Clone, Debug, Default)]
struct Document {
    changes: Vec<ChangeRow>,
    decisions: Vec<DecisionRow>,
    row: Option<CaseRow>,
    /// Its number among all documents, and what its words are made of.
    filed: (u64, Option<Gist>),
}

#[derive(Clone, Debug, Default)]
struct State {
    documents: BTreeMap<DocumentId, Document>,
    feeds: BTreeMap<String, Vec<(FeedRow, [u8; 8])>>,
    held: BTreeMap<(DeviceId, DocumentId), HeldRow>,
    announced: BTreeMap<(DeviceId, DocumentId, Hash), AnnouncedRow>,
    checkouts: BTreeMap<([u8; 16], DocumentId), CheckoutRow>,
    commands: BTreeMap<[u8; 16], CommandRow>,
    quarantine: Vec<QuarantineRow>,
    people: BTreeMap<WorkerId, Person>,
    devices: BTreeMap<DeviceId, DeviceRow>,
    copies: BTreeMap<DeviceId, CopyRow>,
    enrolments: BTreeMap<[u8; 32], EnrolmentRow>,
    settings: BTreeMap<String, String>,
    desk: accounts::Desk,
    files: arrivals::Files,
    absences: Vec<super::absences::AbsenceRow>,
    deliveries: Vec<super::deliveries::DeliveryRow>,
    /// Who is named, and by which document.
    names: std::collections::BTreeSet<(DocumentId, DocumentId)>,
    around: office::Around,
    notes: notes::Book,
    snapshots: snapshots::Snaps,
    erasures: erasures::Ledger,
    acts: BTreeMap<String, Vec<super::acts::ActRow>>,
    faults: Faults,
}

impl MemoryStore {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn commit_one(&mut self, commit: Commit) -> Outcome {
        let Commit { mut row, expect, by, rows, gist, staff: _ } = commit;
        let id = row.document;
        if by.and_then(|by| self.devices.get(&by)).is_some_and(|device| device.revoked.is_some()) {
            return Outcome::Lost;
        }
        let now_at = self.documents.get(&id).and_then(|document| Some(document.row.as_ref()?.version));
        match (expect, now_at) {
            (Expect::New, None) => {}
            (Expect::At(version), Some(at)) if version == at => {}
            _ => return Outcome::Lost,
        }
        if self.decided(id, &rows) {
            return Outcome::Lost;
        }
        let feed = self.feeds.entry(row.district.clone()).or_default();
        let seq = feed.len() as u64 + 1;
        let before = feed.last().map_or([0; 8], |(_, hash)| *hash);
        let content = content(&rows);
        feed.push((FeedRow { seq, document: id, content }, roll(before, seq, id, content)));
        row.version = now_at.unwrap_or(0) + 1;
        row.seq = seq;
        let version = row.version;
        self.names.extend(row.names().map(|named| (named, id)));
        let many = self.documents.len() as u64;
        let mut document = self.documents.remove(&id).unwrap_or_default();
        document.filed.0 = if now_at.is_none() { many } else { document.filed.0 };
        document.filed.1 = gist.or(document.filed.1);
        document.row = Some(row);
        for row in rows {
            self.add(id, &mut document, seq, row);
        }
        self.documents.insert(id, document);
        Outcome::Done { version, seq }
    }

    /// Whether a decision of these has a number or a cause that is taken.
    fn decided(&self, id: DocumentId, rows: &[Row]) -> bool {
        let Some(document) = self.documents.get(&id) else { return false };
        let taken =
            |new: &doorstep_policy::Decision| {
                document.decisions.iter().map(|row| &row.decision).any(|old| {
                    old.epoch == new.epoch && (old.n == new.n || old.cause_key() == new.cause_key())
                })
            };
        rows.iter().any(|row| matches!(row, Row::Decision(new) if taken(new)))
    }

    fn add(&mut self, id: DocumentId, document: &mut Document, seq: u64, row: Row) {
        match row {
            Row::Change { hash, .. } if document.changes.iter().any(|row| row.hash == hash) => {}
            Row::Change { hash, bytes, facts } => {
                document.changes.push(ChangeRow { hash, bytes, facts, seq });
            }
            Row::Decision(decision) => document.decisions.push(DecisionRow { decision: *decision, seq }),
            Row::Quarantine(row) => self.quarantine(row),
            Row::Command(row) => drop(self.commands.entry(row.id).or_insert(row)),
            Row::Answered { device, hash } => drop(self.announced.remove(&(device, id, hash))),
            Row::Announced(row) => drop(self.announced.insert((row.device, id, row.hash), row)),
            Row::Lapsed { device } => {
                self.announced.retain(|(of, document, _), _| (*of, *document) != (device, id));
            }
            Row::Checkout(row) => drop(self.checkouts.insert((row.id, id), row)),
            Row::Held { device } => {
                let held = HeldRow { granted: 0, until: None, purged: false };
                self.held.insert((device, id), held);
            }
        }
    }

    fn quarantine(&mut self, mut row: QuarantineRow) {
        if !self.quarantine.iter().any(|old| (old.document, old.hash) == (row.document, row.hash)) {
            row.id = self.quarantine.len() as i64 + 1;
            self.quarantine.push(row);
        }
    }
}

impl Store for MemoryStore {
    async fn commit(&self, batch: Vec<Commit>) -> Kept<Vec<Outcome>> {
        let mut state = self.lock();
        let answer = state.faults.next()?;
        let staffed = self.staffed.load(Relaxed);
        let stale = |commit: &Commit| commit.staff.is_some_and(|of| of != staffed);
        if batch.iter().any(stale) {
            return answer.give(batch.iter().map(|_| Outcome::Lost).collect());
        }
        answer.give(batch.into_iter().map(|commit| state.commit_one(commit)).collect())
    }

    async fn write(&self, asides: Vec<Aside>) -> Kept<()> {
        let mut state = self.lock();
        if asides.iter().any(|aside| state.superseded(aside)) {
            return Err(StoreError::Superseded);
        }
        let answer = state.faults.next()?;
        let staffs = asides.iter().any(|aside| matches!(aside, Aside::Person(_)));
        self.staffed.fetch_add(u64::from(staffs), Relaxed);
        asides.into_iter().for_each(|aside| state.aside(aside));
        answer.give(())
    }

    async fn load(&self, id: DocumentId) -> Kept<Option<Stored>> {
        let state = self.lock();
        let Some(document) = state.documents.get(&id) else { return Ok(None) };
        let Some(row) = document.row.clone() else { return Ok(None) };
        let announced = state.announced.values().filter(|row| row.document == id).cloned().collect();
        let open = state.checkouts.values().filter(|row| row.document == id && row.ended.is_none());
        Ok(Some(Stored {
            row,
            changes: document.changes.clone(),
            decisions: document.decisions.clone(),
            announced,
            checkouts: open.cloned().collect(),
        }))
    }

    async fn row(&self, id: DocumentId) -> Kept<Option<CaseRow>> {
        Ok(self.lock().documents.get(&id).and_then(|document| document.row.clone()))
    }

    async fn rows_of(&self, documents: Vec<DocumentId>) -> Kept<BTreeMap<DocumentId, CaseRow>> {
        let state = self.lock();
        let row = |id: DocumentId| Some((id, state.documents.get(&id)?.row.clone()?));
        Ok(documents.into_iter().filter_map(row).collect())
    }

    async fn rows(&self, query: Query) -> Kept<Vec<CaseRow>> {
        Ok(self.lock().listed(&query))
    }

    async fn first(&self, district: &str, after: Option<Place>, limit: usize) -> Kept<Vec<CaseRow>> {
        Ok(self.lock().first(district, after, limit))
    }

    async fn waiting_on(&self, documents: Vec<DocumentId>) -> Kept<Waiting> {
        let state = self.lock();
        let announced = state.announced.values().filter(|row| documents.contains(&row.document));
        let checkouts = state.checkouts.values();
        let checkouts = checkouts.filter(|row| row.ended.is_none() && documents.contains(&row.document));
        Ok(Waiting { announced: announced.cloned().collect(), checkouts: checkouts.cloned().collect() })
    }

    async fn since(&self, id: DocumentId, seq: u64) -> Kept<(Vec<ChangeRow>, Vec<DecisionRow>)> {
        let state = self.lock();
        let Some(document) = state.documents.get(&id) else { return Ok(Default::default()) };
        let changes = document.changes.iter().filter(|row| row.seq > seq).cloned().collect();
        let decisions = document.decisions.iter().filter(|row| row.seq > seq).cloned().collect();
        Ok((changes, decisions))
    }

    async fn feed(&self, district: &str, seq: u64, limit: usize) -> Kept<Vec<FeedRow>> {
        let state = self.lock();
        let feed = state.feeds.get(district).into_iter().flatten();
        Ok(feed.skip(seq as usize).take(limit).map(|(row, _)| *row).collect())
    }

    async fn chain(&self, district: &str, seq: u64) -> Kept<Option<[u8; 8]>> {
        let state = self.lock();
        if seq == 0 {
            return Ok(Some([0; 8]));
        }
        Ok(state.feeds.get(district).and_then(|feed| feed.get(seq as usize - 1)).map(|(_, hash)| *hash))
    }

    async fn head(&self, district: &str) -> Kept<u64> {
        Ok(self.lock().feeds.get(district).map_or(0, |feed| feed.len() as u64))
    }

    async fn held(
        &self,
        device: DeviceId,
        documents: Vec<DocumentId>,
    ) -> Kept<BTreeMap<DocumentId, HeldRow>> {
        let state = self.lock();
        let of = state.held.iter().filter(|((of, document), _)| {
            *of == device && (documents.is_empty() || documents.contains(document))
        });
        Ok(of.map(|((_, document), held)| (*document, *held)).collect())
    }

    async fn due(&self, now: Millis, limit: usize) -> Kept<Vec<DocumentId>> {
        let state = self.lock();
        let rows = state.documents.values().filter_map(|document| document.row.as_ref());
        let mut due: Vec<_> = rows.filter_map(|row| Some((row.wake?, row.document))).collect();
        due.retain(|(wake, _)| *wake <= now);
        due.sort_unstable();
        Ok(due.into_iter().take(limit).map(|(_, document)| document).collect())
    }

    async fn next_due(&self) -> Kept<Option<Millis>> {
        let state = self.lock();
        let rows = state.documents.values().filter_map(|document| document.row.as_ref());
        Ok(rows.filter_map(|row| row.wake).min())
    }

    async fn command(&self, id: [u8; 16]) -> Kept<Option<CommandRow>> {
        Ok(self.lock().commands.get(&id).cloned())
    }

    async fn waiting(&self, device: DeviceId) -> Kept<Waiting> {
        let state = self.lock();
        let announced = state.announced.values().filter(|row| row.device == device).cloned().collect();
        let checkouts = state.checkouts.values().filter(|row| row.device == device).cloned().collect();
        Ok(Waiting { announced, checkouts })
    }

    async fn person(&self, worker: WorkerId) -> Kept<Option<Person>> {
        Ok(self.lock().people.get(&worker).cloned())
    }

    async fn persons(&self, workers: Vec<WorkerId>) -> Kept<Vec<Person>> {
        let state = self.lock();
        let wanted: std::collections::BTreeSet<WorkerId> = workers.into_iter().collect();
        Ok(wanted.iter().filter_map(|worker| state.people.get(worker)).cloned().collect())
    }

    async fn people(&self, district: &str) -> Kept<Vec<Person>> {
        Ok(self.lock().people.values().filter(|person| person.district == district).cloned().collect())
    }

    async fn device(&self, device: DeviceId) -> Kept<Option<DeviceRow>> {
        Ok(self.lock().devices.get(&device).cloned())
    }

    async fn devices(&self, district: &str) -> Kept<Vec<DeviceRow>> {
        Ok(self.lock().devices.values().filter(|row| row.district == district).cloned().collect())
    }

    async fn knows(&self, document: DocumentId, hash: Hash) -> Kept<bool> {
        let state = self.lock();
        let changes = state.documents.get(&document).into_iter().flat_map(|document| &document.changes);
        Ok(changes.into_iter().any(|row| row.hash == hash))
    }

    async fn copy(&self, prefix: DeviceId) -> Kept<Option<CopyRow>> {
        Ok(self.lock().copies.get(&prefix).cloned())
    }

    async fn enrolment(&self, code: [u8; 32]) -> Kept<Option<EnrolmentRow>> {
        Ok(self.lock().enrolments.get(&code).cloned())
    }

    async fn enrol(&self, code: [u8; 32], device: DeviceRow) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        let enrolled = device.enrolled;
        let Some(row) = state.enrolments.get_mut(&code).filter(|row| row.used.is_none()) else {
            return Ok(false);
        };
        row.used = Some(enrolled);
        state.devices.insert(device.device, device);
        Ok(true)
    }

    async fn add_person(&self, mut person: Person) -> Kept<WorkerId> {
        let mut state = self.lock();
        state.faults.pass()?;
        let same = |of: &&Person| {
            let one = (&of.district, &of.name, &of.unit, of.role, of.ended);
            one == (&person.district, &person.name, &person.unit, person.role, None)
        };
        if let Some(there) = state.people.values().find(same) {
            return Ok(there.worker);
        }
        let last = state.people.keys().next_back().map_or(0, |worker| worker.0);
        person.worker = WorkerId(person.worker.0.max(last + 1));
        let worker = person.worker;
        state.people.insert(worker, person);
        self.staffed.fetch_add(1, Relaxed);
        Ok(worker)
    }

    async fn quarantine(
        &self,
        district: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<QuarantineRow>> {
        let state = self.lock();
        let newest = state.quarantine.iter().rev();
        let of = newest.filter(|row| row.district == district && before.is_none_or(|before| row.id < before));
        Ok(of.take(limit).cloned().collect())
    }

    async fn quarantined(&self, document: DocumentId, hash: Hash) -> Kept<Option<QuarantineRow>> {
        let state = self.lock();
        Ok(state.quarantine.iter().find(|row| (row.document, row.hash) == (document, hash)).cloned())
    }

    async fn documents(&self, after: Option<DocumentId>, limit: usize) -> Kept<Vec<DocumentId>> {
        let state = self.lock();
        let ids = state.documents.keys().copied().filter(|id| after.is_none_or(|after| *id > after));
        Ok(ids.take(limit).collect())
    }

    async fn setting(&self, key: &str) -> Kept<Option<String>> {
        Ok(self.lock().settings.get(key).cloned())
    }
}
