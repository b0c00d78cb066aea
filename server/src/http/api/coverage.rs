//! `GET /api/v1/coverage`: how far the plans of visits have come, team by team, and which places are left.

use axum::Json;
use axum::extract::State;
use doorstep_policy::{Coverage, Covered, Pack, TeamCovered};
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::authorize::Wish;
use crate::coverage::plans;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::http::openapi::{Endpoint, list, nullable, number, object, operation, text, time};
use crate::pipeline::timestamp;
use crate::store::Store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    as_of: Option<String>,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let place = object(&[("place", text()), ("name", text()), ("team", text())]);
    let reached = object(&[("place", text()), ("name", text()), ("team", text()), ("at", time())]);
    let team = object(&[
        ("team", text()),
        ("lead", text()),
        ("of", number()),
        ("covered", number()),
        ("rounds", number()),
        ("missed", list(&text())),
    ]);
    let plan = object(&[
        ("plan", text()),
        ("label", text()),
        ("basis", text()),
        ("from", time()),
        ("to", time()),
        ("of", number()),
        ("covered", number()),
        ("rounds", number()),
        ("astray", number()),
        ("reached", list(&reached)),
        ("left", list(&place)),
        ("teams", list(&team)),
    ]);
    let gives = object(&[("as_of", time()), ("policy", nullable(&text())), ("plans", list(&plan))]);
    let operation = operation(
        "How far the plans of visits have come: places reached and left, team by team.",
        gives,
        &[Kind::BadRequest, Kind::NotFound],
    );
    Endpoint::get(
        "/api/v1/coverage",
        handle::<S>,
        operation.asks("as_of", &time(), "The cut-off; usually now."),
    )
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(request): Params<Request>,
) -> Result<Json<Json_>, Problem> {
    let signed = signed.may(Wish::Desk)?;
    let as_of = time_of(request.as_of, app.centre.now())?;
    let packs = app.centre.packs();
    let Some(pack) = packs.of(&signed.person.district, app.centre.now()) else {
        return Err(Problem::not_found());
    };
    let plans = plans(&**app.centre.store(), pack, as_of).await?;
    let plans: Vec<Json_> = plans.iter().map(|(plan, covered)| shown(pack, plan, covered)).collect();
    Ok(Json(json!({"as_of": timestamp(as_of), "policy": pack.id(), "plans": plans})))
}

/// A time of a query, or now.
pub(super) fn time_of(
    text: Option<String>,
    now: doorstep_protocol::ids::Millis,
) -> Result<doorstep_protocol::ids::Millis, Problem> {
    let Some(text) = text else { return Ok(now) };
    let read = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    read.map_err(|_| Problem::bad_request("query.invalid", "A time is written as in RFC 3339."))
}

fn shown(pack: &Pack, plan: &Coverage, covered: &Covered) -> Json_ {
    let name = |place: &str| {
        pack.units().find(|unit| unit.code == place).map_or_else(String::new, |unit| unit.name.clone())
    };
    let team = |place: &str| plan.places.iter().find(|(of, _)| of == place).map(|(_, team)| team.as_str());
    let reached: Vec<Json_> = covered
        .reached
        .iter()
        .map(|(place, at)| json!({"place": place, "name": name(place), "team": team(place), "at": at}))
        .collect();
    let left: Vec<Json_> = covered
        .left
        .iter()
        .map(|place| json!({"place": place, "name": name(place), "team": team(place)}))
        .collect();
    let of_team = |of: &TeamCovered| {
        let missed: Vec<String> = of.missed.iter().map(ToString::to_string).collect();
        json!({"team": of.team, "lead": of.lead, "of": of.of, "covered": of.covered, "rounds": of.rounds,
               "missed": missed})
    };
    json!({
        "plan": plan.id, "label": plan.label, "basis": plan.basis, "from": plan.from, "to": plan.to,
        "of": plan.places.len(), "covered": covered.reached.len(), "rounds": covered.rounds,
        "astray": covered.astray, "reached": reached, "left": left,
        "teams": covered.teams.iter().map(of_team).collect::<Vec<_>>(),
    })
}
