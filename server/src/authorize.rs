//! The only door: who may see and do what. Deny by default; absent and forbidden look alike.

use doorstep_policy::Pack;
use doorstep_protocol::documents::{Kind, Role};

use crate::pipeline::timestamp;
use crate::store::{CaseRow, Person};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// See a document.
    Read,
    /// Change a document that is seen.
    Write,
    /// Resolve conflicts, release checkouts.
    Review,
    /// See the desk: lists, queue, quarantine.
    Desk,
    /// See the invariants and other figures about the system.
    Inspect,
    /// Let in other versions of the district's policy.
    Rule,
    /// See and change who works here and with which devices.
    Administer,
}

/// Whether a person may do this, to this document where one is concerned.
pub fn authorize(person: &Person, wish: Wish, about: Option<(&CaseRow, &Pack)>) -> bool {
    if person.ended.is_some() {
        return false;
    }
    let role = match wish {
        Wish::Read => true,
        Wish::Write => person.role.writes(),
        Wish::Review => person.role.reviews(),
        Wish::Desk => !matches!(person.role, Role::Worker),
        Wish::Rule | Wish::Administer => person.role == Role::Admin,
        Wish::Inspect => matches!(
            person.role,
            Role::Reviewer | Role::Leader | Role::Inspector | Role::Admin | Role::Auditor
        ),
    };
    role && about.is_none_or(|(row, pack)| sees(person, row, pack))
}

/// Whether a document is visible to a person.
fn sees(person: &Person, row: &CaseRow, pack: &Pack) -> bool {
    if row.district != person.district {
        return false;
    }
    // Named on any side, oneself or one's unit by code or name: nothing of it, whatever else says so.
    let named = |name: &str| row.concerned.contains(name);
    let unit = pack.unit(&person.unit, timestamp(row.updated));
    if named(&person.name) || named(&person.unit) || unit.is_some_and(|unit| named(&unit.name)) {
        return false;
    }
    if row.recused.contains(&person.worker) {
        return false;
    }
    let author = row.author == person.worker;
    if row.kind != Kind::Case {
        let audience = row.audience.as_ref();
        let units = audience.is_some_and(|audience| audience.units.contains(&person.unit));
        return match audience.filter(|audience| audience.compartment.is_some()) {
            Some(closed) => units && !closed.excluded_units.contains(&person.unit),
            None => units || author || pack.is_within(&row.author_unit, &person.unit),
        };
    }
    let Some(audience) = &row.audience else { return author };
    if audience.excluded_units.contains(&person.unit) {
        return false;
    }
    if audience.compartment.is_some() {
        return audience.units.contains(&person.unit) || (author && audience.author);
    }
    let desk = person.role.reviews() && person.unit == pack.desk();
    let district = person.unit == pack.district() && !matches!(person.role, Role::Worker | Role::Handler);
    (author && audience.author) || audience.units.contains(&person.unit) || desk || district
}
