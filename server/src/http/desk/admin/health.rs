//! `/admin/health`: the ten invariants, each with how many items were looked at, and as of when.
//!
//! Looking takes time, so the last look is kept and shown; somebody asks for another. Ids of cases are not shown: they
//! are for whoever runs the server, in `doorstep verify`.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Section, Sent, allowed, sections};
use crate::authorize::{Wish, authorize};
use crate::health;
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::When;
use crate::http::desk::{Visitor, html, theirs};
use crate::http::error::Problem;
use crate::http::extract::Form;
use crate::store::Store;

#[derive(Template)]
#[template(path = "admin-health.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    as_of: Option<When>,
    age: String,
    ok: bool,
    recovering: bool,
    looking: bool,
    devices: usize,
    late: usize,
    /// Units that cases go to and in which nobody works.
    unattended: Vec<String>,
    /// They can add somebody.
    adds: bool,
}

/// So many units are named at once; the others unfold.
const UNITS: usize = 12;

struct Row {
    id: u8,
    says: String,
    checked: u64,
    failed: u64,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Inspect)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let last = health::last(&app.centre).await?;
    let row = |(id, checked, failed): &(u8, u64, u64)| Row {
        id: *id,
        says: w.t(&format!("invariant-{id}")),
        checked: *checked,
        failed: *failed,
    };
    let rows: Vec<Row> = last.iter().flat_map(|look| &look.invariants).map(row).collect();
    let queue = app.centre.queue(me).await?;
    let devices = app.centre.store().devices(&me.district).await?;
    let empty = health::unattended(&app.centre, &me.district).await?;
    let named: Vec<String> = empty.iter().map(|code| w.unit(code)).collect();
    let page = Page {
        adds: authorize(me, Wish::Administer, None),
        unattended: named,
        sections: sections(me, &visitor.here, w),
        as_of: last.as_ref().map(|look| w.when(look.at)),
        age: last.as_ref().map(|look| w.span(w.now - look.at)).unwrap_or_default(),
        ok: rows.iter().all(|row| row.failed == 0 && row.checked > 0),
        rows,
        recovering: app.centre.recovering(),
        looking: health::looking(&app.centre),
        devices: devices.iter().filter(|device| device.revoked.is_none()).count(),
        late: queue.iter().filter(|open| open.is_late(w.now)).count(),
        frame,
    };
    html(StatusCode::OK, &page)
}

pub(in crate::http::desk) async fn check<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &sent.key)?;
    allowed(visitor, Wish::Inspect)?;
    health::look(&app.centre);
    Ok(Redirect::to("/admin/health").into_response())
}
