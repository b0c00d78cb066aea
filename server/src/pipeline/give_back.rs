//! Taking back what a restored store has lost: accepted changes that devices give back.
//!
//! A receipt proves that this centre accepted all changes that carry it with their facts, whoever brings it. The gate's
//! rules on bytes and context hold for it; roles and rights were judged when it was first accepted.
//! Without a receipt it is a push like any other.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_protocol::documents::{Facts, derive};
use doorstep_protocol::wire::Sent;
use doorstep_protocol::{DocumentId, Hash, Receipt};

use super::case::Case;
use super::judge::No;
use super::page::Session;
use super::strangers::kind_of_first;
use super::{Centre, constants, settle};
use crate::gate;
use crate::limits;
use crate::store::{Aside, Kept, Person, Row, Store, StoreError};

/// What the given-back changes come to.
#[derive(Default)]
struct Regained {
    rows: Vec<Row>,
    changes: Vec<automerge::Change>,
    refused: Vec<(Hash, Vec<u8>, No)>,
}

impl<S: Store> Centre<S> {
    /// Takes back changes of one document. Returns when each is durable: known, stored or in quarantine.
    pub async fn regain(&self, session: &Session, document: DocumentId, sent: Vec<Sent>) -> Kept<()> {
        let receipts = self.proven(document, &sent);
        let (proven, others): (Vec<Sent>, Vec<Sent>) =
            sent.into_iter().partition(|sent| receipts.contains(&sent.receipt));
        if !proven.is_empty() {
            self.regain_proven(session, document, &proven).await?;
            self.hold_again(session, document).await?;
        }
        if !others.is_empty() {
            // Without proof it is a push like any other: role, rights and rule 8 are judged.
            let chunks = others.into_iter().map(|sent| sent.bytes.to_vec()).collect();
            self.ingest(session, document, chunks, false).await?;
        }
        Ok(())
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

    async fn regain_proven(&self, session: &Session, document: DocumentId, sent: &[Sent]) -> Kept<()> {
        for _ in 0..limits::CAS_ATTEMPTS {
            if self.attempt_regain(session, document, sent).await? {
                return Ok(());
            }
        }
        Err(StoreError::Failed("another writer was always first; send again".into()))
    }

    /// The device holds what it proves: noted where the store has forgotten it, so that the document
    /// is granted anew or revoked. A grant that is known to have ended stays ended.
    async fn hold_again(&self, session: &Session, document: DocumentId) -> Kept<()> {
        let device = session.device;
        let known = self.store.held(device, vec![document]).await?.contains_key(&document);
        if known || self.store.row(document).await?.is_none() {
            return Ok(());
        }
        // Above every cursor of this session, which begins at 0: all of it is told again.
        self.store.write(vec![Aside::Grant { device, document, granted: 1 }]).await
    }

    async fn attempt_regain(&self, session: &Session, document: DocumentId, sent: &[Sent]) -> Kept<bool> {
        let now = self.now();
        let author = self.first_author(session, sent).await?;
        let (_guard, case) = self.take(document).await?;
        let in_force = || self.pack(&session.person.district);
        let pack = &case.as_ref().map_or_else(in_force, |case| self.pack_of(case))?;
        let stored = case.is_some();
        let kind = sent.iter().find_map(|sent| kind_of_first(&sent.bytes));
        let begun = sent.iter().map(|sent| sent.received).min().unwrap_or(now).min(now);
        let case = case.or_else(|| kind.map(|kind| Case::new(document, kind, &author, begun, pack)));
        let Some(mut case) = case else { return Ok(true) };
        if case.row.district != session.person.district {
            self.cache.put(case);
            return Ok(true);
        }
        let mut regained = Regained::default();
        for sent in sent {
            regain_one(&mut case, sent, &mut regained);
        }
        let Regained { mut rows, changes, refused } = regained;
        if !refused.is_empty() {
            self.refuse_all(session, document, (Vec::new(), refused), now).await?;
        }
        if changes.is_empty() {
            if stored {
                self.cache.put(case);
            }
            return Ok(true);
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
            return self.refuse_all(session, document, refused, now).await.map(|_| true);
        }
        rows.extend(self.decide_on_admitted(&mut case, pack, now));
        settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
        let staged = case.stage(rows);
        Ok(self.commit(case, staged).await?.is_some())
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
    let judged = constants::admit(case, &|_| true, &sent.bytes)
        .map_err(|refused| No { code: refused.code(), message: refused.to_string() })
        .and_then(|(change, implied)| {
            let accepted = derive(case.row.kind, &change, facts)
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

fn facts_of(sent: &Sent) -> Facts {
    let Sent { worker, device, made, received, receipt, .. } = sent;
    Facts { worker: *worker, device: *device, made: *made, received: *received, receipt: *receipt }
}
