//! The feed as one device may see it: visibility is applied when a page is read, never before.
//!
//! held(device, document) is written before a grant is sent and removed on a confirmed purge, so the
//! centre always knows at least what a device holds.

mod told;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use doorstep_policy::Pack;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::machines::session::Page;
use doorstep_protocol::wire::{Blob, Name};
use doorstep_protocol::{DeviceId, DocumentId, Hash};

use super::{Centre, Leaving, settle};
use crate::authorize::scope;
use crate::keys::Cursor;
use crate::limits;
use crate::store::rows::AnnouncedRow;
use crate::store::{Aside, CheckoutRow, CopyRow, HeldRow, Kept, Person, Store, StoreError};
use told::{Since, Teller};

/// Who is connected. Fixed for the session; rights are judged with it at each step.
#[derive(Clone, Debug)]
pub struct Session {
    /// The person.
    pub person: Person,
    /// The device, or the console process.
    pub device: DeviceId,
    /// Actor prefixes that it may use.
    pub prefixes: Vec<DeviceId>,
    /// The one that this copy of the store uses from now on.
    pub prefix: DeviceId,
    /// What the device was asked to give back: what was accepted at this time or later.
    pub asked_since: Millis,
    /// The hello's counter.
    pub counter: u64,
    /// The document schema of the device.
    pub schema: u16,
    /// The centre's clock less the device's, in milliseconds.
    pub offset: Millis,
    /// The epoch in which the session began.
    pub epoch: u32,
    /// Edits at the desk: nothing is held.
    pub at_desk: bool,
    /// The device is to give up what it holds.
    pub leaving: Option<Leaving>,
    /// All that the hello announced has been answered.
    pub drained: bool,
    /// Where the device's feed stands.
    pub cursor: Option<Cursor>,
    /// A copy of a store that is told everything again, and has stored nothing of it yet.
    pub walks: bool,
    /// The last page sent stands here.
    pub sent: Option<Cursor>,
    /// What a walk's last page granted: it is not known whether the device has it until the page is stored.
    pub unsure: Vec<DocumentId>,
    /// Checkouts of this hello; those of cases that come with the session begin when it has drained.
    pub beginning: Vec<CheckoutRow>,
    /// What this hello announced of documents that are not here yet; it waits for them to come.
    pub coming: Arc<BTreeMap<DocumentId, Vec<AnnouncedRow>>>,
    /// What its person sees as a whole, by which rules: it is asked before every page, and is the same before most.
    pub(super) scope: Option<(Arc<Pack>, u32)>,
    /// What the device brought in this session.
    pub own: Own,
    /// What the feed's pages of this session told of a document, by the sequence they reached.
    pub told: BTreeMap<DocumentId, u64>,
}

/// Changes that the device brought in this session, and so has.
///
/// Who made a change says nothing of that: a device may have purged what it had made, and a restored centre may get it
/// back from somebody else.
#[derive(Clone, Debug, Default)]
pub struct Own(Arc<Mutex<HashSet<Hash>>>);

impl Own {
    /// Remembers as many as it may; the others are told once too often.
    pub(super) fn add(&self, hashes: impl Iterator<Item = Hash>) {
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = limits::OWN_CHANGES.saturating_sub(own.len());
        own.extend(hashes.take(room));
    }

    /// Whether the device brought this one.
    pub(super) fn has(&self, hash: &Hash) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(hash)
    }
}

impl Session {
    /// A session of a person on a device, before anything is known of its cursor.
    pub fn at(person: Person, device: DeviceId) -> Self {
        Session {
            person,
            device,
            prefixes: vec![device],
            prefix: device,
            asked_since: 0,
            counter: 0,
            schema: 1,
            epoch: 0,
            offset: 0,
            at_desk: false,
            leaving: None,
            drained: false,
            cursor: None,
            walks: false,
            sent: None,
            unsure: Vec::new(),
            beginning: Vec::new(),
            scope: None,
            coming: Arc::default(),
            own: Own::default(),
            told: BTreeMap::new(),
        }
    }

    /// What a push needs of it: all but what the feed has told, which may be of tens of thousands of documents.
    pub fn pushing(&mut self) -> Self {
        let told = std::mem::take(&mut self.told);
        let session = self.clone();
        self.told = told;
        session
    }
}

