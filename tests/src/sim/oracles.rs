//! The oracles that watch while the simulation runs: what is acknowledged, told, decided.
//!
//! Each judges by means of its own, from what is stored and from what was seen on the wire, and counts
//! what it looked at.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_client::store::{Store as _, immediate};
use doorstep_policy::{Cause, Decision};
use doorstep_protocol::documents::{Accepted, Facts, Kind, Table, View, derive, genesis};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::Entry;
use doorstep_protocol::{DocumentId, Hash, limits};
use doorstep_server::store::{Store, Stored};
use sha2::Digest;

use super::events::{Sim, Wire};
use crate::harness::{DISTRICT, Note, packs};

/// The invariants that are judged here.
pub(super) const IDS: [u8; 9] = [1, 2, 3, 4, 5, 6, 8, 9, 10];
/// Failures of one run that are kept in words.
const KEPT: usize = 40;

/// What was promised, what was looked at, what is wrong.
#[derive(Debug, Default)]
pub(super) struct Checks {
    pub(super) checked: BTreeMap<u8, u64>,
    pub(super) failures: Vec<String>,
    /// Tokens of edits that somebody made.
    pub(super) tokens: BTreeSet<String>,
    acked: BTreeMap<DocumentId, BTreeSet<Hash>>,
}

impl Checks {
    pub(super) fn check(&mut self, id: u8, holds: bool, what: impl FnOnce() -> String) {
        *self.checked.entry(id).or_default() += 1;
        if !holds {
            self.fail(id, &what());
        }
    }

    pub(super) fn fail(&mut self, id: u8, what: &str) {
        if self.failures.len() < KEPT {
            self.failures.push(format!("invariant {id}: {what}"));
        }
    }

    pub(super) fn written_off(&mut self, document: DocumentId, hash: &Hash) {
        if let Some(hashes) = self.acked.get_mut(&document) {
            hashes.remove(hash);
        }
    }

    pub(super) fn acked(&mut self, document: DocumentId, hashes: impl IntoIterator<Item = Hash>) {
        self.acked.entry(document).or_default().extend(hashes);
    }
}

/// The words of a case from what is stored, by the rules of the protocol alone.
pub(super) fn accepted(stored: &Stored) -> Vec<Accepted> {
    let kind = stored.row.kind;
    let mut words = vec![derive(kind, genesis(kind), Facts::default()).expect("genesis has no words")];
    for row in &stored.changes {
        let change = automerge::Change::from_bytes(row.bytes.clone()).expect("what is stored parses");
        words.push(derive(kind, &change, row.facts).expect("what is stored has words"));
    }
    words
}

impl Sim {
    /// Takes what was seen on a line.
    pub(super) fn hear(&mut self, wire: &mut Wire) {
        for note in std::mem::take(&mut wire.line.notes) {
            match note {
                Note::AckSent(document, hashes) => self.checks.acked(document, hashes),
                Note::AckHeard(document, acked) => {
                    self.checks.acked(document, acked.into_iter().map(|acked| acked.hash));
                }
                Note::Told(entries) => self.told(wire.device, &entries),
                Note::Stored(entries) => self.stored_page(wire.device, &entries),
                Note::Refused(document, hashes) => self.refused(document, &hashes),
            }
        }
    }

    /// 5: what is refused is in quarantine, with its bytes.
    fn refused(&mut self, document: DocumentId, hashes: &[Hash]) {
        for hash in hashes {
            let kept = immediate(self.world.store.quarantined(document, *hash)).expect("memory reads");
            let whole = kept.is_some_and(|row| !row.bytes.is_empty());
            self.checks.check(5, whole, || format!("{document}: refused {hash} is not in quarantine"));
        }
    }

    /// 8: what goes to a device is not about its person.
    fn told(&mut self, device: usize, entries: &[Entry]) {
        let person = self.person(device);
        for entry in entries {
            let Entry::Document { document, .. } = entry else { continue };
            let row = immediate(Store::row(&*self.world.store, *document)).expect("memory reads");
            let row = row.expect("what is told is stored");
            let about = row.concerned.contains(&person.name) || row.concerned.contains(&person.unit);
            self.checks
                .check(8, !about, || format!("device {device} is told {document}, which names its person"));
        }
    }

    /// 4: after a synced revocation nothing is left but what is still to be sent.
    fn stored_page(&mut self, device: usize, entries: &[Entry]) {
        let mut last: BTreeMap<DocumentId, bool> = BTreeMap::new();
        for entry in entries {
            match entry {
                Entry::Revoke { document } => {
                    self.fault("revocation");
                    last.insert(*document, true)
                }
                Entry::Document { document, .. } => last.insert(*document, false),
            };
        }
        let handset = &self.posts[device].handset;
        for document in last.into_iter().filter_map(|(document, revoked)| revoked.then_some(document)) {
            let held = immediate(handset.memory.load(document)).expect("memory reads");
            let commands = immediate(handset.memory.commands()).expect("memory reads");
            let owed =
                commands.iter().any(|queued| queued.command.document == document && queued.outcome.is_none());
            let gone = held.is_none_or(|held| held.row.revoked && (!held.outbox.is_empty() || owed));
            self.checks.check(4, gone, || format!("device {device} keeps {document} after its revocation"));
        }
    }

