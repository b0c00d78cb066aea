//! `POST /api/v1/conflicts/{id}/resolution`: a person decides what holds, and why, in one act.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::{DocumentId, Hash};
use serde::{Deserialize, Deserializer, Serialize};

use super::shapes::Queued;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, ConflictId, Id};
use crate::http::openapi::{Endpoint, hash, list, nullable, object, operation, request, text};
use crate::http::review::{self, Answer as Given, Choice, ReviewError};
use crate::pipeline::DeskError;
use crate::store::{Person, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// Absent: see `side`. Null: none.
    #[serde(default, deserialize_with = "given")]
    value: Option<Option<String>>,
    /// Takes the value of this side; for values that are only shown masked.
    side: Option<Hash>,
    #[serde(default)]
    reason: String,
    heads: Option<Vec<Hash>>,
}

/// Tells a null from a member that is not there.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Serialize)]
pub(super) struct Answer {
    hash: Hash,
    document: DocumentId,
    field: String,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let takes = request(
        &[("reason", text())],
        &[("value", nullable(&text())), ("side", hash()), ("heads", list(&hash()))],
    );
    let gives = object(&[("hash", hash()), ("document", text()), ("field", text())]);
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let operation = operation("Resolves a conflict: a value, or a side's, and the reason.", gives, refusals);
    Endpoint::post("/api/v1/conflicts/{id}/resolution", handle::<S>, operation.takes(takes))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(ConflictId { document, field }): Id<ConflictId>,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let choice = match (request.side, request.value) {
        (Some(side), None) => Some(Choice::Side(side)),
        (None, value) => value.map(Choice::Value),
        (Some(_), Some(_)) => return Err(Problem::unprocessable("choice.both", "Send a value or a side, not both.")),
    };
    let given = Given { choice, reason: request.reason, heads: request.heads };
    match review::resolve(&app.centre, &signed.person, (document, &field), given).await {
        Ok(hash) => Ok(Json(Answer { hash, document, field })),
        Err(ReviewError::Desk(DeskError::Stale)) => Err(stale(&app, &signed.person, (document, &field)).await),
        Err(error) => Err(error.into()),
    }
}

/// What came since goes with the refusal, so that the caller can decide again at once.
async fn stale<S: Store>(app: &App<S>, person: &Person, at: (DocumentId, &str)) -> Problem {
    let problem = Problem::from(DeskError::Stale);
    match review::find(&app.centre, person, at).await {
        Ok((view, Some(conflict))) => {
            let now = Queued::of(view.row, view.heads, conflict);
            problem.with("conflict", serde_json::to_value(now).expect("a conflict of texts serialises"))
        }
        _ => problem,
    }
}
