//! Invariant 8, from what a case says and who works here: nothing that is kept beside the case about whom it names is
//! believed, nor is it asked how that was found.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::Pack;
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::{Table, View};

use super::Checks;
use crate::authorize::{Wish, authorize};
use crate::finding::{is_han, key_form, pieces_of};
use crate::limits;
use crate::store::{Person, Stored};

/// Who works in a district, and how they and its units can be called.
pub(super) struct Known {
    pub(super) people: Vec<Person>,
    names: Vec<Name>,
    /// Codes of units by their names and codes, without what may stand between the characters.
    units: BTreeMap<String, BTreeSet<String>>,
}

/// A name of today or before.
struct Name {
    worker: WorkerId,
    unit: String,
    key: String,
    pieces: Vec<String>,
}

impl Known {
    pub(super) fn of(people: Vec<Person>, former: &[(WorkerId, String)], pack: Option<&Pack>) -> Self {
        let mut names = Vec::new();
        for person in &people {
            let before = former.iter().filter(|(worker, _)| *worker == person.worker);
            names.extend(before.map(|(_, name)| name).chain([&person.name]).map(|name| Name {
                worker: person.worker,
                unit: person.unit.clone(),
                key: key_form(name),
                pieces: pieces_of(name),
            }));
        }
        let mut units: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for unit in pack.into_iter().flat_map(Pack::units) {
            for name in unit.names().chain([unit.code.clone()]) {
                units.entry(key_form(&name)).or_default().insert(unit.code.clone());
            }
        }
        Known { people, names, units }
    }
}

/// Nobody who works here sees a case that names them; nor does their unit, unless it has been made to handle it by a
/// decision that knew so, or stands in where a compartment has nobody else.
pub(super) fn check(checks: &mut Checks, (stored, table): (&Stored, &Table), known: &Known, pack: &Pack) {
    let row = &stored.row;
    let Some(subject) = row.kind.field("subject").filter(|_| row.erased.is_none()) else { return };
    let texts: Vec<String> = match table.view(subject) {
        View::Unset | View::Is(None) => return,
        View::Is(Some(text)) => vec![text],
        View::Disputed(sides) => sides.into_iter().flatten().collect(),
    };
    let named = meant(&texts, known);
    let last = stored.decisions.last().map(|row| &row.decision);
    let then = last.map(|last| last.projection.field("subject").values().into_iter().map(str::to_owned));
    let knew = meant(&then.into_iter().flatten().collect::<Vec<_>>(), known);
    let compartment = row.audience.as_ref().filter(|audience| audience.compartment.is_some());
    let may = |unit: &String| match compartment {
        Some(closed) => closed.units.contains(unit),
        None => {
            let handles =
                last.is_some_and(|last| last.unit.as_ref() == Some(unit) || last.co_units.contains(unit));
            handles && knew.units.contains(unit)
        }
    };
    for person in known.people.iter().filter(|person| person.ended.is_none()) {
        let meant = named.people.contains(&person.worker);
        if meant || named.units.contains(&person.unit) && !may(&person.unit) {
            let sees = authorize(person, Wish::Read, Some((row, pack)));
            checks.check(8, !sees, || format!("{} names {}", row.document, person.worker));
        }
    }
}

/// People, and units.
struct Meant {
    people: BTreeSet<WorkerId>,
    units: BTreeSet<String>,
}

fn meant(texts: &[String], known: &Known) -> Meant {
    let mut meant = Meant { people: BTreeSet::new(), units: BTreeSet::new() };
    for text in texts {
        let key = key_form(text);
        if let Some(units) = known.units.get(&key) {
            // Whoever writes a unit's name means nobody who is called like it.
            meant.units.extend(units.iter().cloned());
            continue;
        }
        let pieces = pieces_of(text);
        for name in known.names.iter().filter(|name| name.key == key || stands_in(&name.pieces, &pieces)) {
            meant.people.insert(name.worker);
            meant.units.insert(name.unit.clone());
        }
    }
    meant
}

/// Whether a name stands within a text, piece by piece.
fn stands_in(name: &[String], text: &[String]) -> bool {
    let letters = name.iter().map(|piece| piece.chars().count()).sum::<usize>();
    let han = name.iter().all(|piece| piece.chars().all(is_han));
    let long = name.len() > if han { *limits::NAME_CHARS.end() } else { *limits::NAME_MIXED.end() };
    letters > 1 && !long && text.windows(name.len()).any(|part| part == name)
}
