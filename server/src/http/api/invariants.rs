//! `GET /api/v1/invariants`: the ten invariants, checked now, each with how many items it looked at.

use axum::Json;
use axum::extract::State;

use crate::authorize::Wish;
use crate::health;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::openapi::{Endpoint, flag, list, number, object, operation, text};
use crate::store::Store;
use crate::verify::Report;

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let invariant = object(&[
        ("id", number()),
        ("name", text()),
        ("checked", number()),
        ("failed", number()),
        ("examples", list(&text())),
    ]);
    let snapshots = object(&[("checked", number()), ("unusable", number()), ("examples", list(&text()))]);
    let unattended = object(&[("district", text()), ("units", list(&text()))]);
    let gives = object(&[
        ("ok", flag()),
        ("invariants", list(&invariant)),
        ("snapshots", snapshots),
        ("unattended", list(&unattended)),
        ("unseen", list(&text())),
    ]);
    Endpoint::get(
        "/api/v1/invariants",
        handle::<S>,
        operation("The invariants, checked now.", gives, &[Kind::NotFound]),
    )
}

async fn handle<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Report>, Problem> {
    let signed = signed.may(Wish::Inspect)?;
    let mut report = health::check(&app.centre).await?.0;
    // Who is staffed elsewhere is no matter of theirs.
    report.unattended.retain(|of| of.district == signed.person.district);
    Ok(Json(report))
}
