//! Cold cases: a snapshot and what came after it, or the changes alone; and the snapshots themselves, written in the
//! background for cases that were dear to load or left the cache after they had grown.
//!
//! A snapshot that is not what was kept, or does not thaw, is thrown away and said so; the changes serve. Writing one
//! never holds up a push: nothing here takes a case's lock.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use doorstep_protocol::DocumentId;

use super::case::Case;
use super::frozen::{self, Unusable};
use super::{Centre, standing_in};
use crate::limits;
use crate::metrics::METRICS;
use crate::policies::Packs;
use crate::store::snapshots::{Cold, SnapshotRow};
use crate::store::{Kept, Store, Stored};

/// Documents whose snapshot would pay. What is forgotten is noted again when it is loaded again.
#[derive(Default)]
pub(super) struct Dear(Mutex<BTreeSet<DocumentId>>);

impl Dear {
    pub(super) fn note(&self, documents: impl IntoIterator<Item = DocumentId>) {
        let mut dear = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for document in documents {
            if dear.len() < limits::DEAR_DOCUMENTS {
                dear.insert(document);
            }
        }
    }

    fn take(&self, limit: usize) -> Vec<DocumentId> {
        let mut dear = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| dear.pop_first()).take(limit).collect()
    }
}

/// What a stored snapshot says, if it is what was kept and this build reads it.
fn thawed(row: &SnapshotRow, stored: &Stored, packs: &Packs, now: i64) -> Kept<Result<Case, Unusable>> {
    if frozen::digest(&row.bytes) != row.digest {
        return Ok(Err(Unusable::Digest));
    }
    let pack = standing_in(packs, stored, now)?;
    Ok(Case::resume(&row.bytes, stored, &pack))
}

/// Whether a snapshot is what its document's changes come to.
///
/// # Errors
/// Fails where the changes themselves do not read.
pub(crate) fn agrees(
    row: &SnapshotRow,
    stored: &Stored,
    packs: &Packs,
    now: i64,
) -> Kept<Result<(), Unusable>> {
    let thawed = match thawed(row, stored, packs, now)? {
        Ok(thawed) => thawed,
        Err(unusable) => return Ok(Err(unusable)),
    };
    let mut until = stored.clone();
    until.changes.retain(|change| change.seq <= row.seq);
    let built = Case::restore(until, &*standing_in(packs, stored, now)?)?;
    Ok(if frozen::same(&thawed, &built) { Ok(()) } else { Err(Unusable::Different) })
}

impl<S: Store> Centre<S> {
    /// Builds a case from what is on the disk.
    pub(super) async fn warm(&self, document: DocumentId) -> Kept<Option<Case>> {
        let Some(Cold { stored, snapshot }) = self.store.cold(document).await? else { return Ok(None) };
        let Some(snapshot) = snapshot else { return self.build(stored).map(Some) };
        match thawed(&snapshot, &stored, &self.packs(), self.now())? {
            Ok(mut case) => {
                case.frozen = case.known.len();
                let later = stored.changes.len();
                if later >= limits::SNAPSHOT_AFTER {
                    self.dear.note([document]);
                }
                case.with(stored, None).map(Some)
            }
            Err(unusable) => {
                self.throw_away(document, unusable).await;
                let stored = self.store.load(document).await?;
                stored.map(|stored| self.build(stored)).transpose()
            }
        }
    }

    /// Keeps a case in memory.
    pub(super) fn put_back(&self, case: Case) {
        let dear = self.cache.put(case);
        if !dear.is_empty() {
            self.dear.note(dear);
        }
    }

    /// From the changes alone.
    fn build(&self, stored: Stored) -> Kept<Case> {
        if stored.changes.len() >= limits::SNAPSHOT_AFTER {
            self.dear.note([stored.row.document]);
        }
        let pack = standing_in(&self.packs(), &stored, self.now())?;
        Case::restore(stored, &pack)
    }

    async fn throw_away(&self, document: DocumentId, why: Unusable) {
        METRICS.snapshot_thrown_away();
        tracing::warn!(%document, %why, "a snapshot is thrown away; the changes serve");
        if let Err(error) = self.store.drop_snapshot(document).await {
            // It is found again, and as useless, when the case is next loaded.
            tracing::warn!(%document, %error, "it could not be deleted");
        }
    }

    /// Notes a document whose snapshot would pay.
    pub fn note_dear(&self, document: DocumentId) {
        self.dear.note([document]);
    }

    /// Freezes cases that are dear to load, at most `limit`; returns how many were looked at. Each is built from its
    /// changes, frozen, thawed and compared, and only then kept; if it was committed meanwhile, it is not.
    pub async fn compact(&self, limit: usize) -> Kept<usize> {
        let documents = self.dear.take(limit);
        let mut rows = Vec::new();
        for document in &documents {
            let Some(stored) = self.store.load(*document).await? else { continue };
            let seq = stored.row.seq;
            let pack = standing_in(&self.packs(), &stored, self.now())?;
            let frozen =
                Case::restore_telling(stored, &pack).map(|(case, accepted)| frozen::freeze(&case, &accepted));
            match frozen {
                Ok(Ok(bytes)) => {
                    rows.push(SnapshotRow {
                        document: *document,
                        seq,
                        digest: frozen::digest(&bytes),
                        bytes,
                    });
                }
                Ok(Err(why)) => {
                    tracing::error!(%document, %why, "no snapshot is kept: it would not be the case")
                }
                Err(error) => {
                    tracing::error!(%document, %error, "the changes do not read; see `doorstep verify`")
                }
            }
        }
        METRICS.snapshots_kept(rows.len());
        self.store.put_snapshots(rows).await?;
        Ok(documents.len())
    }
}
