//! Arrived files in memory.

use std::collections::BTreeMap;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};

use super::MemoryStore;
use crate::store::Kept;
use crate::store::arrivals::{ArrivalRow, Arrivals};

/// By document and hash.
pub(super) type Files = BTreeMap<(DocumentId, Hash), ArrivalRow>;

impl Arrivals for MemoryStore {
    async fn arrive(&self, row: ArrivalRow) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        state.files.entry((row.document, row.hash)).or_insert(row);
        Ok(())
    }

    async fn arrivals(&self, document: DocumentId) -> Kept<Vec<ArrivalRow>> {
        let state = self.lock();
        Ok(state.files.values().filter(|row| row.document == document).cloned().collect())
    }

    async fn arrived_bytes(&self, device: DeviceId, since: Millis) -> Kept<u64> {
        let state = self.lock();
        let sent = state.files.values().filter(|row| row.device == device && row.at >= since);
        Ok(sent.map(|row| row.size).sum())
    }

    async fn forget_arrivals(&self, document: DocumentId, hash: Option<Hash>) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        state.files.retain(|key, _| key.0 != document || hash.is_some_and(|hash| hash != key.1));
        Ok(())
    }
}
