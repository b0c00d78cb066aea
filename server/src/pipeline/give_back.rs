//! Taking back what a restored store has lost: accepted changes and decisions that devices give back.
//!
//! A receipt proves that this centre accepted all changes that carry it with their facts, or took this decision, whoever brings
//! it. The gate's rules on bytes and context hold for it; roles and rights were judged when it was first
//! accepted, and so were its size and its rivals: what was acknowledged is not refused for what has come since. So much
//! as was accepted before, and so much since, is all that a document can come to by it. Without a receipt a change is a push like any other, and a decision is nothing.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Cause, Decision, Pack, decide, same_outcome};
use doorstep_protocol::documents::{Facts, derive_decoded};
use doorstep_protocol::machines::session::In;
use doorstep_protocol::wire::{Blob, Sent};
use doorstep_protocol::{DocumentId, Hash, Receipt};
use sha2::{Digest, Sha256};

use super::case::Case;
use super::judge::{self, No};
use super::page::{Session, only};
use super::strangers::kind_of_first;
use super::{Centre, constants, settle};
use crate::gate;
use crate::limits;
use crate::store::{Aside, CommandRow, HeldRow, Kept, Person, Row, Store, StoreError};

const MISSING_DEPS: &str = "context.missing_deps";
const UNPROVEN: No = No { code: "decision.receipt", message: String::new() };

/// What goes to quarantine, and why.
type Refused = Vec<(Hash, Vec<u8>, No)>;

/// What is given back of one document, proven.
struct Proven<'a> {
    sent: &'a [Sent],
    /// In their order.
    decisions: &'a [Decision],
}

/// What the given-back changes come to.
#[derive(Default)]
struct Regained {
    rows: Vec<Row>,
    changes: Vec<automerge::Change>,
    refused: Refused,
    /// A change builds on one that is not here.
    missing: bool,
}

/// What one attempt came to.
enum Attempt {
    Done,
    /// Somebody else was first.
    Lost,
    /// Something older than what was asked for is missing.
    Missing,
}

impl<S: Store> Centre<S> {
    /// Takes back changes and decisions of one document. Answers when each is durable: known, stored or in
    /// quarantine; or, where more is missing than was asked for, that the session has to begin again.
    pub async fn regain(
        &self,
        session: &Session,
        document: DocumentId,
        (sent, decisions): (Vec<Sent>, Vec<Blob>),
    ) -> Kept<In> {
        let receipts = self.proven(document, &sent);
        let (proven, others): (Vec<Sent>, Vec<Sent>) =
            sent.into_iter().partition(|sent| receipts.contains(&sent.receipt));
        let decisions = self.proven_decisions(session, document, decisions).await?;
        if !proven.is_empty() || !decisions.is_empty() {
            let proven = Proven { sent: &proven, decisions: &decisions };
            if self.regain_proven(session, document, &proven).await? {
                return self.ask_for_more().await;
            }
            if !proven.sent.is_empty() {
                self.hold_again(session, document).await?;
            }
        }
        if !others.is_empty() {
            // Without proof it is a push like any other: role, rights and rule 8 are judged.
            let chunks = others.into_iter().map(|sent| sent.bytes.to_vec()).collect();
            self.ingest(session, document, chunks, false).await?;
        }
        Ok(In::Regained)
    }

    /// The receipts that hold: each for all changes that carry it, together.
    fn proven(&self, document: DocumentId, sent: &[Sent]) -> BTreeSet<Receipt> {
        let mut groups: BTreeMap<Receipt, (BTreeSet<Hash>, Vec<Receipt>)> = BTreeMap::new();
        let mut doubled = BTreeSet::new();
        for sent in sent {
            let hash = Hash(gate::change_hash(&sent.bytes));
            let (hashes, own) = groups.entry(sent.receipt).or_default();
            // Twice the same would cancel out, whatever it is.
            if !hashes.insert(hash) {
                doubled.insert(sent.receipt);
            }
            own.push(self.keys.receipt(document, hash, &facts_of(sent)));
        }
        let holds = |(receipt, (_, own)): (Receipt, (BTreeSet<Hash>, Vec<Receipt>))| {
            (!doubled.contains(&receipt) && Receipt::together(own).is(receipt)).then_some(receipt)
        };
        groups.into_iter().filter_map(holds).collect()
    }

