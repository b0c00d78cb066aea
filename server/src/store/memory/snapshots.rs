//! Snapshots in memory.

use std::collections::BTreeMap;

use doorstep_protocol::{DocumentId, Hash};

use super::MemoryStore;
use crate::store::snapshots::{Cold, SnapshotRow, Snapshots};
use crate::store::{Kept, Store};

/// By document.
pub(super) type Snaps = BTreeMap<DocumentId, SnapshotRow>;

impl Snapshots for MemoryStore {
    async fn cold(&self, document: DocumentId) -> Kept<Option<Cold>> {
        let Some(mut stored) = self.load(document).await? else { return Ok(None) };
        let snapshot = self.snapshot_of(document).await?;
        if let Some(snapshot) = &snapshot {
            stored.changes.retain(|change| change.seq > snapshot.seq);
        }
        Ok(Some(Cold { stored, snapshot }))
    }

    async fn snapshot_of(&self, document: DocumentId) -> Kept<Option<SnapshotRow>> {
        Ok(self.lock().snapshots.get(&document).cloned())
    }

    async fn put_snapshots(&self, rows: Vec<SnapshotRow>) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        for row in rows {
            let at = state.documents.get(&row.document).and_then(|document| Some(document.row.as_ref()?.seq));
            if at == Some(row.seq) {
                state.snapshots.insert(row.document, row);
            }
        }
        Ok(())
    }

    async fn drop_snapshot(&self, document: DocumentId) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        state.snapshots.remove(&document);
        Ok(())
    }

    async fn mend_changes(&self, document: DocumentId, changes: Vec<(Hash, Vec<u8>)>) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        let Some(stored) = state.documents.get_mut(&document) else { return Ok(()) };
        for (hash, bytes) in changes {
            let row = stored.changes.iter_mut().find(|row| row.hash == hash);
            row.into_iter().for_each(|row| row.bytes.clone_from(&bytes));
        }
        Ok(())
    }
}
