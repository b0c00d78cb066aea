//! The weekly account: who has given it, who is missing, what it shows; giving and judging it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use doorstep_policy::supervision::AccountState;
use doorstep_protocol::{DocumentId, Hash};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use super::super::words::{Shown, When};
use super::{Frame, Note, Said, Tab, Visitor, Words, back, check, html, no, tabs};
use crate::http::App;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Params};
use crate::limits;
use crate::store::Store;
use crate::supervision::{AccountView, AccountsView, SupervisionError};

#[derive(Template)]
#[template(path = "supervision/accounts.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    note: Option<Note>,
    day: String,
    /// The week before, this one and the next, in words.
    said: [When; 3],
    before: String,
    after: String,
    due: When,
    provisional: bool,
    given: usize,
    rows: Vec<Row>,
    own: Option<Own>,
    judges: bool,
    /// The note that was typed and refused.
    typed: String,
}

/// One unit's account.
struct Row {
    unit: String,
    code: String,
    class: &'static str,
    shape: &'static str,
    state: String,
    given: Option<When>,
    by: String,
    evidence: Vec<(String, String)>,
    claimed: Option<u64>,
    words: String,
    reason: Option<String>,
    judged: bool,
    /// The reason for returning it that was typed and refused.
    typed: Option<String>,
}

/// The account that the person may give.
struct Own {
    unit: String,
    pieces: Vec<Shows>,
    wanted: u32,
}

/// A case with files that can be shown for it.
struct Shows {
    id: String,
    title: Shown,
    /// Value of the box, name, ticked.
    files: Vec<(String, String, bool)>,
}

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    week: String,
    #[serde(flatten)]
    said: Said,
}

/// The day that an address or a form names.
fn day_of(text: &str) -> Option<Date> {
    let within = |day: &Date| limits::YEARS.contains(&i32::from(day.year()));
    text.parse().ok().filter(within)
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let (person, day) = (&visitor.signed.person, day_of(&wanted.week));
    let found = match day {
        Some(day) => app.centre.accounts(person, Some(day)).await.ok(),
        None => None,
    };
    // An address with a slip in it leads to the present week and says so.
    let slip = found.is_none() && !wanted.week.is_empty();
    let said = if slip { Said { no: "week".into(), ..Said::default() } } else { wanted.said };
    let view = match found {
        Some(view) => view,
        None => app.centre.accounts(person, None).await?,
    };
    shown(&app, &visitor, (view, said), (StatusCode::OK, Given::default())).await
}

/// The page of a week, with what was typed into a form of it that was refused.
async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    (view, said): (AccountsView, Said),
    (status, typed): (StatusCode, Given),
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let people = app.centre.store().people(&person.district).await?;
    let name =
        |worker| people.iter().find(|p| p.worker == worker).map(|p| p.name.clone()).unwrap_or_default();
    let here = format!("/supervision/accounts?week={}", view.week.day);
    let frame = Frame::new(app, visitor.lang, &here, Some(&visitor.signed));
    let w = &frame.w;
    let own = match &view.own {
        None => None,
        Some(unit) => {
            let pack = app.centre.pack(&person.district)?;
            let pieces = app.centre.account_pieces(person, &view.week).await?;
            let shows = pieces.iter().map(|piece| Shows {
                id: piece.row.document.to_string(),
                title: super::super::listed::title(&piece.row, w),
                files: piece
                    .files
                    .iter()
                    .map(|file| {
                        let hash = file.hash.to_string();
                        let short: String = hash.chars().take(8).collect();
                        let value = format!("{}.{hash}", piece.row.document);
                        let ticked = typed.boxes.contains_key(&value);
                        (value, format!("{} {short}", file.media.name()), ticked)
                    })
                    .collect(),
            });
            Some(Own { unit: w.unit(unit), pieces: shows.collect(), wanted: pack.account_evidence() })
        }
    };
    let (before, after) = (view.week.day.saturating_sub(7.days()), view.week.day.saturating_add(7.days()));
    let missing = [AccountState::Awaited, AccountState::Missing];
    let page = Page {
        // The other pages are not there for a unit that only accounts.
        tabs: tabs(app, visitor, w)?,
        note: said.note(w),
        said: [before, view.week.day, after]
            .map(|day| w.day(crate::http::desk::leave::midnight(day).unwrap_or(w.now))),
        day: view.week.day.to_string(),
        before: before.to_string(),
        after: after.to_string(),
        due: w.when(view.week.due.as_millisecond()),
        provisional: view.week.provisional,
        given: view.accounts.iter().filter(|account| !missing.contains(&account.state)).count(),
        rows: view.accounts.iter().map(|account| Row::of(account, (w, &typed), &name)).collect(),
        own,
        judges: view.judges,
        typed: typed.note,
        frame,
    };
    html(status, &page)
}

