//! `/supervision`: what is stuck, where and why; draws, accounts, rates and signals beside it.
//!
//! Owns the pages and the forms. Who may do what, and what follows, is the centre's.

mod accounts;
mod board;
mod chart;
mod coverage;
mod draws;
mod ledger;
mod rates;
mod signals;

use axum::Router;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::frame::Frame;
use super::words::Words;
use super::{Visitor, html};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::auth::{check_form_key, check_origin};
use crate::http::error::{Kind, Problem};
use crate::store::Store;
use crate::supervision::SupervisionError;

/// Routes of the area.
pub(super) fn router<S: Store>() -> Router<App<S>> {
    Router::new()
        .route("/supervision", get(board::page::<S>))
        .route("/supervision/ledger", get(ledger::page::<S>).post(ledger::urge::<S>))
        .route("/supervision/draws", get(draws::page::<S>).post(draws::commit::<S>))
        .route("/supervision/draws/{n}", get(draws::one::<S>).post(draws::reveal::<S>))
        .route("/supervision/draws/{n}/inspections", post(draws::inspect::<S>))
        .route("/supervision/draws/{n}/population", get(draws::population::<S>))
        .route("/supervision/accounts", get(accounts::page::<S>).post(accounts::submit::<S>))
        .route("/supervision/accounts/judged", post(accounts::judge::<S>))
        .route("/supervision/rates", get(rates::page::<S>).post(rates::publish::<S>))
        .route("/supervision/rates/interviews", post(rates::interview::<S>))
        .route("/supervision/coverage", get(coverage::page::<S>))
        .route("/supervision/signals", get(signals::page::<S>).post(signals::group::<S>))
}

/// A page of the area, as each leads to the others.
struct Tab {
    href: &'static str,
    name: String,
    current: bool,
}

/// The pages that are there for this person.
fn tabs<S: Store>(app: &App<S>, visitor: &Visitor, w: &Words<'_>) -> Result<Vec<Tab>, Problem> {
    let person = &visitor.signed.person;
    // Whoever gives only their own unit's account has one page of the area.
    if !authorize(person, Wish::Supervise, None) {
        return Ok(Vec::new());
    }
    let here = visitor.here.as_str();
    let tab = |(id, href, _): (&str, &'static str, bool)| Tab {
        href,
        name: w.t(&format!("supervision-tab-{id}")),
        current: here == href || href != "/supervision" && here.starts_with(href),
    };
    let pages = [
        ("board", "/supervision", true),
        ("ledger", "/supervision/ledger", true),
        ("draws", "/supervision/draws", app.centre.sees_draws(person)?),
        ("accounts", "/supervision/accounts", app.centre.sees_accounts(person)?),
        ("rates", "/supervision/rates", true),
        ("signals", "/supervision/signals", true),
        ("coverage", "/supervision/coverage", true),
    ];
    Ok(pages.into_iter().filter(|(.., there)| *there).map(tab).collect())
}

/// What the address says was done, or was not.
#[derive(Default, serde::Deserialize)]
struct Said {
    #[serde(default)]
    done: String,
    #[serde(default)]
    no: String,
}

/// A line at the top of a page: what was done, or why not.
struct Note {
    good: bool,
    text: String,
}

impl Said {
    fn note(&self, w: &Words<'_>) -> Option<Note> {
        const DONE: [&str; 8] =
            ["urged", "committed", "drawn", "inspected", "submitted", "judged", "published", "held"];
        const NO: [&str; 7] = ["early", "done", "evidence", "reason", "refused", "week", "month"];
        let known = |id: &str, of: &[&str]| of.contains(&id);
        match (self.done.as_str(), self.no.as_str()) {
            ("grouped", _) => Some(Note { good: true, text: w.t("supervision-done-grouped") }),
            (done, _) if known(done, &DONE) => {
                Some(Note { good: true, text: w.t(&format!("supervision-done-{done}")) })
            }
            (_, no) if known(no, &NO) => {
                Some(Note { good: false, text: w.t(&format!("supervision-no-{no}")) })
            }
            (_, rule) if !rule.is_empty() && rule.len() < 40 => {
                Some(Note { good: false, text: w.refusal(rule, "inspect") })
            }
            _ => None,
        }
    }
}

impl From<SupervisionError> for Problem {
    fn from(error: SupervisionError) -> Self {
        let said = error.to_string();
        match error {
            SupervisionError::NotFound => Problem::not_found(),
            SupervisionError::NotYet(_) => Problem::conflict("supervision.early", &said),
            SupervisionError::Done => Problem::conflict("supervision.done", &said),
            SupervisionError::Evidence(_) => Problem::unprocessable("supervision.evidence", &said),
            SupervisionError::Reason => Problem::unprocessable("reason.missing", &said),
            SupervisionError::Refused { rule, message } => Problem::new(Kind::Unprocessable, rule, message),
            SupervisionError::Store(error) => error.into(),
        }
    }
}

/// Why a form was refused, as an address says it.
fn no(error: SupervisionError) -> Result<Said, Problem> {
    let no = match error {
        SupervisionError::NotYet(_) => "early".to_owned(),
        SupervisionError::Done => "done".to_owned(),
        SupervisionError::Evidence(_) => "evidence".to_owned(),
        SupervisionError::Reason => "reason".to_owned(),
        SupervisionError::Refused { rule, .. } => rule,
        error => return Err(error.into()),
    };
    Ok(Said { no, ..Said::default() })
}

/// Back to a page, which says what came of a form.
fn back(to: &str, outcome: Result<&str, SupervisionError>) -> Result<Response, Problem> {
    let sign = if to.contains('?') { '&' } else { '?' };
    let said = match outcome {
        Ok(done) => format!("done={done}"),
        Err(error) => format!("no={}", no(error)?.no),
    };
    Ok(Redirect::to(&format!("{to}{sign}{said}")).into_response())
}

/// A form of the area is this person's, from this desk.
fn check<S: Store>(app: &App<S>, visitor: &Visitor, headers: &HeaderMap, key: &str) -> Result<(), Problem> {
    check_origin(headers)?;
    check_form_key(app, visitor.signed.person.worker, key)
}

/// A share as people read it: `62.5 %`.
fn percent(numerator: u64, denominator: u64) -> String {
    if denominator == 0 {
        return "—".to_owned();
    }
    let tenths = (u128::from(numerator) * 1000 + u128::from(denominator) / 2) / u128::from(denominator);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A value for an address's query.
fn query(text: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.bytes()
        .map(|byte| if keep(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
