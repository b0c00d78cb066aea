//! `/admin/units`: the units of the pack in force, each with from when and until when it stands. They are changed in
//! the pack.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{ROWS, Section, allowed, sections};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::When;
use crate::http::desk::{Visitor, html};
use crate::http::error::Problem;
use crate::http::extract::{Params, or_first};
use crate::pipeline::timestamp;
use crate::store::Store;

#[derive(Template)]
#[template(path = "admin-units.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    pack: String,
    rows: Vec<Row>,
    count: usize,
    q: String,
    next: Option<String>,
}

struct Row {
    code: String,
    name: String,
    level: String,
    parent: String,
    from: Option<When>,
    until: Option<When>,
    stands: bool,
    people: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    q: String,
    #[serde(deserialize_with = "or_first")]
    from: usize,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Inspect)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let people = app.centre.store().people(&me.district).await?;
    let now = timestamp(w.now);
    let q = asked.q.trim().to_owned();
    let mut units: Vec<_> = w.pack.into_iter().flat_map(|pack| pack.units()).collect();
    units.retain(|unit| q.is_empty() || unit.code.starts_with(&q) || unit.name.contains(&q));
    units.sort_by(|a, b| (&a.code, a.from).cmp(&(&b.code, b.from)));
    let row = |unit: &&doorstep_policy::Unit| Row {
        code: unit.code.clone(),
        name: unit.name.clone(),
        level: w.t(&format!("level-{}", format!("{:?}", unit.level).to_lowercase())),
        parent: unit.parent.as_deref().map(|parent| w.unit(parent)).unwrap_or_default(),
        from: unit.from.map(|at| w.when(at.as_millisecond())),
        until: unit.until.map(|at| w.when(at.as_millisecond())),
        stands: unit.exists_at(now),
        people: people.iter().filter(|person| person.unit == unit.code && person.ended.is_none()).count(),
    };
    let rows: Vec<Row> = units.iter().skip(asked.from).take(ROWS).map(row).collect();
    let end = asked.from + rows.len();
    let query: String = q.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
    let page = Page {
        sections: sections(me, &visitor.here, w),
        pack: w.pack.map(|pack| pack.id().to_owned()).unwrap_or_default(),
        next: (end < units.len()).then(|| format!("/admin/units?q={query}&from={end}")),
        count: units.len(),
        rows,
        q,
        frame,
    };
    html(StatusCode::OK, &page)
}
