//! Giving back: what a restored centre has lost and this device still holds.
//!
//! Reads only. Nothing leaves the store because it was given back.

use std::collections::{BTreeMap, BTreeSet};

use automerge::Change;
use doorstep_protocol::documents::Facts;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{Blob, Sent};
use doorstep_protocol::{DocumentId, Hash, Receipt};

use super::{Replica, SessionFailure};
use crate::source::Source;
use crate::store::{Store, StoredChange, StoredDecision};

impl<S: Store, R: Source> Replica<S, R> {
    /// Documents that may have something to give back.
    pub async fn held_documents(&self) -> Result<Vec<DocumentId>, SessionFailure> {
        Ok(self.store.list().await?.into_iter().map(|listed| listed.row.document).collect())
    }

    /// What is given back of a document: the changes that the centre accepted at this time or later, each
    /// after those it builds on, and what one receipt proves side by side; its heads whenever they were
    /// accepted, because they show the centre that the device holds it and whether something older is missing
    /// there; and decisions given since then.
    pub async fn returns(
        &self,
        document: DocumentId,
        since: Millis,
    ) -> Result<(Vec<Sent>, Vec<Blob>), SessionFailure> {
        let Some(stored) = self.store.load(document).await? else { return Ok(Default::default()) };
        let heads = heads(&stored.changes);
        let wanted = |change: &&StoredChange| change.facts.received >= since || heads.contains(&change.hash);
        let mut units = units(&stored.changes);
        units.retain(|unit| unit.iter().any(wanted));
        let proven = |decision: &&StoredDecision| given(decision).is_some_and(|given| given >= since);
        let decisions = stored.decisions.iter().filter(proven);
        let decisions = decisions.map(|decision| Blob::from(decision.json.clone().into_bytes()));
        Ok((in_causal_order(units).into_iter().map(sent).collect(), decisions.collect()))
    }
}

/// When the centre sent a decision. One that does not say so is what a first sync shows of it, with no proof: it
/// cannot be given back.
fn given(decision: &StoredDecision) -> Option<Millis> {
    let json: serde_json::Value = serde_json::from_str(&decision.json).ok()?;
    json["given"].as_i64()
}

/// Changes on which no other builds.
fn heads(changes: &[StoredChange]) -> BTreeSet<Hash> {
    let mut heads: BTreeSet<Hash> = changes.iter().map(|change| change.hash).collect();
    for change in changes.iter().filter_map(|change| Change::from_bytes(change.bytes.clone()).ok()) {
        for dep in change.deps() {
            heads.remove(&Hash::from(*dep));
        }
    }
    heads
}

fn sent(change: &StoredChange) -> Sent {
    let Facts { worker, device, made, received, receipt } = change.facts;
    Sent { bytes: Blob::from(change.bytes.clone()), worker, device, made, received, receipt }
}

/// Changes that share a receipt, by the first of them that came.
fn units(changes: &[StoredChange]) -> Vec<Vec<&StoredChange>> {
    let mut units: Vec<Vec<&StoredChange>> = Vec::new();
    let mut places: BTreeMap<Receipt, usize> = BTreeMap::new();
    for change in changes {
        let place = *places.entry(change.facts.receipt).or_insert(units.len());
        match units.get_mut(place) {
            Some(unit) => unit.push(change),
            None => units.push(vec![change]),
        }
    }
    units
}

/// Units one after the other, none before one that it builds on. What was proven together was accepted
/// together, so such an order exists; if a store says otherwise, the order is that of arrival.
fn in_causal_order(mut left: Vec<Vec<&StoredChange>>) -> Vec<&StoredChange> {
    let parse = |change: &StoredChange| Change::from_bytes(change.bytes.clone()).ok();
    let deps: BTreeMap<Hash, Vec<Hash>> = left
        .iter()
        .flatten()
        .filter_map(|change| Some((change.hash, parse(change)?)))
        .map(|(hash, change)| (hash, change.deps().iter().map(|dep| Hash::from(*dep)).collect()))
        .collect();
    let mut to_come: BTreeSet<Hash> = left.iter().flatten().map(|change| change.hash).collect();
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let ready = |unit: &Vec<&StoredChange>| {
            let own: BTreeSet<Hash> = unit.iter().map(|change| change.hash).collect();
            let of = unit.iter().filter_map(|change| deps.get(&change.hash)).flatten();
            of.into_iter().all(|dep| own.contains(dep) || !to_come.contains(dep))
        };
        let next = left.remove(left.iter().position(ready).unwrap_or(0));
        for change in &next {
            to_come.remove(&change.hash);
        }
        ordered.extend(next);
    }
    ordered
}
