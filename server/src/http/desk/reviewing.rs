//! Around the form of a conflict: who looks after it, until when; taking it, handing it over, stepping back, asking
//! the worker.
//!
//! Owns the forms and what they answer. Whoever steps back sees nothing of the case afterwards.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::WorkerId;
use serde::Deserialize;

use super::conflicts::opened;
use super::deputies::Deputies;
use super::words::{Due, When, Words};
use super::{Visitor, conflict, theirs};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{ConflictId, Form, Id};
use crate::limits;
use crate::pipeline::{CaseView, ConflictView, DeskError, OpenConflict, named_worker};
use crate::store::{Person, Store};

/// Who looks after a conflict, and what can be done about that.
pub(super) struct Reviewing {
    pub(super) owner: Option<String>,
    /// The number of whoever has it; empty: nobody.
    pub(super) held: String,
    pub(super) mine: bool,
    pub(super) opened: Option<String>,
    pub(super) due: Option<Due>,
    pub(super) basis: String,
    pub(super) gone_up: bool,
    pub(super) asked: Option<Question>,
    /// To whom it can be given: number, name.
    pub(super) others: Vec<(String, String)>,
    /// Who can be asked: number, name.
    pub(super) authors: Vec<(String, String)>,
    /// What was typed into one of the forms and refused.
    pub(super) typed: Sent,
}

/// A question that was asked.
pub(super) struct Question {
    pub(super) who: String,
    pub(super) at: When,
    pub(super) answered: bool,
}

/// A form beside the conflict's own.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Sent {
    key: String,
    /// `take`, `give`, `put-back`, `step-back` or `ask`.
    pub(super) what: String,
    pub(super) worker: String,
    pub(super) reason: String,
    /// Who had it when the form was shown: a number, or nothing.
    held: String,
}

impl Sent {
    /// What was typed, if it was typed into this form.
    pub(super) fn reason_of(&self, what: &str) -> &str {
        if self.what == what { &self.reason } else { "" }
    }

    /// Where on the page an error is mended.
    fn place(&self, error: &str) -> &'static str {
        match (self.what.as_str(), error) {
            (_, conflict::CLOSED) => "#decided",
            ("take" | "put-back", _) => "#work",
            ("give", "error-reason-long") => "#give-why",
            ("give", _) => "#give-to",
            ("ask", "error-words") => "#ask-what",
            ("ask", _) => "#ask-whom",
            _ => "#back-why",
        }
    }
}

