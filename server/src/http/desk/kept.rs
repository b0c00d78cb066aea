//! What somebody had typed when their session ended: sealed for them alone. Whoever signs in next may be somebody else, and what
//! was typed may be about them.

use axum::http::HeaderMap;
use serde::Serialize;

use crate::accounts::id_of;
use crate::clock::random;
use crate::http::App;
use crate::http::auth::{COOKIE, cookie};
use crate::http::error::Problem;
use crate::store::Store;

/// What was typed, for the page of the sign-in to carry. Nothing where it is not known whose session it was.
pub(super) async fn seal<S: Store>(
    app: &App<S>,
    headers: &HeaderMap,
    (to, typed): (&str, &impl Serialize),
) -> Result<String, Problem> {
    let token = cookie(headers, COOKIE).unwrap_or_default();
    let was = app.centre.store().sign_in(id_of(&token)).await?.map(|row| row.worker);
    // A token says whose it is also once it has expired.
    let Some(sender) = was.or_else(|| app.centre.keys().token_worker(&token, 0)) else {
        return Ok(String::new());
    };
    let plain = serde_json::to_vec(typed).unwrap_or_default();
    Ok(app.centre.keys().keep((sender, to), &plain, random(&**app.centre.source())))
}
