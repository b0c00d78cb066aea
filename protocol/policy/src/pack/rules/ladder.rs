//! The shape of ladders and escalations in `policy.toml`.
//!
//! Owns how a step's time is written. Never computes one; that is `ladder`.

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::{Name, duration};
use crate::clock::parse_duration;
use crate::pack::wording;
use crate::{Directive, Tier};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ladder {
    pub(crate) id: Name,
    pub(crate) basis: String,
    #[serde(rename = "step")]
    pub(crate) steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    pub(crate) id: Name,
    pub(crate) at: Spanned<StepAt>,
    pub(crate) act: Act,
    /// Again at this interval, for ever; the last step of a ladder needs one.
    #[serde(default, deserialize_with = "optional_duration")]
    pub(crate) repeat: Option<SignedDuration>,
}

/// What a step of a ladder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Remind,
    Supervise,
    Escalate,
    Overdue,
}

impl Act {
    pub(crate) fn directive(self) -> Directive {
        match self {
            Self::Remind => Directive::Remind,
            Self::Supervise => Directive::Supervise,
            Self::Escalate => Directive::Escalate,
            Self::Overdue => Directive::Overdue,
        }
    }
}

/// `75%` of the way to the due time, or `100%+P3D`: so long after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct StepAt {
    pub(crate) percent: i32,
    pub(crate) after: SignedDuration,
}

impl TryFrom<String> for StepAt {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || wording::NOT_ALONG.to_owned();
        let (percent, rest) = text.split_once('%').ok_or_else(wrong)?;
        let percent = percent.parse().ok().filter(|p| (1..=100).contains(p)).ok_or_else(wrong)?;
        let after = match rest.strip_prefix('+') {
            Some(after) if percent == 100 => parse_duration(after).ok_or_else(wrong)?,
            None if rest.is_empty() => SignedDuration::ZERO,
            _ => return Err(wrong()),
        };
        Ok(Self { percent, after })
    }
}

/// Where a case of a tier goes when its ladder escalates.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Escalation {
    pub(crate) from: Spanned<Tier>,
    pub(crate) to: Name,
    pub(crate) class: Name,
    pub(crate) basis: String,
}

fn optional_duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SignedDuration>, D::Error> {
    duration(deserializer).map(Some)
}
