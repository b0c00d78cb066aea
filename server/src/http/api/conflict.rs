//! `GET /api/v1/conflicts/{id}`: one open conflict, with the heads that a resolution gives back.

use axum::Json;
use axum::extract::State;

use super::shapes::Queued;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{ConflictId, Id};
use crate::http::openapi::{Endpoint, named, operation};
use crate::http::review;
use crate::store::Store;

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("An open conflict.", named("Queued"), &[Kind::NotFound]);
    Endpoint::get("/api/v1/conflicts/{id}", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<ConflictId>,
) -> Result<Json<Queued>, Problem> {
    let (view, conflict) = review::find(&app.centre, &signed.person, (id.document, &id.field)).await?;
    let conflict = conflict.ok_or_else(Problem::not_found)?;
    Ok(Json(Queued::of(view.row, view.heads, conflict)))
}
