//! Who is away, from when until when, and who stands in: what is kept of it, and the trait through which.
//!
//! A row is never changed; it may be ended early, which is a time of its own.

use std::future::Future;

use doorstep_protocol::WorkerId;
use doorstep_protocol::ids::Millis;
use serde::{Deserialize, Serialize};

use super::group::GroupCommit;
use super::{Kept, Store};

/// One absence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AbsenceRow {
    /// Set by the store.
    pub id: i64,
    /// Division code.
    pub district: String,
    /// Who is away.
    pub worker: WorkerId,
    /// First instant.
    pub from: Millis,
    /// First instant after it.
    pub until: Millis,
    /// Who stands in.
    pub deputy: WorkerId,
    /// Who entered it.
    pub by: WorkerId,
    /// When.
    pub at: Millis,
    /// When it was ended before its time.
    pub ended: Option<Millis>,
}

impl AbsenceRow {
    /// Whether somebody is away for part of this absence, by another that lasts when this one is entered.
    pub fn overlaps(&self, other: &Self) -> bool {
        let lasts = other.ended.is_none_or(|ended| self.at < ended) && self.at < other.until;
        lasts && other.from < self.until && self.from < other.until
    }

    /// Whether it covers an instant.
    pub fn covers(&self, at: Millis) -> bool {
        self.from <= at && at < self.until.min(self.ended.unwrap_or(Millis::MAX))
    }
}

/// Keeps absences. Each call is one durable write or one read.
pub trait Absences: Send + Sync + 'static {
    /// Adds one and gives its number; `None`, and nothing is added, where who is away or who stands in is away already for
    /// part of that time. Looked at and written in one: of two at once that overlap one is added.
    fn add_absence(&self, row: AbsenceRow) -> impl Future<Output = Kept<Option<i64>>> + Send;

    /// Ends one before its time. False where there is none of that number that lasts.
    fn end_absence(&self, id: i64, at: Millis) -> impl Future<Output = Kept<bool>> + Send;

    /// Absences of a district that are not over at this time, by their beginnings; later ones too.
    fn absences(&self, district: &str, at: Millis) -> impl Future<Output = Kept<Vec<AbsenceRow>>> + Send;
}

impl<S: Store> Absences for GroupCommit<S> {
    async fn add_absence(&self, row: AbsenceRow) -> Kept<Option<i64>> {
        self.inner().add_absence(row).await
    }

    async fn end_absence(&self, id: i64, at: Millis) -> Kept<bool> {
        self.inner().end_absence(id, at).await
    }

    async fn absences(&self, district: &str, at: Millis) -> Kept<Vec<AbsenceRow>> {
        self.inner().absences(district, at).await
    }
}
