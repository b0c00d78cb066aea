//! `POST /api/v1/cases/{id}/erasure`: an administrator erases a document on request.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use serde::{Deserialize, Serialize};

use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{Endpoint, number, object, operation, text};
use crate::limits;
use crate::pipeline::EraseError;
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    reason: String,
}

#[derive(Serialize)]
pub(super) struct Answer {
    successor: DocumentId,
    changes: usize,
    /// Backups from before that still hold it, and go on holding it until somebody deletes them.
    backups: Vec<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Media, Kind::Unprocessable];
    let files = serde_json::json!({"type": "array", "items": text()});
    let gives = object(&[("successor", text()), ("changes", number()), ("backups", files)]);
    let operation = operation("Erases a document on request; a redacted one goes on.", gives, refusals);
    Endpoint::post("/api/v1/cases/{id}/erasure", handle::<S>, operation.takes(object(&[("reason", text())])))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Erase)?;
    let reason = request.reason.trim();
    if !(1..=limits::ERASURE_REASON_CHARS).contains(&reason.chars().count()) {
        return Err(Problem::unprocessable(
            "reason.missing",
            "The number or name of the request is needed, in 1 to 80 characters, and nothing of what is erased.",
        ));
    }
    let erased = app.centre.erase(&signed.person, document, reason).await.map_err(|error| match error {
        EraseError::Desk(error) => Problem::from(error),
        error => {
            tracing::error!(%error, "an erasure was not carried out");
            Problem::unavailable()
        }
    })?;
    let backups = erased.backups.iter().map(|backup| backup.file.display().to_string()).collect();
    let (successor, changes) = (erased.row.successor, erased.row.changes.len());
    Ok(Json(Answer { successor, changes, backups }))
}
