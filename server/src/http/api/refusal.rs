//! `GET /api/v1/quarantine/{id}`: a refused change, with what it would have written as far as the caller may see it.
//! `POST /api/v1/quarantine/{id}/verdict`: it is entered in the caller's name, or dismissed, with a reason.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::documents::Edit;
use serde::{Deserialize, Serialize};

use super::quarantine::{self, Entry};
use super::reviewing::words;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::mask;
use crate::http::openapi::{Endpoint, flag, list, nullable, object, one_of, operation, text};
use crate::pipeline::{DeskError, Verdict};
use crate::store::Store;

#[derive(Serialize)]
struct Written {
    field: String,
    value: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    entry: Entry,
    /// Null: not for the caller, or it does not read.
    writes: Option<Vec<Written>>,
    verdict: Option<&'static str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    verdict: Asked,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    Enter,
    Dismiss,
}

#[derive(Serialize)]
struct Done {
    done: bool,
}

pub(super) fn shown_endpoint<S: Store>() -> Endpoint<S> {
    let written = object(&[("field", text()), ("value", nullable(&text()))]);
    let mut gives = quarantine::members();
    gives.push(("writes", nullable(&list(&written))));
    gives.push(("verdict", nullable(&one_of(&["entered", "dismissed"]))));
    let gives = object(&gives);
    Endpoint::get(
        "/api/v1/quarantine/{id}",
        show::<S>,
        operation("A refused change.", gives, &[Kind::NotFound]),
    )
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let operation = operation("Enters or dismisses a refused change.", object(&[("done", flag())]), refusals);
    let body = object(&[("verdict", one_of(&["enter", "dismiss"])), ("reason", text())]);
    Endpoint::post("/api/v1/quarantine/{id}/verdict", judge::<S>, operation.takes(body))
}

async fn show<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<i64>,
) -> Result<Json<Answer>, Problem> {
    let view = app.centre.refusal(&signed.person, id).await?;
    let written = |edit: Edit| {
        let field = edit.field().to_owned();
        let value = match edit {
            Edit::Put { value, .. } => value,
            Edit::SetText { text, .. } => Some(text),
            Edit::Append { item, .. } => Some(item),
            _ => None,
        };
        Written { value: value.map(|value| mask::shown(&field, &value)), field }
    };
    let verdict = view.answered.map(|answered| if answered.entered { "entered" } else { "dismissed" });
    Ok(Json(Answer {
        entry: Entry::of(view.row),
        writes: view.edits.map(|edits| edits.into_iter().map(written).collect()),
        verdict,
    }))
}

async fn judge<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<i64>,
    Body(request): Body<Request>,
) -> Result<Json<Done>, Problem> {
    let verdict = match request.verdict {
        Asked::Enter => Verdict::Enter,
        Asked::Dismiss => Verdict::Dismiss,
    };
    app.centre.refusal(&signed.person, id).await?;
    words(&request.reason)?;
    match app.centre.judge_refusal(&signed.person, (id, verdict), &request.reason).await {
        Ok(()) => Ok(Json(Done { done: true })),
        Err(DeskError::NotOpen) => {
            Err(Problem::conflict("refused.answered", "Somebody has looked at this change already."))
        }
        Err(error) => Err(error.into()),
    }
}
