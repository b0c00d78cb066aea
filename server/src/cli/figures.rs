//! `doorstep figures`: one figure, computed from what is stored.

use std::path::PathBuf;

use clap::Args;
use doorstep_protocol::ids::Millis;
use doorstep_server::clock::rfc3339;
use doorstep_server::figures::{Cohort, Figure, Measure, Unknown, compute, rounds};
use serde_json::json;

use super::open::{centre, failed};
use super::problems::of_environment;
use super::{Answer, Done, Failure, Folder};

#[derive(Debug, Args)]
pub(crate) struct Figures {
    #[arg(long)]
    data: PathBuf,
    /// Of cases: collected, assigned, responded, claimed, verified, closed, resolved, open, overdue, asked, satisfied,
    /// unusual, reopened, redone, filed, punished. Of rounds: rounds, leaders, teams, towns, villages, households, people, firms,
    /// problems, rectified.
    #[arg(long)]
    measure: String,
    /// all, year=2026, campaign=ID of the pack, or FIELD=VALUE such as channel=scan, several joined by commas; of rounds
    /// mode=stationed or kind=meeting, with or without a year.
    #[arg(long)]
    cohort: String,
    /// The cut-off (RFC 3339).
    #[arg(long)]
    as_of: String,
}

pub(crate) async fn run(wanted: Figures) -> Done {
    let at: jiff::Timestamp = wanted.as_of.parse().map_err(|_| {
        usage(
            "as_of.bad",
            format!("--as-of {:?} is not a time.", wanted.as_of),
            "Write 2026-11-21T00:00:00+08:00.",
        )
    })?;
    let folder = Folder::existing(&wanted.data)?;
    let figure = if rounds::MEASURES.contains(&wanted.measure.as_str()) {
        of_rounds(&wanted, &folder, at.as_millisecond()).await?
    } else {
        of_cases(&wanted, &folder, at.as_millisecond()).await?
    };
    let cutoff = rfc3339(at.as_millisecond());
    let text = format!(
        "{} of {} ({:.2} %): {}, cohort {}, as of {cutoff}",
        figure.numerator,
        figure.denominator,
        figure.value * 100.0,
        wanted.measure,
        wanted.cohort
    );
    let json = json!({
        "value": figure.value, "numerator": figure.numerator, "denominator": figure.denominator,
        "cohort": wanted.cohort, "cutoff": cutoff, "measure": wanted.measure,
    });
    Ok(Answer { json, text, ok: true })
}

fn usage(code: &'static str, message: String, next: &str) -> Failure {
    Failure { exit: 2, ..Failure::new(code, message, next) }
}

fn unknown(cohort: &str) -> Failure {
    usage(
        "cohort.unknown",
        format!("There is no cohort {cohort:?}."),
        "Write all, year=2026, campaign=ID of the pack, or channel=scan; of rounds mode=stationed.",
    )
}

async fn of_cases(wanted: &Figures, folder: &Folder, cutoff: Millis) -> Result<Figure, Failure> {
    let names: Vec<&str> = Measure::ALL.iter().map(|(name, _)| *name).chain(rounds::MEASURES).collect();
    let measure = Measure::named(&wanted.measure).ok_or_else(|| {
        usage(
            "measure.unknown",
            format!("There is no measure {:?}.", wanted.measure),
            &format!("Choose one of {}.", names.join(", ")),
        )
    })?;
    let cohort = Cohort::parse(&wanted.cohort).ok_or_else(|| unknown(&wanted.cohort))?;
    let centre = centre(folder).await?;
    let strange = cohort.unknown(&centre.packs());
    if !cohort.has_its_times(&centre.packs()) {
        return Err(strange.map_or_else(|| unknown(&wanted.cohort), no_value));
    }
    // What no pack has may stand in cases all the same.
    if let Some(strange) = strange {
        let all = compute(&centre, Measure::Collected, &cohort, cutoff).await.map_err(failed)?;
        if all.denominator == 0 {
            return Err(no_value(strange));
        }
    }
    compute(&centre, measure, &cohort, cutoff).await.map_err(failed)
}

/// Said in the language of whoever reads.
fn no_value(strange: Unknown) -> Failure {
    let Unknown { field, value, known, more } = strange;
    let (more, strings) = (more.to_string(), of_environment().strings());
    let args =
        [("field", field), ("value", value.as_str()), ("known", known.as_str()), ("more", more.as_str())];
    let id = match (field, more.as_str()) {
        ("year", _) => "cohort-no-year",
        (_, "0") => "cohort-no-value",
        _ => "cohort-no-value-of-many",
    };
    let said = |id: &str| strings.get(id, &args).unwrap_or_else(|| id.to_owned());
    usage("cohort.unknown", said(id), &said("cohort-no-value-next"))
}

async fn of_rounds(wanted: &Figures, folder: &Folder, cutoff: Millis) -> Result<Figure, Failure> {
    let centre = centre(folder).await?;
    if let Some(strange) = rounds::no_time(&centre.packs(), &wanted.cohort) {
        return Err(no_value(strange));
    }
    let figure = rounds::compute(&centre, &wanted.measure, &wanted.cohort, cutoff).await.map_err(failed)?;
    let strange = rounds::unknown(&centre.packs(), &wanted.cohort);
    if let Some(strange) = strange.filter(|_| figure.as_ref().is_some_and(|figure| figure.denominator == 0)) {
        return Err(no_value(strange));
    }
    figure.ok_or_else(|| unknown(&wanted.cohort))
}
