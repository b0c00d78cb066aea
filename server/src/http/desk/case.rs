//! `/cases/{id}`: whose turn is it, what blocks it, until when? Then the facts, what was decided and why, and who
//! wrote what.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_policy::waits_for_signatures;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use serde::Deserialize;

use super::act::{Acts, Typed};
use super::deadlines::Deadlines;
use super::facts::{Fact, facts};
use super::files::{File, files};
use super::frame::Frame;
use super::listed::title;
use super::reveal::{self, Looked};
use super::timeline::{Moment, Origins, moments, people};
use super::words::{Due, Shown, When, Words};
use super::{Visitor, html, signing};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::api::release as endpoint;
use crate::http::auth::{check_form_key, check_origin};
use crate::http::error::Problem;
use crate::http::extract::{Form, Id, Params};
use crate::http::mask::is_masked;
use crate::limits;
use crate::pipeline::{CaseView, Wait, WaitKind};
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "case.html")]
struct Page<'a> {
    frame: Frame<'a>,
    here: String,
    title: Shown,
    number: String,
    kind: String,
    urgent: bool,
    urgency: Option<String>,
    directive: String,
    unit: Option<Shown>,
    /// Units that handle it together with the first.
    co_units: Vec<String>,
    step: String,
    due: Option<Due>,
    registered: When,
    settled: bool,
    waits: Vec<Blocked>,
    release: Release,
    facts: Vec<Fact>,
    files: Vec<File>,
    /// What was decided and what was written, the newest first.
    moments: Vec<Moment>,
    /// What has just been done.
    note: Option<String>,
    /// What is missing before it can be done, and where on the page.
    error: Option<(String, &'static str)>,
    acts: Acts,
    deadlines: Option<Deadlines>,
    /// Masked fields that may be looked at: code and name.
    masked: Vec<(String, String)>,
    looked: Vec<Looked>,
    /// For whom this person stands in here: number, name.
    standing: Option<(String, String)>,
}

/// Whether somebody may end the wait for a device on a visit.
enum Release {
    Needless,
    Offered,
    NotYours,
}

/// One thing that the case waits for.
pub(super) struct Blocked {
    pub(super) kind: String,
    pub(super) what: String,
    pub(super) until: Option<When>,
    pub(super) conflict: Option<String>,
}

/// What the page is told by its address.
#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
    /// Number of somebody who is away.
    #[serde(rename = "for")]
    of: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Released {
    #[serde(default)]
    key: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(document): Id<DocumentId>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let notes = ["resolved", "closed", "released", "acted", "handed-over", "signed"];
    let note = notes.into_iter().find(|note| asked.done.as_deref() == Some(note));
    let said = (note.map(|note| format!("note-{note}")), None, StatusCode::OK);
    shown(&app, &visitor, (document, asked.of.as_deref()), said, None).await
}

/// Ends the checkouts of the case.
pub(super) async fn release<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(document): Id<DocumentId>,
    headers: HeaderMap,
    Form(Released { key, reason }): Form<Released>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    check_form_key(&app, visitor.signed.person.worker, &key)?;
    let visitor =
        Visitor { signed: visitor.signed.may(Wish::Review)?, here: format!("/cases/{document}"), ..visitor };
    match endpoint::release(&app.centre, &visitor.signed.person, document, &reason).await {
        Ok(()) => Ok(Redirect::to(&format!("/cases/{document}?done=released")).into_response()),
        Err(problem) => {
            let error = match problem.code() {
                "reason.missing" => "error-reason",
                "checkout.none" => "error-no-checkout",
                _ => return Err(problem),
            };
            let error = app.shown.strings.desk(visitor.lang).get(error, &[]).unwrap_or_default();
            let said = (None, Some((error, "release")), problem.status());
            shown(&app, &visitor, (document, None), said, None).await
        }
    }
}

