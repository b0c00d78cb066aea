//! What holds for every answer: no panic leaves, and the browser is told what it may do.

use std::panic::AssertUnwindSafe;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;

use super::error::Problem;
use crate::metrics::METRICS;

/// No inline style or script runs, nothing is loaded from elsewhere, nobody frames the desk.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; \
                   connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A panic becomes a problem without contents.
pub(super) async fn catch(request: Request, next: Next) -> Response {
    if let Ok(response) = AssertUnwindSafe(next.run(request)).catch_unwind().await {
        return response;
    }
    METRICS.panicked();
    tracing::error!("a handler panicked");
    Problem::internal().into_response()
}

/// Headers of every answer. What a handler set itself stands.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let set = response.headers_mut();
    default(set, header::CONTENT_SECURITY_POLICY, CSP);
    default(set, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(set, header::REFERRER_POLICY, "same-origin");
    default(set, header::CACHE_CONTROL, "no-store");
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
