//! Devices that edit, sync and resolve, each change kept with what it was meant to say.

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, Change};

use super::{field, put};
use crate::documents::genesis::{genesis, new_document};
use crate::documents::{Accepted, Act, Edit, Facts, Kind, Record, Table, Value, View, Word, derive, edit_at};
use crate::{DeviceId, Hash, WorkerId};

/// One device: its document, its worker, and the heads that its forms have rendered.
pub(super) struct Device {
    pub(super) doc: Automerge,
    facts: Facts,
    actor: [u8; 16],
    rendered: Vec<Vec<Hash>>,
}

/// All devices, all changes, and what each change was meant to say.
pub(super) struct World {
    pub(super) devices: Vec<Device>,
    pub(super) changes: BTreeMap<Hash, (Change, Facts)>,
    pub(super) meant: BTreeMap<Hash, Accepted>,
    actors: u64,
}

pub(super) fn heads(doc: &Automerge) -> Vec<Hash> {
    doc.get_heads().into_iter().map(Hash::from).collect()
}

impl World {
    /// One device per entry; the entry is its worker.
    pub(super) fn new(workers: &[u32]) -> Self {
        let first = genesis(Kind::Case).clone();
        let hash = Hash::from(first.hash());
        let nobody = Facts::default();
        let meant = Accepted { hash, deps: vec![], facts: nobody, words: vec![] };
        let device = |(n, worker): (usize, &u32)| {
            let doc = new_document(Kind::Case);
            let device = DeviceId((n as u64 + 1).to_be_bytes());
            let facts = Facts { worker: WorkerId(*worker), device, ..nobody };
            Device { rendered: vec![heads(&doc)], doc, facts, actor: actor_of(device, 0) }
        };
        World {
            devices: workers.iter().enumerate().map(device).collect(),
            meant: BTreeMap::from([(hash, meant)]),
            changes: BTreeMap::from([(hash, (first, nobody))]),
            actors: 0,
        }
    }

    /// An edit at the heads rendered `back` renderings ago, under a fresh actor unless they are the
    /// tip. `None` where it changed nothing.
    pub(super) fn edit(&mut self, device: usize, back: usize, made: i64, edit: &Edit) -> Option<Hash> {
        self.actors += 1;
        let at = &mut self.devices[device];
        let form = at.rendered[at.rendered.len() - 1 - back.min(at.rendered.len() - 1)].clone();
        let tip = form == heads(&at.doc);
        let actor = if tip { at.actor } else { actor_of(at.facts.device, self.actors) };
        let change = edit_at(&mut at.doc, Kind::Case, &form, (&actor, made), std::slice::from_ref(edit))
            .expect("an honest edit applies")?;
        at.rendered.push(heads(&at.doc));
        let facts = Facts { made, received: self.changes.len() as i64, ..at.facts };
        let hash = Hash::from(change.hash());
        let deps = change.deps().iter().map(|dep| Hash::from(*dep)).collect();
        self.meant.insert(hash, Accepted { hash, deps, facts, words: vec![meaning(edit)] });
        self.changes.insert(hash, (change, facts));
        Some(hash)
    }

    /// A plain category at the tip.
    pub(super) fn put(&mut self, device: usize, value: &str) -> Hash {
        self.edit(device, 0, 1, &put("category", Some(value))).expect("a new value")
    }

    /// A category resolved at the tip.
    pub(super) fn resolve(&mut self, device: usize, of: &[Hash], value: &str) -> Hash {
        self.edit(device, 0, 1, &resolution("category", of, Some(value)))
            .expect("a record is always a change")
    }

    /// `to` receives all that `from` had rendered `back` renderings ago.
    pub(super) fn sync(&mut self, from: usize, to: usize, back: usize) {
        let source = &self.devices[from];
        let heads_then = &source.rendered[source.rendered.len() - 1 - back.min(source.rendered.len() - 1)];
        let at: Vec<_> = heads_then.iter().map(|hash| (*hash).into()).collect();
        let mut part = source.doc.fork_at(&at).expect("rendered heads are known");
        let target = &mut self.devices[to];
        target.doc.merge(&mut part).expect("honest changes merge");
        target.rendered.push(heads(&target.doc));
    }

    /// `to` receives everything.
    pub(super) fn gather(&mut self, to: usize) {
        (0..self.devices.len()).filter(|from| *from != to).for_each(|from| self.sync(from, to, 0));
    }

    /// What the centre stores, derived from the changes.
    pub(super) fn accepted(&self) -> Vec<Accepted> {
        let all = self.changes.values();
        all.map(|(change, facts)| derive(Kind::Case, change, *facts).expect("honest changes derive"))
            .collect()
    }

    pub(super) fn table(&self) -> Table {
        Table::of(self.accepted())
    }

    /// What one device holds, each change after those it builds on.
    pub(super) fn held(&self, device: usize) -> Vec<Accepted> {
        let held = self.devices[device].doc.get_changes(&[]);
        held.iter().map(|change| self.meant[&Hash::from(change.hash())].clone()).collect()
    }

    pub(super) fn table_on(&self, device: usize) -> Table {
        Table::of(self.held(device))
    }

    /// What the form on a device must name to resolve a field.
    pub(super) fn must_name(&self, device: usize, name: &str) -> Vec<Hash> {
        let at = heads(&self.devices[device].doc);
        self.table().must_name(field(name), &at).into_iter().collect()
    }

    /// Values of the open sides of the category, for short assertions.
    pub(super) fn sides(&self) -> Vec<String> {
        let rows = self.table().rows();
        let Some(row) = rows.get(&field("category")) else { return vec![] };
        let sides: BTreeSet<Hash> = row.pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let of = |hash: &Hash| row.sides[hash].value.clone().unwrap_or("(cleared)".into());
        let mut values: Vec<String> = sides.iter().map(of).collect();
        values.sort();
        values
    }

    /// What the category shows.
    pub(super) fn shows(&self) -> View {
        self.table().view(field("category"))
    }
}

pub(super) fn actor_of(device: DeviceId, random: u64) -> [u8; 16] {
    let mut actor = [0; 16];
    actor[..8].copy_from_slice(&device.0);
    actor[8..].copy_from_slice(&random.to_be_bytes());
    actor
}

pub(super) fn resolution(field: &str, of: &[Hash], value: Option<&str>) -> Edit {
    let (field, of, value) = (field.into(), of.to_vec(), value.map(str::to_owned));
    Edit::Record { record: Record::Resolution { field, of, value, reason: "seen on site".into() } }
}

pub(super) fn lowering(field: &str, from: Option<&str>, to: Option<&str>) -> Edit {
    let (field, from, to) = (field.into(), from.map(str::to_owned), to.map(str::to_owned));
    Edit::Record { record: Record::Lowering { field, from, to, reason: "looked again".into() } }
}

fn meaning(edit: &Edit) -> Word {
    let word =
        |value: &Value, act, reason| Word { field: field(edit.field()), value: value.clone(), act, reason };
    match edit {
        Edit::Put { value, .. } => word(value, Act::Plain, None),
        Edit::Record { record: Record::Resolution { of, value, reason, .. } } => {
            word(value, Act::Resolves(of.clone()), Some(reason.clone()))
        }
        Edit::Record { record: Record::Lowering { from, to, reason, .. } } => {
            word(to, Act::Lowers(from.clone()), Some(reason.clone()))
        }
        other => unreachable!("{other:?} leaves no word"),
    }
}