    /// 1: every change that was ever acknowledged is stored. While a centre heals, devices still hold some.
    pub(super) fn acknowledged_survives(&mut self) {
        if self.healing {
            return;
        }
        let stored = self.world.store.hashes();
        for (document, hashes) in std::mem::take(&mut self.checks.acked) {
            let kept: BTreeSet<Hash> = stored.get(&document).into_iter().flatten().copied().collect();
            for hash in &hashes {
                self.checks
                    .check(1, kept.contains(hash), || format!("{document}: acknowledged {hash} is gone"));
            }
            self.checks.acked.insert(document, hashes);
        }
    }

    /// A look around while work goes on.
    pub(super) fn look(&mut self) {
        if !self.failing {
            self.acknowledged_survives();
        }
        for document in immediate(self.world.store.documents(None, usize::MAX)).expect("memory reads") {
            let row = immediate(Store::row(&*self.world.store, document)).expect("memory reads");
            let row = row.expect("just listed");
            // A restored centre decides nothing on what comes in before it is released.
            if row.kind == Kind::Case && !self.healing {
                let owned = row.unit.is_some() && row.step.is_some() && row.due.is_some();
                self.checks.check(6, owned, || format!("{document} has no owner, step or due time"));
            }
        }
        let device = self.rng.below(self.posts.len());
        self.same_shows_the_same(device);
    }

    /// A node ticks; what it decides is held against what was stored before. Gives when it wants to tick again.
    pub(super) fn tick(&mut self, node: usize) -> Option<Millis> {
        let now = self.world.now();
        let due = immediate(self.world.store.due(now, usize::MAX)).expect("memory reads");
        let before: Vec<Stored> = due
            .iter()
            .map(|document| {
                immediate(self.world.store.load(*document)).expect("memory reads").expect("it is due")
            })
            .collect();
        let ticked = immediate(self.world.nodes[node].tick());
        if let (Err(error), false) = (&ticked, self.failing) {
            self.checks.fail(9, &format!("a tick failed: {error}"));
        }
        for before in before {
            self.judge_concerned(&before);
            let document = before.row.document;
            let after =
                immediate(self.world.store.load(document)).expect("memory reads").expect("it was there");
            let new = &after.decisions[before.decisions.len()..];
            let new: Vec<Decision> = new.iter().map(|row| row.decision.clone()).collect();
            for decision in new {
                self.hasher.update(serde_json::to_vec(&decision).expect("a decision is JSON"));
                let due = decision.at.as_millisecond() <= now;
                self.checks.check(3, due, || format!("{document} #{}: decided before its time", decision.n));
                if matches!(decision.cause, Cause::Settled { .. } | Cause::Review { .. }) {
                    self.judge_settled(&before, &decision, now);
                }
            }
        }
        ticked.ok().and_then(|(next, _)| next)
    }

    /// 8: who is named now, on any side, or was named when the case was last decided, is concerned.
    fn judge_concerned(&mut self, stored: &Stored) {
        let row = &stored.row;
        let Some(subject) = row.kind.field("subject") else { return };
        let mut named: BTreeSet<String> = BTreeSet::new();
        match Table::of(accepted(stored)).view(subject) {
            View::Unset | View::Is(None) => {}
            View::Is(Some(name)) => named.extend([name]),
            View::Disputed(names) => named.extend(names.into_iter().flatten()),
        }
        let settled = |decision: &&Decision| {
            matches!(decision.cause, Cause::Settled { .. } | Cause::Review { .. })
                && row.settled_digest.as_ref() == Some(&decision.digest)
        };
        if let Some(last) = stored.decisions.iter().rev().map(|row| &row.decision).find(settled) {
            named.extend(last.projection.field("subject").values().into_iter().map(str::to_owned));
        }
        for name in named.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
            let concerned = row.concerned.contains(name);
            self.checks.check(8, concerned, || format!("{}: {name} is named and may see it", row.document));
        }
    }

    /// 10: none of the four conditions blocked, judged from what was stored before the tick.
    fn judge_settled(&mut self, before: &Stored, decision: &Decision, now: Millis) {
        let document = before.row.document;
        let words = accepted(before);
        let open = Table::of(words.iter().cloned()).rows().len();
        self.checks
            .check(10, open == 0, || format!("{document} #{}: {open} conflicts were open", decision.n));
        let packs = packs();
        let pack = packs.of(DISTRICT, 0).expect("the district's pack");
        let rule = pack.settle(&decision.projection);
        let longest = rule.settle_max.as_millis() as Millis;
        let over = before.row.unsettled_since.is_some_and(|since| since + longest <= now);
        let read = |accepted: &&Accepted| {
            accepted.words.iter().any(|word| pack.reads().iter().any(|name| name == word.field.name))
        };
        let written = words.iter().filter(read).map(|accepted| accepted.facts.received).max().unwrap_or(0);
        let quiet = written + rule.quiet.as_millis() as Millis <= now;
        self.checks.check(10, over || quiet, || format!("{document} #{}: not quiet", decision.n));
        let out = before.checkouts.iter().any(|checkout| checkout.ended.is_none() && checkout.until > now);
        self.checks.check(10, over || !out, || format!("{document} #{}: checked out", decision.n));
        let coming = before.announced.iter().any(|row| row.at + limits::ANNOUNCED_LAPSE_MS > now);
        self.checks
            .check(10, over || !coming, || format!("{document} #{}: a change was announced", decision.n));
    }
}
