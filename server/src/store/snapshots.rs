//! Snapshots: what the changes of a document come to, kept so that a cold case need not apply them again.
//!
//! A cache and nothing else: the changes are kept whatever happens here, a snapshot may go at any time, and whoever
//! reads one compares its digest first.

use std::future::Future;

use doorstep_protocol::{DocumentId, Hash};

use super::group::GroupCommit;
use super::{Kept, Store, Stored};

/// The snapshot of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRow {
    /// The document.
    pub document: DocumentId,
    /// It holds every change that the feed had got by this sequence.
    pub seq: u64,
    /// SHA-256 of `bytes`.
    pub digest: [u8; 32],
    /// Opaque here.
    pub bytes: Vec<u8>,
}

/// What a case is built from: everything, or a snapshot and what came after it.
#[derive(Clone, Debug)]
pub struct Cold {
    /// All about the document; of its changes those that are not in the snapshot.
    pub stored: Stored,
    /// The snapshot, as it is on the disk.
    pub snapshot: Option<SnapshotRow>,
}

/// Keeps snapshots. One a document; each call is one durable write or one read.
pub trait Snapshots: Send + Sync + 'static {
    /// What a case is built from, all of one version.
    fn cold(&self, document: DocumentId) -> impl Future<Output = Kept<Option<Cold>>> + Send;

    /// The snapshot of a document.
    fn snapshot_of(&self, document: DocumentId) -> impl Future<Output = Kept<Option<SnapshotRow>>> + Send;

    /// Keeps snapshots together, each in place of the one before. One whose document was committed meanwhile is left out.
    fn put_snapshots(&self, rows: Vec<SnapshotRow>) -> impl Future<Output = Kept<()>> + Send;

    /// Throws the snapshot of a document away.
    fn drop_snapshot(&self, document: DocumentId) -> impl Future<Output = Kept<()>> + Send;

    /// Puts the bytes of changes right that were damaged on the disk. What is not stored is left out.
    fn mend_changes(
        &self,
        document: DocumentId,
        changes: Vec<(Hash, Vec<u8>)>,
    ) -> impl Future<Output = Kept<()>> + Send;
}

impl<S: Store> Snapshots for GroupCommit<S> {
    async fn cold(&self, document: DocumentId) -> Kept<Option<Cold>> {
        self.inner().cold(document).await
    }

    async fn snapshot_of(&self, document: DocumentId) -> Kept<Option<SnapshotRow>> {
        self.inner().snapshot_of(document).await
    }

    async fn put_snapshots(&self, rows: Vec<SnapshotRow>) -> Kept<()> {
        self.inner().put_snapshots(rows).await
    }

    async fn drop_snapshot(&self, document: DocumentId) -> Kept<()> {
        self.inner().drop_snapshot(document).await
    }

    async fn mend_changes(&self, document: DocumentId, changes: Vec<(Hash, Vec<u8>)>) -> Kept<()> {
        self.inner().mend_changes(document, changes).await
    }
}
