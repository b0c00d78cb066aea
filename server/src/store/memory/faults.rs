//! What a simulator does to the store: writes that fail, writes whose answer is lost, copies as of a moment.

use std::collections::BTreeMap;

use doorstep_protocol::{DocumentId, Hash};

use super::{Document, MemoryStore};
use crate::store::{Kept, StoreError};

/// Which writes fail.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    /// Writes that still succeed; `None`: all.
    left: Option<u64>,
    /// The first one that fails is kept all the same: the machine stopped between the commit and its answer.
    answer_lost: bool,
}

/// How a write that is let through ends.
pub(super) struct Answer {
    lost: bool,
}

impl Answer {
    pub(super) fn give<T>(self, kept: T) -> Kept<T> {
        if self.lost { Err(stopped()) } else { Ok(kept) }
    }
}

impl Faults {
    /// The same for a write whose answer is never lost.
    pub(super) fn pass(&mut self) -> Kept<()> {
        self.next().map(|_| ())
    }

    /// Lets the next write through, or fails it with nothing written.
    pub(super) fn next(&mut self) -> Kept<Answer> {
        match &mut self.left {
            None => Ok(Answer { lost: false }),
            Some(0) if std::mem::take(&mut self.answer_lost) => Ok(Answer { lost: true }),
            Some(0) => Err(stopped()),
            Some(left) => {
                *left -= 1;
                Ok(Answer { lost: false })
            }
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Failed("stopped by the simulation".into())
}

impl MemoryStore {
    /// After `writes` more writes every write fails, as if the machine had stopped.
    pub fn fail_after(&self, writes: u64) {
        self.lock().faults = Faults { left: Some(writes), answer_lost: false };
    }

    /// The same, but the first write that fails is kept: only its answer is lost.
    pub fn lose_the_answer_after(&self, writes: u64) {
        self.lock().faults = Faults { left: Some(writes), answer_lost: true };
    }

    /// Writes succeed again. What had returned before is there, and at most one more.
    pub fn revive(&self) {
        self.lock().faults = Faults::default();
    }

    /// A copy of everything as it is now: a backup.
    pub fn snapshot(&self) -> MemoryStore {
        let mut state = self.lock().clone();
        state.faults = Faults::default();
        MemoryStore { state: std::sync::Mutex::new(state), ..MemoryStore::default() }
    }

    /// Every acknowledged change by document, for oracles.
    pub fn hashes(&self) -> BTreeMap<DocumentId, Vec<Hash>> {
        let state = self.lock();
        let of = |document: &Document| document.changes.iter().map(|change| change.hash).collect();
        state.documents.iter().map(|(id, document)| (*id, of(document))).collect()
    }
}
