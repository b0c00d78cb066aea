//! What operators and their machines ask: is it up, does the store answer, what has it done.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::App;
use super::error::Problem;
use crate::metrics::{METRICS, Stand};
use crate::store::{Kept, Store};

/// Routes for operators.
pub(super) fn router<S: Store>() -> Router<App<S>> {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready::<S>))
        .route("/metrics", get(metrics::<S>))
}

async fn stands<S: Store>(app: &App<S>) -> Kept<Vec<Stand>> {
    let (store, mut stands) = (app.centre.store(), Vec::new());
    for district in app.shown.packs.districts() {
        let head = store.head(district).await?;
        let (open, undelivered) = store.delivery_counts(district).await?;
        stands.push(Stand { district: district.to_owned(), head, open, undelivered });
    }
    Ok(stands)
}

async fn ready<S: Store>(State(app): State<App<S>>) -> Result<&'static str, Problem> {
    for district in app.shown.packs.districts() {
        app.centre.store().head(district).await.map_err(|_| Problem::unavailable())?;
    }
    Ok("ready\n")
}

async fn metrics<S: Store>(State(app): State<App<S>>) -> Result<Response, Problem> {
    let text = METRICS.text(&stands(&app).await?, app.centre.recovering());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
