//! Whole documents of hostile shape, pushed as devices push them and loaded again: forks from anywhere,
//! braids, disputes in every field, long histories of one word.
//!
//! `GATE_SHAPE_KIB=6144` fills a document to its bound (release builds); `GATE_SHAPE` names one shape.

use super::setting;
use super::watch::{bounded, cpu, peak_kib, say, watched};
use crate::gate::{ByteLimits, admit, reloads, trial};
use crate::limits;
use crate::pipeline::Case;
use crate::store::{ChangeRow, Person, Stored};
use automerge::legacy::{Change as Expanded, ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ChangeHash, ScalarValue};
use doorstep_policy::{Pack, embedded_bazhou};
use doorstep_protocol::documents::genesis::genesis;
use doorstep_protocol::documents::words::{Act, permits};
use doorstep_protocol::documents::{Facts, Kind, Role, derive};
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use std::num::NonZeroU64;
use std::time::Duration;

/// One change of a shape: what it builds on, by number (0 is the genesis), whose, and what it says.
struct Step {
    deps: Vec<usize>,
    /// Goes on as the author of the change before it.
    goes_on: bool,
    worker: u32,
    says: Says,
}

enum Says {
    /// Review fields, each with this value.
    Words(&'static [&'static str], String),
    /// A resolution of the category that names nothing.
    Resolution,
    /// A label.
    Tag,
    /// A log entry.
    Entry,
}

const ONE: &[&str] = &["category"];
const REVIEWED: &[&str] =
    &["category", "place", "subject", "outcome", "household", "person.name", "person.id_number"];

fn word(n: usize) -> Says {
    Says::Words(ONE, format!("c{n}"))
}

type Shape = (&'static str, fn(usize) -> Step, Option<&'static str>);

const fn step(deps: Vec<usize>, worker: u32, says: Says) -> Step {
    Step { deps, goes_on: false, worker, says }
}

/// Forks from the genesis, gathered again by a change that says something else: no loose ends are left.
fn gathered(n: usize, worker: u32, says: Says, other: Says) -> Step {
    if n.is_multiple_of(30) {
        step((n.saturating_sub(30).max(1)..n).collect(), 9, other)
    } else {
        step(vec![0], worker, says)
    }
}

/// Each by the number of its next change, from 1; and the rule that ends it before the document is full.
const SHAPES: [Shape; 9] = [
    ("loose ends", |_| step(vec![0], 1, Says::Tag), Some("context.own_heads")),
    ("rivals of one worker", |n| gathered(n, 1, word(n), Says::Tag), Some("conflict.own_rivals")),
    ("rivals of many", |n| gathered(n, n as u32 % 20, word(n), Says::Tag), Some("conflict.crowded")),
    (
        "resolutions side by side",
        |n| gathered(n, n as u32 % 20, Says::Resolution, Says::Tag),
        Some("conflict.crowded"),
    ),
    (
        "a long history of one word, in dispute at its end",
        |n| {
            let (cycle, at) = (n / 20_000 * 20_000, n % 20_000);
            match at {
                581..590 => step(vec![cycle + 580], at as u32, word(n)),
                590 => step((cycle + 581..n).collect(), 9, Says::Tag),
                _ => Step { goes_on: at > 1, ..step(vec![n - 1], 1, word(n)) },
            }
        },
        None,
    ),
    (
        "as disputed as may be",
        |n| match n {
            1..=30 => gathered(n, n as u32 % 5, Says::Words(REVIEWED, digits(n)), Says::Tag),
            31 => step(vec![0], 10, Says::Words(REVIEWED, digits(n))),
            _ => Step { goes_on: true, ..step(vec![n - 1], 10, Says::Words(REVIEWED, digits(n))) },
        },
        None,
    ),
    ("a fresh author each", |n| step(vec![n - 1], 1, word(n)), Some("context.tangled")),
    (
        "a braid",
        |n| match n % 3 {
            // Two strands that never know of each other, and those who know both.
            0 => step((n.saturating_sub(3)..n).filter(|dep| *dep > 0).collect(), 1, Says::Entry),
            _ => step(vec![n.saturating_sub(3)], 1, Says::Entry),
        },
        Some("context.tangled"),
    ),
    (
        "one label side by side",
        |n| gathered(n, 1, Says::Tag, Says::Words(ONE, "roads".into())),
        Some("context.crowd"),
    ),
];

