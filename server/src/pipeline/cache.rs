//! Cases kept in memory, and the locks that keep two sessions of this process off one case.
//!
//! Never the truth: what another node or process committed is found out by the compare-and-swap.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use doorstep_protocol::DocumentId;
use tokio::sync::MutexGuard;

use super::case::Case;
use crate::limits;

const LOCKS: usize = 256;

pub(super) struct Cache {
    locks: Vec<tokio::sync::Mutex<()>>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    cases: BTreeMap<DocumentId, (u64, Box<Case>)>,
    /// By last use; the oldest goes first.
    uses: BTreeMap<u64, DocumentId>,
    clock: u64,
}

impl Default for Cache {
    fn default() -> Self {
        let locks = (0..LOCKS).map(|_| tokio::sync::Mutex::new(())).collect();
        Cache { locks, kept: Mutex::default() }
    }
}

impl Cache {
    pub(super) async fn lock(&self, document: DocumentId) -> MutexGuard<'_, ()> {
        let bytes = document.0.as_bytes();
        let at = usize::from(bytes[15]) ^ usize::from(bytes[9]);
        self.locks[at % LOCKS].lock().await
    }

    /// Takes the case out: whoever fails to put it back has it loaded again.
    pub(super) fn take(&self, document: DocumentId) -> Option<Case> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (used, case) = kept.cases.remove(&document)?;
        kept.uses.remove(&used);
        Some(*case)
    }

    pub(super) fn put(&self, case: Case) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let (clock, document) = (kept.clock, case.row.document);
        kept.uses.insert(clock, document);
        if let Some((before, _)) = kept.cases.insert(document, (clock, Box::new(case))) {
            kept.uses.remove(&before);
        }
        while kept.cases.len() > limits::CACHED_DOCUMENTS
            && let Some((_, oldest)) = kept.uses.pop_first()
        {
            kept.cases.remove(&oldest);
        }
    }
}
