//! Received → gated → merged → committed: changes of one document from one session.
//!
//! Every change ends in exactly one of two lists, stored before the answer: acknowledged (now or
//! before) or rejected (in quarantine). Nothing is dropped.

use std::collections::BTreeSet;

use doorstep_policy::{Cause, Decision, Pack};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{Acked, Rejected};
use doorstep_protocol::{DeviceId, DocumentId, Hash};

use super::budget::Spent;
use super::case::Case;
use super::judge::{Answers, Gated, No, judge};
use super::page::Session;
use super::reading::Reading;
use super::strangers::{kind_of_first, strangers};
use super::{Centre, constants, hold, settle};
use crate::authorize::{Wish, authorize};
use crate::gate;
use crate::limits;
use crate::store::{Aside, Kept, QuarantineRow, Row, Store, StoreError};

/// What came of the changes.
#[derive(Clone, Debug, Default)]
pub struct Ingested {
    /// Durable.
    pub acked: Vec<Acked>,
    /// In quarantine, durably.
    pub rejected: Vec<Rejected>,
    /// Neither: they stay on the device.
    pub held: Vec<Rejected>,
    /// The device was shut out meanwhile: nothing was taken, and there is nothing to answer.
    pub shut_out: bool,
    /// What it has cost the device's budget.
    pub(super) cost: Spent,
}

/// One push, as every attempt at it begins.
struct Push<'a> {
    session: &'a Session,
    document: DocumentId,
    chunks: &'a [Vec<u8>],
    covered: bool,
}

impl<S: Store> Centre<S> {
    /// Ingests changes of one document. Returns when all of them are durable, accepted or refused.
    pub async fn ingest(
        &self,
        session: &Session,
        document: DocumentId,
        chunks: Vec<Vec<u8>>,
        covered: bool,
    ) -> Kept<Ingested> {
        if let Some(kept) = self.over_budget(session, &chunks).await? {
            return Ok(kept);
        }
        // On the heap: it is large, and whoever calls this is on top of a stack of their own.
        let done = Box::pin(self.ingest_copied(session, document, &chunks, covered)).await?;
        session.own.add(done.acked.iter().map(|acked| acked.hash));
        if !done.shut_out {
            self.note_progress(session.device);
            self.charge(session.device, done.cost).await?;
        }
        Ok(done)
    }

    pub(super) async fn try_ingest(
        &self,
        session: &Session,
        document: DocumentId,
        chunks: &[Vec<u8>],
        covered: bool,
    ) -> Kept<Ingested> {
        if chunks.is_empty() {
            return Ok(Ingested::default());
        }
        let push = Push { session, document, chunks, covered };
        for attempt in 0..limits::CAS_ATTEMPTS {
            if attempt > 0 && self.revoked(session.device).await? {
                return Ok(Ingested { shut_out: true, ..Ingested::default() });
            }
            if let Some(done) = self.attempt(&push).await? {
                return Ok(done);
            }
        }
        Err(StoreError::Failed("another writer was always first; send again".into()))
    }

