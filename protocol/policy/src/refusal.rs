//! Why a command was not done: the rule that refuses and a sentence in English.
//!
//! Owns the rules of the engine that refuse commands. What people read in their language goes by the rule.

use serde::{Deserialize, Serialize};

/// Why nothing was decided although something was asked for. The case stands as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{rule}: {message}")]
pub struct Refused {
    /// The rule that refuses, as in the pack or the engine.
    pub rule: String,
    /// One sentence for the person who asked.
    pub message: String,
}

/// Rules by which the engine refuses a command. Beside these stand `command.NAME`, for what a pack's own rule or the step
/// of the case does not allow, and `compartment.ID`.
pub const REFUSALS: &[&str] = &[
    "acceptance.late",
    "callback.blind",
    "claim.evidence",
    "claim.outcome",
    "claim.reply",
    "command",
    "command.either",
    "command.has",
    "command.incomplete",
    "command.unit",
    "command.value",
    "compartment",
    "co_handle.absent",
    "concerned",
    "conduct_review.open",
    "conflict.open",
    "discipline.filed",
    "discipline.open",
    "extension.days",
    "extension.late",
    "extension.once",
    "extension.own",
    "group",
    "group.compartment",
    "group.self",
    "hand_over.open",
    "inspect.open",
    "inspect.own",
    "look_back.own",
    "no-decision-yet",
    "referral.limit",
    "signature.early",
    "signature.given",
    "signature.role",
    "signature.standing",
    "signature.step",
    "signature.two_roles",
    "signature.unknown",
    "signature.unproven",
    "signature.verifier",
    "signatures",
    "suspension.days",
    "suspension.late",
    "suspension.own",
    "suspension.reason",
    "suspension.times",
    "unusual.approval",
    "unusual.attempts",
    "unusual.how",
    "unusual.known",
    "unusual.witness",
    "urge.own",
    "verify.own",
    "verify.unit",
    "withdraw.own",
    "worker.away",
    "worker.unit",
    "worker.unknown",
];

impl Refused {
    pub(crate) fn new(rule: &str, message: impl Into<String>) -> Self {
        Self { rule: rule.into(), message: message.into() }
    }

    /// Refuses a command: by a rule that people find words for.
    pub(crate) fn command(rule: &str, message: impl Into<String>) -> Self {
        let family = rule.split_once('.').map(|(family, _)| family);
        let named = REFUSALS.contains(&rule) || matches!(family, Some("command" | "compartment"));
        debug_assert!(named, "{rule} is in no list of refusals");
        Self::new(rule, message)
    }
}
