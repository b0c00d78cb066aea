//! `GET /api/v1/cases/{id}/file`: one file a case (一案一卷): where it came from, what was done, what came of it, and what
//! the file still lacks. Codes, ids, counts and times; what people wrote is in the case itself.

use axum::Json;
use axum::extract::State;
use doorstep_policy::{Decision, Pack, signs_for};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind as Documents;
use serde_json::{Value as Json_, json};

use crate::clock::rfc3339;
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Id;
use crate::http::openapi::{
    Endpoint, any_object, flag, list, nullable, number, object, operation, text, time,
};
use crate::pipeline::{CaseView, timestamp};
use crate::store::Store;

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let maybe = nullable(&text());
    let class = object(&[
        ("category", maybe.clone()),
        ("deadline", maybe.clone()),
        ("year", number()),
        ("campaign", maybe.clone()),
    ]);
    let source = object(&[
        ("channel", maybe.clone()),
        ("place", maybe.clone()),
        ("unit", text()),
        ("worker", text()),
        ("registered", time()),
    ]);
    let step = object(&[
        ("n", number()),
        ("at", time()),
        ("cause", text()),
        ("directive", text()),
        ("step", text()),
        ("unit", maybe.clone()),
        ("due", time()),
    ]);
    let signature = object(&[
        ("role", text()),
        ("worker", text()),
        ("unit", text()),
        ("for", maybe.clone()),
        ("at", time()),
        ("fresh", flag()),
    ]);
    let effect = object(&[
        ("claimed", nullable(&time())),
        ("verified", nullable(&time())),
        ("closed", nullable(&time())),
        ("how", maybe.clone()),
        ("satisfaction", maybe),
        ("evidence", any_object()),
        ("signatures", list(&signature)),
        ("redo", number()),
        ("reopened", number()),
    ]);
    let gives = object(&[
        ("id", text()),
        ("class", class),
        ("source", source),
        ("process", list(&step)),
        ("effect", effect),
        ("archived", flag()),
        ("lacks", list(&text())),
    ]);
    let operation = operation(
        "The file of a case: source, process, effect, and what it lacks.",
        gives,
        &[Kind::NotFound],
    );
    Endpoint::get("/api/v1/cases/{id}/file", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(document): Id<DocumentId>,
) -> Result<Json<Json_>, Problem> {
    let view = app.centre.view(&signed.person, document).await?;
    let packs = app.centre.packs();
    let by = view.decisions.last().and_then(|last| packs.version(&last.policy));
    let pack = by.or_else(|| packs.of(&view.row.district, app.centre.now()));
    match pack.filter(|_| view.row.kind == Documents::Case) {
        Some(pack) => Ok(Json(file(&view, pack))),
        None => Err(Problem::not_found()),
    }
}

fn file(view: &CaseView, pack: &Pack) -> Json_ {
    let (row, life, last) = (&view.row, &view.row.life, view.decisions.last());
    let proofs = last.map(|last| last.projection.proofs.clone()).unwrap_or_default();
    let year = jiff::tz::offset(8).to_datetime(timestamp(row.registered)).year();
    let field = |name: &str| view.fields.get(name).and_then(Json_::as_str);
    let step = |d: &Decision| {
        json!({"n": d.n, "at": d.at, "cause": d.cause.kind(), "directive": d.directive.code(), "step": d.step,
               "unit": d.unit, "due": d.due})
    };
    let signatures: Vec<Json_> = proofs
        .signatures
        .iter()
        .map(|s| {
            let of = signs_for(&view.decisions, &s.role, &s.worker).map(|in_place| in_place.of);
            json!({"role": s.role, "worker": s.worker, "unit": s.unit, "for": of, "at": s.at, "fresh": s.fresh})
        })
        .collect();
    json!({
        "id": row.document,
        "class": {"category": row.category, "deadline": last.map(|d| d.routed.class.clone()), "year": year,
                  "campaign": life.campaign},
        "source": {"channel": field("channel"), "place": row.place, "unit": row.author_unit,
                   "worker": row.author.to_string(), "registered": rfc3339(row.registered)},
        "process": view.decisions.iter().map(step).collect::<Vec<_>>(),
        "effect": {"claimed": life.claimed_at, "verified": life.verified_at,
                   "closed": life.closed.map(|closed| closed.at), "how": life.closed.map(|closed| closed.how.code()),
                   "satisfaction": life.satisfaction.map(|answer| answer.code()), "evidence": proofs.evidence,
                   "signatures": signatures, "redo": life.redo, "reopened": life.reopened},
        "archived": row.step.as_deref() == Some("archived"),
        "lacks": lacks(view, pack),
    })
}

/// What a complete file has and this one has not: its source, what came of it, and each signature that the pack asks for.
fn lacks(view: &CaseView, pack: &Pack) -> Vec<String> {
    let life = &view.row.life;
    let written =
        |name: &str| view.fields.get(name).and_then(Json_::as_str).is_some_and(|text| !text.is_empty());
    let mut lacks: Vec<String> = ["channel", "category", "place", "outcome"]
        .into_iter()
        .filter(|name| !written(name))
        .map(Into::into)
        .collect();
    let there = [
        ("claim", life.claimed_at.is_some()),
        ("verification", life.verified_at.is_some()),
        ("closing", life.closed.is_some()),
        ("answer", life.satisfaction.is_some()),
    ];
    lacks.extend(there.into_iter().filter(|(_, there)| !there).map(|(name, _)| name.to_owned()));
    let unsigned = pack.signatures().filter(|role| !life.signed.contains(*role));
    lacks.extend(unsigned.map(|role| format!("signature.{role}")));
    lacks
}
