//! Rounds of visits and meetings, and which documents name which: kept in the commit of the document.
//!
//! Who names whom only grows. Whoever asks looks at the rows that they get: an ungrouped case is named still.

use std::future::Future;

use doorstep_protocol::DocumentId;

use super::group::GroupCommit;
use super::rows::{RoundQuery, RoundRow};
use super::{Kept, Store};

/// Reads what commits have kept of rounds.
pub trait Rounds: Send + Sync + 'static {
    /// Rounds in the order of their times.
    fn rounds(&self, query: RoundQuery) -> impl Future<Output = Kept<Vec<RoundRow>>> + Send;

    /// Documents that name this one, in their order.
    fn naming(&self, named: DocumentId) -> impl Future<Output = Kept<Vec<DocumentId>>> + Send;
}

impl<S: Store> Rounds for GroupCommit<S> {
    async fn rounds(&self, query: RoundQuery) -> Kept<Vec<RoundRow>> {
        self.inner().rounds(query).await
    }

    async fn naming(&self, named: DocumentId) -> Kept<Vec<DocumentId>> {
        self.inner().naming(named).await
    }
}