/// What has been done, what is missing and where on the page, and the answer's status.
type Said = (Option<String>, Option<(String, &'static str)>, StatusCode);

pub(super) async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    (document, of): (DocumentId, Option<&str>),
    (note, error, status): Said,
    typed: Option<&Typed>,
) -> Result<Response, Problem> {
    let standing = standing(app, &visitor.signed.person, (document, of)).await?;
    let person = standing.as_ref().map_or(&visitor.signed.person, |(_, acting)| acting);
    let own = standing.is_none();
    let view = app.centre.view(person, document).await?;
    let mut frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    frame.w.people = people(app, &view.decisions).await?;
    let w = &frame.w;
    let origins = Origins::of(app, &view).await?;
    let row = &view.row;
    let mut acts = Acts::of(app, person, (document, of), (w, typed)).await?;
    acts.n = view.decisions.last().map(|last| last.n);
    // Nobody signs in somebody's place at a form; whoever is away delegates.
    if own && view.decisions.last().is_some_and(waits_for_signatures) {
        signing::offer(&mut acts, &app.centre.sign_off(person, document).await?, (w, typed));
    }
    let page = Page {
        here: format!("/cases/{document}"),
        title: title(row, w),
        number: row.number(),
        kind: w.named("kind", row.kind.name()),
        urgent: row.urgent,
        urgency: row.urgency.as_deref().filter(|_| !row.urgent).map(|urgency| w.named("urgency", urgency)),
        directive: row.directive.as_deref().map(|code| w.named("directive", code)).unwrap_or_default(),
        unit: row.unit.as_deref().map(|unit| w.value("unit", Some(unit))),
        co_units: view
            .decisions
            .last()
            .into_iter()
            .flat_map(|last| &last.co_units)
            .map(|unit| w.unit(unit))
            .collect(),
        step: row.step.as_deref().map(|step| w.named("step", step)).unwrap_or_default(),
        due: row.due.map(|due| w.due(due)),
        registered: w.when(row.registered),
        settled: view.settled.ok,
        waits: view.settled.waits.iter().map(|wait| Blocked::of(wait, &view, w)).collect(),
        release: match view.settled.waits.iter().any(|wait| wait.kind == WaitKind::Checkout) {
            false => Release::Needless,
            true if !own => Release::NotYours,
            true if app.centre.may_review(person, row)? => Release::Offered,
            true => Release::NotYours,
        },
        facts: facts(&view, w),
        files: files(document, &view.files, w),
        note: note.map(|note| w.t(&note)),
        error,
        acts,
        deadlines: Deadlines::of(&view.decisions, w).filter(|_| row.kind == Kind::Case),
        masked: if own && reveal::may(person) { masked(&view, w) } else { Vec::new() },
        looked: looked(app, document, w).await?,
        standing: standing.as_ref().map(|(of, _)| (of.worker.to_string(), of.name.clone())),
        moments: moments(view, &origins, w),
        frame,
    };
    html(status, &page)
}

/// Whoever this person stands in for, and the person in their place.
pub(super) async fn standing<S: Store>(
    app: &App<S>,
    person: &Person,
    (document, of): (DocumentId, Option<&str>),
) -> Result<Option<(Person, Person)>, Problem> {
    let Some(of) = of.and_then(|of| of.parse().ok()) else { return Ok(None) };
    let acting = app.centre.in_place_of(person, (of, document)).await?;
    let away = app.centre.person(of).await?;
    Ok(away.zip(acting))
}

/// The masked fields that have something in them.
fn masked(view: &CaseView, w: &Words<'_>) -> Vec<(String, String)> {
    let has =
        |name: &&String| is_masked(name) && view.fields.get(*name).is_some_and(|value| !value.is_null());
    view.fields.keys().filter(has).map(|name| (name.clone(), w.field(name))).collect()
}

/// Who has seen whole numbers of the case.
async fn looked<S: Store>(app: &App<S>, document: DocumentId, w: &Words<'_>) -> Result<Vec<Looked>, Problem> {
    let store = app.centre.store();
    let mut looked = Vec::new();
    for row in store.reveals(document, limits::REVEALS_SHOWN).await? {
        let person = store.person(row.worker).await?;
        looked.push(Looked {
            who: person.map_or_else(|| row.worker.to_string(), |person| person.name),
            field: w.field(&row.field),
            reason: row.reason,
            at: w.when(row.at),
        });
    }
    Ok(looked)
}

impl Blocked {
    pub(super) fn of(wait: &Wait, view: &CaseView, w: &Words<'_>) -> Self {
        let who = wait.who.as_deref().unwrap_or_default();
        let (id, name) = match wait.kind {
            WaitKind::Announced => ("announced", who.to_owned()),
            WaitKind::Checkout => ("checkout", who.to_owned()),
            WaitKind::Conflict => ("conflict", w.question(who)),
            WaitKind::Quiet => ("quiet", String::new()),
        };
        let open = wait.kind == WaitKind::Conflict;
        Blocked {
            kind: w.t(&format!("wait-{id}")),
            what: w.with(&format!("wait-{id}-what"), &[("who", &name)]),
            until: wait.until_ms.map(|until| w.when(until)),
            conflict: open.then(|| format!("/conflicts/{}.{who}", view.row.document)),
        }
    }
}
