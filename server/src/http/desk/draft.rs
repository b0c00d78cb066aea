//! What somebody has typed into the form of a conflict, kept until it is recorded.

use doorstep_protocol::Hash;
use serde::{Deserialize, Serialize};

use super::naming;
use super::words::Words;
use crate::http::review::{Answer, Choice};

/// Reasons that need no typing.
pub(super) const READY: [&str; 3] = ["phoned", "evidence", "register"];

/// The form of a conflict as it was sent. The form key stands beside it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Draft {
    /// The hash of a side, `other`, `none`, `combine` or `two`.
    pub(super) choice: String,
    /// The other value.
    pub(super) value: String,
    /// All sides in one text.
    pub(super) combined: String,
    /// Of two cases, the side that stays.
    pub(super) keep: String,
    /// Of two cases, the side that becomes one.
    pub(super) second: String,
    /// One of [`READY`], or `other`.
    pub(super) why: String,
    /// In the person's own words.
    pub(super) reason: String,
    /// The heads that the form showed, with commas between.
    pub(super) heads: String,
    /// Not empty: decides anew what has been decided.
    pub(super) again: String,
}

impl Draft {
    /// Nothing typed yet.
    pub(super) fn is_empty(&self) -> bool {
        [&self.choice, &self.value, &self.why, &self.reason].into_iter().all(String::is_empty)
    }

    /// What somebody wrote in their own words.
    pub(super) fn typed(&self) -> Vec<&str> {
        let combined = Some(&self.combined).filter(|_| self.choice == "combine");
        let texts = [&self.value].into_iter().chain(combined).chain([&self.reason]);
        texts.map(|text| text.trim()).filter(|text| !text.is_empty()).collect()
    }

    /// A side was chosen and another value typed: which of the two is meant cannot be known.
    pub(super) fn is_ambiguous(&self) -> bool {
        !self.value.trim().is_empty() && !matches!(self.choice.as_str(), "" | "other")
    }

    /// What was chosen was chosen from less than there is now; what was typed stays.
    pub(super) fn forget_side(&mut self) {
        (self.keep, self.second) = Default::default();
        self.choice = match (self.choice.as_str(), self.value.is_empty()) {
            ("combine", _) => "combine".into(),
            (_, true) => String::new(),
            _ => "other".into(),
        };
    }

    /// What is chosen, as the page that shows what would follow gives it back.
    pub(super) fn chosen(&self) -> String {
        [&self.choice, &self.value, &self.combined, &self.keep, &self.second]
            .map(|part| part.trim())
            .join("|")
    }

    /// What is asked for of a field. A value that was typed counts, even where its button was not pressed; a place or a
    /// category may be written by its name.
    pub(super) fn answer(&self, field: &str, w: &Words<'_>) -> Answer {
        let typed = |text: &str| {
            let text = text.trim();
            let code = match field {
                "place" => naming::unit(text, w).ok(),
                "category" => naming::category(text, w),
                _ => None,
            };
            (!text.is_empty()).then(|| Choice::Value(Some(code.unwrap_or_else(|| text.to_owned()))))
        };
        let side = |hash: &str| hash.parse().ok().map(Choice::Side);
        let second = self.second.parse().ok().filter(|_| self.choice == "two");
        let choice = match self.choice.as_str() {
            "none" => Some(Choice::Value(None)),
            "" | "other" => typed(&self.value),
            "combine" => typed(&self.combined),
            // Both must be said.
            "two" => side(&self.keep).filter(|_| second.is_some()),
            hash => side(hash),
        };
        let again = !self.again.is_empty();
        Answer { choice, reason: self.whole_reason(w), heads: Some(self.shown()), again, second }
    }

    /// The heads that the form showed; what does not read shows nothing.
    fn shown(&self) -> Vec<Hash> {
        self.heads.split(',').filter_map(|hash| hash.parse().ok()).collect()
    }

    /// What was chosen stands in the record as everybody reads it there: in the language of the districts, whatever the
    /// reviewer's own.
    fn whole_reason(&self, w: &Words<'_>) -> String {
        let own = self.reason.trim();
        if !READY.contains(&self.why.as_str()) {
            return own.to_owned();
        }
        let ready = w.recorded(&format!("why-{}", self.why), &[]);
        if own.is_empty() { ready } else { w.recorded("why-and", &[("ready", &ready), ("own", own)]) }
    }
}
