//! Erasing a document on request: a redacted successor goes on in its place, everything that was said is destroyed, and
//! the hashes stay in a ledger that is applied again after every restore.
//!
//! What is left is a stub that nobody sees. By the feed, like any document that is taken from somebody, it makes every
//! device that holds the old one purge it; what a device still sends for it is refused and kept nowhere.

use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::Rejected;
use doorstep_protocol::{DocumentId, Hash, WorkerId};

use super::admit::Ingested;
use super::case::Case;
use super::desk::DeskError;
use super::page::Session;
use super::{Centre, standing_in, successor};
use crate::authorize::{Wish, authorize, concerns};
use crate::clock::random;
use crate::gate;
use crate::ledger::{Backup, Ledger, LedgerError, tell_backups};
use crate::limits;
use crate::store::erasures::ErasureRow;
use crate::store::{Aside, CaseRow, Commit, Expect, Kept, Person, Store, StoreError, Stored};

/// Set while free pages and logs may hold something of what was erased.
const SCOUR: &str = "erasure/scour";
/// Why a change of an erased document is not taken.
const ERASED: &str = "document.erased";

/// Why a document was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Absent, forbidden, or erased before.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The ledger could not be written; nothing was changed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store or the files' folder failed half-way. The ledger has it: it is carried out when the server next starts.
    #[error("noted in the ledger, and not carried out yet: {0}")]
    Unfinished(String),
}

impl From<StoreError> for EraseError {
    fn from(error: StoreError) -> Self {
        EraseError::Desk(DeskError::Store(error))
    }
}

/// What was erased.
#[derive(Clone, Debug)]
pub struct Erased {
    /// As the ledger has it.
    pub row: ErasureRow,
    /// Backups from before that still hold it.
    pub backups: Vec<Backup>,
}

/// What is left of a document's row: where it was, so that devices are told; nothing that it said.
fn stub(row: &ErasureRow) -> CaseRow {
    let nobody = Person {
        worker: WorkerId(0),
        name: String::new(),
        district: row.district.clone(),
        unit: String::new(),
        role: Role::Auditor,
        ended: None,
    };
    CaseRow { erased: Some(row.at), ..CaseRow::new(row.document, row.kind, &nobody, row.at) }
}

impl<S: Store> Centre<S> {
    /// With a ledger file, which every erasure is written to first.
    #[must_use]
    pub fn with_ledger(mut self, ledger: Ledger) -> Self {
        self.ledger = Some(ledger);
        self
    }

    /// Erases a document on the word of somebody who may. `reason` is the number or name of the request.
    pub async fn erase(
        &self,
        person: &Person,
        document: DocumentId,
        reason: &str,
    ) -> Result<Erased, EraseError> {
        let stored = self.store.load(document).await?;
        let stored = stored.filter(|stored| stored.row.erased.is_none()).ok_or(DeskError::NotFound)?;
        let pack = standing_in(&self.packs(), &stored, self.now())?;
        if !authorize(person, Wish::Erase, Some((&stored.row, &pack))) {
            return Err(DeskError::NotFound.into());
        }
        let at = self.now();
        let row = ErasureRow {
            document,
            district: stored.row.district.clone(),
            kind: stored.row.kind,
            successor: DocumentId::v7(at, random(&*self.source)),
            at,
            by: person.worker,
            reason: reason.to_owned(),
            changes: stored.changes.iter().map(|change| change.hash).collect(),
        };
        let mut backups = Vec::new();
        if let Some(ledger) = &self.ledger {
            ledger.add(std::slice::from_ref(&row))?;
            backups = tell_backups(&*self.store, &row).await?;
        }
        let done = self.carry_out(row).await;
        let row = done.map_err(|error| EraseError::Unfinished(error.to_string()))?;
        Ok(Erased { row, backups })
    }

    /// All erasures that the ledger or the store has; each has all of them from now on, once they are carried out.
    pub async fn known_erasures(&self) -> Result<Vec<ErasureRow>, EraseError> {
        let mut rows = self.store.erasures().await?;
        if let Some(ledger) = &self.ledger {
            ledger.add(&rows)?;
            rows = ledger.read()?;
        }
        Ok(rows)
    }

    /// Carries out what the ledger says and the store does not know yet: after a restore, or an interruption.
    /// Returns how many.
    pub async fn erase_again(&self, rows: Vec<ErasureRow>) -> Kept<usize> {
        let mut done = 0;
        for row in rows {
            let known = self.store.row(row.document).await?.is_some_and(|stored| stored.erased.is_some());
            if !known {
                self.carry_out(row).await?;
                done += 1;
            }
        }
        Ok(done)
    }

