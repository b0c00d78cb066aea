//! Moving a standing decision to another policy version, explicitly.
//!
//! Owns migration. Never reads the document as it is now: it decides the last settled state again.

use super::Case;
use crate::{Cause, Changed, Decision, Directive, Reason, Refused};

/// Decides the last settled projection by this pack; a case that never settled only takes on the version.
pub(super) fn decide(case: &Case<'_>, cause: &Cause, version: &str) -> Result<Option<Decision>, Refused> {
    if version != case.pack.id() {
        return Err(Refused::new("migration-version", format!("this is {}, not {version}", case.pack.id())));
    }
    let Some(last) = case.last() else { return Ok(None) };
    if last.policy == version {
        return Ok(None);
    }
    let reason = Reason::new(
        "migration",
        &[("from", &last.policy), ("to", version)],
        "policy versions take effect explicitly",
    );
    let settled = case.last_read().filter(|d| super::is_settled(d));
    let Some(settled) = settled.filter(|d| d.projection.disputed(case.pack.reads()).next().is_none()) else {
        return Ok(Some(case.carry(last, cause, Directive::Migrate, reason)));
    };
    let then = Case { projection: &settled.projection, ..*case };
    let outcome = super::settled::outcome(&then);
    if outcome.unit == last.routed.unit && outcome.class == last.routed.class {
        return Ok(Some(case.carry(last, cause, Directive::Migrate, reason)));
    }
    let mut decision = then.assign(cause, Directive::Migrate, outcome);
    decision.reasons.insert(0, reason);
    if decision.unit != last.unit {
        let text = |unit: &Option<String>| unit.clone().unwrap_or_default();
        decision.changed.push(Changed {
            field: "unit".into(),
            from: text(&last.unit),
            to: text(&decision.unit),
        });
    }
    Ok(Some(decision))
}
