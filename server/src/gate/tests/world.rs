//! Seeded honest devices: a few replicas of one document, edited, merged and forked, and a server
//! that takes every change.

use crate::gate::OpIndex;
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Automerge, AutomergeError, Change, ObjId, ObjType, ROOT, ReadDoc};
use automerge::{ScalarValue, Value};

/// SplitMix64.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub(super) fn actor(&mut self) -> ActorId {
        let (a, b) = (self.next().to_be_bytes(), self.next().to_be_bytes());
        ActorId::from([a, b].concat())
    }
}

const WORDS: [&str; 10] =
    ["路灯", "不亮", "🙂", "👩‍👩‍👧", "water", "é", "\u{0}", "，已上门", "𠮷野家", "résumé "];

fn words(rng: &mut Rng, n: usize) -> String {
    (0..n).map(|_| *rng.pick(&WORDS)).collect()
}

/// What the server holds: the document and the gate's index of it.
#[derive(Clone, Default)]
pub(super) struct Server {
    pub(super) doc: Automerge,
    pub(super) index: OpIndex,
    pub(super) changes: Vec<Change>,
}

impl Server {
    pub(super) fn take(&mut self, change: Change) {
        self.index.admit(&change);
        self.changes.push(change.clone());
        self.doc.apply_changes([change]).expect("honest change");
    }
}

pub(super) struct World {
    pub(super) rng: Rng,
    replicas: Vec<AutoCommit>,
    pub(super) server: Server,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: Rng(seed), replicas: Vec::new(), server: Server::default() }
    }

    /// A world after n changes.
    pub(super) fn after(seed: u64, n: usize) -> Self {
        let mut world = Self::new(seed);
        for _ in 0..n {
            let change = world.step();
            world.server.take(change);
        }
        world
    }

    /// All replicas gone but one, which knows what the server knows and nothing else.
    pub(super) fn restart(&mut self) {
        let actor = self.rng.actor();
        let replica = AutoCommit::load(&self.server.doc.save()).expect("loads");
        self.replicas = vec![replica.with_actor(actor)];
    }

    /// The next honest change, not yet taken by the server.
    pub(super) fn step(&mut self) -> Change {
        loop {
            if let Some(change) = self.try_step() {
                return change;
            }
        }
    }

    fn try_step(&mut self) -> Option<Change> {
        let rng = &mut self.rng;
        if self.replicas.is_empty() {
            self.replicas.push(genesis(rng).expect("a first change"));
            return self.replicas[0].get_last_local_change();
        }
        if self.replicas.len() < 4 && rng.one_in(8) {
            let from = rng.below(self.replicas.len());
            let fork = self.replicas[from].fork().with_actor(rng.actor());
            self.replicas.push(fork);
        }
        let at = rng.below(self.replicas.len());
        if self.replicas.len() > 1 && rng.one_in(5) {
            let mut other = self.replicas[rng.below(self.replicas.len())].clone();
            self.replicas[at].merge(&mut other).expect("honest merge");
        }
        if rng.one_in(20) {
            let actor = rng.actor();
            self.replicas[at].set_actor(actor);
        }
        commit(&mut self.replicas[at], rng)
    }
}

fn genesis(rng: &mut Rng) -> Result<AutoCommit, AutomergeError> {
    let mut doc = AutoCommit::new().with_actor(rng.actor());
    doc.put_object(ROOT, "log", ObjType::List)?;
    doc.put_object(ROOT, "text", ObjType::Text)?;
    let person = doc.put_object(ROOT, "person", ObjType::Map)?;
    doc.put(&person, "visits", ScalarValue::counter(0))?;
    doc.commit_with(CommitOptions::default().with_time(0));
    Ok(doc)
}

/// A few edits as one change; `None` if none of them fitted.
fn commit(doc: &mut AutoCommit, rng: &mut Rng) -> Option<Change> {
    let before = doc.get_heads();
    let options = match rng.below(4) {
        0 => CommitOptions::default().with_time(0),
        1 => CommitOptions::default().with_time(1_800_000_000_000).with_message(words(rng, 3)),
        _ => CommitOptions::default().with_time(1_700_000_000_000 + rng.below(100_000_000_000) as i64),
    };
    if rng.one_in(40) {
        doc.empty_change(options);
    } else {
        let edits = if rng.one_in(10) { 30 } else { 1 + rng.below(4) };
        for _ in 0..edits {
            let _ = edit(doc, rng); // edits that do not fit are skipped
            if doc.pending_ops() > 200 {
                break; // a paste, or much text deleted
            }
        }
        // A client splits edits at the limit: deleting a text costs an operation per character.
        if doc.pending_ops() > 5_000 {
            doc.rollback();
        }
        doc.commit_with(options);
    }
    if doc.get_heads() == before { None } else { doc.get_last_local_change() }
}

