//! What is decided: owner, step, due time, audience, timers and the reasons for each.
//!
//! Owns the form of a decision, as it is stored and streamed. Never how one comes about; that is `decide`.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Audience, Cause, Life, Projection};

/// Generation of the engine: raised whenever the same pack and the same inputs may come to another decision, or to one
/// of another form. A decision replays identically by the engine that made it; those of earlier ones stand.
pub const ENGINE: u32 = 13;

/// Decisions that do not say which engine made them.
fn first_engine() -> u32 {
    1
}

/// One entry of a case's append-only decision log. Its JSON is what is stored and sent to devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Epoch of the district's history, passed through from the decision before; 1 at first.
    pub epoch: u32,
    /// Number within case and epoch: previous + 1, from 1.
    pub n: u32,
    /// Nominal time of the cause.
    pub at: Timestamp,
    /// Why it was made.
    pub cause: Cause,
    /// The pack that decided, `name@version`.
    pub policy: String,
    /// The [`ENGINE`] that decided.
    #[serde(default = "first_engine")]
    pub engine: u32,
    /// What is to happen.
    pub directive: Directive,
    /// The owner. Always there; `Option` so that a later end state can be without one.
    pub unit: Option<String>,
    /// Units that handle together with the owner, sorted.
    pub co_units: Vec<String>,
    /// The tier that owns it.
    pub tier: Tier,
    /// Code of the next step, as [`crate::Step`] has them.
    pub step: String,
    /// When that step is due.
    pub due: Timestamp,
    /// Who may see the case from here on.
    pub audience: Audience,
    /// All live timers of the case in order; they replace those of earlier decisions. None at an end.
    pub timers: Vec<TimerAt>,
    /// Which rules applied, what they read and on what basis.
    pub reasons: Vec<Reason>,
    /// For an amendment, a provisional change or a migration: what changed. Fields by schema name, and `unit`.
    pub changed: Vec<Changed>,
    /// Referrals of the case so far.
    pub referrals: u32,
    /// Digest of the projection over the fields that policy reads.
    pub digest: String,
    /// What was read: the same for a timer or command as for the decision it acts on.
    pub projection: Projection,
    /// What the rules of the pack routed to, before referrals and escalations moved the case on.
    pub routed: Routed,
    /// Where the case stands in its life beyond its step.
    #[serde(default, skip_serializing_if = "Life::is_new")]
    pub life: Life,
}

impl Decision {
    /// Unique per (case, epoch). What may come again carries the number of the decision before: two nodes that decide
    /// the same settling collide.
    pub fn cause_key(&self) -> String {
        if self.cause.recurs() { format!("{}@{}", self.cause.key(), self.n - 1) } else { self.cause.key() }
    }
}

/// The outcome of the pack's routes, kept so that an amendment can tell whether the route itself changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routed {
    /// Id of the route, `intake` or `fallback`.
    pub rule: String,
    /// The unit it named.
    pub unit: String,
    /// Deadline class.
    pub class: String,
    /// Ladder that runs now.
    pub ladder: String,
    /// From when the ladder's percentages count: the decision that set owner and due time.
    pub since: Timestamp,
}

