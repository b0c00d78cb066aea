//! The supervision ledger (督查督导专账): the cases behind a number, the longest due first, and urging.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::is_blank;
use doorstep_protocol::wire::{ActOutcome, Command};
use serde::Deserialize;

use super::super::words::{Due, Shown};
use super::{Frame, Note, Said, Tab, Visitor, Words, back, check, html, query, tabs};
use crate::clock::random;
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Form, Params};
use crate::limits;
use crate::store::oversight::Stuck;
use crate::store::{CaseRow, Store};
use crate::supervision::{Ledger, SupervisionError};

#[derive(Template)]
#[template(path = "supervision/ledger.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    note: Option<Note>,
    choices: Vec<Choice>,
    rows: Vec<Row>,
    next: Option<String>,
    /// The address with its filters, to come back to.
    here: String,
}

/// A filter, with what can be chosen.
struct Choice {
    name: &'static str,
    label: String,
    /// Code, name, chosen.
    options: Vec<(String, String, bool)>,
}

/// A case of the ledger.
struct Row {
    id: String,
    /// Its page is there for whoever reads the ledger.
    opens: bool,
    command: String,
    title: Shown,
    category: Shown,
    unit: String,
    step: String,
    due: Option<Due>,
    urged: Option<String>,
    disputed: bool,
    urges: bool,
}

/// The filters as the address has them.
#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    stuck: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    category: String,
    #[serde(default)]
    urged: String,
    #[serde(default)]
    after: String,
    #[serde(flatten)]
    said: Said,
}

/// Stands in an address for cases without a category; no code of a pack is like it.
pub(super) const NO_CATEGORY: &str = "-";

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl Wanted {
    fn ledger(&self) -> Ledger {
        let after = self
            .after
            .split_once('_')
            .and_then(|(due, document)| Some((due.parse().ok()?, document.parse::<DocumentId>().ok()?)));
        Ledger {
            stuck: Stuck::named(&self.stuck),
            unit: given(&self.unit),
            category: given(&self.category).map(|code| (code != NO_CATEGORY).then_some(code)),
            urged: self.urged == "1",
            after,
        }
    }

    /// The address of these filters.
    fn address(&self) -> String {
        let pairs = [
            ("stuck", &self.stuck),
            ("unit", &self.unit),
            ("category", &self.category),
            ("urged", &self.urged),
        ];
        let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let set: Vec<String> = set.map(|(name, value)| format!("{name}={}", query(value))).collect();
        if set.is_empty() {
            "/supervision/ledger".into()
        } else {
            format!("/supervision/ledger?{}", set.join("&"))
        }
    }
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let board = app.centre.board(person).await?;
    let (rows, next) = app.centre.ledger(person, wanted.ledger()).await?;
    let here = wanted.address();
    let frame = Frame::new(&app, visitor.lang, &here, Some(&visitor.signed));
    let w = &frame.w;
    let mut listed = Vec::new();
    for row in &rows {
        let urges = app.centre.may_urge(person, row)?;
        let opens = app.centre.may_look(person, row)?;
        listed.push(Row::of(row, (opens, urges), random(&**app.centre.source()), w));
    }
    let units: std::collections::BTreeSet<&str> = board.rows.iter().map(|row| row.unit.as_str()).collect();
    let named = |codes: Vec<(String, String)>, chosen: &str| -> Vec<(String, String, bool)> {
        codes.into_iter().map(|(code, name)| (code.clone(), name, code == chosen)).collect()
    };
    let categories = w.pack.map(doorstep_policy::Pack::categories).unwrap_or_default();
    let choices = vec![
        Choice {
            name: "stuck",
            label: w.t("ledger-stuck"),
            options: named(
                Stuck::ALL.map(|s| (s.code().to_owned(), w.t(&format!("stuck-{}", s.code())))).into(),
                &wanted.stuck,
            ),
        },
        Choice {
            name: "unit",
            label: w.t("ledger-owner"),
            options: named(units.iter().map(|u| ((*u).to_owned(), w.unit(u))).collect(), &wanted.unit),
        },
        Choice {
            name: "category",
            label: w.t("ledger-category"),
            options: named(
                categories
                    .iter()
                    .map(|c| (c.code.clone(), w.named("category", &c.code)))
                    .chain([(NO_CATEGORY.to_owned(), w.t("category-none"))])
                    .collect(),
                &wanted.category,
            ),
        },
        Choice {
            name: "urged",
            label: w.t("ledger-urged"),
            options: named(vec![("1".into(), w.t("ledger-urged-only"))], &wanted.urged),
        },
    ];
    let sign = if here.contains('?') { '&' } else { '?' };
    let next = next.map(|(due, document)| format!("{here}{sign}after={due}_{document}"));
    let page = Page {
        tabs: tabs(&app, &visitor, w)?,
        note: wanted.said.note(w),
        choices,
        rows: listed,
        next,
        here,
        frame,
    };
    html(StatusCode::OK, &page)
}

impl Row {
    fn of(row: &CaseRow, (opens, urges): (bool, bool), id: [u8; 16], w: &Words<'_>) -> Self {
        let n = row.life.urged.to_string();
        Row {
            id: row.document.to_string(),
            opens,
            command: uuid::Uuid::from_bytes(id).to_string(),
            title: super::super::listed::title(row, w),
            category: super::super::listed::value(row, "category", row.category.as_deref(), w),
            unit: row.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
            step: row.step.as_deref().map(|step| w.named("step", step)).unwrap_or_default(),
            due: row.due.map(|due| w.due(due)),
            urged: (row.life.urged > 0).then(|| w.with("ledger-urged-times", &[("n", &n)])),
            disputed: !row.conflicts.is_empty(),
            urges,
        }
    }
}

/// What the form gives back.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    key: String,
    case: DocumentId,
    id: uuid::Uuid,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    here: String,
}

pub(super) async fn urge<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let to =
        if given.here.starts_with("/supervision/ledger") { given.here } else { "/supervision/ledger".into() };
    if is_blank(&given.reason) || given.reason.trim().chars().count() > limits::MAX_LINE_CHARS {
        return back(&to, Err(SupervisionError::Reason));
    }
    let command = Command {
        id: given.id.into_bytes(),
        document: given.case,
        name: "urge".to_owned(),
        args: vec![("reason".to_owned(), given.reason.trim().to_owned())],
        made: app.centre.now(),
    };
    let outcome = match app.centre.act(&visitor.signed.person, command).await? {
        ActOutcome::Decided { .. } => Ok("urged"),
        ActOutcome::Refused { rule, message } => Err(SupervisionError::Refused { rule, message }),
    };
    back(&to, outcome)
}