    /// The decisions that this centre took and does not remember. What has no proof goes to quarantine.
    async fn proven_decisions(
        &self,
        session: &Session,
        document: DocumentId,
        sealed: Vec<Blob>,
    ) -> Kept<Vec<Decision>> {
        let (mut decisions, mut refused) = (Vec::new(), Vec::new());
        for blob in sealed {
            let json = self.keys.open_decision(document, &blob);
            match json.and_then(|json| serde_json::from_slice::<Decision>(&json).ok()) {
                Some(decision) => decisions.push(decision),
                None => refused.push((Hash(Sha256::digest(&blob[..]).into()), blob.to_vec(), UNPROVEN)),
            }
        }
        if !refused.is_empty() {
            self.refuse_all(session, document, (Vec::new(), refused), self.now()).await?;
        }
        decisions.sort_by_key(|decision| decision.n);
        Ok(decisions)
    }

    /// True where something older is missing.
    async fn regain_proven(
        &self,
        session: &Session,
        document: DocumentId,
        proven: &Proven<'_>,
    ) -> Kept<bool> {
        for _ in 0..limits::CAS_ATTEMPTS {
            match self.attempt_regain(session, document, proven).await? {
                Attempt::Done => return Ok(false),
                Attempt::Missing => return Ok(true),
                Attempt::Lost => {}
            }
        }
        Err(StoreError::Failed("another writer was always first; send again".into()))
    }

    /// The device holds what it proves: noted where the store has forgotten it, so that the document
    /// is granted anew or revoked. A grant that is known to have ended stays ended.
    pub(super) async fn hold_again(&self, session: &Session, document: DocumentId) -> Kept<()> {
        let device = session.prefix;
        let known = self.store.held(device, vec![document]).await?.contains_key(&document);
        if known || self.store.row(document).await?.is_none() {
            return Ok(());
        }
        // All of it is told again.
        let anew = Aside::Grant { device, document, granted: HeldRow::ANEW };
        self.store.write(vec![only(session), anew]).await
    }

    async fn attempt_regain(
        &self,
        session: &Session,
        document: DocumentId,
        proven: &Proven<'_>,
    ) -> Kept<Attempt> {
        let now = self.now();
        let author = self.first_author(session, proven.sent).await?;
        let (_guard, case) = self.take(document).await?;
        let in_force = || self.pack(&session.person.district);
        let pack = &case.as_ref().map_or_else(in_force, |case| self.pack_of(case))?;
        let stored = case.is_some();
        let kind = proven.sent.iter().find_map(|sent| kind_of_first(&sent.bytes));
        let begun = proven.sent.iter().map(|sent| sent.received).min().unwrap_or(now).min(now);
        let case = case.or_else(|| kind.map(|kind| Case::new(document, kind, &author, begun, pack)));
        let Some(mut case) = case else { return Ok(self.nowhere(session, proven)) };
        if !stored {
            self.tell_staff(Some(&mut case)).await?;
        }
        if case.row.district != session.person.district || case.row.erased.is_some() {
            // What was erased is not taken back; the feed tells the device to purge it.
            self.put_back(case);
            return Ok(Attempt::Done);
        }
        let mut regained = Regained::default();
        for sent in proven.sent {
            regain_one(&mut case, sent, &mut regained);
        }
        if regained.missing && session.asked_since > 0 {
            return Ok(Attempt::Missing);
        }
        let Regained { mut rows, changes, mut refused, .. } = regained;
        let (adopted, others) = adopt(&mut case, pack, proven.decisions);
        refused.extend(others);
        if !refused.is_empty() {
            self.refuse_all(session, document, (Vec::new(), refused), now).await?;
        }
        if changes.is_empty() && adopted.is_empty() {
            if stored {
                self.put_back(case);
            }
            return Ok(Attempt::Done);
        }
        if let Err(refusal) = gate::apply(&mut case.doc, changes) {
            // The gate passed what automerge cannot apply: the case is forgotten as it is now, and
            // the bytes are kept for whoever mends the gate.
            drop(case);
            let refused = rows.into_iter().filter_map(|row| match row {
                Row::Change { hash, bytes, .. } => {
                    Some((hash, bytes, No { code: refusal.code(), message: refusal.to_string() }))
                }
                _ => None,
            });
            let refused = (Vec::new(), refused.collect());
            return self.refuse_all(session, document, refused, now).await.map(|_| Attempt::Done);
        }
        rows.extend(adopted);
        self.veiled(&mut case).await?;
        rows.extend(self.decide_on_admitted(&mut case, pack, now));
        settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
        let named = case.named();
        let staged = case.stage(rows);
        if self.commit(case, staged).await?.is_none() {
            return Ok(Attempt::Lost);
        }
        self.look_again(document, named).await?;
        Ok(Attempt::Done)
    }

    /// There is no such document, and nothing given back begins it: its beginning is older than what was
    /// asked for, or the device holds decisions of nothing.
    fn nowhere(&self, session: &Session, proven: &Proven<'_>) -> Attempt {
        if session.asked_since > 0 && !proven.sent.is_empty() { Attempt::Missing } else { Attempt::Done }
    }

