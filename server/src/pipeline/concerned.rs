//! From whom a case is hidden because it names them.

use std::collections::BTreeSet;

use doorstep_policy::{Decision, Pack, Projection};

use crate::store::CaseRow;

/// Everybody and every unit named as subject, on any side.
pub(super) fn named(projection: &Projection) -> BTreeSet<String> {
    let subjects = projection.field("subject").values().into_iter().map(str::trim);
    subjects.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// From whom of those named as subject the case is hidden: from all of them at accept. Sight grows by decision: a unit that
/// was made responsible by a decision that knew that it is named sees what it has to handle, outside compartments. What is
/// out of scope is fed back to the department concerned (ZL-4), or handled by the one named (BZ-3).
pub(super) fn hidden_from(
    row: &CaseRow,
    (last, pack): (Option<&Decision>, &Pack),
    mut subjects: BTreeSet<String>,
) -> BTreeSet<String> {
    let open = row.audience.as_ref().is_some_and(|audience| audience.compartment.is_none());
    if let Some(last) = last.filter(|_| open) {
        let known = named(&last.projection);
        let handles =
            |code: &str| last.unit.as_deref() == Some(code) || last.co_units.iter().any(|co| co == code);
        // By its code, or by a name that no other unit has.
        let handled = |name: &str| {
            let mut called = pack.units().filter(|unit| unit.name == name).peekable();
            handles(name) || called.peek().is_some() && called.all(|unit| handles(&unit.code))
        };
        subjects.retain(|name| !(known.contains(name) && handled(name)));
    }
    subjects
}
