//! The shape of `[[command]]`: which commands people may give, by unit, role, step and condition.
//!
//! Owns the names. A command's own conditions (limits, dates, who claimed) are the engine's, in `decide::command`.

use serde::Deserialize;
use toml::Spanned;

use super::Name;
use crate::condition::Condition;

/// Who may give a command, and when. A command that a pack does not list does not exist in its district.
///
/// ```toml
/// [[command]]
/// name = "verify"
/// who = ["intake", "supervisor"]      # any of these
/// roles = ["inspector", "leader"]     # of these; leave out: any
/// when = "category != 'dispute'"      # CEL over `reads`; leave out: always
/// basis = "BZ-11"
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommandRule {
    pub(crate) name: Spanned<CommandName>,
    /// How the giver's unit stands to the case.
    pub(crate) who: Vec<Who>,
    /// Roles; empty: any.
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// Further condition, in CEL.
    #[serde(default)]
    pub(crate) when: Option<Condition>,
    pub(crate) basis: String,
}

macro_rules! commands {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        /// The commands that the engine knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum CommandName { $($(#[$doc])* $variant),+ }

        impl CommandName {
            /// Its code, as in packs, on devices and in the API.
            pub(crate) const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// Every command.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

commands! {
    /// `unit`, `reason`: another unit takes over, within the limit.
    Refer = "refer",
    /// The unit takes it on; the giver is in charge.
    Accept = "accept",
    /// Claimed resolved, with the evidence that the pack wants.
    Claim = "claim",
    /// `reason`: back to triage.
    Return = "return",
    /// `days`, `reason`, or nothing where an extension was asked for: later due, once.
    Extend = "extend",
    /// `days`, `reason`: the handler asks for an extension.
    AskExtension = "ask_extension",
    /// `reason`: the extension is not given.
    DenyExtension = "deny_extension",
    /// `worker`, or `unit` in triage: who is to do it.
    Assign = "assign",
    /// `add` or `remove`: a unit that handles together with the lead.
    CoHandle = "co_handle",
    /// `reason`, `days`: the clock stands still.
    Suspend = "suspend",
    /// The clock goes on.
    Resume = "resume",
    /// `result` = `pass` or `fail` (with `reason`): somebody other than the handler has looked.
    Verify = "verify",
    /// All have signed: closed.
    StrikeOff = "strike_off",
    /// `answer` = `satisfied`, `not_satisfied` or `unreachable`.
    Callback = "callback",
    /// `result` = `holds` or `fails`.
    LookBack = "look_back",
    /// The file is closed.
    Archive = "archive",
    /// `reason`: a closed case is open again.
    Reopen = "reopen",
    /// `reason`: by the person, recorded.
    Withdraw = "withdraw",
    /// `how`, `attempts`, `witness`, `reason`: closed although the person did not sign.
    CloseUnusual = "close_unusual",
    /// `reason`, `answer`: not accepted, and the person is told why.
    RefuseAcceptance = "refuse_acceptance",
    /// `lead`: about the same matter as an earlier case.
    Group = "group",
    /// `reason`: not about the same matter after all.
    Ungroup = "ungroup",
    /// `worker` or nothing (oneself), `reason`: concerned, acts no more on it.
    Recuse = "recuse",
    /// `role`, `worker`: signs in the giver's place.
    Delegate = "delegate",
    /// `of`: this conduct case looks behind that case.
    ConductReview = "conduct_review",
    /// `of`: what may be told of it is handled outside the compartment, as that case.
    HandOver = "hand_over",
    /// `reason`: a lead becomes a filed case of discipline.
    FileCase = "file_case",
    /// `count`, `reason`: so many people were punished.
    Punish = "punish",
    /// `decision` = `approve` or `keep`, `reason`: what new facts are to change.
    Amend = "amend",
    /// `reason`: whoever has it is urged.
    Urge = "urge",
    /// `result` = `holds` or `false` (with `reason`), `draw`: what an inspection found.
    Inspect = "inspect",
}

/// How the giver's unit stands to the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Who {
    /// The owner or a co-handler; of a closed case, whoever handled it.
    Owner,
    /// The lead unit alone.
    Lead,
    /// A unit above the owner.
    Above,
    /// The intake unit of the case, or the district's desk.
    Intake,
    /// A unit of the district's level: desk, leader.
    District,
    /// One of the units in `audience.supervisors`.
    Supervisor,
    /// The unit of whoever raised the case for the person.
    Author,
    /// Any unit that sees the case and does not handle it.
    Other,
}

/// One signature that closing needs, as what it is given.
///
/// ```toml
/// [[signature]]
/// role = "person"              # `doorstep-device sign ID person`
/// who = ["owner", "intake"]    # whose worker may bring it; for the person's own: who witnesses it
/// roles = ["handler"]          # of these roles; leave out: any
/// units = []                   # units that may sign as that too, and see the case while that is due
/// witness = true               # brought by a witness: the same worker may sign for himself too
/// proof = true                 # then only with a photo of paper, or with somebody else who saw it; leave out: his word does
/// basis = "BZ-7"
/// ```
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignatureRule {
    pub(crate) role: Name,
    pub(crate) who: Vec<Who>,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    /// Units that may sign as that, however they stand to the case.
    #[serde(default)]
    pub(crate) units: Vec<Name>,
    /// Somebody else's signature, brought by a witness. Where false, nobody signs in two roles.
    #[serde(default)]
    pub(crate) witness: bool,
    /// Brought by somebody who signs too, it counts only with paper or a second witness.
    #[serde(default)]
    pub(crate) proof: bool,
    pub(crate) basis: String,
}
