//! `/admin/hooks`: what was told to addresses outside, what came of it, and having it sent again.
//!
//! Never where an address is: it may hold a key. Which case it was is shown to those who see the case.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Section, Sent, allowed, sections};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::{When, Words};
use crate::http::desk::{Visitor, html, theirs};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Id, Params};
use crate::limits;
use crate::pipeline::DeskError;
use crate::store::deliveries::{DeliveryRow, Shown, Standing};
use crate::store::{CaseRow, Store};

#[derive(Template)]
#[template(path = "admin-hooks.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    views: Vec<View>,
    rows: Vec<Row>,
    next: Option<String>,
    /// Text, and whether all is well.
    note: Option<(String, bool)>,
}

struct View {
    href: &'static str,
    name: String,
    count: Option<u64>,
    current: bool,
}

struct Row {
    id: i64,
    at: When,
    hook: String,
    what: String,
    /// Address and number of the case, for those who see it.
    case: Option<(String, String)>,
    /// Class, shape, word.
    standing: (&'static str, &'static str, String),
    tries: u32,
    said: String,
    due: Option<When>,
    /// It can be sent again.
    again: bool,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    before: Option<i64>,
    view: String,
    done: String,
}

impl Asked {
    fn shown(&self) -> Shown {
        match self.view.as_str() {
            "open" => Shown::Open,
            "undelivered" => Shown::Undelivered,
            _ => Shown::All,
        }
    }
}

const HERE: &str = "/admin/hooks";

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let note = (asked.done == "again").then_some(("note-hook-again", true));
    shown(&app, visitor, &asked, (StatusCode::OK, note)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: Visitor,
    asked: &Asked,
    (status, note): (StatusCode, Option<(&str, bool)>),
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let (w, store) = (&frame.w, app.centre.store());
    let list = asked.shown();
    let found = store.deliveries((&me.district, list), asked.before, limits::LIST_ROWS).await?;
    let cases = store.rows_of(found.iter().map(|row| row.document).collect()).await?;
    let seen = |case: &&CaseRow| w.pack.is_some_and(|pack| authorize(me, Wish::Read, Some((*case, pack))));
    let last = found.last().map(|row| row.id).filter(|_| found.len() == limits::LIST_ROWS);
    let (open, undelivered) = store.delivery_counts(&me.district).await?;
    let view = |href, id: &str, count, of: Shown| View { href, name: w.t(id), count, current: list == of };
    let page = Page {
        sections: sections(me, HERE, w),
        views: vec![
            view(HERE, "hooks-all", None, Shown::All),
            view("/admin/hooks?view=open", "hooks-open", Some(open), Shown::Open),
            view("/admin/hooks?view=undelivered", "hooks-undelivered", Some(undelivered), Shown::Undelivered),
        ],
        next: last.map(|id| match list {
            Shown::All => format!("{HERE}?before={id}"),
            _ => format!("{HERE}?view={}&before={id}", asked.view),
        }),
        rows: found
            .into_iter()
            .map(|row| {
                let case = cases.get(&row.document).filter(seen);
                Row::of(row, case, w)
            })
            .collect(),
        note: note.map(|(id, good)| (w.t(id), good)),
        frame,
    };
    html(status, &page)
}

pub(in crate::http::desk) async fn again<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(id): Id<i64>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &sent.key)?;
    match app.centre.tell_again(&visitor.signed.person, id).await {
        Ok(()) => Ok(Redirect::to("/admin/hooks?done=again").into_response()),
        Err(DeskError::Refused { .. }) => {
            let note = Some(("error-hook-again", false));
            shown(&app, visitor, &Asked::default(), (Kind::Conflict.status(), note)).await
        }
        Err(error) => Err(error.into()),
    }
}

impl Row {
    fn of(row: DeliveryRow, case: Option<&CaseRow>, w: &Words<'_>) -> Self {
        let (class, shape) = match row.standing {
            Standing::Waiting | Standing::Trying => ("wait", "◐"),
            Standing::Delivered => ("verified", "✓"),
            Standing::Failed => ("overdue", "▲"),
            Standing::Unknown => ("near", "◆"),
        };
        let said = match row.said.parse::<u16>() {
            Ok(status) => format!("HTTP {status}"),
            Err(_) => w.desk.get(&format!("hook-said-{}", row.said), &[]).unwrap_or(row.said),
        };
        Row {
            id: row.id,
            at: w.when(row.at),
            what: w.named("directive", &row.event),
            case: case.map(|case| (format!("/cases/{}", row.document), case.number())),
            standing: (class, shape, w.t(&format!("hook-{}", row.standing.name()))),
            due: (row.standing == Standing::Waiting && row.tries > 0).then(|| w.when(row.due)),
            again: Shown::Undelivered.holds(row.standing),
            hook: row.hook,
            tries: row.tries,
            said,
        }
    }
}
