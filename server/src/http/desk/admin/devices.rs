//! `/admin/devices`: whose they are, when they were last seen, what each holds; wiping with a receipt, withdrawing for
//! cause, shutting out.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::DeviceId;
use serde::Deserialize;

use super::{ROWS, Section, Sent, allowed, is_reason, sections};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::{Shown, When, Words};
use crate::http::desk::{Visitor, html, theirs};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Id, Params, or_first};
use crate::limits;
use crate::pipeline::{Leaving, named_worker};
use crate::store::{DeviceRow, Person, Store};

#[derive(Template)]
#[template(path = "admin-devices.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    count: usize,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin-device.html")]
struct OnePage<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    device: Row,
    here: String,
    /// Address and title of what it holds, as far as this person sees it.
    holds: Vec<(String, Shown)>,
    empty: bool,
    /// Nothing more can be asked of it.
    over: bool,
    leaving: bool,
    receipts: Vec<(When, String, String, String)>,
    error: Option<String>,
    /// The reason that was typed and refused.
    typed: String,
    note: Option<String>,
}

/// A device in the list.
struct Row {
    id: String,
    short: String,
    who: String,
    worker: String,
    enrolled: When,
    seen: Option<When>,
    state: (&'static str, &'static str, String),
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    #[serde(deserialize_with = "or_first")]
    from: usize,
    done: String,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let mut devices = app.centre.store().devices(&me.district).await?;
    // Whoever has not been heard of longest is last.
    devices.sort_by_key(|device| (std::cmp::Reverse(device.seen), device.device));
    let people = app.centre.store().people(&me.district).await?;
    let mut rows = Vec::new();
    for device in devices.iter().skip(asked.from).take(ROWS) {
        let leaving = app.centre.leaves(device.device).await?;
        rows.push(Row::of(device, leaving, (&people, &frame.w)));
    }
    let end = asked.from + rows.len();
    let next = (end < devices.len()).then(|| format!("/admin/devices?from={end}"));
    let sections = sections(me, &visitor.here, &frame.w);
    html(StatusCode::OK, &Page { sections, rows, count: devices.len(), next, frame })
}

pub(in crate::http::desk) async fn one<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(device): Id<DeviceId>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    let note = ["wipe", "hold-back", "shut"].into_iter().find(|note| *note == asked.done);
    shown(&app, &visitor, device, (note.map(|note| format!("note-device-{note}")), None)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    device: DeviceId,
    (note, typed): (Option<String>, Option<&str>),
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let row = app.centre.own_device(me, device).await?;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let people = app.centre.store().people(&me.district).await?;
    let leaving = app.centre.leaves(device).await?;
    let holding = app.centre.holding(me, &row).await?;
    let title = |title: Option<String>| w.title(title.as_deref());
    let about = device.to_string();
    let journal = app.centre.store().journal(&me.district, "device.", None, limits::LIST_ROWS).await?;
    let receipts = journal.into_iter().filter(|entry| entry.about == about).map(|entry| {
        let who = named_worker(&people, entry.worker);
        let act = w.with(&format!("act-{}", entry.act.replace(['.', '_'], "-")), &[("n", &entry.reason)]);
        let reason = if entry.act == "device.emptied" { String::new() } else { entry.reason };
        (w.when(entry.at), act, who, reason)
    });
    let page = OnePage {
        sections: sections(me, &visitor.here, w),
        here: format!("/admin/devices/{device}"),
        holds: holding
            .documents
            .into_iter()
            .map(|(id, name)| (format!("/cases/{id}"), title(name)))
            .collect(),
        empty: holding.empty,
        over: row.revoked.is_some(),
        leaving: leaving.is_some(),
        receipts: receipts.collect(),
        error: typed.map(|_| w.t("error-words")),
        typed: typed.unwrap_or_default().to_owned(),
        note: note.map(|id| w.t(&id)),
        device: Row::of(&row, leaving, (&people, w)),
        frame,
    };
    html(if typed.is_some() { Kind::Unprocessable.status() } else { StatusCode::OK }, &page)
}

pub(in crate::http::desk) async fn act<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(device): Id<DeviceId>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &sent.key)?;
    let visitor = Visitor { here: format!("/admin/devices/{device}"), ..allowed(visitor, Wish::Administer)? };
    let me = &visitor.signed.person;
    if !is_reason(&sent.reason) {
        return shown(&app, &visitor, device, (None, Some(&sent.reason))).await;
    }
    let done = match sent.what.as_str() {
        "wipe" => app.centre.let_leave(me, (device, Leaving::GivesUp), &sent.reason).await,
        "hold-back" => app.centre.let_leave(me, (device, Leaving::HeldBack), &sent.reason).await,
        "shut" => app.centre.shut(me, device, &sent.reason).await,
        _ => return Err(Problem::bad_request("form.unknown", "The form does not say what to do.")),
    };
    done?;
    Ok(Redirect::to(&format!("{}?done={}", visitor.here, sent.what)).into_response())
}

impl Row {
    fn of(row: &DeviceRow, leaving: Option<Leaving>, (people, w): (&[Person], &Words<'_>)) -> Self {
        let id = row.device.to_string();
        let who = people.iter().find(|person| person.worker == row.worker);
        let (class, shape, name) = match (row.revoked, leaving) {
            (Some(_), _) => ("later", "■", "shut"),
            (None, Some(Leaving::HeldBack)) => ("overdue", "▲", "held-back"),
            (None, Some(Leaving::GivesUp)) => ("wait", "◐", "leaving"),
            (None, None) if row.seen.is_none() => ("later", "○", "new"),
            (None, None) => ("verified", "✓", "in-use"),
        };
        Row {
            short: id[..4].to_owned(),
            id,
            who: who.map_or_else(|| row.worker.to_string(), |person| person.name.clone()),
            worker: row.worker.to_string(),
            enrolled: w.when(row.enrolled),
            seen: row.seen.map(|at| w.when(at)),
            state: (class, shape, w.t(&format!("device-state-{name}"))),
        }
    }
}
