//! Requests that come again: `Idempotency-Key` on what changes something, `ETag` on what is read.
//!
//! A key is of one person and one request. The answer that something was done is kept for a day, also over a restart; one
//! that says that nothing was is not, and the request may be mended and sent again with its key. Keyed requests go one after the other, so that two at once are one.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::App;
use super::auth::Signed;
use super::error::Problem;
use crate::limits;
use crate::store::Store;
use crate::store::office::RepeatedRow;

const KEY: &str = "idempotency-key";
/// Says that an answer is an earlier one.
const REPLAYED: &str = "idempotent-replayed";

/// Answers a keyed request once.
pub(super) async fn once<S: Store>(State(app): State<App<S>>, request: Request, next: Next) -> Response {
    if *request.method() != Method::POST || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    // In a task of its own: whoever hangs up meanwhile finds the answer of what was done when they ask again.
    let answered = tokio::spawn(async move { keyed(&app, request, next).await }).await;
    let answered = answered.unwrap_or_else(|_| Err(Problem::internal()));
    answered.unwrap_or_else(IntoResponse::into_response)
}

async fn keyed<S: Store>(app: &App<S>, request: Request, next: Next) -> Result<Response, Problem> {
    let key = request.headers().get(KEY).and_then(|key| key.to_str().ok()).unwrap_or_default().to_owned();
    if !(1..=255).contains(&key.len()) {
        return Err(Problem::unprocessable("idempotency.key", "A key has 1 to 255 visible characters."));
    }
    let (mut parts, body) = request.into_parts();
    let Ok(signed) = Signed::from_request_parts(&mut parts, app).await else {
        // Nobody: the endpoint says so itself.
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let large = |_| Problem::unprocessable("idempotency.body", "A request with a key has a small body.");
    let body = to_bytes(body, limits::MAX_BODY_BYTES).await.map_err(large)?;
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let digest: [u8; 32] = Sha256::digest([target.as_bytes(), b"\n", &body].concat()).into();
    let worker = signed.person.worker;
    let _one_after_the_other = app.keyed.lock().await;
    if let Some(known) = app.centre.store().repeated(worker, &key).await? {
        if known.request != digest {
            let said =
                "This key was used for another request. Nothing was done; send it with a key of its own.";
            return Err(Problem::unprocessable("idempotency.reused", said));
        }
        let status = StatusCode::from_u16(known.status).unwrap_or(StatusCode::OK);
        let headers = [(header::CONTENT_TYPE.as_str(), known.media), (REPLAYED, "true".into())];
        return Ok((status, headers, known.body).into_response());
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    if response.status().is_client_error() || response.status().is_server_error() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(|_| Problem::internal())?;
    let media = parts.headers.get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let (now, status) = (app.centre.now(), parts.status.as_u16());
    let media = media.unwrap_or_default().to_owned();
    let row = RepeatedRow { worker, key, request: digest, at: now, status, media, body: body.to_vec() };
    app.centre.store().put_repeated(row, now - limits::DAY_MS).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// Names what was read, and does not send again what the caller has.
pub(super) async fn tagged(request: Request, next: Next) -> Response {
    let read = *request.method() == Method::GET;
    let had = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if !read || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // One that names its version itself knows better.
    let own = parts.headers.get(header::ETAG).cloned();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else { return Problem::internal().into_response() };
    let tag = own.unwrap_or_else(|| HeaderValue::try_from(tag_of(&bytes)).expect("a tag of digits"));
    if had.is_some_and(|had| names(&had, &tag)) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    parts.headers.insert(header::ETAG, tag);
    Response::from_parts(parts, Body::from(bytes))
}

/// Whether a list of tags, weak ones too, or `*` names this one (RFC 9110, 13.1.2).
fn names(list: &HeaderValue, tag: &HeaderValue) -> bool {
    let strong = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    let (Ok(list), Ok(tag)) = (list.to_str(), tag.to_str()) else { return false };
    list.split(',').any(|one| one.trim() == "*" || strong(one) == strong(tag))
}

/// The strong ETag of an answer.
pub(super) fn tag_of(body: &[u8]) -> String {
    format!("\"{}\"", &HEXLOWER.encode(&Sha256::digest(body))[..32])
}
