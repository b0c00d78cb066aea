//! The index as plain numbers and back: what a snapshot keeps of it, so that no change is decoded again.
//!
//! Never judges: what is thawed was frozen from an index that admitted every change, and whoever keeps the bytes
//! keeps a digest of them. Clocks and counts are not kept; they follow from what each change built on and replaced.

use minicbor::{Decode, Encode};

use super::{Hash, Lengths, Op, OpIndex, Parts};

/// What an index keeps of one change beside its hash and what it built on.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct FrozenChange {
    #[n(0)]
    actor: u32,
    #[n(1)]
    seq: u32,
    #[n(2)]
    start_op: u32,
    #[n(3)]
    max_op: u64,
    /// Actors and names that were known before it.
    #[n(4)]
    before: (u32, u32),
    #[n(5)]
    ops: Vec<Op>,
    /// Positions of the operations whose values it was the first to replace.
    #[n(6)]
    replaces: Vec<usize>,
}

/// Actors and names of properties, each by its number.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct FrozenNames {
    #[n(0)]
    actors: Vec<minicbor::bytes::ByteVec>,
    #[n(1)]
    names: Vec<minicbor::bytes::ByteVec>,
}

impl OpIndex {
    /// Every change with its hash, in the order of admission.
    pub(crate) fn frozen(&self) -> (FrozenNames, Vec<(Hash, FrozenChange)>) {
        let strings = |of: &super::Interner| {
            (0..of.len()).map(|number| of.string(number as u32).to_vec().into()).collect()
        };
        let names = FrozenNames { actors: strings(&self.actors), names: strings(&self.names) };
        let changes = self.changes.iter().enumerate().map(|(at, entry)| {
            let end = self.changes.get(at + 1).map_or(self.ops.len(), |next| next.before.ops);
            let frozen = FrozenChange {
                actor: entry.actor,
                seq: entry.seq,
                start_op: entry.start_op,
                max_op: entry.max_op,
                before: (entry.before.actors as u32, entry.before.names as u32),
                ops: self.ops[entry.before.ops..end].to_vec(),
                replaces: entry.replaces.clone(),
            };
            (entry.hash, frozen)
        });
        (names, changes.collect())
    }

    /// An index with these names and no change.
    pub(crate) fn thawing(names: &FrozenNames) -> Self {
        let mut index = OpIndex::new();
        for name in &names.names {
            index.names.intern(name);
        }
        for actor in &names.actors {
            index.intern_actor(actor);
        }
        index
    }

    /// Enters a frozen change, after all that it builds on. False if it does not fit here.
    pub(crate) fn thaw(&mut self, hash: Hash, deps: &[Hash], change: FrozenChange) -> bool {
        let fits = (change.actor as usize) < self.actors.len()
            && deps.iter().all(|dep| self.knows(dep))
            && !self.knows(&hash);
        if !fits {
            return false;
        }
        let FrozenChange { actor, seq, start_op, max_op, before, ops, replaces } = change;
        let before = Lengths {
            ops: self.ops.len(),
            actors: before.0 as usize,
            names: before.1 as usize,
            clock_bytes: self.clock_bytes,
        };
        self.note(hash, deps, Parts { actor, seq, start_op, max_op, before });
        self.ops.extend(ops.into_iter().map(|op| Op { replaced: false, ..op }));
        self.stand(before.ops, replaces)
    }
}
