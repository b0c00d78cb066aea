//! `/cases/{id}/file`: one file a case (一案一卷), for print: cover, contents, facts, decisions with their basis, evidence,
//! who wrote what, and the boxes for signatures. Numbers are masked, also on paper.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_policy::signs_for;
use doorstep_protocol::DocumentId;

use super::deadlines::Deadlines;
use super::facts::{Fact, facts};
use super::files::{File, files};
use super::frame::Frame;
use super::listed::title;
use super::timeline::{Decided, Edited, Origins, people};
use super::words::{Shown, When, Words};
use super::{Visitor, html};
use crate::finding::stage;
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::Id;
use crate::pipeline::CaseView;
use crate::store::Store;

#[derive(Template)]
#[template(path = "case-file.html")]
struct Page<'a> {
    frame: Frame<'a>,
    here: String,
    title: Shown,
    number: String,
    registered: When,
    unit: Option<Shown>,
    category: Shown,
    place: Shown,
    stage: String,
    closed: Option<(String, When)>,
    satisfaction: Option<String>,
    facts: Vec<Fact>,
    files: Vec<File>,
    deadlines: Option<Deadlines>,
    decisions: Vec<Decided>,
    history: Vec<Edited>,
    signatures: Vec<Signature>,
    printed: When,
}

/// The box of one signature.
struct Signature {
    role: String,
    signed: Option<Signed>,
}

/// By whom it was signed that counts, and in whose place.
struct Signed {
    who: String,
    unit: String,
    at: When,
    of: Option<String>,
}

/// The signature that counts as this, where there is one.
fn signed(view: &CaseView, role: &str, w: &Words<'_>) -> Option<Signed> {
    let counts = view.row.life.signed.contains(role);
    let given = &view.decisions.last()?.projection.proofs.signatures;
    let one = given.iter().rev().find(|one| counts && one.role == role && one.fresh)?;
    Some(Signed {
        who: w.worker(&one.worker).to_owned(),
        unit: w.unit(&one.unit),
        at: w.when(one.at.as_millisecond()),
        of: signs_for(&view.decisions, role, &one.worker).map(|in_place| w.worker(in_place.of).to_owned()),
    })
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(document): Id<DocumentId>,
) -> Result<Response, Problem> {
    let view = app.centre.view(&visitor.signed.person, document).await?;
    let mut frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    frame.w.people = people(&app, &view.decisions).await?;
    let (w, row) = (&frame.w, &view.row);
    let life = &row.life;
    let roles: Vec<&str> = w.pack.map(|pack| pack.signatures().collect()).unwrap_or_default();
    let origins = Origins::of(&app, &view).await?;
    let signature =
        |role: &&str| Signature { role: w.named("signature", role), signed: signed(&view, role, w) };
    let page = Page {
        here: format!("/cases/{document}"),
        title: title(row, w),
        number: row.number(),
        registered: w.when(row.registered),
        unit: row.unit.as_deref().map(|unit| w.value("unit", Some(unit))),
        category: super::listed::value(row, "category", row.category.as_deref(), w),
        place: super::listed::value(row, "place", row.place.as_deref(), w),
        stage: w.t(&format!("stage-{}", stage(row))),
        closed: life
            .closed
            .map(|closed| (w.named("how", closed.how.code()), w.when(closed.at.as_millisecond()))),
        satisfaction: life.satisfaction.map(|answer| w.named("choice", answer.code())),
        facts: facts(&view, w),
        files: files(document, &view.files, w),
        deadlines: Deadlines::of(&view.decisions, w),
        signatures: roles.iter().map(signature).collect(),
        printed: w.when(w.now),
        decisions: view.decisions.into_iter().map(|decision| Decided::of(decision, w)).collect(),
        history: view.history.into_iter().map(|item| Edited::of(item, &origins, w)).collect(),
        frame,
    };
    html(StatusCode::OK, &page)
}
