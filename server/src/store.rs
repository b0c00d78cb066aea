//! What the server keeps, and the one trait through which it keeps it.
//!
//! Coarse on purpose: a commit is a batch of documents, each a compare-and-swap on its version.
//! Two stores stand behind it, memory (for the simulator) and SQLite, and one conformance suite.
//!
//! Architecture Invariant: SQL is nowhere but in `store/`. Every key leads with the district or with
//! a document that belongs to one; the feed's sequence is assigned inside the commit.

pub mod absences;
pub mod accounts;
pub mod acts;
pub mod arrivals;
mod chain;
#[cfg(test)]
mod conformance;
pub mod deliveries;
pub mod erasures;
pub mod finding;
pub mod group;
pub mod memory;
pub mod notes;
pub mod office;
pub mod oversight;
pub mod rounds;
pub mod rows;
pub mod snapshots;
pub mod sqlite;
pub mod standings;
mod walk;

use std::collections::BTreeMap;
use std::future::Future;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};

pub(crate) use chain::{content, roll};
pub use rows::{
    Aside, CaseRow, ChangeRow, CheckoutRow, CommandRow, Commit, CopyRow, DecisionRow, DeviceRow,
    EnrolmentRow, Expect, FeedRow, HeldRow, Outcome, Person, Place, QuarantineRow, Query, Round, RoundQuery,
    RoundRow, Row, Stored, Waiting,
};
pub use walk::Walk;

/// Why the store could not do it. Nothing of the batch was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk, the database, a full volume. Try again later; nothing was changed.
    #[error("the store failed: {0}")]
    Failed(String),
    /// What is stored does not read: somebody must look.
    #[error("the store holds something unreadable: {0}")]
    Corrupt(String),
    /// Another session of the same store has begun, or another epoch: this one can do nothing more.
    #[error("another session of this device has begun since, or the store was put back")]
    Superseded,
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Corrupt(error.to_string())
    }
}

/// Result of a store call.
pub type Kept<T> = Result<T, StoreError>;

