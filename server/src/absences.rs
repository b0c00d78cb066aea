//! Leave with a span and a deputy: who may enter it, and in whose place somebody acts.
//!
//! A deputy acts with the unit and role of whoever is away, under their own number: what they do is theirs. Nobody stands
//! in for somebody who stands in.

use doorstep_policy::Pack;
use doorstep_protocol::documents::{Kind, Role};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, WorkerId};

use crate::authorize::{Wish, about, authorize, concerns};
use crate::finding::{Ask, Found, Mark, Order, Tag, Total};
use crate::limits;
use crate::pipeline::{Centre, timestamp};
use crate::store::absences::AbsenceRow;
use crate::store::{CaseRow, Kept, Person, Store, StoreError};

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
    /// The deputy is nobody of the district, the same person, or a worker where a desk is to be looked after.
    #[error(
        "the deputy is somebody else who works in this district, and at a desk where the work is at a desk"
    )]
    Deputy,
    /// Whoever enters it would stand in for somebody of another unit themselves.
    #[error(
        "nobody makes themselves the deputy of somebody in another unit; name somebody else, or let them name you"
    )]
    OwnDeputy,
    /// The deputy is away then.
    #[error("the deputy is away for part of that time; name somebody else")]
    DeputyAway,
    /// They are away then already.
    #[error("there is leave for part of that time already; end it first, or enter the rest")]
    Overlaps,
    /// The span is empty, over, or too long.
    #[error("leave ends after it begins, not in the past, and lasts at most a year")]
    Span,
}

/// Somebody's leave, as whoever stands in sees it.
#[derive(Clone, Debug)]
pub struct Cover {
    /// Who is away.
    pub of: Person,
    /// Until when.
    pub until: Millis,
    /// The deputy, with the unit and role of whoever is away.
    pub acting: Person,
}

/// Whether standing in for somebody of this unit reaches a case: into a compartment only from within it. Leave is entered by
/// the person or a leader alone, and whom a complaint reaches is not theirs to say.
fn reaches(deputy: &Person, unit: &str, row: &CaseRow) -> bool {
    let open = row.audience.as_ref().is_none_or(|audience| audience.compartment.is_none());
    open || deputy.unit == unit
}

/// Whether somebody can do what comes to another: what comes to the desk is of no use to whoever cannot open it.
pub(crate) fn could_stand_in(deputy: &Person, of: &Person) -> bool {
    !authorize(of, Wish::Desk, None) || authorize(deputy, Wish::Desk, None)
}

/// Whether somebody may enter another's leave: their own, or as a leader or administrator of their unit or one above.
pub(crate) fn may(person: &Person, of: &Person, pack: &Pack) -> bool {
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
        let works_here = |deputy: &Person| deputy.district == person.district && deputy.ended.is_none();
        let deputy = self.person(leave.deputy).await?.filter(works_here);
        if deputy.is_none_or(|deputy| deputy.worker == of.worker || !could_stand_in(&deputy, &of)) {
            return Ok(Err(No::Deputy));
        }
        if leave.deputy == person.worker && of.unit != person.unit {
            return Ok(Err(No::OwnDeputy));
        }
        let long = leave.until.saturating_sub(leave.from) > limits::MAX_LEAVE_MS;
        if leave.until <= leave.from || leave.until <= now || long {
            return Ok(Err(No::Span));
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
        for _ in 0..limits::CAS_ATTEMPTS {
            let others = self.store().absences(&person.district, now).await?;
            let away = |worker| others.iter().any(|other| other.worker == worker && row.overlaps(other));
            // One post has one deputy at a time.
            if away(of.worker) {
                return Ok(Err(No::Overlaps));
            }
            if away(leave.deputy) {
                return Ok(Err(No::DeputyAway));
            }
            // Somebody may have entered another since; then it is said which of the two it is.
            if let Some(id) = self.store().add_absence(row.clone()).await? {
                return Ok(Ok(AbsenceRow { id, ..row }));
            }
        }
        Err(StoreError::Failed("another writer was always first; try again".into()))
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

    /// For whom somebody stands in now.
    pub async fn covering(&self, person: &Person) -> Kept<Vec<Cover>> {
        let now = self.now();
        let mut covers = Vec::new();
        for row in self.store().absences(&person.district, now).await? {
            if row.deputy != person.worker || !row.covers(now) {
                continue;
            }
            let of = self.person(row.worker).await?.filter(|of| of.district == person.district);
            covers.extend(of.map(|of| Cover {
                acting: Person { unit: of.unit.clone(), role: of.role, ..person.clone() },
                until: row.until,
                of,
            }));
        }
        Ok(covers)
    }

    /// What was entrusted to whoever is away, what is due first before the rest, and how much of it there is. Nothing that
    /// is about the deputy.
    pub async fn covered(&self, person: &Person, cover: &Cover, limit: usize) -> Kept<(Found, Total)> {
        let pack = self.pack(&person.district)?;
        let theirs = Tag::of(&person.district, Mark::Worker, &cover.of.worker.to_string());
        // The unit and role are those of whoever is away: what is about the deputy is asked for to be left out.
        let ask = Ask {
            all: vec![vec![theirs]],
            none: about(person, &pack).into_iter().chain(about(&cover.of, &pack)).collect(),
            order: Order::Due,
            limit,
            ..Ask::default()
        };
        let mut total = self.count(&cover.acting, Kind::Case, ask.clone(), limits::COUNTED_MATCHES).await?;
        let mut found = self.find(&cover.acting, Kind::Case, ask, None).await?;
        let all = found.hits.len();
        let concerned = |row: &CaseRow| concerns(person, row, &pack) || concerns(&cover.of, row, &pack);
        let within = |row: &CaseRow| !concerned(row) && reaches(person, &cover.of.unit, row);
        found.hits.retain(|hit| within(&hit.row));
        total.counted -= (all - found.hits.len()).min(total.counted);
        Ok((found, total))
    }

    /// Somebody in the place of whoever is away, for one document; `None` where they do not stand in, or it is about either
    /// of the two: whom a case is about sends nobody to it.
    pub async fn in_place_of(
        &self,
        person: &Person,
        (of, document): (WorkerId, DocumentId),
    ) -> Kept<Option<Person>> {
        let Some(acting) = self.standing_in(person, of).await? else { return Ok(None) };
        let Some(row) = self.store().row(document).await? else { return Ok(None) };
        let pack = self.pack(&person.district)?;
        let away = self.person(of).await?;
        let about = [Some(person), away.as_ref()].into_iter().flatten().any(|who| concerns(who, &row, &pack));
        Ok((!about && reaches(person, &acting.unit, &row)).then_some(acting))
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
