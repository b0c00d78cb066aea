//! What policy reads of a case and what its pack makes of that at once: digest, urgency, compartment.
//!
//! Kept with the case and made anew only where policy reads something else or another version does: most edits are
//! log entries and texts, which it never reads. Decides nothing.

use doorstep_policy::{Audience, Pack, Projection};

/// A projection and what follows from it by one version of a pack.
pub(crate) struct Reading {
    policy: String,
    pub(crate) projection: Projection,
    /// Over the fields that policy reads.
    pub(crate) digest: String,
    /// Deciding does not wait.
    pub(crate) urgent: bool,
    /// The audience of the compartment that any side of the case falls into.
    pub(crate) confined: Option<Audience>,
}

impl Reading {
    /// What the pack makes of it.
    pub(crate) fn of(projection: Projection, pack: &Pack) -> Self {
        Reading {
            policy: pack.id().to_owned(),
            digest: projection.digest(pack.reads()),
            urgent: pack.settle(&projection).urgent,
            confined: pack.confined(&projection),
            projection,
        }
    }

    /// Whether that is what stands now, by this version.
    pub(crate) fn stands(&self, projection: &Projection, pack: &Pack) -> bool {
        self.policy == pack.id() && self.projection == *projection
    }
}