    /// One attempt; `None` if somebody else was first.
    async fn attempt(&self, push: &Push<'_>) -> Kept<Option<Ingested>> {
        let Push { session, document, chunks, covered } = *push;
        let now = self.now();
        let (_guard, case) = self.take(document).await?;
        let in_force = || self.pack(&session.person.district);
        let pack = &case.as_ref().map_or_else(in_force, |case| self.pack_of(case))?;
        let stored = case.is_some();
        let sees =
            case.as_ref().is_none_or(|case| authorize(&session.person, Wish::Write, Some((&case.row, pack))));
        let held = match stored && !session.at_desk {
            true => self.store.held(session.prefix, vec![document]).await?.remove(&document),
            false => None,
        };
        // It brings what is stored, or builds on it, and is not known to hold it: what it was granted was lost with a disk,
        // or somebody else gave the document back first. Unknown, it would never be taken away again.
        let unknown = stored && !session.at_desk && held.is_none();
        let held = held.filter(|_| !sees);
        let case = match case {
            // Nothing of it was ever this device's: refused as if it were not there.
            Some(case) if !sees && held.is_none() => {
                // Whoever brings what is stored has it, from before a store was put back on either side.
                let stored =
                    |hash: Hash| case.known.contains_key(&hash) && !constants::is_constant(&case, &hash);
                let has =
                    !session.at_desk && chunks.iter().any(|chunk| stored(Hash(gate::change_hash(chunk))));
                self.put_back(case);
                if has {
                    self.hold_again(session, document).await?;
                }
                return self.refuse(push, strangers(chunks), now).await;
            }
            Some(case) if case.row.erased.is_some() => {
                self.put_back(case);
                return self.refuse_erased(session, document, chunks).await.map(Some);
            }
            case => case,
        };
        let new = || {
            let kind = chunks.iter().find_map(|chunk| kind_of_first(chunk))?;
            Some(Case::new(document, kind, &session.person, now, pack))
        };
        let Some(mut case) = case.or_else(new) else {
            return self.refuse(push, strangers(chunks), now).await;
        };
        if !stored {
            self.tell_staff(Some(&mut case)).await?;
        }
        let mut gated = judge(session, &mut case, chunks, covered, (sees, held), now);
        if let Err(refusal) = gate::apply(&mut case.doc, std::mem::take(&mut gated.changes)) {
            // The gate passed what automerge cannot apply: nothing of the push is taken, the case is
            // forgotten as it is now, and the bytes are there for whoever mends the gate.
            drop(case);
            let no = || No { code: refusal.code(), message: refusal.to_string() };
            let refused = chunks.iter().map(|chunk| (Hash(gate::change_hash(chunk)), chunk.clone(), no()));
            return self.refuse(push, (Vec::new(), refused.collect()), now).await;
        }
        if !gated.admitted.is_empty() {
            self.veiled(&mut case).await?;
        }
        if gated.admitted.is_empty() && !stored {
            let later = std::mem::take(&mut gated.later);
            let done = self.refuse(push, (gated.acked, gated.refused), now).await?;
            return Ok(done.map(|done| hold::with(done, later)));
        }
        for acked in &mut gated.acked {
            if let Some((facts, _)) = case.known.get(&acked.hash) {
                acked.receipt = self.keys.receipt(document, acked.hash, facts);
            }
        }
        let announced = case.announced.iter().any(|row| row.device == session.device);
        if gated.admitted.is_empty() && gated.refused.is_empty() && !announced {
            let brings = gated.acked.iter().any(|acked| !constants::is_constant(&case, &acked.hash));
            self.put_back(case);
            if unknown && brings {
                self.hold_again(session, document).await?;
            }
            let done = self.refuse(push, (gated.acked, Vec::new()), now).await?;
            return Ok(done.map(|done| hold::with(done, gated.later)));
        }
        let enters = !gated.admitted.is_empty();
        let cost = gated.cost(stored);
        let rows = self.rows_of(session, &mut case, &mut gated, (stored, now), pack);
        let mut staged = case.stage(rows);
        staged.by = (!session.at_desk).then_some(session.device);
        let named = if enters { case.named() } else { BTreeSet::new() };
        if self.commit(case, staged).await?.is_none() {
            return Ok(None);
        }
        self.look_again(document, named).await?;
        if unknown && enters {
            self.hold_again(session, document).await?;
        }
        // Only now: what is acknowledged is durable.
        Ok(Some(Ingested { cost, ..gated.answer() }))
    }

    /// Shut out since the session began. Somebody who is no device is not.
    async fn revoked(&self, device: DeviceId) -> Kept<bool> {
        Ok(self.store.device(device).await?.is_some_and(|row| row.revoked.is_some()))
    }

    /// Answers without a commit, unless the device was shut out.
    async fn refuse(&self, push: &Push<'_>, answers: Answers, now: Millis) -> Kept<Option<Ingested>> {
        if self.revoked(push.session.device).await? {
            return Ok(Some(Ingested { shut_out: true, ..Ingested::default() }));
        }
        self.refuse_all(push.session, push.document, answers, now).await.map(Some)
    }

