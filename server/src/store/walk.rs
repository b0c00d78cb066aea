//! Every document once, in the order of ids: what `verify`, `replay` and figures read.
//!
//! Holds a page of ids and one document at a time, whatever the size of the store.

use std::collections::VecDeque;

use doorstep_protocol::DocumentId;

use super::{Kept, Store, Stored};

/// Ids read at once.
const PAGE: usize = 500;

/// A walk over all documents of a store.
#[derive(Debug)]
pub struct Walk<'store, S> {
    store: &'store S,
    after: Option<DocumentId>,
    page: VecDeque<DocumentId>,
}

impl<'store, S: Store> Walk<'store, S> {
    /// A walk that begins with the first document.
    pub fn over(store: &'store S) -> Self {
        Walk { store, after: None, page: VecDeque::new() }
    }

    /// The next document.
    pub async fn next(&mut self) -> Kept<Option<Stored>> {
        loop {
            if self.page.is_empty() {
                self.page = self.store.documents(self.after, PAGE).await?.into();
            }
            let Some(document) = self.page.pop_front() else { return Ok(None) };
            self.after = Some(document);
            if let Some(stored) = self.store.load(document).await? {
                return Ok(Some(stored));
            }
        }
    }
}
