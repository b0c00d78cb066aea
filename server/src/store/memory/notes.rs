//! Saved filters and reveals in memory.

use std::collections::BTreeMap;

use doorstep_protocol::{DocumentId, WorkerId};

use super::MemoryStore;
use crate::limits;
use crate::store::Kept;
use crate::store::notes::{Notes, RevealRow};

/// What is noted.
#[derive(Clone, Debug, Default)]
pub(super) struct Book {
    filters: BTreeMap<(WorkerId, String), String>,
    reveals: Vec<RevealRow>,
}

impl Book {
    /// A document was erased: what people said of why they looked goes.
    pub(super) fn forget(&mut self, document: DocumentId) {
        self.reveals.iter_mut().filter(|row| row.document == document).for_each(|row| row.reason.clear());
    }
}

impl Notes for MemoryStore {
    async fn filters(&self, worker: WorkerId) -> Kept<Vec<(String, String)>> {
        let state = self.lock();
        let of = state.notes.filters.iter().filter(|((whose, _), _)| *whose == worker);
        Ok(of.map(|((_, name), query)| (name.clone(), query.clone())).collect())
    }

    async fn put_filter(&self, worker: WorkerId, name: &str, query: &str) -> Kept<bool> {
        let mut state = self.lock();
        let filters = &mut state.notes.filters;
        let others = filters.keys().filter(|(whose, of)| *whose == worker && of != name).count();
        if others >= limits::FILTERS_KEPT {
            return Ok(false);
        }
        filters.insert((worker, name.to_owned()), query.to_owned());
        Ok(true)
    }

    async fn drop_filter(&self, worker: WorkerId, name: &str) -> Kept<()> {
        self.lock().notes.filters.remove(&(worker, name.to_owned()));
        Ok(())
    }

    async fn reveal(&self, row: RevealRow) -> Kept<()> {
        self.lock().notes.reveals.push(row);
        Ok(())
    }

    async fn reveals(&self, document: DocumentId, limit: usize) -> Kept<Vec<RevealRow>> {
        let state = self.lock();
        let of = state.notes.reveals.iter().rev().filter(|row| row.document == document);
        Ok(of.take(limit).cloned().collect())
    }
}
