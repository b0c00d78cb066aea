//! `GET /api/v1/units`: the units of the pack in force, each with from when and until when it stands.

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;

use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::openapi::{Endpoint, list, nullable, object, operation, text, time};
use crate::store::Store;

#[derive(Serialize)]
struct Unit {
    code: String,
    name: String,
    level: String,
    parent: Option<String>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Answer {
    policy: String,
    items: Vec<Unit>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let unit = object(&[
        ("code", text()),
        ("name", text()),
        ("level", text()),
        ("parent", nullable(&text())),
        ("from", nullable(&time())),
        ("until", nullable(&time())),
    ]);
    let gives = object(&[("policy", text()), ("items", list(&unit))]);
    Endpoint::get("/api/v1/units", handle::<S>, operation("The district's units.", gives, &[Kind::NotFound]))
}

async fn handle<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Desk)?;
    let packs = app.centre.packs();
    let pack = packs.of(&signed.person.district, app.centre.now()).ok_or_else(Problem::not_found)?;
    let unit = |unit: &doorstep_policy::Unit| Unit {
        code: unit.code.clone(),
        name: unit.name.clone(),
        level: format!("{:?}", unit.level).to_lowercase(),
        parent: unit.parent.clone(),
        from: unit.from,
        until: unit.until,
    };
    Ok(Json(Answer { policy: pack.id().to_owned(), items: pack.units().map(unit).collect() }))
}
