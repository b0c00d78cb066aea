//! Received → gated → merged → committed: changes of one document from one session.
//!
//! Every change ends in exactly one of two lists, stored before the answer: acknowledged (now or
//! before) or rejected (in quarantine). Nothing is dropped.

use automerge::Change;
use doorstep_policy::{Cause, Decision, Pack};
use doorstep_protocol::documents::words::{Accepted, permits};
use doorstep_protocol::documents::{Facts, Kind, derive};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{Acked, Rejected};
use doorstep_protocol::{DocumentId, Hash, Receipt};

use super::case::Case;
use super::disputes::{leaves_room, names_enough};
use super::page::Session;
use super::signing::own_signature;
use super::strangers::{kind_of_first, strangers};
use super::{Centre, constants, hold, settle};
use crate::authorize::{Wish, authorize};
use crate::gate;
use crate::limits;
use crate::store::{Aside, HeldRow, Kept, QuarantineRow, Row, Store, StoreError};

/// What came of the changes.
#[derive(Clone, Debug, Default)]
pub struct Ingested {
    /// Durable.
    pub acked: Vec<Acked>,
    /// In quarantine, durably.
    pub rejected: Vec<Rejected>,
    /// Neither: they stay on the device.
    pub held: Vec<Rejected>,
}

/// Why one change is not admitted.
pub(super) struct No {
    pub(super) code: &'static str,
    pub(super) message: String,
}

/// What is acknowledged, and what is refused, with its bytes.
pub(super) type Answers = (Vec<Acked>, Vec<(Hash, Vec<u8>, No)>);