/// A value for fields of any type.
fn digits(n: usize) -> String {
    format!("5119021{:05}", n % 100_000)
}

/// The changes of a shape, encoded as automerge would.
struct Maker {
    hashes: Vec<ChangeHash>,
    max_ops: Vec<u64>,
    /// The words of each change: their fields and the first one's operation.
    words: Vec<Option<(&'static [&'static str], OpId)>>,
    author: (ActorId, u64),
}

impl Maker {
    fn new() -> Self {
        let first = genesis(Kind::Case);
        Maker {
            hashes: vec![first.hash()],
            max_ops: vec![first.max_op()],
            words: vec![None],
            author: (first.actor_id().clone(), 0),
        }
    }

    fn make(&mut self, step: &Step) -> Change {
        let n = self.hashes.len() as u64;
        self.author = match (&self.author, step.goes_on) {
            ((actor, seq), true) => (actor.clone(), seq + 1),
            _ => (ActorId::from([[9; 8], n.to_be_bytes()].concat()), 1),
        };
        let start = step.deps.iter().map(|dep| self.max_ops[*dep]).max().unwrap_or(0) + 1;
        let mut deps: Vec<ChangeHash> = step.deps.iter().map(|dep| self.hashes[*dep]).collect();
        deps.sort_unstable();
        deps.dedup();
        let before = match step.deps[..] {
            [dep] => self.words[dep].clone(),
            _ => None,
        };
        let change = Change::from(Expanded {
            operations: operations(&step.says, before.as_ref()),
            actor_id: self.author.0.clone(),
            seq: self.author.1,
            start_op: NonZeroU64::new(start).expect("above 0"),
            time: 1_700_000_000_000 + n as i64,
            deps,
            hash: None,
            ..genesis(Kind::Case).decode()
        });
        self.hashes.push(change.hash());
        self.max_ops.push(change.max_op());
        self.words.push(match &step.says {
            Says::Words(fields, _) => Some((fields, OpId::new(start, &self.author.0))),
            _ => None,
        });
        change
    }
}

