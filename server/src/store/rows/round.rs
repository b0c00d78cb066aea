//! A round of visits or a meeting as lists, coverage and figures need it, without its changes.

use std::collections::BTreeSet;

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use serde::{Deserialize, Serialize};

use super::CaseRow;

/// Codes, ids and counts of one visit or meeting. Never a name of somebody who was met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Round {
    /// When it took place, as it says; when it was registered where it does not.
    pub at: Millis,
    /// A visit's mode, a meeting's format; empty where nobody said.
    pub mode: String,
    /// The informal format of a visit: by the pond, in the field.
    pub format: String,
    /// The coverage plan that it belongs to, where it says so.
    pub plan: String,
    /// The team of the plan.
    pub team: String,
    /// Who led a visit or chaired a meeting.
    pub leader: String,
    /// The town or village.
    pub place: Option<String>,
    /// Villages that it reached.
    pub villages: BTreeSet<String>,
    /// Households that were visited.
    pub households: u32,
    /// People who were met, or who attended.
    pub people: u32,
    /// Firms that were visited.
    pub firms: u32,
    /// What was given: advice, help, publicity, by count.
    pub given: u32,
    /// Cases that it names.
    pub cases: BTreeSet<DocumentId>,
    /// Items of the rectification list, or resulting actions.
    pub tasks: u32,
    /// Those that are put right, or have become a case or a decision.
    pub done: u32,
}

/// One round with its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundRow {
    /// The document.
    pub document: DocumentId,
    /// What it comes to.
    pub round: Round,
}

/// Which rounds are wanted.
#[derive(Clone, Debug)]
pub struct RoundQuery {
    /// Division code.
    pub district: String,
    /// Visits or meetings.
    pub kind: Kind,
    /// First instant.
    pub from: Millis,
    /// First instant after.
    pub to: Millis,
}

impl CaseRow {
    /// The documents that this one names: cases of a visit or meeting, the case that leads this one.
    pub fn names(&self) -> impl Iterator<Item = DocumentId> {
        let lead = self.life.lead.as_ref().and_then(|id| id.parse().ok());
        self.round.iter().flat_map(|round| round.cases.iter().copied()).chain(lead)
    }
}
