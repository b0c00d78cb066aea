//! One's own leave, on the page of one's account: from which day to which, who stands in, and ending it early.
//!
//! Days are Beijing's: leave begins at the first one's midnight and ends at the last one's. Others' leave has a page of its
//! own (`leave_of_others.rs`).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::ids::Millis;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;

use super::words::{When, Words};
use super::{Visitor, account, leave_of_others, theirs};
use crate::absences::{Leave, No, could_stand_in};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::Form;
use crate::pipeline::named_worker;
use crate::store::absences::AbsenceRow;
use crate::store::{Person, Store};

/// The part of the page about leave.
pub(super) struct Leaves {
    pub(super) rows: Vec<Away>,
    /// Who could stand in: number, name, chosen.
    pub(super) deputies: Vec<(String, String, bool)>,
    /// What was typed and refused.
    pub(super) typed: Given,
    /// They enter leave for others, too.
    pub(super) for_others: bool,
}

/// Leave that is entered.
pub(super) struct Away {
    pub(super) id: i64,
    pub(super) from: When,
    pub(super) until: When,
    pub(super) deputy: String,
    pub(super) now: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Given {
    pub(super) key: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) deputy: String,
    pub(super) id: i64,
}

impl Leaves {
    pub(super) async fn of<S: Store>(
        app: &App<S>,
        person: &Person,
        (w, typed): (&Words<'_>, Given),
    ) -> Result<Self, Problem> {
        let store = app.centre.store();
        let people = store.people(&person.district).await?;
        let rows = store.absences(&person.district, w.now).await?;
        let mine = rows.iter().filter(|row| row.worker == person.worker && lasting(row, w.now));
        let mine = mine.map(|row| Away::of(row, &people, w));
        let near = people.iter().filter(|other| {
            other.worker != person.worker
                && other.unit == person.unit
                && other.ended.is_none()
                && could_stand_in(other, person)
        });
        let deputy = |other: &Person| {
            let worker = other.worker.to_string();
            let chosen = worker == typed.deputy;
            (worker, other.name.clone(), chosen)
        };
        let deputies = near.map(deputy).collect();
        Ok(Leaves { rows: mine.collect(), deputies, typed, for_others: leave_of_others::enters(person) })
    }
}

impl Away {
    pub(super) fn of(row: &AbsenceRow, people: &[Person], w: &Words<'_>) -> Self {
        Away {
            id: row.id,
            from: w.when(row.from),
            until: w.when(row.until),
            deputy: named_worker(people, row.deputy),
            now: row.covers(w.now),
        }
    }
}

/// Whether leave is not over yet, nor was ended.
pub(super) fn lasting(row: &AbsenceRow, now: Millis) -> bool {
    row.until.min(row.ended.unwrap_or(Millis::MAX)) > now
}

/// The midnight at which a day begins in Beijing.
pub(super) fn midnight(day: Date) -> Option<Millis> {
    let zoned = day.to_zoned(TimeZone::fixed(Offset::constant(8))).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

pub(super) fn span(from: &str, until: &str) -> Option<(Millis, Millis)> {
    let (from, until): (Date, Date) = (from.parse().ok()?, until.parse().ok()?);
    Some((midnight(from)?, midnight(until.checked_add(1.day()).ok()?)?))
}

fn back(said: &str) -> Response {
    Redirect::to(&format!("/account?done={said}#leave")).into_response()
}

pub(super) async fn enter<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &given.key)?;
    let Some((from, until)) = span(&given.from, &given.until) else {
        return account::refused(&app, &visitor, ("leave-span", given)).await;
    };
    let Ok(deputy) = given.deputy.parse() else {
        return account::refused(&app, &visitor, ("leave-deputy", given)).await;
    };
    let person = &visitor.signed.person;
    let leave = Leave { worker: person.worker, from, until, deputy };
    let error = match app.centre.enter_leave(person, leave).await? {
        Ok(_) => return Ok(back("leave-entered")),
        Err(No::DeputyAway) => "leave-deputy-away",
        Err(No::Worker | No::Deputy | No::OwnDeputy) => "leave-deputy",
        Err(No::Overlaps) => "leave-overlaps",
        Err(No::Span) => "leave-span",
    };
    account::refused(&app, &visitor, (error, given)).await
}

pub(super) async fn end<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &given.key)?;
    if app.centre.end_leave(&visitor.signed.person, given.id).await? {
        Ok(back("leave-ended"))
    } else {
        Err(Problem::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn leave_lasts_from_midnight_to_midnight_in_beijing() {
        let (from, until) = span("2026-11-23", "2026-11-25").expect("days");
        assert_eq!(from, "2026-11-22T16:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond());
        assert_eq!(until - from, 3 * crate::limits::DAY_MS, "the last day is leave as well");
        assert_eq!(span("2026-11-23", "next week"), None);
    }
}
