//! `/sign-in` and `/sign-out`: login and password, or a bearer token, become a cookie that scripts cannot read and
//! other sites cannot send.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;

use super::frame::Frame;
use super::{Reader, account, act, conflict, html, resume};
use crate::accounts::{self, AccountError};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::auth::{COOKIE, Signed, check_form_key, check_origin, of_cookie, signed};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Params};
use crate::http::strings::Lang;
use crate::limits;
use crate::store::Store;

#[derive(Template)]
#[template(path = "sign-in.html")]
struct Page<'a> {
    frame: Frame<'a>,
    next: String,
    /// What was typed before.
    login: String,
    /// What was typed into a form, sealed.
    kept: String,
    error: Option<String>,
    /// Why somebody who was at work is here.
    note: Option<String>,
}

/// What the page is told by its address.
#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
    expired: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
    #[serde(default)]
    kept: String,
}

#[derive(Deserialize)]
pub(super) struct Left {
    #[serde(default)]
    key: String,
}

/// Where to sign in to come back to a page.
pub(super) fn address(page: &str, expired: bool) -> String {
    let next = if page == "/" { String::new() } else { BASE64URL_NOPAD.encode(page.as_bytes()) };
    match (next.is_empty(), expired) {
        (true, false) => "/sign-in".into(),
        (true, true) => "/sign-in?expired=1".into(),
        (false, false) => format!("/sign-in?next={next}"),
        (false, true) => format!("/sign-in?expired=1&next={next}"),
    }
}

/// The page to come back to: an address of this desk, or its first page.
fn back_to(next: &str) -> String {
    let page = BASE64URL_NOPAD.decode(next.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let ours = |page: &String| {
        page.starts_with('/')
            && !page.starts_with("//")
            && page.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    page.filter(ours).unwrap_or_else(|| "/".into())
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    Reader(lang): Reader,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let next = asked.next.unwrap_or_default();
    let note = asked.expired.map(|_| "sign-in-expired");
    shown(&app, lang, Typed { next, ..Typed::default() }, (None, note, StatusCode::OK))
}

/// What was typed so far, here and on the page before.
#[derive(Clone, Default)]
struct Typed {
    next: String,
    login: String,
    kept: String,
}

/// Somebody is not signed in any more as they were while they typed: the page keeps it, where there is anything to keep, and
/// says why.
pub(super) fn again<S: Store>(
    app: &App<S>,
    lang: Lang,
    page: &str,
    (why, kept): (&str, String),
) -> Result<Response, Problem> {
    let note = if kept.is_empty() { "sign-in-expired" } else { why };
    let typed = Typed { next: BASE64URL_NOPAD.encode(page.as_bytes()), kept, ..Typed::default() };
    shown(app, lang, typed, (None, Some(note), Kind::Unauthorised.status()))
}

/// The page to which somebody comes back, with what they had typed. What another had typed is nobody else's to see.
pub(super) async fn resumed<S: Store>(
    app: &App<S>,
    (signed, lang): (Signed, Lang),
    next: &str,
    kept: &str,
) -> Result<Response, Problem> {
    let page = back_to(next);
    if signed.password_due {
        // First a password of their own; what was typed waits.
        return account::waiting(app, (signed, lang), (next, kept)).await;
    }
    let Some(typed) = app.centre.keys().kept((signed.person.worker, &page), kept) else {
        return Ok(Redirect::to("/").into_response());
    };
    if resume::keeps(&page) {
        Box::pin(resume::page(app, (signed, lang), &page, &typed)).await
    } else if page.starts_with("/cases/") {
        Box::pin(act::resumed(app, (signed, lang), &page, &typed)).await
    } else {
        Box::pin(conflict::resumed(app, (signed, lang), &page, &typed)).await
    }
}

fn shown<S: Store>(
    app: &App<S>,
    lang: Lang,
    Typed { next, login, kept }: Typed,
    (error, note, status): (Option<&str>, Option<&str>, StatusCode),
) -> Result<Response, Problem> {
    let here = if next.is_empty() { "/sign-in".into() } else { format!("/sign-in?next={next}") };
    let mut frame = Frame::new(app, lang, &here, None);
    if !kept.is_empty() {
        // A link to the other language would not carry it along.
        frame.here.clear();
    }
    let (error, note) = (error.map(|id| frame.w.t(id)), note.map(|id| frame.w.t(id)));
    html(status, &Page { frame, next, login, kept, error, note })
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    Reader(lang): Reader,
    headers: HeaderMap,
    Form(Sent { login, password, token, next, kept }): Form<Sent>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    let mut token: String = token.split_whitespace().collect();
    let refuse = |error| {
        let typed = Typed { next: next.clone(), login: login.clone(), kept: kept.clone() };
        shown(&app, lang, typed, (Some(error), None, Kind::Unprocessable.status()))
    };
    if token.is_empty() {
        match entered(&app, (&login, password), &headers).await {
            Ok(cookie) => token = cookie,
            Err(AccountError::Store(error)) => return Err(error.into()),
            Err(_) => return refuse("sign-in-wrong"),
        }
    } else if token.starts_with("s.") {
        // A cookie is no token: whoever has only that does not get another.
        return refuse("sign-in-wrong-token");
    }
    let found = match signed(&app, token.clone()).await {
        Ok(found) => found,
        Err(problem) if problem.status() == Kind::Unauthorised.status() => {
            return refuse("sign-in-wrong-token");
        }
        Err(problem) => return Err(problem),
    };
    if !authorize(&found.person, Wish::Desk, None) {
        return refuse("sign-in-no-desk");
    }
    let mut response = match kept.is_empty() {
        true => Redirect::to(&back_to(&next)).into_response(),
        false => resumed(&app, (found, lang), &next, &kept).await?,
    };
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie(&token, limits::COOKIE_LIFE_MS / 1000, &headers));
    Ok(response)
}

/// The cookie of a new sign-in.
async fn entered<S: Store>(
    app: &App<S>,
    (login, password): (&str, String),
    headers: &HeaderMap,
) -> Result<String, AccountError> {
    let browser = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let (store, clock) = (app.centre.store(), (app.centre.now(), &**app.centre.source()));
    let signed = accounts::sign_in(&**store, (login, password, browser), clock).await?;
    Ok(signed.cookie)
}

pub(super) async fn leave<S: Store>(
    State(app): State<App<S>>,
    headers: HeaderMap,
    Form(Left { key }): Form<Left>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    if let Ok(Signed { token, person, .. }) = of_cookie(&app, &headers).await {
        check_form_key(&app, person.worker, &key)?;
        accounts::end(&**app.centre.store(), person.worker, accounts::id_of(&token), app.centre.now())
            .await?;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie("", 0, &headers));
    Ok(response)
}

/// The desk's cookie. Over TLS, as the proxy in front says, it never travels without.
fn cookie(token: &str, seconds: i64, headers: &HeaderMap) -> HeaderValue {
    let secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::try_from(text).expect("a token that this server gave is letters and digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_back_to_this_desk_only() {
        let next = |page: &str| BASE64URL_NOPAD.encode(page.as_bytes());
        assert_eq!(back_to(&next("/cases/1?done=x")), "/cases/1?done=x");
        for elsewhere in
            ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "/a b", "/a\nb", ""]
        {
            assert_eq!(back_to(&next(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(back_to("not base64!"), "/");
    }
}
