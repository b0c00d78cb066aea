//! Who wins of a batch, and what is then to be written. Pure: it reads nothing but its arguments.
//!
//! Planned against what was read under SQLite's write lock, in the order of the batch, so that the second
//! commit of a document in one batch meets the version that the first has made.

use std::collections::{HashMap, HashSet};

use doorstep_policy::Decision;
use doorstep_protocol::documents::{Facts, Kind};
use doorstep_protocol::{DeviceId, DocumentId, Hash};

use crate::finding::Gist;
use crate::store::standings::Standing;
use crate::store::{CaseRow, Commit, Expect, Outcome, Row, content, roll};

/// What is stored of the documents and districts of a batch; [`plan`] carries it forward.
#[derive(Debug, Default)]
pub(super) struct Before {
    /// Version, position of the next change, and what lists and timers find it by.
    pub(super) documents: HashMap<DocumentId, (u64, i64, Listed)>,
    /// Last sequence and its rolling hash.
    pub(super) heads: HashMap<String, (u64, [u8; 8])>,
    /// Numbers taken, by epoch.
    pub(super) numbers: HashSet<(DocumentId, u32, u32)>,
    /// Devices of the batch that are shut out.
    pub(super) shut_out: HashSet<DeviceId>,
    /// Causes decided, by epoch.
    pub(super) causes: HashSet<(DocumentId, u32, String)>,
}

/// The columns by which lists and timers find a document, and which indexes hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) unit: Option<String>,
    pub(super) due: Option<i64>,
    pub(super) urgent: bool,
    pub(super) conflicts: i64,
    pub(super) conflict_since: Option<i64>,
    /// Then no list has it under its kind.
    pub(super) erased: bool,
    pub(super) wake: Option<i64>,
}

impl Listed {
    pub(super) fn of(row: &CaseRow) -> Self {
        Listed {
            unit: row.unit.clone(),
            due: row.due,
            urgent: row.urgent,
            conflicts: row.conflicts.len() as i64,
            conflict_since: row.conflict_since,
            erased: row.erased.is_some(),
            wake: row.wake,
        }
    }
}

/// Which indexes a row's new version moves in: SQLite moves an entry whenever its column is named, changed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moves {
    None,
    Wake,
    All,
}

impl Moves {
    fn between(before: Option<&Listed>, after: &Listed) -> Self {
        let Some(before) = before else { return Moves::All };
        if before == after {
            Moves::None
        } else if *before == (Listed { wake: before.wake, ..after.clone() }) {
            Moves::Wake
        } else {
            Moves::All
        }
    }
}

/// What is to be written, each list in order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) documents: Vec<PlannedDocument>,
    pub(super) feed: Vec<PlannedFeed>,
    pub(super) changes: Vec<PlannedChange>,
    pub(super) decisions: Vec<PlannedDecision>,
    /// Where cases stand from these decisions on.
    pub(super) standings: Vec<Standing>,
    /// Documents that a device made and so holds.
    pub(super) held: Vec<(DeviceId, DocumentId)>,
    /// Everything else, whose order matters.
    pub(super) others: Vec<(DocumentId, Row)>,
}

/// A document's row with its new version and sequence.
#[derive(Debug)]
pub(super) struct PlannedDocument {
    pub(super) row: CaseRow,
    pub(super) positions: i64,
    pub(super) moves: Moves,
    /// What its words are made of, where they may have changed.
    pub(super) gist: Option<Gist>,
}

/// A row of the feed.
#[derive(Debug)]
pub(super) struct PlannedFeed {
    pub(super) district: String,
    pub(super) seq: u64,
    pub(super) document: DocumentId,
    pub(super) chain: [u8; 8],
    pub(super) content: [u8; 8],
}

/// A change.
#[derive(Debug)]
pub(super) struct PlannedChange {
    pub(super) document: DocumentId,
    pub(super) position: i64,
    pub(super) seq: u64,
    pub(super) hash: Hash,
    pub(super) bytes: Vec<u8>,
    pub(super) facts: Facts,
}

