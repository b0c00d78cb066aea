//! `GET /api/v1/figures`: every figure of a cohort as of a cut-off, counted from columns.
//!
//! What lies in a compartment counts for whom it may be shown, and for nobody else: not in a denominator either.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use crate::authorize::Wish;
use crate::clock::rfc3339;
use crate::figures::{Cohort, Figure, Measure, of_district};
use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::http::openapi::{Endpoint, fraction, list, number, object, one_of, operation, text, time};
use crate::store::Store;
use crate::store::standings::Sight;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    measure: Option<String>,
    cohort: Option<String>,
    as_of: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Answer {
    cohort: String,
    cutoff: String,
    figures: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    measure: &'static str,
    #[serde(flatten)]
    figure: Figure,
    of: &'static str,
}

fn names() -> Vec<&'static str> {
    Measure::ALL.iter().map(|(name, _)| *name).collect()
}

pub(super) fn endpoint<S: Store>() -> Endpoint<S> {
    let figure = object(&[
        ("measure", one_of(&names())),
        ("value", fraction()),
        ("numerator", number()),
        ("denominator", number()),
        ("of", one_of(&names())),
    ]);
    let gives = object(&[("cohort", text()), ("cutoff", time()), ("figures", list(&figure))]);
    let refusals = &[Kind::BadRequest, Kind::NotFound];
    let operation = operation("Figures of a cohort, each with its denominator.", gives, refusals)
        .asks("measure", &one_of(&names()), "Only this one.")
        .asks(
            "cohort",
            &text(),
            "all, year=2026, campaign=ID or FIELD=VALUE, several joined by commas; usually all.",
        )
        .asks("as_of", &time(), "The cut-off; usually now.");
    Endpoint::get("/api/v1/figures", handle::<S>, operation)
}

async fn handle<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Params(request): Params<Request>,
) -> Result<Json<Answer>, Problem> {
    let signed = signed.may(Wish::Inspect)?;
    let bad = |detail: &str| Problem::bad_request("query.invalid", detail);
    let only = match request.measure.as_deref() {
        None => None,
        Some(name) => Some(Measure::named(name).ok_or_else(|| bad("there is no such measure."))?),
    };
    let cohort = Cohort::parse(request.cohort.as_deref().unwrap_or("all"));
    let cohort = cohort.ok_or_else(|| bad("there is no such cohort."))?;
    let strange = cohort.unknown(&app.centre.packs());
    if let Some(strange) = strange.as_ref().filter(|_| !cohort.has_its_times(&app.centre.packs())) {
        return Err(bad(&strange.to_string()));
    }
    let cutoff = match request.as_of.as_deref().map(str::parse::<jiff::Timestamp>) {
        None => app.centre.now(),
        Some(Ok(at)) => at.as_millisecond(),
        Some(Err(_)) => return Err(bad("as_of is a time as in RFC 3339.")),
    };
    let person = &signed.person;
    // What is hidden from somebody because it is about them is not to be counted out either.
    let hidden = app.centre.concerning(person).await?;
    let sight = Sight::Person { unit: person.unit.clone(), hidden };
    let figures = of_district(&app.centre, &person.district, (&cohort, cutoff), sight).await?;
    // What no pack has may stand in cases that this person counts.
    let none = figures.figure(Measure::Collected).denominator == 0;
    if let Some(strange) = strange.filter(|_| none) {
        return Err(bad(&strange.to_string()));
    }
    let wanted = Measure::ALL.iter().filter(|(_, measure)| only.is_none_or(|only| only == *measure));
    let named = wanted.map(|(name, measure)| Named {
        measure: name,
        figure: figures.figure(*measure),
        of: measure.of().name(),
    });
    Ok(Json(Answer { cohort: cohort.to_string(), cutoff: rfc3339(cutoff), figures: named.collect() }))
}
