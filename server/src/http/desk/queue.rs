//! `/`: what first? Conflicts by harm, then age; below them what is overdue and what is new.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::Frame;
use super::words::{Due, Shown, Words};
use super::{Visitor, html};
use crate::http::App;
use crate::http::error::Problem;
use crate::limits;
use crate::pipeline::{CaseView, ConflictView};
use crate::store::{CaseRow, Query, Store};

/// Cases in each list of the page.
const SHOWN: usize = 20;

#[derive(Template)]
#[template(path = "queue.html")]
struct Page<'a> {
    frame: Frame<'a>,
    conflicts: Vec<Waiting>,
    urgent: usize,
    overdue: Vec<Listed>,
    latest: Vec<Listed>,
}

/// An open conflict.
struct Waiting {
    href: String,
    urgent: bool,
    question: String,
    title: Shown,
    who: Vec<String>,
    values: Vec<Shown>,
    age: String,
}

/// A case.
struct Listed {
    href: String,
    title: Shown,
    category: Shown,
    place: Shown,
    unit: String,
    step: String,
    due: Option<Due>,
    urgency: Option<String>,
    danger: bool,
    disputed: usize,
}

pub(super) async fn page<S: Store>(State(app): State<App<S>>, visitor: Visitor) -> Result<Response, Problem> {
    let (centre, person) = (&app.centre, &visitor.signed.person);
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let found = centre.conflicts(person, limits::LIST_ROWS).await?;
    let cases =
        Query { kind: Some(doorstep_protocol::documents::Kind::Case), limit: SHOWN, ..Query::default() };
    let mut overdue = centre.list(person, Query { due_before: Some(frame.w.now), ..cases.clone() }).await?;
    overdue.sort_by_key(|row| row.due);
    let latest = centre.list(person, cases).await?;
    let new = latest.into_iter().filter(|row| overdue.iter().all(|late| late.document != row.document));
    let latest = new.map(|row| Listed::of(&row, &frame.w)).collect();
    let overdue = overdue.iter().map(|row| Listed::of(row, &frame.w)).collect();
    let conflicts: Vec<Waiting> = found.iter().flat_map(|view| waiting(view, &frame.w)).collect();
    let urgent = conflicts.iter().filter(|waiting| waiting.urgent).count();
    html(StatusCode::OK, &Page { frame, conflicts, urgent, overdue, latest })
}

fn waiting(view: &CaseView, w: &Words<'_>) -> Vec<Waiting> {
    let of = |conflict: &ConflictView| {
        let mut who: Vec<String> = conflict.sides.iter().map(|side| side.name.clone()).collect();
        who.sort();
        who.dedup();
        let mut values: Vec<Option<&str>> = conflict.sides.iter().map(|side| side.value.as_deref()).collect();
        values.sort_unstable();
        values.dedup();
        Waiting {
            href: format!("/conflicts/{}.{}", conflict.document, conflict.field),
            urgent: view.row.urgent,
            question: w.question(&conflict.field),
            title: title(&view.row, w),
            who,
            values: values.into_iter().map(|value| w.value(&conflict.field, value)).collect(),
            age: w.span(w.now - view.row.conflict_since.unwrap_or(w.now)),
        }
    };
    view.conflicts.iter().map(of).collect()
}

/// A case's title, or a word for its absence.
pub(super) fn title(row: &CaseRow, w: &Words<'_>) -> Shown {
    row.title.as_deref().map_or_else(|| w.value("title", None), |title| w.own(title))
}

impl Listed {
    fn of(row: &CaseRow, w: &Words<'_>) -> Self {
        let disputed = |field: &str| row.conflicts.contains(field);
        let value = |field: &str, value: Option<&str>| {
            if disputed(field) { w.own(&w.t("value-disputed")) } else { w.value(field, value) }
        };
        let urgency = row.urgency.as_deref().filter(|urgency| *urgency != "normal");
        Listed {
            href: format!("/cases/{}", row.document),
            title: title(row, w),
            category: value("category", row.category.as_deref()),
            place: value("place", row.place.as_deref()),
            unit: row.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
            step: row.step.as_deref().map(|step| w.named("step", step)).unwrap_or_default(),
            due: row.due.map(|due| w.due(due)),
            urgency: urgency.map(|urgency| w.named("urgency", urgency)),
            danger: row.urgent,
            disputed: row.conflicts.len(),
        }
    }
}
