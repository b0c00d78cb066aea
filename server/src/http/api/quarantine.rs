//! `GET /api/v1/quarantine`: what was refused, newest first. Contents are never shown.

use axum::extract::State;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::shapes::shown;
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::http::openapi::{Endpoint, hash, list, nullable, number, object, operation, text, time};
use crate::limits;
use crate::store::{Kept, Person, QuarantineRow, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    before: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    items: Vec<Entry>,
    next: Option<i64>,
}

/// A refused change, without its contents.
#[derive(Serialize)]
pub(super) struct Entry {
    id: i64,
    document: DocumentId,
    hash: Hash,
    code: String,
    message: String,
    device: DeviceId,
    worker: u32,
    at: String,
    bytes: usize,
}

/// The members of an entry.
pub(super) fn members() -> Vec<(&'static str, Json)> {
    vec![
        ("id", number()),
        ("document", text()),
        ("hash", hash()),
        ("code", text()),
        ("message", text()),
        ("device", text()),
        ("worker", number()),
        ("at", time()),
        ("bytes", number()),
    ]
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let entry = object(&members());
    let gives = object(&[("items", list(&entry)), ("next", nullable(&number()))]);
    let operation = operation("Refused changes, newest first.", gives, &[Kind::NotFound, Kind::BadRequest])
        .asks("before", &number(), "The `next` of the page before.");
    Endpoint::get("/api/v1/quarantine", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(request): Params<Request>,
) -> Result<axum::Json<Answer>, Problem> {
    let signed = signed.may(Wish::Desk)?;
    let district = &signed.person.district;
    let rows = app.centre.store().quarantine(district, request.before, limits::LIST_ROWS).await?;
    let next = rows.last().map(|row| row.id).filter(|_| rows.len() == limits::LIST_ROWS);
    let mut items = Vec::new();
    for row in rows {
        if sees(&app, &signed.person, &row).await? {
            items.push(Entry::of(row));
        }
    }
    Ok(axum::Json(Answer { items, next }))
}

/// A refused change of a case that is stored is only for those who see the case.
async fn sees<S: Store>(app: &App<S>, person: &Person, refused: &QuarantineRow) -> Kept<bool> {
    let row = app.centre.store().row(refused.document).await?;
    let pack = app.shown.packs.of(&refused.district, app.centre.now());
    Ok(match (row, pack) {
        (Some(row), Some(pack)) => authorize(person, Wish::Read, Some((&row, pack))),
        _ => true,
    })
}

impl Entry {
    pub(super) fn of(row: QuarantineRow) -> Self {
        Entry {
            id: row.id,
            document: row.document,
            hash: row.hash,
            code: row.code,
            message: row.message,
            device: row.device,
            worker: row.worker.0,
            at: shown(row.at),
            bytes: row.bytes.len(),
        }
    }
}
