//! Group commit: commits that arrive together share one transaction, and so one wait for the disk.
//!
//! A caller's batch is never split, and batches keep their order: the second commit of a document in one
//! group meets the version that the first has made. A commit that was handed over is carried out even if
//! its caller goes away.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::{
    Aside, CaseRow, ChangeRow, CommandRow, Commit, CopyRow, DecisionRow, DeviceRow, EnrolmentRow, FeedRow,
    HeldRow, Kept, Outcome, Person, Place, QuarantineRow, Query, Store, StoreError, Stored, Waiting,
};

/// How long the first commit of a group waits for others at most.
const GATHER_FOR: Duration = Duration::from_millis(2);
/// At this many commits a group is full.
const GROUP_FULL: usize = 512;
/// Batches that may wait; further callers wait to hand theirs over.
const QUEUE: usize = 1024;

/// One caller's batch, and where its outcomes go.
struct Request {
    batch: Vec<Commit>,
    answer: oneshot::Sender<Kept<Vec<Outcome>>>,
}

/// A store whose commits are gathered; everything else goes straight to the store inside.
#[derive(Debug)]
pub struct GroupCommit<S> {
    inner: Arc<S>,
    requests: mpsc::Sender<Request>,
}

impl<S> Clone for GroupCommit<S> {
    fn clone(&self) -> Self {
        GroupCommit { inner: Arc::clone(&self.inner), requests: self.requests.clone() }
    }
}

impl<S: Store> GroupCommit<S> {
    /// Starts the one task that commits; it ends after the last clone is gone and the queue is empty.
    /// Must be called within a tokio runtime.
    pub fn new(inner: Arc<S>) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE);
        tokio::spawn(write_groups(Arc::clone(&inner), queue));
        GroupCommit { inner, requests }
    }

    /// The store inside.
    pub fn inner(&self) -> &Arc<S> {
        &self.inner
    }
}

async fn write_groups<S: Store>(inner: Arc<S>, mut queue: mpsc::Receiver<Request>) {
    let mut expected = 1;
    while let Some(first) = queue.recv().await {
        let group = gather(first, &mut queue, expected).await;
        let (mut all, mut callers) = (Vec::new(), Vec::with_capacity(group.len()));
        for Request { batch, answer } in group {
            callers.push((batch.len(), answer));
            all.extend(batch);
        }
        let result = inner.commit(all).await;
        // Those who are answered now may be back at once, and join those who wait already.
        expected = callers.len() + queue.len();
        answer_each(callers, &result);
    }
}

/// Takes what has arrived, and waits for more only while fewer callers are here than `expected`: a lone
/// caller never waits, and many are not split into halves that take turns at the disk.
async fn gather(first: Request, queue: &mut mpsc::Receiver<Request>, expected: usize) -> Vec<Request> {
    let until = Instant::now() + GATHER_FOR;
    let mut commits = first.batch.len();
    let mut group = vec![first];
    while commits < GROUP_FULL {
        let next = match queue.try_recv() {
            Ok(next) => next,
            Err(_) if group.len() >= expected => break,
            Err(_) => match timeout_at(until, queue.recv()).await {
                Ok(Some(next)) => next,
                Ok(None) | Err(_) => break,
            },
        };
        commits += next.batch.len();
        group.push(next);
    }
    group
}

/// Gives each caller the outcomes of its own batch, or the error.
fn answer_each(callers: Vec<(usize, oneshot::Sender<Kept<Vec<Outcome>>>)>, result: &Kept<Vec<Outcome>>) {
    let mut outcomes = result.as_ref().map_or(&[][..], Vec::as_slice);
    for (length, answer) in callers {
        let answered = match result {
            Ok(_) => {
                let (mine, others) = outcomes.split_at(length);
                outcomes = others;
                Ok(mine.to_vec())
            }
            Err(error) => Err(same(error)),
        };
        // A caller that has gone away needs no answer.
        drop(answer.send(answered));
    }
}

/// The error again, for each caller of the group.
fn same(error: &StoreError) -> StoreError {
    match error {
        StoreError::Failed(text) => StoreError::Failed(text.clone()),
        StoreError::Corrupt(text) => StoreError::Corrupt(text.clone()),
        StoreError::Superseded => StoreError::Superseded,
    }
}

