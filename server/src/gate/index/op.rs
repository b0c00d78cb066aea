//! What the index keeps of one operation: where it writes and what it leaves there, not the value.

use super::OpIndex;
use super::clock::narrow;
use automerge::ObjType;
use automerge::legacy::{self, OpType};
use minicbor::{Decode, Encode};

/// An operation by the number of its actor in the index and its counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub(in crate::gate) struct OpId {
    #[n(0)]
    pub(in crate::gate) actor: u32,
    #[n(1)]
    pub(in crate::gate) counter: u32,
}

/// The root as an object: no operation has counter 0.
pub(in crate::gate) const ROOT: OpId = OpId { actor: 0, counter: 0 };

impl OpId {
    pub(in crate::gate) fn new(actor: u32, counter: u64) -> Self {
        Self { actor, counter: narrow(counter) }
    }
}

/// Where in its container an operation writes: for an insert, the element that it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(in crate::gate) enum Place {
    /// A property by the number of its name.
    #[n(0)]
    Property(#[n(0)] u32),
    #[n(1)]
    Element(#[n(0)] OpId),
    /// The head of a list, which nothing writes at: only what is inserted there has a place.
    #[n(2)]
    Head,
}

/// What an operation leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(in crate::gate) enum Made {
    #[n(0)]
    Map,
    /// A list.
    #[n(1)]
    Sequence,
    #[n(2)]
    Text,
    #[n(3)]
    Value,
    /// A delete or an increment.
    #[n(4)]
    Nothing,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(in crate::gate) struct Op {
    #[n(0)]
    pub(in crate::gate) object: OpId,
    #[n(1)]
    pub(in crate::gate) place: Place,
    #[n(2)]
    pub(in crate::gate) made: Made,
    #[n(3)]
    pub(in crate::gate) insert: bool,
    /// Of a container: how deep it lies, from 1.
    #[n(4)]
    pub(in crate::gate) depth: u8,
    /// Of a property's value: whether a later operation names it. Not frozen: it follows from what changes replace.
    #[cbor(skip)]
    pub(in crate::gate) replaced: bool,
}

impl Op {
    /// The property at which a value of its own stands.
    pub(super) fn stands_at(&self) -> Option<(OpId, u32)> {
        match self.place {
            Place::Property(name) if self.made != Made::Nothing && !self.replaced => {
                Some((self.object, name))
            }
            _ => None,
        }
    }
}

impl OpIndex {
    /// Takes note of an operation whose own number is `id`.
    pub(super) fn op_of(&mut self, op: &legacy::Op, id: OpId) -> Op {
        let object = match &op.obj {
            legacy::ObjectId::Root => ROOT,
            legacy::ObjectId::Id(object) => self.op_id(object),
        };
        let place = match &op.key {
            _ if op.insert => Place::Element(id),
            legacy::Key::Map(name) => Place::Property(self.names.intern(name.as_bytes())),
            legacy::Key::Seq(legacy::ElementId::Id(element)) => Place::Element(self.op_id(element)),
            legacy::Key::Seq(legacy::ElementId::Head) => Place::Head,
        };
        let made = match &op.action {
            OpType::Make(ObjType::Map | ObjType::Table) => Made::Map,
            OpType::Make(ObjType::List) => Made::Sequence,
            OpType::Make(ObjType::Text) => Made::Text,
            OpType::Put(_) | OpType::MarkBegin(_) | OpType::MarkEnd(_) => Made::Value,
            OpType::Delete | OpType::Increment(_) => Made::Nothing,
        };
        let depth = match made {
            Made::Map | Made::Sequence | Made::Text => self.depth(object).saturating_add(1),
            Made::Value | Made::Nothing => 0,
        };
        Op { object, place, made, insert: op.insert, depth, replaced: false }
    }

    pub(super) fn op_id(&mut self, id: &legacy::OpId) -> OpId {
        OpId::new(self.intern_actor(id.actor().to_bytes()), id.counter())
    }
}