    /// Who made the document: the author of its first change; else who brings it.
    async fn first_author(&self, session: &Session, sent: &[Sent]) -> Kept<Person> {
        let known = match sent.first() {
            Some(sent) => self.store.person(sent.worker).await?,
            None => None,
        };
        Ok(known.unwrap_or_else(|| session.person.clone()))
    }
}

fn regain_one(case: &mut Case, sent: &Sent, to: &mut Regained) {
    let hash = Hash(gate::change_hash(&sent.bytes));
    if case.known.contains_key(&hash) {
        return;
    }
    let facts = Facts { receipt: Receipt::default(), ..facts_of(sent) };
    let before = case.index.savepoint();
    // Whose prefix it may carry was judged when it was first accepted.
    let judged = constants::admit(case, &|_| true, &sent.bytes);
    to.missing |= judged.as_ref().is_err_and(|refused| refused.code() == MISSING_DEPS);
    let room = case.bytes + sent.bytes.len() <= limits::MAX_REGAINED_BYTES;
    let judged = judged
        .map_err(|refused| No { code: refused.code(), message: refused.to_string() })
        .and_then(|admitted| if room { Ok(admitted) } else { Err(judge::full()) })
        .and_then(|(gate::Admitted { change, decoded }, implied)| {
            let accepted = derive_decoded(case.row.kind, (&change, &decoded), facts)
                .map_err(|refusal| No { code: refusal.code(), message: refusal.to_string() })?;
            Ok((change, implied, accepted))
        });
    match judged {
        Ok((change, implied, accepted)) => {
            let migrations = constants::enter(case, &implied).into_iter();
            to.rows.extend(migrations.map(|(hash, bytes, facts)| Row::Change { hash, bytes, facts }));
            to.changes.extend(implied.into_iter().cloned());
            case.bytes += sent.bytes.len();
            case.enter(accepted);
            to.changes.push(change);
            to.rows.push(Row::Change { hash, bytes: sent.bytes.to_vec(), facts });
        }
        Err(no) => {
            case.index.rollback(before);
            to.refused.push((hash, sent.bytes.to_vec(), no));
        }
    }
}

/// Goes on with the log where it breaks off. A decision whose number is taken by another one belongs to a
/// history that did not go on: what is stored stands, the other is kept in quarantine.
fn adopt(case: &mut Case, pack: &Pack, decisions: &[Decision]) -> (Vec<Row>, Refused) {
    let (mut rows, mut others) = (Vec::new(), Vec::new());
    // The last decision of the device that is in the log as it is.
    let mut same = 0;
    for decision in decisions {
        let next = decision.n as usize == case.decisions.len() + 1;
        let follows = next && (same + 1 == decision.n || comes_again(case, pack, decision));
        match case.decisions.get(decision.n.saturating_sub(1) as usize) {
            Some(stored) if stored == decision => same = decision.n,
            None if follows => {
                rows.extend(answered(case, decision).map(Row::Command));
                rows.push(Row::Decision(Box::new(decision.clone())));
                case.adopt(pack, decision);
                same = decision.n;
            }
            // Its predecessor is with another device, which holds this one too.
            None if !next => {}
            _ => {
                let bytes = serde_json::to_vec(decision).unwrap_or_default();
                let message = format!("decision {} was taken anew and differently", decision.n);
                let no = No { code: "decision.other_history", message };
                others.push((Hash(Sha256::digest(&bytes).into()), bytes, no));
            }
        }
    }
    (rows, others)
}

/// Whether the log as it is leads to this decision.
fn comes_again(case: &Case, pack: &Pack, decision: &Decision) -> bool {
    let again = decide(pack, &decision.projection, &case.decisions, decision.cause.clone(), decision.at);
    again.ok().flatten().is_some_and(|again| same_outcome(&again, decision))
}

/// The answer that a command had: given again, it must not be decided again.
fn answered(case: &Case, decision: &Decision) -> Option<CommandRow> {
    let Cause::Command { id, name, by_worker, .. } = &decision.cause else { return None };
    let id = data_encoding::HEXLOWER.decode(id.as_bytes()).ok()?.try_into().ok()?;
    let worker = by_worker.parse().ok()?;
    let (document, name) = (case.row.document, name.clone());
    Some(CommandRow { id, worker, document, name, said: None, answer: Ok(decision.n) })
}

fn facts_of(sent: &Sent) -> Facts {
    let Sent { worker, device, made, received, receipt, .. } = sent;
    Facts { worker: *worker, device: *device, made: *made, received: *received, receipt: *receipt }
}