/// All that the server keeps.
pub trait Store:
    absences::Absences
    + accounts::Accounts
    + acts::Acts
    + arrivals::Arrivals
    + deliveries::Deliveries
    + erasures::Erasures
    + finding::Finding
    + notes::Notes
    + office::Office
    + oversight::Oversight
    + rounds::Rounds
    + snapshots::Snapshots
    + standings::Standings
{
    /// Commits documents, each on its own compare-and-swap, all in one durable transaction. A loser
    /// leaves the batch and is told; the others are kept.
    fn commit(&self, batch: Vec<Commit>) -> impl Future<Output = Kept<Vec<Outcome>>> + Send;

    /// Writes what belongs to no document's version, in one durable transaction.
    fn write(&self, asides: Vec<Aside>) -> impl Future<Output = Kept<()>> + Send;

    /// All about one document.
    fn load(&self, document: DocumentId) -> impl Future<Output = Kept<Option<Stored>>> + Send;

    /// The materialised row of one document.
    fn row(&self, document: DocumentId) -> impl Future<Output = Kept<Option<CaseRow>>> + Send;

    /// The materialised rows of these documents, those that there are.
    fn rows_of(
        &self,
        documents: Vec<DocumentId>,
    ) -> impl Future<Output = Kept<BTreeMap<DocumentId, CaseRow>>> + Send;

    /// Rows for lists.
    fn rows(&self, query: Query) -> impl Future<Output = Kept<Vec<CaseRow>>> + Send;

    /// Rows of a district in the order of a first sync, from the one after `after` on.
    fn first(
        &self,
        district: &str,
        after: Option<Place>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<CaseRow>>> + Send;

    /// Announced changes and checkouts that have not ended, of these documents.
    fn waiting_on(&self, documents: Vec<DocumentId>) -> impl Future<Output = Kept<Waiting>> + Send;

    /// Changes and decisions of a document that the feed got after `seq`.
    fn since(
        &self,
        document: DocumentId,
        seq: u64,
    ) -> impl Future<Output = Kept<(Vec<ChangeRow>, Vec<DecisionRow>)>> + Send;

    /// Feed rows of a district after `seq`, at most `limit`.
    fn feed(&self, district: &str, seq: u64, limit: usize)
    -> impl Future<Output = Kept<Vec<FeedRow>>> + Send;

    /// The rolling hash of a district's feed at `seq`; `None` if there is no such row. 0 is the start.
    fn chain(&self, district: &str, seq: u64) -> impl Future<Output = Kept<Option<[u8; 8]>>> + Send;

    /// The last sequence of a district's feed.
    fn head(&self, district: &str) -> impl Future<Output = Kept<u64>> + Send;

    /// What a device holds, or once held, of these documents; of all where none is named.
    fn held(
        &self,
        device: DeviceId,
        documents: Vec<DocumentId>,
    ) -> impl Future<Output = Kept<BTreeMap<DocumentId, HeldRow>>> + Send;

    /// Documents that are to be looked at by this time.
    fn due(&self, now: Millis, limit: usize) -> impl Future<Output = Kept<Vec<DocumentId>>> + Send;

    /// When the next document is to be looked at.
    fn next_due(&self) -> impl Future<Output = Kept<Option<Millis>>> + Send;

    /// The answer to a command given before.
    fn command(&self, id: [u8; 16]) -> impl Future<Output = Kept<Option<CommandRow>>> + Send;

    /// Announced changes and checkouts of a device, ended ones included.
    fn waiting(&self, device: DeviceId) -> impl Future<Output = Kept<Waiting>> + Send;

    /// A person.
    fn person(&self, worker: WorkerId) -> impl Future<Output = Kept<Option<Person>>> + Send;

    /// These people, those whom there are, by number.
    fn persons(&self, workers: Vec<WorkerId>) -> impl Future<Output = Kept<Vec<Person>>> + Send;

    /// The people of a district.
    fn people(&self, district: &str) -> impl Future<Output = Kept<Vec<Person>>> + Send;

    /// A device.
    fn device(&self, device: DeviceId) -> impl Future<Output = Kept<Option<DeviceRow>>> + Send;

    /// The devices of a district.
    fn devices(&self, district: &str) -> impl Future<Output = Kept<Vec<DeviceRow>>> + Send;

    /// Whether a change is stored.
    fn knows(&self, document: DocumentId, hash: Hash) -> impl Future<Output = Kept<bool>> + Send;

    /// A copy of a device's store, by its actor prefix.
    fn copy(&self, prefix: DeviceId) -> impl Future<Output = Kept<Option<CopyRow>>> + Send;

    /// An enrolment by the hash of its code.
    fn enrolment(&self, code: [u8; 32]) -> impl Future<Output = Kept<Option<EnrolmentRow>>> + Send;

    /// Uses an enrolment: adds the device, once. False if it was used before.
    fn enrol(&self, code: [u8; 32], device: DeviceRow) -> impl Future<Output = Kept<bool>> + Send;

    /// Adds a person and gives the number: the next one, and not below `person.worker`. Where somebody of that name, unit
    /// and role works there already, it is theirs: two who add them at once add one.
    fn add_person(&self, person: Person) -> impl Future<Output = Kept<WorkerId>> + Send;

    /// What was refused, newest first.
    fn quarantine(
        &self,
        district: &str,
        before: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<QuarantineRow>>> + Send;

    /// Whether this change of this document is in quarantine.
    fn quarantined(
        &self,
        document: DocumentId,
        hash: Hash,
    ) -> impl Future<Output = Kept<Option<QuarantineRow>>> + Send;

    /// All documents, in order, for `verify` and `replay`.
    fn documents(
        &self,
        after: Option<DocumentId>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<DocumentId>>> + Send;

    /// A setting.
    fn setting(&self, key: &str) -> impl Future<Output = Kept<Option<String>>> + Send;
}
