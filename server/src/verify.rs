//! The ten invariants, checked against what is stored. Each reports how many items it checked.
//!
//! Reads only. Nothing is mended here: what fails is shown, with examples by id.

mod erasures;
mod files;
mod named;
mod published;
mod snapshots;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Cause, FieldView, Step, replay_versions};
use doorstep_protocol::documents::{Facts, Field, Kind, Role, Table, View, derive};
use doorstep_protocol::{DocumentId, Hash};
use serde::Serialize;
pub use snapshots::Snapshots;

use crate::authorize::{Wish, authorize};
use crate::figures::recount::Recount;
use crate::pipeline::Centre;
use crate::store::{CaseRow, Kept, Person, Store, Stored, Walk};
use crate::{gate, health};

/// One invariant's result.
#[derive(Clone, Debug, Serialize)]
pub struct Invariant {
    /// Its number in the design.
    pub id: u8,
    /// What it says.
    pub name: &'static str,
    /// Items looked at.
    pub checked: u64,
    /// Items that break it.
    pub failed: u64,
    /// Some of these.
    pub examples: Vec<String>,
    /// Of those looked at, what lies in a compartment.
    #[serde(skip)]
    confined: u64,
    /// Of the examples, what lies in a compartment.
    #[serde(skip)]
    withheld: Vec<String>,
}

/// All of them.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Nothing failed.
    pub ok: bool,
    /// In their order.
    pub invariants: Vec<Invariant>,
    /// Caches, which no invariant is about.
    pub snapshots: Snapshots,
    /// Units that cases go to and in which nobody works: no fault of what is stored.
    pub unattended: Vec<Unattended>,
    /// Cases that are not over and that nobody who works here may read: their ids. As it is told outside compartments, none.
    pub unseen: Vec<String>,
}

/// Units of one district, by code.
#[derive(Clone, Debug, Serialize)]
pub struct Unattended {
    /// Division code.
    pub district: String,
    /// In the order in which they matter: compartments' first.
    pub units: Vec<String>,
}

impl Report {
    /// As it is told outside compartments: a number that counts what lies inside would say, less what anybody can count,
    /// how many complaints there are. What fails counts wherever it lies.
    #[must_use]
    pub fn outside(mut self) -> Self {
        for invariant in &mut self.invariants {
            invariant.checked -= invariant.confined;
            let withheld = std::mem::take(&mut invariant.withheld);
            invariant.examples.retain(|example| !withheld.contains(example));
        }
        self.unseen.clear();
        self.snapshots.checked -= self.snapshots.confined;
        let withheld = std::mem::take(&mut self.snapshots.withheld);
        self.snapshots.examples.retain(|example| !withheld.contains(example));
        self
    }
}

const NAMES: [&str; 10] = [
    "every acknowledged change survives",
    "the same changes show the same case and the same conflicts",
    "each cause is decided once and replays identically",
    "what was revoked and purged is held by no device",
    "nothing is dropped: the feed is gapless and its chain holds",
    "every case has an owner, a next step and a due time, and a timer until its end",
    "every figure can be recomputed from what is stored",
    "nobody sees a case about himself",
    "nothing stalls: no wait outlives its end",
    "no decision on an unsettled case",
];

/// A wait that ended longer ago than this has stalled, in milliseconds.
const STALLED_MS: i64 = 60_000;

struct Checks {
    found: Vec<Invariant>,
    /// What is looked at now lies in a compartment.
    confined: bool,
    /// Documents that do.
    inside: BTreeSet<DocumentId>,
    /// Cases that nobody may read.
    unseen: Vec<String>,
}

impl Checks {
    fn check(&mut self, id: usize, holds: bool, example: impl FnOnce() -> String) {
        let invariant = &mut self.found[id - 1];
        invariant.checked += 1;
        invariant.confined += u64::from(self.confined);
        if !holds {
            invariant.failed += 1;
            if invariant.examples.len() < 5 {
                let example = example();
                invariant.withheld.extend(self.confined.then(|| example.clone()));
                invariant.examples.push(example);
            }
        }
    }
}

