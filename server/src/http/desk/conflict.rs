//! `/conflicts/{document}.{field}`: one question, all sides, nothing preselected; an answer with its reason.
//!
//! The form gives back the heads that it showed. If more has come, it is shown again with all of it, and with what
//! was typed.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::differs::{combined, is_prose};
use super::draft::{Draft, READY};
use super::facts::{Fact, facts};
use super::frame::Frame;
use super::kept::{self, Sender};
use super::known::{Listed, known};
use super::listed::title;
use super::preview::Follows;
use super::reviewing::{self, Reviewing};
use super::sides::{Side, sides};
use super::words::{Shown, When, Words};
use super::{Reader, Visitor, case, html, naming, sign_in};
use crate::authorize::Wish;
use crate::http::App;
use crate::http::auth::{Signed, check_origin};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{ConflictId, Form, Id, Params};
use crate::http::review::{self, ReviewError};
use crate::pipeline::{CaseView, ConflictView, DeskError, Preview, ResolvedView};
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "conflict.html")]
pub(super) struct Page<'a> {
    frame: Frame<'a>,
    here: String,
    case_href: String,
    case_title: Shown,
    urgent: bool,
    age: String,
    question: String,
    base: Vec<Side>,
    base_title: String,
    sides: Vec<Side>,
    heads: String,
    draft: Draft,
    choices: Vec<Listed>,
    /// What to do before it can be recorded: the place in the page, and the words.
    errors: Vec<(&'static str, String)>,
    may_decide: bool,
    agreed: Vec<Fact>,
    /// Who looks after it; nobody does after what has been decided.
    reviewing: Option<Reviewing>,
    /// What was decided, where it is not in question any more.
    decided: Option<Decision>,
    /// What has just been done.
    said: Option<String>,
    /// The next conflict of the queue.
    next: Option<String>,
    /// All sides in one text, where they are prose.
    combined: Option<String>,
    why: Vec<(&'static str, String)>,
    /// Nobody may type over the real one with what is shown.
    masked: bool,
    /// What would follow from what stands in the form.
    follows: Option<Follows>,
}

/// What the page is shown with.
struct Told {
    draft: Draft,
    note: Option<&'static str>,
    status: StatusCode,
    follows: Option<Preview>,
    said: Option<&'static str>,
    /// A value that is in no list.
    unlisted: Option<String>,
    /// What was typed into a form beside the conflict's own, where on the page it is mended, and why it was refused.
    work: Option<(reviewing::Sent, &'static str, &'static str)>,
}

impl Told {
    fn note(draft: Draft, note: Option<&'static str>, status: StatusCode) -> Self {
        Told { draft, note, status, follows: None, said: None, unlisted: None, work: None }
    }
}

/// A decision that stands.
pub(super) struct Decision {
    value: Shown,
    who: String,
    at: When,
    reason: String,
    mine: bool,
}

/// What the page is told by its address.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Asked {
    more: Option<String>,
    note: Option<String>,
    done: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    key: String,
    /// `preview`, or `record`; where nothing is said what would follow is shown as well.
    #[serde(default)]
    act: String,
    /// The mark of the preview that was seen. Without it nothing is recorded here.
    #[serde(default)]
    mark: String,
    /// What was chosen when that was shown.
    #[serde(default)]
    shown: String,
    #[serde(flatten)]
    draft: Draft,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(id): Id<ConflictId>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let note = asked.more.map(|_| "error-slipped-in");
    let said = asked.note.as_deref().and_then(reviewing::note);
    let said = said.or(asked.done.map(|_| "note-decided"));
    shown(&app, &visitor, &id, Told { said, ..Told::note(Draft::default(), note, StatusCode::OK) }).await
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    Reader(lang): Reader,
    Id(id): Id<ConflictId>,
    headers: HeaderMap,
    Form(Sent { key, act, mark, shown: seen, draft }): Form<Sent>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    let here = format!("/conflicts/{}.{}", id.document, id.field);
    let signed = match kept::sender(&app, &headers, &key).await? {
        Sender::Same(signed) => signed.may(Wish::Desk)?,
        Sender::Away(why) => {
            let kept = kept::seal(&app, (&headers, &key), (&here, &draft)).await?;
            return sign_in::again(&app, lang, &here, (why, kept));
        }
    };
    let visitor = Visitor { signed, lang, here };
    if draft.is_ambiguous() {
        let told = Told::note(draft, Some("error-both"), Kind::Unprocessable.status());
        return Box::pin(shown(&app, &visitor, &id, told)).await;
    }
    let answer = draft.answer(&id.field, &Frame::new(&app, lang, "/", Some(&visitor.signed)).w);
    let person = &visitor.signed.person;
    let at = (id.document, id.field.as_str());
    let follows = match Box::pin(review::preview(&app.centre, person, at, answer.clone())).await {
        Ok(follows) => follows,
        Err(error) => return Box::pin(refused(&app, &visitor, &id, (draft, error))).await,
    };
    if act != "record" || follows.mark != mark {
        let (note, status) = match (act.as_str(), mark.as_str()) {
            ("record", "") => (Some("error-unseen-preview"), Kind::Unprocessable.status()),
            ("record", _) if seen != draft.chosen() => (Some("error-chosen"), Kind::Unprocessable.status()),
            ("record", _) => (Some("error-moved"), Kind::Conflict.status()),
            _ => (None, StatusCode::OK),
        };
        let told = Told { follows: Some(follows), ..Told::note(draft, note, status) };
        return Box::pin(shown(&app, &visitor, &id, told)).await;
    }
    match Box::pin(review::resolve(&app.centre, person, at, answer)).await {
        Ok(_) => Box::pin(resolved(&app, person, &id)).await,
        Err(error) => Box::pin(refused(&app, &visitor, &id, (draft, error))).await,
    }
}

