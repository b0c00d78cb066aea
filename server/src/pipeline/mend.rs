//! Accepted changes that are damaged on the disk: found by their hash before anybody is told of them, and put right
//! from the document's snapshot, which holds every change exactly.
//!
//! What no snapshot holds is told to nobody: one rotten change must not stop the page of everything else.

use automerge::{Automerge, ReadDoc};
use doorstep_protocol::{DocumentId, Hash};

use super::{Centre, frozen};
use crate::gate;
use crate::metrics::METRICS;
use crate::store::{ChangeRow, Kept, Store};

fn is_whole(row: &ChangeRow) -> bool {
    Hash(gate::change_hash(&row.bytes)) == row.hash
}

/// The bytes of a change as they were accepted: what automerge makes again of it must hash to its name.
fn bytes_of(doc: &Automerge, hash: Hash) -> Option<Vec<u8>> {
    let bytes = doc.get_change_by_hash(&hash.into())?.raw_bytes().to_vec();
    (Hash(gate::change_hash(&bytes)) == hash).then_some(bytes)
}

impl<S: Store> Centre<S> {
    /// Whether these changes of a document are what was accepted, once what is damaged has been put right.
    pub(super) async fn mend(&self, document: DocumentId, changes: &mut [ChangeRow]) -> Kept<bool> {
        if changes.iter().all(is_whole) {
            return Ok(true);
        }
        let snapshot = self.store.snapshot_of(document).await?;
        let doc = snapshot
            .filter(|row| frozen::digest(&row.bytes) == row.digest)
            .and_then(|row| frozen::document(&row.bytes).ok());
        let (mut mended, mut lost) = (Vec::new(), 0_usize);
        for row in changes.iter_mut().filter(|row| !is_whole(row)) {
            match doc.as_ref().and_then(|doc| bytes_of(doc, row.hash)) {
                Some(bytes) => {
                    row.bytes.clone_from(&bytes);
                    mended.push((row.hash, bytes));
                }
                None => lost += 1,
            }
        }
        METRICS.damaged(mended.len(), lost);
        tracing::error!(%document, mended = mended.len(), lost, "changes are damaged on the disk; see `doorstep verify`");
        if !mended.is_empty() {
            self.store.mend_changes(document, mended).await?;
        }
        Ok(lost == 0)
    }
}
