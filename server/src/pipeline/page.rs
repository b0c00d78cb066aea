//! The feed as one device may see it: visibility is applied when a page is read, never before.
//!
//! held(device, document) is written before a grant is sent and removed on a confirmed purge, so the
//! centre always knows at least what a device holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::machines::session::Page;
use doorstep_protocol::wire::{Blob, Entry, Name, Sent};
use doorstep_protocol::{DeviceId, DocumentId, Receipt, WorkerId};

use super::{Centre, settle};
use crate::authorize::{Wish, authorize};
use crate::keys::Cursor;
use crate::limits;
use crate::store::rows::AnnouncedRow;
use crate::store::{Aside, ChangeRow, CheckoutRow, DecisionRow, HeldRow, Kept, Person, Store};

/// Who is connected. Fixed for the session; rights are judged with it at each step.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person.
    pub person: Person,
    /// The device, or the console process.
    pub device: DeviceId,
    /// Actor prefixes that it may use.
    pub prefixes: Vec<DeviceId>,
    /// The hello's counter.
    pub counter: u64,
    /// The document schema of the device.
    pub schema: u16,
    /// The centre's clock less the device's, in milliseconds.
    pub offset: Millis,
    /// Edits at the desk: nothing is held.
    pub at_desk: bool,
    /// Where the device's feed stands.
    pub cursor: Option<Cursor>,
    /// The last page sent stands here.
    pub sent: Option<Cursor>,
    /// Checkouts of this hello; those of cases that come with the session begin when it has drained.
    pub beginning: Vec<CheckoutRow>,
    /// What this hello announced of documents that are not here yet; it waits for them to come.
    pub coming: Arc<BTreeMap<DocumentId, Vec<AnnouncedRow>>>,
    /// What the feed's pages of this session told of a document, by the sequence they reached.
    pub told: BTreeMap<DocumentId, u64>,
}

impl Session {
    /// A session of a person on a device, before anything is known of its cursor.
    pub fn at(person: Person, device: DeviceId) -> Self {
        Session {
            person,
            device,
            prefixes: vec![device],
            counter: 0,
            schema: 1,
            offset: 0,
            at_desk: false,
            cursor: None,
            sent: None,
            beginning: Vec::new(),
            coming: Arc::default(),
            told: BTreeMap::new(),
        }
    }
}

struct Told {
    entries: Vec<Entry>,
    people: BTreeSet<WorkerId>,
    bytes: usize,
    asides: Vec<Aside>,
}

impl<S: Store> Centre<S> {
    /// The next page for a device, or `None` if nothing is new to it.
    pub async fn page(&self, session: &mut Session) -> Kept<Option<Page>> {
        let after = session.cursor.map_or(0, |cursor| cursor.seq);
        let district = session.person.district.clone();
        // The person as they are now: a role or unit may have changed since the session began.
        let Some(person) = self.person(session.person.worker).await? else { return Ok(None) };
        let rows = self.store.feed(&district, after, limits::PAGE_ROWS).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        let mut told = Told { entries: Vec::new(), people: BTreeSet::new(), bytes: 0, asides: Vec::new() };
        let documents: BTreeSet<DocumentId> = rows.iter().map(|row| row.document).collect();
        let held = self.store.held(session.device, documents.into_iter().collect()).await?;
        let mut seen = BTreeSet::new();
        let mut end = last.seq;
        for row in &rows {
            if !seen.insert(row.document) {
                continue;
            }
            if told.bytes > limits::PAGE_BYTES {
                end = row.seq - 1;
                break;
            }
            let held = held.get(&row.document).filter(|held| !held.purged).copied();
            self.tell(session, &person, (row.document, held), after, &mut told).await?;
        }
        for aside in &mut told.asides {
            if let Aside::Grant { granted, .. } = aside {
                *granted = end;
            }
        }
        // Written before anything of it is sent.
        if !told.asides.is_empty() {
            self.store.write(told.asides).await?;
        }
        let chain = self.store.chain(&district, end).await?.unwrap_or_default();
        let cursor = Cursor { epoch: self.epoch(), seq: end, chain };
        session.sent = Some(cursor);
        let more = self.store.head(&district).await? > end;
        let names = self.names(&district, &told.people).await?;
        let cursor = Blob::from(self.keys.seal(cursor, &district, &*self.source));
        Ok(Some(Page { cursor, entries: told.entries, names, more }))
    }

