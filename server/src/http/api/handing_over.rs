//! `POST /api/v1/cases/{id}/hand-over`: what may be told of a case in a compartment becomes an open case.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::is_blank;
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{Endpoint, object, operation, request, text};
use crate::limits;
use crate::pipeline::Told;
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    title: String,
    category: String,
    #[serde(default)]
    description: String,
    place: Option<String>,
    severity: Option<String>,
    urgency: Option<String>,
    /// Number of whoever is away, for their deputy.
    #[serde(rename = "for")]
    of: Option<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let optional = ["description", "place", "severity", "urgency", "for"].map(|field| (field, text()));
    let takes = request(&[("title", text()), ("category", text())], &optional);
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Media, Kind::Unprocessable];
    let operation = operation(
        "Has what may be told of a case in a compartment handled outside, as an open case without who complained.",
        object(&[("case", text())]),
        refusals,
    );
    Endpoint::post("/api/v1/cases/{id}/hand-over", handle::<S>, operation.takes(takes))
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
    Body(request): Body<Request>,
) -> Result<Json<Json_>, Problem> {
    let Request { title, category, description, place, severity, urgency, of } = request;
    let of = of.map(|of| of.parse()).transpose().map_err(|_| Problem::not_found())?;
    let title = title.trim().to_owned();
    if is_blank(&title) || title.chars().count() > limits::MAX_LINE_CHARS {
        let message = "One line of at most 500 characters says what is to be done.";
        return Err(Problem::unprocessable("title.missing", message));
    }
    let told = Told { title, description, category, place, severity, urgency };
    let case = app.centre.hand_over(&signed.person, (document, of), &told).await?;
    Ok(Json(json!({"case": case})))
}
