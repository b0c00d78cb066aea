//! What a document's accepted changes made, and what each of them had seen: all that the context
//! rules look up, in one compact index per document.
//!
//! It only grows at the end, so that a batch can be judged change by change on top of the document
//! and taken back with [`OpIndex::rollback`], without a copy. It judges nothing; see the context rules.

mod clock;
mod crowd;
mod frozen;
mod intern;
mod op;

pub(crate) use frozen::{FrozenChange, FrozenNames};
pub(super) use op::{Made, Op, OpId, Place, ROOT};

use super::Hash;
use automerge::{Change, ExpandedChange};
use clock::{Clock, narrow};
use intern::Interner;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// An index of the operations of one document and of the causal past of its changes.
///
/// 24 bytes per operation, about 150 per change, and a few hundred more per merge of histories.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpIndex {
    actors: Interner,
    /// Names of properties.
    names: Interner,
    /// In the order of admission, in which a change comes after its dependencies.
    changes: Vec<Entry>,
    by_hash: HashMap<Hash, u32>,
    /// By actor, the positions of its changes: ascending by sequence number and by operation.
    by_actor: Vec<Vec<u32>>,
    /// The operations of all changes, one change after the other.
    ops: Vec<Op>,
    /// Positions of the changes that no other builds on.
    heads: BTreeSet<u32>,
    /// By object and property: how many values stand there side by side.
    standing: HashMap<(OpId, u32), u32>,
    /// Bytes of the clocks that changes do not share.
    clock_bytes: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    hash: Hash,
    actor: u32,
    seq: u32,
    start_op: u32,
    /// `start_op + operations - 1`, also for an empty change.
    max_op: u64,
    /// What the change had seen, without the author's own earlier changes, which it always has.
    /// Shared by the author's changes until one builds on something else.
    seen: Arc<Clock>,
    /// The heads that it built on: they are none any more.
    covers: Vec<u32>,
    /// Positions of the operations whose values it was the first to replace.
    replaces: Vec<usize>,
    /// The lengths of the other tables before this change.
    before: Lengths,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Lengths {
    ops: usize,
    actors: usize,
    names: usize,
    clock_bytes: usize,
}

/// What a change says about itself.
struct Parts {
    actor: u32,
    seq: u32,
    start_op: u32,
    max_op: u64,
    before: Lengths,
}

/// A state of an [`OpIndex`] to roll back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Savepoint(usize);

/// What a set of dependencies has seen.
pub(super) struct Past {
    seen: Arc<Clock>,
    /// On top of `seen`, when there is one dependency: its author and sequence number.
    tip: Option<(u32, u32)>,
    /// The highest operation counter.
    pub(super) max_op: u64,
}

impl Past {
    /// The last change of an actor that was seen; 0 if none was.
    pub(super) fn seq(&self, actor: u32) -> u32 {
        match self.tip {
            Some((tip, seq)) if tip == actor => seq,
            _ => self.seen.get(actor),
        }
    }
}

impl OpIndex {
    /// The index of an empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enters a change that the document has accepted, or that is allow-listed by its hash (genesis,
    /// migrations). Admitting it again changes nothing. Its dependencies must have been admitted
    /// before; one that was not counts as not seen.
    pub fn admit(&mut self, change: &Change) {
        self.admit_decoded(change, &change.decode());
    }

    /// The same for whoever has decoded the change already.
    pub fn admit_decoded(&mut self, change: &Change, decoded: &ExpandedChange) {
        if !self.knows(&change.hash().0) {
            self.enter(change, decoded);
        }
    }

    /// Whether the change has been admitted.
    pub fn knows(&self, hash: &Hash) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// The number of changes admitted.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether no change has been admitted.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The present state, for [`Self::rollback`].
    pub fn savepoint(&self) -> Savepoint {
        Savepoint(self.changes.len())
    }

    /// Forgets every change admitted since the savepoint, at the cost of those changes only.
    pub fn rollback(&mut self, to: Savepoint) {
        while self.changes.len() > to.0 {
            let Some(entry) = self.changes.pop() else { return };
            self.by_hash.remove(&entry.hash);
            self.by_actor[entry.actor as usize].pop();
            self.heads.remove(&narrow(self.changes.len() as u64));
            self.heads.extend(entry.covers);
            self.clock_bytes = entry.before.clock_bytes;
            self.restore(entry.before.ops, &entry.replaces);
            self.ops.truncate(entry.before.ops);
            self.names.truncate(entry.before.names);
            self.actors.truncate(entry.before.actors);
            self.by_actor.truncate(entry.before.actors);
        }
    }

    /// Enters a change that is not known yet. `expanded` is its decoded form.
    pub(super) fn enter(&mut self, change: &Change, expanded: &ExpandedChange) {
        let before = Lengths {
            ops: self.ops.len(),
            actors: self.actors.len(),
            names: self.names.len(),
            clock_bytes: self.clock_bytes,
        };
        let known: Vec<Hash> = change.deps().iter().map(|dep| dep.0).filter(|dep| self.knows(dep)).collect();
        let actor = self.intern_actor(change.actor_id().to_bytes());
        let parts = Parts {
            actor,
            seq: narrow(change.seq()),
            start_op: narrow(change.start_op().get()),
            max_op: change.max_op(),
            before,
        };
        self.note(change.hash().0, &known, parts);
        let mut replaces = Vec::new();
        for (op, counter) in expanded.operations.iter().zip(change.start_op().get()..) {
            let made = self.op_of(op, OpId::new(actor, counter));
            self.ops.push(made);
            self.replace(op, &mut replaces);
        }
        if let Some(entry) = self.changes.last_mut() {
            entry.replaces = replaces;
        }
    }

