//! `/api/v1/supervision/rates`: a month's rates by unit, interviews called for, the red and black list.

use axum::Json;
use axum::extract::State;
use doorstep_policy::supervision::{List, Rate, Tally};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Params};
use crate::http::openapi::{Endpoint, list, nullable, number, object, one_of, operation, text, time};
use crate::store::Store;
use crate::supervision::{Month, RatesView};

const REFUSALS: &[Kind] =
    &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];

fn tally() -> Value {
    object(&[
        ("unit", text()),
        ("score", nullable(&number())),
        ("collected", number()),
        ("resolved", number()),
        ("handled", number()),
        ("redone", number()),
        ("answered", number()),
        ("satisfied", number()),
        ("overdue", number()),
    ])
}

fn schema() -> Value {
    let called = object(&[
        ("rule", text()),
        ("rate", one_of(&Rate::ALL.map(Rate::code))),
        ("unit", text()),
        ("numerator", number()),
        ("denominator", number()),
        ("held_at", nullable(&time())),
    ]);
    let published = object(&[
        ("at", time()),
        ("cutoff", time()),
        ("policy", text()),
        ("ranked", list(&tally())),
        ("small", list(&text())),
        ("red", list(&text())),
        ("black", list(&text())),
    ]);
    object(&[
        ("month", text()),
        ("as_of", time()),
        ("units", list(&tally())),
        ("interviews", list(&called)),
        ("published", nullable(&published)),
    ])
}

fn row(unit: &str, tally: &Tally, score: Option<i64>) -> Value {
    json!({"unit": unit, "score": score, "collected": tally.collected, "resolved": tally.resolved,
           "handled": tally.handled, "redone": tally.redone, "answered": tally.answered,
           "satisfied": tally.satisfied, "overdue": tally.overdue})
}

fn ranked(list: &List) -> Vec<Value> {
    list.ranked.iter().map(|(unit, tally, score)| row(unit, tally, Some(*score))).collect()
}

fn shown(view: &RatesView, now: i64) -> Value {
    let units: Vec<Value> = view.units.iter().map(|(unit, tally)| row(unit, tally, None)).collect();
    let interviews = view.called.iter().map(|(called, held)| {
        json!({"rule": called.rule, "rate": called.rate.code(), "unit": called.unit, "numerator": called.numerator,
               "denominator": called.denominator, "held_at": held.map(rfc3339)})
    });
    let published = view.published.as_ref().map(|published| {
        let list = &published.list;
        json!({"at": rfc3339(published.by.1), "cutoff": rfc3339(published.cutoff), "policy": published.policy,
               "ranked": ranked(list), "small": list.small, "red": list.red, "black": list.black})
    });
    json!({"month": view.month.to_string(), "as_of": rfc3339(now), "units": units,
           "interviews": interviews.collect::<Vec<_>>(), "published": published})
}

fn month_of(text: &str) -> Result<Month, Problem> {
    Month::parse(text).ok_or_else(|| Problem::unprocessable("month.invalid", "A month is written 2026-11."))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    month: Option<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation(
        "A month's rates: the cohort is what was registered in it; interviews called for; the list that was published.",
        schema(),
        &[Kind::BadRequest, Kind::NotFound, Kind::Unprocessable],
    );
    Endpoint::get(
        "/api/v1/supervision/rates",
        handle::<S>,
        operation.asks("month", &text(), "Such as 2026-10; usually the last one."),
    )
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Value>, Problem> {
    let now = app.centre.now();
    let month = wanted.month.as_deref().map_or_else(|| Ok(Month::of(now).before()), month_of)?;
    Ok(Json(shown(&app.centre.rates(&signed.person, month).await?, now)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Publish {
    month: String,
}

pub(super) fn publish_endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation("Publishes the red and black list of a month, once.", schema(), REFUSALS);
    let takes = object(&[("month", text())]);
    Endpoint::post("/api/v1/supervision/lists", publish::<S>, operation.takes(takes))
}

async fn publish<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(asked): Body<Publish>,
) -> Result<Json<Value>, Problem> {
    let month = month_of(&asked.month)?;
    app.centre.publish_list(&signed.person, month).await?;
    Ok(Json(shown(&app.centre.rates(&signed.person, month).await?, app.centre.now())))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Held {
    month: String,
    rule: String,
    unit: String,
    note: String,
}

pub(super) fn interview_endpoint<S: Store>() -> Endpoint<S> {
    let takes = object(&[("month", text()), ("rule", text()), ("unit", text()), ("note", text())]);
    let operation = operation("Records an interview that a rate called for.", schema(), REFUSALS);
    Endpoint::post("/api/v1/supervision/interviews", interview::<S>, operation.takes(takes))
}

async fn interview<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(held): Body<Held>,
) -> Result<Json<Value>, Problem> {
    let month = month_of(&held.month)?;
    app.centre.hold_interview(&signed.person, month, (&held.rule, &held.unit), &held.note).await?;
    Ok(Json(shown(&app.centre.rates(&signed.person, month).await?, app.centre.now())))
}
