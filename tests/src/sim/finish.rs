//! When the faults stop: everything converges within bounded steps, and then everything is judged.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_client::store::{Store as _, immediate};
use doorstep_policy::{Cause, replay_versions};
use doorstep_protocol::documents::{Table, genesis, view};
use doorstep_protocol::limits::REOFFER_AGAIN;
use doorstep_protocol::machines::device::End;
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::authorize::{Wish, authorize};
use doorstep_server::store::{Store, Stored};
use doorstep_server::verify;
use serde_json::{Value as Json, json};
use sha2::Digest;

use super::events::{HOUR, MINUTE, Sim};
use super::oracles::accepted;
use crate::harness::{DISTRICT, Line, Traffic, next_packs, packs};

/// Syncs of every device after which nothing may be left to do.
const ROUNDS: usize = 6;
/// Steps of one session: far more than any needs.
const STEPS: usize = 20_000;

impl Sim {
    /// 9: once nothing breaks any more, every device gets to the end of the feed with an empty outbox.
    pub(super) fn converge(&mut self) {
        self.wires.clear();
        for node in 0..self.world.nodes.len() {
            self.restart(node);
        }
        for device in 0..self.posts.len() {
            self.revive(device);
        }
        self.world.clock.skew(0);
        if self.healing {
            // Two rounds give back all there is; then the operator lets the centre decide again.
            for _ in 0..2 {
                for device in 0..self.posts.len() {
                    self.sync(device, false);
                }
            }
            // Whoever puts a store back puts the rules back in force, too.
            if self.faults.contains_key("policy") {
                self.world.next_policy();
            }
            self.world.release();
            self.world.nodes.iter().for_each(|node| immediate(node.remember()).expect("memory reads"));
            self.healing = false;
        }
        for round in 0..ROUNDS {
            for device in 0..self.posts.len() {
                self.sync(device, round + 1 == ROUNDS);
            }
            if round < 2 {
                self.world.clock.set(self.world.true_time() + if round == 0 { 10 * MINUTE } else { HOUR });
                let _ = self.tick(0);
            }
        }
        for device in self.present() {
            let status = immediate(self.posts[device].handset.replica.status()).expect("memory reads");
            self.checks.check(9, status.pending == 0, || {
                format!("device {device} never got rid of {}", status.pending)
            });
        }
    }

    /// Devices that were not shut out.
    fn present(&self) -> Vec<usize> {
        (0..self.posts.len()).filter(|device| !self.posts[*device].gone).collect()
    }

    fn sync(&mut self, device: usize, last: bool) {
        if self.posts[device].gone {
            return;
        }
        let handset = &mut self.posts[device].handset;
        let mut line = match Line::open(&self.world.nodes[0], handset, false) {
            Ok(Some(line)) => line,
            Ok(None) => return self.let_in_again(device),
            other => {
                return self.checks.fail(9, &format!("device {device} cannot connect: {}", other.is_err()));
            }
        };
        for _ in 0..STEPS {
            let moves = line.moves();
            let Some(next) = (!moves.is_empty()).then(|| *self.rng.pick(&moves)) else { break };
            if let Err(stop) = line.step(next, &self.world.nodes[0], handset) {
                return self.checks.fail(9, &format!("device {device} cannot go on: {stop:?}"));
            }
        }
        let (end, traffic) = (line.end.clone(), line.traffic);
        self.hasher.update(format!("{device} {traffic:?}\n"));
        let mut wire = super::events::Wire { device, node: 0, line, cut_after: None, pace: 1, until: 0 };
        self.hear(&mut wire);
        let asked_more = matches!(&end, Some(End::Fault { code, .. }) if code == REOFFER_AGAIN);
        let ended = matches!(end, Some(End::Done | End::Again)) || (asked_more && !last);
        self.checks.check(9, ended, || format!("device {device}: a session without faults ends {end:?}"));
        if last {
            let still = Traffic { bytes_up: 0, bytes_down: 0, ..traffic };
            let nothing = Traffic { frames_up: 1, frames_down: 1, ..Traffic::default() };
            self.checks
                .check(9, still == nothing, || format!("device {device} is still told news: {traffic:?}"));
        }
    }

