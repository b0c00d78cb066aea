//! Around a conflict: `POST /api/v1/conflicts/{id}/assignment`, `.../question` and `.../recusal`.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::{Hash, WorkerId};
use serde::{Deserialize, Serialize};

use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, ConflictId, Id};
use crate::http::openapi::{Endpoint, flag, hash, nullable, number, object, operation, request, text};
use crate::limits;
use crate::store::Store;

const REFUSALS: &[Kind] =
    &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// Nobody's, where it is null.
    worker: Option<u32>,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    worker: u32,
    question: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recusal {
    reason: String,
}

#[derive(Serialize)]
struct Done {
    done: bool,
}

#[derive(Serialize)]
struct Asked {
    hash: Hash,
}

pub(super) fn assignment<S: Store>() -> Endpoint<S> {
    let body = request(&[("worker", nullable(&number()))], &[("reason", text())]);
    let operation =
        operation("Gives a conflict to somebody, or back.", object(&[("done", flag())]), REFUSALS);
    Endpoint::post("/api/v1/conflicts/{id}/assignment", assign::<S>, operation.takes(body))
}

pub(super) fn question<S: Store>() -> Endpoint<S> {
    let body = object(&[("worker", number()), ("question", text())]);
    let operation = operation("Asks a worker about a conflict.", object(&[("hash", hash())]), REFUSALS);
    Endpoint::post("/api/v1/conflicts/{id}/question", ask::<S>, operation.takes(body))
}

pub(super) fn recusal<S: Store>() -> Endpoint<S> {
    let summary = "The caller is concerned: from now on they see nothing of the case.";
    let operation = operation(summary, object(&[("done", flag())]), REFUSALS);
    let operation = operation.takes(object(&[("reason", text())]));
    Endpoint::post("/api/v1/conflicts/{id}/recusal", step_back::<S>, operation)
}

/// Words of a person: 1 to 500 characters.
pub(super) fn words(text: &str) -> Result<(), Problem> {
    if (1..=limits::MAX_LINE_CHARS).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    Err(Problem::unprocessable("reason.missing", "Words of 1 to 500 characters are needed."))
}

async fn assign<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<ConflictId>,
    Body(asked): Body<Assignment>,
) -> Result<Json<Done>, Problem> {
    if asked.reason.chars().count() > limits::MAX_LINE_CHARS {
        return Err(Problem::unprocessable("reason.long", "A reason has at most 500 characters."));
    }
    let to = (asked.worker.map(WorkerId), asked.reason.as_str());
    app.centre.assign(&signed.person, (id.document, &id.field), to, None).await?;
    Ok(Json(Done { done: true }))
}

async fn ask<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<ConflictId>,
    Body(asked): Body<Question>,
) -> Result<Json<Asked>, Problem> {
    words(&asked.question)?;
    let to = (WorkerId(asked.worker), asked.question.as_str());
    let hash = app.centre.ask_back(&signed.person, (id.document, &id.field), to).await?;
    Ok(Json(Asked { hash }))
}

async fn step_back<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<ConflictId>,
    Body(asked): Body<Recusal>,
) -> Result<Json<Done>, Problem> {
    app.centre.open_conflict(&signed.person, (id.document, &id.field)).await?;
    words(&asked.reason)?;
    app.centre.step_back(&signed.person, id.document, &asked.reason).await?;
    Ok(Json(Done { done: true }))
}
