//! The desk: pages for people, rendered here, complete without a script.
//!
//! A page never decides anything: it shows what the pipeline says and sends back the heads that it showed.
//! Problems become pages too; whatever is absent or forbidden gives the same one.

mod account;
mod act;
mod admin;
mod case;
mod cases;
mod conflict;
mod conflicts;
mod deadlines;
mod deputies;
mod differs;
mod draft;
mod facts;
mod file;
mod files;
mod filter;
mod frame;
mod handing_over;
mod inbox;
mod kept;
mod known;
mod leave;
mod leave_of_others;
mod ledger;
mod listed;
pub(super) mod live;
mod naming;
mod nav;
mod practice;
mod preview;
mod resume;
mod reveal;
mod reviewing;
mod sides;
mod sign_in;
mod signing;
mod supervision;
mod timeline;
mod words;

use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::App;
use super::auth::{Signed, check_form_key, check_origin, of_cookie};
use super::error::{Kind, Problem};
use super::strings::{self, Lang};
use crate::authorize::Wish;
use crate::store::Store;
use frame::Frame;

const CSS: &str = concat!(
    include_str!("../../console/static/desk/tokens.css"),
    include_str!("../../console/static/desk/frame.css"),
    include_str!("../../console/static/desk/lists.css"),
    include_str!("../../console/static/desk/conflict.css"),
    include_str!("../../console/static/desk/case.css"),
    include_str!("../../console/static/desk/review.css"),
    include_str!("../../console/static/desk/cases.css"),
    include_str!("../../console/static/desk/inbox.css"),
    include_str!("../../console/static/desk/paper.css"),
    include_str!("../../console/static/desk/supervision.css"),
    include_str!("../../console/static/desk/coverage.css"),
    include_str!("../../console/static/desk/admin.css"),
    include_str!("../../console/static/desk/narrow.css"),
);
/// The one script, which no page needs.
const SCRIPT: &str = include_str!("../../console/static/desk.js");
const MARK: &str = include_str!("../../console/static/mark.svg");
/// The style's address carries its digest, so that it may be kept for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The desk's routes.
pub(super) fn router<S: Store>(app: App<S>) -> Router<App<S>> {
    Router::new()
        .route("/", get(inbox::page::<S>))
        .route("/conflicts", get(conflicts::page::<S>))
        .route("/conflicts/practice", get(practice::page::<S>).post(practice::submit::<S>))
        .route("/sign-in", get(sign_in::page::<S>).post(sign_in::submit::<S>))
        .route("/account", get(account::page::<S>).post(account::choose::<S>))
        .route("/account/end", post(account::end::<S>))
        .route("/account/leave", post(leave::enter::<S>))
        .route("/account/leave/end", post(leave::end::<S>))
        .route("/leave", get(leave_of_others::page::<S>))
        .route("/leave/end", post(leave_of_others::end::<S>))
        .route("/leave/{id}", get(leave_of_others::one::<S>).post(leave_of_others::enter::<S>))
        .route("/sign-out", post(sign_in::leave::<S>))
        .route("/conflicts/{id}", get(conflict::page::<S>).post(conflict::submit::<S>))
        .route("/conflicts/{id}/work", post(reviewing::submit::<S>))
        .route("/inbox", get(inbox::page::<S>))
        .route("/inbox/day", get(inbox::day_list::<S>))
        .route("/cases", get(cases::page::<S>))
        .route("/cases/filters", post(cases::keep::<S>))
        .route("/cases/ledger", get(ledger::page::<S>))
        .route("/cases/ledger.xlsx", get(ledger::file::<S>))
        .route("/cases/{id}", get(case::page::<S>))
        .route("/cases/{id}/act", post(act::submit::<S>))
        .route("/cases/{id}/hand-over", get(handing_over::page::<S>).post(handing_over::submit::<S>))
        .route("/cases/{id}/file", get(file::page::<S>))
        .route("/cases/{id}/reveal", post(reveal::submit::<S>))
        .route("/cases/{id}/release", post(case::release::<S>))
        .merge(supervision::router())
        .route("/live", get(live::listen::<S>))
        .merge(admin::router())
        .layer(from_fn_with_state(app, finish::<S>))
        .route("/static/desk.js", get(async || asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/static/desk.css", get(async || asset("text/css; charset=utf-8", CSS)))
        .route("/static/mark.svg", get(async || asset("image/svg+xml", MARK)))
}

fn asset(media: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, FOR_EVER)], text).into_response()
}

