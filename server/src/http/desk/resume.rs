//! A form whose sender's session had ended: what was typed is kept through signing in, shown, and sent when they say so.
//!
//! Owns which forms. Those of conflicts and commands are kept by their own pages. Never a password and never a file; and
//! nothing is sent without having been looked at again.

use askama::Template;
use axum::RequestExt;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{Method, StatusCode, header};
use axum::response::Response;

use super::frame::Frame;
use super::kept::{self, Sender};
use super::{html, sign_in};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::{Signed, check_origin};
use crate::http::error::Problem;
use crate::http::strings::Lang;
use crate::store::Store;

mod told;

#[derive(Template)]
#[template(path = "resume.html")]
struct Page<'a> {
    frame: Frame<'a>,
    to: String,
    /// Which form it was.
    form: String,
    /// Name and value of every field.
    fields: Vec<(String, String)>,
    /// What people wrote or chose, as they know it.
    told: Vec<(String, String)>,
}

/// Whether the forms that go to an address are kept here.
pub(super) fn keeps(path: &str) -> bool {
    let below =
        |root: &str| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let of = |root: &str, ends: &[&str]| path.starts_with(root) && ends.iter().any(|end| path.ends_with(end));
    below("/supervision")
        || below("/admin")
        || below("/account/leave")
        || below("/leave")
        || of("/cases/", &["/reveal", "/release", "/filters", "/hand-over"])
        || of("/conflicts/", &["/work"])
}

/// Asks whoever sends one of these forms without being signed in as when they read it to sign in, and keeps it. Gives the
/// request back where there is nothing to keep.
pub(super) async fn ask_in<S: Store>(
    app: &App<S>,
    lang: Lang,
    request: Request,
) -> Result<Result<Response, Problem>, Request> {
    let typed = request.headers().get(header::CONTENT_TYPE);
    let form = typed.is_some_and(|media| media.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    // What another site made somebody send comes without their cookie, too: it is nothing that they typed here.
    let ours = check_origin(request.headers()).is_ok();
    if *request.method() != Method::POST || !form || !ours || !keeps(request.uri().path()) {
        return Err(request);
    }
    let (parts, body) = request.into_parts();
    let unread = || Ok(Err(Problem::bad_request("form.unread", "The form does not read.")));
    let body = match Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(body) => body,
        Err(error) => return Ok(Err(error.into())),
    };
    let again = |body: Bytes| Request::from_parts(parts.clone(), Body::from(body));
    let form: Result<axum::Form<Vec<(String, String)>>, _> = again(body.clone()).extract().await;
    let Ok(axum::Form(mut fields)) = form else { return unread() };
    let key = fields.iter().find(|(name, _)| name == "key").map_or_else(String::new, |(_, key)| key.clone());
    fields.retain(|(name, _)| name != "key");
    // Whatever else there is to say, the form's own page says.
    let Ok(Sender::Away(why)) = kept::sender(app, &parts.headers, &key).await else {
        return Err(again(body));
    };
    let to = parts.uri.path();
    let kept = kept::seal(app, (&parts.headers, &key), (to, &fields)).await;
    Ok(kept.and_then(|kept| sign_in::again(app, lang, to, (why, kept))))
}

/// What was typed, to be sent after all.
pub(super) async fn page<S: Store>(
    app: &App<S>,
    (signed, lang): (Signed, Lang),
    to: &str,
    typed: &[u8],
) -> Result<Response, Problem> {
    let signed = signed.may(Wish::Desk)?.settled()?;
    let fields: Option<Vec<(String, String)>> = serde_json::from_slice(typed).ok();
    let fields = fields
        .ok_or_else(|| Problem::bad_request("form.unread", "What was kept of the form does not read."))?;
    let mut frame = Frame::new(app, lang, to, Some(&signed));
    // There is no page at such an address, and a link would lose the form.
    frame.here.clear();
    let told = told::lines(app, &signed.person, (to, &fields), &frame.w).await?;
    let form = told::form(to, &frame.w);
    html(StatusCode::OK, &Page { to: to.to_owned(), form, told, fields, frame })
}

#[cfg(test)]
mod tests {
    use super::keeps;

    #[test]
    fn no_password_is_kept_and_no_address_that_only_looks_alike() {
        for path in [
            "/supervision",
            "/supervision/draws/3",
            "/admin/people",
            "/conflicts/x.place/work",
            "/cases/x/hand-over",
            "/leave/w7",
        ] {
            assert!(keeps(path), "{path}");
        }
        for path in ["/account", "/sign-in", "/administer", "/cases/x/act", "/conflicts/x.place", "//admin"] {
            assert!(!keeps(path), "{path}");
        }
    }
}
