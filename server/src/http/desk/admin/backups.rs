//! `/admin/backups`: which backups there are, whether each can be relied on, how old the last good one is; and asking for
//! one.
//!
//! Making one reads everything, so the server does it beside the requests. Nothing is deleted or restored from here.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Section, Sent, allowed, sections};
use crate::authorize::{Wish, authorize};
use crate::backups::{self, Taken};
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::{When, Words};
use crate::http::desk::{Visitor, html, theirs};
use crate::http::error::Problem;
use crate::http::extract::Form;
use crate::limits;
use crate::pipeline::DeskError;
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "admin-backups.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    /// How old the last good one is.
    age: Option<String>,
    old: bool,
    /// Since when one is wished for or being made.
    making: Option<When>,
    may_ask: bool,
    error: Option<String>,
}

/// A backup in the list.
struct Row {
    at: When,
    good: bool,
    result: String,
    by: String,
    size: String,
    files: u64,
    took: String,
    file: String,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    shown(&app, visitor, (StatusCode::OK, None)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: Visitor,
    (status, error): (StatusCode, Option<&str>),
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Inspect)?;
    let me = &visitor.signed.person;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let (w, store) = (&frame.w, app.centre.store());
    let (taken, asked) = (backups::taken(&**store).await?, backups::asked(&**store).await?);
    let people = store.people(&me.district).await?;
    let last = taken.iter().find(|taken| taken.is_good()).map(|taken| w.now - taken.at);
    let page = Page {
        sections: sections(me, &visitor.here, w),
        rows: taken.iter().map(|taken| Row::of(taken, &people, w)).collect(),
        age: last.map(|age| w.span(age)),
        old: last.is_none_or(|age| age > limits::BACKUP_OLD_MS),
        making: asked.map(|asked| w.when(asked.begun.unwrap_or(asked.at))),
        may_ask: authorize(me, Wish::Administer, None),
        error: error.map(|id| w.t(id)),
        frame,
    };
    html(status, &page)
}

pub(in crate::http::desk) async fn ask<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &sent.key)?;
    match app.centre.ask_backup(&visitor.signed.person).await {
        Ok(()) => Ok(Redirect::to("/admin/backups").into_response()),
        Err(DeskError::Refused { .. }) => {
            shown(&app, visitor, (StatusCode::CONFLICT, Some("error-backup-asked"))).await
        }
        Err(error) => Err(error.into()),
    }
}

impl Row {
    fn of(taken: &Taken, people: &[Person], w: &Words<'_>) -> Self {
        let result = match taken.failed {
            Some(why) => w.t(&format!("backup-failed-{}", why.name())),
            None if !taken.verified => w.t("backup-unverified"),
            None if taken.missing > 0 => w.with("backup-missing", &[("n", &taken.missing.to_string())]),
            None => w.t("backup-verified"),
        };
        let asker = |worker| people.iter().find(|person| Some(person.worker) == worker);
        Row {
            at: w.when(taken.at),
            good: taken.is_good(),
            result,
            by: match taken.by {
                // People of another district of this store stay unnamed here.
                Some(_) => asker(taken.by).map_or_else(|| w.t("backup-by-other"), |who| who.name.clone()),
                None => w.t("backup-by-command"),
            },
            size: if taken.failed.is_some() { String::new() } else { size(taken.bytes) },
            files: taken.files,
            took: w.span(taken.took_ms),
            file: taken.file.clone(),
        }
    }
}

/// Bytes as people read them, in steps of 1,000.
fn size(bytes: u64) -> String {
    let steps = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match steps.into_iter().find(|(step, _)| bytes >= *step) {
        Some((step, unit)) => format!("{}.{} {unit}", bytes / step, bytes % step * 10 / step),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_naturally() {
        let said: Vec<String> = [999, 1_000, 1_960_000, 43_000_000_000].into_iter().map(size).collect();
        assert_eq!(said, ["999 B", "1.0 kB", "1.9 MB", "43.0 GB"]);
    }
}
