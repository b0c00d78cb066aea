//! `/conflicts/practice`: a made-up conflict to try the page with. Nothing is read from a case and nothing is kept.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use super::differs::{Piece, pieces};
use super::draft::{Draft, READY};
use super::frame::Frame;
use super::words::{When, Words};
use super::{Visitor, html, theirs};
use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Form;
use crate::store::Store;

const HOUR_MS: i64 = 60 * 60 * 1000;

#[derive(Template)]
#[template(path = "practice.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sides: Vec<Side>,
    why: Vec<(&'static str, String)>,
    draft: Draft,
    error: Option<(&'static str, String)>,
    /// What would follow from the choice.
    follows: Option<String>,
    done: bool,
}

struct Side {
    name: &'static str,
    letter: char,
    shape: usize,
    value: String,
    pieces: Vec<Piece>,
    who: String,
    made: When,
    received: When,
    unseen: String,
}

#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    key: String,
    #[serde(default)]
    act: String,
    #[serde(flatten)]
    draft: Draft,
}

pub(super) async fn page<S: Store>(State(app): State<App<S>>, visitor: Visitor) -> Result<Response, Problem> {
    shown(&app, &visitor, Draft::default(), (None, false))
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(Sent { key, act, draft }): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &key)?;
    let no_reason = draft.why.is_empty() || (draft.why == "other" && draft.reason.trim().is_empty());
    let error = match draft.choice.as_str() {
        "a" | "b" if no_reason => Some(("#reason", "error-reason")),
        "a" | "b" => None,
        _ => Some(("#answer", "error-choice")),
    };
    let done = act == "record" && error.is_none();
    shown(&app, &visitor, draft, (error, done))
}

fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    draft: Draft,
    (error, done): (Option<(&'static str, &'static str)>, bool),
) -> Result<Response, Problem> {
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let follows = match draft.choice.as_str() {
        side @ ("a" | "b") if error.is_none() => Some(w.t(&format!("practice-follows-{side}"))),
        _ => None,
    };
    let why = READY.into_iter().chain(["other"]).map(|why| (why, w.t(&format!("why-{why}"))));
    let page = Page {
        sides: vec![Side::of("a", w), Side::of("b", w)],
        why: why.collect(),
        error: error.map(|(place, id)| (place, w.t(id))),
        follows,
        done,
        draft,
        frame,
    };
    html(if error.is_some() { Kind::Unprocessable.status() } else { StatusCode::OK }, &page)
}

impl Side {
    fn of(name: &'static str, w: &Words<'_>) -> Self {
        let (other, letter, hours) = if name == "a" { ("b", 'A', (30, 20)) } else { ("a", 'B', (28, 27)) };
        let value = w.t(&format!("practice-value-{name}"));
        Side {
            name,
            letter,
            shape: usize::from(name == "b"),
            pieces: pieces(&value, &w.t(&format!("practice-value-{other}"))),
            who: w.t(&format!("practice-who-{name}")),
            made: w.when(w.now - hours.0 * HOUR_MS),
            received: w.when(w.now - hours.1 * HOUR_MS),
            unseen: w.with("side-unseen", &[("others", &other.to_uppercase())]),
            value,
        }
    }
}
