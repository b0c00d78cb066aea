//! Intake: from its first commit a case has an owner, a step and a due time.
//!
//! Owns the first decision. Never waits for settling and never routes.

use super::Case;
use crate::route::{self, Outcome, Step};
use crate::{Cause, Decision, Directive, Reason, audience};

/// The intake unit accepts; a second intake is nothing new.
pub(super) fn decide(case: &Case<'_>, cause: &Cause) -> Option<Decision> {
    if !case.history.is_empty() {
        return None;
    }
    let rule = &case.pack.rules().intake;
    let unit = case.pack.intake_unit(case.projection, case.now).to_owned();
    let author = case.projection.author_unit.as_deref().unwrap_or("");
    let place = case.projection.field("place").shown();
    let mut reasons = vec![Reason::new("intake", &[("place", &place), ("author_unit", author)], &rule.basis)];
    let compartment = case.compartment();
    if let Some(compartment) = compartment {
        reasons.extend(
            route::into_compartment(case.pack, compartment, case.projection, &case.excluded()).reasons,
        );
    }
    let outcome = Outcome {
        rule: "intake".into(),
        unit,
        co_units: Vec::new(),
        class: rule.class.get_ref().clone(),
        step: Step::Triage,
        reasons,
    };
    let mut decision = case.assign(cause, Directive::Accept, outcome);
    // Inside a compartment the ladder must stay inside, too.
    if let Some(class) = compartment.and_then(|c| case.pack.class(c.class.get_ref())) {
        super::climb(case, &mut decision, class.ladder.get_ref().clone());
    }
    // Before it settles, nobody else: not even the units above.
    if compartment.is_none() {
        let always = audience::always(case.pack, case.projection, case.now);
        decision.audience.units = always.chain(decision.unit.clone()).collect();
    }
    Some(decision)
}
