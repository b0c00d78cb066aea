//! The steps of a case's life, in order, and those beside it.
//!
//! Owns their codes and what is true of each. Never says how one follows another; that is `decide`.

use std::fmt;

/// What is to happen next. Only [`Step::Archived`] and [`Step::Withdrawn`] are ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The intake unit finds out whose it is (研判).
    Triage,
    /// A unit handles it (办理).
    Handle,
    /// Claimed resolved; somebody else looks (核实).
    Verify,
    /// Verified resolved; the configured signatures are collected (会签).
    Sign,
    /// All have signed; struck off by command (销号).
    StrikeOff,
    /// Struck off; the person is asked, by somebody other than the handler (回访).
    Callback,
    /// Looked at again after a while (回头看).
    LookBack,
    /// Everything is done; the file is closed when its time comes (归档).
    Archive,
    /// The file is closed: an end.
    Archived,
    /// The person has withdrawn it: an end.
    Withdrawn,
    /// The clock stands still until a date (中止).
    Suspended,
    /// A person decides on new facts before anything else goes on (复核).
    Review,
}

impl Step {
    /// Every step, in the order of a case's life.
    pub const ALL: [Self; 12] = [
        Self::Triage,
        Self::Handle,
        Self::Verify,
        Self::Sign,
        Self::StrikeOff,
        Self::Callback,
        Self::LookBack,
        Self::Archive,
        Self::Archived,
        Self::Withdrawn,
        Self::Suspended,
        Self::Review,
    ];

    /// The code as in JSON, in packs and in string files.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Handle => "handle",
            Self::Verify => "verify",
            Self::Sign => "sign",
            Self::StrikeOff => "strike_off",
            Self::Callback => "callback",
            Self::LookBack => "look_back",
            Self::Archive => "archive",
            Self::Archived => "archived",
            Self::Withdrawn => "withdrawn",
            Self::Suspended => "suspended",
            Self::Review => "review",
        }
    }

    /// The step of this code.
    pub fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.code() == code)
    }

    /// Nothing follows by itself; reopening is the only way out.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Archived | Self::Withdrawn)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
