//! What is stuck, where and why; and the supervision ledger behind each number.

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;

use super::{Rights, SupervisionError, scope};
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::pipeline::Centre;
use crate::store::oversight::{BoardRow, LedgerQuery, Stuck};
use crate::store::{CaseRow, Person, Store};

/// Open cases by unit and category, as somebody may see them.
#[derive(Clone, Debug)]
pub struct Board {
    /// Unit and category with their counts.
    pub rows: Vec<BoardRow>,
    /// The whole district, or only what lies below the person's unit.
    pub whole: bool,
    /// As of when.
    pub at: Millis,
    /// The longest due of each reason, in the order of [`Stuck::ALL`].
    pub oldest: [Option<Millis>; 4],
}

/// Which part of the ledger is wanted.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Stuck for this reason.
    pub stuck: Option<Stuck>,
    /// Of this unit.
    pub unit: Option<String>,
    /// Of this category; of none, where `None` is asked for.
    pub category: Option<Option<String>>,
    /// Urged before.
    pub urged: bool,
    /// After this place.
    pub after: Option<(Millis, DocumentId)>,
}

impl<S: Store> Centre<S> {
    /// The board.
    pub async fn board(&self, person: &Person) -> Result<Board, SupervisionError> {
        if !authorize(person, Wish::Supervise, None) {
            return Err(SupervisionError::NotFound);
        }
        let (pack, now) = (self.pack(&person.district)?, self.now());
        let scope = scope(person, &pack, now);
        let rows = self.store().board(scope.clone()).await?;
        let mut oldest = [None; 4];
        for (n, oldest) in oldest.iter_mut().enumerate() {
            *oldest = rows.iter().filter_map(|row| row.oldest[n]).min();
        }
        Ok(Board { rows, whole: scope.units.is_none(), at: now, oldest })
    }

    /// Whether the ledger offers somebody to urge whoever has a case. Whether it is done, policy says.
    pub fn may_urge(&self, person: &Person, row: &CaseRow) -> Result<bool, SupervisionError> {
        let pack = self.pack(&person.district)?;
        let owner = row.unit.as_deref().unwrap_or_default();
        let head = matches!(person.role, Role::Leader | Role::Inspector) && owner != person.unit;
        let over = Rights::of(person, &pack).acts || pack.is_within(owner, &person.unit);
        Ok(head && over && pack.commands().any(|name| name == "urge"))
    }

    /// Whether somebody may open a case that the ledger names.
    pub fn may_look(&self, person: &Person, row: &CaseRow) -> Result<bool, SupervisionError> {
        Ok(authorize(person, Wish::Look, Some((row, &*self.pack(&person.district)?))))
    }

    /// The ledger, the longest due first, and the place after which it goes on.
    pub async fn ledger(
        &self,
        person: &Person,
        wanted: Ledger,
    ) -> Result<(Vec<CaseRow>, Option<(Millis, DocumentId)>), SupervisionError> {
        if !authorize(person, Wish::Supervise, None) {
            return Err(SupervisionError::NotFound);
        }
        let pack = self.pack(&person.district)?;
        let query = wanted.query(scope(person, &pack, self.now()), limits::LIST_ROWS + 1);
        let mut rows = self.store().ledger(query).await?;
        let more = rows.len() > limits::LIST_ROWS;
        rows.truncate(limits::LIST_ROWS);
        let place = |row: &CaseRow| (row.due.unwrap_or(Millis::MAX), row.document);
        let next = rows.last().map(place).filter(|_| more);
        Ok((rows, next))
    }
}

impl Ledger {
    fn query(self, scope: crate::store::oversight::Scope, limit: usize) -> LedgerQuery {
        let Ledger { stuck, unit, category, urged, after } = self;
        LedgerQuery { scope, stuck, unit, category, urged, after, limit }
    }
}
