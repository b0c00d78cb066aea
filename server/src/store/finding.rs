//! Finding documents: the trait through which stores are asked, beside the rows that they answer with.
//!
//! What is found is kept in the same commit as the document. A store of before is filed by whoever opens it.

use std::future::Future;

use doorstep_protocol::DocumentId;

use super::group::GroupCommit;
use super::{Kept, Store};
use crate::finding::{Ask, Filed, Found, Gist, Hit, Total};

/// Files documents and finds them. No answer opens a document.
pub trait Finding: Send + Sync + 'static {
    /// The rows that answer a question, in its order.
    fn find(&self, ask: Ask) -> impl Future<Output = Kept<Found>> + Send;

    /// How many answer it, counted up to a limit.
    fn count(&self, ask: Ask, limit: usize) -> impl Future<Output = Kept<Total>> + Send;

    /// Everything that answers it, in its order; `None` where that is more than the limit. For whoever has several
    /// narrower questions about the same documents: the index is asked once.
    fn gather(&self, ask: Ask, limit: usize) -> impl Future<Output = Kept<Option<Vec<Filed>>>> + Send;

    /// Those of these documents that there are, as they are listed, in this order. Nobody has asked who may see them.
    fn hits(&self, documents: Vec<DocumentId>) -> impl Future<Output = Kept<Vec<Hit>>> + Send;

    /// Documents whose words nobody has entered yet, in order.
    fn unfiled(
        &self,
        after: Option<DocumentId>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<DocumentId>>> + Send;

    /// Enters the words of such a document.
    fn file(&self, document: DocumentId, gist: Gist) -> impl Future<Output = Kept<()>> + Send;
}

impl<S: Store> Finding for GroupCommit<S> {
    async fn find(&self, ask: Ask) -> Kept<Found> {
        self.inner().find(ask).await
    }

    async fn count(&self, ask: Ask, limit: usize) -> Kept<Total> {
        self.inner().count(ask, limit).await
    }

    async fn gather(&self, ask: Ask, limit: usize) -> Kept<Option<Vec<Filed>>> {
        self.inner().gather(ask, limit).await
    }

    async fn hits(&self, documents: Vec<DocumentId>) -> Kept<Vec<Hit>> {
        self.inner().hits(documents).await
    }

    async fn unfiled(&self, after: Option<DocumentId>, limit: usize) -> Kept<Vec<DocumentId>> {
        self.inner().unfiled(after, limit).await
    }

    async fn file(&self, document: DocumentId, gist: Gist) -> Kept<()> {
        self.inner().file(document, gist).await
    }
}
