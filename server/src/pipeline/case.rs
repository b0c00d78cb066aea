//! One document in memory: what it holds, what it shows, and what a commit makes of it.
//!
//! Built from stored changes by the same steps that admit new ones. Nothing here is async and nothing
//! knows a store: a case is changed freely, and forgotten if its commit is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use automerge::{Automerge, Change};
use doorstep_policy::{Cause, Decision, FieldView, Pack, Projection};
use doorstep_protocol::documents::genesis::{genesis, genesis_hash, new_document};
use doorstep_protocol::documents::words::{Accepted, Act};
use doorstep_protocol::documents::{Facts, Kind, Table, View, derive, derive_decoded, view};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::concerned::{hidden_from, named};
use super::frozen::{Unusable, thaw};
use super::hidden::Veil;
use super::reading::Reading;
use super::staff::Staff;
use crate::gate::OpIndex;
use crate::limits;
use crate::store::rows::AnnouncedRow;
use crate::store::{CaseRow, CheckoutRow, Expect, Kept, Person, Row, StoreError, Stored};

/// One document in memory.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) row: CaseRow,
    pub(crate) doc: Automerge,
    pub(crate) index: OpIndex,
    pub(crate) table: Table,
    /// Every accepted change with its facts and its place in the feed.
    pub(crate) known: BTreeMap<Hash, (Facts, u64)>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) announced: Vec<AnnouncedRow>,
    pub(crate) checkouts: Vec<CheckoutRow>,
    /// Bytes of all changes.
    pub(crate) bytes: usize,
    /// Of a visit or meeting that is being written: what the cases that it names hide; `None`: as before.
    pub(super) veil: Option<Veil>,
    /// What the document hid when it was last committed.
    hid: Veil,
    /// Changes that its snapshot has; 0 without one.
    pub(super) frozen: usize,
    /// Hashes entered since the last commit; the feed's sequence is filled in by it.
    fresh: Vec<Hash>,
    /// Who works in its district: whom it is about when it names a person.
    pub(super) staff: Arc<Staff>,
    /// What policy read last.
    reading: Option<Arc<Reading>>,
}

/// What goes into a commit beside the row.
pub(crate) struct Staged {
    pub(crate) expect: Expect,
    /// The device whose push this is: the commit is lost if it was shut out.
    pub(crate) by: Option<DeviceId>,
    pub(crate) rows: Vec<Row>,
}

