//! `/api/v1/supervision/draws`: spot checks. The seed is given once it is drawn.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::{random, rfc3339};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{
    Endpoint, list, nullable, number, object, one_of, operation, request, text, time,
};
use crate::store::Store;
use crate::supervision::DrawView;

const REFUSALS: &[Kind] =
    &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];

fn schema() -> Value {
    let drawn = object(&[("case", text()), ("result", nullable(&one_of(&["holds", "false"])))]);
    let members = [
        ("at", time()),
        ("seed", text()),
        ("words", text()),
        ("population", number()),
        ("population_digest", text()),
        ("drawn", list(&drawn)),
    ];
    // Where one draw is asked for: with the seed and the words anybody who sees it draws the same again.
    let done = request(&members, &[("population_ids", list(&text()))]);
    object(&[
        ("n", number()),
        ("rule", text()),
        ("compartment", nullable(&text())),
        ("from", time()),
        ("to", time()),
        ("size", number()),
        ("commitment", text()),
        ("committed_at", time()),
        ("done", nullable(&done)),
    ])
}

fn shown(view: &DrawView) -> Value {
    let done = view.done.as_ref().map(|done| {
        let drawn = done.drawn.iter().map(|drawn| {
            let result = drawn.found.map(|(holds, _)| if holds { "holds" } else { "false" });
            json!({"case": drawn.document, "result": result})
        });
        json!({"at": rfc3339(done.by.1), "seed": done.seed, "words": done.words, "population": done.population.len(),
               "population_digest": done.digest, "drawn": drawn.collect::<Vec<_>>()})
    });
    json!({"n": view.n, "rule": view.rule, "compartment": view.compartment, "from": rfc3339(view.period.from),
           "to": rfc3339(view.period.to), "size": view.size, "commitment": view.commitment,
           "committed_at": rfc3339(view.committed.1), "done": done})
}

pub(super) fn listed_endpoint<S: Store>() -> Endpoint<S> {
    let gives = object(&[("items", list(&schema()))]);
    let operation = operation("Draws for spot checks, the newest first.", gives, &[Kind::NotFound]);
    Endpoint::get("/api/v1/supervision/draws", listed::<S>, operation)
}

async fn listed<S: Store>(State(app): State<App<S>>, signed: Signed) -> Result<Json<Value>, Problem> {
    let draws = app.centre.draws(&signed.person).await?;
    Ok(Json(json!({"items": draws.iter().map(shown).collect::<Vec<_>>()})))
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("One draw.", schema(), &[Kind::NotFound]);
    Endpoint::get("/api/v1/supervision/draws/{id}", one::<S>, operation)
}

async fn one<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(n): Id<u64>,
) -> Result<Json<Value>, Problem> {
    let view = app.centre.draw(&signed.person, n).await?;
    let mut draw = shown(&view);
    if let Some(done) = &view.done {
        draw["done"]["population_ids"] = json!(done.population);
    }
    Ok(Json(draw))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Commit {
    rule: String,
    compartment: Option<String>,
}

pub(super) fn commit_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("Fixes the seed of a draw.", schema(), REFUSALS);
    let takes = request(&[("rule", text())], &[("compartment", nullable(&text()))]);
    Endpoint::post("/api/v1/supervision/draws", commit::<S>, operation.takes(takes))
}

async fn commit<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(asked): Body<Commit>,
) -> Result<Json<Value>, Problem> {
    let n = app.centre.commit_draw(&signed.person, &asked.rule, asked.compartment.as_deref()).await?;
    Ok(Json(shown(&app.centre.draw(&signed.person, n).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    words: String,
}

pub(super) fn draw_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("Draws, with words that nobody could know before.", schema(), REFUSALS);
    let takes = object(&[("words", text())]);
    Endpoint::post("/api/v1/supervision/draws/{id}/drawing", draw::<S>, operation.takes(takes))
}

async fn draw<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(n): Id<u64>,
    Body(asked): Body<Words>,
) -> Result<Json<Value>, Problem> {
    app.centre.reveal_draw(&signed.person, n, &asked.words).await?;
    Ok(Json(shown(&app.centre.draw(&signed.person, n).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    case: DocumentId,
    result: Found,
    #[serde(default)]
    reason: String,
    id: Option<uuid::Uuid>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Found {
    Holds,
    False,
}

pub(super) fn inspect_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("Records what an inspection of a drawn case found.", schema(), REFUSALS);
    let takes = request(
        &[("case", text()), ("result", one_of(&["holds", "false"]))],
        &[("reason", text()), ("id", nullable(&text()))],
    );
    Endpoint::post("/api/v1/supervision/draws/{id}/inspections", inspect::<S>, operation.takes(takes))
}

async fn inspect<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(n): Id<u64>,
    Body(asked): Body<Finding>,
) -> Result<Json<Value>, Problem> {
    let id = asked.id.map_or_else(|| random(&**app.centre.source()), uuid::Uuid::into_bytes);
    let found = (asked.result == Found::Holds, asked.reason.as_str());
    app.centre.inspect(&signed.person, (n, asked.case), found, id).await?;
    Ok(Json(shown(&app.centre.draw(&signed.person, n).await?)))
}
