//! A form whose sender is not signed in as they were when they read it: what they had typed is sealed for them alone. Whoever
//! signs in next may be somebody else, and what was typed may be about them.

use axum::http::HeaderMap;
use serde::Serialize;

use crate::accounts::id_of;
use crate::clock::random;
use crate::http::App;
use crate::http::auth::{COOKIE, Signed, cookie, foreign, form_reader, of_cookie};
use crate::http::error::{Kind, Problem};
use crate::store::Store;

/// Who sends a form.
pub(super) enum Sender {
    /// Whoever read it, signed in as then.
    Same(Signed),
    /// They are to sign in first, and are told this.
    Away(&'static str),
}

/// Who sends a form that carries this key. Their session may have ended, or somebody else may have signed in in the same
/// browser since.
pub(super) async fn sender<S: Store>(
    app: &App<S>,
    headers: &HeaderMap,
    key: &str,
) -> Result<Sender, Problem> {
    let signed = match of_cookie(app, headers).await {
        Ok(signed) => signed,
        Err(problem) if problem.status() == Kind::Unauthorised.status() => {
            return Ok(Sender::Away("sign-in-kept"));
        }
        Err(problem) => return Err(problem),
    };
    match form_reader(app, key) {
        Some(reader) if reader == signed.person.worker => Ok(Sender::Same(signed)),
        Some(_) => Ok(Sender::Away("sign-in-other")),
        None => Err(foreign()),
    }
}

/// What was typed, for the page of the sign-in to carry. Nothing where it is not known who typed it: a form says to whom it
/// was shown, a session whose it was.
pub(super) async fn seal<S: Store>(
    app: &App<S>,
    (headers, key): (&HeaderMap, &str),
    (to, typed): (&str, &impl Serialize),
) -> Result<String, Problem> {
    let token = cookie(headers, COOKIE).unwrap_or_default();
    let reader = match form_reader(app, key) {
        Some(reader) => Some(reader),
        None => app.centre.store().sign_in(id_of(&token)).await?.map(|row| row.worker),
    };
    // A token says whose it is also once it has expired.
    let Some(sender) = reader.or_else(|| app.centre.keys().token_worker(&token, 0)) else {
        return Ok(String::new());
    };
    let plain = serde_json::to_vec(typed).unwrap_or_default();
    Ok(app.centre.keys().keep((sender, to), &plain, random(&**app.centre.source())))
}
