//! `/api/v1/absences`: who is away, from when until when, and who stands in.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::WorkerId;
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::absences::{Leave, No};
use crate::clock::rfc3339;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{Endpoint, flag, list, number, object, operation, request, text, time};
use crate::store::Store;
use crate::store::absences::AbsenceRow;

const REFUSALS: &[Kind] = &[Kind::BadRequest, Kind::NotFound, Kind::Media, Kind::Unprocessable];

pub(super) fn endpoints<S: Store>() -> [Endpoint<S>; 3] {
    let absence = object(&[
        ("id", number()),
        ("worker", text()),
        ("from", time()),
        ("until", time()),
        ("deputy", text()),
        ("now", flag()),
    ]);
    let listed =
        operation("Who is away, now or later, and who stands in.", object(&[("items", list(&absence))]), &[]);
    let takes = request(&[("from", time()), ("until", time()), ("deputy", text())], &[("worker", text())]);
    let entered = operation("Enters leave with a deputy: one's own, or as a leader.", absence, REFUSALS);
    let ended = operation("Ends leave before its time.", object(&[("ended", flag())]), REFUSALS);
    [
        Endpoint::get("/api/v1/absences", shown::<S>, listed),
        Endpoint::post("/api/v1/absences", enter::<S>, entered.takes(takes)),
        Endpoint::post("/api/v1/absences/{id}/end", end::<S>, ended),
    ]
}

fn item(row: &AbsenceRow, now: doorstep_protocol::ids::Millis) -> Json_ {
    json!({"id": row.id, "worker": row.worker.to_string(), "from": rfc3339(row.from), "until": rfc3339(row.until),
           "deputy": row.deputy.to_string(), "now": row.covers(now)})
}

async fn shown<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Json_>, Problem> {
    let now = app.centre.now();
    let rows = app.centre.store().absences(&signed.person.district, now).await?;
    Ok(Json(json!({"items": rows.iter().map(|row| item(row, now)).collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    worker: Option<String>,
    from: String,
    until: String,
    deputy: String,
}

async fn enter<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(given): Body<Given>,
) -> Result<Json<Json_>, Problem> {
    let invalid = |detail: &str| Problem::unprocessable("absence.invalid", detail);
    let time = |text: &str| match text.parse::<jiff::Timestamp>() {
        Ok(at) => Ok(at.as_millisecond()),
        Err(_) => Err(invalid("from and until are times as in RFC 3339.")),
    };
    let worker = |text: &str| text.parse::<WorkerId>().map_err(|_| invalid("A worker is named by number."));
    let leave = Leave {
        worker: given.worker.as_deref().map_or(Ok(signed.person.worker), worker)?,
        from: time(&given.from)?,
        until: time(&given.until)?,
        deputy: worker(&given.deputy)?,
    };
    match app.centre.enter_leave(&signed.person, leave).await? {
        Ok(row) => Ok(Json(item(&row, app.centre.now()))),
        Err(No::Worker) => Err(Problem::not_found()),
        Err(no) => Err(invalid(&format!("{no}."))),
    }
}

async fn end<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(id): Id<i64>,
) -> Result<Json<Json_>, Problem> {
    if app.centre.end_leave(&signed.person, id).await? {
        Ok(Json(json!({"ended": true})))
    } else {
        Err(Problem::not_found())
    }
}