/// The changes of one push, judged one after the other.
#[derive(Default)]
struct Gated {
    acked: Vec<Acked>,
    /// Admitted now, to be committed.
    admitted: Vec<(Hash, Vec<u8>, Facts)>,
    refused: Vec<(Hash, Vec<u8>, No)>,
    /// Not known enough about yet.
    later: Vec<(Hash, No)>,
    /// The admitted ones, parsed.
    changes: Vec<Change>,
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
        if self.floods(session.device) {
            let why =
                "too many changes of this device were refused in this hour; the rest stays on the device";
            return Err(StoreError::Failed(why.into()));
        }
        let held = self.store.held(session.device, vec![document]).await?.remove(&document);
        for _ in 0..limits::CAS_ATTEMPTS {
            if let Some(done) = self.attempt(session, document, &chunks, (covered, held)).await? {
                self.note_progress(session.device);
                self.note_refused(session.device, done.rejected.len());
                return Ok(done);
            }
        }
        Err(StoreError::Failed("another writer was always first; send again".into()))
    }

    /// One attempt; `None` if somebody else was first.
    async fn attempt(
        &self,
        session: &Session,
        document: DocumentId,
        chunks: &[Vec<u8>],
        (covered, held): (bool, Option<HeldRow>),
    ) -> Kept<Option<Ingested>> {
        let now = self.now();
        let (_guard, case) = self.take(document).await?;
        let in_force = || self.pack(&session.person.district);
        let pack = &case.as_ref().map_or_else(in_force, |case| self.pack_of(case))?;
        let stored = case.is_some();
        let case = match case {
            // Nothing of it was ever this device's: refused as if it were not there.
            Some(case)
                if held.is_none() && !authorize(&session.person, Wish::Write, Some((&case.row, pack))) =>
            {
                self.cache.put(case);
                return self.refuse_all(session, document, strangers(chunks), now).await.map(Some);
            }
            case => case,
        };
        let kind = chunks.iter().find_map(|chunk| kind_of_first(chunk));
        let case = case.or_else(|| kind.map(|kind| Case::new(document, kind, &session.person, now, pack)));
        let Some(mut case) = case else {
            return self.refuse_all(session, document, strangers(chunks), now).await.map(Some);
        };
        let mut gated = judge(session, &mut case, chunks, (covered, held, stored), (pack, now));
        if let Err(refusal) = apply(&mut case, &mut gated) {
            // The gate passed what automerge cannot apply: nothing of the push is taken, the case is
            // forgotten, and the bytes are there for whoever mends the gate.
            let no = || No { code: refusal.code(), message: refusal.to_string() };
            let refused = chunks.iter().map(|chunk| (Hash(gate::change_hash(chunk)), chunk.clone(), no()));
            let refused = (Vec::new(), refused.collect());
            return self.refuse_all(session, document, refused, now).await.map(Some);
        }
        if gated.admitted.is_empty() && !stored {
            let later = std::mem::take(&mut gated.later);
            let answers = (gated.acked, gated.refused);
            let done = self.refuse_all(session, document, answers, now).await?;
            return Ok(Some(hold::with(done, later)));
        }
        for acked in &mut gated.acked {
            if let Some((facts, _)) = case.known.get(&acked.hash) {
                acked.receipt = self.keys.receipt(document, acked.hash, facts);
            }
        }
        let announced = case.announced.iter().any(|row| row.device == session.device);
        if gated.admitted.is_empty() && gated.refused.is_empty() && !announced {
            self.cache.put(case);
            return Ok(Some(gated.answer()));
        }
        let rows = self.rows_of(session, &mut case, &gated, (stored, now), pack);
        let staged = case.stage(rows);
        if self.commit(case, staged).await?.is_none() {
            return Ok(None);
        }
        // Only now: what is acknowledged is durable.
        Ok(Some(gated.answer()))
    }

    fn rows_of(
        &self,
        session: &Session,
        case: &mut Case,
        gated: &Gated,
        (stored, now): (bool, Millis),
        pack: &Pack,
    ) -> Vec<Row> {
        let document = case.row.document;
        let mut rows = Vec::new();
        for (hash, bytes, facts) in &gated.admitted {
            rows.push(Row::Change { hash: *hash, bytes: bytes.clone(), facts: *facts });
        }
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
        let answered =
            gated.acked.iter().map(|acked| acked.hash).chain(gated.refused.iter().map(|(hash, ..)| *hash));
        let later = gated.later.iter().map(|(hash, _)| *hash);
        for hash in answered.chain(later) {
            case.announced.retain(|row| (row.device, row.hash) != (session.device, hash));
            rows.push(Row::Answered { device: session.device, hash });
        }
        if !stored && !session.at_desk {
            rows.push(Row::Held { device: session.device });
        }
        if !gated.admitted.is_empty() {
            rows.extend(self.decide_on_admitted(case, pack, now));
        }
        settle::schedule(case, pack, &self.settings, now, |device| self.progress(device));
        rows
    }

    /// Brings the row up to date with what was entered, and decides what does not wait.
    pub(super) fn decide_on_admitted(&self, case: &mut Case, pack: &Pack, now: Millis) -> Vec<Row> {
        case.refresh(pack, now);
        let made = if self.recovering() { Vec::new() } else { decide_at_once(case, pack, now) };
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
        Ok(Gated { acked, refused, later, ..Gated::default() }.answer())
    }
}

/// Intake at the first commit, and provisional dispatch of what is urgent: neither waits.
fn decide_at_once(case: &mut Case, pack: &Pack, now: Millis) -> Vec<Decision> {
    let mut made = Vec::new();
    if case.row.kind != Kind::Case {
        return made;
    }
    let projection = case.projection();
    if case.decisions.is_empty() {
        made.extend(case.decide(pack, &projection, Cause::Intake, now).ok().flatten());
    }
    if case.row.urgent && case.row.unsettled_since.is_some() {
        let cause = Cause::Provisional { digest: projection.digest(pack.reads()) };
        made.extend(case.decide(pack, &projection, cause, now).ok().flatten());
    }
    made
}

