//! `/admin`: who works here, with which devices, by which rules; what was refused; whether all is well.
//!
//! Owns the sections and who sees which. Every act has a reason where it takes something away, and is in the journal.

mod backups;
mod devices;
mod health;
mod hooks;
mod journal;
mod packs;
mod people;
mod refused;
mod units;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use doorstep_protocol::documents::is_blank;
use serde::Deserialize;

use super::Visitor;
use super::words::Words;
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::error::Problem;
use crate::limits;
use crate::store::{Person, Store};

/// Rows of one page of administration.
const ROWS: usize = 50;

/// A form of these pages: what is to be done, and why, where that is asked.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    key: String,
    what: String,
    reason: String,
}

/// The routes below `/admin`.
pub(super) fn router<S: Store>() -> Router<App<S>> {
    let packs = post(packs::submit::<S>).get(packs::page::<S>);
    Router::new()
        .route("/admin", get(first::<S>))
        .route("/admin/people", get(people::page::<S>).post(people::add::<S>))
        .route("/admin/people/{id}", get(people::one::<S>).post(people::change::<S>))
        .route("/admin/devices", get(devices::page::<S>))
        .route("/admin/devices/{id}", get(devices::one::<S>).post(devices::act::<S>))
        .route("/admin/units", get(units::page::<S>))
        .route("/admin/packs", packs.layer(DefaultBodyLimit::max(2 * limits::MAX_PACK_BYTES)))
        .route("/admin/refused", get(refused::page::<S>))
        .route("/admin/refused/{id}", get(refused::one::<S>).post(refused::judge::<S>))
        .route("/admin/journal", get(journal::page::<S>))
        .route("/admin/hooks", get(hooks::page::<S>))
        .route("/admin/hooks/{id}", post(hooks::again::<S>))
        .route("/admin/backups", get(backups::page::<S>).post(backups::ask::<S>))
        .route("/admin/health", get(health::page::<S>).post(health::check::<S>))
}

/// Id, address and what somebody must be allowed to see it.
const SECTIONS: [(&str, &str, Wish); 9] = [
    ("people", "/admin/people", Wish::Administer),
    ("devices", "/admin/devices", Wish::Administer),
    ("units", "/admin/units", Wish::Inspect),
    ("packs", "/admin/packs", Wish::Inspect),
    ("refused", "/admin/refused", Wish::Inspect),
    ("journal", "/admin/journal", Wish::Administer),
    ("hooks", "/admin/hooks", Wish::Administer),
    ("backups", "/admin/backups", Wish::Inspect),
    ("health", "/admin/health", Wish::Inspect),
];

/// A section as every page of administration links to it.
pub(super) struct Section {
    pub(super) href: &'static str,
    pub(super) name: String,
    pub(super) current: Option<&'static str>,
}

fn sections(person: &Person, here: &str, w: &Words<'_>) -> Vec<Section> {
    let allowed = SECTIONS.into_iter().filter(|(_, _, wish)| authorize(person, *wish, None));
    let section = |(id, href, _): (&str, &'static str, Wish)| Section {
        href,
        name: w.t(&format!("admin-{id}")),
        current: match here.strip_prefix(href) {
            Some("") => Some("page"),
            Some(below) if below.starts_with(['/', '?']) => Some("true"),
            _ => None,
        },
    };
    allowed.map(section).collect()
}

async fn first<S: Store>(State(_): State<App<S>>, visitor: Visitor) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let open = SECTIONS.into_iter().find(|(_, _, wish)| authorize(person, *wish, None));
    let (_, href, _) = open.ok_or_else(Problem::not_found)?;
    Ok(Redirect::to(href).into_response())
}

/// Somebody who may do this here; the section is not there for anybody else.
fn allowed(visitor: Visitor, wish: Wish) -> Result<Visitor, Problem> {
    let Visitor { signed, lang, here } = visitor;
    Ok(Visitor { signed: signed.may(wish)?, lang, here })
}

/// A reason that takes something away: 1 to 500 characters.
fn is_reason(text: &str) -> bool {
    !is_blank(text) && text.trim().chars().count() <= limits::MAX_LINE_CHARS
}
