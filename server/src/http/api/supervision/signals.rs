//! `GET /api/v1/supervision/signals`: clusters, and what may be false resolution.

use axum::Json;
use axum::extract::State;
use doorstep_policy::RepeatField;
use serde_json::{Value, json};

use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::openapi::{Endpoint, flag, hash, list, number, object, operation, text};
use crate::store::{CaseRow, Store};

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let cluster = object(&[("place", text()), ("category", text()), ("cases", list(&text()))]);
    let repeat = object(&[("same", list(&text())), ("closed", text()), ("again", text())]);
    let reused = object(&[("hash", hash()), ("cases", list(&text()))]);
    let bulk = object(&[("unit", text()), ("day", number()), ("week", number())]);
    let gives = object(&[
        ("clusters", list(&cluster)),
        ("inspects", flag()),
        ("repeats", list(&repeat)),
        ("reused", list(&reused)),
        ("bulk", list(&bulk)),
    ]);
    let operation = operation(
        "Clusters of open cases; for inspectors, signals of false resolution. They decide nothing.",
        gives,
        &[Kind::NotFound],
    );
    Endpoint::get("/api/v1/supervision/signals", handle::<S>, operation)
}

async fn handle<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Value>, Problem> {
    let view = app.centre.signals(&signed.person).await?;
    let ids = |rows: &[CaseRow]| rows.iter().map(|row| row.document.to_string()).collect::<Vec<_>>();
    let clusters: Vec<Value> = view
        .clusters
        .iter()
        .map(|c| json!({"place": c.place, "category": c.category, "cases": ids(&c.cases)}))
        .collect();
    let repeats: Vec<Value> = view
        .repeats
        .iter()
        .map(|(by, closed, again)| {
            let same: Vec<&str> = by.iter().map(|field: &RepeatField| field.name()).collect();
            json!({"same": same, "closed": closed.document, "again": again.document})
        })
        .collect();
    let reused: Vec<Value> =
        view.reused.iter().map(|(hash, cases)| json!({"hash": hash, "cases": ids(cases)})).collect();
    let bulk: Vec<Value> =
        view.bulk.iter().map(|c| json!({"unit": c.unit, "day": c.day, "week": c.week})).collect();
    Ok(Json(
        json!({"clusters": clusters, "inspects": view.inspects, "repeats": repeats, "reused": reused, "bulk": bulk}),
    ))
}
