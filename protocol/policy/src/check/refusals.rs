//! Why a command of an example was refused, in words of every language: by the rule, as people at the desk read it.
//!
//! Never says what the engine's own sentence says beside it; that one is English and names what it met.

use crate::said::{Said, said};

/// The words for a rule of the engine, of the pack's commands and compartments.
pub(super) fn why(rule: &str) -> Said {
    match rule {
        "acceptance.late" => said("refused-acceptance-late"),
        "callback.blind" => said("refused-callback-blind"),
        "claim.evidence" => said("refused-claim-evidence"),
        "claim.outcome" => said("refused-claim-outcome"),
        "claim.reply" => said("refused-claim-reply"),
        "co_handle.absent" => said("refused-co_handle-absent"),
        "concerned" => said("refused-concerned"),
        "conduct_review.open" => said("refused-conduct_review-open"),
        "conflict.open" => said("refused-conflict-open"),
        "discipline.filed" => said("refused-discipline-filed"),
        "discipline.open" => said("refused-discipline-open"),
        "extension.days" => said("refused-extension-days"),
        "extension.late" => said("refused-extension-late"),
        "extension.once" => said("refused-extension-once"),
        "extension.own" => said("refused-extension-own"),
        "group" => said("refused-group"),
        "group.compartment" => said("refused-group-compartment"),
        "group.self" => said("refused-group-self"),
        "hand_over.open" => said("refused-hand_over-open"),
        "inspect.open" => said("refused-inspect-open"),
        "inspect.own" => said("refused-inspect-own"),
        "look_back.own" => said("refused-look_back-own"),
        "no-decision-yet" => said("refused-no-decision-yet"),
        "referral.limit" => said("refused-referral-limit"),
        "signature.early" => said("refused-signature-early"),
        "signature.given" => said("refused-signature-given"),
        "signature.role" => said("refused-signature-role"),
        "signature.standing" => said("refused-signature-standing"),
        "signature.step" => said("refused-signature-step"),
        "signature.two_roles" => said("refused-signature-two_roles"),
        "signature.unknown" => said("refused-signature-unknown"),
        "signature.unproven" => said("refused-signature-unproven"),
        "signature.verifier" => said("refused-signature-verifier"),
        "signatures" => said("refused-signatures"),
        "suspension.days" => said("refused-suspension-days"),
        "suspension.late" => said("refused-suspension-late"),
        "suspension.own" => said("refused-suspension-own"),
        "suspension.reason" => said("refused-suspension-reason"),
        "suspension.times" => said("refused-suspension-times"),
        "unusual.approval" => said("refused-unusual-approval"),
        "unusual.attempts" => said("refused-unusual-attempts"),
        "unusual.how" => said("refused-unusual-how"),
        "unusual.known" => said("refused-unusual-known"),
        "unusual.witness" => said("refused-unusual-witness"),
        "urge.own" => said("refused-urge-own"),
        "verify.own" => said("refused-verify-own"),
        "verify.unit" => said("refused-verify-unit"),
        "withdraw.own" => said("refused-withdraw-own"),
        "worker.away" => said("refused-worker-away"),
        "worker.unit" => said("refused-worker-unit"),
        "worker.unknown" => said("refused-worker-unknown"),
        _ => match rule.split('.').next() {
            Some("command") => said("refused-command"),
            Some("compartment") => said("refused-compartment"),
            _ => said("refused-other"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::REFUSALS;

    #[test]
    fn every_refusal_has_words_of_its_own() {
        let other = why("settle-digest");
        let lacking: Vec<_> = REFUSALS.iter().filter(|rule| why(rule) == other).collect();
        assert!(lacking.is_empty(), "{lacking:?}");
    }
}
