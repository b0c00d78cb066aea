//! Where a case stands in its life beyond its step: who has it, what was claimed, signed, asked, reopened.
//!
//! Owns the shape, carried from decision to decision. Codes, ids, counts and times; never free text. Never changed
//! outside `decide`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Tier;

/// The standing of a case, part of every decision. All of it is empty when a case is taken in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Life {
    /// Since when its unit works on it; from then on amendments are reviewed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken_on: Option<Timestamp>,
    /// The worker in charge: who was entrusted with it or took it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
    /// The standing claim of the handler (办结).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<Timestamp>,
    /// Who claimed it: does not verify it, and does not ask how satisfied the person is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
    /// The standing verification (核实).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
    /// Who verified it: signs in no role of the office's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_by: Option<String>,
    /// Signature roles that count now.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub signed: BTreeSet<String>,
    /// How and when it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// Units that handled it, the lead first, as of its closing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handlers: Vec<String>,
    /// The person's own answer, or that nobody could be reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<Satisfaction>,
    /// Callbacks at which nobody was reached, since it was closed.
    #[serde(skip_serializing_if = "is_zero")]
    pub attempts: u32,
    /// When the last answer was given that the document holds and that was counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
    /// Look-backs done since it was closed.
    #[serde(skip_serializing_if = "is_zero")]
    pub look_backs: u32,
    /// Times that it had to be done again: not verified, not satisfied, did not last.
    #[serde(skip_serializing_if = "is_zero")]
    pub redo: u32,
    /// Times that it was reopened after being closed.
    #[serde(skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// An extension that the handler asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// Times that it was suspended.
    #[serde(skip_serializing_if = "is_zero")]
    pub suspensions: u32,
    /// What goes on when a suspension or a review ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    /// The earlier case about the same matter that leads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// The case behind which this conduct review looks. Only inside a compartment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_of: Option<String>,
    /// Open cases as which what may be told of it is handled. Only inside a compartment.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub handed_over: BTreeSet<String>,
    /// When a lead was filed as a case of discipline (立案). Only inside a compartment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed_at: Option<Timestamp>,
    /// How many people were punished (处分). Only inside a compartment.
    #[serde(skip_serializing_if = "is_zero")]
    pub punished: u32,
    /// Workers who are concerned themselves: they act no more on it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub recused: BTreeSet<String>,
    /// Signature role to the worker who signs in its place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub delegates: BTreeMap<String, String>,
    /// The campaign of the pack in which it was collected: a cohort of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// Times that its owner was urged.
    #[serde(skip_serializing_if = "is_zero")]
    pub urged: u32,
    /// The last inspection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspected: Option<Inspected>,
    /// Times that an inspection found the resolution false.
    #[serde(skip_serializing_if = "is_zero")]
    pub false_resolutions: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Life {
    /// Whether nothing has happened yet.
    pub fn is_new(&self) -> bool {
        *self == Self::default()
    }

    /// Another unit has it from now on, and nobody there works on it yet.
    pub(crate) fn moved(&mut self) {
        self.taken_on = None;
        self.worker = None;
        self.asked = None;
        self.unclaimed();
    }

    /// It was over and begins anew in other hands: nothing of its end is left.
    pub(crate) fn over_again(&mut self) {
        self.closed = None;
        self.reopened += 1;
        (self.satisfaction, self.attempts, self.look_backs) = (None, 0, 0);
        self.handlers.clear();
        self.lead = None;
    }

    /// What was claimed does not stand.
    pub(crate) fn unclaimed(&mut self) {
        self.claimed_at = None;
        self.claimed_by = None;
        (self.verified_at, self.verified_by) = (None, None);
        self.signed.clear();
    }
}

/// What an inspection found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspected {
    /// When.
    pub at: Timestamp,
    /// Who inspected.
    pub by: String,
    /// In the name of which unit.
    pub unit: String,
    /// Whether the resolution holds.
    pub holds: bool,
}

/// How a case was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// When.
    pub at: Timestamp,
    /// In which way.
    pub how: How,
}

/// The ways in which a case is closed. All but the first two are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// With every signature that the pack asks for.
    Signed,
    /// Verified, where the pack asks for no signature.
    Verified,
    /// The person refuses to sign.
    Refused,
    /// The person has died.
    Died,
    /// The person has moved away.
    Moved,
    /// Nobody knows who raised it.
    Anonymous,
    /// The person cannot be reached.
    Unreachable,
    /// Not accepted, with an answer (不予受理).
    Declined,
    /// Withdrawn by the person.
    Withdrawn,
}

impl How {
    /// Every way.
    pub const ALL: [Self; 9] = [
        Self::Signed,
        Self::Verified,
        Self::Refused,
        Self::Died,
        Self::Moved,
        Self::Anonymous,
        Self::Unreachable,
        Self::Declined,
        Self::Withdrawn,
    ];

    /// The code as in JSON, packs and string files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Signed => "signed",
            Self::Verified => "verified",
            Self::Refused => "refused",
            Self::Died => "died",
            Self::Moved => "moved",
            Self::Anonymous => "anonymous",
            Self::Unreachable => "unreachable",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The way of this code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|how| how.code() == code)
    }

    /// Whether it was closed although the person did not sign: counted apart.
    pub const fn is_unusual(self) -> bool {
        matches!(self, Self::Refused | Self::Died | Self::Moved | Self::Anonymous | Self::Unreachable)
    }

    /// The unusual way of this code.
    pub(crate) fn unusual(code: &str) -> Option<Self> {
        Self::named(code).filter(|how| how.is_unusual())
    }
}

/// The person's own answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Satisfaction {
    /// Satisfied.
    Satisfied,
    /// Not satisfied: it was done again.
    NotSatisfied,
    /// Asked as often as the pack says, and never reached.
    Unreachable,
}

impl Satisfaction {
    /// The code as in JSON, and as the argument `answer` of a callback.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::NotSatisfied => "not_satisfied",
            Self::Unreachable => "unreachable",
        }
    }

    /// The answer of this code.
    pub fn named(code: &str) -> Option<Self> {
        [Self::Satisfied, Self::NotSatisfied, Self::Unreachable].into_iter().find(|s| s.code() == code)
    }
}

/// An extension that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// How many calendar days.
    pub days: u32,
    /// Why, as a code or a log reference.
    pub reason: String,
    /// Who asks.
    pub worker: String,
}

/// A state that waits while the case is suspended or under review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// Since when.
    pub since: Timestamp,
    /// Why: the rule, such as `suspension` or `amendment`.
    pub rule: String,
    /// The step that goes on.
    pub step: String,
    /// Its owner.
    pub unit: String,
    /// Its co-handlers.
    pub co_units: Vec<String>,
    /// Its tier.
    pub tier: Tier,
    /// Its due time.
    pub due: Timestamp,
    /// Its ladder.
    pub ladder: String,
    /// Where the case would go, if an amendment proposes that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<String>,
    /// Until when its clock stands still, where a review came in between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}
