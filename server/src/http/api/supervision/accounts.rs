//! `/api/v1/supervision/accounts`: the weekly account.

use axum::Json;
use axum::extract::State;
use doorstep_policy::supervision::AccountState;
use doorstep_protocol::{DocumentId, Hash};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Params};
use crate::http::openapi::{
    Endpoint, flag, hash, list, nullable, number, object, one_of, operation, request, text, time,
};
use crate::store::Store;
use crate::supervision::AccountsView;

const REFUSALS: &[Kind] =
    &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];

fn piece() -> Value {
    object(&[("case", text()), ("hash", hash())])
}

fn schema() -> Value {
    let account = object(&[
        ("unit", text()),
        ("state", one_of(&AccountState::ALL.map(AccountState::code))),
        ("given_at", nullable(&time())),
        ("claimed", nullable(&number())),
        ("evidence", list(&piece())),
        ("note", text()),
        ("reason", nullable(&text())),
    ]);
    object(&[("week", text()), ("due", time()), ("provisional", flag()), ("accounts", list(&account))])
}

fn shown(view: &AccountsView) -> Value {
    let account = |account: &crate::supervision::AccountView| {
        let evidence: Vec<Value> =
            account.evidence.iter().map(|(case, hash)| json!({"case": case, "hash": hash})).collect();
        json!({"unit": account.unit, "state": account.state.code(), "given_at": account.given.map(|(_, at)| rfc3339(at)),
               "claimed": account.claimed, "evidence": evidence, "note": account.note, "reason": account.reason})
    };
    json!({"week": view.week.day.to_string(), "due": rfc3339(view.week.due.as_millisecond()),
           "provisional": view.week.provisional, "accounts": view.accounts.iter().map(account).collect::<Vec<_>>()})
}

fn day_of(text: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| {
        Problem::unprocessable("week.invalid", "A week is named by its account day: 2026-11-27.")
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    week: Option<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let operation = operation(
        "The accounts of a week: which are given, late, sent back, accepted, missing.",
        schema(),
        &[Kind::BadRequest, Kind::NotFound, Kind::Unprocessable],
    );
    Endpoint::get(
        "/api/v1/supervision/accounts",
        handle::<S>,
        operation.asks("week", &text(), "The account day, such as 2026-11-27; usually the one due next."),
    )
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(wanted): Params<Wanted>,
) -> Result<Json<Value>, Problem> {
    let day = wanted.week.as_deref().map(day_of).transpose()?;
    Ok(Json(shown(&app.centre.accounts(&signed.person, day).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Submitted {
    week: String,
    evidence: Vec<Piece>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    case: DocumentId,
    hash: Hash,
}

pub(super) fn submit_endpoint<S: Store>() -> Endpoint<S> {
    let takes = request(&[("week", text()), ("evidence", list(&piece()))], &[("note", text())]);
    let operation = operation("Gives the account of one's unit.", schema(), REFUSALS);
    Endpoint::post("/api/v1/supervision/accounts", submit::<S>, operation.takes(takes))
}

async fn submit<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(given): Body<Submitted>,
) -> Result<Json<Value>, Problem> {
    let day = day_of(&given.week)?;
    let evidence = given.evidence.iter().map(|piece| (piece.case, piece.hash)).collect();
    app.centre.submit_account(&signed.person, day, evidence, &given.note).await?;
    Ok(Json(shown(&app.centre.accounts(&signed.person, Some(day)).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Judged {
    week: String,
    unit: String,
    accept: bool,
    #[serde(default)]
    reason: String,
}

pub(super) fn judge_endpoint<S: Store>() -> Endpoint<S> {
    let takes = request(&[("week", text()), ("unit", text()), ("accept", flag())], &[("reason", text())]);
    let operation = operation("Accepts an account, or sends it back with a reason.", schema(), REFUSALS);
    Endpoint::post("/api/v1/supervision/accounts/judged", judge::<S>, operation.takes(takes))
}

async fn judge<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Body(given): Body<Judged>,
) -> Result<Json<Value>, Problem> {
    let day = day_of(&given.week)?;
    let back = (!given.accept).then_some(given.reason.as_str());
    app.centre.judge_account(&signed.person, (day, &given.unit), back).await?;
    Ok(Json(shown(&app.centre.accounts(&signed.person, Some(day)).await?)))
}
