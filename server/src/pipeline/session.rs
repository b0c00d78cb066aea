//! Opening and draining a session: the counter, what is announced, checkouts, confirmed purges.
//!
//! Every row that bears on settling raises the version of its case, so that a decision in flight,
//! which did not see it, loses its compare-and-swap.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use doorstep_protocol::documents::Facts;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::machines::session::Opened;
use doorstep_protocol::wire::{Heard, Hello};
use doorstep_protocol::{DeviceId, DocumentId, Receipt};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::case::Case;
use super::copies::Incarnation;
use super::page::Session;
use super::{Centre, settle};
use crate::authorize::{Wish, authorize};
use crate::keys::Cursor;
use crate::limits;
use crate::store::rows::AnnouncedRow;
use crate::store::{Aside, CheckoutRow, DeviceRow, Kept, Person, Row, Store, StoreError};

/// What a hello does to one case.
#[derive(Default)]
struct Change {
    announced: Option<Vec<AnnouncedRow>>,
    checkouts: Vec<CheckoutRow>,
}

impl<S: Store> Centre<S> {
    /// Records a hello. The session may then push, and is told of the feed.
    pub async fn open(&self, device: &DeviceRow, person: Person, hello: &Hello) -> Kept<(Session, Opened)> {
        self.remember().await?;
        let now = self.now();
        let cursor = hello.cursor.as_ref().map(|cursor| &cursor[..]);
        let (mut cursor, mut lost) = self.cursor(&person.district, cursor).await?;
        if !lost && self.forgotten(device, hello).await? {
            // Acknowledged, and not stored: the cursor does not show it, because no page came after that ack.
            if !self.recovering() {
                self.enter_recovery(self.epoch()).await?;
            }
            (cursor, lost) = (None, true);
        }
        // As it is now: another copy may have been here since this one connected.
        let row = self.store.device(device.device).await?;
        let Incarnation { prefixes, prefix, given, walks, asides } =
            self.incarnation(row.as_ref().unwrap_or(device), hello, (lost, now)).await?;
        self.store.write(asides).await?;
        if !lost && self.ungranted(prefix, hello).await? {
            // What it holds besides is not known either: it is given back, and granted or taken away from the beginning.
            (cursor, lost) = (None, true);
        }
        let reoffer = lost.then(|| self.horizon());
        if lost {
            self.store.write(vec![Aside::Anew { device: prefix }]).await?;
        }
        let offset = now.saturating_sub(hello.now);
        let leaving = self.leaves(device.device).await?;
        let mut session = Session {
            prefixes,
            prefix,
            asked_since: reoffer.unwrap_or_default(),
            counter: hello.counter,
            schema: hello.schema,
            epoch: self.epoch(),
            offset,
            leaving,
            // A device that leaves is told of everything that it holds, whatever it has been told.
            cursor: cursor.filter(|_| !walks && leaving.is_none()),
            walks,
            ..Session::at(person, device.device)
        };
        self.purged(&session, hello.purged.clone()).await?;
        self.announce(&mut session, hello, now).await?;
        self.note_progress(session.device);
        let person = session.person.clone();
        let scope = self.scope(&mut session, &person)?;
        Ok((session, Opened { epoch: self.epoch(), scope, now, prefix: given, reoffer }))
    }

    /// Whether a device was shut out, perhaps since its session began: `admin revoke` is another process.
    pub async fn shut_out(&self, device: DeviceId) -> Kept<bool> {
        Ok(self.store.device(device).await?.is_none_or(|row| row.revoked.is_some()))
    }

    /// The cursor if it is this server's and lies on this feed; otherwise all is told again, and the
    /// device gives back what it holds (`true`).
    async fn cursor(&self, district: &str, bytes: Option<&[u8]>) -> Kept<(Option<Cursor>, bool)> {
        let Some(bytes) = bytes else { return Ok((None, false)) };
        let Some(cursor) = self.keys.unseal(bytes, district) else { return Ok((None, true)) };
        if cursor.epoch < self.epoch() {
            return Ok((None, true));
        }
        if cursor.epoch == self.epoch() && self.store.chain(district, cursor.seq).await? == Some(cursor.chain)
        {
            return Ok((Some(cursor), false));
        }
        // Another history, or an epoch that this store does not know any more.
        self.enter_recovery(cursor.epoch).await?;
        Ok((None, true))
    }

