//! Giving back: what a restored centre has lost and this device still holds.
//!
//! Reads only. Nothing leaves the store because it was given back.

use automerge::Change;
use doorstep_protocol::documents::genesis::{new_document, with_migrations};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{Blob, Sent};
use doorstep_protocol::{DocumentId, Hash};

use super::{Replica, SessionFailure};
use crate::source::Source;
use crate::store::{Store, Stored};

impl<S: Store, R: Source> Replica<S, R> {
    /// Documents that may have something to give back.
    pub async fn held_documents(&self) -> Result<Vec<DocumentId>, SessionFailure> {
        Ok(self.store.list().await?.into_iter().map(|listed| listed.row.document).collect())
    }

    /// The accepted changes of a document that the centre accepted at this time or later, each after
    /// those it builds on.
    pub async fn returns(&self, document: DocumentId, since: Millis) -> Result<Vec<Sent>, SessionFailure> {
        let Some(stored) = self.store.load(document).await? else { return Ok(Vec::new()) };
        Ok(in_causal_order(&stored).into_iter().filter(|sent| sent.received >= since).collect())
    }
}

fn in_causal_order(stored: &Stored) -> Vec<Sent> {
    let parsed = stored.changes.iter().filter_map(|change| Change::from_bytes(change.bytes.clone()).ok());
    let mut doc = new_document(stored.row.kind);
    let all = with_migrations(stored.row.kind, parsed.collect());
    if doc.apply_changes(all).is_err() {
        return Vec::new();
    }
    let sent = |change: &Change| {
        let hash = Hash::from(change.hash());
        let kept = stored.changes.iter().find(|kept| kept.hash == hash)?;
        Some(Sent {
            bytes: Blob::from(kept.bytes.clone()),
            worker: kept.facts.worker,
            device: kept.facts.device,
            made: kept.facts.made,
            received: kept.facts.received,
            receipt: kept.facts.receipt,
        })
    };
    doc.get_changes(&[]).iter().filter_map(sent).collect()
}
