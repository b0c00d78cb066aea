//! What a page tells of one document: everything, what is new, that it is gone, or nothing.
//!
//! Reads rows only. No document is opened for a page.

mod brief;

use std::collections::{BTreeMap, BTreeSet};

use doorstep_protocol::wire::{Blob, Entry, Sent};
use doorstep_protocol::{DocumentId, Receipt, WorkerId};

use super::super::{Centre, Settled, settle};
use super::Session;
use crate::authorize::{Wish, authorize, device_reads};
use crate::limits;
use crate::store::rows::AnnouncedRow;
use crate::store::{
    Aside, CaseRow, ChangeRow, CheckoutRow, DecisionRow, HeldRow, Kept, Person, Store, Waiting,
};

/// A page while it is put together.
pub(super) struct Teller {
    pub(super) entries: Vec<Entry>,
    /// What is written before it is sent.
    pub(super) asides: Vec<Aside>,
    /// What a walk grants here.
    pub(super) unsure: Vec<DocumentId>,
    /// Who is named by number.
    pub(super) named: BTreeSet<WorkerId>,
    /// Those of them whose names are known by now.
    pub(super) people: BTreeMap<WorkerId, Person>,
    reader: Person,
    bytes: usize,
    held: BTreeMap<DocumentId, HeldRow>,
    waiting: BTreeMap<DocumentId, (Vec<AnnouncedRow>, Vec<CheckoutRow>)>,
}

/// What the device has been told before.
#[derive(Clone, Copy)]
pub(super) enum Since {
    /// All up to here.
    Seq(u64),
    /// Nothing that counts.
    First,
    /// Of what it holds, all that this walk does not have to tell; what its person may see has changed as a whole.
    Before,
}

impl Teller {
    pub(super) fn is_full(&self) -> bool {
        self.bytes > limits::PAGE_BYTES
    }
}

impl<S: Store> Centre<S> {
    /// An empty page about these documents, for this person as they are now.
    pub(super) async fn teller(
        &self,
        session: &Session,
        person: &Person,
        documents: Vec<DocumentId>,
    ) -> Kept<Teller> {
        let mut teller = Teller {
            entries: Vec::new(),
            asides: Vec::new(),
            unsure: Vec::new(),
            named: BTreeSet::new(),
            people: BTreeMap::new(),
            reader: person.clone(),
            bytes: 0,
            held: BTreeMap::new(),
            waiting: BTreeMap::new(),
        };
        self.know(session, &mut teller, documents).await?;
        Ok(teller)
    }

    /// Reads what must be known of documents before they are told.
    pub(super) async fn know(
        &self,
        session: &Session,
        teller: &mut Teller,
        documents: Vec<DocumentId>,
    ) -> Kept<()> {
        if documents.is_empty() {
            return Ok(());
        }
        teller.held = self.store.held(session.prefix, documents.clone()).await?;
        teller.waiting = by_document(self.store.waiting_on(documents).await?);
        let waited_for = teller.waiting.values().flat_map(|(announced, checkouts)| {
            announced.iter().map(|row| row.worker).chain(checkouts.iter().map(|row| row.worker))
        });
        let waited_for: BTreeSet<WorkerId> = waited_for.collect();
        self.name(teller, waited_for).await
    }

    /// Reads the names of these people that are not known yet: a page costs who is in it, not who is in the district.
    pub(super) async fn name(&self, teller: &mut Teller, workers: BTreeSet<WorkerId>) -> Kept<()> {
        let unknown = workers.into_iter().filter(|worker| !teller.people.contains_key(worker));
        let read = self.store.persons(unknown.collect()).await?;
        teller.people.extend(read.into_iter().map(|person| (person.worker, person)));
        Ok(())
    }

    /// Tells a document as far as the person may see it now and the device does not have it.
    pub(super) async fn tell(
        &self,
        session: &mut Session,
        teller: &mut Teller,
        row: &CaseRow,
        since: Since,
    ) -> Kept<()> {
        let (device, document) = (session.prefix, row.document);
        let held = teller.held.get(&document).filter(|held| !held.purged).copied();
        let pack = &self.pack(&row.district)?;
        let reader = &teller.reader;
        let reads = device_reads(reader.role) && session.leaving.is_none();
        let visible = reads && authorize(reader, Wish::Read, Some((row, pack)));
        match (visible, held) {
            (false, None) => {}
            (false, Some(_)) => {
                teller.asides.push(Aside::Revoke { device, document, until: row.seq });
                teller.entries.push(Entry::Revoke { document });
            }
            // What is new of it since comes as news.
            (true, Some(held)) if matches!(since, Since::Before) && held.is_told() => {}
            // Told in full on an earlier page of this session, and nothing since.
            (true, Some(held)) if held.until.is_none() && session.told.get(&document) == Some(&row.seq) => {}
            (true, held) => {
                let (grant, from) = granted(held, since);
                let (mut changes, mut decisions) = self.store.since(document, from).await?;
                // What was committed after the row was read is not judged by it: it may say who is concerned.
                changes.retain(|change| change.seq <= row.seq);
                decisions.retain(|decision| decision.seq <= row.seq);
                if !self.mend(document, &mut changes).await? {
                    // Who holds it is told all of it once it has been put right.
                    let anew = Aside::Grant { device, document, granted: HeldRow::ANEW };
                    teller.asides.extend(held.map(|_| anew));
                    return Ok(());
                }
                if session.told.len() < limits::TOLD_DOCUMENTS {
                    session.told.insert(document, row.seq);
                }
                let walked = grant && !matches!(since, Since::Seq(_));
                if walked {
                    // A walk stays at one sequence, and a document may move to where it has been already: news
                    // must tell all of it, until the device has said that it has this page.
                    teller.unsure.push(document);
                    teller.asides.push(Aside::Grant { device, document, granted: HeldRow::ANEW });
                } else if grant {
                    teller.asides.push(Aside::Grant { device, document, granted: 0 });
                }
                let settled = self.settled_of(row, teller)?;
                let (decisions, briefs) =
                    if walked { (Vec::new(), decisions) } else { (decisions, Vec::new()) };
                let mut entry = self.entry(session, document, (grant, changes, decisions), teller)?;
                brief::add(&mut entry, &briefs, &mut teller.bytes)?;
                teller.entries.push(with(entry, settled));
            }
        }
        Ok(())
    }