impl Reviewing {
    pub(super) async fn of<S: Store>(
        app: &App<S>,
        person: &Person,
        (open, view, conflict): (&OpenConflict, &CaseView, &ConflictView),
        w: &Words<'_>,
    ) -> Result<Self, Problem> {
        let people = app.centre.store().people(&person.district).await?;
        let reviewers = app.centre.reviewers(&open.row).await?;
        let name = |worker| named_worker(&people, worker);
        let review = &open.review;
        let mut authors: Vec<WorkerId> =
            conflict.sides.iter().filter(|side| !side.resolution).map(|side| side.worker).collect();
        authors.sort_unstable();
        authors.dedup();
        let question = |asked: &crate::store::office::AskedRow| Question {
            who: name(asked.worker),
            at: w.when(asked.at),
            answered: view.history.iter().any(|i| i.worker == asked.worker && i.received > asked.at),
        };
        let away = Deputies::of(app, &person.district).await?;
        let others = reviewers.iter().filter(|reviewer| Some(reviewer.worker) != review.owner);
        Ok(Reviewing {
            owner: review.owner.map(|owner| away.named(owner, &people, w)),
            held: held_by(review.owner),
            mine: review.owner == Some(person.worker),
            opened: opened(open, w, (person.worker, &people)),
            due: open.due.as_ref().map(|due| w.due(due.due.as_millisecond())),
            basis: open.due.as_ref().map(|due| w.basis(&due.basis)).unwrap_or_default(),
            gone_up: open.has_gone_up(w.now),
            asked: review.asked.as_ref().map(question),
            others: others
                .map(|person| {
                    let name = away.named(person.worker, &people, w);
                    (person.worker.to_string(), format!("{name} · {}", w.unit(&person.unit)))
                })
                .collect(),
            authors: authors.into_iter().map(|worker| (worker.to_string(), name(worker))).collect(),
            typed: Sent::default(),
        })
    }
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(id): Id<ConflictId>,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &sent.key)?;
    let here = format!("/conflicts/{}.{}", id.document, id.field);
    let visitor = Visitor { signed: visitor.signed.may(Wish::Review)?, lang: visitor.lang, here };
    let (person, at) = (&visitor.signed.person, (id.document, id.field.as_str()));
    let back = |note: &str| Ok(Redirect::to(&format!("{}?note={note}", visitor.here)).into_response());
    let no = async |error: &'static str, sent: Sent| {
        let place = sent.place(error);
        conflict::refused_work(&app, &visitor, &id, (sent, place, error)).await
    };
    let reason = sent.reason.trim();
    let worker = sent.worker.parse::<WorkerId>().ok();
    let fits = (1..=limits::MAX_LINE_CHARS).contains(&reason.chars().count());
    // Nobody takes it out of somebody's hands without knowing it.
    let held = Some(sent.held.parse::<WorkerId>().ok());
    let done = match sent.what.as_str() {
        "take" => app.centre.assign(person, at, (Some(person.worker), ""), held).await.map(|()| "taken"),
        "put-back" => app.centre.assign(person, at, (None, reason), held).await.map(|()| "put-back"),
        "give" if worker.is_none() => return no("error-nobody", sent).await,
        "give" if reason.chars().count() > limits::MAX_LINE_CHARS => {
            return no("error-reason-long", sent).await;
        }
        "give" => app.centre.assign(person, at, (worker, reason), held).await.map(|()| "given"),
        "step-back" | "ask" if !fits => return no("error-words", sent).await,
        "ask" if worker.is_none() => return no("error-ask-whom", sent).await,
        "ask" => {
            let worker = worker.unwrap_or_default();
            app.centre.ask_back(person, at, (worker, reason)).await.map(|_| "asked")
        }
        "step-back" => {
            app.centre.step_back(person, id.document, reason).await?;
            return Ok(Redirect::to("/conflicts?note=stepped-back").into_response());
        }
        _ => return Err(Problem::bad_request("form.unknown", "The form does not say what to do.")),
    };
    match done {
        Ok(note) => back(note),
        Err(DeskError::NotOpen) if sent.reason.trim().is_empty() => back("closed"),
        Err(DeskError::NotOpen) => no(conflict::CLOSED, sent).await,
        Err(DeskError::Refused { code, .. }) if code == "assign.nobody" => no("error-nobody", sent).await,
        Err(DeskError::Refused { code, .. }) if code == "assign.taken" => no("error-taken", sent).await,
        Err(DeskError::Refused { code, .. }) if code == "ask.unseen" => no("error-unseen", sent).await,
        Err(error) => Err(error.into()),
    }
}

fn held_by(owner: Option<WorkerId>) -> String {
    owner.map(|owner| owner.to_string()).unwrap_or_default()
}

impl Reviewing {
    /// Whether what a note says of an open conflict is so.
    pub(super) fn is_so(&self, note: &str) -> bool {
        match note {
            "note-taken" => self.mine,
            "note-put-back" => self.held.is_empty(),
            "note-given" => !self.mine && !self.held.is_empty(),
            "note-asked" => self.asked.is_some(),
            "note-decided" => false,
            _ => true,
        }
    }
}

/// What the page says after one of these forms.
pub(super) fn note(name: &str) -> Option<&'static str> {
    Some(match name {
        "taken" => "note-taken",
        "put-back" => "note-put-back",
        "given" => "note-given",
        "asked" => "note-asked",
        "closed" => "note-closed",
        _ => return None,
    })
}
