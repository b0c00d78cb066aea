//! `/conflicts`: the queue. By harm, then what is late, then age; who looks after each, and by when.
//!
//! Counts are of what this person sees. Only the rows of one page are opened to say who wrote what.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_protocol::WorkerId;
use serde::Deserialize;

use super::deputies::Deputies;
use super::frame::Frame;
use super::listed::title;
use super::words::{Due, Shown, Words};
use super::{Visitor, html};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Params, or_first};
use crate::limits;
use crate::pipeline::{ConflictView, OpenConflict, named_worker};
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "conflicts.html")]
struct Page<'a> {
    frame: Frame<'a>,
    rows: Vec<Waiting>,
    all: usize,
    views: Vec<View>,
    units: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    asked: Asked,
    urgent: bool,
    note: Option<String>,
    /// Conflicts that match and are not on this page.
    more: usize,
    next: Option<String>,
}

/// One way to look at the queue.
struct View {
    href: String,
    name: String,
    count: usize,
    current: bool,
}

/// An open conflict.
struct Waiting {
    id: String,
    href: String,
    urgent: bool,
    question: String,
    title: Shown,
    who: Vec<String>,
    values: Vec<Shown>,
    age: String,
    due: Option<Due>,
    gone_up: bool,
    owner: Option<String>,
    mine: bool,
    /// Who was asked and has not answered.
    asked: Option<String>,
    opened: Option<String>,
}

/// What the list is asked for.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    unit: String,
    field: String,
    #[serde(deserialize_with = "or_first")]
    from: usize,
    note: String,
}

impl Asked {
    fn address(&self, view: &str, from: usize) -> String {
        let named = |name: &str, text: &str| {
            let text: String = text.chars().filter(|c| c.is_alphanumeric() || "-._".contains(*c)).collect();
            (!text.is_empty()).then(|| format!("{name}={text}"))
        };
        let from = (from > 0).then(|| format!("from={from}"));
        let parts = [named("view", view), named("unit", &self.unit), named("field", &self.field), from];
        let query: Vec<String> = parts.into_iter().flatten().collect();
        if query.is_empty() { "/conflicts".into() } else { format!("/conflicts?{}", query.join("&")) }
    }

    fn shows(&self, open: &OpenConflict) -> bool {
        (self.unit.is_empty() || open.row.unit.as_deref() == Some(self.unit.as_str()))
            && (self.field.is_empty() || open.field == self.field)
    }
}

const VIEWS: [&str; 5] = ["all", "mine", "unassigned", "urgent", "late"];

fn in_view(view: &str, open: &OpenConflict, (me, now, away): (WorkerId, i64, &Deputies)) -> bool {
    match view {
        "mine" => open.review.owner.is_some_and(|owner| away.looks_after(me, owner)),
        "unassigned" => open.review.owner.is_none(),
        "urgent" => open.row.urgent,
        "late" => open.is_late(now),
        _ => true,
    }
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let away = Deputies::of(&app, &person.district).await?;
    let (w, me) = (&frame.w, (person.worker, frame.w.now, &away));
    let found = app.centre.queue(person).await?;
    let (units, fields) = (named(&found, w, |open| open.row.unit.clone()), fields(&found, w));
    let shown: Vec<&OpenConflict> = found.iter().filter(|open| asked.shows(open)).collect();
    let current = VIEWS.into_iter().find(|view| *view == asked.view).unwrap_or("all");
    let views = VIEWS.into_iter().map(|view| View {
        href: asked.address(if view == "all" { "" } else { view }, 0),
        name: w.t(&format!("view-{view}")),
        count: shown.iter().filter(|open| in_view(view, open, me)).count(),
        current: view == current,
    });
    let views = views.collect();
    let matching: Vec<&OpenConflict> = shown.into_iter().filter(|open| in_view(current, open, me)).collect();
    let people = app.centre.store().people(&person.district).await?;
    let page: Vec<&OpenConflict> =
        matching.iter().skip(asked.from).take(limits::QUEUE_PAGE).copied().collect();
    let mut rows = Vec::new();
    for open in &page {
        let Ok(view) = app.centre.view(person, open.row.document).await else { continue };
        let conflict = view.conflicts.iter().find(|conflict| conflict.field == open.field);
        let answered =
            |by: WorkerId, at| view.history.iter().any(|item| item.worker == by && item.received > at);
        rows.extend(
            conflict.map(|conflict| Waiting::of(open, (conflict, w), (me.0, &people, &away), answered)),
        );
    }
    let end = asked.from + page.len();
    let more = matching.len().saturating_sub(end);
    let next = (more > 0).then(|| asked.address(if current == "all" { "" } else { current }, end));
    let urgent = rows.iter().any(|row| row.urgent);
    let note = (asked.note == "stepped-back").then(|| w.t("note-stepped-back"));
    let page = Page { note, all: found.len(), rows, views, units, fields, asked, urgent, more, next, frame };
    html(StatusCode::OK, &page)
}

fn fields(found: &[OpenConflict], w: &Words<'_>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        found.iter().map(|open| (open.field.clone(), w.field(&open.field))).collect();
    all.sort();
    all.dedup();
    all
}

fn named(
    found: &[OpenConflict],
    w: &Words<'_>,
    code: impl Fn(&OpenConflict) -> Option<String>,
) -> Vec<(String, String)> {
    let mut all: Vec<String> = found.iter().filter_map(code).collect();
    all.sort();
    all.dedup();
    all.into_iter().map(|code| (w.unit(&code), code)).map(|(name, code)| (code, name)).collect()
}

impl Waiting {
    fn of(
        open: &OpenConflict,
        (conflict, w): (&ConflictView, &Words<'_>),
        (me, people, away): (WorkerId, &[Person], &Deputies),
        answered: impl Fn(WorkerId, i64) -> bool,
    ) -> Self {
        let name = |worker| named_worker(people, worker);
        let mut who: Vec<String> = conflict.sides.iter().map(|side| side.name.clone()).collect();
        who.sort();
        who.dedup();
        let mut values: Vec<Option<&str>> = conflict.sides.iter().map(|side| side.value.as_deref()).collect();
        values.sort_unstable();
        values.dedup();
        let review = &open.review;
        let asked = review.asked.as_ref().filter(|asked| !answered(asked.worker, asked.at));
        Waiting {
            id: format!("{}.{}", open.row.document, open.field),
            href: format!("/conflicts/{}.{}", open.row.document, open.field),
            urgent: open.row.urgent,
            question: w.question(&open.field),
            title: title(&open.row, w),
            who,
            values: values.into_iter().map(|value| w.value(&open.field, value)).collect(),
            age: w.span(w.now - review.since),
            due: open.due.as_ref().map(|due| w.due(due.due.as_millisecond())),
            gone_up: open.has_gone_up(w.now),
            owner: review.owner.map(|owner| away.named(owner, people, w)),
            mine: review.owner == Some(me),
            asked: asked.map(|asked| w.with("asked-waits", &[("who", &name(asked.worker))])),
            opened: opened(open, w, (me, people)),
        }
    }
}

/// Who has the conflict on their screen, besides this person.
pub(super) fn opened(
    open: &OpenConflict,
    w: &Words<'_>,
    (me, people): (WorkerId, &[Person]),
) -> Option<String> {
    let (by, at) = open.review.opened?;
    let known = people.iter().find(|person| person.worker == by && by != me)?;
    let fresh = w.now - at < limits::OPENED_MS;
    fresh.then(|| w.with("opened-by", &[("who", &known.name), ("at", &w.clock(at))]))
}
