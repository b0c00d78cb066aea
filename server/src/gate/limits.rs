//! Bounds on one change. Owns the numbers that the gate enforces; judges nothing itself.

use std::ops::RangeInclusive;

use doorstep_protocol::limits;
pub(super) use doorstep_protocol::limits::{MAX_AUTHORS, MAX_HEADS, MAX_OWN_HEADS, MAX_VALUES};

/// Bytes of what the changes of one document have seen of one another. Twenty years of weekly visits, each
/// by an author of its own, take 11 MB; a braid made for the purpose takes gigabytes.
pub(super) const MAX_CLOCK_BYTES: usize = 64 * 1024 * 1024;

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
            max_bytes: limits::MAX_CHANGE_BYTES,
            max_ops: limits::MAX_CHANGE_OPS as u64,
            max_preds: limits::MAX_CHANGE_PREDS as u64,
            max_deps: limits::MAX_DEPS as u64,
            max_actors: limits::MAX_CHANGE_ACTORS as u64,
            actor_len: 16..=16,
            max_seq: u64::from(u32::MAX) / 2,
            max_counter: u64::from(u32::MAX) / 2,
            time_ms: 0..=limits::MAX_TIME_MS,
            max_message: 1_024,
            max_nesting: MAX_NESTING,
            max_counter_step: 1 << 40,
        }
    }
}
