//! `GET /api/v1/policies`: the versions of the district's pack and which is in force when.
//! `POST /api/v1/policies`: an administrator lets in another version, or puts a known one in force again. What is wrong
//! with a pack is said in the language of `Accept-Language`, else in English.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use doorstep_policy::PackFiles;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Body;
use crate::http::openapi::{Endpoint, any_object, list, object, operation, request, text, time};
use crate::http::strings::Lang;
use crate::limits;
use crate::pipeline::timestamp;
use crate::policies::{self, Installed, PolicyError};
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// A pack: path to text.
    files: Option<BTreeMap<String, String>>,
    /// Or a version that is known.
    version: Option<String>,
    activate_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct InForce {
    id: String,
    from: Timestamp,
}

#[derive(Serialize)]
struct Answer {
    district: String,
    in_force: String,
    schedule: Vec<InForce>,
}

fn described() -> serde_json::Value {
    let in_force = object(&[("id", text()), ("from", time())]);
    object(&[("district", text()), ("in_force", text()), ("schedule", list(&in_force))])
}

pub(super) fn shown_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("The district's policy versions.", described(), &[Kind::NotFound]);
    Endpoint::get("/api/v1/policies", show::<S>, operation)
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let refusals = &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];
    let body = request(&[], &[("files", any_object()), ("version", text()), ("activate_at", time())]);
    let operation = operation("Lets in a policy version.", described(), refusals).takes(body);
    let mut endpoint = Endpoint::post("/api/v1/policies", take::<S>, operation);
    endpoint.route = endpoint.route.layer(DefaultBodyLimit::max(limits::MAX_PACK_BYTES));
    endpoint
}

async fn show<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Inspect)?;
    Answer::of(&app, &signed.person.district).map(Json)
}

impl Answer {
    fn of<S: Store>(app: &App<S>, district: &str) -> Result<Self, Problem> {
        let packs = app.centre.packs();
        let now = packs.of(district, app.centre.now()).ok_or_else(Problem::not_found)?;
        let versions = packs.schedule(district).iter();
        let schedule = versions.map(|v| InForce { id: v.pack.id().to_owned(), from: timestamp(v.from) });
        Ok(Answer {
            district: district.to_owned(),
            in_force: now.id().to_owned(),
            schedule: schedule.collect(),
        })
    }
}

async fn take<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    headers: HeaderMap,
    Body(request): Body<Request>,
) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Rule)?;
    let lang = Lang::accepted(&headers).unwrap_or(Lang::En);
    let refused = |error| refused(error, lang);
    let district = &signed.person.district;
    let (store, now) = (&**app.centre.store(), app.centre.now());
    let at = request.activate_at.map(Timestamp::as_millisecond);
    let taken = match (request.files, request.version) {
        (Some(files), None) => {
            let files = PackFiles(files);
            of_district(&files, district)?;
            policies::install(store, &files, at, now).await
        }
        (None, Some(id)) => {
            let known = app.centre.packs().version(&id).is_some_and(|pack| pack.district() == district);
            if !known {
                return Err(refused(PolicyError::Unknown(id)));
            }
            policies::activate(store, &id, at, now).await
        }
        _ => return Err(Problem::bad_request("policy.what", "Send either files or a version.")),
    };
    let Installed { id, .. } = taken.map_err(refused)?;
    if let Some(packs) = policies::load(store).await? {
        app.centre.install(packs);
    }
    tracing::info!(%id, worker = %signed.person.worker, "a policy version was let in");
    Answer::of(&app, district).map(Json)
}

/// Nobody rules another district.
fn of_district(files: &PackFiles, district: &str) -> Result<(), Problem> {
    match doorstep_policy::Pack::load(files) {
        Ok(pack) if pack.district() != district => Err(Problem::unprocessable(
            "policy.district",
            &format!("The pack is of district {}, not of {district}.", pack.district()),
        )),
        // What is wrong with a pack that does not load is for `install` to say.
        _ => Ok(()),
    }
}

fn refused(error: PolicyError, lang: Lang) -> Problem {
    match error {
        PolicyError::Bad(problems) => {
            let problems: Vec<_> = problems.iter().map(|problem| problem.in_language(lang.tag())).collect();
            let said = format!("The pack has {} problems; what is in force stays in force.", problems.len());
            Problem::unprocessable("policy.bad", &said).with("problems", json!(problems))
        }
        PolicyError::Taken(id) => Problem::conflict(
            "policy.taken",
            &format!("{id} was let in before with other rules. Give the pack a new version."),
        ),
        PolicyError::Unknown(id) => {
            Problem::unprocessable("policy.unknown", &format!("There is no version {id}."))
        }
        PolicyError::Store(error) => error.into(),
    }
}
