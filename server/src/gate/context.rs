//! The rules that only the document can judge, within the causal past of the change's own deps: what
//! a change did not see it cannot have meant, and automerge does not survive that it pretends.

use super::index::{Made, Op, OpId, OpIndex, Past, Place, ROOT};
use super::limits::{MAX_AUTHORS, MAX_CLOCK_BYTES, MAX_HEADS, MAX_OWN_HEADS, MAX_VALUES};
use super::{Hash, MAX_NESTING, OpRef, Outside, OutsideKey, PREFIX_LEN, Summary};
use std::collections::BTreeSet;

/// Why [`OpIndex::check`] refused a change. All are final but [`Self::MissingDeps`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContextRefusal {
    /// It has been admitted before: acknowledge it, nothing else.
    #[error("the document already has this change")]
    Known,
    /// It builds on changes that are not here, or not yet: hold it for a bounded time.
    #[error("the change builds on {} change(s) that are not here", .0.len())]
    MissingDeps(Vec<Hash>),
    /// It depends on nothing, yet the document has changes: everything descends from the genesis.
    #[error("the change begins the document anew, beside what it already holds")]
    SecondRoot,
    /// Another change of this actor has this sequence number. A fresh actor is needed.
    #[error("the actor has already used this sequence number for another change")]
    SeqReused,
    /// The actor's change before this one is not here.
    #[error("the change is not the actor's next: sequence numbers are skipped")]
    SeqGap,
    /// The change does not build on its author's own last change.
    #[error("the change does not build on its own author's last change")]
    OwnTip,
    /// It would be one more head of a document that has as many as anybody needs. The next edit that sees them
    /// gathers them.
    #[error("the document has {0} loose ends already; build on some of them")]
    Heads(usize),
    /// It would be one more head of one device that has as many as it needs.
    #[error("this device has left {0} loose ends in the document already; build on some of them")]
    OwnHeads(usize),
    /// One more value at a property that has many side by side. The next write that sees them replaces them.
    #[error("{MAX_VALUES} values stand side by side in one place; write over them")]
    Crowd,
    /// The histories of too many authors are braided: what each change has seen takes too much memory.
    #[error("the document's history is too tangled to take more; begin a new one and link it")]
    Tangled,
    /// Not one above the highest operation that the deps have seen.
    #[error("the first operation's number is not the next after all that the change builds on")]
    StartOp,
    /// An operation refers to an actor that has made no change.
    #[error("the change refers to an actor that is not in the document")]
    UnknownActor,
    /// The object is not there, or no container, or not seen by the deps.
    #[error("an operation writes into a container that does not exist where the change began")]
    Object,
    /// A property in a list, or an element in a map.
    #[error("an operation's key does not fit the kind of its container")]
    Key,
    /// An element of a text is written over: texts are inserted into and deleted from.
    #[error("an operation writes over an element of a text")]
    Text,
    /// The element is not in that list, or not seen by the deps.
    #[error("an operation refers to a list element that does not exist where the change began")]
    Element,
    /// A value that is replaced is not at that place, or not seen by the deps.
    #[error("an operation replaces a value that is not at its place where the change began")]
    Pred,
    /// A container deeper than [`MAX_NESTING`].
    #[error("the change nests containers deeper than {MAX_NESTING} in the document")]
    Nesting,
}

impl ContextRefusal {
    /// The stable code for the wire and for quarantine.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Known => "context.known",
            Self::MissingDeps(_) => "context.missing_deps",
            Self::SecondRoot => "context.second_root",
            Self::SeqReused => "context.seq_reused",
            Self::SeqGap => "context.seq_gap",
            Self::OwnTip => "context.own_tip",
            Self::Heads(_) => "context.heads",
            Self::OwnHeads(_) => "context.own_heads",
            Self::Crowd => "context.crowd",
            Self::Tangled => "context.tangled",
            Self::StartOp => "context.start_op",
            Self::UnknownActor => "context.unknown_actor",
            Self::Object => "context.object",
            Self::Key => "context.key",
            Self::Text => "context.text",
            Self::Element => "context.element",
            Self::Pred => "context.pred",
            Self::Nesting => "context.nesting",
        }
    }
}

impl OpIndex {
    /// Judges a change that has passed [`inspect`](super::inspect) against the admitted ones.
    pub fn check(&self, summary: &Summary<'_>) -> Result<(), ContextRefusal> {
        if self.knows(&summary.hash) {
            return Err(ContextRefusal::Known);
        }
        let author = self.actor(summary.actor);
        let last_seq = u64::from(author.map_or(0, |author| self.last_seq(author)));
        // Before the deps: no change that is still to come can mend it.
        if summary.seq <= last_seq {
            return Err(ContextRefusal::SeqReused);
        }
        let past = self.past(summary.deps).map_err(ContextRefusal::MissingDeps)?;
        if summary.deps.is_empty() && !self.is_empty() {
            return Err(ContextRefusal::SecondRoot);
        }
        if summary.seq != last_seq + 1 {
            return Err(ContextRefusal::SeqGap);
        }
        if u64::from(author.map_or(0, |author| past.seq(author))) != last_seq {
            return Err(ContextRefusal::OwnTip);
        }
        if summary.start_op != past.max_op + 1 {
            return Err(ContextRefusal::StartOp);
        }
        self.bounded(summary)?;
        let others = summary.other_actors.iter().map(|actor| self.actor(actor));
        let actors: Vec<Option<u32>> = std::iter::once(author).chain(others).collect();
        if actors.iter().skip(1).any(Option::is_none) {
            return Err(ContextRefusal::UnknownActor);
        }
        let view = View { index: self, past: &past, actors: &actors };
        let mut full = BTreeSet::new();
        for outside in &summary.outside {
            full.extend(view.check(outside)?);
        }
        full.into_iter().try_for_each(|key| view.crowds(summary, key))
    }

