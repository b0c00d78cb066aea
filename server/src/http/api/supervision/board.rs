//! `GET /api/v1/supervision`: open cases by unit and category, and why they are stuck.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::openapi::{Endpoint, flag, list, nullable, number, object, operation, text, time};
use crate::store::Store;

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let row = object(&[
        ("unit", text()),
        ("category", nullable(&text())),
        ("open", number()),
        ("overdue", number()),
        ("near", number()),
        ("review", number()),
        ("devices", number()),
        ("urged", number()),
    ]);
    let gives = object(&[("as_of", time()), ("whole", flag()), ("rows", list(&row))]);
    let operation = operation(
        "Open cases by unit and category: overdue, nearly due, in review, waiting for devices.",
        gives,
        &[Kind::NotFound],
    );
    Endpoint::get("/api/v1/supervision", handle::<S>, operation)
}

async fn handle<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Value>, Problem> {
    let board = app.centre.board(&signed.person).await?;
    let row = |row: &crate::store::oversight::BoardRow| {
        let [overdue, near, review, devices] = row.stuck;
        json!({"unit": row.unit, "category": row.category, "open": row.open, "overdue": overdue, "near": near,
               "review": review, "devices": devices, "urged": row.urged})
    };
    let rows: Vec<Value> = board.rows.iter().map(row).collect();
    Ok(Json(json!({"as_of": rfc3339(board.at), "whole": board.whole, "rows": rows})))
}