/// Checks everything.
pub async fn report<S: Store>(centre: &Centre<S>) -> Kept<Report> {
    let names = NAMES.iter().zip(1..);
    let blank = |(name, id): (&&'static str, u8)| Invariant {
        id,
        name,
        checked: 0,
        failed: 0,
        examples: Vec::new(),
        confined: 0,
        withheld: Vec::new(),
    };
    let mut checks = Checks {
        found: names.map(blank).collect(),
        confined: false,
        inside: BTreeSet::new(),
        unseen: Vec::new(),
    };
    let mut cases = 0_u64;
    let mut found = Snapshots::default();
    let mut people: BTreeMap<String, named::Known> = BTreeMap::new();
    let mut recount = Recount::begin(centre).await?;
    let mut published = published::Published::of(centre).await?;
    let mut walk = Walk::over(&**centre.store());
    while let Some(stored) = walk.next().await? {
        if stored.row.kind == Kind::Case && stored.row.erased.is_none() {
            cases += 1;
            recount.take(centre, &stored);
        }
        let known = match people.entry(stored.row.district.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let (store, district) = (centre.store(), new.key().clone());
                let (people, former) = (store.people(&district).await?, store.former_names(&district).await?);
                new.insert(named::Known::of(
                    people,
                    &former,
                    centre.packs().of(&district, centre.now()).map(|pack| &**pack),
                ))
            }
        };
        checks.confined = is_confined(&stored.row);
        checks.inside.extend(checks.confined.then_some(stored.row.document));
        let table = check_changes(&mut checks, &stored);
        snapshots::check(&mut checks, &mut found, centre, &stored).await?;
        files::check(&mut checks, centre, &stored).await?;
        published.count(&stored);
        check_decisions(&mut checks, centre, &stored);
        check_row(&mut checks, centre, &stored, &known.people);
        if let Some(pack) = centre.packs().of(&stored.row.district, centre.now()) {
            named::check(&mut checks, (&stored, &table), known, pack);
        }
    }
    checks.confined = false;
    erasures::check(&mut checks, centre).await?;
    let mut unattended = Vec::new();
    for district in centre.packs().districts() {
        let units = health::unattended(centre, district).await?;
        unattended.extend((!units.is_empty()).then(|| Unattended { district: district.to_owned(), units }));
        check_feed(&mut checks, centre, district).await?;
        let query = crate::store::Query {
            district: district.to_owned(),
            kind: Some(Kind::Case),
            limit: usize::MAX >> 1,
            ..Default::default()
        };
        for row in centre.store().rows(query).await? {
            cases = cases.saturating_sub(1);
            checks.confined = is_confined(&row);
            checks.check(7, true, String::new);
        }
        checks.confined = false;
    }
    published.check(&mut checks, centre);
    checks.check(7, cases == 0, || format!("{cases} cases are stored but in no list"));
    for (published, recounted, of) in recount.compare(centre).await? {
        checks.check(7, published == recounted, || format!("{of}: {published:?}, recounted {recounted:?}"));
    }
    let ok = checks.found.iter().all(|invariant| invariant.failed == 0);
    Ok(Report { ok, invariants: checks.found, snapshots: found, unattended, unseen: checks.unseen })
}

fn is_confined(row: &CaseRow) -> bool {
    row.audience.as_ref().is_some_and(|audience| audience.compartment.is_some())
}

/// What every view of a document shows, whatever the order of its changes.
fn shown(kind: Kind, table: &Table) -> Vec<(Field, View)> {
    kind.fields().filter(|field| field.is_word()).map(|field| (field, table.view(field))).collect()
}

fn check_changes(checks: &mut Checks, stored: &Stored) -> Table {
    let (kind, id) = (stored.row.kind, stored.row.document);
    let genesis = doorstep_protocol::documents::genesis(kind);
    let mut doc = doorstep_protocol::documents::genesis::new_document(kind);
    let mut accepted = vec![derive(kind, genesis, Facts::default()).expect("genesis has no words")];
    let mut changes = Vec::new();
    for row in &stored.changes {
        let parsed = automerge::Change::from_bytes(row.bytes.clone()).ok();
        let whole = parsed.as_ref().is_some_and(|change| Hash::from(change.hash()) == row.hash)
            && Hash(gate::change_hash(&row.bytes)) == row.hash;
        checks.check(1, whole, || format!("{id} {}", row.hash));
        if let Some(change) = parsed {
            accepted.extend(derive(kind, &change, row.facts).ok());
            changes.push(change);
        }
    }
    let applied =
        doc.apply_changes(changes).is_ok() && doc.get_changes(&[]).len() == stored.changes.len() + 1;
    let forward = Table::of(accepted.iter().cloned());
    let backward = Table::of(accepted.into_iter().rev());
    let same = shown(kind, &forward) == shown(kind, &backward) && forward.rows() == backward.rows();
    checks.check(2, applied && same && gate::reloads(&doc), || id.to_string());
    forward
}