    fn entry(
        &self,
        session: &Session,
        document: DocumentId,
        (grant, changes, decisions): (bool, Vec<ChangeRow>, Vec<DecisionRow>),
        teller: &mut Teller,
    ) -> Kept<Entry> {
        // What it has just brought comes back in the ack; a grant leaves nothing out.
        let others = changes.into_iter().filter(|row| grant || !session.own.has(&row.hash));
        let mut changes: Vec<Sent> = others
            .map(|row| {
                teller.named.insert(row.facts.worker);
                teller.bytes += row.bytes.len() + 20;
                Sent {
                    receipt: self.keys.receipt(document, row.hash, &row.facts),
                    bytes: Blob::from(row.bytes),
                    worker: row.facts.worker,
                    device: row.facts.device,
                    made: row.facts.made,
                    received: row.facts.received,
                }
            })
            .collect();
        if grant {
            prove_together(&mut changes);
        }
        let mut facts = Vec::with_capacity(decisions.len());
        for row in &decisions {
            let json = self.keys.seal_decision(document, self.now(), &serde_json::to_vec(&row.decision)?);
            teller.bytes += json.len();
            facts.push(Blob::from(json));
        }
        teller.bytes += 128;
        Ok(Entry::Document { document, grant, changes, decisions: facts, settled: None, briefs: None })
    }

    fn settled_of(&self, row: &CaseRow, teller: &Teller) -> Kept<Blob> {
        let pack = &self.pack(&row.district)?;
        let nothing = (Vec::new(), Vec::new());
        let (announced, checkouts) = teller.waiting.get(&row.document).unwrap_or(&nothing);
        let (now, progress) = (self.now(), |device| self.progress(device));
        let waits = settle::waits_of(row, (announced, checkouts), (pack, &self.settings), now, progress);
        let mut settled: Settled = settle::settled(row, waits);
        settled.name(teller.people.values());
        Ok(Blob::from(serde_json::to_vec(&settled)?))
    }
}

fn with(mut entry: Entry, told: Blob) -> Entry {
    if let Entry::Document { settled, .. } = &mut entry {
        *settled = Some(told);
    }
    entry
}

/// Whether all is told, or else what came after which sequence.
fn granted(held: Option<HeldRow>, since: Since) -> (bool, u64) {
    match (held, since) {
        // Made by the device: it has its own changes. A grant that has ended leaves nothing.
        (Some(HeldRow { granted: 0, until: None, .. }), Since::First) => (false, 0),
        (_, Since::First | Since::Before) => (true, 0),
        // A grant that this cursor has not passed was perhaps never stored: all of it again.
        (held, Since::Seq(after)) => {
            let grant = held.is_none_or(|held| held.until.is_some() || held.granted > after);
            (grant, if grant { 0 } else { after })
        }
    }
}

fn by_document(waiting: Waiting) -> BTreeMap<DocumentId, (Vec<AnnouncedRow>, Vec<CheckoutRow>)> {
    let mut by: BTreeMap<DocumentId, (Vec<AnnouncedRow>, Vec<CheckoutRow>)> = BTreeMap::new();
    for row in waiting.announced {
        by.entry(row.document).or_default().0.push(row);
    }
    for row in waiting.checkouts {
        by.entry(row.document).or_default().1.push(row);
    }
    by
}

/// One receipt for a whole grant, where it can be given back in one frame: receipts are random bytes, and
/// would be the larger part of a compressed page.
fn prove_together(changes: &mut [Sent]) {
    let bytes: usize = changes.iter().map(|sent| sent.bytes.len()).sum();
    if changes.len() <= limits::RECEIPT_CHANGES && bytes <= limits::RECEIPT_BYTES {
        let receipt = Receipt::together(changes.iter().map(|sent| sent.receipt));
        changes.iter_mut().for_each(|sent| sent.receipt = receipt);
    }
}
