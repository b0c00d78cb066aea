//! Cases kept in memory, and the locks that keep two sessions of this process off one case.
//!
//! Bounded by bytes, however many documents are on the disk. Never the truth: what another node or process
//! committed is found out by the compare-and-swap.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use doorstep_protocol::DocumentId;
use tokio::sync::MutexGuard;

use super::case::Case;

const LOCKS: usize = 256;

pub(super) struct Cache {
    locks: Vec<tokio::sync::Mutex<()>>,
    /// Bytes of all cases together.
    room: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    cases: BTreeMap<DocumentId, Entry>,
    /// By last use; the oldest goes first.
    uses: BTreeMap<u64, DocumentId>,
    clock: u64,
    /// Committed past the copy here, or past one that is in somebody's hands.
    outdated: BTreeSet<DocumentId>,
    /// Of all cases here, by their own estimate.
    bytes: usize,
}

struct Entry {
    used: u64,
    weight: usize,
    case: Box<Case>,
}

impl Kept {
    fn remove(&mut self, document: DocumentId) -> Option<Box<Case>> {
        let Entry { used, weight, case } = self.cases.remove(&document)?;
        self.uses.remove(&used);
        self.bytes -= weight;
        Some(case)
    }
}

impl Cache {
    /// With room for so many bytes.
    pub(super) fn of(room: usize) -> Self {
        let locks = (0..LOCKS).map(|_| tokio::sync::Mutex::new(())).collect();
        Cache { locks, room, kept: Mutex::default() }
    }

    pub(super) async fn lock(&self, document: DocumentId) -> MutexGuard<'_, ()> {
        let bytes = document.0.as_bytes();
        let at = usize::from(bytes[15]) ^ usize::from(bytes[9]);
        self.locks[at % LOCKS].lock().await
    }

    /// Takes the case out: whoever fails to put it back has it loaded again.
    pub(super) fn take(&self, document: DocumentId) -> Option<Case> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let case = kept.remove(document).map(|case| *case);
        if kept.outdated.remove(&document) { None } else { case }
    }

    /// Somebody without the document's lock has committed it: the next to take it loads it.
    pub(super) fn outdate(&self, document: DocumentId) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.outdated.insert(document);
    }

    /// Keeps a case. What was used longest ago goes until all of them fit; what goes is dropped after the
    /// lock is free. Returns what of that will be dear to load again.
    pub(super) fn put(&self, case: Case) -> Vec<DocumentId> {
        let mut gone = Vec::new();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let (used, document, weight) = (kept.clock, case.row.document, case.weight());
        drop(kept.remove(document));
        kept.uses.insert(used, document);
        kept.cases.insert(document, Entry { used, weight, case: Box::new(case) });
        kept.bytes += weight;
        while kept.bytes > self.room
            && let Some(oldest) = kept.uses.values().next().copied()
        {
            gone.extend(kept.remove(oldest));
        }
        drop(kept);
        gone.iter().filter(|case| case.is_dear()).map(|case| case.row.document).collect()
    }
}
