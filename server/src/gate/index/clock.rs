//! Vector clocks that share what they have in common.
//!
//! A clock holds the last sequence number of each actor, in blocks that clones share until one
//! writes. A document on which a thousand actors take turns then costs some 400 bytes a turn.

use std::sync::Arc;

const BLOCK: usize = 32;

/// The last sequence number by actor number; 0 for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock(Vec<Arc<[u32; BLOCK]>>);

/// To 32 bits. automerge counts operations and changes in 32 bits and panics beyond; a number that
/// does not fit matches nothing.
pub(super) fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Clock {
    pub(super) fn get(&self, actor: u32) -> u32 {
        let actor = actor as usize;
        self.0.get(actor / BLOCK).map_or(0, |block| block[actor % BLOCK])
    }

    pub(super) fn raise(&mut self, actor: u32, seq: u32) {
        if self.get(actor) >= seq {
            return;
        }
        let actor = actor as usize;
        if self.0.len() <= actor / BLOCK {
            self.0.resize_with(actor / BLOCK + 1, Arc::default);
        }
        Arc::make_mut(&mut self.0[actor / BLOCK])[actor % BLOCK] = seq;
    }

    /// Bytes of this clock that another does not share.
    pub(super) fn bytes_beside(&self, other: &Arc<Self>) -> usize {
        if std::ptr::eq(self, Arc::as_ptr(other)) {
            return 0;
        }
        let shared = self.0.iter().zip(&other.0).filter(|(mine, theirs)| Arc::ptr_eq(mine, theirs)).count();
        self.0.len() * size_of::<Arc<[u32; BLOCK]>>() + (self.0.len() - shared) * size_of::<[u32; BLOCK]>()
    }

    pub(super) fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize_with(other.0.len(), Arc::default);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            if Arc::ptr_eq(mine, theirs) || mine.iter().zip(theirs.iter()).all(|(a, b)| a >= b) {
                continue;
            }
            for (seq, other) in Arc::make_mut(mine).iter_mut().zip(theirs.iter()) {
                *seq = (*seq).max(*other);
            }
        }
    }
}
