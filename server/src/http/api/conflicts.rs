//! `GET /api/v1/conflicts`: the queue of open conflicts, by harm, then age.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::shapes::{Queued, items};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::openapi::{Endpoint, named, operation};
use crate::limits;
use crate::pipeline::CaseView;
use crate::store::Store;

#[derive(Serialize)]
pub(super) struct Answer {
    items: Vec<Queued>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation =
        operation("Open conflicts, by harm, then age.", items(&named("Queued")), &[Kind::NotFound]);
    Endpoint::get("/api/v1/conflicts", handle::<S>, operation)
}

async fn handle<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Desk)?;
    let found = app.centre.conflicts(&signed.person, limits::LIST_ROWS).await?;
    let of = |view: CaseView| {
        let CaseView { row, heads, conflicts, .. } = view;
        conflicts.into_iter().map(move |conflict| Queued::of(row.clone(), heads.clone(), conflict))
    };
    Ok(Json(Answer { items: found.into_iter().flat_map(of).collect() }))
}
