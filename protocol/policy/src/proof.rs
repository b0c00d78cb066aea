//! What a document proves beyond its fields: signatures, evidence, an outcome that is stated.
//!
//! Owns the shape. Computed by the centre from accepted changes; a worker, unit and role here are those of the session
//! that brought the item, never what the item says about itself. Codes, ids and counts only: no names, no free text.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Satisfaction;

/// What policy knows of a document's lists. Append-only, so that a command may read today's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proofs {
    /// Signatures in order of their times, stale ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
    /// What the person said at callbacks, as the document has it, in order of their times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callbacks: Vec<Answered>,
    /// Attachments by purpose (`before`, `after`, `paper`, ...); those without one count as `other`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evidence: BTreeMap<String, u32>,
    /// Whether one outcome is stated and undisputed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outcome: bool,
    /// Whether there is a reply to the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reply: bool,
    /// Whether the case says, or once said, who the person is or how to reach them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person: bool,
    /// Fields in open conflict, whether or not policy reads them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub disputed: BTreeSet<String>,
}

/// What somebody who was called back said, written down at the door.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Answered {
    /// What they said.
    pub answer: Satisfaction,
    /// Number of the worker whose session brought it.
    pub worker: String,
    /// That worker's unit.
    pub unit: String,
    /// When, corrected to the centre's clock.
    pub at: Timestamp,
    /// The last decision of the case that whoever wrote it down knew of, where the item says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<u32>,
}

impl Proofs {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and a member of what is stored"
)]
pub struct Signature {
    /// As what it was given: the `role` of a `[[signature]]` in the pack, such as `person` or `principal_leader`.
    pub role: String,
    /// Number of the worker whose session brought it. For the person's signature: the witness on the spot.
    pub worker: String,
    /// That worker's unit at the time.
    pub unit: String,
    /// That worker's role at the time.
    pub by_role: String,
    /// When, corrected to the centre's clock.
    pub at: Timestamp,
    /// Whether what was signed is still what the document says, and the paper that it names is there.
    pub fresh: bool,
    /// Nothing but the photo of the paper that it names is missing: once that is attached, it is fresh.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub awaits_paper: bool,
    /// A photo of a signature on paper is attached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paper: bool,
    /// A second person saw it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub witness: bool,
    /// The last decision of the case that its bringer knew of, where the item says so: clocks are wrong, and this says for
    /// which claim it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<u32>,
}