/// Recorded. If something slipped in at the same moment, it is shown at once.
async fn resolved<S: Store>(app: &App<S>, person: &Person, id: &ConflictId) -> Result<Response, Problem> {
    let open = review::find(&app.centre, person, (id.document, &id.field))
        .await
        .is_ok_and(|(_, open)| open.is_some());
    let what = if open { "more" } else { "done" };
    Ok(Redirect::to(&format!("/conflicts/{}.{}?{what}=1", id.document, id.field)).into_response())
}

async fn refused<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    id: &ConflictId,
    (mut draft, error): (Draft, ReviewError),
) -> Result<Response, Problem> {
    let note = match &error {
        ReviewError::Reason => "error-reason",
        ReviewError::ReasonLong => "error-reason-long",
        ReviewError::Choice => "error-choice",
        ReviewError::Side | ReviewError::Desk(DeskError::Stale) => {
            draft.forget_side();
            "error-stale"
        }
        ReviewError::Two => "error-two",
        ReviewError::Masked => "error-masked",
        ReviewError::Value(_) => "error-unlisted",
        // Somebody was first: what they decided is shown, beside what was typed here.
        ReviewError::Desk(DeskError::NotOpen) => "error-decided",
        ReviewError::Desk(DeskError::Edit(_) | DeskError::Refused { .. }) => "error-value",
        ReviewError::Desk(_) => return Err(error.into()),
    };
    let status =
        if matches!(note, "error-stale" | "error-decided") { Kind::Conflict } else { Kind::Unprocessable }
            .status();
    let unlisted = if let ReviewError::Value(text) = error { Some(text) } else { None };
    shown(app, visitor, id, Told { unlisted, ..Told::note(draft, Some(note), status) }).await
}

