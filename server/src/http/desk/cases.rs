//! `/cases`: every case that a person may see, filtered, searched, in order, page by page; and the filters they keep.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::documents::schema::URGENCY;
use serde::Deserialize;

use super::filter::{self, Filter, KIND};
use super::frame::Frame;
use super::listed::Line;
use super::naming::Unnamed;
use super::words::Words;
use super::{Visitor, html};
use crate::finding::{Ask, Total};
use crate::http::App;
use crate::http::auth::{check_form_key, check_origin};
use crate::http::error::Problem;
use crate::http::extract::{Form, Params};
use crate::limits;
use crate::pipeline::timestamp;
use crate::store::Store;

#[derive(Template)]
#[template(path = "case-list.html")]
struct Page<'a> {
    frame: Frame<'a>,
    filter: Filter,
    lines: Vec<Line>,
    total: String,
    /// Where the list goes on.
    next: Option<String>,
    /// This is not its first page.
    paged: bool,
    /// The search matched more than can be put in this order.
    cut: bool,
    choices: Vec<Choice>,
    /// Values that do not exist.
    unknown: Option<String>,
    units: Vec<(String, String)>,
    kept: Vec<Kept>,
    /// What is missing before a filter can be kept.
    error: Option<String>,
    /// The name under which it was to be kept.
    name: String,
    query: String,
}

/// One filter with its choices.
pub(super) struct Choice {
    name: &'static str,
    label: String,
    /// Code, name, chosen.
    options: Vec<(String, String, bool)>,
}

/// A filter that this person keeps.
struct Kept {
    name: String,
    href: String,
    current: bool,
}

/// What the address says beside the filter.
#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
pub(super) struct Keeping {
    #[serde(default)]
    key: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    query: String,
    /// Set: this filter is given up.
    #[serde(default)]
    remove: String,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(filter): Params<Filter>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    shown(&app, &visitor, (filter, &asked.after), (None, String::new(), StatusCode::OK)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    (filter, after): (Filter, &str),
    (error, name, status): (Option<&str>, String, StatusCode),
) -> Result<Response, Problem> {
    let (centre, person) = (&app.centre, &visitor.signed.person);
    let query = filter.query();
    let here = if query.is_empty() { visitor.here.clone() } else { format!("{}?{query}", visitor.here) };
    let frame = Frame::new(app, visitor.lang, &here, Some(&visitor.signed));
    let w = &frame.w;
    let typed = filter.typed(person, centre.keys());
    let nothing = typed.is_none() && !filter.q.trim().is_empty();
    let after = filter::after_of(after);
    let ask = Ask { limit: limits::CASE_LINES, after, ..filter.ask(person, typed.as_ref(), w) };
    let (found, total) = if nothing {
        // Only marks were typed: nothing is like them.
        (crate::finding::Found::default(), Total { counted: 0, more: false })
    } else {
        let total = centre.count(person, KIND, ask.clone(), limits::COUNTED_MATCHES).await?;
        let found = centre.find(person, KIND, ask, typed.as_ref()).await?;
        // The index counts whoever may hold a text; those that are listed were read.
        let whole = after.is_none() && !found.more && !found.cut;
        let counted = if whole { found.hits.len() } else { total.counted };
        (found, Total { counted, more: total.more && !whole })
    };
    let next = found.hits.last().filter(|_| found.more).map(|hit| {
        let and = if query.is_empty() { "" } else { "&" };
        format!("/cases?{query}{and}after={}", filter::after_text(hit.here))
    });
    let kept = centre.store().filters(person.worker).await?.into_iter().map(|(name, saved)| Kept {
        name,
        current: saved == query,
        href: format!("/cases?{saved}"),
    });
    let page = Page {
        lines: found.hits.iter().map(|hit| Line::of(hit, w)).collect(),
        total: said(total, w),
        next,
        paged: after.is_some(),
        cut: found.cut,
        unknown: unknown(&filter, w),
        choices: choices(&filter, w),
        units: units(w),
        kept: kept.collect(),
        error: error.map(|id| w.t(id)),
        name,
        query,
        filter,
        frame,
    };
    html(status, &page)
}

/// How many there are, as far as they were counted.
pub(super) fn said(total: Total, w: &Words<'_>) -> String {
    let id = if total.more { "total-more" } else { "total" };
    w.with(id, &[("n", &total.counted.to_string())])
}

/// The filters that have lists of their own.
fn choices(filter: &Filter, w: &Words<'_>) -> Vec<Choice> {
    let choice = |name: &'static str, kind: &str, codes: Vec<&str>, chosen: &str| Choice {
        name,
        label: w.t(&format!("filter-{name}")),
        options: codes
            .into_iter()
            .map(|code| (code.to_owned(), w.named(kind, code), code == chosen))
            .collect(),
    };
    let categories = w.pack.map(|pack| pack.categories().iter().map(|of| of.code.as_str()).collect());
    let steps = doorstep_policy::Step::ALL.map(doorstep_policy::Step::code).to_vec();
    let channels = w.pack.map(|pack| pack.channels().collect());
    let mut choices = vec![
        choice("due", "due-span", filter::DUE.to_vec(), &filter.due),
        choice("stage", "stage", filter::STAGES.to_vec(), &filter.stage),
        choice("category", "category", categories.unwrap_or_default(), &filter.category),
        choice("step", "step", steps, &filter.step),
        choice("urgency", "urgency", URGENCY.to_vec(), &filter.urgency),
        choice("channel", "channel", channels.unwrap_or_default(), &filter.channel),
        choice("order", "order", filter::ORDERS.to_vec(), &filter.order),
    ];
    // A pack need not name its channels.
    choices.retain(|choice| !choice.options.is_empty());
    choices
}

