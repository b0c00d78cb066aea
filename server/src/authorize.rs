//! The only door: who may see and do what. Deny by default; absent and forbidden look alike.

use std::collections::BTreeSet;

use doorstep_policy::Pack;
use doorstep_protocol::documents::{Kind, Role};
use sha2::{Digest, Sha256};

use crate::finding::{Mark, Tag, key_form};
use crate::pipeline::mark;
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
    /// See a document at the desk, also where the pack sets somebody over the district. It enters no feed for that.
    Look,
    /// See what is stuck, where and why: counts and ledgers.
    Supervise,
    /// Let in other versions of the district's policy.
    Rule,
    /// See and change who works here and with which devices.
    Administer,
    /// Erase a document on request.
    Erase,
}

/// Whether a person may do this, to this document where one is concerned.
pub fn authorize(person: &Person, wish: Wish, about: Option<(&CaseRow, &Pack)>) -> bool {
    if person.ended.is_some() {
        return false;
    }
    let role = match wish {
        Wish::Read | Wish::Look => true,
        Wish::Supervise => {
            matches!(person.role, Role::Reviewer | Role::Leader | Role::Inspector | Role::Auditor)
        }
        Wish::Write => person.role.writes(),
        Wish::Review => person.role.reviews(),
        Wish::Desk => !matches!(person.role, Role::Worker),
        Wish::Rule | Wish::Administer | Wish::Erase => person.role == Role::Admin,
        Wish::Inspect => matches!(
            person.role,
            Role::Reviewer | Role::Leader | Role::Inspector | Role::Admin | Role::Auditor
        ),
    };
    let seen = |row, pack| sees(person, row, pack) || wish == Wish::Look && set_over(person, row, pack);
    role && about.is_none_or(|(row, pack)| seen(row, pack))
}

/// Whether the pack sets somebody over the district: at the desk they may look at any case outside compartments that
/// is not about themselves.
fn set_over(person: &Person, row: &CaseRow, pack: &Pack) -> bool {
    let over = matches!(person.role, Role::Inspector | Role::Leader) && pack.oversees(&person.unit);
    let open = |audience: &doorstep_policy::Audience| {
        audience.compartment.is_none() && !audience.excluded_units.contains(&person.unit)
    };
    over && row.district == person.district
        && row.kind == Kind::Case
        && !concerns(person, row, pack)
        && row.audience.as_ref().is_some_and(open)
}

/// What somebody who is concerned can be called: their name, their unit's code, every name that it has had, these without
/// what stands between their characters, and their number.
pub(crate) fn names(person: &Person, pack: &Pack) -> BTreeSet<String> {
    let units = pack.units().filter(|unit| unit.code == person.unit).map(|unit| unit.name.as_str());
    let called = [person.name.as_str(), person.unit.as_str()].into_iter().chain(units);
    let called = called.flat_map(|name| [name.to_owned(), key_form(name)]);
    called.filter(|name| !name.is_empty()).chain([mark(person.worker)]).collect()
}

/// Whether a document is about a person: named on any side, oneself or one's unit by code or name; or recused, from the
/// case or from its review. Nothing of it is shown to them, whatever else says so.
pub(crate) fn concerns(person: &Person, row: &CaseRow, pack: &Pack) -> bool {
    let recused = &row.life.recused;
    // Most cases name nobody.
    (!row.concerned.is_empty() && !row.concerned.is_disjoint(&names(person, pack)))
        || row.recused.contains(&person.worker)
        || (!recused.is_empty() && recused.contains(&person.worker.to_string()))
}

/// Whether a document is visible to a person. [`seen_by`] and [`sight`] say the same in tags.
fn sees(person: &Person, row: &CaseRow, pack: &Pack) -> bool {
    if row.district != person.district || row.erased.is_some() {
        return false;
    }
    if concerns(person, row, pack) {
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
    (author && audience.author) || audience.units.contains(&person.unit) || oversees(person, pack)
}

/// The desk's reviewers and the district's own offices see every case outside a compartment.
fn oversees(person: &Person, pack: &Pack) -> bool {
    let desk = person.role.reviews() && person.unit == pack.desk();
    desk || person.unit == pack.district() && !matches!(person.role, Role::Worker | Role::Handler)
}

/// What a person sees, in tags: documents with one of `any` and none of `none`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// One of these must be there.
    pub any: Vec<Tag>,
    /// None of these may be there.
    pub none: Vec<Tag>,
}