/// The page with a form beside the conflict's own that was refused.
pub(super) async fn refused_work<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    id: &ConflictId,
    work: (reviewing::Sent, &'static str, &'static str),
) -> Result<Response, Problem> {
    let status = if work.2 == CLOSED { Kind::Conflict } else { Kind::Unprocessable }.status();
    shown(app, visitor, id, Told { work: Some(work), ..Told::note(Draft::default(), None, status) }).await
}

/// Somebody decided meanwhile: what was typed is shown, for nothing was done with it.
pub(super) const CLOSED: &str = "error-closed";

/// The page with what was typed so far. After signing in again it is shown the same way.
pub(super) async fn resumed<S: Store>(
    app: &App<S>,
    (signed, lang): (Signed, crate::http::strings::Lang),
    here: &str,
    typed: &[u8],
) -> Result<Response, Problem> {
    let signed = signed.may(Wish::Desk)?.settled()?;
    let mut draft: Draft = serde_json::from_slice(typed).unwrap_or_default();
    let id: ConflictId =
        here.strip_prefix("/conflicts/").unwrap_or_default().parse().map_err(|()| Problem::not_found())?;
    let visitor = Visitor { signed, lang, here: here.to_owned() };
    let view = review::find(&app.centre, &visitor.signed.person, (id.document, &id.field)).await?.0;
    let now: Vec<String> = view.heads.iter().map(ToString::to_string).collect();
    let same = now.join(",") == draft.heads;
    if !same {
        draft.forget_side();
    }
    let note = if same { "error-resumed" } else { "error-stale" };
    shown(app, &visitor, &id, Told::note(draft, Some(note), StatusCode::OK)).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    id: &ConflictId,
    mut told: Told,
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let (view, open) = review::find(&app.centre, person, (id.document, &id.field)).await?;
    let decided = view.resolved.iter().find(|decided| decided.conflict.field == id.field);
    let Some(conflict) = open.as_ref().or(decided.map(|decided| &decided.conflict)) else {
        let work = told.work.take().map(|(sent, ..)| sent.reason);
        let mut typed = told.draft.typed();
        typed.extend(work.as_deref().map(str::trim).filter(|text| !text.is_empty()));
        return closed(app, visitor, id, &typed).await;
    };
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let (base, sides) = sides(app, &frame.w, conflict).await?;
    let (status, work, said) = (told.status, told.work.take(), told.said);
    let mut page = Page::of(frame, (conflict, &view), (base, sides), told);
    page.may_decide = app.centre.may_review(person, &view.row)?;
    match app.centre.open_conflict(person, (id.document, &id.field)).await {
        Ok(open) => {
            app.centre.opened(person, &open).await?;
            let mut reviewing = Reviewing::of(app, person, (&open, &view, conflict), &page.frame.w).await?;
            // An address that says so may be older than what somebody else has done since.
            page.said = page.said.filter(|_| said.is_none_or(|note| reviewing.is_so(note)));
            if decided.is_none() {
                let slipped = page.frame.w.t("error-slipped-in");
                page.errors.retain(|(_, said)| *said != slipped);
            }
            if let Some((typed, place, error)) = work {
                page.errors.push((place, page.frame.w.t(error)));
                reviewing.typed = typed;
            }
            page.reviewing = Some(reviewing);
        }
        Err(DeskError::NotOpen) => {
            page.decided = decided.and_then(|decided| Decision::of(decided, person, &page.frame.w));
            if let Some((sent, place, error)) = work {
                page.errors.push((place, page.frame.w.with(error, &[("typed", &sent.reason)])));
            }
            page.next = next(app, person, id).await?;
        }
        Err(error) => return Err(error.into()),
    }
    html(status, &page)
}

