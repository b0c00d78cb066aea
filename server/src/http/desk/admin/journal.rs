//! `/admin/journal`: what was done at the desk, newest first. What is about a case is only for those who see it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{Section, allowed, sections};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::listed::title;
use crate::http::desk::words::{Shown, When, Words};
use crate::http::desk::{Visitor, html};
use crate::http::error::Problem;
use crate::http::extract::Params;
use crate::limits;
use crate::pipeline::named_worker;
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "admin-journal.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    next: Option<i64>,
}

struct Row {
    at: When,
    who: String,
    act: String,
    about: String,
    /// Address, title and number of the case, where it is about one.
    case: Option<(String, Shown, String)>,
    reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    before: Option<i64>,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let store = app.centre.store();
    let entries = store.journal(&me.district, "", asked.before, limits::LIST_ROWS).await?;
    let next = entries.last().map(|entry| entry.id).filter(|_| entries.len() == limits::LIST_ROWS);
    let people = store.people(&me.district).await?;
    let mut rows = Vec::new();
    for entry in entries {
        let mut case = None;
        if let Some(document) = entry.document {
            let row = store.row(document).await?.zip(frame.w.pack);
            let Some((row, _)) = row.filter(|(row, pack)| authorize(me, Wish::Read, Some((row, pack))))
            else {
                continue;
            };
            case = Some((format!("/cases/{document}"), title(&row, &frame.w), row.number()));
        }
        let emptied = entry.act == "device.emptied";
        rows.push(Row {
            at: frame.w.when(entry.at),
            who: named_worker(&people, entry.worker),
            act: frame
                .w
                .with(&format!("act-{}", entry.act.replace(['.', '_'], "-")), &[("n", &entry.reason)]),
            about: about(&entry.act, &entry.about, (&people, &frame.w)),
            case,
            reason: if emptied { String::new() } else { entry.reason },
        });
    }
    let sections = sections(me, &visitor.here, &frame.w);
    html(StatusCode::OK, &Page { sections, rows, next, frame })
}

/// What an entry is about, in words: a field and a person, a person, a device. Other codes are names that people know.
fn about(act: &str, about: &str, (people, w): (&[Person], &Words<'_>)) -> String {
    let person = |id: &str| id.parse().map_or_else(|_| id.to_owned(), |worker| named_worker(people, worker));
    match (act.split('.').next(), about.split_once(" → ")) {
        (Some("review"), Some((field, ""))) => w.field(field),
        (Some("review"), Some((field, to))) => format!("{} → {}", w.field(field), person(to)),
        (Some("person"), _) => person(about),
        (Some("device"), _) => w.with("device-of", &[("id", about.get(..4).unwrap_or(about))]),
        _ => about.to_owned(),
    }
}
