//! Cohorts: which cases a figure looks at, as people write it.
//!
//! Owns the form `all`, `year=2026`, `campaign=ID`, `FIELD=VALUE`, several joined by commas. Never counts.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use doorstep_policy::{Pack, Step, Tier};
use doorstep_protocol::documents::schema::{SEVERITY, URGENCY};
use doorstep_protocol::ids::Millis;
use jiff::civil::date;

use crate::limits;
use crate::policies::Packs;
use crate::store::standings::{Column, Sight, Slice};

/// Which cases are looked at: all conditions hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cohort(Vec<Condition>);

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// Registered in this year, Beijing time.
    Year(i32),
    /// Registered in this campaign of the district's pack.
    Campaign(String),
    /// With this value as of the last decision.
    Is(Column, String),
}

impl Cohort {
    /// All cases.
    pub fn all() -> Cohort {
        Cohort::default()
    }

    /// `all`, `year=2026`, `campaign=ID` or `FIELD=VALUE`, several joined by commas.
    pub fn parse(text: &str) -> Option<Cohort> {
        if text == "all" {
            return Some(Cohort::all());
        }
        text.split(',').map(Condition::parse).collect::<Option<Vec<_>>>().map(Cohort)
    }

    /// Whether every campaign that it names is one of a pack, and every year one in which there may be cases: without it,
    /// nobody knows of which time a figure would be.
    pub fn has_its_times(&self, packs: &Packs) -> bool {
        self.0.iter().all(|condition| match condition {
            Condition::Campaign(id) => named(packs, condition.field()).contains(id),
            Condition::Year(year) => limits::YEARS.contains(year),
            Condition::Is(..) => true,
        })
    }

    /// The first value that it names and no pack has. Where no case has it either, there is nothing to count.
    pub fn unknown(&self, packs: &Packs) -> Option<Unknown> {
        self.0.iter().find_map(|condition| {
            let value = match condition {
                Condition::Campaign(value) | Condition::Is(_, value) => value,
                Condition::Year(year) if limits::YEARS.contains(year) => return None,
                Condition::Year(year) => return Some(Unknown::year(*year)),
            };
            let known = named(packs, condition.field());
            // A pack need not name its channels.
            let strange = !known.is_empty() && !known.contains(value);
            strange.then(|| Unknown::of(condition.field(), value, &known))
        })
    }

    /// Whether it names nothing but times: such a figure is about no place, unit or kind of matter.
    pub fn is_by_time(&self) -> bool {
        !self.0.iter().any(|condition| matches!(condition, Condition::Is(..)))
    }

    /// What to count in a district; `None` where nothing there can belong to it.
    pub(super) fn slice(
        &self,
        district: &str,
        cutoff: Millis,
        pack: Option<&Pack>,
        sight: Sight,
    ) -> Option<Slice> {
        let (mut registered, mut columns) = (Millis::MIN..Millis::MAX, Vec::new());
        for condition in &self.0 {
            match condition {
                Condition::Is(column, value) => columns.push((*column, value.clone())),
                _ => registered = within(registered, condition.span(pack)?),
            }
        }
        Some(Slice { district: district.to_owned(), cutoff, registered, columns, sight })
    }
}

/// A value of a cohort that no pack has, or a year in which there can be no case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no {field} {value:?}. There are {known}{}.", and_more(.more))]
pub struct Unknown {
    /// Which condition names it.
    pub field: &'static str,
    /// What was named.
    pub value: String,
    /// Those that there are, or the first of them.
    pub known: String,
    /// How many more there are.
    pub more: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "thiserror passes a reference")]
fn and_more(more: &usize) -> String {
    if *more > 0 { format!(" and {more} more") } else { String::new() }
}

impl Unknown {
    pub(super) fn of(field: &'static str, value: &str, known: &BTreeSet<String>) -> Self {
        let first: Vec<&str> = known.iter().take(limits::VALUES_NAMED).map(String::as_str).collect();
        Unknown { field, value: value.to_owned(), known: first.join(", "), more: known.len() - first.len() }
    }

    fn year(year: i32) -> Self {
        let known = format!("{}–{}", limits::YEARS.start(), limits::YEARS.end());
        Unknown { field: "year", value: year.to_string(), known, more: 0 }
    }
}

/// The values that packs have, of every version that was let in.
fn named(packs: &Packs, field: &str) -> BTreeSet<String> {
    let packs = || packs.all().map(|pack| &**pack);
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match field {
        "campaign" => packs().flat_map(Pack::campaigns).map(|campaign| campaign.id).collect(),
        "category" => packs().flat_map(Pack::categories).map(|category| category.code.clone()).collect(),
        "channel" => packs().flat_map(Pack::channels).map(str::to_owned).collect(),
        "unit" | "place" => packs().flat_map(Pack::units).map(|unit| unit.code.clone()).collect(),
        "tier" => words(&[Tier::Village, Tier::Town, Tier::Department, Tier::District].map(Tier::code)),
        "step" => words(&Step::ALL.map(Step::code)),
        "severity" => words(SEVERITY),
        "urgency" => words(URGENCY),
        _ => BTreeSet::new(),
    }
}

impl Condition {
    fn field(&self) -> &'static str {
        match self {
            Condition::Year(_) => "year",
            Condition::Campaign(_) => "campaign",
            Condition::Is(column, _) => column.name(),
        }
    }

    fn parse(text: &str) -> Option<Condition> {
        let (name, value) = text.split_once('=')?;
        match name {
            "year" => value.parse().ok().map(Condition::Year),
            "campaign" => Some(Condition::Campaign(value.to_owned())),
            _ => Column::named(name).map(|column| Condition::Is(column, value.to_owned())),
        }
    }

    fn span(&self, pack: Option<&Pack>) -> Option<Range<Millis>> {
        match self {
            Condition::Year(year) => {
                let first = |year| {
                    let day = date(i16::try_from(year).ok()?, 1, 1)
                        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
                    day.map(|day| day.timestamp().as_millisecond()).ok()
                };
                limits::YEARS.contains(year).then(|| Some(first(*year)?..first(year + 1)?))?
            }
            Condition::Campaign(id) => {
                let campaign = pack?.campaigns().find(|campaign| campaign.id == *id)?;
                Some(campaign.from.as_millisecond()..campaign.to.as_millisecond())
            }
            Condition::Is(..) => Some(Millis::MIN..Millis::MAX),
        }
    }
}

fn within(a: Range<Millis>, b: Range<Millis>) -> Range<Millis> {
    a.start.max(b.start)..a.end.min(b.end)
}

impl fmt::Display for Cohort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("all");
        }
        for (at, condition) in self.0.iter().enumerate() {
            f.write_str(if at > 0 { "," } else { "" })?;
            match condition {
                Condition::Year(year) => write!(f, "year={year}")?,
                Condition::Campaign(id) => write!(f, "campaign={id}")?,
                Condition::Is(column, value) => write!(f, "{}={value}", column.name())?,
            }
        }
        Ok(())
    }
}
