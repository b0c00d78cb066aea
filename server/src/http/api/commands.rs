//! `POST /api/v1/cases/{id}/commands`: a person acts on a case; policy decides or names the rule that refuses.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use doorstep_protocol::wire::{ActOutcome, Command};
use serde::{Deserialize, Serialize};

use crate::clock::random;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{Endpoint, any_object, number, object, one_of, operation, request, text};
use crate::limits;
use crate::pipeline::Centre;
use crate::store::{Person, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    name: String,
    #[serde(default)]
    args: BTreeMap<String, String>,
    id: Option<uuid::Uuid>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    outcome: &'static str,
    n: u32,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let takes = request(&[("name", text())], &[("args", any_object()), ("id", text())]);
    let gives = object(&[("outcome", one_of(&["decided"])), ("n", number())]);
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let operation =
        operation("A command on a case. Repeating it with its id gives the first answer.", gives, refusals);
    Endpoint::post("/api/v1/cases/{id}/commands", handle::<S>, operation.takes(takes))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let id = request.id.map(|id| *id.as_bytes());
    match give(&app.centre, &signed.person, document, (id, request.name, request.args)).await? {
        ActOutcome::Decided { n } => Ok(Json(Answer { outcome: "decided", n })),
        ActOutcome::Refused { rule, message } => {
            Err(Problem::conflict("command.refused", &message).with("rule", rule.into()))
        }
    }
}

/// Gives a command for a person, within bounds. The desk's form does the same.
pub(in crate::http) async fn give<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    document: DocumentId,
    (id, name, args): (Option<[u8; 16]>, String, BTreeMap<String, String>),
) -> Result<ActOutcome, Problem> {
    // Who may not see the case, not for whom they stand in either, learns nothing from a refusal.
    let of = args.get("for").and_then(|of| of.parse().ok());
    let acting = match of {
        Some(of) => centre.in_place_of(person, (of, document)).await?,
        None => None,
    };
    centre.view(acting.as_ref().unwrap_or(person), document).await?;
    let long = |text: &String| text.chars().count() > limits::MAX_LINE_CHARS;
    if args.len() > limits::MAX_COMMAND_ARGS || args.values().any(long) || long(&name) {
        return Err(Problem::unprocessable(
            "command.large",
            "At most 16 arguments of at most 500 characters.",
        ));
    }
    let id = id.unwrap_or_else(|| random(&**centre.source()));
    let command = Command { id, document, name, args: args.into_iter().collect(), made: centre.now() };
    Ok(centre.act(person, command).await?)
}
