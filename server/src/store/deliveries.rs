//! What is told to addresses outside: the journal by which nothing is told twice, and the trait through which.
//!
//! A row is written before anything is sent, and says what became of it. Never what was said.

use std::future::Future;

use doorstep_policy::Decision;
use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;
use serde::Deserialize;

use super::group::GroupCommit;
use super::{Kept, Store};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// To be sent when it is due.
    Waiting,
    /// It was about to be sent, and nobody has written down yet what came of it.
    Trying,
    /// The other side has it.
    Delivered,
    /// Given up.
    Failed,
    /// It may have arrived or not, and is not sent again by itself: the server ended while it was sent to somebody who
    /// cannot tell a second one, or the store was restored from a backup that may not know of it.
    Unknown,
}

impl Standing {
    /// Every one.
    pub const ALL: [Standing; 5] =
        [Standing::Waiting, Standing::Trying, Standing::Delivered, Standing::Failed, Standing::Unknown];

    /// As in stores and string files.
    pub const fn name(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Trying => "trying",
            Standing::Delivered => "delivered",
            Standing::Failed => "failed",
            Standing::Unknown => "unknown",
        }
    }

    /// The standing of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == name)
    }

    /// Something is still to be done about it.
    pub const fn is_open(self) -> bool {
        matches!(self, Standing::Waiting | Standing::Trying)
    }
}

/// One decision told to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Set by the store.
    pub id: i64,
    /// The address, by the name that the configuration gives it.
    pub hook: String,
    /// Division code.
    pub district: String,
    /// The case.
    pub document: DocumentId,
    /// The decision's number. One delivery for each address, case and number.
    pub n: u32,
    /// What happened: the directive's code.
    pub event: String,
    /// When it was decided.
    pub at: Millis,
    /// Where it stands.
    pub standing: Standing,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next.
    pub due: Millis,
    /// The last answer: a status, or what failed.
    pub said: String,
}

/// Which deliveries are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shown {
    /// All of them.
    #[default]
    All,
    /// Those about which something is still to be done.
    Open,
    /// Those that did not arrive, or may not have.
    Undelivered,
}

impl Shown {
    /// Every list.
    pub const ALL: [Shown; 3] = [Shown::All, Shown::Open, Shown::Undelivered];

    /// As in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Shown::All => "all",
            Shown::Open => "open",
            Shown::Undelivered => "undelivered",
        }
    }

    /// Whether one that stands so is listed.
    pub const fn holds(self, standing: Standing) -> bool {
        match self {
            Shown::All => true,
            Shown::Open => standing.is_open(),
            Shown::Undelivered => matches!(standing, Standing::Failed | Standing::Unknown),
        }
    }
}

/// Keeps deliveries. Each call is one durable write or one read.
pub trait Deliveries: Send + Sync + 'static {
    /// What was decided on these documents in the feed's rows after `after`, up to `until`, in the order of document and
    /// number.
    fn decided(
        &self,
        documents: Vec<DocumentId>,
        after: u64,
        until: u64,
    ) -> impl Future<Output = Kept<Vec<(DocumentId, Decision)>>> + Send;

    /// Adds those that are not there, and puts a setting in the same transaction: how far the feed was read.
    fn add_deliveries(
        &self,
        rows: Vec<DeliveryRow>,
        read: (String, String),
    ) -> impl Future<Output = Kept<()>> + Send;

    /// Where a delivery stands from now on, by its id: standing, tries, due and what was said. Only if it stood at `was`
    /// until now; false, and nothing changed, where it did not, or is gone.
    fn put_delivery(&self, row: DeliveryRow, was: Standing) -> impl Future<Output = Kept<bool>> + Send;

    /// Open ones of an address, or of all, that are due, the longest due first.
    fn open_deliveries(
        &self,
        hook: Option<&str>,
        now: Millis,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<DeliveryRow>>> + Send;

    /// One of them.
    fn delivery(&self, id: i64) -> impl Future<Output = Kept<Option<DeliveryRow>>> + Send;

    /// Those of a district, the newest first.
    fn deliveries(
        &self,
        of: (&str, Shown),
        before: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<DeliveryRow>>> + Send;

    /// How many of a district are open, and how many did not arrive or may not have.
    fn delivery_counts(&self, district: &str) -> impl Future<Output = Kept<(u64, u64)>> + Send;

    /// Forgets some that were decided before and have arrived, the oldest first. How many these were.
    fn forget_delivered(&self, before: Millis, limit: usize) -> impl Future<Output = Kept<usize>> + Send;
}

impl<S: Store> Deliveries for GroupCommit<S> {
    async fn decided(
        &self,
        documents: Vec<DocumentId>,
        after: u64,
        until: u64,
    ) -> Kept<Vec<(DocumentId, Decision)>> {
        self.inner().decided(documents, after, until).await
    }

    async fn add_deliveries(&self, rows: Vec<DeliveryRow>, read: (String, String)) -> Kept<()> {
        self.inner().add_deliveries(rows, read).await
    }

    async fn put_delivery(&self, row: DeliveryRow, was: Standing) -> Kept<bool> {
        self.inner().put_delivery(row, was).await
    }

    async fn open_deliveries(&self, hook: Option<&str>, now: Millis, limit: usize) -> Kept<Vec<DeliveryRow>> {
        self.inner().open_deliveries(hook, now, limit).await
    }

    async fn delivery(&self, id: i64) -> Kept<Option<DeliveryRow>> {
        self.inner().delivery(id).await
    }

    async fn deliveries(
        &self,
        of: (&str, Shown),
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<DeliveryRow>> {
        self.inner().deliveries(of, before, limit).await
    }

    async fn delivery_counts(&self, district: &str) -> Kept<(u64, u64)> {
        self.inner().delivery_counts(district).await
    }

    async fn forget_delivered(&self, before: Millis, limit: usize) -> Kept<usize> {
        self.inner().forget_delivered(before, limit).await
    }
}