/// What a person sees of documents of a kind, or of every kind: what makes a case seen is not on other documents, and
/// the other way round.
pub fn sight(person: &Person, pack: &Pack, kind: Option<Kind>) -> Sight {
    let of = |mark, value: &str| Tag::of(&person.district, mark, value);
    let author = of(Mark::SeenByAuthor, &person.worker.to_string());
    let mut any = vec![author, of(Mark::SeenByUnit, &person.unit)];
    if kind.is_none_or(|kind| kind == Kind::Case) {
        any.extend(oversees(person, pack).then(|| of(Mark::SeenByDistrict, "")));
    }
    if kind.is_none_or(|kind| kind != Kind::Case) {
        let units = pack.units().map(|unit| unit.code.as_str());
        let below: BTreeSet<&str> = units.filter(|unit| pack.is_within(unit, &person.unit)).collect();
        any.extend(below.into_iter().chain([person.unit.as_str()]).map(|unit| of(Mark::MadeIn, unit)));
    }
    let never = [of(Mark::Excludes, &person.unit)];
    Sight { any, none: about(person, pack).into_iter().chain(never).collect() }
}

/// What a person's devices may see as a whole, as a number: another one once they have another unit, role or name, or the
/// pack in force another tree of units. Whose feed was told for another scope holds what it may not, and lacks what it may.
pub fn scope(person: &Person, pack: &Pack) -> u32 {
    let Sight { any, none } = sight(person, pack, None);
    let mut hash = Sha256::new();
    hash.update([u8::from(device_reads(person.role))]);
    for mut tags in [any, none] {
        tags.sort_unstable();
        hash.update(tags.len().to_be_bytes());
        tags.iter().for_each(|tag| hash.update(tag.0));
    }
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    // 0 is a cursor of which it is not known.
    u32::from_be_bytes([a, b, c, d]).max(1)
}

/// Auditors work at the desk only; their devices are given nothing.
pub(crate) fn device_reads(role: Role) -> bool {
    role != Role::Auditor
}

/// What is about somebody, in tags, as [`concerns`] says it.
pub(crate) fn about(person: &Person, pack: &Pack) -> Vec<Tag> {
    let of = |mark, value: &str| Tag::of(&person.district, mark, value);
    let named = names(person, pack).into_iter().map(|name| of(Mark::Concerns, &name));
    named.chain([of(Mark::Recuses, &person.worker.to_string())]).collect()
}

/// Who sees a document, in tags.
pub(crate) fn seen_by(row: &CaseRow) -> Vec<Tag> {
    let of = |mark, value: &str| Tag::of(&row.district, mark, value);
    let author = of(Mark::SeenByAuthor, &row.author.to_string());
    let mut tags: Vec<Tag> = row.concerned.iter().map(|name| of(Mark::Concerns, name)).collect();
    tags.extend(row.recused.iter().map(|worker| of(Mark::Recuses, &worker.to_string())));
    tags.extend(row.life.recused.iter().map(|worker| of(Mark::Recuses, worker)));
    if let Some(audience) = &row.audience {
        tags.extend(audience.units.iter().map(|unit| of(Mark::SeenByUnit, unit)));
    }
    let closed = row.audience.as_ref().is_some_and(|audience| audience.compartment.is_some());
    if let Some(audience) = row.audience.as_ref().filter(|_| closed || row.kind == Kind::Case) {
        tags.extend(audience.excluded_units.iter().map(|unit| of(Mark::Excludes, unit)));
    }
    match &row.audience {
        _ if row.kind != Kind::Case && closed => {}
        _ if row.kind != Kind::Case => tags.extend([author, of(Mark::MadeIn, &row.author_unit)]),
        None => tags.push(author),
        Some(audience) => {
            tags.extend(audience.author.then_some(author));
            tags.extend((!closed).then(|| of(Mark::SeenByDistrict, "")));
        }
    }
    tags
}

#[cfg(test)]
mod tests;
