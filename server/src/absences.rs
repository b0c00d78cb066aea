//! Leave with a span and a deputy: who may enter it, and in whose place somebody acts.
//!
//! A deputy acts with the unit and role of whoever is away, under their own number: what they do is theirs. Nobody stands
//! in for somebody who stands in.

use doorstep_policy::Pack;
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;

use crate::limits;
use crate::pipeline::{Centre, timestamp};
use crate::store::absences::AbsenceRow;
use crate::store::{Kept, Person, Store};

/// What somebody wants to enter.
#[derive(Clone, Copy, Debug)]
pub struct Leave {
    /// Who will be away.
    pub worker: WorkerId,
    /// First instant.
    pub from: Millis,
    /// First instant after it.
    pub until: Millis,
    /// Who stands in.
    pub deputy: WorkerId,
}

/// Why leave was not entered. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum No {
    /// Absent, or not theirs to enter: they look alike.
    #[error("there is nobody of that number whose leave you may enter")]
    Worker,
    /// The deputy is nobody of the district, or the same person.
    #[error("the deputy is somebody else who works in this district")]
    Deputy,
    /// The deputy is away then.
    #[error("the deputy is away for part of that time; name somebody else")]
    DeputyAway,
    /// The span is empty, over, or too long.
    #[error("leave ends after it begins, not in the past, and lasts at most a year")]
    Span,
}

/// Whether somebody may enter another's leave: their own, or as a leader or administrator of their unit or one above.
fn may(person: &Person, of: &Person, pack: &Pack) -> bool {
    let own = person.worker == of.worker;
    let above = pack.is_within(&of.unit, &person.unit) || person.unit == pack.desk();
    own || person.role == Role::Admin || (person.role == Role::Leader && above)
}

impl<S: Store> Centre<S> {
    /// Enters leave. Cases stay with their unit; whoever names the worker meanwhile is told of the deputy.
    pub async fn enter_leave(&self, person: &Person, leave: Leave) -> Kept<Result<AbsenceRow, No>> {
        let now = self.now();
        let packs = self.packs();
        let Some(pack) = packs.of(&person.district, now) else { return Ok(Err(No::Worker)) };
        let of = self.person(leave.worker).await?.filter(|of| of.district == person.district);
        let Some(of) = of.filter(|of| may(person, of, pack)) else { return Ok(Err(No::Worker)) };
        let deputy = self.person(leave.deputy).await?.filter(|deputy| deputy.district == person.district);
        if deputy.is_none_or(|deputy| deputy.worker == of.worker) {
            return Ok(Err(No::Deputy));
        }
        let long = leave.until.saturating_sub(leave.from) > limits::MAX_LEAVE_MS;
        if leave.until <= leave.from || leave.until <= now || long {
            return Ok(Err(No::Span));
        }
        let others = self.store().absences(&person.district, now).await?;
        let overlaps = |row: &AbsenceRow| row.from < leave.until && leave.from < row.until;
        if others.iter().any(|row| row.worker == leave.deputy && overlaps(row)) {
            return Ok(Err(No::DeputyAway));
        }
        let row = AbsenceRow {
            id: 0,
            district: person.district.clone(),
            worker: of.worker,
            from: leave.from,
            until: leave.until,
            deputy: leave.deputy,
            by: person.worker,
            at: now,
            ended: None,
        };
        let id = self.store().add_absence(row.clone()).await?;
        Ok(Ok(AbsenceRow { id, ..row }))
    }

    /// Ends leave before its time.
    pub async fn end_leave(&self, person: &Person, id: i64) -> Kept<bool> {
        let now = self.now();
        let packs = self.packs();
        let Some(pack) = packs.of(&person.district, now) else { return Ok(false) };
        let rows = self.store().absences(&person.district, now).await?;
        let Some(row) = rows.into_iter().find(|row| row.id == id) else { return Ok(false) };
        match self.store().person(row.worker).await? {
            Some(of) if may(person, &of, pack) => self.store().end_absence(id, now).await,
            _ => Ok(false),
        }
    }

    /// The absence of a worker now.
    pub async fn away(&self, district: &str, worker: WorkerId) -> Kept<Option<AbsenceRow>> {
        let now = self.now();
        let rows = self.store().absences(district, now).await?;
        Ok(rows.into_iter().find(|row| row.worker == worker && row.covers(now)))
    }

    /// Somebody with the unit and role of whoever they stand in for; `None` where they do not, or not now.
    pub async fn standing_in(&self, person: &Person, of: WorkerId) -> Kept<Option<Person>> {
        let Some(row) = self.away(&person.district, of).await? else { return Ok(None) };
        if row.deputy != person.worker {
            return Ok(None);
        }
        let of = self.person(of).await?.filter(|of| of.district == person.district);
        Ok(of.map(|of| Person { unit: of.unit, role: of.role, ..person.clone() }))
    }
}

/// A time as people read it in a refusal.
pub(crate) fn shown(at: Millis) -> String {
    timestamp(at).to_string()
}
