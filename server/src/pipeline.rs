//! The life of an edit at the centre: received → gated → merged → committed, then settled → decided.
//!
//! [`Centre`] is the whole of it over any store, with time and randomness passed in: sockets, HTTP and
//! the simulator drive the same object.
//!
//! Architecture Invariant: nothing here knows HTTP or WebSockets. The server never edits a document
//! of its own accord: edits at the desk are a person's and take the same road, gate included.

mod act;
mod actions;
mod administering;
mod admit;
mod arguments;
mod budget;
mod cache;
mod case;
mod compact;
mod concerned;
mod constants;
mod copies;
mod deciding;
mod desk;
mod disputes;
mod erase;
mod files;
mod finding;
mod frozen;
mod gist;
mod give_back;
mod handing_over;
mod hidden;
mod hold;
mod judge;
mod leaving;
mod looking;
mod mend;
mod migrate;
mod minimum;
mod news;
mod page;
mod preview;
mod proofs;
mod reading;
mod recovery;
mod refused;
mod review;
mod reviewing;
pub(crate) mod rounds;
mod session;
mod settle;
mod sign_off;
mod signing;
mod splitting;
mod staff;
mod strangers;
mod successor;
#[cfg(test)]
mod tests;
mod tick;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU16, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use doorstep_policy::Pack;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId};
use tokio::sync::{MutexGuard, Semaphore, watch};

use crate::blobs::Blobs;
use crate::clock::{SharedSource, random};
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::limits;
use crate::metrics::METRICS;
use crate::policies::Packs;
use crate::store::{Commit, Kept, Outcome, Person, Row, Store, StoreError, Stored};
pub(crate) use act::STILL_RECOVERING;
pub use act::{AsRead, MOVED};
pub use actions::Action;
use budget::Budgets;
pub use budget::Spent;
use cache::Cache;
pub(crate) use case::Case;
pub use case::timestamp;
pub(crate) use compact::agrees;
pub(crate) use concerned::mark;
pub(crate) use desk::named_worker;
pub use desk::{CaseView, DeskError, HistoryItem};
pub use erase::{EraseError, Erased};
pub use files::{FileError, FileState, FileView, Upload};
pub(crate) use frozen::Unusable;
pub use handing_over::Told;
pub(crate) use handing_over::open_categories;
pub use leaving::{Holding, Leaving};
pub use migrate::{Migration, Move, Stand};
pub use minimum::{minimum, minimum_of};
pub use page::Session;
pub use preview::Preview;
pub use recovery::{epoch_of, recovery, released, restored};
pub use refused::{RefusedView, Verdict};
pub use review::{ConflictView, Resolution, ResolvedView, SideView};
pub use reviewing::OpenConflict;
pub use settle::{Settled, Wait, WaitKind};
pub use sign_off::{Sign, SignOff};

/// How this centre runs.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Replaces the packs' quiet time, in milliseconds.
    pub settle_ms: Option<Millis>,
}

fn standing(packs: &Packs, (district, decided_by): (&str, Option<&str>), now: Millis) -> Kept<Arc<Pack>> {
    let pack = decided_by.and_then(|id| packs.version(id)).or_else(|| packs.of(district, now));
    pack.cloned().ok_or_else(|| StoreError::Corrupt(format!("no policy for district {district}")))
}

/// The pack of what is stored of a case.
fn standing_in(packs: &Packs, stored: &Stored, now: Millis) -> Kept<Arc<Pack>> {
    let decided_by = stored.decisions.last().map(|row| row.decision.policy.as_str());
    standing(packs, (&stored.row.district, decided_by), now)
}

/// The centre: everything between a frame and a decision.
pub struct Centre<S> {
    store: Arc<S>,
    packs: RwLock<Arc<Packs>>,
    source: SharedSource,
    keys: Keys,
    /// Where erasures are written first; a centre over memory has none.
    ledger: Option<Ledger>,
    /// The bytes of files; a centre without them takes none.
    blobs: Option<Blobs>,
    settings: Settings,
    epoch: AtomicU32,
    /// A restored store takes and gives, and decides nothing until it is released.
    recovering: AtomicBool,
    /// What was accepted before this is in the backup that the store was restored from.
    horizon: AtomicI64,
    /// The oldest schema whose devices are told of cases.
    minimum: AtomicU16,
    /// Actor prefix of edits at the desk: fresh for each process.
    desk: DeviceId,
    cache: Cache,
    /// Documents to be compacted.
    dear: compact::Dear,
    /// The last time that a device sent something that was stored or refused.
    progress: Mutex<BTreeMap<DeviceId, Millis>>,
    budgets: Budgets,
    /// Who works in each district.
    staff: Mutex<BTreeMap<String, staff::Known>>,
    /// Held while somebody is asked about a conflict: two at once are one question.
    asking: tokio::sync::Mutex<()>,
    moved: watch::Sender<u64>,
    news: news::News,
    /// Turns of what hellos bear on. Never closed.
    hellos: Semaphore,
    /// Held while somebody looks at the invariants.
    looking: tokio::sync::Mutex<()>,
    /// When what is due was last looked at without a failure; 0 before the first time. Below 0: the last look failed.
    ticked: AtomicI64,
    /// A case is being made whose number follows from what it is made of: whoever presses twice at once makes one.
    making: tokio::sync::Mutex<()>,
}

