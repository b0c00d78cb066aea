//! Why a decision is made: exactly one cause each, with a key that is unique per case.
//!
//! Owns the causes and their keys. Never says what follows from one; that is `decide`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The cause of a decision. JSON is tagged: `{"kind":"Settled","digest":"..."}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind")]
pub enum Cause {
    /// The case was committed for the first time.
    Intake,
    /// The case settled with this digest of the fields that policy reads.
    Settled {
        /// [`crate::Projection::digest`] of the projection.
        digest: String,
    },
    /// The case is urgent and does not wait for settling.
    Provisional {
        /// [`crate::Projection::digest`] of the projection, disputes included.
        digest: String,
    },
    /// A timer of the last decision came due.
    Timer {
        /// Step of the ladder, such as `warn`.
        id: String,
        /// Number of the decision that set it; an older one is stale.
        generation: u32,
    },
    /// A person resolved a conflict and the case is decided again.
    Review {
        /// Id of the resolution.
        id: String,
    },
    /// Someone acts on the case.
    Command {
        /// Id of the command, unique per case.
        id: String,
        /// `refer`, `accept`, `claim`, `return`, `extend`.
        name: String,
        /// Arguments by name; codes, and a `reason` that is a code or a log reference.
        args: BTreeMap<String, String>,
        /// Who gives it.
        by_worker: String,
        /// The unit in whose name it is given.
        by_unit: String,
        /// The role in which it is given.
        by_role: String,
    },
    /// An explicit move of a standing decision to another policy version.
    PolicyMigration {
        /// The version moved to, `name@version`.
        version: String,
    },
}

impl Cause {
    /// The kind as it appears in JSON and in lists.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Intake => "Intake",
            Self::Settled { .. } => "Settled",
            Self::Provisional { .. } => "Provisional",
            Self::Timer { .. } => "Timer",
            Self::Review { .. } => "Review",
            Self::Command { .. } => "Command",
            Self::PolicyMigration { .. } => "PolicyMigration",
        }
    }

    /// Whether the same cause may come again after another in between: a digest (A, B, A), a version rolled back to.
    pub fn recurs(&self) -> bool {
        matches!(self, Self::Settled { .. } | Self::Provisional { .. } | Self::PolicyMigration { .. })
    }

    /// The cause within its case, for telling repeats. A digest may come back after a change in between, so keep
    /// `Settled` and `Provisional` keys unique per (case, digest, number of the decision before).
    pub fn key(&self) -> String {
        match self {
            Self::Intake => "intake".into(),
            Self::Settled { digest } => format!("settled:{digest}"),
            Self::Provisional { digest } => format!("provisional:{digest}"),
            Self::Timer { id, generation } => format!("timer:{id}:{generation}"),
            Self::Review { id } => format!("review:{id}"),
            Self::Command { id, .. } => format!("command:{id}"),
            Self::PolicyMigration { version } => format!("migration:{version}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_tagged_by_kind() {
        let cause = Cause::Timer { id: "warn".into(), generation: 3 };
        let json = serde_json::to_string(&cause).expect("serialises");
        assert_eq!(json, r#"{"kind":"Timer","id":"warn","generation":3}"#);
        assert_eq!(cause.key(), "timer:warn:3");
        assert_eq!(serde_json::from_str::<Cause>(r#"{"kind":"Intake"}"#).expect("parses"), Cause::Intake);
    }
}
