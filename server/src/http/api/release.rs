//! `POST /api/v1/cases/{id}/release`: a reviewer ends the checkouts that a case waits for, with a reason.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use serde::{Deserialize, Serialize};

use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{Endpoint, flag, object, operation, text};
use crate::limits;
use crate::pipeline::Centre;
use crate::store::{Person, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    reason: String,
}

#[derive(Serialize)]
pub(super) struct Answer {
    released: bool,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let operation = operation("Ends the checkouts of a case.", object(&[("released", flag())]), refusals);
    Endpoint::post("/api/v1/cases/{id}/release", handle::<S>, operation.takes(object(&[("reason", text())])))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Review)?;
    release(&app.centre, &signed.person, document, &request.reason).await?;
    Ok(Json(Answer { released: true }))
}

/// Ends the checkouts of a case, or says why not. The desk's form does the same.
pub(in crate::http) async fn release<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    document: DocumentId,
    reason: &str,
) -> Result<(), Problem> {
    centre.view(person, document).await?;
    let reason = reason.trim();
    if !(1..=limits::MAX_LINE_CHARS).contains(&reason.chars().count()) {
        return Err(Problem::unprocessable("reason.missing", "A reason of 1 to 500 characters is needed."));
    }
    if centre.release(person, document, reason).await? {
        return Ok(());
    }
    Err(Problem::conflict("checkout.none", "Nobody has this case checked out any more."))
}
