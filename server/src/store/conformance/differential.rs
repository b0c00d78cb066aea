//! Random operations, the same on memory and on SQLite: every answer is the same.
//!
//! A seed that once failed stays in the list.

use std::fmt::Debug;
use std::sync::Arc;

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::data::{
    EAST, Folder, WEST, announced, case, change, checkout, command, decision, device, device_row, document,
    facts, full_case, hash, person, refused,
};
use crate::store::group::GroupCommit;
use crate::store::memory::MemoryStore;
use crate::store::standings::{Sight, Slice, Standings};
use crate::store::{Aside, CaseRow, Commit, EnrolmentRow, Expect, Kept, Query, Row, Store};

const SEEDS: [u64; 4] = [1, 2, 3, 4];
const STEPS: u64 = 120;
const DOCUMENTS: u64 = 8;
const DEVICES: u64 = 3;

/// SplitMix64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.roll() % n
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (self.below(2) == 0).then(|| value(self))
    }
}

/// What both stores are asked, and how their answers are told.
struct Both<S> {
    memory: MemoryStore,
    other: S,
    dice: Dice,
    /// Numbers given to changes and decisions so far: none is given twice.
    made: u64,
}

fn told<T: Debug>(kept: Kept<T>) -> String {
    format!("{:?}", kept.expect("both stores work"))
}

/// The same question to both; they must say the same.
macro_rules! ask {
    ($both:expr, $method:ident($($argument:expr),*)) => {{
        let memory = told($both.memory.$method($($argument.clone()),*).await);
        let other = told($both.other.$method($($argument),*).await);
        assert_eq!(memory, other, concat!(stringify!($method), " after {} rows"), $both.made);
    }};
}

