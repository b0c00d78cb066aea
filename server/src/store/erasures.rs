//! Documents that were erased: what is left of them, and the trait through which their content goes.
//!
//! Everything that a store keeps under a document's id goes in the commit that erases it, but for its place in the feed,
//! who holds it, and the ledger. Never keeps anything that was said in one.

use std::future::Future;

use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash, WorkerId};
use serde::{Deserialize, Serialize};

use super::group::GroupCommit;
use super::{Commit, Kept, Store};

/// One erased document, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRow {
    /// The document.
    pub document: DocumentId,
    /// Its district.
    pub district: String,
    /// Its kind.
    pub kind: Kind,
    /// The redacted document in its place.
    pub successor: DocumentId,
    /// When.
    pub at: Millis,
    /// Who ordered it.
    pub by: WorkerId,
    /// The number or name of the request.
    pub reason: String,
    /// Its changes.
    pub changes: Vec<Hash>,
}

/// Erases, and knows what was erased.
pub trait Erasures: Send + Sync + 'static {
    /// In one durable transaction: these commits, the end of everything else that is kept of the document, and its
    /// place in the ledger. False if a commit was lost; nothing was changed then.
    fn erase(&self, row: ErasureRow, commits: Vec<Commit>) -> impl Future<Output = Kept<bool>> + Send;

    /// All erasures, by document.
    fn erasures(&self) -> impl Future<Output = Kept<Vec<ErasureRow>>> + Send;

    /// How many there are.
    fn erasure_count(&self) -> impl Future<Output = Kept<usize>> + Send;

    /// The erasure of one document.
    fn erasure(&self, document: DocumentId) -> impl Future<Output = Kept<Option<ErasureRow>>> + Send;

    /// Leaves nothing of what was erased in free pages or logs. False if somebody who reads beside it kept a log from
    /// being emptied: try again.
    fn scour(&self) -> impl Future<Output = Kept<bool>> + Send;
}

impl<S: Store> Erasures for GroupCommit<S> {
    async fn erase(&self, row: ErasureRow, commits: Vec<Commit>) -> Kept<bool> {
        self.inner().erase(row, commits).await
    }

    async fn erasures(&self) -> Kept<Vec<ErasureRow>> {
        self.inner().erasures().await
    }

    async fn erasure_count(&self) -> Kept<usize> {
        self.inner().erasure_count().await
    }

    async fn erasure(&self, document: DocumentId) -> Kept<Option<ErasureRow>> {
        self.inner().erasure(document).await
    }

    async fn scour(&self) -> Kept<bool> {
        self.inner().scour().await
    }
}