impl Row {
    fn of(
        account: &AccountView,
        (w, typed): (&Words<'_>, &Given),
        name: &impl Fn(doorstep_protocol::WorkerId) -> String,
    ) -> Self {
        let (class, shape) = match account.state {
            AccountState::Awaited => ("later", "○"),
            AccountState::Missing => ("overdue", "▲"),
            AccountState::Submitted => ("wait", "▷"),
            AccountState::Late => ("near", "◆"),
            AccountState::Returned => ("near", "◐"),
            AccountState::Accepted => ("verified", "✓"),
        };
        let evidence = account.evidence.iter().map(|(document, hash)| {
            let short: String = hash.to_string().chars().take(8).collect();
            (format!("/cases/{document}"), short)
        });
        Row {
            unit: w.unit(&account.unit),
            code: account.unit.clone(),
            class,
            shape,
            state: w.t(&format!("account-{}", account.state.code())),
            given: account.given.map(|(_, at)| w.when(at)),
            by: account.given.map(|(worker, _)| name(worker)).unwrap_or_default(),
            evidence: evidence.collect(),
            claimed: account.claimed,
            words: account.note.clone(),
            reason: account.reason.clone(),
            judged: !matches!(account.state, AccountState::Submitted | AccountState::Late),
            typed: (typed.unit == account.unit).then(|| typed.reason.clone()),
        }
    }
}

/// What a form of this page gives back: boxes come as `DOCUMENT.HASH=on`.
#[derive(Default, Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    key: String,
    week: String,
    #[serde(default)]
    note: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    reason: String,
    #[serde(flatten)]
    boxes: std::collections::BTreeMap<String, String>,
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let day = day_of(&given.week).ok_or_else(Problem::not_found)?;
    let piece = |name: &String| -> Option<(DocumentId, Hash)> {
        let (document, hash) = name.split_once('.')?;
        Some((document.parse().ok()?, hash.parse().ok()?))
    };
    let evidence = given.boxes.keys().filter_map(piece).collect();
    let outcome = app.centre.submit_account(&visitor.signed.person, day, evidence, &given.note).await;
    answer(&app, &visitor, day, (outcome.map(|()| "submitted"), given)).await
}

pub(super) async fn judge<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let day = day_of(&given.week).ok_or_else(Problem::not_found)?;
    let back_with = (given.verdict != "accept").then_some(given.reason.as_str());
    let outcome = app.centre.judge_account(&visitor.signed.person, (day, &given.unit), back_with).await;
    answer(&app, &visitor, day, (outcome.map(|()| "judged"), given)).await
}

/// Back to the week; or, where the form was refused, the week with what was typed.
async fn answer<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    day: Date,
    (outcome, given): (Result<&str, SupervisionError>, Given),
) -> Result<Response, Problem> {
    match outcome {
        Ok(done) => back(&format!("/supervision/accounts?week={day}"), Ok(done)),
        Err(error) => {
            let said = no(error)?;
            let view = app.centre.accounts(&visitor.signed.person, Some(day)).await?;
            Box::pin(shown(app, visitor, (view, said), (Kind::Unprocessable.status(), given))).await
        }
    }
}
