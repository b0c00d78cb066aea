//! `GET /api/v1/cases/{id}/history`: who changed which fields, when it was made and when it arrived.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use serde::Serialize;

use super::shapes::{Edited, items};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Id;
use crate::http::openapi::{Endpoint, named, operation};
use crate::store::Store;

#[derive(Serialize)]
pub(super) struct Answer {
    items: Vec<Edited>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation =
        operation("Changes of a document in order of arrival.", items(&named("Edit")), &[Kind::NotFound]);
    Endpoint::get("/api/v1/cases/{id}/history", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
) -> Result<Json<Answer>, Problem> {
    let view = app.centre.view(&signed.person, document).await?;
    Ok(Json(Answer { items: view.history.into_iter().map(Edited::of).collect() }))
}
