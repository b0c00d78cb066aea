//! Changes made up from nothing but the document's own names: dependencies from anywhere in its history,
//! operations on any object, element and value that it ever had, containers in containers, huge names,
//! extreme times. Most are what an honest client could have written but never would.

use super::chunk::Raw;
use super::world::{Rng, Server};
use automerge::legacy::{Change as Expanded, ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ObjType, ScalarValue};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};

const TIMES: [i64; 7] = [0, 1, -1, 1_700_000_000_000, 4_102_444_800_000, 4_102_444_800_001, i64::MAX];

/// Names that look alike, look like nothing, or break the line.
const NAMES: [&str; 12] =
    ["a", "а", "a\u{200b}", "\u{202e}a", "\u{feff}", "é", "e\u{301}", "\u{0}", "", "类别", "𠮷", "visits"];

/// First bytes of the forgers' actors: a session writes with its own device's prefix only.
pub(super) const PREFIX: [u8; 8] = [0xee; 8];

/// What one operation of the document made or wrote.
struct Known {
    id: OpId,
    object: ObjectId,
    key: Key,
    made: Option<ObjType>,
    writes: bool,
}

/// All that a forger knows of a document.
#[derive(Default)]
pub(super) struct Forger {
    seen: usize,
    known: Vec<Known>,
    /// By actor: the last change and its sequence number. Their own, and everybody's.
    tips: BTreeMap<ActorId, (usize, u64)>,
    actors: BTreeSet<Vec<u8>>,
}

impl Forger {
    /// Reads what the server has taken since the last time.
    pub(super) fn learn(&mut self, server: &Server) {
        for (at, change) in server.changes.iter().enumerate().skip(self.seen) {
            let actor = change.actor_id().clone();
            for (op, counter) in change.decode().operations.iter().zip(change.start_op().get()..) {
                let id = OpId::new(counter, &actor);
                let key = if op.insert { Key::Seq(ElementId::Id(id.clone())) } else { op.key.clone() };
                let made = match &op.action {
                    OpType::Make(kind) => Some(*kind),
                    _ => None,
                };
                let writes = !matches!(op.action, OpType::Delete | OpType::Increment(_));
                self.known.push(Known { id, object: op.obj.clone(), key, made, writes });
            }
            self.actors.insert(actor.to_bytes().to_vec());
            if actor.to_bytes().starts_with(&PREFIX) {
                self.tips.insert(actor, (at, change.seq()));
            }
        }
        self.seen = server.changes.len();
    }

