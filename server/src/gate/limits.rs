//! Bounds on one change. Owns the numbers that the gate enforces; judges nothing itself.

use std::ops::RangeInclusive;

/// Deepest container of a document: the root's children are at 1. It is counted over all changes,
/// because readers of a document recurse and an overflowing stack cannot be caught.
pub const MAX_NESTING: u32 = 8;

/// Bounds on one change, for documents edited by hand. A client must keep within them: clearing a
/// text costs one operation per character, so large edits are split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByteLimits {
    /// Bytes of the whole chunk.
    pub max_bytes: usize,
    /// Operations.
    pub max_ops: u64,
    /// Predecessors of all operations together. Many concurrent writes of one field give one
    /// operation many predecessors.
    pub max_preds: u64,
    /// Dependencies.
    pub max_deps: u64,
    /// Actors beside the author.
    pub max_actors: u64,
    /// Bytes of an actor id.
    pub actor_len: RangeInclusive<u64>,
    /// Highest sequence number of an actor.
    pub max_seq: u64,
    /// Highest operation counter; automerge panics beyond 2^32 - 1.
    pub max_counter: u64,
    /// Milliseconds since 1970.
    pub time_ms: RangeInclusive<i64>,
    /// Bytes of the message.
    pub max_message: u64,
    /// Depth of the containers that one change makes, counted from where it hangs them; the
    /// depth in the document is bounded by [`MAX_NESTING`].
    pub max_nesting: u32,
    /// Absolute start or step of a counter; sums overflow in automerge.
    pub max_counter_step: u64,
}

impl Default for ByteLimits {
    fn default() -> Self {
        Self {
            max_bytes: 256 * 1024,
            max_ops: 5_000,
            max_preds: 10_000,
            max_deps: 64,
            max_actors: 256,
            actor_len: 16..=16,
            max_seq: u64::from(u32::MAX) / 2,
            max_counter: u64::from(u32::MAX) / 2,
            time_ms: 0..=4_102_444_800_000, // the year 2100
            max_message: 1_024,
            max_nesting: MAX_NESTING,
            max_counter_step: 1 << 40,
        }
    }
}