    /// What no single change shows: how many loose ends there are, and how braided the history is. One
    /// device's share is small, so that it cannot use up what the others need.
    fn bounded(&self, summary: &Summary<'_>) -> Result<(), ContextRefusal> {
        if !self.any_head(summary.deps) {
            let own = self.heads_of(summary.actor.get(..PREFIX_LEN).unwrap_or(summary.actor));
            if own >= MAX_OWN_HEADS {
                return Err(ContextRefusal::OwnHeads(own));
            }
            if self.heads() >= MAX_HEADS {
                return Err(ContextRefusal::Heads(self.heads()));
            }
        }
        let fresh = self.actor(summary.actor).is_none();
        let tangled = self.clock_bytes() > MAX_CLOCK_BYTES || (fresh && self.authors() >= MAX_AUTHORS);
        if tangled { Err(ContextRefusal::Tangled) } else { Ok(()) }
    }

    /// The deps of a change that have not been admitted, ascending.
    pub fn missing_deps(&self, summary: &Summary<'_>) -> Vec<Hash> {
        summary.deps.iter().filter(|dep| !self.knows(dep)).copied().collect()
    }
}

/// The document as a change saw it.
struct View<'a> {
    index: &'a OpIndex,
    past: &'a Past,
    /// The numbers of the change's actors; the author has none before its first change.
    actors: &'a [Option<u32>],
}

impl<'a> View<'a> {
    /// Gives the property where it writes, if as many values as may be stand there.
    fn check(&self, outside: &Outside<'_>) -> Result<Option<(OpId, u32)>, ContextRefusal> {
        let (object, made, depth) = match outside.object {
            None => (ROOT, Made::Map, 0),
            Some(object) => {
                let (id, op) = self.find(object).ok_or(ContextRefusal::Object)?;
                match op.made {
                    Made::Map | Made::Sequence | Made::Text => (id, op.made, op.depth),
                    Made::Value | Made::Nothing => return Err(ContextRefusal::Object),
                }
            }
        };
        if (made == Made::Map) != matches!(outside.key, OutsideKey::Property(_)) {
            return Err(ContextRefusal::Key);
        }
        if made == Made::Text && outside.alters {
            return Err(ContextRefusal::Text);
        }
        let place = self.place(outside.key, object)?;
        for pred in &outside.preds {
            let stands = |op: &Op| op.object == object && Some(op.place) == place && op.made != Made::Nothing;
            self.find(*pred).filter(|(_, op)| stands(op)).ok_or(ContextRefusal::Pred)?;
        }
        if outside.levels > 0 && u32::from(depth) + outside.levels > MAX_NESTING {
            return Err(ContextRefusal::Nesting);
        }
        let Some(Place::Property(name)) = place else { return Ok(None) };
        Ok((outside.alters && self.index.standing(object, name) >= MAX_VALUES).then_some((object, name)))
    }

    /// A change leaves one value of its own at most: it must replace one that stands.
    fn crowds(&self, summary: &Summary<'_>, (object, name): (OpId, u32)) -> Result<(), ContextRefusal> {
        let here = |outside: &&Outside<'_>| {
            let own = outside.object.map_or(Some(ROOT), |of| self.find(of).map(|(id, _)| id));
            let named = matches!(outside.key, OutsideKey::Property(of) if self.index.name(of) == Some(name));
            named && own == Some(object)
        };
        let preds = summary.outside.iter().filter(here).flat_map(|outside| &outside.preds);
        let stands = |pred: &OpRef| {
            let id = OpId::new(self.actors[pred.actor]?, pred.counter);
            self.index.standing_at(id, self.past)
        };
        if preds.filter_map(stands).next().is_some() { Ok(()) } else { Err(ContextRefusal::Crowd) }
    }

    /// The place in the index's numbers; `None` where no earlier change can have written.
    fn place(&self, key: OutsideKey<'_>, object: OpId) -> Result<Option<Place>, ContextRefusal> {
        match key {
            OutsideKey::Property(name) => Ok(self.index.name(name).map(Place::Property)),
            OutsideKey::Inside => Ok(None),
            OutsideKey::Element(element) => {
                let found = self.find(element).filter(|(_, op)| op.insert && op.object == object);
                found.map(|(id, _)| Some(Place::Element(id))).ok_or(ContextRefusal::Element)
            }
        }
    }

    /// An earlier operation that the change has seen.
    fn find(&self, op: OpRef) -> Option<(OpId, &'a Op)> {
        let id = OpId::new(self.actors[op.actor]?, op.counter);
        self.index.find(id, self.past).map(|op| (id, op))
    }
}
