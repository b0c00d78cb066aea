//! A store in memory, for the simulator, tests and the browser. A clone is another handle on the same
//! store, so that a device can crash and come back.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use doorstep_protocol::{DocumentId, Hash, WorkerId, limits};

use super::{
    BlobRow, DocumentRow, HeldCheckout, Listed, Meta, Op, OutboxEntry, Purged, QueuedCommand, RejectedItem,
    Store, StoreError, Stored, StoredChange, StoredDecision,
};

/// A store in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<State>>);

#[derive(Clone, Debug, Default)]
struct State {
    meta: Meta,
    documents: BTreeMap<DocumentId, Document>,
    outbox: BTreeMap<u64, OutboxEntry>,
    rejected: Vec<RejectedItem>,
    commands: Vec<QueuedCommand>,
    checkouts: BTreeMap<[u8; 16], HeldCheckout>,
    purged: BTreeMap<DocumentId, u64>,
    blobs: Vec<(BlobRow, Vec<u8>)>,
    names: BTreeMap<WorkerId, String>,
    sequence: u64,
    outbox_sequence: u64,
    /// Applies left before the store fails.
    applies_left: Option<u64>,
}

#[derive(Clone, Debug)]
struct Document {
    row: DocumentRow,
    changes: Vec<StoredChange>,
    by_hash: BTreeMap<Hash, usize>,
    decisions: BTreeMap<(u32, u32), StoredDecision>,
}

impl Memory {
    /// The `n`-th apply from now (1: the next) and all later ones fail, until [`Memory::revive`].
    pub fn fail_after(&self, n: u64) {
        self.lock().applies_left = Some(n.saturating_sub(1));
    }

    /// Applies work again.
    pub fn revive(&self) {
        self.lock().applies_left = None;
    }

    /// A copy of everything as it is now: another store.
    #[must_use]
    pub fn copied(&self) -> Memory {
        Memory(Arc::new(Mutex::new(self.lock().clone())))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a future that never waits, such as any of a replica over a memory store.
///
/// # Panics
/// If the future waits for something outside.
pub fn immediate<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a future over a memory store has nothing to wait for"),
    }
}

impl Store for Memory {
    async fn apply(&self, ops: Vec<Op>) -> Result<(), StoreError> {
        let mut state = self.lock();
        match &mut state.applies_left {
            Some(0) => return Err(StoreError::Failed("the simulated device has crashed".into())),
            Some(left) => *left -= 1,
            None => {}
        }
        state.check(&ops)?;
        state.sequence += 1;
        for op in ops {
            state.write(op);
        }
        Ok(())
    }

    async fn meta(&self) -> Result<Meta, StoreError> {
        Ok(self.lock().meta.clone())
    }

    async fn load(&self, document: DocumentId) -> Result<Option<Stored>, StoreError> {
        let state = self.lock();
        Ok(state.documents.get(&document).map(|held| Stored {
            row: held.row.clone(),
            changes: held.changes.clone(),
            outbox: state.outbox.values().filter(|entry| entry.document == document).cloned().collect(),
            decisions: held.decisions.values().cloned().collect(),
            unsent_blobs: state
                .blobs
                .iter()
                .filter(|(blob, _)| blob.document == document && blob.settled.is_none())
                .count(),
        }))
    }

    async fn list(&self) -> Result<Vec<Listed>, StoreError> {
        let state = self.lock();
        let mut pending: BTreeMap<DocumentId, (u64, u64)> = BTreeMap::new();
        for entry in state.outbox.values() {
            let counts = pending.entry(entry.document).or_default();
            *counts = (counts.0 + 1, counts.1 + u64::from(entry.sent));
        }
        let listed = state.documents.iter().map(|(id, held)| {
            let (pending, sent) = pending.get(id).copied().unwrap_or_default();
            Listed { row: held.row.clone(), accepted: !held.changes.is_empty(), pending, sent }
        });
        Ok(listed.collect())
    }

    async fn outbox(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        Ok(self.lock().outbox.values().cloned().collect())
    }

    async fn rejected(&self) -> Result<Vec<RejectedItem>, StoreError> {
        Ok(self.lock().rejected.clone())
    }

    async fn commands(&self) -> Result<Vec<QueuedCommand>, StoreError> {
        Ok(self.lock().commands.clone())
    }

    async fn checkouts(&self) -> Result<Vec<HeldCheckout>, StoreError> {
        Ok(self.lock().checkouts.values().cloned().collect())
    }

    async fn purged(&self) -> Result<Vec<Purged>, StoreError> {
        let state = self.lock();
        Ok(state
            .purged
            .iter()
            .map(|(document, counter)| Purged { document: *document, counter: *counter })
            .collect())
    }

    async fn blobs(&self) -> Result<Vec<BlobRow>, StoreError> {
        Ok(self.lock().blobs.iter().map(|(row, _)| row.clone()).collect())
    }

    async fn blob_part(
        &self,
        document: DocumentId,
        hash: Hash,
        n: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let state = self.lock();
        let found = state.blobs.iter().find(|(row, _)| (row.document, row.hash) == (document, hash));
        let part = found.and_then(|(_, bytes)| bytes.chunks(limits::BLOB_PART_BYTES).nth(n as usize));
        Ok(part.map(<[u8]>::to_vec))
    }

    async fn names(&self) -> Result<BTreeMap<WorkerId, String>, StoreError> {
        Ok(self.lock().names.clone())
    }