    /// Takes note of a change whose dependencies are `known`; its operations are entered by the caller.
    fn note(&mut self, hash: Hash, known: &[Hash], parts: Parts) {
        let Parts { actor, seq, start_op, max_op, before } = parts;
        let seen = self.past(known).map_or_else(|_| Arc::default(), |past| seen_beside(past, actor));
        let deps = || known.iter().map(|dep| self.by_hash[dep]);
        let like = deps().next().map(|dep| &self.changes[dep as usize].seen);
        self.clock_bytes += like.map_or(0, |like| seen.bytes_beside(like));
        let covers: Vec<u32> = deps().filter(|dep| self.heads.contains(dep)).collect();
        self.heads.retain(|head| !covers.contains(head));
        let position = narrow(self.changes.len() as u64);
        self.by_hash.insert(hash, position);
        self.by_actor[actor as usize].push(position);
        self.heads.insert(position);
        let replaces = Vec::new();
        self.changes.push(Entry { hash, actor, seq, start_op, max_op, seen, covers, replaces, before });
    }

    /// What the dependencies have seen; those that are unknown, if any is.
    pub(super) fn past(&self, deps: &[Hash]) -> Result<Past, Vec<Hash>> {
        let find = |dep| self.by_hash.get(dep).map(|position| &self.changes[*position as usize]);
        let entries: Vec<&Entry> = deps.iter().filter_map(find).collect();
        if entries.len() < deps.len() {
            return Err(deps.iter().filter(|dep| !self.knows(dep)).copied().collect());
        }
        let max_op = entries.iter().map(|entry| entry.max_op).max().unwrap_or(0);
        let (seen, tip) = match entries[..] {
            [] => (Arc::default(), None),
            [entry] => (Arc::clone(&entry.seen), Some((entry.actor, entry.seq))),
            [first, ref others @ ..] => {
                let mut clock = Clock::clone(&first.seen);
                clock.raise(first.actor, first.seq);
                for other in others {
                    clock.join(&other.seen);
                    clock.raise(other.actor, other.seq);
                }
                (Arc::new(clock), None)
            }
        };
        Ok(Past { seen, tip, max_op })
    }

    /// The actor's number, if it has made a change.
    pub(super) fn actor(&self, actor: &[u8]) -> Option<u32> {
        self.actors.find(actor).filter(|actor| !self.by_actor[*actor as usize].is_empty())
    }

    /// The number of a property's name, if any change has used it.
    pub(super) fn name(&self, name: &str) -> Option<u32> {
        self.names.find(name.as_bytes())
    }

    /// The changes that no other builds on.
    pub(crate) fn heads(&self) -> usize {
        self.heads.len()
    }

    /// Those of them that one device made.
    pub(super) fn heads_of(&self, prefix: &[u8]) -> usize {
        let author = |position: &&u32| self.actors.string(self.changes[**position as usize].actor);
        self.heads.iter().filter(|head| author(head).starts_with(prefix)).count()
    }

    /// Whether one of these is a change that no other builds on.
    pub(super) fn any_head(&self, deps: &[Hash]) -> bool {
        deps.iter().filter_map(|dep| self.by_hash.get(dep)).any(|position| self.heads.contains(position))
    }

    /// Authors that have made a change, or are named by one.
    pub(super) fn authors(&self) -> usize {
        self.actors.len()
    }

    /// Bytes of the clocks: what forks and merges of many authors cost.
    pub(super) fn clock_bytes(&self) -> usize {
        self.clock_bytes
    }

    /// The last sequence number of an actor.
    pub(super) fn last_seq(&self, actor: u32) -> u32 {
        self.by_actor[actor as usize].last().map_or(0, |last| self.changes[*last as usize].seq)
    }

    /// An operation, if the past has seen it.
    pub(super) fn find(&self, id: OpId, past: &Past) -> Option<&Op> {
        let (entry, op) = self.locate(id)?;
        (entry.seq <= past.seq(id.actor)).then_some(op)
    }

    fn locate(&self, id: OpId) -> Option<(&Entry, &Op)> {
        let (entry, at) = self.position(id)?;
        Some((entry, self.ops.get(at)?))
    }

    /// The change that made an operation, and the operation's position.
    fn position(&self, id: OpId) -> Option<(&Entry, usize)> {
        let positions = self.by_actor.get(id.actor as usize)?;
        let starts_by = |position: &u32| self.changes[*position as usize].start_op <= id.counter;
        let last = positions.partition_point(starts_by).checked_sub(1)?;
        let entry = &self.changes[positions[last] as usize];
        if u64::from(id.counter) > entry.max_op {
            return None;
        }
        Some((entry, entry.before.ops + (id.counter - entry.start_op) as usize))
    }

    fn intern_actor(&mut self, actor: &[u8]) -> u32 {
        let number = self.actors.intern(actor);
        if number as usize == self.by_actor.len() {
            self.by_actor.push(Vec::new());
        }
        number
    }

    /// The depth of a container; the root's is 0.
    fn depth(&self, object: OpId) -> u8 {
        if object == ROOT { 0 } else { self.locate(object).map_or(0, |(_, op)| op.depth) }
    }
}

impl<'a> FromIterator<&'a Change> for OpIndex {
    /// From accepted changes, each after its dependencies.
    fn from_iter<I: IntoIterator<Item = &'a Change>>(changes: I) -> Self {
        let mut index = Self::new();
        changes.into_iter().for_each(|change| index.admit(change));
        index
    }
}

/// What a change of `author` has seen beside the author's own changes.
fn seen_beside(past: Past, author: u32) -> Arc<Clock> {
    match past.tip {
        Some((tip, seq)) if tip != author => {
            let mut clock = Clock::clone(&past.seen);
            clock.raise(tip, seq);
            Arc::new(clock)
        }
        _ => past.seen,
    }
}
