//! Mutations of honest changes, with right lengths and checksums: in bytes, columns, headers, and in
//! operations that automerge's own encoder then writes.

use super::chunk::{Raw, seal, sleb, uleb};
use super::world::{Rng, World};
use automerge::legacy::{Change as Expanded, ElementId, Key, MarkData, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ObjType, ScalarValue};
use std::panic::{AssertUnwindSafe, catch_unwind};

const COUNTS: [i64; 16] =
    [0, 1, 2, 3, -1, -2, 63, 64, 5_000, 5_001, -5_001, 1 << 20, 1 << 32, u32::MAX as i64, i64::MAX, i64::MIN];

/// Feeds `each` with mutants of every change of a world, before the server takes the change.
pub(super) fn of_world(seed: u64, changes: usize, each: &mut dyn FnMut(&mut World, &[u8])) {
    let mut world = World::new(seed);
    let mut donor = None;
    for _ in 0..changes {
        let change = world.step();
        let bytes = change.raw_bytes().to_vec();
        let donor = donor.replace(bytes.clone()).unwrap_or_else(|| bytes.clone());
        for _ in 0..if bytes.len() < 4_000 { 120 } else { 0 } {
            let mutant = mutate(&mut world.rng, &bytes, &donor);
            if mutant != bytes {
                each(&mut world, &mutant);
            }
        }
        each(&mut world, &bytes);
        world.server.take(change);
    }
}

/// One mutation of `bytes`, with parts of `donor`; or none, if it would not encode.
pub(super) fn mutate(rng: &mut Rng, bytes: &[u8], donor: &[u8]) -> Vec<u8> {
    let mut raw = Raw::decode(bytes);
    let other = Raw::decode(donor);
    match rng.below(16) {
        0 => {
            let mut body = raw.body();
            flip(rng, &mut body);
            return seal(1, &body);
        }
        1 => {
            let mut body = raw.body();
            splice(rng, &mut body);
            return seal(1, &body);
        }
        2 => mutate_header(rng, &mut raw, &other),
        3..=6 => mutate_columns(rng, &mut raw, &other),
        7 => {
            mutate_columns(rng, &mut raw, &other);
            mutate_columns(rng, &mut raw, &other);
            mutate_header(rng, &mut raw, &other);
        }
        _ => return mutate_ops(rng, bytes, donor).unwrap_or_else(|| bytes.to_vec()),
    }
    raw.encode()
}

fn flip(rng: &mut Rng, bytes: &mut [u8]) {
    for _ in 0..=rng.below(3) {
        if !bytes.is_empty() {
            let at = rng.below(bytes.len());
            bytes[at] ^= 1 << rng.below(8);
        }
    }
}

fn splice(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let from = rng.below(bytes.len() + 1);
    let to = (from + rng.below(12)).min(bytes.len());
    let at = rng.below(bytes.len() + 1);
    let piece: Vec<u8> = match rng.below(3) {
        0 => bytes[from..to].to_vec(),
        1 => (0..rng.below(6)).map(|_| rng.next() as u8).collect(),
        _ => Vec::new(),
    };
    let end = (at + rng.below(6)).min(bytes.len());
    bytes.splice(at..if rng.one_in(2) { end } else { at }, piece);
}

/// Replaces a number somewhere in a column by another one.
fn recount(rng: &mut Rng, bytes: &mut Vec<u8>) {
    let at = if rng.one_in(2) { 0 } else { rng.below(bytes.len() + 1) };
    let mut end = at;
    while end < bytes.len() && bytes[end] & 0x80 != 0 {
        end += 1;
    }
    let mut number = Vec::new();
    let n = *rng.pick(&COUNTS);
    if rng.one_in(2) {
        sleb(n, &mut number);
    } else {
        uleb(n as u64, &mut number);
    }
    bytes.splice(at..(end + 1).min(bytes.len()), number);
}

fn mutate_columns(rng: &mut Rng, raw: &mut Raw, donor: &Raw) {
    if raw.columns.is_empty() {
        raw.columns.clone_from(&donor.columns);
        return;
    }
    let (a, b) = (rng.below(raw.columns.len()), rng.below(raw.columns.len()));
    match rng.below(9) {
        0 => {
            let swapped = std::mem::take(&mut raw.columns[a].1);
            let other = std::mem::replace(&mut raw.columns[b].1, swapped);
            raw.columns[a].1 = other;
        }
        1 => drop(raw.columns.remove(a)),
        2 => raw.columns[a].0 ^= 1 << rng.below(10),
        3 => flip(rng, &mut raw.columns[a].1),
        4 => splice(rng, &mut raw.columns[a].1),
        5 if !donor.columns.is_empty() => {
            let (number, data) = rng.pick(&donor.columns).clone();
            *raw = std::mem::take(raw).with(number, data);
        }
        _ => recount(rng, &mut raw.columns[a].1),
    }
}