    async fn sequence(&self) -> Result<u64, StoreError> {
        Ok(self.lock().sequence)
    }
}

impl State {
    /// All comparisons of a transaction, before anything of it is written.
    fn check(&self, ops: &[Op]) -> Result<(), StoreError> {
        let mut seen: BTreeMap<DocumentId, u64> = BTreeMap::new();
        for op in ops {
            let (document, expected, after) = match op {
                Op::Meta(meta) if meta.version != self.meta.version => {
                    return Err(StoreError::Changed("the device's record".into()));
                }
                Op::Document(row) => (row.document, row.version, self.sequence + 1),
                Op::Purge { document, version, .. } => (*document, *version, 0),
                _ => continue,
            };
            let stored = || self.documents.get(&document).map_or(0, |held| held.row.version);
            if seen.get(&document).copied().unwrap_or_else(stored) != expected {
                return Err(StoreError::Changed(document.to_string()));
            }
            seen.insert(document, after);
        }
        Ok(())
    }

    fn write(&mut self, op: Op) {
        match op {
            Op::Meta(meta) => self.meta = Meta { version: self.sequence, ..meta },
            Op::Document(row) => {
                let row = DocumentRow { version: self.sequence, ..row };
                let held = self.document(row.clone());
                held.row = row;
            }
            Op::Change(document, change) => {
                let held = self.document_of(document);
                if let Some(at) = held.by_hash.get(&change.hash) {
                    held.changes[*at].facts = change.facts;
                } else {
                    held.by_hash.insert(change.hash, held.changes.len());
                    held.changes.push(change);
                }
            }
            Op::Decision(document, decision) => {
                self.document_of(document).decisions.insert((decision.epoch, decision.n), decision);
            }
            Op::Purge { document, counter, .. } => self.purge(document, counter),
            Op::ForgetDecisions(document) => self.document_of(document).decisions.clear(),
            Op::Name(worker, name) => drop(self.names.insert(worker, name)),
            Op::ConfirmPurged(before) => self.purged.retain(|_, counter| *counter >= before),
            Op::Regrant(document) => drop(self.purged.remove(&document)),
            Op::Checkout(checkout) => drop(self.checkouts.insert(checkout.id, checkout)),
            Op::EndCheckout(id) => drop(self.checkouts.remove(&id)),
            Op::Blob(row, bytes) => {
                if self.blob(row.document, row.hash).is_none() {
                    self.blobs.push((row, bytes));
                }
            }
            Op::SettleBlob { document, hash, epoch, refused } => {
                if let Some(row) = self.blob(document, hash) {
                    (row.settled, row.refused) = (Some(epoch), refused);
                }
            }
            other => self.write_queue(other),
        }
    }

    fn write_queue(&mut self, op: Op) {
        match op {
            Op::Enqueue(entry) => {
                let same = |other: &OutboxEntry| (other.document, other.hash) == (entry.document, entry.hash);
                if !self.outbox.values().any(same) {
                    self.outbox_sequence += 1;
                    self.outbox.insert(self.outbox_sequence, entry);
                }
            }
            Op::Dequeue(document, hash) => {
                self.outbox.retain(|_, entry| (entry.document, entry.hash) != (document, hash));
            }
            Op::MarkSent(document, hash) => {
                let mut entries = self.outbox.values_mut();
                if let Some(entry) = entries.find(|entry| (entry.document, entry.hash) == (document, hash)) {
                    entry.sent = true;
                }
            }
            Op::ClearSent => self.outbox.values_mut().for_each(|entry| entry.sent = false),
            Op::Reject(item) if self.rejected.iter().all(|other| other.id != item.id) => {
                self.rejected.push(item);
            }
            Op::Dismiss(id) => self.rejected.retain(|item| item.id != id),
            Op::Command(command) if self.commands.iter().all(|other| other.command.id != command.id) => {
                self.commands.push(QueuedCommand { command, outcome: None });
            }
            Op::Answer(id, outcome) => {
                if let Some(queued) = self.commands.iter_mut().find(|queued| queued.command.id == id) {
                    queued.outcome = Some(outcome);
                }
            }
            _ => {}
        }
    }

    fn document(&mut self, row: DocumentRow) -> &mut Document {
        self.documents.entry(row.document).or_insert_with(|| Document {
            row,
            changes: Vec::new(),
            by_hash: BTreeMap::new(),
            decisions: BTreeMap::new(),
        })
    }

    fn blob(&mut self, document: DocumentId, hash: Hash) -> Option<&mut BlobRow> {
        self.blobs.iter_mut().map(|(row, _)| row).find(|row| (row.document, row.hash) == (document, hash))
    }

    /// The row may follow its content within a transaction.
    fn document_of(&mut self, document: DocumentId) -> &mut Document {
        self.document(Stored::new(document, doorstep_protocol::documents::Kind::Case).row)
    }

    fn purge(&mut self, document: DocumentId, counter: u64) {
        self.documents.remove(&document);
        self.blobs.retain(|(blob, _)| blob.document != document);
        self.outbox.retain(|_, entry| entry.document != document);
        self.commands.retain(|queued| queued.command.document != document);
        for item in self.rejected.iter_mut().filter(|item| item.document == document) {
            item.intent.clear();
            item.bytes.clear();
        }
        self.purged.insert(document, counter);
    }
}
