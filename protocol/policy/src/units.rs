//! The units of a district: villages, towns, departments, the district; each with the dates in which it exists.
//!
//! Owns `units.csv` and the tree. Never knows a code by heart.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Tier;
use crate::clock::start_of;
use crate::limits::MAX_DEPTH;
use crate::problem::{Problem, Source};
use crate::said::{Said, said};

/// What kind of unit it is. In `units.csv` and packs: `village`, `town`, `department`, `district`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Village or community (12 digits).
    Village,
    /// Town or street (9 digits), and centres that belong to one.
    Town,
    /// A department of the district.
    Department,
    /// The district (6 digits), its intake desk, its leader.
    District,
}

impl Level {
    /// The tier that a case has when a unit of this level owns it.
    pub fn tier(self) -> Tier {
        match self {
            Self::Village => Tier::Village,
            Self::Town => Tier::Town,
            Self::Department => Tier::Department,
            Self::District => Tier::District,
        }
    }

    /// What a route's target says of the place: `town`, or `town-centre` for the unit `CODE-centre` beside it.
    pub(crate) fn of_target(target: &str) -> Option<(Self, Option<&str>)> {
        let (level, beside) = target.split_once('-').map_or((target, None), |(l, b)| (l, Some(b)));
        let level = Self::parse(level).filter(|l| *l != Self::Department)?;
        Some((level, beside.filter(|b| !b.is_empty())))
    }

    fn parse(text: &str) -> Option<Self> {
        match text {
            "village" => Some(Self::Village),
            "town" => Some(Self::Town),
            "department" => Some(Self::Department),
            "district" => Some(Self::District),
            _ => None,
        }
    }
}

/// One unit, or one period of it: units merge and move, so everything that names one is effective-dated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Division code, or the district's code with a name for departments.
    pub code: String,
    /// Name as written officially.
    pub name: String,
    /// Kind of unit.
    pub level: Level,
    /// The unit above; none for the district.
    pub parent: Option<String>,
    /// From this instant on (midnight in Beijing); none: since before the edition of the list.
    pub from: Option<Timestamp>,
    /// Until this instant, exclusive; none: still.
    pub until: Option<Timestamp>,
    /// What else people call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

/// How the names of committees end, and what their place is: people write 大东社区 for 大东社区居民委员会, 大佛寺村 for 大佛寺村民委员会.
const COMMITTEES: [(&str, &str); 4] =
    [("居民委员会", "社区"), ("居委会", "社区"), ("村民委员会", "村"), ("村委会", "村")];

/// The place that a committee is named after, as people call it.
fn place_of(committee: &str) -> Option<String> {
    let of = |(end, place): (&str, &str)| {
        let name = committee.strip_suffix(end).filter(|name| !name.is_empty())?;
        let whole = name.ends_with('村') || name.ends_with("社区");
        Some(if whole { name.to_owned() } else { format!("{name}{place}") })
    };
    COMMITTEES.into_iter().find_map(of)
}

impl Unit {
    /// Every name that it goes by: the official one, that of its place for a committee of one, what else the pack says.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let place = (self.level == Level::Village).then(|| place_of(&self.name)).flatten();
        std::iter::once(self.name.clone()).chain(place).chain(self.also.iter().cloned())
    }

    /// Whether both exist at some instant.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let before =
            |a: &Self, b: &Self| a.until.is_some_and(|until| b.from.is_some_and(|from| until <= from));
        !before(self, other) && !before(other, self)
    }

    /// Whether it exists at an instant.
    pub fn exists_at(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Names of fewer characters stand in half of all texts by chance.
const WITHIN: usize = 3;

fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

/// One row of `units.csv`, and its line.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) unit: Unit,
    pub(crate) line: u32,
}

/// All units of a pack by code; several periods of one code in order of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Units {
    rows: BTreeMap<String, Vec<Row>>,
    /// Codes of rows that do not read: what names one of them is no mistake of its own.
    broken: BTreeSet<String>,
    /// There is no list at all.
    missing: bool,
    /// Codes by name without white space, of every period, and how many characters these names have.
    called: BTreeMap<String, BTreeSet<String>>,
    lengths: BTreeSet<usize>,
}

