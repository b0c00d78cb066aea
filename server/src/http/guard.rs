//! What holds for every answer: no panic leaves, and the browser is told what it may do.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

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
    let began = Instant::now();
    let sealed = request.headers().get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let mut response = next.run(request).await;
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    METRICS.answered(response.status().as_u16(), micros);
    let set = response.headers_mut();
    if sealed {
        default(set, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    default(set, header::CONTENT_SECURITY_POLICY, CSP);
    default(set, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(set, header::REFERRER_POLICY, "same-origin");
    default(set, header::CACHE_CONTROL, "no-store");
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