impl Gated {
    fn answer(self) -> Ingested {
        let rejected = self.refused.into_iter();
        let rejected =
            rejected.map(|(hash, _, no)| Rejected { hash, code: no.code.to_owned(), message: no.message });
        let done = Ingested { acked: self.acked, rejected: rejected.collect(), held: Vec::new() };
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

pub(super) fn acked(hash: Hash, facts: &Facts) -> Acked {
    Acked { hash, made: facts.made, received: facts.received, receipt: Receipt::default() }
}

fn judge(
    session: &Session,
    case: &mut Case,
    chunks: &[Vec<u8>],
    (covered, held, stored): (bool, Option<HeldRow>, bool),
    (pack, now): (&Pack, Millis),
) -> Gated {
    let mut gated = Gated::default();
    let sees = !stored || authorize(&session.person, Wish::Write, Some((&case.row, pack)));
    let mut closed = covered;
    for chunk in chunks {
        let hash = Hash(gate::change_hash(chunk));
        if let Some((facts, _)) = case.known.get(&hash) {
            gated.acked.push(acked(hash, facts));
            continue;
        }
        if constants::is_constant(case, &hash) {
            gated.acked.push(acked(hash, &Facts::default()));
            continue;
        }
        let verdict = if case.bytes + chunk.len() > limits::MAX_DOCUMENT_BYTES {
            Err(No {
                code: "document.full",
                message: "the document has no room for more; begin a new one and link it".into(),
            })
        } else if closed {
            Err(No {
                code: "covered",
                message: "an earlier change of this session on the document was refused".into(),
            })
        } else {
            judge_one(session, case, chunk, (sees, held), now)
        };
        match verdict {
            Ok((accepted, change, implied)) => {
                let facts = accepted.facts;
                gated.admitted.extend(constants::enter(case, &implied));
                gated.changes.extend(implied.into_iter().cloned());
                gated.changes.push(change);
                gated.acked.push(acked(hash, &facts));
                case.bytes += chunk.len();
                gated.admitted.push((hash, chunk.clone(), facts));
                case.enter(accepted);
            }
            Err(no) if hold::keeps(session, &no) => gated.later.push((hash, hold::told(session, no))),
            Err(no) => {
                closed = true;
                gated.refused.push((hash, chunk.clone(), no));
            }
        }
    }
    gated
}

/// The gate, the schema, the role, rule 8 and the right to write, for one change.
fn judge_one(
    session: &Session,
    case: &mut Case,
    chunk: &[u8],
    (sees, held): (bool, Option<HeldRow>),
    now: Millis,
) -> Result<(Accepted, Change, Vec<&'static Change>), No> {
    let before = case.index.savepoint();
    let prefix_ok = |prefix: &[u8]| session.prefixes.iter().any(|own| own.0 == *prefix);
    let (change, implied) = constants::admit(case, &prefix_ok, chunk).map_err(|refused| {
        case.index.rollback(before);
        No { code: refused.code(), message: refused.to_string() }
    })?;
    let facts = Facts {
        worker: session.person.worker,
        device: session.device,
        // A clock that runs ahead of the centre's is not believed.
        made: change.timestamp().saturating_add(session.offset).clamp(0, now),
        received: now,
        receipt: Receipt::default(),
    };
    let judged = derive(case.row.kind, &change, facts)
        .and_then(|accepted| permits(session.person.role, &accepted).map(|()| accepted))
        .map_err(|refusal| No { code: refusal.code(), message: refusal.to_string() })
        .and_then(|accepted| names_enough(case, accepted))
        .and_then(|accepted| leaves_room(case, accepted))
        .and_then(|accepted| own_signature(session, case.row.kind, accepted, &change))
        .and_then(|accepted| may_write(session, case, accepted, (sees, held)));
    match judged {
        Ok(accepted) => Ok((accepted, change, implied)),
        Err(no) => {
            case.index.rollback(before);
            Err(no)
        }
    }
}

/// The last line: all admitted changes at once, on a clone, where a panic is caught.
fn apply(case: &mut Case, gated: &mut Gated) -> Result<(), gate::TrialRefusal> {
    if !gated.changes.is_empty() {
        case.doc = gate::trial(&case.doc, std::mem::take(&mut gated.changes))?;
    }
    Ok(())
}

/// Write right outlives read right: what a change builds on was accepted before the grant ended.
fn may_write(
    session: &Session,
    case: &Case,
    accepted: Accepted,
    (sees, held): (bool, Option<HeldRow>),
) -> Result<Accepted, No> {
    let late = held.is_some_and(|held| {
        accepted.deps.iter().all(|dep| {
            let before =
                case.known.get(dep).is_some_and(|(_, seq)| held.until.is_none_or(|until| *seq <= until));
            before || case.made_by(dep, session.device) || constants::is_constant(case, dep)
        })
    });
    if sees || late {
        return Ok(accepted);
    }
    Err(No { code: "right.none", message: "there is no such document, or it is not yours to write".into() })
}
