//! The work around the cases: who looks after a conflict, what was done at the desk, refused changes that somebody
//! has looked at, devices that leave, answers to repeated requests. Rows and the trait through which they are kept.
//!
//! Nothing here belongs to a document's version: losing a race here loses no edit and no decision.

use std::future::Future;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use serde::{Deserialize, Serialize};

use super::group::GroupCommit;
use super::{Kept, Person, Store};

/// Who looks after an open conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewRow {
    /// The document.
    pub document: DocumentId,
    /// The field's name.
    pub field: String,
    /// What a write must have seen; 0: not stored yet.
    #[serde(skip)]
    pub version: u64,
    /// Since when the document has been in conflict: a row about an earlier conflict says nothing of this one.
    pub since: Millis,
    /// Whose it is.
    pub owner: Option<WorkerId>,
    /// Who gave it to them, and when.
    pub given: Option<(WorkerId, Millis)>,
    /// Who opened it last, and when. It keeps nobody out.
    pub opened: Option<(WorkerId, Millis)>,
    /// The worker who was asked back.
    pub asked: Option<AskedRow>,
}

/// A question to a worker about a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedRow {
    /// Who is asked.
    pub worker: WorkerId,
    /// Who asks.
    pub by: WorkerId,
    /// When.
    pub at: Millis,
    /// The change that holds the question.
    pub hash: Hash,
}

impl ReviewRow {
    /// Nobody's yet.
    pub fn new(document: DocumentId, field: &str, since: Millis) -> Self {
        ReviewRow {
            document,
            field: field.to_owned(),
            version: 0,
            since,
            owner: None,
            given: None,
            opened: None,
            asked: None,
        }
    }
}

/// Something that was done at the desk. No contents of cases, no names of citizens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Set by the store; rises by one.
    pub id: i64,
    /// Division code.
    pub district: String,
    /// When.
    pub at: Millis,
    /// Who did it.
    pub worker: WorkerId,
    /// A stable name: `review.assign`, `device.revoke`, ...
    pub act: String,
    /// The document that it is about: only for those who see it.
    pub document: Option<DocumentId>,
    /// An id or a code that it is about.
    pub about: String,
    /// In the person's words.
    pub reason: String,
}

/// What became of a refused change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredRow {
    /// Its number in the quarantine.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who looked at it.
    pub worker: WorkerId,
    /// Entered again as that person's edit, or dismissed.
    pub entered: bool,
    /// Why.
    pub reason: String,
}

/// A device that is to give up all that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeavingRow {
    /// The device.
    pub device: DeviceId,
    /// Since when.
    pub since: Millis,
    /// Who said so.
    pub worker: WorkerId,
    /// What it still sends is kept for a person to look at, and not taken in.
    pub holds_back: bool,
    /// Why.
    pub reason: String,
}

/// The answer to a request that may come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatedRow {
    /// Who asked.
    pub worker: WorkerId,
    /// Their key.
    pub key: String,
    /// Digest of method, address and body.
    pub request: [u8; 32],
    /// When.
    pub at: Millis,
    /// The answer's status.
    pub status: u16,
    /// Its media type.
    pub media: String,
    /// Its body.
    pub body: Vec<u8>,
}

/// Keeps the work around the cases. Each call is one durable write or one read.
pub trait Office: Send + Sync + 'static {
    /// Who looks after these documents' conflicts.
    fn reviews(&self, documents: Vec<DocumentId>) -> impl Future<Output = Kept<Vec<ReviewRow>>> + Send;

    /// Adds or replaces a review if it is as the writer saw it. False where somebody else was first.
    fn put_review(&self, row: ReviewRow) -> impl Future<Output = Kept<bool>> + Send;

    /// Writes down what somebody did.
    fn note(&self, row: JournalRow) -> impl Future<Output = Kept<()>> + Send;

    /// What was done in a district, newest first; `act`: only acts that begin so.
    fn journal(
        &self,
        district: &str,
        act: &str,
        before: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<JournalRow>>> + Send;

    /// What became of these refused changes.
    fn answered(&self, ids: Vec<i64>) -> impl Future<Output = Kept<Vec<AnsweredRow>>> + Send;

    /// Somebody has looked at a refused change. False where somebody else was first.
    fn answer(&self, row: AnsweredRow) -> impl Future<Output = Kept<bool>> + Send;

    /// A person as they are from now on. Their number and district stay, and the name that they had is kept.
    fn change_person(&self, person: Person) -> impl Future<Output = Kept<()>> + Send;

    /// What people of a district were called before, each name once.
    fn former_names(&self, district: &str) -> impl Future<Output = Kept<Vec<(WorkerId, String)>>> + Send;

    /// How often this process has changed who works here.
    fn staff_changes(&self) -> u64;

    /// Whether a device is leaving.
    fn leaving(&self, device: DeviceId) -> impl Future<Output = Kept<Option<LeavingRow>>> + Send;

    /// A device is to give up all that it holds. The first word stands, save that `holds_back` can be added.
    fn leave(&self, row: LeavingRow) -> impl Future<Output = Kept<()>> + Send;

    /// The answer to an earlier request with this key.
    fn repeated(&self, worker: WorkerId, key: &str)
    -> impl Future<Output = Kept<Option<RepeatedRow>>> + Send;

    /// Keeps an answer, once, and forgets those from before `until`.
    fn put_repeated(&self, row: RepeatedRow, until: Millis) -> impl Future<Output = Kept<()>> + Send;
}

impl<S: Store> Office for GroupCommit<S> {
    async fn reviews(&self, documents: Vec<DocumentId>) -> Kept<Vec<ReviewRow>> {
        self.inner().reviews(documents).await
    }

    async fn put_review(&self, row: ReviewRow) -> Kept<bool> {
        self.inner().put_review(row).await
    }

    async fn note(&self, row: JournalRow) -> Kept<()> {
        self.inner().note(row).await
    }

    async fn journal(
        &self,
        district: &str,
        act: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<JournalRow>> {
        self.inner().journal(district, act, before, limit).await
    }

    async fn answered(&self, ids: Vec<i64>) -> Kept<Vec<AnsweredRow>> {
        self.inner().answered(ids).await
    }

    async fn answer(&self, row: AnsweredRow) -> Kept<bool> {
        self.inner().answer(row).await
    }

    async fn change_person(&self, person: Person) -> Kept<()> {
        self.inner().change_person(person).await
    }

    async fn former_names(&self, district: &str) -> Kept<Vec<(WorkerId, String)>> {
        self.inner().former_names(district).await
    }

    fn staff_changes(&self) -> u64 {
        self.inner().staff_changes()
    }

    async fn leaving(&self, device: DeviceId) -> Kept<Option<LeavingRow>> {
        self.inner().leaving(device).await
    }

    async fn leave(&self, row: LeavingRow) -> Kept<()> {
        self.inner().leave(row).await
    }

    async fn repeated(&self, worker: WorkerId, key: &str) -> Kept<Option<RepeatedRow>> {
        self.inner().repeated(worker, key).await
    }

    async fn put_repeated(&self, row: RepeatedRow, until: Millis) -> Kept<()> {
        self.inner().put_repeated(row, until).await
    }
}