impl<S: Store> Centre<S> {
    /// A centre over a store.
    pub fn new(store: Arc<S>, packs: Packs, source: SharedSource, keys: Keys, settings: Settings) -> Self {
        let desk = DeviceId(random::<8>(&*source));
        Centre {
            store,
            packs: RwLock::new(Arc::new(packs)),
            source,
            keys,
            ledger: None,
            blobs: None,
            settings,
            epoch: AtomicU32::new(1),
            recovering: AtomicBool::new(false),
            horizon: AtomicI64::new(0),
            minimum: AtomicU16::new(doorstep_protocol::limits::OLDEST_SCHEMA),
            desk,
            cache: Cache::of(limits::CACHE_BYTES),
            dear: compact::Dear::default(),
            progress: Mutex::default(),
            budgets: Budgets::default(),
            staff: Mutex::default(),
            asking: tokio::sync::Mutex::new(()),
            moved: watch::Sender::new(0),
            news: news::News::default(),
            hellos: Semaphore::new(limits::HELLOS),
            looking: tokio::sync::Mutex::new(()),
            ticked: AtomicI64::new(0),
            making: tokio::sync::Mutex::new(()),
        }
    }

    /// The store.
    pub fn store(&self) -> &Arc<S> {
        &self.store
    }

    /// The packs as they are known now.
    pub fn packs(&self) -> Arc<Packs> {
        Arc::clone(&self.packs.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Other versions are known, or others in force, from here on. Standing decisions stay as they are.
    pub fn install(&self, packs: Packs) {
        *self.packs.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(packs);
        self.moved.send_modify(|n| *n += 1);
    }

    /// The keys.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Time and randomness.
    pub fn source(&self) -> &SharedSource {
        &self.source
    }

    /// What is due was looked at, or that failed.
    pub fn note_tick(&self, ok: bool) {
        self.ticked.store(if ok { self.now() } else { -1 }, Relaxed);
    }

    /// Whether what is due is not looked at any more: nothing would be decided.
    pub fn stalls(&self) -> bool {
        let at = self.ticked.load(Relaxed);
        at < 0 || at > 0 && self.now() - at > limits::TICK_STALLS_MS
    }

    /// The centre's clock.
    pub fn now(&self) -> Millis {
        self.source.now()
    }

    /// Held while somebody looks at the invariants: one look at a time.
    pub fn looking(&self) -> &tokio::sync::Mutex<()> {
        &self.looking
    }

    /// Changes whenever something was committed.
    pub fn moved(&self) -> watch::Receiver<u64> {
        self.moved.subscribe()
    }

    /// The pack in force in a district now: for what is not about one case.
    pub(crate) fn pack(&self, district: &str) -> Kept<Arc<Pack>> {
        self.standing(district, None)
    }

    /// The pack of a case: the version that decided it last, until somebody migrates it; else the one in force.
    fn pack_of(&self, case: &Case) -> Kept<Arc<Pack>> {
        self.standing(&case.row.district, case.decisions.last().map(|last| last.policy.as_str()))
    }

    fn standing(&self, district: &str, decided_by: Option<&str>) -> Kept<Arc<Pack>> {
        standing(&self.packs(), (district, decided_by), self.now())
    }

    /// Takes a case out of the cache, or loads it. The guard keeps others of this process off it.
    async fn take(&self, document: DocumentId) -> Kept<(MutexGuard<'_, ()>, Option<Case>)> {
        let guard = self.cache.lock(document).await;
        let mut case = match self.cache.take(document) {
            Some(case) => Some(case),
            None => Box::pin(self.warm(document)).await?,
        };
        self.tell_staff(case.as_mut()).await?;
        Ok((guard, case))
    }

    /// The same for a person who looks or decides: as it is stored, also where another process has committed it since. Devices
    /// find that out by losing.
    async fn take_stored(&self, document: DocumentId) -> Kept<(MutexGuard<'_, ()>, Option<Case>)> {
        let guard = self.cache.lock(document).await;
        let mut case = self.cache.take(document);
        if let Some(kept) = &case
            && self.store.row(document).await?.is_none_or(|row| row.version != kept.row.version)
        {
            case = None;
        }
        if case.is_none() {
            case = Box::pin(self.warm(document)).await?;
        }
        self.tell_staff(case.as_mut()).await?;
        Ok((guard, case))
    }

    /// Commits one case. On success it goes back into the cache; a loser is forgotten and must be
    /// loaded again.
    async fn commit(&self, mut case: Case, staged: case::Staged) -> Kept<Option<u64>> {
        let hides = case.hides_more();
        if hides {
            self.touch_naming(&case.row).await?;
        }
        let decisions = staged.rows.iter().filter(|row| matches!(row, Row::Decision(_))).count();
        // Decisions change what a document is filed under, changes also its words.
        let changed = staged.rows.iter().any(|row| matches!(row, Row::Change { .. }));
        let commit = Commit {
            row: case.row.clone(),
            expect: staged.expect,
            by: staged.by,
            rows: staged.rows,
            gist: changed.then(|| gist::gist(&case, &self.keys)),
            staff: case.staff.as_of(),
        };
        match self.store.commit(vec![commit]).await?.first() {
            Some(Outcome::Done { version, seq }) => {
                let seq = *seq;
                METRICS.decided(decisions);
                case.committed(*version, seq);
                if hides {
                    self.touch_naming(&case.row).await?;
                }
                self.news.add(case.row.document);
                self.put_back(case);
                self.moved.send_modify(|n| *n += 1);
                Ok(Some(seq))
            }
            _ => Ok(None),
        }
    }

    fn progress(&self, device: DeviceId) -> Option<Millis> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).get(&device).copied()
    }

    fn note_progress(&self, device: DeviceId) {
        let now = self.now();
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).insert(device, now);
    }

    /// A person who may still work.
    pub async fn person(&self, worker: doorstep_protocol::WorkerId) -> Kept<Option<Person>> {
        Ok(self.store.person(worker).await?.filter(|person| person.ended.is_none()))
    }
}