/// A decision.
#[derive(Debug)]
pub(super) struct PlannedDecision {
    pub(super) document: DocumentId,
    pub(super) seq: u64,
    pub(super) decision: Box<Decision>,
}

/// Plans a batch.
pub(super) fn plan(before: &mut Before, batch: Vec<Commit>) -> Plan {
    let mut plan = Plan::default();
    for commit in batch {
        let outcome = plan_one(before, &mut plan, commit);
        plan.outcomes.push(outcome);
    }
    plan
}

fn plan_one(before: &mut Before, plan: &mut Plan, commit: Commit) -> Outcome {
    let Commit { mut row, expect, by, rows, gist, staff: _ } = commit;
    let id = row.document;
    if by.is_some_and(|by| before.shut_out.contains(&by)) {
        return Outcome::Lost;
    }
    let (version, mut position) = match (expect, before.documents.get(&id)) {
        (Expect::New, None) => (0, 0),
        (Expect::At(version), Some((at, position, _))) if version == *at => (version, *position),
        _ => return Outcome::Lost,
    };
    if !before.decide(id, &rows) {
        return Outcome::Lost;
    }
    let content = content(&rows);
    let (seq, chain) = before.advance(&row.district, id, content);
    (row.version, row.seq) = (version + 1, seq);
    plan.feed.push(PlannedFeed { district: row.district.clone(), seq, document: id, chain, content });
    plan.stand(&row, version == 0, &rows);
    for row in rows {
        match row {
            Row::Change { hash, bytes, facts } => {
                plan.changes.push(PlannedChange { document: id, position, seq, hash, bytes, facts });
                position += 1;
            }
            Row::Decision(decision) => plan.decisions.push(PlannedDecision { document: id, seq, decision }),
            Row::Held { device } => plan.held.push((device, id)),
            other => plan.others.push((id, other)),
        }
    }
    let (version, listed) = (row.version, Listed::of(&row));
    let moves = Moves::between(before.documents.get(&id).map(|(_, _, listed)| listed), &listed);
    before.documents.insert(id, (version, position, listed));
    plan.documents.push(PlannedDocument { row, positions: position, moves, gist });
    Outcome::Done { version, seq }
}

impl Plan {
    /// Where a case stands from each of these decisions on; a new one stands even where none is made.
    fn stand(&mut self, row: &CaseRow, new: bool, rows: &[Row]) {
        if row.kind != Kind::Case {
            return;
        }
        if new {
            self.standings.push(Standing::new(row));
        }
        let decided = rows.iter().filter_map(|added| match added {
            Row::Decision(decision) => Some(Standing::of(row, decision)),
            _ => None,
        });
        self.standings.extend(decided);
    }
}

impl Before {
    /// Takes the numbers and causes of a commit's decisions: all of them, or none if one is taken.
    fn decide(&mut self, document: DocumentId, rows: &[Row]) -> bool {
        let (mut numbers, mut causes) = (HashSet::new(), HashSet::new());
        for row in rows {
            let Row::Decision(decision) = row else { continue };
            let number = (document, decision.epoch, decision.n);
            let cause = (document, decision.epoch, decision.cause_key());
            if self.numbers.contains(&number) || self.causes.contains(&cause) {
                return false;
            }
            if !numbers.insert(number) || !causes.insert(cause) {
                return false;
            }
        }
        self.numbers.extend(numbers);
        self.causes.extend(causes);
        true
    }

    /// The next sequence of a district's feed and its rolling hash.
    fn advance(&mut self, district: &str, document: DocumentId, content: [u8; 8]) -> (u64, [u8; 8]) {
        let (seq, chain) = self.heads.get(district).copied().unwrap_or_default();
        let next = (seq + 1, roll(chain, seq + 1, document, content));
        self.heads.insert(district.to_owned(), next);
        next
    }
}