    async fn carry_out(&self, mut row: ErasureRow) -> Kept<ErasureRow> {
        let (document, district) = (row.document, row.district.clone());
        let _guard = self.cache.lock(document).await;
        for _ in 0..limits::CAS_ATTEMPTS {
            let stored = self.store.load(document).await?;
            let commits = self.commits(&mut row, stored).await?;
            drop(self.cache.take(document));
            if !self.store.erase(row.clone(), commits).await? {
                continue;
            }
            self.moved.send_modify(|n| *n += 1);
            let wanted = Aside::Setting { key: SCOUR.into(), value: "yes".into() };
            self.store.write(vec![wanted]).await?;
            if self.blobs.is_some() {
                let forgotten = self.forget_files(&district, document).await;
                forgotten.map_err(|error| StoreError::Failed(error.to_string()))?;
            }
            tracing::warn!(%document, successor = %row.successor, changes = row.changes.len(), "erased");
            return Ok(row);
        }
        Err(StoreError::Failed("another writer was always first; try again".into()))
    }

    /// The stub, and the successor where there is something to go on with.
    async fn commits(&self, row: &mut ErasureRow, stored: Option<Stored>) -> Kept<Vec<Commit>> {
        let Some(stored) = stored else {
            // Younger than the backup: what devices give back of it must find the stub.
            return Ok(vec![Commit {
                row: stub(row),
                expect: Expect::New,
                by: None,
                rows: Vec::new(),
                gist: None,
                staff: None,
            }]);
        };
        let expect = Expect::At(stored.row.version);
        row.changes.extend(stored.changes.iter().map(|change| change.hash));
        row.changes.sort_unstable();
        row.changes.dedup();
        // A compartment stays closed to whatever names the document.
        let audience = stored.row.audience.clone().filter(|audience| audience.compartment.is_some());
        let left = CaseRow { audience, ..stub(row) };
        let mut commits =
            vec![Commit { row: left, expect, by: None, rows: Vec::new(), gist: None, staff: None }];
        if self.store.row(row.successor).await?.is_some() {
            return Ok(commits);
        }
        let pack = standing_in(&self.packs(), &stored, self.now())?;
        // A name goes; from whom it hid the case stays, as a number.
        let people = self.store.people(&stored.row.district).await?;
        let hidden =
            people.iter().filter(|who| concerns(who, &stored.row, &pack)).map(|who| who.worker).collect();
        match Case::restore(stored, &pack) {
            Ok(old) => commits.extend(successor::make(self, &old, row, (&pack, hidden))),
            // What does not read cannot go on, and must go all the same.
            Err(error) => tracing::error!(document = %row.document, %error, "erased without a successor"),
        }
        Ok(commits)
    }

    /// Whether free pages and logs were to be scoured; they are now.
    pub async fn scour(&self) -> Kept<bool> {
        if self.store.setting(SCOUR).await?.is_none_or(|text| text != "yes") {
            return Ok(false);
        }
        if !self.store.scour().await? {
            return Err(StoreError::Failed("a reader keeps the log; it is emptied later".into()));
        }
        self.store.write(vec![Aside::Setting { key: SCOUR.into(), value: "no".into() }]).await?;
        // The setting itself is in the log by now; what was erased is not.
        Ok(true)
    }

    /// Forgets cases in memory that another process has erased. `seen` is the number of erasures known before.
    pub async fn forget_erased(&self, seen: &mut usize) -> Kept<()> {
        let count = self.store.erasure_count().await?;
        if count != *seen {
            for row in self.store.erasures().await? {
                let _guard = self.cache.lock(row.document).await;
                drop(self.cache.take(row.document));
            }
            *seen = count;
            self.moved.send_modify(|n| *n += 1);
        }
        Ok(())
    }

    /// Refuses changes of a document that was erased, to whoever once held it. Their bytes are kept nowhere.
    pub(super) async fn refuse_erased(
        &self,
        session: &Session,
        document: DocumentId,
        chunks: &[Vec<u8>],
    ) -> Kept<Ingested> {
        let hashes: Vec<Hash> = chunks.iter().map(|chunk| Hash(gate::change_hash(chunk))).collect();
        let device = session.device;
        let answered = hashes.iter().map(|hash| Aside::Answered { device, document, hash: *hash });
        self.store.write(answered.collect()).await?;
        let message = "this document was erased on request; what has not been delivered is not taken, and what is here goes";
        let rejected =
            hashes.into_iter().map(|hash| Rejected { hash, code: ERASED.into(), message: message.into() });
        Ok(Ingested { rejected: rejected.collect(), ..Ingested::default() })
    }
}