/// Words write over those of the change that they build on, if it says the same fields: as a client does.
fn operations(says: &Says, before: Option<&(&'static [&'static str], OpId)>) -> Vec<Op> {
    let op = |container: u64, key, value: ScalarValue, insert| Op {
        action: OpType::Put(value),
        obj: ObjectId::Id(OpId::new(container, genesis(Kind::Case).actor_id())),
        key,
        pred: vec![].into(),
        insert,
    };
    let entry = |container: u64, text: &str| {
        op(container, Key::Seq(ElementId::Head), ScalarValue::Str(text.into()), true)
    };
    match says {
        Says::Words(fields, value) => {
            let word = |(at, field): (u64, &&str)| {
                let word = op(1, Key::Map((*field).into()), ScalarValue::Str(value.as_str().into()), false);
                let over = before.filter(|(same, _)| same == fields);
                let pred = over.map(|(_, first)| OpId::new(first.counter() + at, first.actor()));
                Op { pred: pred.into_iter().collect(), ..word }
            };
            (0..).zip(*fields).map(word).collect()
        }
        Says::Resolution => {
            vec![entry(4, r#"{"act":"resolution","field":"category","of":[],"value":"roads","reason":"r"}"#)]
        }
        Says::Tag => vec![op(6, Key::Map("a".into()), ScalarValue::Boolean(true), false)],
        Says::Entry => vec![entry(7, "x")],
    }
}

/// How it went, and what stopped it.
#[derive(Debug, Default)]
struct Course {
    changes: usize,
    bytes: usize,
    slowest_push: Duration,
    stopped: Option<&'static str>,
    loads: Duration,
}

/// Pushes a shape until the document is full or the gate says no, then loads what was stored.
fn run(shape: fn(usize) -> Step, room: usize) -> Course {
    let pack = Pack::load(&embedded_bazhou()).expect("the built-in pack loads");
    let person = Person {
        worker: WorkerId(1),
        district: "511902".into(),
        unit: "511902".into(),
        name: "测".into(),
        role: Role::Reviewer,
        ended: None,
    };
    let mut case = Case::new(DocumentId::v7(0, [1; 10]), Kind::Case, &person, 0, &pack);
    let (mut maker, mut course, mut rows) = (Maker::new(), Course::default(), Vec::new());
    while course.bytes < room && course.stopped.is_none() {
        let (mut push, mut pushed) = (Vec::new(), 0);
        while push.len() < limits::MAX_PUSH_CHANGES && pushed < limits::MAX_PUSH_BYTES {
            let step = shape(maker.hashes.len());
            let change = maker.make(&step);
            pushed += change.raw_bytes().len();
            push.push((step.worker, change));
        }
        course.bytes += pushed;
        let began = cpu();
        let mut taken = Vec::new();
        for (worker, change) in push {
            let facts = Facts { worker: WorkerId(worker), device: DeviceId([9; 8]), ..Facts::default() };
            match take(&mut case, &change, facts) {
                Ok(()) => {
                    course.changes += 1;
                    rows.push(ChangeRow {
                        hash: change.hash().into(),
                        bytes: change.raw_bytes().to_vec(),
                        facts,
                        seq: 1,
                    });
                    taken.push(change);
                }
                Err(code) => {
                    course.stopped = Some(code);
                    break;
                }
            }
        }
        case.doc = trial(&case.doc, taken).expect("applies");
        case.refresh(&pack, 0);
        course.slowest_push = course.slowest_push.max(cpu().saturating_sub(began));
        say(&format!("{} changes", course.changes));
    }
    assert!(reloads(&case.doc));
    case.fields();
    let row = case.row.clone();
    drop(case);
    let stored =
        Stored { row, changes: rows, decisions: Vec::new(), announced: Vec::new(), checkouts: Vec::new() };
    let began = cpu();
    let mut again = Case::restore(stored, &pack).expect("restores");
    again.refresh(&pack, 0);
    course.loads = cpu().saturating_sub(began);
    course
}

/// What admit does with one change.
fn take(case: &mut Case, change: &Change, facts: Facts) -> Result<(), &'static str> {
    admit(&mut case.index, &|_| true, change.raw_bytes(), &ByteLimits::default())
        .map_err(|refused| refused.code())?;
    let accepted = derive(Kind::Case, change, facts).map_err(|refusal| refusal.code())?;
    permits(Role::Reviewer, &accepted).map_err(|refusal| refusal.code())?;
    for word in &accepted.words {
        if let Act::Resolves(of) = &word.act {
            let must = case.table.must_name(word.field, &accepted.deps);
            assert!(must.iter().all(|hash: &Hash| of.contains(hash)));
        }
    }
    if let Some(crowded) = case.table.crowded_by(&accepted) {
        return Err(crowded.code());
    }
    case.enter(accepted);
    Ok(())
}

fn suffer() {
    let room = setting("GATE_SHAPE_KIB", 320) as usize * 1024;
    let only = std::env::var("GATE_SHAPE").ok();
    for (name, shape, ends) in SHAPES {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        say(name);
        let course = run(shape, room);
        println!("{name}: {course:?}, peak {} KiB", peak_kib());
        assert_eq!(course.stopped, ends, "{name}");
        bounded(name, course.slowest_push.max(course.loads));
    }
}

#[test]
fn documents_of_hostile_shape_stay_cheap() {
    watched("gate::tests::shapes::documents_of_hostile_shape_stay_cheap", suffer);
}
