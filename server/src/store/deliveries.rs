//! What is told to addresses outside: the journal that makes each telling happen once, and the trait through which.
//!
//! A row is written before anything is sent, and says what became of it. Never what was said.

use std::future::Future;

use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;

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
    /// It may have arrived or not: the server ended while it was sent, to somebody who cannot tell a second one.
    Unknown,
}

impl Standing {
    const ALL: [Standing; 5] =
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

/// Keeps deliveries. Each call is one durable write or one read.
pub trait Deliveries: Send + Sync + 'static {
    /// Adds those that are not there, and puts a setting in the same transaction: how far the feed was read.
    fn add_deliveries(
        &self,
        rows: Vec<DeliveryRow>,
        read: (String, String),
    ) -> impl Future<Output = Kept<()>> + Send;

    /// Where a delivery stands from now on, by its id: standing, tries, due and what was said.
    fn put_delivery(&self, row: DeliveryRow) -> impl Future<Output = Kept<()>> + Send;

    /// Open ones that are due, the longest due first.
    fn open_deliveries(
        &self,
        now: Millis,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<DeliveryRow>>> + Send;

    /// Those of a district, the newest first.
    fn deliveries(
        &self,
        district: &str,
        before: Option<i64>,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<DeliveryRow>>> + Send;
}

impl<S: Store> Deliveries for GroupCommit<S> {
    async fn add_deliveries(&self, rows: Vec<DeliveryRow>, read: (String, String)) -> Kept<()> {
        self.inner().add_deliveries(rows, read).await
    }

    async fn put_delivery(&self, row: DeliveryRow) -> Kept<()> {
        self.inner().put_delivery(row).await
    }

    async fn open_deliveries(&self, now: Millis, limit: usize) -> Kept<Vec<DeliveryRow>> {
        self.inner().open_deliveries(now, limit).await
    }

    async fn deliveries(&self, district: &str, before: Option<i64>, limit: usize) -> Kept<Vec<DeliveryRow>> {
        self.inner().deliveries(district, before, limit).await
    }
}
