//! `GET /api/v1/cases`: the documents that a person may see, newest first.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind as Documents;
use doorstep_protocol::ids::Millis;
use serde::{Deserialize, Serialize};

use super::shapes::Item;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::http::openapi::{
    Endpoint, flag, list, named, nullable, number, object, one_of, operation, text, time,
};
use crate::limits;
use crate::store::{Query, Store};

/// Rows of a page where nothing else is asked for.
const USUAL: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    kind: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    conflict: bool,
    due_before: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    items: Vec<Item>,
    next: Option<DocumentId>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("items", list(&named("Item"))), ("next", nullable(&text()))]);
    let operation = operation("Documents that the caller may see, newest first.", gives, &[Kind::BadRequest])
        .asks("kind", &one_of(&Documents::ALL.map(Documents::name)), "Of this kind.")
        .asks("unit", &text(), "Only of this unit.")
        .asks("conflict", &flag(), "Only with open conflicts: urgent first, then by age.")
        .asks("due_before", &time(), "Only those due before this.")
        .asks("after", &text(), "The `next` of the page before.")
        .asks("limit", &number(), "At most so many, 1 to 100; usually 50.");
    Endpoint::get("/api/v1/cases", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(request): Params<Request>,
) -> Result<Json<Answer>, Problem> {
    let limit = request.limit.unwrap_or(USUAL);
    let query = query(request, limit)?;
    let rows = app.centre.list(&signed.person, query).await?;
    let next = rows.last().map(|row| row.document).filter(|_| rows.len() == limit);
    Ok(Json(Answer { items: rows.into_iter().map(Item::of).collect(), next }))
}

fn query(request: Request, limit: usize) -> Result<Query, Problem> {
    let bad = |detail: &str| Problem::bad_request("query.invalid", detail);
    if !(1..=limits::LIST_ROWS).contains(&limit) {
        return Err(bad("limit is a number from 1 to 100."));
    }
    let kind = request.kind.map(|name| Documents::named(&name).ok_or_else(|| bad("kind is case or visit.")));
    let after = request.after.map(|text| text.parse().map_err(|_| bad("after is the id of a document.")));
    let time = |text: String| match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok::<Millis, Problem>(at.as_millisecond()),
        Err(_) => Err(bad("due_before is a time as in RFC 3339.")),
    };
    Ok(Query {
        kind: kind.transpose()?,
        unit: request.unit,
        in_conflict: request.conflict,
        due_before: request.due_before.map(time).transpose()?,
        after: after.transpose()?,
        limit,
        ..Query::default()
    })
}
