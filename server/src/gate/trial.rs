//! The last line: what automerge itself makes of a change, where a panic is caught.
//!
//! Never harms the process, and never serves what was refused: a document on which [`apply`] failed is
//! thrown away. But an overflowing stack, an
//! endless loop and a failed allocation cannot be caught, which is why the gate comes first.

use automerge::{Automerge, Change, ChangeHash};
use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why [`trial`] or [`apply`] failed. After the gate this is a bug in the gate or in automerge, worth a report.
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
    let mut copy = doc.clone();
    apply(&mut copy, changes.into_iter().collect()).map(|()| copy)
}

/// Applies changes to the document itself, without the cost of a copy, which is more than that of a small
/// push. **On an error nothing may be read from the document any more**: part of the changes may be in it,
/// or automerge may have stopped half-way. Forget it and load it again from what was accepted.
pub fn apply(doc: &mut Automerge, changes: Vec<Change>) -> Result<(), TrialRefusal> {
    if changes.is_empty() {
        return Ok(());
    }
    let applied = catch_unwind(AssertUnwindSafe(|| {
        let expected = expected_heads(doc, &changes);
        let applied = doc.apply_changes(changes);
        applied.map(|()| doc.get_heads().into_iter().eq(expected))
    }));
    match applied {
        Ok(Ok(true)) => Ok(()),
        Ok(Ok(false)) => Err(TrialRefusal::Heads),
        Ok(Err(error)) => Err(TrialRefusal::Apply(error.to_string())),
        Err(panic) => Err(TrialRefusal::Panic(panic_text(&*panic))),
    }
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
