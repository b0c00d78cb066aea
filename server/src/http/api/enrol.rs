//! `POST /api/v1/enrol`: a device gives its one-time code and its public key, and becomes a worker's.

use axum::Json;
use axum::extract::State;
use data_encoding::HEXLOWER_PERMISSIVE;
use doorstep_protocol::DeviceId;
use serde::{Deserialize, Serialize};

use super::shapes;
use crate::enrol::{EnrolError, Former, enrol, enrol_again};
use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Body;
use crate::http::openapi::{Endpoint, number, object, operation, request, text, time};
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    code: String,
    public_key: String,
    /// For which district the code is taken: where the device is enrolled in another one, too, or in this one again.
    district: Option<String>,
    /// A device that the centre has forgotten says who it was.
    former: Option<Former>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    device: DeviceId,
    worker: u32,
    name: String,
    district: String,
    unit: String,
    role: &'static str,
    proof: String,
    now: String,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[
        ("device", text()),
        ("worker", number()),
        ("name", text()),
        ("district", text()),
        ("unit", text()),
        ("role", text()),
        ("proof", text()),
        ("now", time()),
    ]);
    let former = object(&[("device", text()), ("worker", number()), ("proof", text())]);
    let takes =
        request(&[("code", text()), ("public_key", text())], &[("district", text()), ("former", former)]);
    let refusals = &[Kind::BadRequest, Kind::Unauthorised, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let operation =
        operation("A device is enrolled, once, by its code.", gives, refusals).takes(takes).open();
    Endpoint::post("/api/v1/enrol", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let key = HEXLOWER_PERMISSIVE.decode(request.public_key.as_bytes()).ok();
    let key = key.and_then(|bytes| bytes.try_into().ok()).ok_or(EnrolError::Key)?;
    let code = (request.code.as_str(), request.district.as_deref());
    let enrolled = match request.former {
        None => enrol(&app.centre, code, key).await?,
        Some(former) => enrol_again(&app.centre, code, (key, former)).await?,
    };
    let person = enrolled.person;
    Ok(Json(Answer {
        device: enrolled.device,
        worker: person.worker.0,
        name: person.name,
        district: person.district,
        unit: person.unit,
        role: person.role.name(),
        proof: enrolled.proof,
        now: shapes::shown(app.centre.now()),
    }))
}