impl<S: Store> Centre<S> {
    /// The next page for a device, or `None` if nothing is new to it.
    pub async fn page(&self, session: &mut Session) -> Kept<Option<Page>> {
        if session.epoch != self.epoch() {
            // A cursor of the new epoch would say that the device has given back what it holds.
            return Err(StoreError::Superseded);
        }
        // The person as they are now: a role or unit may have changed since the session began.
        let Some(person) = self.person(session.person.worker).await? else { return Ok(None) };
        let scope = self.scope(session, &person)?;
        match session.cursor {
            Some(cursor) if cursor.scope != scope => {
                // What was told was for other eyes: all there is is gone through again, and what is held counts as told
                // unless it was being told for the first time.
                let again = cursor.again || cursor.place.is_none();
                self.walk(session, &person, Cursor { scope, place: None, again, ..cursor }).await
            }
            Some(cursor) if cursor.place.is_none() => self.news(session, &person, cursor).await,
            Some(cursor) => self.walk(session, &person, cursor).await,
            None => {
                let seq = self.store.head(&person.district).await?;
                if seq == 0 {
                    return Ok(None);
                }
                let chain = self.store.chain(&person.district, seq).await?.unwrap_or_default();
                let cursor = Cursor { epoch: self.epoch(), seq, chain, scope, place: None, again: false };
                self.walk(session, &person, cursor).await
            }
        }
    }

    /// What a session's person sees as a whole, as they are now.
    pub(super) fn scope(&self, session: &mut Session, person: &Person) -> Kept<u32> {
        let pack = self.pack(&person.district)?;
        let same = session.person == *person;
        let known = session.scope.as_ref().filter(|(by, _)| same && Arc::ptr_eq(by, &pack));
        if let Some((_, scope)) = known {
            return Ok(*scope);
        }
        let scope = scope(person, &pack);
        session.scope = same.then_some((pack, scope));
        Ok(scope)
    }

    /// What came after a cursor's sequence of the feed.
    async fn news(&self, session: &mut Session, person: &Person, from: Cursor) -> Kept<Option<Page>> {
        let after = from.seq;
        let district = session.person.district.clone();
        let rows = self.store.feed(&district, after, limits::PAGE_ROWS).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        let documents: BTreeSet<DocumentId> = rows.iter().map(|row| row.document).collect();
        let documents: Vec<DocumentId> = documents.into_iter().collect();
        let mut teller = self.teller(session, person, documents.clone()).await?;
        // Read after the feed: whatever is committed to one of them from now on stands beyond this page, and is news later.
        let mut cases = self.store.rows_of(documents).await?;
        let mut end = last.seq;
        for row in &rows {
            let Some(case) = cases.get(&row.document) else { continue };
            if teller.is_full() {
                end = row.seq - 1;
                break;
            }
            self.tell(session, &mut teller, case, Since::Seq(after)).await?;
            cases.remove(&row.document);
        }
        let chain = self.store.chain(&district, end).await?.unwrap_or_default();
        let cursor = Cursor { seq: end, chain, ..from };
        let more = self.store.head(&district).await? > end;
        self.close(session, teller, (cursor, more)).await.map(Some)
    }

    /// A first sync, or one after the centre has forgotten or a person has come to see other things: everything there is,
    /// what is urgent or due before the rest. What is committed meanwhile comes after it as news, from the sequence at
    /// which the walk began. All that has to be known to go on is in the cursor.
    async fn walk(&self, session: &mut Session, person: &Person, from: Cursor) -> Kept<Option<Page>> {
        let district = session.person.district.clone();
        let mut teller = self.teller(session, person, Vec::new()).await?;
        let since = if from.again { Since::Before } else { Since::First };
        let (mut place, mut seen) = (from.place, 0);
        loop {
            let rows = self.store.first(&district, place, limits::PAGE_ROWS).await?;
            let ends = rows.len() < limits::PAGE_ROWS;
            self.know(session, &mut teller, rows.iter().map(|row| row.document).collect()).await?;
            for row in rows {
                if teller.is_full() {
                    let cursor = Cursor { place, ..from };
                    return self.close(session, teller, (cursor, true)).await.map(Some);
                }
                (place, seen) = (Some(row.place()), seen + 1);
                self.tell(session, &mut teller, &row, since).await?;
            }
            if ends || seen >= limits::WALK_ROWS {
                let (place, again) = (place.filter(|_| !ends), from.again && !ends);
                let cursor = Cursor { place, again, ..from };
                let more = !ends || self.store.head(&district).await? > from.seq;
                return self.close(session, teller, (cursor, more)).await.map(Some);
            }
        }
    }