/// Somebody who may see the desk, and the language in which they read it.
struct Visitor {
    signed: Signed,
    lang: Lang,
    /// The address without its query.
    here: String,
}

impl<S: Store> FromRequestParts<App<S>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App<S>) -> Result<Self, Problem> {
        let signed = of_cookie(app, &parts.headers).await?.may(Wish::Desk)?;
        let signed =
            if parts.uri.path().starts_with(account::ADDRESS) { signed } else { signed.settled()? };
        Ok(Visitor { signed, lang: lang_of(parts), here: parts.uri.path().to_owned() })
    }
}

/// Whoever sends a form has read it from this desk, signed in as now.
fn theirs<S: Store>(app: &App<S>, visitor: &Visitor, headers: &HeaderMap, key: &str) -> Result<(), Problem> {
    check_origin(headers)?;
    check_form_key(app, visitor.signed.person.worker, key)
}

/// The language of a request, for pages that need nobody signed in.
struct Reader(Lang);

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Reader(lang_of(parts)))
    }
}

fn lang_of(parts: &Parts) -> Lang {
    Lang::of(asked(parts.uri.query()), &parts.headers)
}

fn asked(query: Option<&str>) -> Option<&str> {
    query?.split('&').find_map(|pair| pair.strip_prefix("lang="))
}

/// A page as an answer.
fn html(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    let text = page.render().map_err(|error| {
        tracing::error!(%error, "a page could not be rendered");
        Problem::internal()
    })?;
    Ok((status, Html(text)).into_response())
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame<'a>,
    status: u16,
    what: String,
    next: String,
}

/// Remembers the language that was asked for, and shows problems as pages.
async fn finish<S: Store>(State(app): State<App<S>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let (lang, wanted) = (lang_of(&parts), asked(parts.uri.query()).and_then(Lang::named));
    let (method, uri, headers) = (parts.method.clone(), parts.uri.clone(), parts.headers.clone());
    let response = match resume::ask_in(&app, lang, Request::from_parts(parts, body)).await {
        Ok(kept) => kept.unwrap_or_else(IntoResponse::into_response),
        Err(request) => next.run(request).await,
    };
    let mut response = match response.extensions().get::<Kind>().copied() {
        None => response,
        Some(Kind::Unauthorised) if method == Method::GET => {
            let to = uri.path_and_query().map_or("/", |path| path.as_str());
            Redirect::to(&sign_in::address(to, super::auth::cookie(&headers, super::auth::COOKIE).is_some()))
                .into_response()
        }
        Some(Kind::PasswordDue) => Redirect::to(account::ADDRESS).into_response(),
        Some(kind) => {
            let signed = of_cookie(&app, &headers).await.ok();
            problem(&app, (lang, uri.path()), kind, signed.as_ref())
        }
    };
    if let Some(lang) = wanted {
        let cookie = format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax", strings::COOKIE, lang.tag());
        let value = HeaderValue::try_from(cookie).expect("a cookie of constants");
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// An address that nothing answers: a page for somebody at a browser, the problem itself for a program.
pub(super) async fn lost<S: Store>(app: &App<S>, request: Request, told: Problem) -> Response {
    let (parts, _) = request.into_parts();
    let accepts = parts.headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let reads = accepts.is_some_and(|accept| accept.contains("text/html"));
    if !reads || parts.uri.path().starts_with("/api/") {
        return told.into_response();
    }
    let signed = of_cookie(app, &parts.headers).await.ok();
    problem(app, (lang_of(&parts), parts.uri.path()), told.kind(), signed.as_ref())
}

fn problem<S: Store>(
    app: &App<S>,
    (lang, here): (Lang, &str),
    kind: Kind,
    signed: Option<&Signed>,
) -> Response {
    let frame = Frame::new(app, lang, here, signed);
    let name = match kind {
        Kind::NotFound | Kind::Method => "not-found",
        Kind::Unauthorised => "signed-out",
        Kind::Forbidden => "foreign",
        Kind::Conflict => "moved-on",
        Kind::Internal | Kind::Unavailable => "fault",
        _ => "unread",
    };
    let (what, next) = (frame.w.t(&format!("problem-{name}")), frame.w.t(&format!("problem-{name}-next")));
    let status = kind.status();
    let page = ProblemPage { frame, status: status.as_u16(), what, next };
    html(status, &page).unwrap_or_else(IntoResponse::into_response)
}