    /// Whether the device proves that it was acknowledged a change which is not stored.
    async fn forgotten(&self, device: &DeviceRow, hello: &Hello) -> Kept<bool> {
        let Some(Heard { document, acked }) = &hello.heard else { return Ok(false) };
        let facts = Facts {
            worker: device.worker,
            device: device.device,
            made: acked.made,
            received: acked.received,
            receipt: Receipt::default(),
        };
        let proven = self.keys.receipt(*document, acked.hash, &facts).is(acked.receipt);
        if !proven || self.store.knows(*document, acked.hash).await? {
            return Ok(false);
        }
        // What was erased is gone on purpose.
        Ok(self.store.row(*document).await?.is_none_or(|row| row.erased.is_none()))
    }

    /// Whether the last document that was granted to this store, or the last of which it brought something, is not known to be
    /// held by it: that was lost after it was said, on a disk that kept less than it promised, and the document is here all
    /// the same, perhaps given back by somebody else. Nobody would ever take it away.
    async fn ungranted(&self, prefix: DeviceId, hello: &Hello) -> Kept<bool> {
        let acked = hello.heard.as_ref().map(|heard| heard.document);
        let has: Vec<DocumentId> = hello.granted.into_iter().chain(acked).collect();
        if has.is_empty() {
            return Ok(false);
        }
        let held = self.store.held(prefix, has.clone()).await?;
        // It still holds what it names as granted, but may have given up what it was last acknowledged.
        let known = |document: &DocumentId| {
            held.get(document).is_some_and(|row| !row.purged || hello.granted != Some(*document))
        };
        for document in has.into_iter().filter(|document| !known(document)) {
            // What was erased is gone on purpose.
            if self.store.row(document).await?.is_some_and(|row| row.erased.is_none()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn announce(&self, session: &mut Session, hello: &Hello, now: Millis) -> Kept<()> {
        let before = self.store.waiting(session.device).await?;
        let mut changes: BTreeMap<DocumentId, Change> = BTreeMap::new();
        // What was announced before and is not any more, is gone: lost with a store, or answered.
        for row in &before.announced {
            changes.entry(row.document).or_default().announced.get_or_insert_default();
        }
        for announced in hello.unsent.iter().take(limits::ANNOUNCED_DOCUMENTS) {
            let rows = announced.hashes.iter().map(|hash| AnnouncedRow {
                device: session.device,
                worker: session.person.worker,
                document: announced.document,
                hash: *hash,
                at: now,
            });
            changes.entry(announced.document).or_default().announced.get_or_insert_default().extend(rows);
        }
        let live: BTreeSet<_> = hello.checkouts.iter().map(|checkout| checkout.id).collect();
        for row in before.checkouts.iter().filter(|row| row.ended.is_none() && !live.contains(&row.id)) {
            let ended = CheckoutRow { ended: Some(now), ..row.clone() };
            changes.entry(row.document).or_default().checkouts.push(ended);
        }
        for checkout in &hello.checkouts {
            for document in &checkout.documents {
                let known =
                    before.checkouts.iter().find(|row| row.id == checkout.id && row.document == *document);
                let row = CheckoutRow {
                    id: checkout.id,
                    device: session.device,
                    worker: session.person.worker,
                    document: *document,
                    session: known.map_or(session.counter, |row| row.session),
                    until: checkout.until.min(now + limits::MAX_CHECKOUT_MS),
                    ended: None,
                };
                let new = known.is_none_or(|known| known.ended.is_none() && row.until > known.until);
                if new && row.until > now {
                    changes.entry(*document).or_default().checkouts.push(row.clone());
                    session.beginning.push(row);
                }
            }
        }
        let coming = self.alter_all(session, changes, now).await?;
        session.coming = Arc::new(coming);
        Ok(())
    }

    /// Side by side, so that their commits share one wait for the disk. Gives what was announced of documents
    /// that are not here.
    async fn alter_all(
        &self,
        session: &Session,
        changes: BTreeMap<DocumentId, Change>,
        now: Millis,
    ) -> Kept<BTreeMap<DocumentId, Vec<AnnouncedRow>>> {
        let mut coming = BTreeMap::new();
        let mut note = |altered: Kept<(DocumentId, bool, Option<Vec<AnnouncedRow>>)>| {
            let (document, here, announced) = altered?;
            coming.extend(announced.filter(|_| !here).map(|rows| (document, rows)));
            Ok::<_, StoreError>(())
        };
        let mut altering = FuturesUnordered::new();
        for (document, change) in changes {
            if altering.len() >= limits::SIDE_BY_SIDE
                && let Some(altered) = altering.next().await
            {
                note(altered)?;
            }
            altering.push(async move {
                // Whoever waits for a turn has no state yet: a district that says hello at once would fill the memory.
                let _turn = self.hellos.acquire().await;
                let here = Box::pin(self.alter(session, document, &change, now)).await?;
                Ok((document, here, change.announced))
            });
        }
        while let Some(altered) = altering.next().await {
            note(altered)?;
        }
        Ok(coming)
    }

    /// False where there is no such document.
    async fn alter(
        &self,
        session: &Session,
        document: DocumentId,
        change: &Change,
        now: Millis,
    ) -> Kept<bool> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take(document).await?;
            let Some(mut case) = case else { return Ok(false) };
            if case.row.district != session.person.district || case.row.erased.is_some() {
                self.put_back(case);
                return Ok(true);
            }
            let pack = &self.pack_of(&case)?;
            let sees = authorize(&session.person, Wish::Write, Some((&case.row, pack)));
            let holds =
                sees || self.store.held(session.prefix, vec![document]).await?.contains_key(&document);
            // Nobody holds up a case that is not theirs.
            let rows = if holds { rows_of(&mut case, session.device, change) } else { Vec::new() };
            if rows.is_empty() {
                self.put_back(case);
                return Ok(true);
            }
            self.note_progress(session.device);
            settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
            let staged = case.stage(rows);
            if self.commit(case, staged).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(true)
    }

    /// All that the hello announced is answered: checkouts that began in earlier sessions end, and
    /// those of cases that came with this session begin.
    pub async fn drained(&self, session: &mut Session) -> Kept<()> {
        let now = self.now();
        let waiting = self.store.waiting(session.device).await?;
        for row in std::mem::take(&mut session.beginning) {
            let known =
                waiting.checkouts.iter().any(|known| (known.id, known.document) == (row.id, row.document));
            if !known {
                let document = row.document;
                let change = Change { announced: None, checkouts: vec![row] };
                self.alter(session, document, &change, now).await?;
            }
        }
        let open =
            waiting.checkouts.into_iter().filter(|row| row.ended.is_none() && row.session < session.counter);
        for row in open {
            let document = row.document;
            let change = Change { announced: None, checkouts: vec![CheckoutRow { ended: Some(now), ..row }] };
            self.alter(session, document, &change, now).await?;
        }
        session.drained = true;
        if session.leaving.is_some() { self.gone(session).await } else { Ok(()) }
    }
}

fn rows_of(case: &mut Case, device: DeviceId, change: &Change) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(announced) = &change.announced {
        let known = |row: &&AnnouncedRow| !case.known.contains_key(&row.hash);
        let wanted: Vec<AnnouncedRow> = announced.iter().filter(known).cloned().collect();
        if case.announced.iter().any(|row| row.device == device) {
            rows.push(Row::Lapsed { device });
        }
        case.announced.retain(|row| row.device != device);
        rows.extend(wanted.iter().cloned().map(Row::Announced));
        case.announced.extend(wanted);
    }
    for checkout in &change.checkouts {
        case.checkouts.retain(|row| row.id != checkout.id);
        if checkout.ended.is_none() {
            case.checkouts.push(checkout.clone());
        }
        rows.push(Row::Checkout(checkout.clone()));
    }
    rows
}