fn check_decisions<S: Store>(checks: &mut Checks, centre: &Centre<S>, stored: &Stored) {
    let id = stored.row.document;
    let decisions: Vec<_> = stored.decisions.iter().map(|row| row.decision.clone()).collect();
    let packs = centre.packs();
    let different = replay_versions(|id| packs.version(id).map(|pack| &**pack), &decisions).err();
    let different = different.unwrap_or_default();
    for (at, decision) in decisions.iter().enumerate() {
        let once = decisions[..at].iter().all(|earlier| earlier.cause_key() != decision.cause_key());
        let next = decision.n == at as u32 + 1;
        checks.check(3, once && next && !different.contains(&decision.n), || format!("{id} #{}", decision.n));
        if matches!(decision.cause, Cause::Settled { .. } | Cause::Review { .. }) {
            let open = decision.projection.fields.values().any(|view| matches!(view, FieldView::Disputed(_)));
            checks.check(10, !open, || format!("{id} #{}", decision.n));
        }
    }
}

fn check_row<S: Store>(checks: &mut Checks, centre: &Centre<S>, stored: &Stored, people: &[Person]) {
    let (row, id) = (&stored.row, stored.row.document);
    let (now, packs) = (centre.now(), centre.packs());
    if row.kind == Kind::Case && row.erased.is_none() {
        let owned = row.unit.is_some() && row.step.is_some() && row.due.is_some();
        let end = row.step.as_deref().and_then(Step::named).is_some_and(Step::is_end);
        let timed = stored.decisions.last().is_none_or(|last| last.decision.timers.is_empty() == end);
        checks.check(6, owned && timed, || id.to_string());
        let reads = |person: &Person| {
            let works = person.ended.is_none() && person.role != Role::Auditor;
            let pack = packs.of(&row.district, now);
            works && pack.is_some_and(|pack| authorize(person, Wish::Read, Some((row, pack))))
        };
        if !end && !people.iter().any(reads) {
            checks.unseen.push(id.to_string());
        }
    }
    checks.check(9, row.wake.is_none_or(|wake| wake + STALLED_MS > now), || id.to_string());
    let Some(pack) = packs.of(&row.district, now) else { return };
    for person in people {
        let concerned = [person.name.clone(), person.unit.clone(), format!("#{}", person.worker)];
        let concerned = concerned.iter().any(|name| row.concerned.contains(name));
        let sees = authorize(person, Wish::Read, Some((row, pack)));
        checks.check(8, !(concerned && sees), || format!("{id} {}", person.worker));
    }
}

async fn check_feed<S: Store>(checks: &mut Checks, centre: &Centre<S>, district: &str) -> Kept<()> {
    let store = centre.store();
    let (mut seq, mut chain) = (0, [0; 8]);
    loop {
        let rows = store.feed(district, seq, 1_000).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            chain = crate::store::roll(chain, row.seq, row.document, row.content);
            let kept = store.chain(district, row.seq).await?;
            checks.confined = checks.inside.contains(&row.document);
            checks.check(5, row.seq == seq + 1 && kept == Some(chain), || format!("{district} {}", row.seq));
            seq = row.seq;
        }
    }
    for device in store.devices(district).await? {
        for copy in device.copies() {
            for (document, held) in store.held(copy, Vec::new()).await? {
                checks.confined = checks.inside.contains(&document);
                checks.check(4, !held.purged || held.until.is_some(), || format!("{copy} {document}"));
            }
        }
    }
    checks.confined = false;
    Ok(())
}
