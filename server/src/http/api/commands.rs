//! `POST /api/v1/cases/{id}/commands`: a person acts on a case; policy decides or names the rule that refuses.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
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
use crate::pipeline::{AsRead, Centre, MOVED};
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
    let refusals = &[
        Kind::BadRequest,
        Kind::NotFound,
        Kind::Conflict,
        Kind::Precondition,
        Kind::Media,
        Kind::Unprocessable,
    ];
    let said = "A command on a case. Repeating it with its id gives the first answer. If-Match with the case's ETag: only if \
                the case still stands so.";
    let operation = operation(said, gives, refusals);
    Endpoint::post("/api/v1/cases/{id}/commands", handle::<S>, operation.takes(takes))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
    headers: HeaderMap,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let id = request.id.map(|id| *id.as_bytes());
    let given = (id, request.name, request.args);
    match give(&app.centre, &signed.person, (document, version(&headers).map(AsRead::Version)), given).await?
    {
        ActOutcome::Decided { n } => Ok(Json(Answer { outcome: "decided", n })),
        ActOutcome::Refused { rule, message } if rule == MOVED => {
            Err(Problem::new(Kind::Precondition, "version.moved", message))
        }
        ActOutcome::Refused { rule, message } => {
            Err(Problem::conflict("command.refused", &message).with("rule", rule.into()))
        }
    }
}

/// The version that `If-Match` names: the ETag of the case as it was read. One that does not read is none that stands.
fn version(headers: &HeaderMap) -> Option<u64> {
    let tag = headers.get(header::IF_MATCH).filter(|tag| *tag != "*")?;
    let named = tag.to_str().ok().and_then(|tag| tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    Some(named.unwrap_or(0))
}

/// Gives a command for a person, within bounds, and to the case as it was read, where that is said.
pub(in crate::http) async fn give<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    (document, read): (DocumentId, Option<AsRead>),
    (id, name, args): (Option<[u8; 16]>, String, BTreeMap<String, String>),
) -> Result<ActOutcome, Problem> {
    // Who may not see the case, not for whom they stand in either, learns nothing from a refusal.
    let of = args.get("for").and_then(|of| of.parse().ok());
    let acting = match of {
        Some(of) => centre.in_place_of(person, (of, document)).await?,
        None => None,
    };
    if let Err(hidden) = centre.view(acting.as_ref().unwrap_or(person), document).await {
        // Whoever has passed a case on sees it no more, and is told again what came of it.
        let before = match id {
            Some(id) => centre.store().command(id).await?,
            None => None,
        };
        let theirs =
            before.is_some_and(|before| before.worker == person.worker && before.document == document);
        if !theirs {
            return Err(hidden.into());
        }
    }
    let long = |text: &String| text.chars().count() > limits::MAX_LINE_CHARS;
    if args.len() > limits::MAX_COMMAND_ARGS || args.values().any(long) || long(&name) {
        return Err(Problem::unprocessable(
            "command.large",
            "At most 16 arguments of at most 500 characters.",
        ));
    }
    let id = id.unwrap_or_else(|| random(&**centre.source()));
    let command = Command { id, document, name, args: args.into_iter().collect(), made: centre.now() };
    Ok(centre.act_at(person, command, read).await?)
}
