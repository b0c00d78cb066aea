//! `GET /api/v1/devices`, `GET /api/v1/devices/{id}`, `POST /api/v1/devices/{id}/leaving`: devices, and how they leave.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::{DeviceId, DocumentId};
use serde::{Deserialize, Serialize};

use super::reviewing::words;
use super::shapes::shown;
use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id, Params};
use crate::http::openapi::{Endpoint, flag, list, nullable, number, object, one_of, operation, text, time};
use crate::limits;
use crate::pipeline::Leaving;
use crate::store::{DeviceRow, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    after: Option<DeviceId>,
}

#[derive(Serialize)]
struct Shown {
    id: DeviceId,
    worker: u32,
    enrolled: String,
    seen: Option<String>,
    state: &'static str,
}

#[derive(Serialize)]
struct Page {
    items: Vec<Shown>,
    next: Option<DeviceId>,
}

#[derive(Serialize)]
struct One {
    device: Shown,
    /// Of what the caller does not see nothing is said.
    holds: Vec<DocumentId>,
    empty: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    how: How,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Wipe,
    HoldBack,
    Shut,
}

const STATES: [&str; 4] = ["in_use", "leaving", "held_back", "shut"];

fn device() -> serde_json::Value {
    object(&[
        ("id", text()),
        ("worker", number()),
        ("enrolled", time()),
        ("seen", nullable(&time())),
        ("state", one_of(&STATES)),
    ])
}

fn one() -> serde_json::Value {
    object(&[("device", device()), ("holds", list(&text())), ("empty", flag())])
}

pub(super) fn list_endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("items", list(&device())), ("next", nullable(&text()))]);
    let operation = operation("The district's devices.", gives, &[Kind::NotFound, Kind::BadRequest]).asks(
        "after",
        &text(),
        "The `next` of the page before.",
    );
    Endpoint::get("/api/v1/devices", page::<S>, operation)
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    Endpoint::get("/api/v1/devices/{id}", show::<S>, operation("A device.", one(), &[Kind::NotFound]))
}

pub(super) fn leave_endpoint<S: Store>() -> Endpoint<S> {
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Media, Kind::Unprocessable];
    let summary =
        "Takes a device out of service: wiped with a receipt, held back for cause, or shut out at once.";
    let body = object(&[("how", one_of(&["wipe", "hold_back", "shut"])), ("reason", text())]);
    let operation = operation(summary, one(), refusals).takes(body);
    Endpoint::post("/api/v1/devices/{id}/leaving", leave::<S>, operation)
}

async fn of<S: Store>(app: &App<S>, row: &DeviceRow) -> Result<Shown, Problem> {
    let state = match (row.revoked, app.centre.leaves(row.device).await?) {
        (Some(_), _) => STATES[3],
        (None, Some(Leaving::HeldBack)) => STATES[2],
        (None, Some(Leaving::GivesUp)) => STATES[1],
        (None, None) => STATES[0],
    };
    let (enrolled, seen) = (shown(row.enrolled), row.seen.map(shown));
    Ok(Shown { id: row.device, worker: row.worker.0, enrolled, seen, state })
}

async fn page<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(asked): Params<Asked>,
) -> Result<Json<Page>, Problem> {
    let signed = signed.may(Wish::Administer)?;
    let mut rows = app.centre.store().devices(&signed.person.district).await?;
    rows.sort_by_key(|row| row.device);
    rows.retain(|row| asked.after.is_none_or(|after| row.device > after));
    let next =
        rows.get(limits::LIST_ROWS - 1).map(|row| row.device).filter(|_| rows.len() > limits::LIST_ROWS);
    let mut items = Vec::new();
    for row in rows.iter().take(limits::LIST_ROWS) {
        items.push(of(&app, row).await?);
    }
    Ok(Json(Page { items, next }))
}

async fn show<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(device): Id<DeviceId>,
) -> Result<Json<One>, Problem> {
    let row = app.centre.own_device(&signed.person, device).await?;
    let holding = app.centre.holding(&signed.person, &row).await?;
    let holds = holding.documents.into_iter().map(|(document, _)| document).collect();
    Ok(Json(One { device: of(&app, &row).await?, holds, empty: holding.empty }))
}

async fn leave<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(device): Id<DeviceId>,
    Body(request): Body<Request>,
) -> Result<Json<One>, Problem> {
    let me = &signed.person;
    app.centre.own_device(me, device).await?;
    words(&request.reason)?;
    match request.how {
        How::Wipe => app.centre.let_leave(me, (device, Leaving::GivesUp), &request.reason).await?,
        How::HoldBack => app.centre.let_leave(me, (device, Leaving::HeldBack), &request.reason).await?,
        How::Shut => app.centre.shut(me, device, &request.reason).await?,
    }
    show(State(app), signed, Id(device)).await
}
