//! What people at the desk keep for themselves, and what is noted about them: saved filters, and who looked at what is
//! masked.

use std::future::Future;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, WorkerId};

use super::group::GroupCommit;
use super::{Kept, Store};

/// Somebody looked at a masked value. What they saw is not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevealRow {
    /// Of which document.
    pub document: DocumentId,
    /// Which field.
    pub field: String,
    /// Who.
    pub worker: WorkerId,
    /// Why, in their words.
    pub reason: String,
    /// When.
    pub at: Millis,
}

/// Keeps notes. Each call is one durable write or one read.
pub trait Notes: Send + Sync + 'static {
    /// A person's saved filters by name: name and query.
    fn filters(&self, worker: WorkerId) -> impl Future<Output = Kept<Vec<(String, String)>>> + Send;

    /// Keeps a filter, in place of one of the same name. False if the person keeps as many as anybody may.
    fn put_filter(
        &self,
        worker: WorkerId,
        name: &str,
        query: &str,
    ) -> impl Future<Output = Kept<bool>> + Send;

    /// Gives a filter up.
    fn drop_filter(&self, worker: WorkerId, name: &str) -> impl Future<Output = Kept<()>> + Send;

    /// Notes that somebody is about to see a masked value: written before it is shown.
    fn reveal(&self, row: RevealRow) -> impl Future<Output = Kept<()>> + Send;

    /// Who looked at what of a document, latest first, at most `limit`.
    fn reveals(
        &self,
        document: DocumentId,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<RevealRow>>> + Send;
}

impl<S: Store> Notes for GroupCommit<S> {
    async fn filters(&self, worker: WorkerId) -> Kept<Vec<(String, String)>> {
        self.inner().filters(worker).await
    }

    async fn put_filter(&self, worker: WorkerId, name: &str, query: &str) -> Kept<bool> {
        self.inner().put_filter(worker, name, query).await
    }

    async fn drop_filter(&self, worker: WorkerId, name: &str) -> Kept<()> {
        self.inner().drop_filter(worker, name).await
    }

    async fn reveal(&self, row: RevealRow) -> Kept<()> {
        self.inner().reveal(row).await
    }

    async fn reveals(&self, document: DocumentId, limit: usize) -> Kept<Vec<RevealRow>> {
        self.inner().reveals(document, limit).await
    }
}
