//! What supervision reads of many cases at once: counts, ledgers, populations, tallies, signals; and the trait through
//! which. Every answer comes from columns and indexes; no document is opened.
//!
//! Who may see a count is the caller's to say, in [`Scope`]; compartments are in none of them, save where a population
//! is asked for by its compartment.

use std::collections::BTreeMap;
use std::future::Future;

use doorstep_policy::supervision::Tally;
use doorstep_policy::{RepeatField, Resolved};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};

use super::group::GroupCommit;
use super::{CaseRow, Kept, Store};

/// Which open cases somebody may count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Division code.
    pub district: String,
    /// Only those that these units have; all where it is left out.
    pub units: Option<Vec<String>>,
    /// Not those in which any of these is concerned.
    pub except: Vec<String>,
    /// What is overdue is due before this.
    pub now: Millis,
    /// What is nearly due is due before this.
    pub near: Millis,
}

/// Why a case is on the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stuck {
    /// Past its due time.
    Overdue,
    /// Nearly due.
    Near,
    /// A person must decide first: a conflict, or new facts.
    Review,
    /// A device has not come in yet.
    Devices,
}

impl Stuck {
    /// In the order of the board.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Near, Self::Review, Self::Devices];

    /// The code as in addresses and in string files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Near => "near",
            Self::Review => "review",
            Self::Devices => "devices",
        }
    }

    /// The reason of this code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stuck| stuck.code() == code)
    }
}

/// Open cases of one unit and category.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardRow {
    /// Who has them.
    pub unit: String,
    /// What they are about; `None` where unset or disputed.
    pub category: Option<String>,
    /// All of them.
    pub open: u64,
    /// By [`Stuck`], in its order.
    pub stuck: [u64; 4],
    /// Urged at least once.
    pub urged: u64,
    /// By [`Stuck`], in its order: when the longest due of these is due; of those in review, since when the values of the
    /// oldest differ.
    pub oldest: [Option<Millis>; 4],
}

/// Which cases a ledger lists, the longest due first.
#[derive(Clone, Debug)]
pub struct LedgerQuery {
    /// Which may be seen.
    pub scope: Scope,
    /// Only those stuck for this reason.
    pub stuck: Option<Stuck>,
    /// Only of this unit.
    pub unit: Option<String>,
    /// Only of this category; of none, where `None` is asked for.
    pub category: Option<Option<String>>,
    /// Only those urged before.
    pub urged: bool,
    /// After the one that is due then.
    pub after: Option<(Millis, DocumentId)>,
    /// At most so many.
    pub limit: usize,
}

/// An earlier case and a later one about the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repeat {
    /// Closed first.
    pub closed: DocumentId,
    /// Registered later.
    pub again: DocumentId,
}

/// Which repeats are looked for.
#[derive(Clone, Debug)]
pub struct RepeatQuery {
    /// Division code.
    pub district: String,
    /// In which fields both are the same.
    pub by: Vec<RepeatField>,
    /// The later one was registered at this time or after.
    pub since: Millis,
    /// And so soon after the earlier one was closed.
    pub within: Millis,
    /// At most so many.
    pub limit: usize,
}

/// Open cases of one place and category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The place.
    pub place: String,
    /// The category.
    pub category: String,
    /// The cases, the earliest first.
    pub cases: Vec<DocumentId>,
}

/// Claims of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The unit.
    pub unit: String,
    /// On the day.
    pub day: u64,
    /// In the week.
    pub week: u64,
}

/// Registered, or closed, or claimed from `from` on and before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First instant.
    pub from: Millis,
    /// First instant after it.
    pub to: Millis,
}

/// Reads many cases at once.
pub trait Oversight: Send + Sync + 'static {
    /// Open cases by unit and category, in that order.
    fn board(&self, scope: Scope) -> impl Future<Output = Kept<Vec<BoardRow>>> + Send;

    /// Open cases for a ledger.
    fn ledger(&self, query: LedgerQuery) -> impl Future<Output = Kept<Vec<CaseRow>>> + Send;

    /// Cases that stood closed at the end of a period, and were closed in it, in order: those of a compartment, or those in
    /// none. Neither those withdrawn nor those not accepted: nobody says of these that they are resolved. What is decided
    /// afterwards changes nothing of it, but that what has come into a compartment since is not told.
    fn closed_in(
        &self,
        district: &str,
        period: Period,
        compartment: Option<&str>,
    ) -> impl Future<Output = Kept<Vec<DocumentId>>> + Send;

    /// Tallies of the cases registered in a period, by the unit that they count for, as things stand.
    fn tallies(
        &self,
        district: &str,
        period: Period,
        by: (Resolved, Millis),
    ) -> impl Future<Output = Kept<BTreeMap<String, Tally>>> + Send;

    /// Repeats, the latest first.
    fn repeats(&self, query: RepeatQuery) -> impl Future<Output = Kept<Vec<Repeat>>> + Send;

    /// Pictures that arrived since then and stand under more than one case, each with these cases.
    fn reused(
        &self,
        district: &str,
        since: Millis,
        limit: usize,
    ) -> impl Future<Output = Kept<Vec<(Hash, Vec<DocumentId>)>>> + Send;

    /// Standing claims of open cases by unit: of a day, and of the week around it.
    fn claims(
        &self,
        district: &str,
        week: Period,
        day: Period,
    ) -> impl Future<Output = Kept<Vec<Claims>>> + Send;

    /// Open cases in no group that were registered since then and are of one place and category, from `least` on.
    fn clusters(
        &self,
        district: &str,
        since: Millis,
        least: u64,
    ) -> impl Future<Output = Kept<Vec<Cluster>>> + Send;

    /// Open cases that count for these units with a standing claim of a period, the latest claim first.
    fn claimed_by(
        &self,
        district: &str,
        units: &[String],
        period: Period,
    ) -> impl Future<Output = Kept<Vec<DocumentId>>> + Send;
}

impl<S: Store> Oversight for GroupCommit<S> {
    async fn board(&self, scope: Scope) -> Kept<Vec<BoardRow>> {
        self.inner().board(scope).await
    }

    async fn ledger(&self, query: LedgerQuery) -> Kept<Vec<CaseRow>> {
        self.inner().ledger(query).await
    }

    async fn closed_in(
        &self,
        district: &str,
        period: Period,
        compartment: Option<&str>,
    ) -> Kept<Vec<DocumentId>> {
        self.inner().closed_in(district, period, compartment).await
    }

    async fn tallies(
        &self,
        district: &str,
        period: Period,
        by: (Resolved, Millis),
    ) -> Kept<BTreeMap<String, Tally>> {
        self.inner().tallies(district, period, by).await
    }

    async fn repeats(&self, query: RepeatQuery) -> Kept<Vec<Repeat>> {
        self.inner().repeats(query).await
    }

    async fn reused(
        &self,
        district: &str,
        since: Millis,
        limit: usize,
    ) -> Kept<Vec<(Hash, Vec<DocumentId>)>> {
        self.inner().reused(district, since, limit).await
    }

    async fn claims(&self, district: &str, week: Period, day: Period) -> Kept<Vec<Claims>> {
        self.inner().claims(district, week, day).await
    }

    async fn clusters(&self, district: &str, since: Millis, least: u64) -> Kept<Vec<Cluster>> {
        self.inner().clusters(district, since, least).await
    }

    async fn claimed_by(&self, district: &str, units: &[String], period: Period) -> Kept<Vec<DocumentId>> {
        self.inner().claimed_by(district, units, period).await
    }
}
