//! `/admin/refused`: what the centre did not take in. Look at it, enter it again in one's own name, or dismiss it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::documents::Edit;
use serde::Deserialize;

use super::{Section, Sent, allowed, is_reason, sections};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::{Shown, When, Words};
use crate::http::desk::{Visitor, html, theirs};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Id, Params};
use crate::pipeline::{DeskError, RefusedView, Verdict, named_worker};
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "admin-refused.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    next: Option<i64>,
    note: Option<String>,
}

#[derive(Template)]
#[template(path = "admin-refusal.html")]
struct OnePage<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    row: Row,
    here: String,
    /// Field, value. `None`: not to be read here.
    writes: Option<Vec<(String, Shown)>>,
    may_judge: bool,
    reason: String,
    error: Option<String>,
}

/// A refused change in the list.
struct Row {
    id: i64,
    why: String,
    code: String,
    message: String,
    who: String,
    device: String,
    at: When,
    bytes: usize,
    /// What became of it.
    answered: Option<(String, String, When, String)>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    before: Option<i64>,
    done: String,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Inspect)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let people = app.centre.store().people(&me.district).await?;
    let (found, next) = app.centre.refusals(me, asked.before).await?;
    let rows = found.iter().map(|view| Row::of(view, (&people, &frame.w))).collect();
    let note = ["entered", "dismissed"].into_iter().find(|note| *note == asked.done);
    let note = note.map(|note| frame.w.t(&format!("note-refused-{note}")));
    let sections = sections(me, &visitor.here, &frame.w);
    html(StatusCode::OK, &Page { sections, rows, next, note, frame })
}

pub(in crate::http::desk) async fn one<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(id): Id<i64>,
) -> Result<Response, Problem> {
    shown(&app, &allowed(visitor, Wish::Inspect)?, id, (String::new(), None)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    id: i64,
    (reason, error): (String, Option<(&str, Kind)>),
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let view = app.centre.refusal(me, id).await?;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let people = app.centre.store().people(&me.district).await?;
    let page = OnePage {
        sections: sections(me, &visitor.here, w),
        here: format!("/admin/refused/{id}"),
        writes: view.edits.as_ref().map(|edits| edits.iter().map(|edit| said(edit, w)).collect()),
        may_judge: authorize(me, Wish::Review, None) && view.answered.is_none(),
        row: Row::of(&view, (&people, w)),
        error: error.map(|(id, _)| w.t(id)),
        reason,
        frame,
    };
    html(error.map_or(StatusCode::OK, |(_, kind)| kind.status()), &page)
}

/// An edit in words, masked where it must be.
fn said(edit: &Edit, w: &Words<'_>) -> (String, Shown) {
    let name = w.field(edit.field());
    let value = match edit {
        Edit::Put { field, value } => w.value(field, value.as_deref()),
        Edit::SetText { field, text } => w.value(field, Some(text)),
        Edit::Append { item, .. } => w.own(item),
        _ => w.value("title", None),
    };
    (name, value)
}

pub(in crate::http::desk) async fn judge<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(id): Id<i64>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &sent.key)?;
    let visitor = Visitor { here: format!("/admin/refused/{id}"), ..allowed(visitor, Wish::Review)? };
    let (verdict, done) = match sent.what.as_str() {
        "enter" => (Verdict::Enter, "entered"),
        "dismiss" => (Verdict::Dismiss, "dismissed"),
        _ => return Err(Problem::bad_request("form.unknown", "The form does not say what to do.")),
    };
    if !is_reason(&sent.reason) {
        let error = Some(("error-words", Kind::Unprocessable));
        return shown(&app, &visitor, id, (sent.reason, error)).await;
    }
    match app.centre.judge_refusal(&visitor.signed.person, (id, verdict), &sent.reason).await {
        Ok(()) => Ok(Redirect::to(&format!("/admin/refused?done={done}")).into_response()),
        Err(DeskError::NotOpen) => {
            shown(&app, &visitor, id, (sent.reason, Some(("error-answered", Kind::Conflict)))).await
        }
        Err(DeskError::Refused { .. } | DeskError::Edit(_)) => {
            shown(&app, &visitor, id, (sent.reason, Some(("error-unreadable", Kind::Unprocessable)))).await
        }
        Err(error) => Err(error.into()),
    }
}

impl Row {
    fn of(view: &RefusedView, (people, w): (&[Person], &Words<'_>)) -> Self {
        let name = |worker| named_worker(people, worker);
        let (row, device) = (&view.row, view.row.device.to_string());
        let family = row.code.split('.').next().unwrap_or_default();
        let why = format!("refused-{family}");
        let said = w.desk.get(&why, &[]).unwrap_or_else(|| w.t("refused-other"));
        let answered = view.answered.as_ref().map(|answered| {
            let how = if answered.entered { "answered-entered" } else { "answered-dismissed" };
            (w.t(how), name(answered.worker), w.when(answered.at), answered.reason.clone())
        });
        Row {
            id: row.id,
            why: said,
            code: row.code.clone(),
            message: row.message.clone(),
            who: name(row.worker),
            device: device[..4].to_owned(),
            at: w.when(row.at),
            bytes: row.bytes.len(),
            answered,
        }
    }
}