fn mutate_header(rng: &mut Rng, raw: &mut Raw, donor: &Raw) {
    let n = *rng.pick(&COUNTS) as u64;
    match rng.below(9) {
        0 => raw.seq = if rng.one_in(2) { n } else { raw.seq.wrapping_add(1) },
        1 => raw.start_op = if rng.one_in(2) { n } else { raw.start_op.wrapping_sub(1) },
        2 => raw.time_ms = n as i64,
        3 => raw.deps.clone_from(&donor.deps),
        4 => drop(raw.deps.pop()),
        5 => raw.others.clone_from(&donor.others),
        6 => raw.actor.clone_from(&donor.actor),
        7 => raw.extra = vec![1, 1, 65],
        _ => flip(rng, &mut raw.message),
    }
}

/// Edits operations and encodes them as automerge would.
fn mutate_ops(rng: &mut Rng, bytes: &[u8], donor: &[u8]) -> Option<Vec<u8>> {
    let mut change = Change::from_bytes(bytes.to_vec()).ok()?.decode();
    let other = Change::from_bytes(donor.to_vec()).ok()?.decode();
    let ids = candidates(rng, &change, &other);
    for _ in 0..=rng.below(3) {
        if change.operations.is_empty() {
            change.operations.clone_from(&other.operations);
            break;
        }
        mutate_op(rng, &mut change, &other, &ids);
    }
    // automerge's encoder panics on counters over 32 bits, and in debug builds on more.
    let change = catch_unwind(AssertUnwindSafe(|| Change::from(change))).ok()?;
    Some(change.raw_bytes().to_vec())
}

/// Operations that a mutated one may refer to: near misses for the most part.
fn candidates(rng: &mut Rng, change: &Expanded, other: &Expanded) -> Vec<OpId> {
    let mut ids: Vec<OpId> = Vec::new();
    for op in change.operations.iter().chain(&other.operations) {
        ids.extend(op.pred.iter().cloned());
        if let ObjectId::Id(id) = &op.obj {
            ids.push(id.clone());
        }
        if let Key::Seq(ElementId::Id(id)) = &op.key {
            ids.push(id.clone());
        }
    }
    let mut actors = vec![change.actor_id.clone(), other.actor_id.clone()];
    actors.extend(ids.iter().map(|id| id.actor().clone()));
    actors.push(ActorId::from(vec![7; 16]));
    let start = change.start_op.get();
    for _ in 0..4 {
        let near = start + rng.below(change.operations.len() + 2) as u64;
        ids.push(OpId::new(near, &change.actor_id));
        ids.push(OpId::new(1 + rng.below(start as usize + 1) as u64, rng.pick(&actors)));
    }
    ids
}

fn mutate_op(rng: &mut Rng, change: &mut Expanded, other: &Expanded, ids: &[OpId]) {
    let length = change.operations.len();
    let at = rng.below(length);
    let id = rng.pick(ids).clone();
    let op = &mut change.operations[at];
    match rng.below(15) {
        0 => op.obj = ObjectId::Id(id),
        1 => op.obj = ObjectId::Root,
        2 => op.key = Key::Seq(ElementId::Id(id)),
        3 => op.key = Key::Seq(ElementId::Head),
        4 => op.key = Key::Map("a".into()),
        5 => op.pred = vec![id].into(),
        6 => op.pred = Vec::new().into(),
        7 => op.pred = op.pred.iter().cloned().chain([id]).collect(),
        8 => op.insert = !op.insert,
        9 => op.action = action(rng),
        10 => {
            let copy = op.clone();
            for _ in 0..=rng.below(3) {
                change.operations.insert(rng.below(length), copy.clone());
            }
        }
        11 => drop(change.operations.remove(at)),
        12 => change.operations.swap(at, rng.below(length)),
        13 if !other.operations.is_empty() => {
            change.operations.insert(at, rng.pick(&other.operations).clone());
        }
        _ => {
            // Insert, then refer to it.
            let (obj, key) = (op.obj.clone(), op.key.clone());
            let new = OpId::new(change.start_op.get() + at as u64, &change.actor_id);
            let action = OpType::Put(ScalarValue::Str("y".into()));
            let insert = matches!(key, Key::Seq(_));
            op.key = if insert { Key::Seq(ElementId::Id(new.clone())) } else { key.clone() };
            op.pred = vec![new].into();
            op.insert = false;
            change.operations.insert(at, Op { action, obj, key, pred: vec![].into(), insert });
        }
    }
}

fn action(rng: &mut Rng) -> OpType {
    match rng.below(7) {
        0 => OpType::Make(*rng.pick(&[ObjType::Map, ObjType::List, ObjType::Text, ObjType::Table])),
        1 => OpType::Delete,
        2 => OpType::Increment(*rng.pick(&COUNTS)),
        3 => OpType::Put(ScalarValue::counter(*rng.pick(&COUNTS))),
        4 => OpType::MarkEnd(rng.one_in(2)),
        5 => {
            let (name, value) = ("bold".into(), ScalarValue::F64(f64::NAN));
            OpType::MarkBegin(MarkData { name, value, expand: rng.one_in(2) })
        }
        _ => OpType::Put(ScalarValue::Str("x".into())),
    }
}
