//! The context rules a second time, as plainly as they can be said: no numbers, no sharing, no
//! order of tables. The index must agree with it on everything.

use crate::gate::{Hash, MAX_NESTING, OpRef, OutsideKey, PREFIX_LEN, Summary};
use crate::limits;
use automerge::legacy::{self, OpType};
use automerge::{Change, ObjType};
use std::collections::{BTreeMap, BTreeSet};

type Id = (u64, Vec<u8>);
type Clock = BTreeMap<Vec<u8>, u64>;

#[derive(Clone, PartialEq)]
enum Place {
    Property(String),
    Head,
    Element(Id),
}

struct Known {
    seq: u64,
    object: Option<Id>,
    place: Place,
    insert: bool,
    /// Its kind and depth, for a container.
    container: Option<(ObjType, u32)>,
    writes: bool,
}

/// Every change's highest operation and clock, and every operation.
#[derive(Default)]
pub(super) struct Oracle {
    changes: BTreeMap<Hash, (u64, Clock)>,
    seqs: Clock,
    authors: BTreeMap<Hash, Vec<u8>>,
    /// Changes that others build on.
    covered: BTreeSet<Hash>,
    ops: BTreeMap<Id, Known>,
}

impl Oracle {
    pub(super) fn admit(&mut self, change: &Change) {
        let actor = change.actor_id().to_bytes().to_vec();
        let deps: Vec<Hash> = change.deps().iter().map(|dep| dep.0).collect();
        let (_, mut clock) = self.seen(&deps).expect("deps");
        clock.insert(actor.clone(), change.seq());
        self.seqs.insert(actor.clone(), change.seq());
        self.changes.insert(change.hash().0, (change.max_op(), clock));
        self.authors.insert(change.hash().0, actor.clone());
        self.covered.extend(deps);
        let id = |op: &legacy::OpId| (op.counter(), op.actor().to_bytes().to_vec());
        for (op, counter) in change.decode().operations.iter().zip(change.start_op().get()..) {
            let this = (counter, actor.clone());
            let place = match &op.key {
                _ if op.insert => Place::Element(this.clone()),
                legacy::Key::Map(name) => Place::Property(name.to_string()),
                legacy::Key::Seq(legacy::ElementId::Id(element)) => Place::Element(id(element)),
                legacy::Key::Seq(legacy::ElementId::Head) => Place::Head,
            };
            let object = match &op.obj {
                legacy::ObjectId::Root => None,
                legacy::ObjectId::Id(object) => Some(id(object)),
            };
            let around = object.as_ref().map_or(0, |object| self.ops[object].container.expect("object").1);
            let container = match &op.action {
                OpType::Make(made) => Some((*made, around + 1)),
                _ => None,
            };
            let writes = !matches!(op.action, OpType::Delete | OpType::Increment(_));
            let known = Known { seq: change.seq(), object, place, insert: op.insert, container, writes };
            self.ops.insert(this, known);
        }
    }

    fn seen(&self, deps: &[Hash]) -> Option<(u64, Clock)> {
        let (mut highest, mut clock) = (0, Clock::new());
        for dep in deps {
            let (max_op, seen) = self.changes.get(dep)?;
            highest = highest.max(*max_op);
            for (actor, seq) in seen {
                let known = clock.entry(actor.clone()).or_default();
                *known = (*known).max(*seq);
            }
        }
        Some((highest, clock))
    }

    /// The code of the first rule that is broken.
    pub(super) fn check(&self, summary: &Summary<'_>) -> Result<(), &'static str> {
        let last = self.seqs.get(summary.actor).copied().unwrap_or(0);
        let past = self.seen(summary.deps);
        let unknown = |actor: &&[u8]| !self.seqs.contains_key(*actor);
        let (max_op, clock) = match past {
            _ if self.changes.contains_key(&summary.hash) => return Err("context.known"),
            _ if summary.seq <= last => return Err("context.seq_reused"),
            None => return Err("context.missing_deps"),
            Some(_) if summary.deps.is_empty() && !self.changes.is_empty() => {
                return Err("context.second_root");
            }
            Some(past) => past,
        };
        let rules = [
            ("context.seq_gap", summary.seq == last + 1),
            ("context.own_tip", clock.get(summary.actor).copied().unwrap_or(0) == last),
            ("context.start_op", summary.start_op == max_op + 1),
            ("context.unknown_actor", !summary.other_actors.iter().any(unknown)),
        ];
        if let Some((code, _)) = rules[..3].iter().find(|(_, kept)| !kept) {
            return Err(code);
        }
        let (heads, own) = self.heads(summary.actor);
        let covers = summary.deps.iter().any(|dep| !self.covered.contains(dep));
        if !covers && own >= limits::MAX_OWN_HEADS {
            return Err("context.own_heads");
        }
        if !covers && heads >= limits::MAX_HEADS {
            return Err("context.heads");
        }
        if !rules[3].1 {
            return Err(rules[3].0);
        }
        self.references(summary, &clock)
    }

    /// The heads, and those of one device.
    fn heads(&self, actor: &[u8]) -> (usize, usize) {
        let heads = self.changes.iter().filter(|(hash, _)| !self.covered.contains(*hash));
        let own = heads.clone().filter(|(hash, _)| self.authors[*hash].starts_with(&actor[..PREFIX_LEN]));
        (heads.count(), own.count())
    }

    fn references(&self, summary: &Summary<'_>, clock: &Clock) -> Result<(), &'static str> {
        let id = |op: OpRef| {
            let author = std::iter::once(&summary.actor);
            let actor = author.chain(&summary.other_actors).nth(op.actor).expect("actor");
            (op.counter, actor.to_vec())
        };
        let find = |op: &Id| {
            let seen = clock.get(&op.1).copied().unwrap_or(0);
            self.ops.get(op).filter(|found| found.seq <= seen)
        };
        for outside in &summary.outside {
            let object = outside.object.map(id);
            let (kind, depth) = match &object {
                None => (ObjType::Map, 0),
                Some(object) => find(object).and_then(|op| op.container).ok_or("context.object")?,
            };
            let place = match outside.key {
                OutsideKey::Property(name) => Place::Property(name.to_owned()),
                OutsideKey::Element(element) => Place::Element(id(element)),
                OutsideKey::Inside => Place::Head,
            };
            if (kind == ObjType::Map) != matches!(place, Place::Property(_)) {
                return Err("context.key");
            }
            if kind == ObjType::Text && outside.alters {
                return Err("context.text");
            }
            if let Place::Element(element) = &place {
                let found = find(element).filter(|op| op.insert && op.object == object);
                found.ok_or("context.element")?;
            }
            for pred in &outside.preds {
                let stands = |op: &&Known| op.object == object && op.place == place && op.writes;
                find(&id(*pred)).filter(stands).ok_or("context.pred")?;
            }
            if outside.levels > 0 && depth + outside.levels > MAX_NESTING {
                return Err("context.nesting");
            }
        }
        Ok(())
    }
}
