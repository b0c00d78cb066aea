//! What operators and their machines ask: is it up, does the store answer, what has it done.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

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
    if app.centre.stalls() {
        return Err(Problem::unavailable());
    }
    Ok("ready\n")
}

async fn metrics<S: Store>(
    State(app): State<App<S>>,
    from: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !app.scrapers.may(from.map(|Extension(ConnectInfo(peer))| peer), &headers) {
        let told = "Figures are for this machine, or for whoever has the token that the configuration names.";
        let next = "Ask from the server's own machine, or see [metrics] in its configuration file.";
        return Err(Problem::unauthorised("metrics.closed", told).next(next));
    }
    let text = METRICS.text(&stands(&app).await?, app.centre.recovering());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response())
}
