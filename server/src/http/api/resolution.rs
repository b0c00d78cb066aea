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
use crate::http::openapi::{Endpoint, flag, hash, list, nullable, object, operation, request, text};
use crate::http::review::{self, Answer as Given, Choice, ReviewError};
use crate::pipeline::DeskError;
use crate::store::{Person, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    #[serde(default)]
    value: Value,
    /// Takes the value of this side; for values that are only shown masked.
    side: Option<Hash>,
    #[serde(default)]
    reason: String,
    heads: Option<Vec<Hash>>,
    /// Decides anew what has been decided.
    #[serde(default)]
    again: bool,
    /// What this side says becomes a second case.
    second: Option<Hash>,
    /// Of the preview that was looked at: recorded only if the same follows still.
    mark: Option<String>,
}

/// A value that may be null, which is not the same as one that is not there.
#[derive(Default)]
enum Value {
    #[default]
    Absent,
    Is(Option<String>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Value::Is)
    }
}

#[derive(Serialize)]
pub(super) struct Answer {
    hash: Hash,
    document: DocumentId,
    field: String,
}

impl Request {
    /// What a person wants to hold, and why.
    pub(super) fn given(self) -> Result<Given, Problem> {
        let choice = match (self.side, self.value) {
            (Some(side), Value::Absent) => Some(Choice::Side(side)),
            (None, Value::Absent) => None,
            (None, Value::Is(value)) => Some(Choice::Value(value)),
            (Some(_), Value::Is(_)) => {
                return Err(Problem::unprocessable("choice.both", "Send a value or a side, not both."));
            }
        };
        let Request { reason, heads, again, second, .. } = self;
        Ok(Given { choice, reason, heads, again, second })
    }
}

/// The body that an answer to a conflict takes.
pub(super) fn takes() -> serde_json::Value {
    request(
        &[("reason", text())],
        &[
            ("value", nullable(&text())),
            ("side", hash()),
            ("heads", list(&hash())),
            ("again", flag()),
            ("second", hash()),
            ("mark", text()),
        ],
    )
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("hash", hash()), ("document", text()), ("field", text())]);
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let operation = operation("Resolves a conflict: a value, or a side's, and the reason.", gives, refusals);
    Endpoint::post("/api/v1/conflicts/{id}/resolution", handle::<S>, operation.takes(takes()))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(ConflictId { document, field }): Id<ConflictId>,
    Body(mut request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let mark = request.mark.take();
    let (given, at) = (request.given()?, (document, field.as_str()));
    let looked = match mark {
        None => Ok(true),
        Some(mark) => {
            let now = Box::pin(review::preview(&app.centre, &signed.person, at, given.clone())).await;
            now.map(|now| now.mark == mark)
        }
    };
    let recorded = match looked {
        Ok(true) => review::resolve(&app.centre, &signed.person, at, given).await,
        Ok(false) => {
            let said = "Something else would follow by now, or this is another answer. Nothing was recorded; look at it again.";
            return Err(Problem::conflict("preview.moved", said));
        }
        Err(error) => Err(error),
    };
    match recorded {
        Ok(hash) => Ok(Json(Answer { hash, document, field })),
        Err(ReviewError::Desk(DeskError::Stale)) => {
            Err(stale(&app, &signed.person, (document, &field)).await)
        }
        Err(error) => Err(error.into()),
    }
}

/// What came since goes with the refusal, so that the caller can decide again at once.
pub(super) async fn stale<S: Store>(app: &App<S>, person: &Person, at: (DocumentId, &str)) -> Problem {
    let problem = Problem::from(DeskError::Stale);
    match review::find(&app.centre, person, at).await {
        Ok((view, Some(conflict))) => {
            let now = Queued::of(view.row, view.heads, conflict);
            problem.with("conflict", serde_json::to_value(now).expect("a conflict of texts serialises"))
        }
        _ => problem,
    }
}