impl Units {
    /// Those of a pack without the file.
    pub(crate) fn missing() -> Self {
        Self { missing: true, ..Self::default() }
    }

    pub(crate) fn get(&self, code: &str, at: Timestamp) -> Option<&Unit> {
        self.periods(code).iter().map(|row| &row.unit).find(|u| u.exists_at(at))
    }

    /// The latest known period, whatever the time.
    pub(crate) fn latest(&self, code: &str) -> Option<&Unit> {
        self.periods(code).last().map(|row| &row.unit)
    }

    /// The rows of a code.
    pub(crate) fn periods(&self, code: &str) -> &[Row] {
        self.rows.get(code).map_or(&[], Vec::as_slice)
    }

    /// Whether a code is nowhere in the list, not even in a row that does not read.
    pub(crate) fn lacks(&self, code: &str) -> bool {
        !self.missing && !self.rows.contains_key(code) && !self.broken.contains(code)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Unit> {
        self.all_rows().map(|row| &row.unit)
    }

    pub(crate) fn all_rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().flatten()
    }

    /// Codes of the units that a text is the name of, or has the whole names or codes of in it, the longest first: 「曾口镇某干部」
    /// is of 曾口镇. Names however they are spaced. `but` is found alone and never within.
    pub(crate) fn named_in(&self, text: &str, but: &str) -> BTreeSet<String> {
        let runs = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let codes = runs.map(|run| run.trim_matches('-').to_ascii_lowercase()).filter(|code| code != but);
        let mut found: BTreeSet<String> = codes.filter(|code| self.latest(code).is_some()).collect();
        let text: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut at = 0;
        while at < text.len() {
            let whole = |length: usize| at == 0 && length == text.len();
            let lengths = self.lengths.iter().rev().filter(|length| **length >= WITHIN || whole(**length));
            let named = lengths.copied().find_map(|length| {
                let name: String = text.get(at..at + length)?.iter().collect();
                let codes = self.called.get(&name)?;
                (whole(length) || !codes.contains(but)).then_some((length, codes))
            });
            match named {
                Some((length, codes)) => {
                    found.extend(codes.iter().cloned());
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// Codes above, nearest first.
    pub(crate) fn above(&self, code: &str) -> Vec<&str> {
        let mut above = Vec::new();
        let mut at = self.latest(code);
        while let Some(parent) = at.and_then(|u| u.parent.as_deref()) {
            if above.len() >= MAX_DEPTH {
                break;
            }
            above.push(parent);
            at = self.latest(parent);
        }
        above
    }

    /// The unit itself or the nearest above it that exists at the time.
    pub(crate) fn standing(&self, code: &str, at: Timestamp) -> Option<&Unit> {
        std::iter::once(code).chain(self.above(code)).find_map(|c| self.get(c, at))
    }

    /// Reads `code,name,level,parent,from,until,also`, dates as `2022-12-29`, other names parted by `;`. Names carry no commas, and
    /// the last cell may be left out.
    pub(crate) fn read(source: Source<'_>, problems: &mut Vec<Problem>) -> Self {
        let mut units = Self::default();
        for (number, line) in source.text.lines().enumerate().skip(1).filter(|(_, l)| !l.trim().is_empty()) {
            let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
            match parse_row(line.trim_end()) {
                Ok(unit) => {
                    let periods = units.rows.entry(unit.code.clone()).or_default();
                    if periods.iter().any(|other| other.unit.overlaps(&unit)) {
                        let said = said("units-twice").with("unit", &unit.code);
                        problems.push(source.line(number, 1, "units-row", said));
                    }
                    for name in unit.names() {
                        let name = plain(&name);
                        units.lengths.insert(name.chars().count());
                        units.called.entry(name).or_default().insert(unit.code.clone());
                    }
                    periods.push(Row { unit, line: number });
                }
                Err((column, said)) => {
                    units.broken.extend(line.split(',').next().map(str::to_owned));
                    problems.push(source.line(number, column, "units-row", said));
                }
            }
        }
        units.check_tree(source, problems);
        units
    }

    fn check_tree(&self, source: Source<'_>, problems: &mut Vec<Problem>) {
        // One that is missing is one mistake, however many are under it.
        let mut orphans: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in self.all_rows() {
            let unit = &row.unit;
            if let Some(missing) = unit.parent.as_deref().filter(|p| self.lacks(p)) {
                orphans.entry(missing).or_default().push(row);
            }
            if self.above(&unit.code).contains(&unit.code.as_str()) {
                let said = said("units-loop").with("unit", &unit.code);
                problems.push(source.line(row.line, 1, "units-loop", said));
            }
        }
        for (missing, rows) in orphans {
            let Some(first) = rows.iter().min_by_key(|row| row.line) else { continue };
            let said = match rows.len() - 1 {
                0 => said("units-orphan"),
                others => said("units-orphans").with("others", others),
            };
            let said = said.with("unit", &first.unit.code).with("missing", missing);
            problems.push(source.line(first.line, 1, "unknown-unit", said));
        }
    }
}

fn parse_row(line: &str) -> Result<Unit, (u32, Said)> {
    let cells: Vec<&str> = line.split(',').collect();
    let (code, name, level, parent, from, until, also) = match *cells.as_slice() {
        [code, name, level, parent, from, until] => (code, name, level, parent, from, until, ""),
        [code, name, level, parent, from, until, also] => (code, name, level, parent, from, until, also),
        _ => return Err((1, said("row-cells").with("n", cells.len()))),
    };
    let column = |before: &[&str]| {
        let chars: usize = before.iter().map(|c| c.chars().count() + 1).sum();
        u32::try_from(chars + 1).unwrap_or(u32::MAX)
    };
    if code.is_empty() || name.is_empty() {
        return Err((1, said("row-nameless")));
    }
    let level =
        Level::parse(level).ok_or_else(|| (column(&[code, name]), said("row-level").name("level", level)))?;
    let date = |text: &str, before: &[&str]| match text {
        "" => Ok(None),
        _ => match text.parse::<Date>() {
            Ok(day) => Ok(Some(start_of(day))),
            Err(_) => Err((column(before), said("row-date").name("date", text))),
        },
    };
    Ok(Unit {
        code: code.into(),
        name: name.into(),
        level,
        parent: (!parent.is_empty()).then(|| parent.into()),
        from: date(from, &[code, name, cells[2], parent])?,
        until: date(until, &[code, name, cells[2], parent, from])?,
        also: also.split(';').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units() -> Units {
        let text = "code,name,level,parent,from,until,also\n\
            511902,巴州区,district,,,\n\
            511902-housing,巴州区住房和城乡建设局,department,511902,,,区住建局;住建局;住建\n\
            511902105,曾口镇,town,511902,,\n\
            511902105201,书台社区居民委员会,village,511902105,,\n\
            511902105202,大佛寺村民委员会,village,511902105,,\n\
            511902105203,柏林村村民委员会,village,511902105,,\n\
            511902105204,北门居委会,village,511902105,,\n";
        let mut problems = Vec::new();
        let units = Units::read(Source { file: "units.csv", text }, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        units
    }

    #[test]
    fn people_name_a_committee_by_its_place_and_an_office_by_its_short_name() {
        let units = units();
        let named = |text: &str| -> Vec<String> { units.named_in(text, "511902").into_iter().collect() };
        for (text, code) in [
            ("书台社区主任张三", "511902105201"),
            ("书台社区居民委员会", "511902105201"),
            ("大佛寺村支书", "511902105202"),
            ("柏林村 会计", "511902105203"),
            ("北门社区", "511902105204"),
            ("巴州区住建局某科长", "511902-housing"),
            ("住建", "511902-housing"),
        ] {
            assert_eq!(named(text), [code], "{text}");
        }
        assert_eq!(named("曾口镇柏林村"), ["511902105", "511902105203"]);
        for text in ["大佛寺", "住建工作", "柏林", "巴州区某人"] {
            assert_eq!(named(text), [""; 0], "{text}");
        }
    }
}
