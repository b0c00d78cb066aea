//! What a decision makes of a case: the row shows it, and the log has it.
//!
//! Owns how a decision stands. Whether and what is decided, policy says; when, a tick or a person.

use doorstep_policy::{Cause, Decision, Pack, Projection, Refused, Step, decide};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::case::{Case, timestamp};
use super::concerned::{hidden_from, named};

impl Case {
    /// Nothing blocks any more: this is what has been decided on, and whoever it names is concerned.
    pub(crate) fn settle(&mut self, pack: &Pack, projection: &Projection, digest: String) {
        self.row.settled_digest = Some(digest);
        self.row.unsettled_since = None;
        self.row.review = None;
        self.row.concerned = hidden_from(
            &self.row,
            (self.decisions.last(), pack, &self.staff),
            named(projection, (pack, &self.staff)),
        );
    }

    /// Whether a complaint that is not over names people of other units now than those that were decided on: its office may be
    /// among them.
    pub(super) fn is_others_to_look_into(&self) -> bool {
        let inside = self.row.audience.as_ref().is_some_and(|audience| audience.compartment.is_some());
        let open = self.decisions.last().is_some_and(|last| last.life.closed.is_none());
        let read = |d: &&Decision| matches!(d.cause, Cause::Settled { .. } | Cause::Review { .. });
        let last = self.decisions.iter().rev().find(read);
        inside && open && last.is_some_and(|d| d.projection.subject_units != self.projection().subject_units)
    }

    /// Decides for a cause; on a decision the row shows it and the case has it.
    pub(crate) fn decide(
        &mut self,
        pack: &Pack,
        projection: &Projection,
        cause: Cause,
        at: Millis,
    ) -> Result<Option<Decision>, Refused> {
        // A digest can come back (A, B, A), and so can a version; every other cause is decided once.
        let recurs = cause.recurs();
        if !recurs && self.decisions.iter().any(|decision| decision.cause == cause) {
            return Ok(None);
        }
        let decision = decide(pack, projection, &self.decisions, cause, timestamp(at))?;
        if let Some(decision) = &decision {
            self.stands(pack, decision);
        }
        Ok(decision)
    }

    /// Takes back a decision that was taken before: the next of the log.
    pub(crate) fn adopt(&mut self, pack: &Pack, decision: &Decision) {
        if matches!(decision.cause, Cause::Settled { .. } | Cause::Review { .. }) {
            self.settle(pack, &decision.projection, decision.digest.clone());
        }
        self.stands(pack, decision);
    }

    /// What was written of a case while it was withdrawn has been decided on by nobody: where the case goes on, that comes
    /// first.
    fn goes_on(&mut self, decision: &Decision) {
        let withdrawn = Step::Withdrawn.code();
        if self.decisions.last().is_none_or(|last| last.step != withdrawn) || decision.step == withdrawn {
            return;
        }
        let settled = |d: &&Decision| matches!(d.cause, Cause::Settled { .. } | Cause::Review { .. });
        let digest = self.decisions.iter().rev().find(settled).map(|decision| decision.digest.clone());
        if self.row.settled_digest != digest {
            self.row.settled_digest = digest;
            let now = decision.at.as_millisecond();
            self.row.quiet_from = self.row.quiet_from.max(now);
            self.row.unsettled_since = self.row.unsettled_since.or(Some(now));
        }
    }

    /// The row shows the decision, and the log has it.
    fn stands(&mut self, pack: &Pack, decision: &Decision) {
        self.goes_on(decision);
        if self.row.unit != decision.unit || self.row.step.as_ref() != Some(&decision.step) {
            self.row.turned = Some(decision.at.as_millisecond());
        }
        self.row.decided = decision.n;
        self.row.directive = Some(decision.directive.code().to_owned());
        self.row.unit.clone_from(&decision.unit);
        self.row.step = Some(decision.step.clone());
        self.row.due = Some(decision.due.as_millisecond());
        // A timer or a migration decides on what was settled last. That somebody says now that it is a complaint, or about
        // whom, still hides it: nobody has decided otherwise.
        self.row.audience = Some(decision.audience.clone());
        if self.row.kind == Kind::Case {
            let reading = self.read(pack);
            self.confine(&reading, pack);
        }
        self.row.life = decision.life.clone();
        self.row.signers = pack.signers(decision);
        self.decisions.push(decision.clone());
        // Whoever was responsible until now, and is named, sees it no more; whoever is now does.
        let mut concerned = std::mem::take(&mut self.row.concerned);
        concerned.extend(named(&decision.projection, (pack, &self.staff)));
        self.row.concerned = hidden_from(&self.row, (Some(decision), pack, &self.staff), concerned);
    }
}