/// A time as policy has it.
pub fn timestamp(at: Millis) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Case {
    /// A document that is not stored yet: genesis only.
    pub(crate) fn new(document: DocumentId, kind: Kind, author: &Person, now: Millis, pack: &Pack) -> Self {
        Case::at_genesis(CaseRow::new(document, kind, author, now), pack)
    }

    fn at_genesis(row: CaseRow, pack: &Pack) -> Self {
        let kind = row.kind;
        let mut case = Case::empty(row, Arc::new(pack.tightened().clone()));
        case.doc = new_document(kind);
        case.index.admit(genesis(kind));
        let first = derive(kind, genesis(kind), Facts::default()).expect("genesis has no words");
        case.table.insert(first);
        case.known.insert(genesis_hash(kind), (Facts::default(), 0));
        case
    }

    /// Without any change, not even the genesis.
    fn empty(row: CaseRow, tightened: Arc<BTreeSet<String>>) -> Self {
        Case {
            row,
            doc: Automerge::new(),
            index: OpIndex::new(),
            table: Table::tightened(tightened),
            known: BTreeMap::new(),
            decisions: Vec::new(),
            announced: Vec::new(),
            checkouts: Vec::new(),
            bytes: 0,
            veil: None,
            hid: Veil::default(),
            frozen: 0,
            fresh: Vec::new(),
            staff: Arc::default(),
            reading: None,
        }
    }

    /// The same case without any change.
    pub(super) fn emptied(&self) -> Self {
        Case::empty(self.row.clone(), self.table.tight())
    }

    /// What a store kept, from the changes alone.
    pub(crate) fn restore(stored: Stored, pack: &Pack) -> Kept<Self> {
        Case::at_genesis(stored.row.clone(), pack).with(stored, None)
    }

    /// The same, with the words of every change in the order in which they were entered.
    pub(super) fn restore_telling(stored: Stored, pack: &Pack) -> Kept<(Self, Vec<Accepted>)> {
        let kind = stored.row.kind;
        let first = derive(kind, genesis(kind), Facts::default()).expect("genesis has no words");
        let mut told = vec![first];
        let case = Case::at_genesis(stored.row.clone(), pack).with(stored, Some(&mut told))?;
        Ok((case, told))
    }

    /// A snapshot and what came after it.
    pub(super) fn resume(snapshot: &[u8], stored: &Stored, pack: &Pack) -> Result<Self, Unusable> {
        thaw(Case::empty(stored.row.clone(), Arc::new(pack.tightened().clone())), snapshot)
    }

    /// Takes in stored changes on top of those that it has, and everything else that is stored.
    pub(super) fn with(mut self, stored: Stored, mut told: Option<&mut Vec<Accepted>>) -> Kept<Self> {
        let Stored { row, changes, decisions, announced, checkouts } = stored;
        let corrupt = |what: &str| StoreError::Corrupt(format!("{}: {what}", row.document));
        self.hid = Veil::of(&row);
        let mut parsed = Vec::with_capacity(changes.len());
        for stored in changes {
            self.bytes += stored.bytes.len();
            let change = automerge::Change::from_bytes(stored.bytes)
                .map_err(|_| corrupt("a change does not parse"))?;
            if Hash::from(change.hash()) != stored.hash {
                return Err(corrupt("a change is not the one that was accepted"));
            }
            let decoded = change.decode();
            let accepted = derive_decoded(row.kind, (&change, &decoded), stored.facts);
            let accepted = accepted.map_err(|_| corrupt("a change has no words"))?;
            self.index.admit_decoded(&change, &decoded);
            if let Some(told) = &mut told {
                told.push(accepted.clone());
            }
            self.table.insert(accepted);
            self.known.insert(stored.hash, (stored.facts, stored.seq));
            parsed.push(change);
        }
        self.doc.apply_changes(parsed).map_err(|_| corrupt("the changes do not apply"))?;
        self.decisions = decisions.into_iter().map(|row| row.decision).collect();
        self.announced = announced;
        self.checkouts = checkouts.into_iter().filter(|checkout| checkout.ended.is_none()).collect();
        Ok(self)
    }

    /// Whether a snapshot would make the next load much cheaper.
    pub(super) fn is_dear(&self) -> bool {
        self.known.len() >= self.frozen + limits::SNAPSHOT_AFTER
    }

    /// About how many bytes of memory the case takes: for the cache's bound, not for accounts. Fitted to what cases
    /// of 3 to 100 changes took (20 to 97 KB), a fifth above it: the allocator needs room, too. Most of a small case is
    /// automerge's empty columns.
    pub(crate) fn weight(&self) -> usize {
        const CASE: usize = 16 * 1024;
        const CHANGE: usize = 500;
        const DECISION: usize = 4_500;
        CASE + 2 * self.bytes + CHANGE * self.known.len() + DECISION * self.decisions.len()
    }

    /// What the compare-and-swap of the next commit expects.
    pub(crate) fn stage(&self, rows: Vec<Row>) -> Staged {
        let expect = if self.row.version == 0 { Expect::New } else { Expect::At(self.row.version) };
        Staged { expect, by: None, rows }
    }

    /// The commit went through.
    pub(crate) fn committed(&mut self, version: u64, seq: u64) {
        self.hid = Veil::of(&self.row);
        (self.row.version, self.row.seq) = (version, seq);
        for hash in self.fresh.drain(..) {
            if let Some((_, at)) = self.known.get_mut(&hash) {
                *at = seq;
            }
        }
    }

    /// The cases that a visit or meeting names.
    pub(super) fn named(&self) -> BTreeSet<DocumentId> {
        self.row.round.as_ref().map(|round| round.cases.clone()).unwrap_or_default()
    }

    /// Whether the next commit hides the case from somebody who saw it: what names it must be hidden with it.
    pub(super) fn hides_more(&self) -> bool {
        self.row.kind == Kind::Case && Veil::of(&self.row).hides_more_than(&self.hid)
    }

    /// Enters a change that the gate admitted and whose words hold.
    pub(crate) fn enter(&mut self, accepted: Accepted) {
        let (hash, facts) = (accepted.hash, accepted.facts);
        // Given back after the decision that answers it, it asks for nothing any more.
        let answered = |d: &Decision| matches!(&d.cause, Cause::Review { id } if *id == hash.to_string());
        if accepted.words.iter().any(|word| matches!(word.act, Act::Resolves(_)))
            && !self.decisions.iter().any(answered)
        {
            self.row.review = Some(hash);
        }
        self.table.insert(accepted);
        self.known.insert(hash, (facts, 0));
        self.fresh.push(hash);
        self.row.updated = facts.received;
    }

    /// Enters a constant change. It has no words, no author and no time.
    pub(crate) fn enter_constant(&mut self, change: &Change) {
        let constant = derive(self.row.kind, change, Facts::default()).expect("a constant has no words");
        self.known.insert(constant.hash, (Facts::default(), 0));
        self.fresh.push(constant.hash);
        self.table.insert(constant);
    }

    /// The fields as people see them.
    pub(crate) fn fields(&self) -> Map<String, Json> {
        view::fields(self.row.kind, &self.doc, &self.table)
    }

    /// What policy reads: codes and ids of fields that are written as words.
    pub(crate) fn projection(&self) -> Projection {
        const READ: [&str; 8] =
            ["category", "severity", "urgency", "place", "subject", "channel", "household", "outcome"];
        let fields = self.row.kind.fields().filter(|field| READ.contains(&field.name)).map(|field| {
            let view = match self.table.view(field) {
                View::Unset | View::Is(None) => FieldView::Unset,
                View::Is(Some(value)) => FieldView::Is(value),
                View::Disputed(values) => FieldView::Disputed(values),
            };
            (field.name.to_owned(), view)
        });
        let mut projection = Projection {
            kind: self.row.kind.name().to_owned(),
            fields: fields.filter(|(_, view)| *view != FieldView::Unset).collect(),
            subject_units: BTreeSet::new(),
            author_unit: Some(self.row.author_unit.clone()),
            registered_at: timestamp(self.row.registered),
            id: self.row.document.to_string(),
            proofs: super::proofs::proofs(self),
        };
        let subjects = self.staff.subjects(&projection).into_iter();
        projection.subject_units = subjects.map(|member| member.unit.clone()).collect();
        projection
    }

    /// Brings the materialised row up to date after changes were entered. Visibility shrinks here:
    /// everybody named as subject, on any side, is concerned from now on, and their unit.
    /// Returns what policy reads.
    pub(crate) fn refresh(&mut self, pack: &Pack, now: Millis) -> Arc<Reading> {
        let reading = self.read(pack);
        let single = |name: &str| {
            let view = self.row.kind.field(name).map(|field| self.table.view(field));
            match view {
                Some(View::Is(Some(value))) => Some(value),
                _ => None,
            }
        };
        (self.row.title, self.row.category) = (single("title"), single("category"));
        (self.row.place, self.row.urgency) = (single("place"), single("urgency"));
        self.row.channel = single("channel");
        self.row.household = single("household");
        if self.row.kind == Kind::Case {
            self.confine(&reading, pack);
        }
        let subjects = hidden_from(
            &self.row,
            (self.decisions.last(), pack, &self.staff),
            named(&reading.projection, (pack, &self.staff)),
        );
        let decided = self.row.settled_digest.as_ref() == Some(&reading.digest);
        if self.row.kind != Kind::Case {
            self.veiled(subjects);
        } else if decided {
            self.row.concerned = subjects;
        } else {
            // Whoever is named no more sees it again when that is decided, not before.
            self.row.concerned.extend(subjects);
        }
        self.row.conflicts = self.table.open_fields().map(|field| field.name.to_owned()).collect();
        match (self.row.conflicts.is_empty(), self.row.conflict_since) {
            (true, _) => self.row.conflict_since = None,
            (false, None) => self.row.conflict_since = Some(now),
            (false, Some(_)) => {}
        }
        if self.row.kind != Kind::Case {
            self.row.round = super::rounds::of(self);
            return reading;
        }
        let read =
            |field: doorstep_protocol::documents::Field| pack.reads().iter().any(|name| name == field.name);
        self.row.quiet_from = self.table.last_received(read).unwrap_or(self.row.registered);
        self.row.urgent = reading.urgent;
        if decided {
            self.row.unsettled_since = None;
        } else {
            if self.row.unsettled_since.is_none() {
                // What began it may be a signature, which is no word of a field.
                self.row.quiet_from = self.row.quiet_from.max(now);
            }
            self.row.unsettled_since = self.row.unsettled_since.or(Some(now));
        }
        reading
    }

    /// What turns out to be a complaint is in its compartment from now on, and there out of the hands of whom it turns out to
    /// be about.
    pub(super) fn confine(&mut self, reading: &Reading, pack: &Pack) {
        let Some(audience) = &mut self.row.audience else { return };
        match (&audience.compartment, &reading.confined) {
            (Some(_), _) => *audience = pack.kept_out(audience, &reading.projection),
            (None, Some(confined)) => audience.clone_from(confined),
            (None, None) => {}
        }
    }

    pub(super) fn read(&mut self, pack: &Pack) -> Arc<Reading> {
        let projection = self.projection();
        let standing = self.reading.take().filter(|reading| reading.stands(&projection, pack));
        let reading = standing.unwrap_or_else(|| Arc::new(Reading::of(projection, pack)));
        self.reading = Some(Arc::clone(&reading));
        reading
    }

    /// Hides a visit or meeting as the cases that it names do. Where nobody has looked at them, it stays as hidden.
    fn veiled(&mut self, subjects: BTreeSet<String>) {
        match self.veil.take() {
            None => self.row.concerned.extend(subjects),
            Some(veil) => {
                self.row.concerned = subjects.into_iter().chain(veil.concerned).collect();
                self.row.audience = veil.confined.or_else(|| super::rounds::guests(self));
            }
        }
    }

    /// Whether a device made this change.
    pub(crate) fn made_by(&self, hash: &Hash, device: DeviceId) -> bool {
        self.known.get(hash).is_some_and(|(facts, _)| facts.device == device)
    }
}
