//! Files that have arrived whole: what is kept of them beside their bytes, and the trait through which.
//!
//! A row is written after its bytes are verified and synced. A row without bytes is a loss that `verify` shows.

use std::future::Future;

use doorstep_protocol::documents::Media;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};

use super::group::GroupCommit;
use super::{Kept, Store};

/// One file of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivalRow {
    /// The document that names it.
    pub document: DocumentId,
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Bytes.
    pub size: u64,
    /// What it is, by its bytes.
    pub media: Media,
    /// Which device sent it.
    pub device: DeviceId,
    /// When it was whole.
    pub at: Millis,
}

/// Keeps which files have arrived. Each call is one durable write or one read.
pub trait Arrivals: Send + Sync + 'static {
    /// Notes that a file is here. One that is noted stays as it is.
    fn arrive(&self, row: ArrivalRow) -> impl Future<Output = Kept<()>> + Send;

    /// The files of a document that are here, by hash.
    fn arrivals(&self, document: DocumentId) -> impl Future<Output = Kept<Vec<ArrivalRow>>> + Send;

    /// Bytes that a device has sent since then.
    fn arrived_bytes(&self, device: DeviceId, since: Millis) -> impl Future<Output = Kept<u64>> + Send;

    /// Forgets files of a document: all of them, or one.
    fn forget_arrivals(
        &self,
        document: DocumentId,
        hash: Option<Hash>,
    ) -> impl Future<Output = Kept<()>> + Send;
}

impl<S: Store> Arrivals for GroupCommit<S> {
    async fn arrive(&self, row: ArrivalRow) -> Kept<()> {
        self.inner().arrive(row).await
    }

    async fn arrivals(&self, document: DocumentId) -> Kept<Vec<ArrivalRow>> {
        self.inner().arrivals(document).await
    }

    async fn arrived_bytes(&self, device: DeviceId, since: Millis) -> Kept<u64> {
        self.inner().arrived_bytes(device, since).await
    }

    async fn forget_arrivals(&self, document: DocumentId, hash: Option<Hash>) -> Kept<()> {
        self.inner().forget_arrivals(document, hash).await
    }
}