/// One honest edit anywhere.
fn edit(doc: &mut AutoCommit, rng: &mut Rng) -> Result<(), AutomergeError> {
    let mut object = ROOT;
    for _ in 0..rng.below(4) {
        let inner: Vec<ObjId> =
            doc.values(&object).filter_map(|(value, id)| value.is_object().then_some(id)).collect();
        if !inner.is_empty() && !rng.one_in(4) {
            object = rng.pick(&inner).clone();
        }
    }
    match doc.object_type(&object)? {
        ObjType::Text => edit_text(doc, rng, &object),
        ObjType::List => edit_list(doc, rng, &object),
        ObjType::Map | ObjType::Table => edit_map(doc, rng, &object),
    }
}

fn value(rng: &mut Rng) -> ScalarValue {
    let n = rng.next() as i64;
    match rng.below(10) {
        0 => ScalarValue::Null,
        1 => ScalarValue::Boolean(rng.one_in(2)),
        2 => ScalarValue::Uint(n as u64 >> rng.below(64)),
        3 => ScalarValue::Int(n >> rng.below(64)),
        4 => ScalarValue::F64(*rng.pick(&[0.0, -0.0, f64::NAN, 1.5, f64::MIN])),
        5 => ScalarValue::counter(n >> 40),
        6 => ScalarValue::Timestamp(n >> 20),
        7 => ScalarValue::Bytes(words(rng, 5).into_bytes()),
        _ => ScalarValue::Str(words(rng, 4).into()),
    }
}

fn kind(rng: &mut Rng) -> ObjType {
    *rng.pick(&[ObjType::Map, ObjType::List, ObjType::Text])
}

fn edit_text(doc: &mut AutoCommit, rng: &mut Rng, object: &ObjId) -> Result<(), AutomergeError> {
    let length = doc.length(object);
    let at = rng.below(length + 1);
    let rest = length - at;
    match rng.below(8) {
        0 | 1 if rest > 0 => {
            let deleted = 1 + rng.below(rest.min(9));
            doc.splice_text(object, at, deleted as isize, "")
        }
        2 => doc.split_block(object, at).map(drop),
        3 => {
            let new = words(rng, 8);
            doc.update_text(object, new)
        }
        4 if length < 300 && rng.one_in(30) => {
            let paste: String = words(rng, 2_000).chars().take(4_000).collect();
            doc.splice_text(object, at, 0, &paste)
        }
        _ => {
            let count = 1 + rng.below(6);
            let typed = words(rng, count);
            doc.splice_text(object, at, 0, &typed)
        }
    }
}

fn edit_list(doc: &mut AutoCommit, rng: &mut Rng, object: &ObjId) -> Result<(), AutomergeError> {
    let length = doc.length(object);
    let at = rng.below(length + 1);
    match rng.below(6) {
        0 => doc.insert_object(object, at, kind(rng)).map(drop),
        1 if at < length => doc.delete(object, at),
        2 if at < length => doc.put(object, at, value(rng)),
        3 if at < length => match doc.get(object, at)? {
            Some((Value::Scalar(v), _)) if v.is_counter() => {
                doc.increment(object, at, rng.next() as i64 >> 50)
            }
            _ => doc.put(object, at, ScalarValue::counter(1)),
        },
        4 if at < length => doc.put_object(object, at, kind(rng)).map(drop),
        _ => doc.insert(object, at, value(rng)),
    }
}

fn edit_map(doc: &mut AutoCommit, rng: &mut Rng, object: &ObjId) -> Result<(), AutomergeError> {
    let key = *rng.pick(&["a", "b", "类别", "visits", "🙂", ""]);
    match rng.below(6) {
        0 if *object != ROOT || rng.one_in(6) => doc.put_object(object, key, kind(rng)).map(drop),
        1 => doc.delete(object, key),
        2 | 3 => match doc.get(object, key)? {
            Some((Value::Scalar(v), _)) if v.is_counter() => {
                doc.increment(object, key, rng.next() as i64 >> 50)
            }
            _ => doc.put(object, key, ScalarValue::counter(rng.next() as i64 >> 40)),
        },
        _ => doc.put(object, key, value(rng)),
    }
}