    /// Judges what the run came to.
    pub(super) fn judge(&mut self) {
        self.acknowledged_survives();
        self.look();
        let documents = immediate(self.world.store.documents(None, usize::MAX)).expect("memory reads");
        let mut logs: BTreeMap<String, u64> = BTreeMap::new();
        for document in documents {
            let stored =
                immediate(self.world.store.load(document)).expect("memory reads").expect("just listed");
            self.judge_decisions(&stored);
            self.judge_changes(&stored);
            for token in shown(&stored).0["log"].as_array().into_iter().flatten() {
                *logs.entry(token.as_str().unwrap_or_default().to_owned()).or_default() += 1;
            }
        }
        for device in self.present() {
            self.same_shows_the_same(device);
            self.judge_held(device);
        }
        self.judge_tokens(&logs);
        let report = immediate(verify::report(self.world.centre())).expect("memory reads");
        for invariant in report.invariants.iter().filter(|invariant| invariant.failed > 0) {
            self.checks.fail(invariant.id, &format!("verify: {:?}", invariant.examples));
        }
        self.hasher.update(serde_json::to_vec(&logs).expect("a map is JSON"));
        self.hasher.update(format!("{:?}", self.world.store.hashes()));
    }

    /// 3: each cause once, numbered without a gap, and replay comes out identical.
    fn judge_decisions(&mut self, stored: &Stored) {
        let decisions: Vec<_> = stored.decisions.iter().map(|row| row.decision.clone()).collect();
        let causes: BTreeSet<String> = decisions.iter().map(doorstep_policy::Decision::cause_key).collect();
        let (id, n) = (stored.row.document, decisions.len());
        let once = causes.len() == n && decisions.iter().zip(1..).all(|(decision, n)| decision.n == n);
        // Whatever the store remembers, the versions that were ever in force are known.
        let packs = next_packs();
        let replayed = replay_versions(|id| packs.version(id).map(|pack| &**pack), &decisions);
        for _ in 0..n {
            self.checks.check(3, true, String::new);
        }
        self.checks.check(3, once, || format!("{id}: a cause is decided twice"));
        self.checks.check(3, replayed.is_ok(), || format!("{id}: replay differs in {replayed:?}"));
        self.hasher.update(serde_json::to_vec(&decisions).expect("decisions are JSON"));
        if let Some(digest) = &stored.row.settled_digest {
            let settled = |d: &&doorstep_policy::Decision| {
                matches!(d.cause, Cause::Settled { .. } | Cause::Review { .. })
            };
            let stands = decisions.iter().rev().find(settled).is_some_and(|last| last.digest == *digest);
            self.checks.check(9, stands, || format!("{id} has settled and is not decided so"));
        }
    }

    /// 5: no change is stored twice.
    fn judge_changes(&mut self, stored: &Stored) {
        let once: BTreeSet<Hash> = stored.changes.iter().map(|row| row.hash).collect();
        let twice = stored.changes.len() - once.len();
        self.checks
            .check(5, twice == 0, || format!("{}: {twice} changes are stored twice", stored.row.document));
    }

    /// 2: where a device has what the centre has, it shows what the centre shows.
    pub(super) fn same_shows_the_same(&mut self, device: usize) {
        let handset = &self.posts[device].handset;
        for item in immediate(handset.replica.list(None)).expect("memory reads") {
            let here = immediate(handset.memory.load(item.id)).expect("memory reads").expect("just listed");
            let Some(there) = immediate(self.world.store.load(item.id)).expect("memory reads") else {
                continue;
            };
            let own: BTreeSet<Hash> = here.changes.iter().map(|change| change.hash).collect();
            let all: BTreeSet<Hash> = there.changes.iter().map(|change| change.hash).collect();
            if own != all || !here.outbox.is_empty() {
                continue;
            }
            let shows = match immediate(handset.replica.show(item.id)) {
                Ok(shows) => shows,
                Err(failure) => return self.checks.fail(2, &format!("device {device}: {failure}")),
            };
            let conflicts: Vec<Json> =
                shows.conflicts.iter().map(|conflict| sides(&conflict.sides)).collect();
            let same = (Json::Object(shows.fields), json!(conflicts)) == shown(&there);
            self.checks.check(2, same, || format!("device {device} shows another {}", item.id));
        }
    }