    fn rows_of(
        &self,
        session: &Session,
        case: &mut Case,
        gated: &mut Gated,
        (stored, now): (bool, Millis),
        pack: &Pack,
    ) -> Vec<Row> {
        let document = case.row.document;
        let mut rows = Vec::with_capacity(gated.admitted.len() + 4);
        let admitted = std::mem::take(&mut gated.admitted);
        let any = !admitted.is_empty();
        rows.extend(admitted.into_iter().map(|(hash, bytes, facts)| Row::Change { hash, bytes, facts }));
        let refused = gated.refused.iter();
        rows.extend(refused.map(|(hash, bytes, no)| {
            Row::Quarantine(quarantine(session, document, *hash, (bytes, no), now))
        }));
        if !stored && let Some(coming) = session.coming.get(&document) {
            // Announced before the document was here: what is still to come holds it up from now on.
            let still = coming.iter().filter(|row| !case.known.contains_key(&row.hash));
            case.announced.extend(still.cloned());
            rows.extend(case.announced.iter().cloned().map(Row::Announced));
        }
        let answered: BTreeSet<Hash> = gated
            .acked
            .iter()
            .map(|acked| acked.hash)
            .chain(gated.refused.iter().map(|(hash, ..)| *hash))
            .chain(gated.later.iter().map(|(hash, _)| *hash))
            .collect();
        // Every announcement of a stored case is in its memory: there is nothing else to take out.
        case.announced.retain(|row| {
            let gone = row.device == session.device && answered.contains(&row.hash);
            if gone {
                rows.push(Row::Answered { device: session.device, hash: row.hash });
            }
            !gone
        });
        if !stored && !session.at_desk {
            rows.push(Row::Held { device: session.prefix });
        }
        if any {
            rows.extend(self.decide_on_admitted(case, pack, now));
        }
        settle::schedule(case, pack, &self.settings, now, |device| self.progress(device));
        rows
    }

    /// Brings the row up to date with what was entered, and decides what does not wait.
    pub(super) fn decide_on_admitted(&self, case: &mut Case, pack: &Pack, now: Millis) -> Vec<Row> {
        let reading = case.refresh(pack, now);
        let made = if self.recovering() { Vec::new() } else { decide_at_once(case, pack, &reading, now) };
        made.into_iter().map(|decision| Row::Decision(Box::new(decision))).collect()
    }

    pub(super) async fn refuse_all(
        &self,
        session: &Session,
        document: DocumentId,
        (acked, refused): Answers,
        now: Millis,
    ) -> Kept<Ingested> {
        let mut asides = Vec::new();
        let (later, refused): (Vec<_>, Vec<_>) =
            refused.into_iter().partition(|(_, _, no)| hold::keeps_strangers(session, no));
        let later: Vec<_> = later.into_iter().map(|(hash, _, no)| (hash, hold::told(session, no))).collect();
        asides.extend(later.iter().map(|(hash, _)| Aside::Answered {
            device: session.device,
            document,
            hash: *hash,
        }));
        for (hash, bytes, no) in &refused {
            asides.push(Aside::Quarantine(quarantine(session, document, *hash, (bytes, no), now)));
            asides.push(Aside::Answered { device: session.device, document, hash: *hash });
        }
        self.store.write(asides).await?;
        let gated = Gated { acked, refused, later, ..Gated::default() };
        Ok(Ingested { cost: gated.cost(true), ..gated.answer() })
    }
}

/// Intake at the first commit, and provisional dispatch of what is urgent: neither waits.
fn decide_at_once(case: &mut Case, pack: &Pack, reading: &Reading, now: Millis) -> Vec<Decision> {
    let projection = &reading.projection;
    let mut made = Vec::new();
    if case.row.kind != Kind::Case {
        return made;
    }
    if case.decisions.is_empty() {
        made.extend(case.decide(pack, projection, Cause::Intake, now).ok().flatten());
    }
    if case.row.urgent && case.row.unsettled_since.is_some() {
        let cause = Cause::Provisional { digest: reading.digest.clone() };
        made.extend(case.decide(pack, projection, cause, now).ok().flatten());
    }
    made
}

impl Gated {
    /// What it costs a device's budget, of a document that is stored or is not.
    fn cost(&self, stored: bool) -> Spent {
        Spent {
            since: 0,
            refused: u32::try_from(self.refused.len()).unwrap_or(u32::MAX),
            documents: u32::from(!stored && !self.admitted.is_empty()),
            bytes: self.admitted.iter().map(|(_, bytes, _)| bytes.len() as u64).sum(),
            quarantined: self.refused.iter().map(|(_, bytes, _)| bytes.len() as u64).sum(),
        }
    }

    fn answer(self) -> Ingested {
        let rejected = self.refused.into_iter();
        let rejected =
            rejected.map(|(hash, _, no)| Rejected { hash, code: no.code.to_owned(), message: no.message });
        let done = Ingested { acked: self.acked, rejected: rejected.collect(), ..Ingested::default() };
        hold::with(done, self.later)
    }
}

fn quarantine(
    session: &Session,
    document: DocumentId,
    hash: Hash,
    (bytes, no): (&[u8], &No),
    at: Millis,
) -> QuarantineRow {
    QuarantineRow {
        id: 0,
        district: session.person.district.clone(),
        device: session.device,
        worker: session.person.worker,
        document,
        hash,
        code: no.code.to_owned(),
        message: no.message.clone(),
        bytes: bytes.to_vec(),
        at,
    }
}
