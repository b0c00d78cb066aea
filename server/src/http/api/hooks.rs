//! `GET /api/v1/hooks/deliveries`: what was told to addresses outside, and what came of it. Never where an address is: it may
//! hold a key. Which case it was is said to those who see the case.

use axum::extract::State;
use doorstep_protocol::DocumentId;
use serde::{Deserialize, Serialize};

use super::shapes::shown;
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::http::openapi::{Endpoint, list, nullable, number, object, one_of, operation, text, time};
use crate::limits;
use crate::store::deliveries::{DeliveryRow, Shown, Standing};
use crate::store::{CaseRow, Store};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    before: Option<i64>,
    #[serde(default)]
    view: Shown,
}

#[derive(Serialize)]
struct Answer {
    items: Vec<Item>,
    next: Option<i64>,
}

/// A delivery, without what was said.
#[derive(Serialize)]
struct Item {
    id: i64,
    hook: String,
    case: Option<DocumentId>,
    n: u32,
    event: String,
    at: String,
    standing: &'static str,
    tries: u32,
    due: Option<String>,
    said: String,
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let item = object(&[
        ("id", number()),
        ("hook", text()),
        ("case", nullable(&text())),
        ("n", number()),
        ("event", text()),
        ("at", time()),
        ("standing", one_of(&Standing::ALL.map(Standing::name))),
        ("tries", number()),
        ("due", nullable(&time())),
        ("said", text()),
    ]);
    let gives = object(&[("items", list(&item)), ("next", nullable(&number()))]);
    let refusals = &[Kind::NotFound, Kind::BadRequest];
    let operation = operation("What was told to addresses outside, newest first.", gives, refusals)
        .asks("before", &number(), "The `next` of the page before.")
        .asks("view", &one_of(&Shown::ALL.map(Shown::name)), "Which of them.");
    Endpoint::get("/api/v1/hooks/deliveries", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(Request { before, view }): Params<Request>,
) -> Result<axum::Json<Answer>, Problem> {
    let me = signed.may(Wish::Administer)?.person;
    let store = app.centre.store();
    let rows = store.deliveries((&me.district, view), before, limits::LIST_ROWS).await?;
    let cases = store.rows_of(rows.iter().map(|row| row.document).collect()).await?;
    let pack = app.shown.packs.of(&me.district, app.centre.now());
    let seen = |case: &&CaseRow| pack.is_some_and(|pack| authorize(&me, Wish::Read, Some((*case, &**pack))));
    let next = rows.last().map(|row| row.id).filter(|_| rows.len() == limits::LIST_ROWS);
    let items = rows.into_iter().map(|row| {
        let seen = cases.get(&row.document).filter(seen).is_some();
        Item::of(row, seen)
    });
    Ok(axum::Json(Answer { items: items.collect(), next }))
}

impl Item {
    fn of(row: DeliveryRow, seen: bool) -> Self {
        Item {
            id: row.id,
            case: seen.then_some(row.document),
            n: row.n,
            event: row.event,
            at: shown(row.at),
            standing: row.standing.name(),
            tries: row.tries,
            due: row.standing.is_open().then(|| shown(row.due)),
            hook: row.hook,
            said: row.said,
        }
    }
}