/// Nothing is in question and no ruling stands: the case says how it is, with what was typed here, if anything was.
async fn closed<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    id: &ConflictId,
    typed: &[&str],
) -> Result<Response, Problem> {
    let here = format!("/cases/{}", id.document);
    let desk = app.shown.strings.desk(visitor.lang);
    let typed = typed.join(&desk.get("and-separator", &[]).unwrap_or_default());
    if typed.is_empty() {
        return Ok(Redirect::to(&format!("{here}?done=closed")).into_response());
    }
    let error = desk.get(CLOSED, &[("typed", &typed)]).unwrap_or_default();
    let said = (None, Some((error, "moments")), Kind::Conflict.status());
    let visitor = Visitor { signed: visitor.signed.clone(), lang: visitor.lang, here };
    case::shown(app, &visitor, (id.document, None), said, None).await
}

/// The next conflict of the queue for this person: theirs first.
async fn next<S: Store>(app: &App<S>, person: &Person, id: &ConflictId) -> Result<Option<String>, Problem> {
    let mut queue = app.centre.queue(person).await?;
    queue.retain(|open| (open.row.document, &open.field) != (id.document, &id.field));
    queue.sort_by_key(|open| (open.review.owner != Some(person.worker), open.review.owner.is_some()));
    Ok(queue.first().map(|open| format!("/conflicts/{}.{}", open.row.document, open.field)))
}

impl Decision {
    fn of(decided: &ResolvedView, person: &Person, w: &Words<'_>) -> Option<Self> {
        let side = decided.conflict.sides.iter().find(|side| side.hash == decided.hash)?;
        Some(Decision {
            value: w.value(&decided.conflict.field, side.value.as_deref()),
            who: side.name.clone(),
            at: w.when(side.received),
            reason: decided.reason.clone(),
            mine: side.worker == person.worker,
        })
    }
}

impl<'a> Page<'a> {
    fn of(
        frame: Frame<'a>,
        (conflict, view): (&ConflictView, &CaseView),
        (base, sides): (Vec<Side>, Vec<Side>),
        Told { draft, note, follows, said, unlisted, .. }: Told,
    ) -> Self {
        let w = &frame.w;
        let heads: Vec<String> = view.heads.iter().map(ToString::to_string).collect();
        let why = READY.into_iter().chain(["other"]).map(|why| (why, w.t(&format!("why-{why}"))));
        let texts: Vec<&str> = conflict.sides.iter().filter_map(|side| side.value.as_deref()).collect();
        let combined = is_prose(&conflict.field).then(|| match draft.combined.as_str() {
            "" => combined(&texts),
            typed => typed.to_owned(),
        });
        // A place may be written by a name: then it is told which have one like it.
        let named = unlisted.filter(|_| conflict.field == "place");
        let mut like = named.and_then(|text| Some(naming::unit(&text, w).err()?.told("unit", &text, w)));
        Page {
            here: format!("/conflicts/{}.{}", conflict.document, conflict.field),
            case_href: format!("/cases/{}", conflict.document),
            case_title: title(&view.row, w),
            urgent: view.row.urgent,
            age: w.with("open-for", &[("span", &w.span(w.now - view.row.conflict_since.unwrap_or(w.now)))]),
            question: w.question(&conflict.field),
            base,
            base_title: w.with("base-title", &[("n", &sides.len().to_string())]),
            sides,
            heads: heads.join(","),
            choices: known(w, &conflict.field),
            errors: note
                .into_iter()
                .map(|note| (place(note), like.take().unwrap_or_else(|| w.t(note))))
                .collect(),
            may_decide: false,
            agreed: agreed(view, w),
            reviewing: None,
            decided: None,
            said: said.map(|id| w.t(id)),
            next: None,
            combined,
            why: why.collect(),
            masked: crate::http::mask::is_masked(&conflict.field),
            follows: follows.map(|follows| Follows::of(follows, view, w)),
            draft,
            frame,
        }
    }
}

/// Where in the page the person can mend it.
fn place(note: &str) -> &'static str {
    if note.starts_with("error-reason") { "#reason" } else { "#answer" }
}

fn agreed(view: &CaseView, w: &Words<'_>) -> Vec<Fact> {
    facts(view, w).into_iter().filter(|fact| fact.conflict.is_none()).collect()
}