macro_rules! directives {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        /// What a decision orders.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Directive { $($(#[$doc])* $variant),+ }

        impl Directive {
            /// The code as in JSON and in string files.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Every directive, for string files and lists.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

directives! {
    /// The intake unit takes the case in.
    Accept = "accept",
    /// The first settled decision: a unit is responsible.
    Assign = "assign",
    /// Urgent: every unit in question starts now.
    Provisional = "provisional",
    /// What policy reads has changed.
    Amend = "amend",
    /// A ladder step: nearly due.
    Remind = "remind",
    /// A ladder step: supervised.
    Supervise = "supervise",
    /// A ladder step: the next tier takes over.
    Escalate = "escalate",
    /// A ladder step that repeats: overdue, with nobody above to escalate to.
    Overdue = "overdue",
    /// Passed to another unit.
    Refer = "refer",
    /// The unit has taken it on.
    TakeOn = "take_on",
    /// Claimed resolved (办结): to be verified.
    Claim = "claim",
    /// Sent back to triage.
    Return = "return",
    /// One extension of the deadline.
    Extend = "extend",
    /// Moved to another policy version.
    Migrate = "migrate",
    /// A worker, or a unit out of triage, is to do it.
    Entrust = "entrust",
    /// Other units handle together with the lead.
    CoHandle = "co_handle",
    /// The handler asks for an extension.
    AskExtension = "ask_extension",
    /// The extension is not given.
    DenyExtension = "deny_extension",
    /// The clock stands still.
    Suspend = "suspend",
    /// The clock goes on.
    Resume = "resume",
    /// Verified resolved (核实).
    Verify = "verify",
    /// Not verified, not satisfied, or it did not last: to be done again.
    Redo = "redo",
    /// A signature counts (会签).
    Sign = "sign",
    /// A signature counts no longer: what was signed has changed.
    Void = "void",
    /// Closed (销号).
    StrikeOff = "strike_off",
    /// The person was asked, or could not be reached (回访).
    Callback = "callback",
    /// Looked at again: it holds (回头看).
    LookBack = "look_back",
    /// The file is closed (归档).
    Archive = "archive",
    /// A closed case is open again.
    Reopen = "reopen",
    /// Withdrawn by the person.
    Withdraw = "withdraw",
    /// Closed although the person did not sign.
    CloseUnusual = "close_unusual",
    /// Not accepted, with an answer (不予受理).
    Decline = "decline",
    /// Follows an earlier case about the same matter.
    Group = "group",
    /// Follows it no longer.
    Ungroup = "ungroup",
    /// Somebody concerned acts no more on it (回避).
    Recuse = "recuse",
    /// Somebody signs in another's place.
    Delegate = "delegate",
    /// A conduct case looks behind another case.
    ConductReview = "conduct_review",
    /// What may be told of it is handled outside the compartment, as a case of its own.
    HandOver = "hand_over",
    /// A lead is filed as a case of discipline (立案).
    FileCase = "file_case",
    /// Somebody was punished (处分).
    Punish = "punish",
    /// New facts: a person decides before anything goes on.
    Review = "review",
    /// Reviewed: everything stays as it was.
    Keep = "keep",
    /// Whoever has it is urged (督办).
    Urge = "urge",
    /// Inspected: the resolution holds (抽查).
    Inspect = "inspect",
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The tier that owns a case (小事村办、难事乡镇担、大事区上管), and departments beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Village or community.
    Village,
    /// Town or street, with its centres.
    Town,
    /// A department of the district.
    Department,
    /// The district itself: intake desk, leader.
    District,
}

impl Tier {
    /// The code as in JSON and in packs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Village => "village",
            Self::Town => "town",
            Self::Department => "department",
            Self::District => "district",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A durable timer: at `at`, decide with `Cause::Timer { id, generation }` and `now = at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerAt {
    /// Step of the ladder.
    pub id: String,
    /// Number of the decision that set it.
    pub generation: u32,
    /// When it fires.
    pub at: Timestamp,
}

/// One rule that applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Id of the rule in the pack, or of a rule of the engine, such as `place-unset`.
    pub rule: String,
    /// What it read.
    pub inputs: BTreeMap<String, String>,
    /// Law, notice or mechanism that it rests on, such as `BZ-3`.
    pub basis: String,
}

impl Reason {
    /// A reason from pairs of inputs.
    pub(crate) fn new(rule: &str, inputs: &[(&str, &str)], basis: &str) -> Self {
        let inputs = inputs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { rule: rule.into(), inputs, basis: basis.into() }
    }
}

/// Id of the words of a basis, or of a coverage plan's label, in string files: `basis-` and the first eight hex digits of
/// the SHA-256 of its text. A rule that rests on something else later has another, so that no decision is shown with words
/// of what it did not rest on.
pub fn basis_id(basis: &str) -> String {
    format!("basis-{}", &HEXLOWER.encode(&Sha256::digest(basis.as_bytes()))[..8])
}

/// One value that changed between two decisions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Schema name of the field, or `unit`.
    pub field: String,
    /// Before; empty when unset.
    pub from: String,
    /// After; empty when unset.
    pub to: String,
}
