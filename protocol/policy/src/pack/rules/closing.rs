//! The shape of everything about closing in `policy.toml`: claims, signatures, callbacks, look-backs, the file's end,
//! and what stands beside: suspension, unusual closing, reopening and review of amendments.
//!
//! Owns what a pack author writes. A section that is left out leaves the step out, as said with each.

use serde::Deserialize;

use super::Name;
use crate::condition::Condition;

/// `[claim]`: what a claim needs and the deadline class of its verification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClaimRule {
    /// Deadline class of the step `verify`.
    pub(crate) class: Name,
    /// Purposes of attachments that must be there (`evidence = ["after"]`).
    #[serde(default)]
    pub(crate) evidence: Vec<String>,
    /// Whether the outcome must be stated, undisputed.
    #[serde(default)]
    pub(crate) outcome: bool,
    /// The person must have been answered (一对一答复): the document holds a reply.
    #[serde(default)]
    pub(crate) reply: bool,
    pub(crate) basis: String,
}

/// `[conflict]`: by when a reviewer decides between values, and who hears of it after that. Left out: no deadline.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConflictRule {
    /// Deadline class; its ladder says when the conflict goes up.
    pub(crate) class: Name,
    /// The class of a case that is urgent. Left out: the same.
    pub(crate) urgent: Option<Name>,
    pub(crate) basis: String,
}

/// What a district publishes as "resolved" (DOMAIN §4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolved {
    /// Claimed by the handler (办结).
    #[default]
    Claimed,
    /// Verified by the person or an inspector (核实).
    Verified,
    /// Closed: struck off with the signatures that the pack asks for, or in an unusual way (销号).
    Closed,
}

impl Resolved {
    /// The code as in packs and figures.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Verified => "verified",
            Self::Closed => "closed",
        }
    }
}

/// `[closure]`. Left out: a verified case is struck off at once, and "resolved" means claimed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Closure {
    /// `claimed`, `verified` or `closed`: what the district publishes as resolved.
    pub(crate) resolved: Resolved,
    /// Struck off by the command `strike_off`; where false, as soon as the last signature counts.
    #[serde(default)]
    pub(crate) by_command: bool,
    /// Signed in the order of the `[[signature]]`s: one given before another that comes first does not count. Else in any.
    #[serde(default)]
    pub(crate) in_order: bool,
    /// Deadline class of the steps `sign` and `strike_off`.
    pub(crate) class: Name,
    pub(crate) basis: String,
}

/// `[callback]`. Left out: nobody is asked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Callback {
    /// Deadline class of the step.
    pub(crate) class: Name,
    /// The unit that asks: a code, or `intake`. Where it handled the case itself, `else_unit` asks.
    pub(crate) unit: Name,
    pub(crate) else_unit: Name,
    /// Unreachable so often counts as unreachable.
    pub(crate) attempts: u32,
    /// The handlers do not see the case until the answer is there.
    #[serde(default)]
    pub(crate) hidden: bool,
    /// Left out: everybody is asked.
    #[serde(default)]
    pub(crate) sample: Option<Sample>,
    pub(crate) basis: String,
}

/// `[callback.sample]`: a share drawn by SHA-256 over the seed and the case's id, which anybody can draw again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sample {
    /// 1 to 100.
    pub(crate) percent: u8,
    pub(crate) seed: String,
    /// Cases that are asked whatever the draw says.
    #[serde(default)]
    pub(crate) always: Option<Condition>,
}

/// `[look_back]`. Left out: nobody looks again.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookBack {
    /// One look for each of these deadline classes, each counted from the one before.
    pub(crate) classes: Vec<Name>,
    /// The unit that looks: a code, or `intake`.
    pub(crate) unit: Name,
    pub(crate) basis: String,
}

/// `[suspension]`. Left out: the clock never stands still.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suspension {
    /// At most so many calendar days at a time.
    pub(crate) days: u32,
    /// At most so often.
    pub(crate) times: u32,
    /// The reasons that count.
    pub(crate) reasons: Vec<String>,
    pub(crate) basis: String,
}

/// `[unusual]`: closing without the person's signature. Left out: never.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unusual {
    /// Of `refused`, `died`, `moved`, `anonymous`, `unreachable`.
    pub(crate) how: Vec<Name>,
    /// Attempts that must be recorded where somebody refuses or cannot be reached.
    pub(crate) attempts: u32,
    /// Whether somebody must have witnessed it.
    #[serde(default)]
    pub(crate) witness: bool,
    pub(crate) basis: String,
}
