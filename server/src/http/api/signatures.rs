//! `/api/v1/cases/{id}/signatures`: what is signed, what is still wanted and of whom, and signing.

use axum::Json;
use axum::extract::State;
use doorstep_policy::{Signable, Signature};
use doorstep_protocol::{DocumentId, Hash};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{Endpoint, flag, list, nullable, object, operation, request, text};
use crate::limits;
use crate::pipeline::{DeskError, Sign};
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    role: String,
    digest: Hash,
    paper: Option<Hash>,
    witness: Option<String>,
}

const REFUSALS: &[Kind] =
    &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];

pub(super) fn endpoints<S: Store>() -> [Endpoint<S>; 2] {
    let refused = object(&[("rule", text()), ("message", text())]);
    let wanted = object(&[
        ("role", text()),
        ("brought", flag()),
        ("wants_proof", flag()),
        ("refused", nullable(&refused)),
    ]);
    let given = object(&[
        ("role", text()),
        ("worker", text()),
        ("unit", text()),
        ("at", text()),
        ("fresh", flag()),
        ("paper", flag()),
        ("witness", flag()),
    ]);
    let shown = operation(
        "What is signed, what closing still wants and whether you may give it; `digest` is what a signature would cover.",
        object(&[("digest", text()), ("items", list(&wanted)), ("given", list(&given))]),
        &[Kind::NotFound],
    );
    let signed = operation(
        "Signs what the case says. Refused, with the rule, where the signature would not count or the case has changed.",
        object(&[("change", text())]),
        REFUSALS,
    );
    let takes = request(&[("role", text()), ("digest", text())], &[("paper", text()), ("witness", text())]);
    [
        Endpoint::get("/api/v1/cases/{id}/signatures", listed::<S>, shown),
        Endpoint::post("/api/v1/cases/{id}/signatures", sign::<S>, signed.takes(takes)),
    ]
}

async fn listed<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
) -> Result<Json<Value>, Problem> {
    let off = app.centre.sign_off(&signed.person, document).await?;
    let wanted = |one: Signable| {
        let refused = one.refused.map(|no| json!({"rule": no.rule, "message": no.message}));
        json!({"role": one.role, "brought": one.brought, "wants_proof": one.wants_proof, "refused": refused})
    };
    let given = |one: Signature| {
        json!({"role": one.role, "worker": one.worker, "unit": one.unit, "at": one.at, "fresh": one.fresh,
               "paper": one.paper, "witness": one.witness})
    };
    let items: Vec<Value> = off.offers.into_iter().map(wanted).collect();
    let given: Vec<Value> = off.given.into_iter().map(given).collect();
    Ok(Json(json!({"digest": off.digest, "items": items, "given": given})))
}

async fn sign<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
    Body(request): Body<Request>,
) -> Result<Json<Value>, Problem> {
    let Request { role, digest, paper, witness } = request;
    let long = |text: &str| text.chars().count() > limits::MAX_LINE_CHARS;
    if long(&role) || witness.as_deref().is_some_and(long) {
        return Err(Problem::unprocessable("command.large", "A role and a witness are one line each."));
    }
    match app.centre.sign(&signed.person, document, Sign { role, digest, paper, witness }).await {
        Ok(change) => Ok(Json(json!({"change": change}))),
        Err(DeskError::Refused { code, message }) if code.starts_with("signature.") => {
            Err(Problem::conflict("signature.refused", &message).with("rule", code.into()))
        }
        Err(error) => Err(error.into()),
    }
}