    async fn close(
        &self,
        session: &mut Session,
        mut teller: Teller,
        (cursor, more): (Cursor, bool),
    ) -> Kept<Page> {
        session.unsure = std::mem::take(&mut teller.unsure);
        for aside in &mut teller.asides {
            if let Aside::Grant { granted: granted @ 0, .. } = aside {
                // 0 would say that the device made it.
                *granted = cursor.seq.max(1);
            }
        }
        // Written before anything of it is sent.
        if !teller.asides.is_empty() {
            teller.asides.insert(0, only(session));
            self.store.write(std::mem::take(&mut teller.asides)).await?;
        }
        session.sent = Some(cursor);
        let named = std::mem::take(&mut teller.named);
        self.name(&mut teller, named.clone()).await?;
        let known = named.iter().filter_map(|worker| teller.people.get(worker));
        let names = known.map(|person| Name { worker: person.worker, name: person.name.clone() }).collect();
        let cursor = Blob::from(self.keys.seal(cursor, &session.person.district, &*self.source));
        Ok(Page { cursor, entries: teller.entries, names, more })
    }

    /// Whether a document has settled, and what it waits for, with names.
    pub async fn settled(&self, document: DocumentId) -> Kept<Option<super::Settled>> {
        let Some(row) = self.store.row(document).await? else { return Ok(None) };
        let waiting = self.store.waiting_on(vec![document]).await?;
        let (pack, settings) = (&*self.pack(&row.district)?, &self.settings);
        let (on, now) = ((&waiting.announced[..], &waiting.checkouts[..]), self.now());
        let waits = settle::waits_of(&row, on, (pack, settings), now, |device| self.progress(device));
        let mut settled = settle::settled(&row, waits);
        let workers = settled.waits.iter().filter_map(|wait| wait.worker).collect();
        settled.name(&self.store.persons(workers).await?);
        Ok(Some(settled))
    }

    /// The device has stored the page and purged these documents.
    pub async fn stored(&self, session: &mut Session, cursor: &[u8], purged: Vec<DocumentId>) -> Kept<()> {
        if !cursor.is_empty()
            && let Some(cursor) = self.keys.unseal(cursor, &session.person.district)
            && session.sent == Some(cursor)
        {
            session.cursor = Some(cursor);
            let mut asides = Vec::new();
            if std::mem::take(&mut session.walks)
                && let Some(copy) = self.store.copy(session.prefix).await?
            {
                asides.push(Aside::Copy(CopyRow { walks: false, ..copy }));
            }
            let documents = std::mem::take(&mut session.unsure);
            if !documents.is_empty() {
                asides.push(Aside::Granted { device: session.prefix, documents, granted: cursor.seq.max(1) });
            }
            if !asides.is_empty() {
                asides.insert(0, only(session));
                self.store.write(asides).await?;
            }
        }
        let any = !purged.is_empty();
        self.purged(session, purged).await?;
        if any && session.drained && session.leaving.is_some() { self.gone(session).await } else { Ok(()) }
    }

    pub(super) async fn purged(&self, session: &Session, purged: Vec<DocumentId>) -> Kept<()> {
        if purged.is_empty() {
            return Ok(());
        }
        let device = session.prefix;
        let held = self.store.held(device, purged.clone()).await?;
        let gone = purged.into_iter().map(|document| Aside::Purged { device, document });
        self.store.write(std::iter::once(only(session)).chain(gone).collect()).await?;
        // What is gone there and stands here: either it is on its way there once more, or a disk lost that it had ended. It
        // is told in full by the next news of it, and this is some.
        let stands = held.into_iter().filter(|(_, row)| row.until.is_none() && !row.purged);
        for (document, _) in stands {
            let anew = Aside::Grant { device, document, granted: HeldRow::ANEW };
            self.store.write(vec![only(session), anew]).await?;
            self.move_on(document).await?;
        }
        Ok(())
    }

    /// A document is news again, though nothing of it has changed.
    async fn move_on(&self, document: DocumentId) -> Kept<()> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take(document).await?;
            let Some(case) = case else { return Ok(()) };
            let staged = case.stage(Vec::new());
            if self.commit(case, staged).await?.is_some() {
                return Ok(());
            }
        }
        Err(StoreError::Failed("another writer was always first; send again".into()))
    }
}

/// What an older session of the same store still has under way must not undo what a newer one was told.
pub(super) fn only(session: &Session) -> Aside {
    Aside::Only { prefix: session.prefix, counter: session.counter }
}
