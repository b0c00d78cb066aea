//! `GET /api/v1/rounds`: what visits or meetings of a span came to, by mode. `GET /api/v1/visits/{id}/tasks`: the
//! rectification list of one visit, item by item.

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind as Documents;
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use super::coverage::time_of;
use crate::authorize::Wish;
use crate::coverage::{Tally, tally};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Id, Params};
use crate::http::openapi::{Endpoint, flag, list, nullable, number, object, one_of, operation, text, time};
use crate::pipeline::{rounds, timestamp};
use crate::store::{RoundQuery, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    kind: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

const COUNTS: [&str; 13] = [
    "rounds",
    "astray",
    "leaders",
    "teams",
    "towns",
    "villages",
    "households",
    "people",
    "firms",
    "given",
    "cases",
    "tasks",
    "done",
];

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let mut members = vec![("mode", text()), ("overdue", number()), ("missed", list(&text()))];
    members.extend(COUNTS.map(|name| (name, number())));
    let gives =
        object(&[("kind", text()), ("from", time()), ("to", time()), ("modes", list(&object(&members)))]);
    let operation = operation(
        "What visits or meetings of a span came to, by mode or format.",
        gives,
        &[Kind::BadRequest, Kind::NotFound],
    )
    .asks("kind", &one_of(&["visit", "meeting"]), "Usually visit.")
    .asks("from", &time(), "First instant; usually the first of all.")
    .asks("to", &time(), "First instant after it, and the cut-off; usually now.");
    Endpoint::get("/api/v1/rounds", handle::<S>, operation)
}

pub(super) fn tasks_endpoint<S: Store>() -> Endpoint<S> {
    let task = object(&[
        ("item", text()),
        ("what", text()),
        ("unit", nullable(&text())),
        ("due", nullable(&text())),
        ("case", nullable(&text())),
        ("done", flag()),
    ]);
    let gives = object(&[("tasks", list(&task)), ("open", number()), ("due", nullable(&time()))]);
    let operation = operation("The rectification list of a visit, by item.", gives, &[Kind::NotFound]);
    Endpoint::get("/api/v1/visits/{id}/tasks", tasks::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(request): Params<Request>,
) -> Result<Json<Json_>, Problem> {
    let signed = signed.may(Wish::Desk)?;
    let bad = || Problem::bad_request("query.invalid", "kind is visit or meeting.");
    let kind = match request.kind.as_deref() {
        None | Some("visit") => Documents::Visit,
        Some("meeting") => Documents::Meeting,
        Some(_) => return Err(bad()),
    };
    let span = (time_of(request.from, 0)?, time_of(request.to, app.centre.now())?);
    let packs = app.centre.packs();
    let Some(pack) = packs.of(&signed.person.district, app.centre.now()) else {
        return Err(Problem::not_found());
    };
    let store = &**app.centre.store();
    let mut by = tally(store, pack, kind, span).await?;
    let mut missed = std::collections::BTreeMap::new();
    if kind == Documents::Meeting {
        let query = RoundQuery { district: pack.district().to_owned(), kind, from: span.0, to: span.1 };
        let held = store.rounds(query).await?;
        for rule in pack.meeting_rules() {
            let of = held.iter().filter(|row| row.round.mode == rule.id);
            let times: Vec<_> = of.map(|row| timestamp(row.round.at)).collect();
            let days = rule.missed((timestamp(span.0).max(pack.effective_from()), timestamp(span.1)), &times);
            by.entry(rule.id.clone()).or_default();
            missed.insert(rule.id, days.iter().map(ToString::to_string).collect::<Vec<_>>());
        }
    }
    let modes: Vec<Json_> = by
        .iter()
        .map(|(mode, tally)| shown(mode, tally, missed.get(mode).map_or(&[], Vec::as_slice)))
        .collect();
    let (from, to) = (timestamp(span.0), timestamp(span.1));
    Ok(Json(json!({"kind": kind.name(), "from": from, "to": to, "modes": modes})))
}

fn shown(mode: &str, tally: &Tally, missed: &[String]) -> Json_ {
    json!({
        "mode": mode, "rounds": tally.rounds, "astray": tally.astray, "leaders": tally.leaders.len(),
        "teams": tally.teams.len(), "towns": tally.towns.len(), "villages": tally.villages.len(),
        "households": tally.households, "people": tally.people, "firms": tally.firms, "given": tally.given,
        "cases": tally.cases, "tasks": tally.tasks, "done": tally.done, "overdue": tally.overdue,
        "missed": missed,
    })
}

async fn tasks<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
) -> Result<Json<Json_>, Problem> {
    let view = app.centre.view(&signed.person, document).await?;
    if view.row.kind != Documents::Visit {
        return Err(Problem::not_found());
    }
    let tasks = rounds::tasks(&view.fields);
    let open = tasks.values().filter(|task| !task.done).count();
    let shown: Vec<Json_> = tasks
        .iter()
        .map(|(item, task)| {
            json!({"item": item, "what": task.what, "unit": task.unit, "due": task.due, "case": task.case,
                   "done": task.done})
        })
        .collect();
    let packs = app.centre.packs();
    let pack = packs.of(&view.row.district, app.centre.now());
    let round = view.row.round.unwrap_or_default();
    let due = pack.and_then(|pack| pack.rectified_by(&round.mode, timestamp(round.at)));
    Ok(Json(json!({"tasks": shown, "open": open, "due": due})))
}