impl<S: Store> Store for GroupCommit<S> {
    async fn commit(&self, batch: Vec<Commit>) -> Kept<Vec<Outcome>> {
        let stopped = || StoreError::Failed("the task that commits has stopped".into());
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request { batch, answer }).await.map_err(|_| stopped())?;
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }

    async fn write(&self, asides: Vec<Aside>) -> Kept<()> {
        self.inner.write(asides).await
    }

    async fn load(&self, document: DocumentId) -> Kept<Option<Stored>> {
        self.inner.load(document).await
    }

    async fn row(&self, document: DocumentId) -> Kept<Option<CaseRow>> {
        self.inner.row(document).await
    }

    async fn rows_of(&self, documents: Vec<DocumentId>) -> Kept<BTreeMap<DocumentId, CaseRow>> {
        self.inner.rows_of(documents).await
    }

    async fn rows(&self, query: Query) -> Kept<Vec<CaseRow>> {
        self.inner.rows(query).await
    }

    async fn first(&self, district: &str, after: Option<Place>, limit: usize) -> Kept<Vec<CaseRow>> {
        self.inner.first(district, after, limit).await
    }

    async fn waiting_on(&self, documents: Vec<DocumentId>) -> Kept<Waiting> {
        self.inner.waiting_on(documents).await
    }

    async fn since(&self, document: DocumentId, seq: u64) -> Kept<(Vec<ChangeRow>, Vec<DecisionRow>)> {
        self.inner.since(document, seq).await
    }

    async fn feed(&self, district: &str, seq: u64, limit: usize) -> Kept<Vec<FeedRow>> {
        self.inner.feed(district, seq, limit).await
    }

    async fn chain(&self, district: &str, seq: u64) -> Kept<Option<[u8; 8]>> {
        self.inner.chain(district, seq).await
    }

    async fn head(&self, district: &str) -> Kept<u64> {
        self.inner.head(district).await
    }

    async fn held(
        &self,
        device: DeviceId,
        documents: Vec<DocumentId>,
    ) -> Kept<BTreeMap<DocumentId, HeldRow>> {
        self.inner.held(device, documents).await
    }

    async fn due(&self, now: Millis, limit: usize) -> Kept<Vec<DocumentId>> {
        self.inner.due(now, limit).await
    }

    async fn next_due(&self) -> Kept<Option<Millis>> {
        self.inner.next_due().await
    }

    async fn command(&self, id: [u8; 16]) -> Kept<Option<CommandRow>> {
        self.inner.command(id).await
    }

    async fn waiting(&self, device: DeviceId) -> Kept<Waiting> {
        self.inner.waiting(device).await
    }

    async fn person(&self, worker: WorkerId) -> Kept<Option<Person>> {
        self.inner.person(worker).await
    }

    async fn persons(&self, workers: Vec<WorkerId>) -> Kept<Vec<Person>> {
        self.inner.persons(workers).await
    }

    async fn people(&self, district: &str) -> Kept<Vec<Person>> {
        self.inner.people(district).await
    }

    async fn devices(&self, district: &str) -> Kept<Vec<DeviceRow>> {
        self.inner.devices(district).await
    }

    async fn device(&self, device: DeviceId) -> Kept<Option<DeviceRow>> {
        self.inner.device(device).await
    }

    async fn knows(&self, document: DocumentId, hash: Hash) -> Kept<bool> {
        self.inner.knows(document, hash).await
    }

    async fn copy(&self, prefix: DeviceId) -> Kept<Option<CopyRow>> {
        self.inner.copy(prefix).await
    }

    async fn enrolment(&self, code: [u8; 32]) -> Kept<Option<EnrolmentRow>> {
        self.inner.enrolment(code).await
    }

    async fn enrol(&self, code: [u8; 32], device: DeviceRow) -> Kept<bool> {
        self.inner.enrol(code, device).await
    }

    async fn add_person(&self, person: Person) -> Kept<WorkerId> {
        self.inner.add_person(person).await
    }

    async fn quarantine(
        &self,
        district: &str,
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<QuarantineRow>> {
        self.inner.quarantine(district, before, limit).await
    }

    async fn quarantined(&self, document: DocumentId, hash: Hash) -> Kept<Option<QuarantineRow>> {
        self.inner.quarantined(document, hash).await
    }

    async fn documents(&self, after: Option<DocumentId>, limit: usize) -> Kept<Vec<DocumentId>> {
        self.inner.documents(after, limit).await
    }

    async fn setting(&self, key: &str) -> Kept<Option<String>> {
        self.inner.setting(key).await
    }
}
