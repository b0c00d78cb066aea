//! Who may see a case from a decision on.
//!
//! Owns how an audience is made. Never shrinks it between decisions: hiding at accept belongs to the server.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::units::Units;
use crate::{Pack, Projection};

/// Units and people who may see a case. A compartment sees alone: `units` are then inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Units whose workers may see it (exactly these; units above by rule are listed).
    pub units: BTreeSet<String>,
    /// Whether the author still sees it.
    pub author: bool,
    /// Set: the case is in no feed, list, search or figure outside this compartment.
    pub compartment: Option<String>,
    /// Units that never see it, whatever else says so: those concerned themselves.
    pub excluded_units: BTreeSet<String>,
}

/// The audience of an open case (no compartment): owners, the ancestors of pack-named levels, units that always see.
pub(crate) fn open(pack: &Pack, owners: &[&str], author: Author, seen: (&Projection, Timestamp)) -> Audience {
    let (projection, at) = seen;
    let mut units: BTreeSet<String> = owners.iter().map(|u| (*u).to_owned()).collect();
    for owner in owners {
        for above in pack.units_above(owner) {
            let seen = pack.unit(above, at).is_some_and(|u| pack.rules().audience.above.contains(&u.level));
            if seen {
                units.insert(above.to_owned());
            }
        }
    }
    units.extend(always(pack, projection, at));
    Audience { units, author: author == Author::Keeps, compartment: None, excluded_units: BTreeSet::new() }
}

/// The units that see every open case from intake on. `intake` in a pack stands for the case's own intake unit.
pub(crate) fn always<'a>(
    pack: &'a Pack,
    projection: &Projection,
    at: Timestamp,
) -> impl Iterator<Item = String> + 'a {
    let intake = pack.intake_unit(projection, at).to_owned();
    let unit = move |name: &toml::Spanned<String>| match name.get_ref().as_str() {
        "intake" => intake.clone(),
        code => code.to_owned(),
    };
    pack.rules().audience.always.iter().map(unit)
}

/// The audience inside a compartment: its owner alone, minus every unit that any side names as subject, or somebody of. An
/// owner of last resort stays: a case that nobody sees is a forgotten one.
pub(crate) fn closed(compartment: &str, owner: &str, pack: &Pack, projection: &Projection) -> Audience {
    let mut excluded_units = pack.concerned(projection);
    excluded_units.remove(owner);
    Audience {
        units: BTreeSet::from([owner.to_owned()]),
        author: false,
        compartment: Some(compartment.to_owned()),
        excluded_units,
    }
}

/// Whom any side of the case is about: the units that it names as responsible subject, and those of the people whom it names.
pub(crate) fn subjects((units, district): (&Units, &str), projection: &Projection) -> BTreeSet<String> {
    let mut about = named((units, district), projection);
    about.extend(projection.subject_units.iter().cloned());
    about
}

/// Every unit or id that any side of the case names as responsible subject: as it is written, and the code of every unit
/// that has ever had a name that stands in it. The district's own stands in the names of its offices.
pub(crate) fn named((units, district): (&Units, &str), projection: &Projection) -> BTreeSet<String> {
    let field = projection.field("subject");
    let written = field.values().into_iter().map(str::trim).filter(|written| !written.is_empty());
    let mut named = BTreeSet::new();
    for written in written {
        named.insert(written.to_owned());
        named.extend(units.named_in(written, district));
    }
    named
}

/// Whether the author goes on seeing the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Author {
    Keeps,
    Left,
}

impl Author {
    /// Once lost (by referral or compartment), sight does not come back by itself.
    pub(crate) fn after(before: Option<&Audience>) -> Self {
        if before.is_none_or(|a| a.author) { Self::Keeps } else { Self::Left }
    }
}
