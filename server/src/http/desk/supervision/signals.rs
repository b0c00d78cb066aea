//! Signals of false resolution, and clusters, for people who look further.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::super::words::{Shown, When};
use super::{Frame, Note, Said, Tab, Visitor, Words, back, check, html, tabs};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Form, Params};
use crate::store::{CaseRow, Store};

#[derive(Template)]
#[template(path = "supervision/signals.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    note: Option<Note>,
    inspects: bool,
    repeats: Vec<Repeated>,
    reused: Vec<(String, Vec<Listed>)>,
    bulk: Vec<(String, String)>,
    clusters: Vec<Many>,
}

/// Closed, and raised again.
struct Repeated {
    by: String,
    closed: Listed,
    again: Listed,
}

/// Many doors about one matter.
struct Many {
    place: Shown,
    category: Shown,
    place_code: String,
    category_code: String,
    cases: Vec<Listed>,
}

/// A case.
struct Listed {
    href: String,
    title: Shown,
    unit: String,
    registered: When,
    closed: Option<When>,
}

impl Listed {
    fn of(row: &CaseRow, w: &Words<'_>) -> Self {
        Listed {
            href: format!("/cases/{}", row.document),
            title: super::super::listed::title(row, w),
            unit: row.life.handlers.first().or(row.unit.as_ref()).map(|u| w.unit(u)).unwrap_or_default(),
            registered: w.when(row.registered),
            closed: row.life.closed.map(|closed| w.when(closed.at.as_millisecond())),
        }
    }
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(said): Params<Said>,
) -> Result<Response, Problem> {
    let view = app.centre.signals(&visitor.signed.person).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let sep = w.t("and-separator");
    let repeats = view.repeats.iter().map(|(by, closed, again)| {
        let by: Vec<String> = by.iter().map(|field| w.field(field.name())).collect();
        Repeated { by: by.join(&sep), closed: Listed::of(closed, w), again: Listed::of(again, w) }
    });
    let reused = view.reused.iter().map(|(hash, cases)| {
        let short: String = hash.to_string().chars().take(12).collect();
        (short, cases.iter().map(|row| Listed::of(row, w)).collect())
    });
    let bulk =
        view.bulk.iter().map(|claims| (w.unit(&claims.unit), format!("{} / {}", claims.day, claims.week)));
    let clusters = view.clusters.iter().map(|cluster| Many {
        place: w.value("place", Some(&cluster.place)),
        category: w.value("category", Some(&cluster.category)),
        place_code: cluster.place.clone(),
        category_code: cluster.category.clone(),
        cases: cluster.cases.iter().map(|row| Listed::of(row, w)).collect(),
    });
    let page = Page {
        tabs: tabs(&app, &visitor, w)?,
        note: said.note(w),
        inspects: view.inspects,
        repeats: repeats.collect(),
        reused: reused.collect(),
        bulk: bulk.collect(),
        clusters: clusters.collect(),
        frame,
    };
    html(StatusCode::OK, &page)
}

/// What a form of this page gives back.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    key: String,
    place: String,
    category: String,
}

pub(super) async fn group<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let outcome = app.centre.group_cluster(&visitor.signed.person, &given.place, &given.category).await;
    back("/supervision/signals", outcome.map(|_| "grouped"))
}
