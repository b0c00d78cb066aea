//! Acts of a district that belong to no document, such as a draw or an account, and the trait that keeps them. Append only; an act is numbered, and whoever takes a number that is taken is told so.

use std::future::Future;

use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;

use super::group::GroupCommit;
use super::{Kept, Store};

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActRow {
    /// Division code.
    pub district: String,
    /// Gapless within the district, from 1.
    pub n: u64,
    /// What kind of act.
    pub kind: String,
    /// What the acts of one matter have in common.
    pub topic: String,
    /// Who.
    pub worker: WorkerId,
    /// In the name of which unit.
    pub unit: String,
    /// When.
    pub at: Millis,
    /// The act, in JSON.
    pub body: String,
}

/// Which acts are read, newest first.
#[derive(Clone, Debug, Default)]
pub struct ActQuery {
    /// Division code.
    pub district: String,
    /// Of this kind.
    pub kind: String,
    /// Of this topic.
    pub topic: Option<String>,
    /// Acts before this number.
    pub before: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// Keeps acts.
pub trait Acts: Send + Sync + 'static {
    /// Records an act under its number, in one durable write. False if the number is not the next one.
    fn record(&self, row: ActRow) -> impl Future<Output = Kept<bool>> + Send;

    /// The last act's number; 0 before the first.
    fn last_act(&self, district: &str) -> impl Future<Output = Kept<u64>> + Send;

    /// Acts, newest first.
    fn acts(&self, query: ActQuery) -> impl Future<Output = Kept<Vec<ActRow>>> + Send;
}

impl<S: Store> Acts for GroupCommit<S> {
    async fn record(&self, row: ActRow) -> Kept<bool> {
        self.inner().record(row).await
    }

    async fn last_act(&self, district: &str) -> Kept<u64> {
        self.inner().last_act(district).await
    }

    async fn acts(&self, query: ActQuery) -> Kept<Vec<ActRow>> {
        self.inner().acts(query).await
    }
}