    /// A forged change; `None` where automerge's encoder does not take it.
    pub(super) fn forge(&self, rng: &mut Rng, server: &Server) -> Option<Vec<u8>> {
        let template = server.changes.first()?;
        let (actor, seq, own) = self.author(rng);
        let mut deps = vec![rng.below(server.changes.len()); 1];
        if !rng.one_in(3) {
            deps = server.changes.iter().enumerate().map(|(at, _)| at).rev().take(1 + rng.below(6)).collect();
        }
        deps.extend(own);
        let max_op = deps.iter().map(|dep| server.changes[*dep].max_op()).max().unwrap_or(0);
        let start = if rng.one_in(20) { max_op + 2 } else { max_op + 1 };
        let mut operations = Vec::new();
        let wanted = if rng.one_in(12) { 40 } else { 1 + rng.below(5) };
        for _ in 0..wanted {
            let next = OpId::new(start + operations.len() as u64, &actor);
            let op = self.operation(rng, (start, &actor), &operations, &next);
            operations.push(op);
        }
        let mut hashes: Vec<_> = deps.iter().map(|dep| server.changes[*dep].hash()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        let change = Expanded {
            operations,
            actor_id: actor,
            seq,
            start_op: NonZeroU64::new(start)?,
            time: *rng.pick(&TIMES),
            message: rng.one_in(6).then(|| rng.pick(&NAMES).repeat(rng.below(400))),
            deps: hashes,
            hash: None,
            ..template.decode()
        };
        let bytes = catch_unwind(AssertUnwindSafe(|| Change::from(change))).ok()?.raw_bytes().to_vec();
        Some(if rng.one_in(10) { self.unused_actor(rng, &bytes) } else { bytes })
    }

    /// One of the forgers' actors at its tip, or a fresh one.
    fn author(&self, rng: &mut Rng) -> (ActorId, u64, Option<usize>) {
        if rng.one_in(3) || self.tips.is_empty() {
            return (ActorId::from([PREFIX, rng.next().to_be_bytes()].concat()), 1, None);
        }
        let (actor, (at, seq)) = self.tips.iter().nth(rng.below(self.tips.len())).expect("in range");
        (actor.clone(), seq + 1, Some(*at))
    }

    /// An actor in the table that no operation names.
    fn unused_actor(&self, rng: &mut Rng, bytes: &[u8]) -> Vec<u8> {
        let mut raw = Raw::decode(bytes);
        let actor = self.actors.iter().nth(rng.below(self.actors.len())).expect("in range").clone();
        if actor != raw.actor && !raw.others.contains(&actor) {
            raw.others.push(actor);
            raw.others.sort();
        }
        raw.encode()
    }

    fn operation(&self, rng: &mut Rng, (start, actor): (u64, &ActorId), earlier: &[Op], next: &OpId) -> Op {
        let mut op = match rng.below(10) {
            // Deeper and deeper, inside this change or below what others made.
            0..=2 => self.nested(rng, (start, actor), earlier),
            3 => Op { insert: false, ..plain(ObjectId::Root, Key::Map(name(rng).into()), action(rng)) },
            _ => self.on_known(rng),
        };
        if rng.one_in(40) {
            op.pred = op.pred.iter().cloned().chain([next.clone()]).collect();
        }
        op
    }

    fn nested(&self, rng: &mut Rng, (start, actor): (u64, &ActorId), earlier: &[Op]) -> Op {
        let made = earlier.iter().enumerate().rev().find_map(|(at, op)| match &op.action {
            OpType::Make(kind) => Some((OpId::new(start + at as u64, actor), *kind)),
            _ => None,
        });
        let containers = || self.known.iter().filter_map(|known| Some((known.id.clone(), known.made?)));
        let (parent, kind) = match made {
            Some(made) if !rng.one_in(4) => made,
            _ => match containers().nth(rng.below(containers().count())) {
                Some(found) => found,
                None => return plain(ObjectId::Root, Key::Map("a".into()), OpType::Make(ObjType::Map)),
            },
        };
        let action = OpType::Make(*rng.pick(&[ObjType::Map, ObjType::List, ObjType::Text, ObjType::Map]));
        match kind {
            ObjType::Map | ObjType::Table => plain(ObjectId::Id(parent), Key::Map(name(rng).into()), action),
            ObjType::List | ObjType::Text => {
                Op { insert: true, ..plain(ObjectId::Id(parent), Key::Seq(ElementId::Head), action) }
            }
        }
    }

    /// Writes, deletes, increments or inserts where the document has something.
    fn on_known(&self, rng: &mut Rng) -> Op {
        let target = rng.pick(&self.known);
        let action = action(rng);
        if let (Key::Seq(_), true) = (&target.key, rng.one_in(2)) {
            let writes = matches!(action, OpType::Make(_) | OpType::Put(_));
            let action = if writes { action } else { OpType::Put(ScalarValue::Str("插".into())) };
            return Op { insert: true, ..plain(target.object.clone(), target.key.clone(), action) };
        }
        let here = |known: &&Known| known.object == target.object && known.key == target.key && known.writes;
        let all: Vec<&Known> = self.known.iter().filter(here).collect();
        let mut pred: Vec<OpId> = match rng.below(4) {
            0 if matches!(target.key, Key::Map(_)) => Vec::new(),
            1 => all.iter().map(|known| known.id.clone()).collect(),
            _ => vec![target.id.clone()],
        };
        pred.sort_by(|a, b| (a.counter(), a.actor()).cmp(&(b.counter(), b.actor())));
        Op { pred: pred.into(), ..plain(target.object.clone(), target.key.clone(), action) }
    }
}

fn plain(obj: ObjectId, key: Key, action: OpType) -> Op {
    Op { action, obj, key, pred: vec![].into(), insert: false }
}

fn name(rng: &mut Rng) -> String {
    if rng.one_in(60) { "巨".repeat(20_000) } else { (*rng.pick(&NAMES)).to_owned() }
}

fn action(rng: &mut Rng) -> OpType {
    match rng.below(9) {
        0 => OpType::Make(*rng.pick(&[ObjType::Map, ObjType::List, ObjType::Text, ObjType::Table])),
        1 | 2 => OpType::Delete,
        3 => OpType::Increment(*rng.pick(&[1, -1, 1 << 40, i64::MAX])),
        4 => OpType::Put(ScalarValue::counter(*rng.pick(&[0, -1, 1 << 40, i64::MIN]))),
        5 => OpType::Put(ScalarValue::F64(*rng.pick(&[f64::NAN, -0.0, f64::INFINITY]))),
        6 => OpType::Put(ScalarValue::Bytes(vec![0xff; rng.below(300)])),
        _ => OpType::Put(ScalarValue::Str((*rng.pick(&NAMES)).into())),
    }
}
