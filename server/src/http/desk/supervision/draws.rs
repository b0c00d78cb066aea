//! Draws: what was fixed when, what was drawn, and what was found. Anybody who sees a draw can do it again.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use doorstep_protocol::DocumentId;
use serde::Deserialize;

use super::super::words::{Shown, When};
use super::{Frame, Note, Said, Tab, Visitor, Words, back, check, html, tabs};
use crate::clock::random;
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Form, Id, Params};
use crate::pipeline::named_worker;
use crate::store::Store;
use crate::supervision::DrawView;

#[derive(Template)]
#[template(path = "supervision/draws.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    note: Option<Note>,
    draws: Vec<Shows>,
    /// Rule, compartment, name.
    rules: Vec<(String, String, String)>,
}

/// A draw in words.
struct Shows {
    n: u64,
    rule: String,
    from: When,
    to: When,
    early: bool,
    committed: When,
    by: String,
    commitment: String,
    size: u32,
    done: Option<Drew>,
}

/// What came of it.
struct Drew {
    at: When,
    by: String,
    seed: String,
    words: String,
    population: usize,
    digest: String,
    drawn: usize,
    holds: usize,
    wrong: usize,
}

#[derive(Template)]
#[template(path = "supervision/draw.html")]
struct One<'a> {
    frame: Frame<'a>,
    note: Option<Note>,
    draw: Shows,
    cases: Vec<Case>,
    acts: bool,
}

/// A drawn case.
struct Case {
    place: usize,
    id: String,
    command: String,
    /// Nothing for whoever is concerned.
    title: Option<Shown>,
    unit: String,
    found: Option<(bool, When)>,
}

fn shows(view: &DrawView, w: &Words<'_>, name: &impl Fn(doorstep_protocol::WorkerId) -> String) -> Shows {
    let done = view.done.as_ref().map(|done| {
        let found =
            |holds: bool| done.drawn.iter().filter(|d| d.found.is_some_and(|(of, _)| of == holds)).count();
        Drew {
            at: w.when(done.by.1),
            by: name(done.by.0),
            seed: done.seed.clone(),
            words: done.words.clone(),
            population: done.population.len(),
            digest: done.digest.clone(),
            drawn: done.drawn.len(),
            holds: found(true),
            wrong: found(false),
        }
    });
    Shows {
        n: view.n,
        rule: w.named("draw", &view.rule),
        from: w.when(view.period.from),
        to: w.when(view.period.to),
        early: w.now < view.period.to,
        committed: w.when(view.committed.1),
        by: name(view.committed.0),
        commitment: view.commitment.clone(),
        size: view.size,
        done,
    }
}

async fn names<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
) -> Result<impl Fn(doorstep_protocol::WorkerId) -> String, Problem> {
    let people = app.centre.store().people(&visitor.signed.person.district).await?;
    Ok(move |worker| named_worker(&people, worker))
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(said): Params<Said>,
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let draws = app.centre.draws(person).await?;
    let rules = app.centre.draw_rules(person)?;
    if !app.centre.sees_draws(person)? {
        return Err(Problem::not_found());
    }
    let name = names(&app, &visitor).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let rules = rules.into_iter().map(|(rule, inside)| {
        let inside = inside.unwrap_or_default();
        let name = w.named("draw", &rule.id);
        let shown = if inside.is_empty() { name } else { w.with("draw-inside", &[("rule", &name)]) };
        (rule.id, inside, shown)
    });
    let page = Page {
        tabs: tabs(&app, &visitor, w)?,
        note: said.note(w),
        draws: draws.iter().map(|view| shows(view, w, &name)).collect(),
        rules: rules.collect(),
        frame,
    };
    html(StatusCode::OK, &page)
}

pub(super) async fn one<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(n): Id<u64>,
    Params(said): Params<Said>,
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let view = app.centre.draw(person, n).await?;
    let name = names(&app, &visitor).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let pack = app.centre.pack(&person.district)?;
    let mut cases = Vec::new();
    for (place, drawn) in view.done.iter().flat_map(|done| &done.drawn).enumerate() {
        let row = app.centre.store().row(drawn.document).await?;
        let wish = crate::authorize::Wish::Look;
        let row = row.filter(|row| crate::authorize::authorize(person, wish, Some((row, &pack))));
        cases.push(Case {
            place: place + 1,
            id: drawn.document.to_string(),
            command: uuid::Uuid::from_bytes(random(&**app.centre.source())).to_string(),
            title: row.as_ref().map(|row| super::super::listed::title(row, w)),
            unit: row
                .as_ref()
                .and_then(|row| row.life.handlers.first().or(row.unit.as_ref()))
                .map(|unit| w.unit(unit))
                .unwrap_or_default(),
            found: drawn.found.map(|(holds, at)| (holds, w.when(at))),
        });
    }
    let may = app.centre.draw_rules(person)?;
    let acts = may.iter().any(|(rule, inside)| rule.id == view.rule && *inside == view.compartment);
    let page = One { note: said.note(w), draw: shows(&view, w, &name), cases, acts, frame };
    html(StatusCode::OK, &page)
}

/// The population, one id a line: what the digest is of.
pub(super) async fn population<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(n): Id<u64>,
) -> Result<Response, Problem> {
    let view = app.centre.draw(&visitor.signed.person, n).await?;
    let done = view.done.ok_or_else(Problem::not_found)?;
    let mut ids: Vec<String> = done.population.iter().map(|id| format!("{id}\n")).collect();
    ids.sort_unstable();
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], ids.concat()).into_response())
}

/// What a form of this page gives back.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    key: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    inside: String,
    #[serde(default)]
    words: String,
    case: Option<DocumentId>,
    id: Option<uuid::Uuid>,
    #[serde(default)]
    result: String,
    #[serde(default)]
    reason: String,
}

pub(super) async fn commit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let inside = (!given.inside.is_empty()).then_some(given.inside.as_str());
    let n = app.centre.commit_draw(&visitor.signed.person, &given.rule, inside).await?;
    back(&format!("/supervision/draws/{n}"), Ok("committed"))
}

pub(super) async fn reveal<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(n): Id<u64>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let outcome = app.centre.reveal_draw(&visitor.signed.person, n, &given.words).await;
    back(&format!("/supervision/draws/{n}"), outcome.map(|()| "drawn"))
}

pub(super) async fn inspect<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(n): Id<u64>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Result<Response, Problem> {
    check(&app, &visitor, &headers, &given.key)?;
    let document = given.case.ok_or_else(Problem::not_found)?;
    let id = given.id.map_or_else(|| random(&**app.centre.source()), uuid::Uuid::into_bytes);
    let to = format!("/supervision/draws/{n}");
    let holds = match given.result.as_str() {
        "holds" => true,
        "false" => false,
        _ => return back(&to, Err(crate::supervision::SupervisionError::Reason)),
    };
    if !holds && given.reason.trim().is_empty() {
        return back(&to, Err(crate::supervision::SupervisionError::Reason));
    }
    let found = (holds, given.reason.as_str());
    let outcome = app.centre.inspect(&visitor.signed.person, (n, document), found, id).await;
    back(&to, outcome.map(|()| "inspected"))
}