/// What is asked for and does not exist: nothing is found by it, and nothing on the page would show it.
fn unknown(filter: &Filter, w: &Words<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for Choice { name, label, options } in choices(filter, w) {
        let value = filter.value(name);
        let known = value.is_empty() || options.iter().any(|(.., chosen)| *chosen);
        parts.extend((!known && name != "order").then(|| (label, value.to_owned())));
    }
    let mut several = Vec::new();
    for (label, value) in [("filters-unit", &filter.unit), ("filter-place", &filter.place)] {
        match super::naming::unit(value.trim(), w) {
            Err(no @ Unnamed::Several(_)) => several.push(no.filters(value.trim(), w)),
            Err(Unnamed::Nothing(_)) if !value.trim().is_empty() => parts.push((w.t(label), value.clone())),
            _ => {}
        }
    }
    let told: Vec<String> = parts.into_iter().map(|(label, value)| format!("{label} {value}")).collect();
    let unknown =
        (!told.is_empty()).then(|| w.with("filter-unknown", &[("what", &told.join(&w.t("and-separator")))]));
    let said: Vec<String> = unknown.into_iter().chain(several).collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// Units to choose from while typing: all that stand now but the villages, which are too many for a list.
pub(super) fn units(w: &Words<'_>) -> Vec<(String, String)> {
    let now = timestamp(w.now);
    let standing = w.pack.into_iter().flat_map(|pack| pack.units().filter(|unit| unit.exists_at(now)));
    let mut units: Vec<(String, String)> = standing
        .filter(|unit| unit.level.tier() != doorstep_policy::Tier::Village)
        .map(|unit| (unit.code.clone(), unit.name.clone()))
        .collect();
    units.sort_unstable();
    units
}

/// Keeps a filter under a name, or gives one up.
pub(super) async fn keep<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(Keeping { key, name, query, remove }): Form<Keeping>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    check_form_key(&app, visitor.signed.person.worker, &key)?;
    let (store, worker) = (app.centre.store(), visitor.signed.person.worker);
    let filter = Filter::of_query(&query);
    let query = filter.query();
    let back = if query.is_empty() { "/cases".to_owned() } else { format!("/cases?{query}") };
    if !remove.is_empty() {
        store.drop_filter(worker, &remove).await?;
        return Ok(Redirect::to(&back).into_response());
    }
    let visitor = Visitor { here: "/cases".into(), ..visitor };
    let name = name.trim().to_owned();
    let error = if name.is_empty() {
        Some("error-filter-name")
    } else if query.is_empty() {
        Some("error-filter-empty")
    } else if name.chars().count() > limits::FILTER_NAME_CHARS {
        Some("error-filter-name-long")
    } else if query.len() > limits::FILTER_CHARS {
        Some("error-filter-long")
    } else {
        let kept = store.put_filter(worker, &name, &query).await?;
        (!kept).then_some("error-filter-many")
    };
    if error.is_some() {
        let refused = (error, name, StatusCode::UNPROCESSABLE_ENTITY);
        return shown(&app, &visitor, (filter, ""), refused).await;
    }
    Ok(Redirect::to(&back).into_response())
}
