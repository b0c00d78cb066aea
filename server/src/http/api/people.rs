//! `GET|POST /api/v1/people`, `POST /api/v1/people/{id}`, `POST /api/v1/people/{id}/end`: who works here.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Role;
use serde::{Deserialize, Serialize};

use super::reviewing::words;
use super::shapes::shown;
use crate::authorize::Wish;
use crate::enrol::{invite, is_name};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id, Params};
use crate::http::openapi::{
    Endpoint, list, nullable, number, object, one_of, operation, request, text, time,
};
use crate::limits;
use crate::store::{Person, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    after: Option<u32>,
}

#[derive(Serialize)]
struct Shown {
    id: u32,
    name: String,
    unit: String,
    role: &'static str,
    ended: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    items: Vec<Shown>,
    next: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    name: String,
    unit: String,
    role: Role,
}

#[derive(Serialize)]
struct Invited {
    worker: u32,
    code: String,
    expires_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    reason: String,
}

const REFUSALS: &[Kind] = &[Kind::BadRequest, Kind::NotFound, Kind::Media, Kind::Unprocessable];

fn person() -> serde_json::Value {
    object(&[
        ("id", number()),
        ("name", text()),
        ("unit", text()),
        ("role", one_of(&Role::ALL.map(Role::name))),
        ("ended", nullable(&time())),
    ])
}

fn given() -> serde_json::Value {
    object(&[("name", text()), ("unit", text()), ("role", one_of(&Role::ALL.map(Role::name)))])
}

pub(super) fn list_endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("items", list(&person())), ("next", nullable(&number()))]);
    let operation = operation("Who works in the district.", gives, &[Kind::NotFound, Kind::BadRequest]).asks(
        "after",
        &number(),
        "The `next` of the page before.",
    );
    Endpoint::get("/api/v1/people", page::<S>, operation)
}

pub(super) fn add_endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("worker", number()), ("code", text()), ("expires_at", time())]);
    let operation = operation("Adds somebody, and a code for their device.", gives, REFUSALS);
    Endpoint::post("/api/v1/people", add::<S>, operation.takes(given()))
}

pub(super) fn change_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("Changes name, unit or role, from now on.", person(), REFUSALS);
    Endpoint::post("/api/v1/people/{id}", change::<S>, operation.takes(given()))
}

pub(super) fn end_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("Somebody leaves; their devices give up what they hold.", person(), REFUSALS);
    Endpoint::post("/api/v1/people/{id}/end", end::<S>, operation.takes(request(&[("reason", text())], &[])))
}

impl Shown {
    fn of(person: &Person) -> Self {
        Shown {
            id: person.worker.0,
            name: person.name.clone(),
            unit: person.unit.clone(),
            role: person.role.name(),
            ended: person.ended.map(shown),
        }
    }
}

/// A name is one line of 1 to 64 characters.
fn named(name: &str) -> Result<String, Problem> {
    let name = name.trim().to_owned();
    if is_name(&name) {
        return Ok(name);
    }
    Err(Problem::unprocessable("person.name", "A name is one line of 1 to 64 characters."))
}

async fn known<S: Store>(app: &App<S>, me: &Person, worker: WorkerId) -> Result<Person, Problem> {
    let person = app.centre.store().person(worker).await?;
    person.filter(|person| person.district == me.district).ok_or_else(Problem::not_found)
}

async fn page<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(asked): Params<Asked>,
) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Administer)?;
    let people = app.centre.store().people(&signed.person.district).await?;
    let after = people.iter().filter(|person| asked.after.is_none_or(|after| person.worker.0 > after));
    let mut items: Vec<Shown> = after.take(limits::LIST_ROWS + 1).map(Shown::of).collect();
    let more = items.len() > limits::LIST_ROWS;
    items.truncate(limits::LIST_ROWS);
    let next = items.last().map(|last| last.id).filter(|_| more);
    Ok(Json(Answer { items, next }))
}

async fn add<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(given): Body<Given>,
) -> Result<Json<Invited>, Problem> {
    let signed = signed.may(Wish::Administer)?;
    let me = &signed.person;
    let name = named(&given.name)?;
    let who = (me.district.as_str(), given.unit.as_str(), name.as_str(), given.role);
    let clock = (app.centre.now(), &**app.centre.source());
    let made = invite(&**app.centre.store(), &app.centre.packs(), who, clock).await?;
    app.centre.look_who(&me.district, &name).await?;
    app.centre.note(me, ("person.invite", None, &made.worker.to_string(), "")).await?;
    Ok(Json(Invited { worker: made.worker.0, code: made.code, expires_at: shown(made.expires) }))
}

async fn change<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(worker): Id<WorkerId>,
    Body(given): Body<Given>,
) -> Result<Json<Shown>, Problem> {
    let signed = signed.may(Wish::Administer)?;
    let person = known(&app, &signed.person, worker).await?;
    if person.worker == signed.person.worker && person.role != given.role {
        return Err(Problem::unprocessable("person.self", "Nobody changes their own role."));
    }
    let to = Person { name: named(&given.name)?, unit: given.unit, role: given.role, ..person };
    app.centre.change_person(&signed.person, to.clone()).await?;
    Ok(Json(Shown::of(&to)))
}

async fn end<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(worker): Id<WorkerId>,
    Body(asked): Body<End>,
) -> Result<Json<Shown>, Problem> {
    let signed = signed.may(Wish::Administer)?;
    let person = known(&app, &signed.person, worker).await?;
    words(&asked.reason)?;
    if person.worker == signed.person.worker {
        return Err(Problem::unprocessable("person.self", "Nobody ends themselves."));
    }
    app.centre.end_person(&signed.person, person, &asked.reason).await?;
    Ok(Json(Shown::of(&known(&app, &signed.person, worker).await?)))
}
