//! `GET /api/v1/nonce`: a nonce for a device's token. It shows its age by itself; nothing is stored.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::http::App;
use crate::http::openapi::{Endpoint, object, operation, text};
use crate::store::Store;

#[derive(Serialize)]
pub(super) struct Answer {
    nonce: String,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("A nonce, good for two minutes.", object(&[("nonce", text())]), &[]).open();
    Endpoint::get("/api/v1/nonce", handle::<S>, operation)
}

async fn handle<S: Store>(State(app): State<App<S>>) -> Json<Answer> {
    let nonce = app.centre.keys().nonce(app.centre.now(), &**app.centre.source());
    Json(Answer { nonce })
}
