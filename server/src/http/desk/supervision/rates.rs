//! A month's rates: the red and black list, and what calls for an interview. Every rate names cohort, cut-off and
//! denominator.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use doorstep_policy::supervision::{List, Rate, Tally};
use serde::Deserialize;

use super::super::words::When;
use super::{Frame, Note, Said, Tab, Visitor, Words, back, check, html, percent, tabs};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Form, Params};
use crate::store::Store;
use crate::supervision::Month;

#[derive(Template)]
#[template(path = "supervision/rates.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    note: Option<Note>,
    month: String,
    /// The month before, this one and the next, in words.
    said: [String; 3],
    named: String,
    before: String,
    after: String,
    rates: Vec<String>,
    /// Of the list that is shown: published, or as it would be now.
    published: Option<When>,
    cutoff: When,
    policy: String,
    red: Vec<String>,
    black: Vec<String>,
    ranked: Vec<Ranked>,
    small: Vec<String>,
    called: Vec<Called>,
    may_publish: bool,
    acts: bool,
}

/// A unit's row.
struct Ranked {
    unit: String,
    mark: Mark,
    score: String,
    /// Percent, and numerator by denominator.
    rates: Vec<(String, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Red,
    Black,
    None,
}

/// A unit that is called up.
struct Called {
    unit: String,
    code: String,
    rule: String,
    rule_id: String,
    rate: String,
    parts: String,
    held: Option<When>,
}

#[derive(Default, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    month: String,
    #[serde(flatten)]
    said: Said,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let found = Month::parse(&wanted.month);
    let there = found.is_some() || wanted.month.is_empty();
    // An address with a slip in it leads to the last month and says so.
    let said = if there { wanted.said } else { Said { no: "month".into(), ..Said::default() } };
    let month = found.unwrap_or_else(|| Month::of(app.centre.now()).before());
    let view = app.centre.rates(&visitor.signed.person, month).await?;
    let here = format!("/supervision/rates?month={month}");
    let frame = Frame::new(&app, visitor.lang, &here, Some(&visitor.signed));
    let w = &frame.w;
    let list =
        view.published.as_ref().map(|published| published.list.clone()).or_else(|| view.preview.clone());
    let list = list.unwrap_or_default();
    let units = |codes: &[String]| codes.iter().map(|code| w.unit(code)).collect();
    let called = view.called.iter().map(|(trigger, held)| Called {
        unit: w.unit(&trigger.unit),
        code: trigger.unit.clone(),
        rule: w.named("interview", &trigger.rule),
        rule_id: trigger.rule.clone(),
        rate: percent(trigger.numerator, trigger.denominator),
        parts: format!("{} / {}", trigger.numerator, trigger.denominator),
        held: held.map(|at| w.when(at)),
    });
    let page = Page {
        tabs: tabs(&app, &visitor, w)?,
        note: said.note(w),
        month: month.to_string(),
        named: w.month(&month.to_string()),
        said: [month.before(), month, month.after()].map(|month| w.month(&month.to_string())),
        before: month.before().to_string(),
        after: month.after().to_string(),
        rates: Rate::ALL.iter().map(|rate| w.t(&format!("rate-{}", rate.code()))).collect(),
        published: view.published.as_ref().map(|published| w.when(published.by.1)),
        cutoff: w.when(view.published.as_ref().map_or(w.now, |published| published.cutoff)),
        policy: view.published.as_ref().map_or_else(String::new, |published| published.policy.clone()),
        red: units(&list.red),
        black: units(&list.black),
        ranked: ranked(&list, w),
        small: units(&list.small),
        called: called.collect(),
        may_publish: view.acts && view.published.is_none() && w.now >= view.ends && !list.ranked.is_empty(),
        acts: view.acts,
        frame,
    };
    html(StatusCode::OK, &page)
}

fn ranked(list: &List, w: &Words<'_>) -> Vec<Ranked> {
    let row = |(unit, tally, score): &(String, Tally, i64)| {
        let mark = match () {
            () if list.red.contains(unit) => Mark::Red,
            () if list.black.contains(unit) => Mark::Black,
            () => Mark::None,
        };
        let rates = Rate::ALL.iter().map(|rate| {
            let (numerator, denominator) = rate.of(tally);
            (percent(numerator, denominator), format!("{numerator} / {denominator}"))
        });
        let score = format!(
            "{}{}.{}",
            if *score < 0 { "−" } else { "" },
            score.abs() / 1000,
            score.abs() % 1000 / 100
        );
        Ranked { unit: w.unit(unit), mark, score, rates: rates.collect() }
    };
    list.ranked.iter().map(row).collect()
}

/// What a form of this page gives back.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    key: String,
    month: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    note: String,
}

pub(super) async fn publish<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let month = Month::parse(&given.month).ok_or_else(Problem::not_found)?;
    let outcome = app.centre.publish_list(&visitor.signed.person, month).await;
    back(&format!("/supervision/rates?month={month}"), outcome.map(|()| "published"))
}

pub(super) async fn interview<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let month = Month::parse(&given.month).ok_or_else(Problem::not_found)?;
    let of = (given.rule.as_str(), given.unit.as_str());
    let outcome = app.centre.hold_interview(&visitor.signed.person, month, of, &given.note).await;
    back(&format!("/supervision/rates?month={month}"), outcome.map(|()| "held"))
}
