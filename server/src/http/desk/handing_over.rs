//! `/cases/{id}/hand-over`: what may be told of a case in a compartment is written anew, for whoever handles it outside.
//!
//! Owns the form. Nothing of the case is put into it beforehand but where it is; what may not be told, the centre says.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::documents::is_blank;
use doorstep_protocol::documents::schema::{SEVERITY, URGENCY};
use doorstep_protocol::{DocumentId, WorkerId};
use serde::Deserialize;

use super::case::standing;
use super::frame::Frame;
use super::words::{Shown, Words};
use super::{Visitor, html, naming, theirs};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::{Form, Id, Params};
use crate::limits;
use crate::pipeline::{DeskError, Told, open_categories};
use crate::store::Store;

#[derive(Template)]
#[template(path = "hand-over.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// The case's page.
    back: String,
    /// Where the form goes.
    to: String,
    /// Number and name of whoever this person stands in for.
    standing: Option<(String, String)>,
    title: Shown,
    typed: Typed,
    categories: Vec<Choice>,
    severities: Vec<Choice>,
    urgencies: Vec<Choice>,
    places: Vec<(String, String)>,
    /// What the place that stands there is called.
    place_name: Option<String>,
    /// What is missing, and in which field.
    error: Option<(String, &'static str)>,
}

/// Code, name, chosen.
type Choice = (String, String, bool);

/// The form.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    key: String,
    /// Number of somebody who is away.
    #[serde(rename = "for")]
    of: String,
    /// What is to be done, in one line.
    matter: String,
    /// What whoever does it has to know.
    facts: String,
    category: String,
    place: String,
    severity: String,
    urgency: String,
}

/// What the page is told by its address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Number of somebody who is away.
    #[serde(rename = "for")]
    of: Option<String>,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(document): Id<DocumentId>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let of = away(asked.of.as_deref().unwrap_or_default())?;
    let may = app.centre.hands_over(&visitor.signed.person, (document, of)).await?;
    let acting = may.ok_or_else(Problem::not_found)?;
    let place = app.centre.view(&acting, document).await?.row.place.unwrap_or_default();
    let of = asked.of.unwrap_or_default();
    shown(&app, &visitor, document, (Typed { place, of, ..Typed::default() }, None)).await
}

/// The number of whoever is away, where the form or its address names one.
fn away(of: &str) -> Result<Option<WorkerId>, Problem> {
    let named = Some(of).filter(|of| !of.is_empty()).map(str::parse).transpose();
    named.map_err(|_| Problem::not_found())
}

pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(document): Id<DocumentId>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &typed.key)?;
    let of = away(&typed.of)?;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let title = typed.matter.trim().to_owned();
    let said = |id| app.shown.strings.desk(visitor.lang).get(id, &[]).unwrap_or_default();
    if is_blank(&title) || title.chars().count() > limits::MAX_LINE_CHARS {
        let error = (said("error-hand-over-matter"), "matter");
        return shown(&app, &visitor, document, (typed, Some(error))).await;
    }
    if typed.category.is_empty() {
        let error = (said("error-hand-over-category"), "category");
        return shown(&app, &visitor, document, (typed, Some(error))).await;
    }
    let place = {
        let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
        let named = given(&typed.place).map(|place| {
            naming::unit(&place, &frame.w).map_err(|no| (no.told("unit", &place, &frame.w), "place"))
        });
        named.transpose()
    };
    let place = match place {
        Ok(place) => place,
        Err(error) => return shown(&app, &visitor, document, (typed, Some(error))).await,
    };
    let told = Told {
        title,
        description: typed.facts.trim().to_owned(),
        category: typed.category.clone(),
        place,
        severity: given(&typed.severity),
        urgency: given(&typed.urgency),
    };
    let (error, at) = match app.centre.hand_over(&visitor.signed.person, (document, of), &told).await {
        Ok(_) => {
            let of = of.map(|of| format!("&for={of}")).unwrap_or_default();
            return Ok(Redirect::to(&format!("/cases/{document}?done=handed-over{of}")).into_response());
        }
        Err(DeskError::Refused { code, .. }) => match code.as_str() {
            "hand_over.names" => ("error-hand-over-names", "matter"),
            "hand_over.category" => ("error-hand-over-category", "category"),
            "hand_over.concerned" => ("error-hand-over-concerned", "place"),
            "centre.recovering" => ("refusal-centre-recovering", "matter"),
            _ => ("error-hand-over-refused", "matter"),
        },
        Err(DeskError::Edit(_)) => ("error-hand-over-refused", "matter"),
        Err(error) => return Err(error.into()),
    };
    shown(&app, &visitor, document, (typed, Some((said(error), at)))).await
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    document: DocumentId,
    (typed, error): (Typed, Option<(String, &'static str)>),
) -> Result<Response, Problem> {
    let standing = standing(app, &visitor.signed.person, (document, Some(&typed.of))).await?;
    let person = standing.as_ref().map_or(&visitor.signed.person, |(_, acting)| acting);
    let view = app.centre.view(person, document).await?;
    let of = standing.as_ref().map(|(of, _)| format!("?for={}", of.worker)).unwrap_or_default();
    let (here, back) = (format!("/cases/{document}/hand-over{of}"), format!("/cases/{document}{of}"));
    let frame = Frame::new(app, visitor.lang, &here, Some(&visitor.signed));
    let w = &frame.w;
    let categories = w.pack.into_iter().flat_map(open_categories).collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = Page {
        to: format!("/cases/{document}/hand-over"),
        back,
        standing: standing.map(|(of, _)| (of.worker.to_string(), of.name)),
        title: super::listed::title(&view.row, w),
        categories: choices("category", categories, &typed.category, w),
        severities: choices("severity", SEVERITY.to_vec(), &typed.severity, w),
        urgencies: choices("urgency", URGENCY.to_vec(), &typed.urgency, w),
        places: super::cases::units(w),
        place_name: Some(w.unit(&typed.place)).filter(|name| *name != typed.place),
        error,
        typed,
        frame,
    };
    html(status, &page)
}

fn choices(kind: &str, codes: Vec<&str>, chosen: &str, w: &Words<'_>) -> Vec<Choice> {
    codes.into_iter().map(|code| (code.to_owned(), w.named(kind, code), code == chosen)).collect()
}
