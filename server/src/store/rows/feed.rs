//! One row of a district's feed.

use doorstep_protocol::DocumentId;

/// A row of the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Gapless within the district, from 1.
    pub seq: u64,
    /// The document that changed.
    pub document: DocumentId,
    /// Of what was committed, for the rolling hash; zero where nothing of it is told.
    pub content: [u8; 8],
}
