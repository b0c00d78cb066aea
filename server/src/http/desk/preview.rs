//! What would follow from the answer that stands in the form, in words.

use super::case::Blocked;
use super::timeline::Decided;
use super::words::Words;
use crate::pipeline::{CaseView, Preview, WaitKind};

/// What would follow.
pub(super) struct Follows {
    /// Goes back with the form: what is recorded is what was seen here, or it is said that it is not.
    pub(super) mark: String,
    pub(super) decided: Option<Decided>,
    /// Nothing is decided before another conflict is.
    pub(super) not_yet: bool,
    pub(super) waits: Vec<Blocked>,
    pub(super) leaves: Vec<String>,
    pub(super) joins: Vec<String>,
}

impl Follows {
    pub(super) fn of(preview: Preview, view: &CaseView, w: &Words<'_>) -> Self {
        let units = |codes: &[String]| codes.iter().map(|code| w.unit(code)).collect();
        Follows {
            decided: preview.decision.map(|decision| Decided::of(decision, w)),
            not_yet: preview.waits.iter().any(|wait| wait.kind == WaitKind::Conflict),
            waits: preview.waits.iter().map(|wait| Blocked::of(wait, view, w)).collect(),
            leaves: units(&preview.leaves),
            joins: units(&preview.joins),
            mark: preview.mark,
        }
    }
}
