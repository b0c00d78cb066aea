//! The work around the cases, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering::Relaxed;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, WorkerId};

use super::MemoryStore;
use crate::store::office::{AnsweredRow, JournalRow, LeavingRow, Office, RepeatedRow, ReviewRow};
use crate::store::{Kept, Person};

/// All of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    reviews: BTreeMap<(DocumentId, String), ReviewRow>,
    journal: Vec<JournalRow>,
    answered: BTreeMap<i64, AnsweredRow>,
    leaving: BTreeMap<DeviceId, LeavingRow>,
    repeated: BTreeMap<(WorkerId, String), RepeatedRow>,
    former: BTreeSet<(WorkerId, String)>,
}

impl Around {
    /// A document was erased: what was said about it goes, and whole answers of the day.
    pub(super) fn forget(&mut self, document: DocumentId) {
        self.reviews.retain(|(of, _), _| *of != document);
        self.repeated.clear();
        self.journal
            .iter_mut()
            .filter(|row| row.document == Some(document))
            .for_each(|row| row.reason.clear());
    }
}

impl Office for MemoryStore {
    async fn reviews(&self, documents: Vec<DocumentId>) -> Kept<Vec<ReviewRow>> {
        let state = self.lock();
        let of = state.around.reviews.values().filter(|row| documents.contains(&row.document));
        Ok(of.cloned().collect())
    }

    async fn put_review(&self, mut row: ReviewRow) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        let key = (row.document, row.field.clone());
        if state.around.reviews.get(&key).map_or(0, |known| known.version) != row.version {
            return Ok(false);
        }
        row.version += 1;
        state.around.reviews.insert(key, row);
        Ok(true)
    }

    async fn note(&self, mut row: JournalRow) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        row.id = state.around.journal.len() as i64 + 1;
        state.around.journal.push(row);
        Ok(())
    }

    async fn journal(
        &self,
        district: &str,
        act: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<JournalRow>> {
        let state = self.lock();
        let of = state.around.journal.iter().rev().filter(|row| {
            row.district == district
                && row.act.starts_with(act)
                && before.is_none_or(|before| row.id < before)
        });
        Ok(of.take(limit).cloned().collect())
    }

    async fn answered(&self, ids: Vec<i64>) -> Kept<Vec<AnsweredRow>> {
        let state = self.lock();
        Ok(ids.iter().filter_map(|id| state.around.answered.get(id)).cloned().collect())
    }

    async fn answer(&self, row: AnsweredRow) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        if state.around.answered.contains_key(&row.id) {
            return Ok(false);
        }
        state.around.answered.insert(row.id, row);
        Ok(true)
    }

    async fn change_person(&self, person: Person) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        if let Some(known) = state.people.get_mut(&person.worker) {
            let before = known.name.clone();
            let renamed = before != person.name;
            let worker = person.worker;
            *known = Person { district: known.district.clone(), ..person };
            if renamed {
                state.around.former.insert((worker, before));
            }
        }
        self.staffed.fetch_add(1, Relaxed);
        Ok(())
    }

    async fn former_names(&self, district: &str) -> Kept<Vec<(WorkerId, String)>> {
        let state = self.lock();
        let here = |worker: &WorkerId| state.people.get(worker).is_some_and(|of| of.district == district);
        Ok(state.around.former.iter().filter(|(worker, _)| here(worker)).cloned().collect())
    }

    fn staff_changes(&self) -> u64 {
        self.staffed.load(Relaxed)
    }

    async fn leaving(&self, device: DeviceId) -> Kept<Option<LeavingRow>> {
        Ok(self.lock().around.leaving.get(&device).cloned())
    }

    async fn leave(&self, row: LeavingRow) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        let holds_back = row.holds_back;
        state.around.leaving.entry(row.device).or_insert(row).holds_back |= holds_back;
        Ok(())
    }

    async fn repeated(&self, worker: WorkerId, key: &str) -> Kept<Option<RepeatedRow>> {
        Ok(self.lock().around.repeated.get(&(worker, key.to_owned())).cloned())
    }

    async fn put_repeated(&self, row: RepeatedRow, until: Millis) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        state.around.repeated.retain(|_, known| known.at >= until);
        state.around.repeated.entry((row.worker, row.key.clone())).or_insert(row);
        Ok(())
    }
}
