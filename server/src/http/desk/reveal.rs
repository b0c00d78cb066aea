//! `POST /cases/{id}/reveal`: one masked value, shown once, after it is noted who looks at it and why.
//!
//! The value is in this answer and nowhere else: not in an address, not in a log. Without a reason nothing is shown, and
//! nothing is shown that was not noted first.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::{Role, is_blank};
use serde::Deserialize;
use serde_json::Value as Json;

use super::case::shown;
use super::frame::Frame;
use super::words::{Shown, When};
use super::{Visitor, html};
use crate::http::App;
use crate::http::auth::{check_form_key, check_origin};
use crate::http::error::Problem;
use crate::http::extract::{Form, Id};
use crate::limits;
use crate::mask;
use crate::store::notes::RevealRow;
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "reveal.html")]
struct Page<'a> {
    frame: Frame<'a>,
    back: String,
    title: Shown,
    field: String,
    /// The whole value; of a dispute every one.
    values: Vec<String>,
    reason: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    key: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    reason: String,
}

/// Whoever works on cases may look; whoever audits reads what is noted instead.
pub(super) fn may(person: &Person) -> bool {
    !matches!(person.role, Role::Worker | Role::Auditor)
}

/// Somebody who has looked, for the case's page.
pub(super) struct Looked {
    pub(super) who: String,
    pub(super) field: String,
    pub(super) reason: String,
    pub(super) at: When,
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(document): Id<DocumentId>,
    headers: HeaderMap,
    Form(Asked { key, field, reason }): Form<Asked>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    check_form_key(&app, visitor.signed.person.worker, &key)?;
    let person = visitor.signed.person.clone();
    let view = app.centre.view(&person, document).await?;
    if !may(&person) || !mask::is_masked(&field) {
        return Err(Problem::not_found());
    }
    let values = view.fields.get(&field).map(texts).unwrap_or_default();
    if values.is_empty() {
        return Err(Problem::not_found());
    }
    let visitor = Visitor { here: format!("/cases/{document}"), ..visitor };
    let reason = reason.trim().to_owned();
    if is_blank(&reason) || reason.chars().count() > limits::MAX_LINE_CHARS {
        let error = app.shown.strings.desk(visitor.lang).get("error-reveal-reason", &[]).unwrap_or_default();
        let said = (None, Some((error, "reveal-reason")), StatusCode::UNPROCESSABLE_ENTITY);
        return shown(&app, &visitor, (document, None), said, None).await;
    }
    let row = RevealRow {
        document,
        field: field.clone(),
        worker: person.worker,
        reason: reason.clone(),
        at: app.centre.now(),
    };
    app.centre.store().reveal(row).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let page = Page {
        back: format!("/cases/{document}"),
        title: super::listed::title(&view.row, &frame.w),
        field: frame.w.field(&field),
        values,
        reason,
        frame,
    };
    html(StatusCode::OK, &page)
}

/// Every text of a field as it is stored.
fn texts(value: &Json) -> Vec<String> {
    match value {
        Json::String(text) if !text.is_empty() => vec![text.clone()],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Object(members) => members.get("disputed").map(texts).unwrap_or_default(),
        _ => Vec::new(),
    }
}
