//! What somebody has typed into the form of a conflict, kept until it is recorded.

use doorstep_protocol::Hash;
use serde::Deserialize;

use super::words::Words;
use crate::http::review::{Answer, Choice};

/// Reasons that need no typing.
pub(super) const READY: [&str; 3] = ["phoned", "evidence", "register"];

/// The form of a conflict as it was sent. The form key stands beside it.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Draft {
    /// The hash of a side, `other` or `none`.
    #[serde(default)]
    pub(super) choice: String,
    /// The other value.
    #[serde(default)]
    pub(super) value: String,
    /// One of [`READY`], or `other`.
    #[serde(default)]
    pub(super) why: String,
    /// In the person's own words.
    #[serde(default)]
    pub(super) reason: String,
    /// The heads that the form showed, with commas between.
    #[serde(default)]
    pub(super) heads: String,
}

impl Draft {
    /// Nothing typed yet.
    pub(super) fn is_empty(&self) -> bool {
        [&self.choice, &self.value, &self.why, &self.reason].into_iter().all(String::is_empty)
    }

    /// A side was chosen and another value typed: which of the two is meant cannot be known.
    pub(super) fn is_ambiguous(&self) -> bool {
        !self.value.trim().is_empty() && !matches!(self.choice.as_str(), "" | "other")
    }

    /// What was chosen was chosen from less than there is now; what was typed stays.
    pub(super) fn forget_side(&mut self) {
        self.choice = if self.value.is_empty() { String::new() } else { "other".into() };
    }

    /// What is asked for. A value that was typed counts, even where its button was not pressed.
    pub(super) fn answer(&self, w: &Words<'_>) -> Answer {
        let value = self.value.trim();
        let choice = match self.choice.as_str() {
            "none" => Some(Choice::Value(None)),
            "" | "other" => (!value.is_empty()).then(|| Choice::Value(Some(value.to_owned()))),
            hash => hash.parse().ok().map(Choice::Side),
        };
        Answer { choice, reason: self.whole_reason(w), heads: Some(self.shown()) }
    }

    /// The heads that the form showed; what does not read shows nothing.
    fn shown(&self) -> Vec<Hash> {
        self.heads.split(',').filter_map(|hash| hash.parse().ok()).collect()
    }

    fn whole_reason(&self, w: &Words<'_>) -> String {
        let own = self.reason.trim();
        if !READY.contains(&self.why.as_str()) {
            return own.to_owned();
        }
        let ready = w.t(&format!("why-{}", self.why));
        if own.is_empty() { ready } else { w.with("why-and", &[("ready", &ready), ("own", own)]) }
    }
}
