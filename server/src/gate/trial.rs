//! The last line: what automerge itself makes of a change, on a copy, where a panic is caught.
//!
//! Never touches the document that is served, and never the process: but an overflowing stack, an
//! endless loop and a failed allocation cannot be caught, which is why the gate comes first.

use automerge::{Automerge, Change, ChangeHash};
use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why [`trial`] failed. After the gate this is a bug in the gate or in automerge, worth a report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrialRefusal {
    /// automerge returned an error.
    #[error("automerge does not apply the change: {0}")]
    Apply(String),
    /// automerge panicked.
    #[error("automerge panics on the change: {0}")]
    Panic(String),
    /// A change was queued, or left out.
    #[error("after the change the document has other heads than the change and its siblings")]
    Heads,
}

impl TrialRefusal {
    /// The stable code for the wire and for quarantine.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Apply(_) => "trial.apply",
            Self::Panic(_) => "trial.panic",
            Self::Heads => "trial.heads",
        }
    }
}

/// Applies changes to a clone of the document and returns it; the document stays as it is. The heads
/// afterwards must be the old ones and the changes, without what the changes build on.
pub fn trial(doc: &Automerge, changes: impl IntoIterator<Item = Change>) -> Result<Automerge, TrialRefusal> {
    let changes: Vec<Change> = changes.into_iter().collect();
    let (expected, applied) = catch_unwind(AssertUnwindSafe(|| {
        let expected = expected_heads(doc, &changes);
        let mut copy = doc.clone();
        let applied = copy.apply_changes(changes).map(|()| copy);
        (expected, applied)
    }))
    .map_err(|panic| TrialRefusal::Panic(panic_text(&*panic)))?;
    let copy = applied.map_err(|error| TrialRefusal::Apply(error.to_string()))?;
    if copy.get_heads().into_iter().eq(expected) { Ok(copy) } else { Err(TrialRefusal::Heads) }
}

/// The saved document loads again, with the same heads. Ask before a snapshot replaces another.
pub fn reloads(doc: &Automerge) -> bool {
    let reload = || Automerge::load(&doc.save()).is_ok_and(|again| again.get_heads() == doc.get_heads());
    catch_unwind(AssertUnwindSafe(reload)).unwrap_or(false)
}

/// The message of a caught panic.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    literal.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
}

/// automerge returns heads in ascending order.
fn expected_heads(doc: &Automerge, changes: &[Change]) -> BTreeSet<ChangeHash> {
    let mut heads: BTreeSet<ChangeHash> = doc.get_heads().into_iter().collect();
    let new: Vec<&Change> =
        changes.iter().filter(|change| doc.get_change_meta_by_hash(&change.hash()).is_none()).collect();
    heads.extend(new.iter().map(|change| change.hash()));
    for dep in new.iter().flat_map(|change| change.deps()) {
        heads.remove(dep);
    }
    heads
}
