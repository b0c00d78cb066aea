//! `GET /api/v1/cases/{id}`: a document with its conflicts, decisions and waits.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use doorstep_protocol::DocumentId;

use super::shapes::Whole;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Id;
use crate::http::openapi::{Endpoint, named, operation};
use crate::store::Store;

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("A document; ETag is its version.", named("Case"), &[Kind::NotFound]);
    Endpoint::get("/api/v1/cases/{id}", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
) -> Result<Response, Problem> {
    let view = app.centre.view(&signed.person, document).await?;
    let tag = format!("\"{}\"", view.row.version);
    Ok(([(header::ETAG, tag)], Json(Whole::of(view))).into_response())
}
