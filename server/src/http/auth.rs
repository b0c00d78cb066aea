//! Who asks: a bearer token, or the desk's cookie.
//!
//! A cookie is sent by the browser whether the person meant it or not. So whatever changes something must
//! also carry the form key, which another site cannot know.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use doorstep_protocol::WorkerId;

use super::App;
use super::error::{Kind, Problem};
use crate::accounts;
use crate::authorize::{Wish, authorize};
use crate::enrol::person_of_bearer;
use crate::store::{Person, Store};

/// Name of the desk's cookie.
pub(super) const COOKIE: &str = "doorstep-desk";
/// Header in which a script of the desk gives the form key back.
pub(super) const FORM_KEY: &str = "x-form-key";

const DUE: &str = "Choose a password of your own at /account first.";

/// Somebody who is signed in.
#[derive(Clone)]
pub(super) struct Signed {
    pub(super) person: Person,
    /// The bearer token, or the cookie of a sign-in.
    pub(super) token: String,
    /// They have the password that they were given, and must choose one before anything else.
    pub(super) password_due: bool,
}

impl Signed {
    /// Somebody who may do this at all; whoever may not sees nothing.
    pub(super) fn may(self, wish: Wish) -> Result<Self, Problem> {
        if authorize(&self.person, wish, None) { Ok(self) } else { Err(Problem::not_found()) }
    }

    /// Somebody with a password of their own, or with a token.
    pub(super) fn settled(self) -> Result<Self, Problem> {
        if self.password_due { Err(Problem::new(Kind::PasswordDue, "password.due", DUE)) } else { Ok(self) }
    }
}

impl<S: Store> FromRequestParts<App<S>> for Signed {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App<S>) -> Result<Self, Problem> {
        if let Some(token) = bearer(&parts.headers) {
            return signed(app, token).await;
        }
        let signed = of_cookie(app, &parts.headers).await?;
        if !safe(&parts.method) {
            let given = parts.headers.get(FORM_KEY).and_then(|value| value.to_str().ok());
            check_form_key(app, signed.person.worker, given.unwrap_or_default())?;
        }
        signed.settled()
    }
}

/// Whoever the desk's cookie stands for. For pages: a form gives the form key in its body.
pub(super) async fn of_cookie<S: Store>(app: &App<S>, headers: &HeaderMap) -> Result<Signed, Problem> {
    signed(app, cookie(headers, COOKIE).unwrap_or_default()).await
}

/// Whoever a bearer token or the cookie of a sign-in stands for.
pub(super) async fn signed<S: Store>(app: &App<S>, token: String) -> Result<Signed, Problem> {
    let (store, now) = (app.centre.store(), app.centre.now());
    let found = accounts::of_cookie(&**store, &token, now).await?;
    let password_due = found.as_ref().is_some_and(|found| found.password_due);
    let person = match found {
        Some(found) => app.centre.person(found.worker).await?,
        None => person_of_bearer(&app.centre, &token).await?,
    };
    let person = person.ok_or_else(|| {
        Problem::unauthorised("token.invalid", "The token is absent, not one of this server, or has expired.")
    })?;
    Ok(Signed { person, token, password_due })
}

/// Whoever sends a form has read it from this server, signed in as now.
pub(super) fn check_form_key<S: Store>(app: &App<S>, worker: WorkerId, given: &str) -> Result<(), Problem> {
    if form_reader(app, given) == Some(worker) { Ok(()) } else { Err(foreign()) }
}

/// To whom a form was shown.
pub(super) fn form_reader<S: Store>(app: &App<S>, key: &str) -> Option<WorkerId> {
    app.centre.keys().form_reader(key, app.centre.now())
}

/// A browser says by itself when a form comes from another site; where it does not, over plain HTTP or because it is too old, it
/// says from which. The port is passed over: a proxy may be told another.
pub(super) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let told = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let name = |authority: &str| {
        let end = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
        authority[..end.unwrap_or(authority.len())].to_ascii_lowercase()
    };
    let ours = match (told("sec-fetch-site"), told("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let from = origin.split_once("://").map(|(_, from)| name(from));
            from.is_some_and(|from| told("host").is_none_or(|ours| name(ours) == from))
        }
        (None, None) => true,
    };
    if ours { Ok(()) } else { Err(foreign()) }
}

pub(super) fn foreign() -> Problem {
    Problem::new(Kind::Forbidden, "form.key", "This form does not come from your session at this desk.")
}

fn safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// The token of `Authorization: Bearer`. The scheme's case does not matter (RFC 9110, 11.1).
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value.to_owned())
}
