//! `/leave`: leave that leaders and administrators enter for somebody else, who stands in meanwhile, and ending it early.
//!
//! Whose leave somebody may enter is `absences`'; whoever may not finds nothing here.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_policy::Pack;
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Role;
use serde::Deserialize;

use super::frame::Frame;
use super::leave::{Away, Given, lasting, span};
use super::words::Words;
use super::{Visitor, html, theirs};
use crate::absences::{Leave, No, could_stand_in, may};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Form, Id, Params};
use crate::limits;
use crate::store::{Person, Store};

/// The page's address.
const HERE: &str = "/leave";

#[derive(Template)]
#[template(path = "leave-of-others.html")]
struct Page<'a> {
    frame: Frame<'a>,
    rows: Vec<(Somebody, Away)>,
    q: String,
    /// Who was looked for.
    found: Vec<Somebody>,
    more: bool,
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "leave-of-one.html")]
struct OnePage<'a> {
    frame: Frame<'a>,
    who: Somebody,
    rows: Vec<Away>,
    deputies: Vec<(Somebody, bool)>,
    typed: Given,
    error: Option<(String, &'static str)>,
}

/// Whose leave it is.
struct Somebody {
    id: String,
    name: String,
    unit: String,
}

impl Somebody {
    fn of(person: &Person, w: &Words<'_>) -> Self {
        Somebody { id: person.worker.to_string(), name: person.name.clone(), unit: w.unit(&person.unit) }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    done: String,
}

/// Whether somebody enters leave for others at all.
pub(super) fn enters(person: &Person) -> bool {
    matches!(person.role, Role::Leader | Role::Admin)
}

/// The pack by which it is judged whose leave somebody may enter.
fn judged<'a>(frame: &'a Frame<'_>, me: &Person) -> Result<&'a Pack, Problem> {
    frame.w.pack.filter(|_| enters(me)).ok_or_else(Problem::not_found)
}

/// Whether this is somebody else who works here, whose leave `me` may enter.
fn theirs_to_enter(me: &Person, of: &Person, pack: &Pack) -> bool {
    of.worker != me.worker && of.district == me.district && of.ended.is_none() && may(me, of, pack)
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let (w, pack) = (&frame.w, judged(&frame, me)?);
    let store = app.centre.store();
    let people = store.people(&me.district).await?;
    let mine: Vec<&Person> = people.iter().filter(|of| theirs_to_enter(me, of, pack)).collect();
    let absences = store.absences(&me.district, w.now).await?;
    let rows = absences.iter().filter(|row| lasting(row, w.now)).filter_map(|row| {
        let of = mine.iter().find(|of| of.worker == row.worker)?;
        Some((Somebody::of(of, w), Away::of(row, &people, w)))
    });
    let q = asked.q.trim().to_lowercase();
    let matches = |of: &&&Person| {
        let named = |text: &str| text.to_lowercase().contains(&q);
        !q.is_empty() && (named(&of.name) || named(&of.unit) || named(&w.unit(&of.unit)))
    };
    let found: Vec<&Person> = mine.iter().filter(matches).copied().take(limits::LIST_ROWS + 1).collect();
    let page = Page {
        rows: rows.collect(),
        more: found.len() > limits::LIST_ROWS,
        found: found.into_iter().take(limits::LIST_ROWS).map(|of| Somebody::of(of, w)).collect(),
        note: ["leave-entered", "leave-ended"].into_iter().find(|note| *note == asked.done).map(|id| w.t(id)),
        q: asked.q,
        frame,
    };
    html(StatusCode::OK, &page)
}

pub(super) async fn one<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(worker): Id<WorkerId>,
) -> Result<Response, Problem> {
    shown(&app, &visitor, worker, (Given::default(), None)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    worker: WorkerId,
    (typed, error): (Given, Option<(&str, &'static str)>),
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let frame = Frame::new(app, visitor.lang, &format!("{HERE}/{worker}"), Some(&visitor.signed));
    let (w, pack) = (&frame.w, judged(&frame, me)?);
    let store = app.centre.store();
    let people = store.people(&me.district).await?;
    let who = people.iter().find(|of| of.worker == worker && theirs_to_enter(me, of, pack));
    let who = who.ok_or_else(Problem::not_found)?;
    let absences = store.absences(&me.district, w.now).await?;
    let rows = absences.iter().filter(|row| row.worker == worker && lasting(row, w.now));
    // Colleagues of the same unit, and behind them those of units above and below it: never whoever enters it for another
    // unit, who would be refused.
    let near = people.iter().filter(|other| {
        let line = pack.is_within(&who.unit, &other.unit) || pack.is_within(&other.unit, &who.unit);
        let stands_near = other.unit == who.unit || line && other.worker != me.worker;
        stands_near && other.worker != worker && other.ended.is_none() && could_stand_in(other, who)
    });
    let mut near: Vec<&Person> = near.collect();
    near.sort_by_key(|other| other.unit != who.unit);
    let chosen = |of: &Person| of.worker.to_string() == typed.deputy;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = OnePage {
        who: Somebody::of(who, w),
        rows: rows.map(|row| Away::of(row, &people, w)).collect(),
        deputies: near.into_iter().map(|of| (Somebody::of(of, w), chosen(of))).collect(),
        error: error.map(|(id, at)| (w.t(id), at)),
        typed,
        frame,
    };
    html(status, &page)
}

pub(super) async fn enter<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(worker): Id<WorkerId>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &given.key)?;
    if !enters(&visitor.signed.person) {
        return Err(Problem::not_found());
    }
    let Some((from, until)) = span(&given.from, &given.until) else {
        return shown(&app, &visitor, worker, (given, Some(("leave-span", "from")))).await;
    };
    let Ok(deputy) = given.deputy.parse() else {
        return shown(&app, &visitor, worker, (given, Some(("leave-deputy", "deputy")))).await;
    };
    let leave = Leave { worker, from, until, deputy };
    let error = match app.centre.enter_leave(&visitor.signed.person, leave).await? {
        Ok(_) => return Ok(Redirect::to("/leave?done=leave-entered").into_response()),
        Err(No::Worker) => return Err(Problem::not_found()),
        Err(No::DeputyAway) => ("leave-deputy-away", "deputy"),
        Err(No::Deputy) => ("leave-deputy", "deputy"),
        Err(No::OwnDeputy) => ("leave-own-deputy", "deputy"),
        Err(No::Overlaps) => ("leave-overlaps", "from"),
        Err(No::Span) => ("leave-span", "from"),
    };
    shown(&app, &visitor, worker, (given, Some(error))).await
}

pub(super) async fn end<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &given.key)?;
    let me = &visitor.signed.person;
    if !enters(me) || !app.centre.end_leave(me, given.id).await? {
        return Err(Problem::not_found());
    }
    Ok(Redirect::to("/leave?done=leave-ended").into_response())
}