    /// 4 and 9: in the end a device holds what its person may see, all of it, and nothing else.
    fn judge_held(&mut self, device: usize) {
        let (handset, person) = (&self.posts[device].handset, self.person(device));
        let packs = packs();
        let pack = packs.of(DISTRICT, 0).expect("the district's pack");
        let listed = immediate(handset.memory.list()).expect("memory reads");
        let held: BTreeSet<DocumentId> = listed.iter().map(|listed| listed.row.document).collect();
        let hidden = listed.iter().any(|listed| listed.row.revoked);
        self.checks.check(4, !hidden, || format!("device {device} keeps something hidden"));
        for document in immediate(self.world.store.documents(None, usize::MAX)).expect("memory reads") {
            let stored =
                immediate(self.world.store.load(document)).expect("memory reads").expect("just listed");
            let sees = authorize(&person, Wish::Read, Some((&stored.row, pack)));
            let has = held.contains(&document);
            self.checks
                .check(4, sees || !has, || format!("device {device} holds {document} and may not see it"));
            self.checks.check(9, has || !sees, || format!("device {device} was never given {document}"));
            if has && sees {
                let here = immediate(handset.memory.load(document)).expect("memory reads").expect("held");
                let whole = here.changes.len() == stored.changes.len()
                    && here.decisions.len() == stored.decisions.len();
                self.checks.check(9, whole, || {
                    let own: BTreeSet<Hash> = here.changes.iter().map(|change| change.hash).collect();
                    let all: BTreeSet<Hash> = stored.changes.iter().map(|row| row.hash).collect();
                    format!(
                        "device {device} has {document} in part: it lacks {:?} and has {:?} more; {} of {} decisions",
                        all.difference(&own).collect::<Vec<_>>(),
                        own.difference(&all).collect::<Vec<_>>(),
                        here.decisions.len(),
                        stored.decisions.len()
                    )
                });
            }
        }
    }

    /// 5: every edit is in exactly one of centre and rejected, where its person can see it.
    fn judge_tokens(&mut self, logs: &BTreeMap<String, u64>) {
        let shown: BTreeSet<String> = self
            .posts
            .iter()
            .flat_map(|post| immediate(post.handset.replica.rejected()).expect("memory reads"))
            .map(|item| item.hash)
            .collect();
        let kept = immediate(self.world.store.quarantine(DISTRICT, None, usize::MAX)).expect("memory reads");
        for token in std::mem::take(&mut self.checks.tokens) {
            let at_centre = logs.get(&token).copied().unwrap_or(0);
            let bytes = token.as_bytes();
            let holds = |row: &&doorstep_server::store::QuarantineRow| {
                row.bytes.windows(bytes.len()).any(|part| part == bytes)
            };
            let refused =
                at_centre != 1 && kept.iter().filter(holds).any(|row| shown.contains(&row.hash.to_string()));
            let once = at_centre == 1 || (at_centre == 0 && refused);
            self.checks.check(5, once, || {
                format!("edit {token} is {at_centre} times at the centre, refused: {refused}")
            });
        }
    }
}

/// Fields and conflicts of a stored document, made anew from its changes alone.
fn shown(stored: &Stored) -> (Json, Json) {
    let kind = stored.row.kind;
    let mut doc = genesis::new_document(kind);
    let parse =
        |bytes: &Vec<u8>| automerge::Change::from_bytes(bytes.clone()).expect("what is stored parses");
    doc.apply_changes(stored.changes.iter().map(|row| parse(&row.bytes))).expect("what is stored applies");
    let table = Table::of(accepted(stored));
    let rows = table.rows();
    let conflicts = rows.values().map(|row| {
        let sides = row
            .sides
            .iter()
            .map(|(hash, side)| json!([hash, side.value, side.facts.device, side.facts.received]));
        sides.collect::<Vec<_>>()
    });
    let conflicts = conflicts.map(|sides| json!(sides)).collect::<Vec<_>>();
    (Json::Object(view::fields(kind, &doc, &table)), json!(conflicts))
}

fn sides(sides: &[doorstep_client::replica::Side]) -> Json {
    let side = |side: &doorstep_client::replica::Side| {
        let received = side.received_at.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
        json!([side.hash, side.value, side.device, received.map_or(0, jiff::Timestamp::as_millisecond)])
    };
    json!(sides.iter().map(side).collect::<Vec<_>>())
}