impl<S: Store> Both<S> {
    fn fresh(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    fn document(&mut self) -> DocumentId {
        document(self.dice.below(DOCUMENTS))
    }

    fn a_case(&mut self) -> CaseRow {
        let n = self.dice.below(DOCUMENTS);
        let dice = &mut self.dice;
        let base = if dice.below(4) == 0 { full_case(n) } else { case(n) };
        CaseRow {
            district: if n.is_multiple_of(2) { EAST } else { WEST }.into(),
            // For ever, as its district is.
            kind: Kind::ALL[(n / 2 % 2) as usize],
            title: dice.maybe(|dice| format!("title {}", dice.below(100))),
            conflicts: (0..dice.below(3)).map(|n| format!("field {n}")).collect(),
            conflict_since: dice.maybe(|dice| dice.below(5) as Millis),
            urgent: dice.below(2) == 0,
            unit: dice.maybe(|dice| format!("unit {}", dice.below(2))),
            due: dice.maybe(|dice| dice.below(10) as Millis),
            wake: dice.maybe(|dice| dice.below(10) as Millis),
            ..base
        }
    }

    fn a_row(&mut self, document: DocumentId) -> Row {
        let device = device(self.dice.below(DEVICES));
        let hash_n = self.dice.below(6);
        let id = self.dice.below(6) as u8;
        match self.dice.below(11) {
            0..=2 => change(self.fresh()),
            3 => {
                let bytes = vec![3; self.dice.below(9_000) as usize];
                let n = self.fresh();
                Row::Change { hash: hash(n), bytes, facts: facts(n) }
            }
            4 => {
                let n = self.fresh();
                decision(n as u32, &n.to_string())
            }
            5 => Row::Quarantine({
                let mut row = refused(hash_n);
                row.document = document;
                row
            }),
            6 => Row::Command(command(id, self.dice.below(3) as u32)),
            7 => Row::Answered { device, hash: hash(hash_n) },
            8 => {
                let mut row = announced(0, 0, hash_n);
                (row.device, row.document, row.at) = (device, document, self.dice.below(100) as Millis);
                Row::Announced(row)
            }
            9 if id < 2 => Row::Lapsed { device },
            9 => Row::Held { device },
            _ => {
                let mut row = checkout(id, 0, 0);
                (row.device, row.document) = (device, document);
                row.ended = self.dice.maybe(|dice| dice.below(100) as Millis);
                Row::Checkout(row)
            }
        }
    }

    async fn a_commit(&mut self) -> Commit {
        let row = self.a_case();
        let stored = self.memory.row(row.document).await.expect("memory works");
        let expect = match (stored, self.dice.below(8)) {
            (_, 1) => Expect::At(self.dice.below(4)),
            (_, 0) | (None, _) => Expect::New,
            (Some(stored), _) => Expect::At(stored.version),
        };
        let rows = (0..self.dice.below(5)).map(|_| self.a_row(row.document)).collect();
        let by = self.dice.maybe(|dice| device(dice.below(DEVICES)));
        Commit { row, expect, by, staff: None, rows, gist: None }
    }

    fn an_aside(&mut self) -> Aside {
        let (document, device) = (self.document(), device(self.dice.below(DEVICES)));
        let n = self.dice.below(20);
        match self.dice.below(11) {
            0 => Aside::Grant { device, document, granted: n },
            1 => Aside::Revoke { device, document, until: n },
            2 => Aside::Purged { device, document },
            3 => Aside::Seen { device, at: n as Millis },
            4 => Aside::Prefix { device, prefix: super::data::device(self.dice.roll()) },
            5 => Aside::RevokeDevice { device, at: n as Millis },
            6 => Aside::Enrolment(EnrolmentRow {
                code: [n as u8 % 4; 32],
                worker: facts(1).worker,
                expires: n as Millis,
                used: None,
            }),
            7 => Aside::Quarantine(refused(n)),
            8 => Aside::Answered { device, document, hash: hash(n % 6) },
            9 => Aside::Command(command(n as u8, n as u32 % 3)),
            _ => Aside::Setting { key: format!("key {}", n % 3), value: n.to_string() },
        }
    }

    fn a_query(&mut self) -> Query {
        let dice = &mut self.dice;
        Query {
            district: if dice.below(2) == 0 { EAST } else { WEST }.into(),
            kind: dice.maybe(|dice| Kind::ALL[dice.below(2) as usize]),
            in_conflict: dice.below(2) == 0,
            due_before: dice.maybe(|dice| dice.below(10) as Millis),
            unit: dice.maybe(|dice| format!("unit {}", dice.below(2))),
            after: dice.maybe(|dice| document(dice.below(DOCUMENTS))),
            limit: dice.below(5) as usize,
        }
    }

    async fn step(&mut self) {
        match self.dice.below(8) {
            0..=4 => {
                let mut batch = Vec::new();
                for _ in 0..=self.dice.below(4) {
                    batch.push(self.a_commit().await);
                }
                ask!(self, commit(batch));
            }
            5 => {
                let asides: Vec<Aside> = (0..self.dice.below(6)).map(|_| self.an_aside()).collect();
                ask!(self, write(asides));
            }
            6 => {
                let (code, row) = ([self.dice.below(4) as u8; 32], device_row(self.dice.below(DEVICES)));
                ask!(self, enrol(code, row));
            }
            _ => {
                let person = person("somebody", if self.dice.below(2) == 0 { EAST } else { WEST });
                ask!(self, add_person(person));
            }
        }
    }

    async fn look(&mut self) {
        let (document, another, query) = (self.document(), self.document(), self.a_query());
        let (seq, limit) = (self.dice.below(40), self.dice.below(5) as usize);
        ask!(self, load(document));
        ask!(self, rows(query));
        ask!(self, rows_of(vec![document, another]));
        ask!(self, since(document, seq));
        ask!(self, due(seq as Millis, limit));
        ask!(self, next_due());
        ask!(self, documents(Some(document), limit));
        ask!(self, held(device(seq % DEVICES), vec![document]));
        ask!(self, quarantined(document, hash(seq % 6)));
        for district in [EAST, WEST] {
            ask!(self, feed(district, seq, limit));
            ask!(self, chain(district, seq));
            ask!(self, head(district));
            ask!(self, tally(slice(district, seq as Millis * 1_000)));
            ask!(self, quarantine(district, Some(seq as i64), limit));
        }
    }

    /// Everything that can be read.
    async fn look_at_all(&mut self) {
        for n in 0..DOCUMENTS {
            ask!(self, load(document(n)));
        }
        for n in 0..DEVICES {
            ask!(self, held(device(n), vec![]));
            ask!(self, waiting(device(n)));
            ask!(self, device(device(n)));
        }
        for n in 0..20 {
            ask!(self, command([n; 16]));
            ask!(self, enrolment([n; 32]));
            let key = format!("key {n}");
            ask!(self, setting(key.as_str()));
            ask!(self, person(doorstep_protocol::WorkerId(u32::from(n))));
        }
        for district in [EAST, WEST] {
            ask!(self, people(district));
            ask!(self, devices(district));
            ask!(self, feed(district, 0, usize::MAX));
            ask!(self, quarantine(district, None, usize::MAX));
            for in_conflict in [false, true] {
                let query =
                    Query { district: district.into(), in_conflict, limit: usize::MAX, ..Query::default() };
                ask!(self, rows(query));
            }
        }
        ask!(self, documents(None, usize::MAX));
    }
}

fn slice(district: &str, cutoff: Millis) -> Slice {
    let registered = Millis::MIN..Millis::MAX;
    Slice { district: district.into(), cutoff, registered, columns: Vec::new(), sight: Sight::All }
}

async fn run(other: impl Store, seed: u64) {
    let mut both = Both { memory: MemoryStore::default(), other, dice: Dice(seed), made: 0 };
    for _ in 0..STEPS {
        both.step().await;
        both.look().await;
    }
    both.look_at_all().await;
}

#[tokio::test]
async fn sqlite_answers_as_memory_does() {
    for seed in SEEDS {
        let folder = Folder::new();
        run(folder.open().await, seed).await;
    }
}

#[tokio::test]
async fn sqlite_by_groups_answers_as_memory_does() {
    let folder = Folder::new();
    run(GroupCommit::new(Arc::new(folder.open().await)), 99).await;
}
