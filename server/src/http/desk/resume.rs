//! A form whose sender's session had ended: what was typed is kept through signing in, shown, and sent when they say so.
//!
//! Owns which forms. Those of conflicts and commands are kept by their own pages. Never a password and never a file; and
//! nothing is sent without having been looked at again.

use askama::Template;
use axum::RequestExt;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;

use super::frame::Frame;
use super::words::Words;
use super::{html, sign_in};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::{Signed, check_origin, of_cookie};
use crate::http::error::{Kind, Problem};
use crate::http::strings::Lang;
use crate::pipeline::named_worker;
use crate::store::{Person, Store};

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

/// Fields that only the form itself knows.
const SILENT: [&str; 4] = ["id", "here", "command", "query"];

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

/// Asks whoever sends one of these forms without being signed in to sign in, and keeps it. Gives the request back where
/// there is nothing to keep.
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
    match of_cookie(app, request.headers()).await {
        Err(problem) if problem.status() == Kind::Unauthorised.status() => {}
        _ => return Err(request),
    }
    let to = request.uri().path().to_owned();
    let form: Result<axum::Form<Vec<(String, String)>>, _> = request.extract().await;
    let Ok(axum::Form(fields)) = form else {
        return Ok(Err(Problem::bad_request("form.unread", "The form does not read.")));
    };
    let fields: Vec<_> = fields.into_iter().filter(|(name, _)| name != "key").collect();
    let kept = serde_json::to_vec(&fields).unwrap_or_default();
    Ok(sign_in::again_with(app, lang, &to, BASE64URL_NOPAD.encode(&kept)))
}

/// What was typed, to be sent after all.
pub(super) async fn page<S: Store>(
    app: &App<S>,
    (signed, lang): (Signed, Lang),
    to: &str,
    kept: &str,
) -> Result<Response, Problem> {
    let signed = signed.may(Wish::Desk)?.settled()?;
    let fields = BASE64URL_NOPAD.decode(kept.as_bytes()).ok();
    let fields: Option<Vec<(String, String)>> = fields.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let fields = fields
        .ok_or_else(|| Problem::bad_request("form.unread", "What was kept of the form does not read."))?;
    let frame = Frame::new(app, lang, to, Some(&signed));
    let told = fields.iter().filter(|(name, value)| !SILENT.contains(&&**name) && !value.trim().is_empty());
    let named = |name: &str| Some(frame.w.named("kept", name)).filter(|said| said != name);
    let named = |name: &str| named(name).unwrap_or_else(|| frame.w.field(name));
    let people = app.centre.store().people(&signed.person.district).await?;
    let told = told
        .map(|(name, value)| (named(name), said(to, (name.as_str(), value.as_str()), (&people, &frame.w))));
    let (told, form) = (told.collect(), form(to, &frame.w));
    html(StatusCode::OK, &Page { to: to.to_owned(), form, told, fields, frame })
}

/// What people call the form that goes to an address.
fn form(to: &str, w: &Words<'_>) -> String {
    const FORMS: [(&str, &str); 16] = [
        ("/supervision/ledger", "supervision-tab-ledger"),
        ("/supervision/draws", "supervision-tab-draws"),
        ("/supervision/accounts", "supervision-tab-accounts"),
        ("/supervision/rates", "supervision-tab-rates"),
        ("/supervision/signals", "supervision-tab-signals"),
        ("/admin/people", "admin-people"),
        ("/admin/devices", "admin-devices"),
        ("/admin/packs", "admin-packs"),
        ("/admin/refused", "admin-refused"),
        ("/admin/hooks", "admin-hooks"),
        ("/admin/backups", "admin-backups"),
        ("/admin", "admin-health"),
        ("/account/leave", "leave-title"),
        ("/leave", "leave-others"),
        ("/cases/filters", "kept-title"),
        ("/conflicts", "queue-title"),
    ];
    let of_case = match to.rsplit('/').next() {
        Some("hand-over") => return w.command("hand_over"),
        Some("reveal") => "reveal-title",
        _ => "release",
    };
    let known = FORMS.into_iter().find(|(root, _)| to.starts_with(root));
    w.t(known.map_or(of_case, |(_, id)| id))
}

/// What stands in a field, as people know it: names of people, units and buttons, and days.
fn said(to: &str, (name, value): (&str, &str), (people, w): (&[Person], &Words<'_>)) -> String {
    let person = || value.parse().ok().map(|worker| named_worker(people, worker));
    let button = |id: String| Some(w.t(&id)).filter(|said| !said.contains(&id));
    let said = match name {
        "worker" | "deputy" => person(),
        "unit" => Some(w.unit(value)),
        "field" => Some(w.field(value)),
        "role" => Some(w.named("role", value)),
        "category" => Some(w.named("category", value)),
        "result" => Some(w.named("choice", value)),
        "verdict" => button(format!("account-{value}")),
        "what" => {
            let kind = ["/conflicts", "/admin/devices", "/admin/people", "/admin/packs", "/admin/refused"]
                .iter()
                .position(|root| to.starts_with(root));
            kind.and_then(|at| {
                button(format!("{}-{value}", ["work", "device", "person", "pack", "refused"][at]))
            })
        }
        "from" | "until" | "week" => super::leave::span(value, value).map(|(from, _)| w.day(from).plain()),
        _ => None,
    };
    said.unwrap_or_else(|| value.to_owned())
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
