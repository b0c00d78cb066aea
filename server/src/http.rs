//! The HTTP adapter: the API under `/api/v1`, the desk's pages, and what operators ask for.
//!
//! Owns addresses, shapes and strings. Every rule is the pipeline's: a handler here signs somebody in, asks the
//! [`Centre`] and shows the answer.
//!
//! Architecture Invariant: statuses are decided in `error` and nowhere else, and every route stands in
//! a table, so that the API's document and its router cannot differ.

mod api;
mod auth;
mod desk;
pub mod error;
mod extract;
mod files;
mod guard;
pub mod hooks;
mod mask;
mod openapi;
mod operator;
mod repeat;
mod review;
pub mod scrape;
pub mod strings;
#[cfg(test)]
mod tests;
pub mod tls;

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::from_fn;
use axum::response::Response;
use tokio::sync::watch;

use crate::limits;
use crate::metrics::METRICS;
use crate::pipeline::Centre;
use crate::policies::Packs;
use crate::store::Store;
use error::{Kind, Problem};
use scrape::Scrapers;
use strings::Strings;

/// What every handler has.
pub(crate) struct App<S> {
    centre: Arc<Centre<S>>,
    shown: Arc<Shown>,
    latest: Arc<Mutex<Arc<Shown>>>,
    listeners: Arc<desk::live::Listeners>,
    /// Requests with a key of their own, one after the other.
    keyed: Arc<tokio::sync::Mutex<()>>,
    scrapers: Arc<Scrapers>,
}

/// The packs and their strings, as one page sees them.
pub(crate) struct Shown {
    packs: Arc<Packs>,
    strings: Strings,
}

impl Shown {
    fn of(packs: Arc<Packs>) -> Arc<Self> {
        let strings = Strings::of(&packs);
        Arc::new(Shown { packs, strings })
    }
}

/// Every request has a clone: it shows the packs that are known as it begins.
impl<S: Store> Clone for App<S> {
    fn clone(&self) -> Self {
        let packs = self.centre.packs();
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&latest.packs, &packs) {
            *latest = Shown::of(packs);
        }
        let shown = Arc::clone(&latest);
        App {
            centre: Arc::clone(&self.centre),
            shown,
            latest: Arc::clone(&self.latest),
            listeners: Arc::clone(&self.listeners),
            keyed: Arc::clone(&self.keyed),
            scrapers: Arc::clone(&self.scrapers),
        }
    }
}

/// Everything that is served over HTTP, the feed's WebSocket apart. What listens ends when the server stops. Where a
/// connection comes from is read as axum's `ConnectInfo`.
pub fn router<S: Store>(
    centre: Arc<Centre<S>>,
    stopping: watch::Receiver<bool>,
    scrapers: Scrapers,
) -> Router {
    METRICS.started(centre.now());
    let shown = Shown::of(centre.packs());
    let app = App {
        centre,
        latest: Arc::new(Mutex::new(Arc::clone(&shown))),
        shown,
        listeners: desk::live::Listeners::until(stopping),
        keyed: Arc::default(),
        scrapers: Arc::new(scrapers),
    };
    Router::new()
        .merge(api::router(app.clone()))
        .merge(desk::router(app.clone()))
        .merge(operator::router())
        .merge(files::router())
        .fallback(unknown::<S>)
        .method_not_allowed_fallback(method::<S>)
        .layer(DefaultBodyLimit::max(limits::MAX_BODY_BYTES))
        .layer(from_fn(guard::headers))
        .layer(from_fn(guard::catch))
        .with_state(app)
}

async fn unknown<S: Store>(State(app): State<App<S>>, request: Request) -> Response {
    let problem = Problem::new(Kind::NotFound, "route.unknown", "There is no such address.");
    desk::lost(&app, request, problem).await
}

async fn method<S: Store>(State(app): State<App<S>>, request: Request) -> Response {
    let problem = Problem::new(Kind::Method, "method.unknown", "This address does not take this method.");
    desk::lost(&app, request, problem).await
}
