//! From whom a case is hidden because it names them.
//!
//! A case says whom it is about as people write it. What is kept beside it says that in every way in which somebody can be
//! found to be meant: as it is written, without spaces and dots, the units of whoever is named, and the numbers of those
//! people, who may be called otherwise tomorrow.

use std::collections::BTreeSet;

use doorstep_policy::{Decision, Pack, Projection, Unit};
use doorstep_protocol::WorkerId;

use super::staff::Staff;
use crate::finding::key_form;
use crate::store::CaseRow;

/// How a person is marked as meant, whatever they are called.
pub(crate) fn mark(worker: WorkerId) -> String {
    format!("#{worker}")
}

/// What a case says of whom it is about in words: no marks of people.
pub(super) fn words(row: &CaseRow) -> impl Iterator<Item = &str> {
    row.concerned.iter().map(String::as_str).filter(|name| !name.starts_with('#'))
}

/// Everybody and every unit named as subject, on any side: those of whom it was read, and those of today. Who has moved since a
/// decision read the case is of another unit than it says.
pub(super) fn named(projection: &Projection, (pack, staff): (&Pack, &Staff)) -> BTreeSet<String> {
    let mut about = written(projection);
    about.extend(pack.concerned(projection));
    let members = staff.subjects(projection).into_iter();
    about.extend(members.flat_map(|member| [mark(member.worker), member.unit.clone()]));
    about
}

/// As they are written, and without what may stand between the characters.
fn written(projection: &Projection) -> BTreeSet<String> {
    let subjects = projection.field("subject").values().into_iter().map(str::trim);
    let subjects = subjects.filter(|name| !name.is_empty());
    subjects.flat_map(|name| [name.to_owned(), key_form(name)]).filter(|name| !name.is_empty()).collect()
}

/// From whom of those named as subject the case is hidden: from all of them at accept. Sight grows by decision: a unit that
/// was made responsible by a decision that knew that it is named sees what it has to handle. What is out of scope is fed
/// back to the department concerned (ZL-4), or handled by the one named (BZ-3). In a compartment those see it whom its
/// audience names, and nobody else: whoever is concerned is out of that already, save an office of last resort. Whoever is
/// named themselves never sees it.
pub(super) fn hidden_from(
    row: &CaseRow,
    (last, pack, staff): (Option<&Decision>, &Pack, &Staff),
    mut subjects: BTreeSet<String>,
) -> BTreeSet<String> {
    // Most cases name nobody.
    let Some(audience) = row.audience.as_ref().filter(|_| !subjects.is_empty()) else { return subjects };
    let freed: BTreeSet<String> = if audience.compartment.is_some() {
        let called = |unit: &Unit| [unit.code.clone(), unit.name.clone()];
        pack.units().filter(|unit| audience.units.contains(&unit.code)).flat_map(called).collect()
    } else {
        let Some(last) = last.filter(|last| last.audience.compartment.is_none()) else { return subjects };
        handled(last, pack, staff)
    };
    let forms: BTreeSet<String> = freed.iter().map(|name| key_form(name)).collect();
    subjects.retain(|name| !freed.contains(name) && !forms.contains(name));
    subjects
}

/// Of whom a decision knew that they are named: those whom it made responsible, by their code or by a name that no other
/// unit has.
fn handled(last: &Decision, pack: &Pack, staff: &Staff) -> BTreeSet<String> {
    let handles =
        |code: &str| last.unit.as_deref() == Some(code) || last.co_units.iter().any(|co| co == code);
    let handled = |name: &str| {
        let mut called = pack.units().filter(|unit| unit.name == name).peekable();
        handles(name) || called.peek().is_some() && called.all(|unit| handles(&unit.code))
    };
    let mut known = written(&last.projection);
    known.extend(pack.concerned(&last.projection));
    // Whoever was named then, and has since come to the unit that handles it: or it would be blind to its own work.
    known.extend(staff.subjects(&last.projection).into_iter().map(|member| member.unit.clone()));
    known.retain(|name| handled(name));
    known
}
