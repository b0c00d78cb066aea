//! `GET /api/v1/cases/{id}/decisions`: the append-only log of what was decided, and why.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use serde::Serialize;

use super::shapes::{Decided, items};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Id;
use crate::http::openapi::{Endpoint, named, operation};
use crate::store::Store;

#[derive(Serialize)]
pub(super) struct Answer {
    items: Vec<Decided>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation =
        operation("Decisions on a case, oldest first.", items(&named("Decision")), &[Kind::NotFound]);
    Endpoint::get("/api/v1/cases/{id}/decisions", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
) -> Result<Json<Answer>, Problem> {
    let view = app.centre.view(&signed.person, document).await?;
    Ok(Json(Answer { items: view.decisions.into_iter().map(Decided::of).collect() }))
}
