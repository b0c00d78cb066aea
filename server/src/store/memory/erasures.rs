//! Erasures in memory.

use std::collections::BTreeMap;

use doorstep_protocol::DocumentId;

use super::{MemoryStore, State};
use crate::store::erasures::{ErasureRow, Erasures};
use crate::store::{Commit, Kept, Outcome};

/// By document.
pub(super) type Ledger = BTreeMap<DocumentId, ErasureRow>;

impl State {
    fn destroy(&mut self, document: DocumentId) {
        if let Some(stored) = self.documents.get_mut(&document) {
            stored.changes.clear();
            stored.decisions.clear();
            stored.filed.1 = None;
        }
        self.snapshots.remove(&document);
        self.around.forget(document);
        self.notes.forget(document);
        self.deliveries.retain(|row| row.document != document);
        self.names.retain(|(_, by)| *by != document);
        self.files.retain(|key, _| key.0 != document);
        self.announced.retain(|key, _| key.1 != document);
        self.checkouts.retain(|key, _| key.1 != document);
        self.commands.retain(|_, row| row.document != document);
        self.quarantine.retain(|row| row.document != document);
    }
}

impl Erasures for MemoryStore {
    async fn erase(&self, row: ErasureRow, commits: Vec<Commit>) -> Kept<bool> {
        let mut state = self.lock();
        let answer = state.faults.next()?;
        let before = state.clone();
        let outcomes: Vec<Outcome> = commits.into_iter().map(|commit| state.commit_one(commit)).collect();
        if outcomes.contains(&Outcome::Lost) {
            *state = before;
            return answer.give(false);
        }
        state.destroy(row.document);
        state.erasures.insert(row.document, row);
        answer.give(true)
    }

    async fn erasures(&self) -> Kept<Vec<ErasureRow>> {
        Ok(self.lock().erasures.values().cloned().collect())
    }

    async fn erasure_count(&self) -> Kept<usize> {
        Ok(self.lock().erasures.len())
    }

    async fn erasure(&self, document: DocumentId) -> Kept<Option<ErasureRow>> {
        Ok(self.lock().erasures.get(&document).cloned())
    }

    async fn scour(&self) -> Kept<bool> {
        Ok(true)
    }
}
