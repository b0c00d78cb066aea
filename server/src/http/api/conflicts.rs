//! `GET /api/v1/conflicts`: the queue of open conflicts, by harm, then what is late, then age.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::shapes::Queued;
use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::http::openapi::{Endpoint, list, named, nullable, object, operation, text};
use crate::limits;
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    after: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    items: Vec<Queued>,
    next: Option<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("items", list(&named("Queued"))), ("next", nullable(&text()))]);
    let refusals = &[Kind::NotFound, Kind::BadRequest];
    let operation = operation("Open conflicts, by harm, then what is late, then age.", gives, refusals).asks(
        "after",
        &text(),
        "The `next` of the page before.",
    );
    Endpoint::get("/api/v1/conflicts", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(request): Params<Request>,
) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Desk)?;
    let mut queue = app.centre.queue(&signed.person).await?;
    let id = |open: &crate::pipeline::OpenConflict| format!("{}.{}", open.row.document, open.field);
    if let Some(after) = request.after {
        // One that is decided meanwhile: from the beginning again, as lists of cases do.
        let from = queue.iter().position(|open| id(open) == after).map_or(0, |at| at + 1);
        queue.drain(..from);
    }
    let next = queue.get(limits::QUEUE_PAGE - 1).filter(|_| queue.len() > limits::QUEUE_PAGE).map(id);
    queue.truncate(limits::QUEUE_PAGE);
    let mut items = Vec::new();
    for open in queue {
        let Ok(view) = app.centre.view(&signed.person, open.row.document).await else { continue };
        let conflict = view.conflicts.into_iter().find(|conflict| conflict.field == open.field);
        items.extend(conflict.map(|conflict| Queued::of(view.row, view.heads, conflict)));
    }
    Ok(Json(Answer { items, next }))
}
