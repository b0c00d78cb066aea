//! `doorstep figures`: one figure, computed from what is stored.

use std::path::PathBuf;

use clap::Args;
use doorstep_server::clock::rfc3339;
use doorstep_server::figures::{Cohort, Measure, compute};
use serde_json::json;

use super::open::{centre, failed};
use super::{Answer, Done, Failure, Folder};

#[derive(Debug, Args)]
pub(crate) struct Figures {
    #[arg(long)]
    data: PathBuf,
    /// collected, assigned, claimed, verified, closed, resolved, open, overdue, satisfied, unusual, reopened or redone.
    #[arg(long)]
    measure: String,
    /// all, year=2026, campaign=ID of the pack, or FIELD=VALUE such as channel=scan.
    #[arg(long)]
    cohort: String,
    /// The cut-off (RFC 3339).
    #[arg(long)]
    as_of: String,
}

pub(crate) async fn run(wanted: Figures) -> Done {
    let usage = |code, message: String, next: &str| Failure { exit: 2, ..Failure::new(code, message, next) };
    let names: Vec<&str> = Measure::ALL.iter().map(|(name, _)| *name).collect();
    let measure = Measure::named(&wanted.measure).ok_or_else(|| {
        usage(
            "measure.unknown",
            format!("There is no measure {:?}.", wanted.measure),
            &format!("Choose one of {}.", names.join(", ")),
        )
    })?;
    let unknown = || {
        usage(
            "cohort.unknown",
            format!("There is no cohort {:?}.", wanted.cohort),
            "Write all, year=2026, campaign=ID of the pack, or channel=scan.",
        )
    };
    let cohort = Cohort::parse(&wanted.cohort).ok_or_else(unknown)?;
    let at: jiff::Timestamp = wanted.as_of.parse().map_err(|_| {
        usage(
            "as_of.bad",
            format!("--as-of {:?} is not a time.", wanted.as_of),
            "Write 2026-11-21T00:00:00+08:00.",
        )
    })?;
    let folder = Folder::existing(&wanted.data)?;
    let centre = centre(&folder).await?;
    if !cohort.is_known(&centre.packs()) {
        return Err(unknown());
    }
    let figure = compute(&centre, measure, &cohort, at.as_millisecond()).await.map_err(failed)?;
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
