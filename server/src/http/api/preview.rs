//! `POST /api/v1/conflicts/{id}/preview`: what would be decided if a conflict were resolved so. Records nothing.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;

use super::resolution::{Request, stale, takes};
use super::shapes::Decided;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, ConflictId, Id};
use crate::http::openapi::{Endpoint, list, named, nullable, object, operation, text};
use crate::http::review::{self, ReviewError};
use crate::pipeline::{DeskError, Wait};
use crate::store::Store;

#[derive(Serialize)]
pub(super) struct Answer {
    mark: String,
    decision: Option<Decided>,
    waits: Vec<Wait>,
    leaves: Vec<String>,
    joins: Vec<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[
        ("mark", text()),
        ("decision", nullable(&named("Decision"))),
        ("waits", list(&waits())),
        ("leaves", list(&text())),
        ("joins", list(&text())),
    ]);
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let summary = "What would be decided if a conflict were resolved so. Nothing is recorded.";
    let operation = operation(summary, gives, refusals);
    Endpoint::post("/api/v1/conflicts/{id}/preview", handle::<S>, operation.takes(takes()))
}

fn waits() -> Value {
    object(&[("kind", text()), ("who", nullable(&text())), ("until", nullable(&text()))])
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(ConflictId { document, field }): Id<ConflictId>,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    match review::preview(&app.centre, &signed.person, (document, &field), request.given()?).await {
        Ok(preview) => Ok(Json(Answer {
            mark: preview.mark,
            decision: preview.decision.map(Decided::of),
            waits: preview.waits,
            leaves: preview.leaves,
            joins: preview.joins,
        })),
        Err(ReviewError::Desk(DeskError::Stale)) => {
            Err(stale(&app, &signed.person, (document, &field)).await)
        }
        Err(error) => Err(error.into()),
    }
}