    async fn tell(
        &self,
        session: &mut Session,
        person: &Person,
        (document, held): (DocumentId, Option<HeldRow>),
        after: u64,
        told: &mut Told,
    ) -> Kept<()> {
        let Some(row) = self.store.row(document).await? else { return Ok(()) };
        let pack = self.pack(&row.district)?;
        let visible = authorize(person, Wish::Read, Some((&row, pack))) && session_reads(person.role);
        let device = session.device;
        match (visible, held) {
            (false, None) => {}
            (false, Some(_)) => {
                told.asides.push(Aside::Revoke { device, document, until: row.seq });
                told.entries.push(Entry::Revoke { document });
            }
            // Told in full on an earlier page of this session, and nothing since.
            (true, Some(held)) if held.until.is_none() && session.told.get(&document) == Some(&row.seq) => {}
            (true, held) => {
                if session.told.len() < limits::TOLD_DOCUMENTS {
                    session.told.insert(document, row.seq);
                }
                // A grant that this cursor has not passed was perhaps never stored: all of it again.
                let grant = held.is_none_or(|held| held.until.is_some() || held.granted > after);
                let from = if grant { 0 } else { after };
                let (changes, decisions) = self.store.since(document, from).await?;
                if grant {
                    told.asides.push(Aside::Grant { device, document, granted: 0 });
                }
                let entry = self.entry(session, document, (grant, changes, decisions), told).await?;
                told.entries.push(entry);
            }
        }
        Ok(())
    }

    async fn entry(
        &self,
        session: &Session,
        document: DocumentId,
        (grant, changes, decisions): (bool, Vec<ChangeRow>, Vec<DecisionRow>),
        told: &mut Told,
    ) -> Kept<Entry> {
        // Its own changes come back in the ack; a grant leaves nothing out.
        let others = changes.into_iter().filter(|row| grant || row.facts.device != session.device);
        let mut changes: Vec<Sent> = others
            .map(|row| {
                told.people.insert(row.facts.worker);
                told.bytes += row.bytes.len() + 80;
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
            let json = serde_json::to_vec(&row.decision)?;
            told.bytes += json.len();
            facts.push(Blob::from(json));
        }
        let settled = match self.settled(document).await? {
            Some(settled) => Some(Blob::from(serde_json::to_vec(&settled)?)),
            None => None,
        };
        told.bytes += 128;
        Ok(Entry::Document { document, grant, changes, decisions: facts, settled })
    }

    /// Whether a document has settled, and what it waits for, with names.
    pub async fn settled(&self, document: DocumentId) -> Kept<Option<super::Settled>> {
        let (_guard, case) = self.take(document).await?;
        let Some(case) = case else { return Ok(None) };
        let pack = self.pack(&case.row.district)?;
        let waits = settle::waits(&case, pack, &self.settings, self.now(), |device| self.progress(device));
        let mut settled = settle::settled(&case, waits);
        let district = case.row.district.clone();
        self.cache.put(case);
        if settled.waits.iter().any(|wait| wait.worker.is_some()) {
            settled.name(&self.store.people(&district).await?);
        }
        Ok(Some(settled))
    }

    async fn names(&self, district: &str, wanted: &BTreeSet<WorkerId>) -> Kept<Vec<Name>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let people: BTreeMap<WorkerId, String> = self
            .store
            .people(district)
            .await?
            .into_iter()
            .map(|person| (person.worker, person.name))
            .collect();
        let of =
            |worker: &WorkerId| people.get(worker).map(|name| Name { worker: *worker, name: name.clone() });
        Ok(wanted.iter().filter_map(of).collect())
    }

    /// The device has stored the page and purged these documents.
    pub async fn stored(&self, session: &mut Session, cursor: &[u8], purged: Vec<DocumentId>) -> Kept<()> {
        if !cursor.is_empty()
            && let Some(cursor) = self.keys.unseal(cursor, &session.person.district)
            && session.sent == Some(cursor)
        {
            session.cursor = Some(cursor);
        }
        self.purged(session.device, purged).await
    }

    pub(super) async fn purged(&self, device: DeviceId, purged: Vec<DocumentId>) -> Kept<()> {
        if purged.is_empty() {
            return Ok(());
        }
        self.store
            .write(purged.into_iter().map(|document| Aside::Purged { device, document }).collect())
            .await
    }
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

/// Auditors work at the desk only; their devices are given nothing.
fn session_reads(role: Role) -> bool {
    role != Role::Auditor
}
