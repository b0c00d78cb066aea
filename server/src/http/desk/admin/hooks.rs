//! `/admin/hooks`: what was told to addresses outside, and what came of it. What is about a case is only for those who see it.
//!
//! Never where an address is: it may hold a key. Nothing is sent from here.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{Section, allowed, sections};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::When;
use crate::http::desk::{Visitor, html};
use crate::http::error::Problem;
use crate::http::extract::Params;
use crate::limits;
use crate::store::Store;
use crate::store::deliveries::{Deliveries, Standing};

#[derive(Template)]
#[template(path = "admin-hooks.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    next: Option<i64>,
}

struct Row {
    at: When,
    hook: String,
    what: String,
    href: String,
    number: String,
    /// Class, shape, word.
    standing: (&'static str, &'static str, String),
    tries: u32,
    said: String,
    due: Option<When>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    before: Option<i64>,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let (w, store) = (&frame.w, app.centre.store());
    let found = store.deliveries(&me.district, asked.before, limits::LIST_ROWS).await?;
    let next = found.last().map(|row| row.id).filter(|_| found.len() == limits::LIST_ROWS);
    let mut rows = Vec::new();
    for row in found {
        let case = store.row(row.document).await?;
        let seen = |case: &crate::store::CaseRow| {
            w.pack.is_some_and(|pack| authorize(me, Wish::Read, Some((case, pack))))
        };
        let Some(case) = case.filter(seen) else { continue };
        let (class, shape) = match row.standing {
            Standing::Waiting | Standing::Trying => ("wait", "◐"),
            Standing::Delivered => ("verified", "✓"),
            Standing::Failed => ("overdue", "▲"),
            Standing::Unknown => ("near", "◆"),
        };
        rows.push(Row {
            at: w.when(row.at),
            what: w.named("directive", &row.event),
            href: format!("/cases/{}", row.document),
            number: case.number(),
            standing: (class, shape, w.t(&format!("hook-{}", row.standing.name()))),
            due: (row.standing == Standing::Waiting && row.tries > 0).then(|| w.when(row.due)),
            hook: row.hook,
            tries: row.tries,
            said: row.said,
        });
    }
    let sections = sections(me, &visitor.here, w);
    html(StatusCode::OK, &Page { sections, rows, next, frame })
}
