//! The list of units as people keep it: columns, spaces, dates that run forward, parents that last as long as what is
//! under them.
//!
//! Owns what loading lets pass because older versions were let in with it. Never changes a unit.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::words::invisible;
use crate::Level;
use crate::clock::beijing_date;
use crate::limits::{MAX_DEPTH, YEARS};
use crate::problem::{Problem, Source};
use crate::said::{Said, said};
use crate::units::{Row, Units};

const HEADER: &str = "code,name,level,parent,from,until";
/// The last column may be left out.
const ALSO: &str = ",also";

pub(super) fn check(units: &Units, district: Option<&str>, source: Source<'_>, problems: &mut Vec<Problem>) {
    let first = source.text.lines().next().unwrap_or("").trim_start_matches('\u{feff}').trim_end();
    if first.strip_suffix(ALSO).unwrap_or(first) != HEADER {
        problems.push(source.line(1, 1, "units-header", said("units-header")));
        return;
    }
    cells(source, problems);
    let mut rows: Vec<&Row> = units.all_rows().collect();
    rows.sort_by_key(|row| row.line);
    let mut names: BTreeMap<(&str, Option<&str>), &Row> = BTreeMap::new();
    for row in rows {
        dates(row, source, problems);
        place(row, units, district, source, problems);
        also(row, source, problems);
        let key = (row.unit.name.as_str(), row.unit.parent.as_deref());
        let other = names.insert(key, row).filter(|other| other.unit.code != row.unit.code);
        if let Some(other) = other.filter(|other| other.unit.overlaps(&row.unit)) {
            let said = said("units-same-name").with("unit", &row.unit.code);
            let said = said.with("other", &other.unit.code).with("line", other.line);
            problems.push(source.line(row.line, column(source, row.line, 1), "duplicate", said));
        }
    }
}

/// Column of the nth cell of a line.
fn column(source: Source<'_>, line: u32, cell: usize) -> u32 {
    let text = source.text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
    let before: usize = text.split(',').take(cell).map(|c| c.chars().count() + 1).sum();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}

/// What a spreadsheet leaves around a cell would make it another code.
fn cells(source: Source<'_>, problems: &mut Vec<Problem>) {
    for (number, line) in source.text.lines().enumerate().skip(1).filter(|(_, l)| !l.trim().is_empty()) {
        let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
        for (n, cell) in line.trim_end_matches('\r').split(',').enumerate() {
            let said = if cell.trim() != cell {
                said("cell-spaces").name("cell", cell)
            } else if cell.chars().any(invisible) {
                said("cell-invisible")
            } else if cell.contains('"') {
                said("cell-quoted").with("cell", cell)
            } else if n == 0 && !cell.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
                said("cell-no-code").name("cell", cell)
            } else {
                continue;
            };
            problems.push(source.line(number, column(source, number, n), "units-cell", said));
        }
    }
}

/// One character stands for nothing that people would know.
fn also(row: &Row, source: Source<'_>, problems: &mut Vec<Problem>) {
    if let Some(short) = row.unit.also.iter().find(|name| name.chars().count() < 2) {
        let said = said("units-also").name("name", short);
        problems.push(source.line(row.line, column(source, row.line, 6), "units-also", said));
    }
}

fn dates(row: &Row, source: Source<'_>, problems: &mut Vec<Problem>) {
    let unit = &row.unit;
    let (first, last) = YEARS;
    let strange =
        |at: &Option<Timestamp>| at.is_some_and(|at| !(first..=last).contains(&beijing_date(at).year()));
    for (cell, at) in [(4, unit.from), (5, unit.until)] {
        if strange(&at) {
            let said = said("units-date").with("first", first).with("last", last);
            problems.push(source.line(row.line, column(source, row.line, cell), "units-date", said));
        }
    }
    if let (Some(from), Some(until)) = (unit.from, unit.until)
        && until <= from
    {
        let said = said("units-period").with("unit", &unit.code);
        problems.push(source.line(row.line, column(source, row.line, 5), "period", said));
    }
}

fn place(row: &Row, units: &Units, district: Option<&str>, source: Source<'_>, problems: &mut Vec<Problem>) {
    let unit = &row.unit;
    let mut say = |cell: usize, code: &str, said: Said| {
        problems.push(source.line(
            row.line,
            column(source, row.line, cell),
            code,
            said.with("unit", &unit.code),
        ));
    };
    let digits = match unit.level {
        Level::Village => 12,
        Level::Town => 9,
        Level::District => 6,
        Level::Department => unit.code.len(),
    };
    if unit.code.len() != digits && unit.code.bytes().all(|b| b.is_ascii_digit()) {
        say(0, "units-code", said("units-code").with("has", unit.code.len()).with("digits", digits));
    }
    let periods = units.periods(&unit.code);
    if let Some(later) = periods.iter().find(|p| p.line < row.line && p.unit.from > unit.from) {
        say(0, "units-order", said("units-order").with("line", later.line));
    }
    let Some(above) = unit.parent.as_deref() else {
        if district.is_some_and(|district| district != unit.code) {
            say(3, "units-parent", said("units-no-parent"));
        }
        return;
    };
    if district == Some(unit.code.as_str()) {
        say(3, "units-parent", said("units-district-parent").with("above", above));
    }
    if units.above(&unit.code).len() >= MAX_DEPTH && !units.above(&unit.code).contains(&unit.code.as_str()) {
        say(3, "units-depth", said("units-depth").with("most", MAX_DEPTH));
    }
    let Some(parent) = units.latest(above) else { return };
    if parent.level < unit.level || parent.level == Level::Village {
        say(3, "units-parent", said("units-parent-level").with("above", above));
    }
    let ends = |until: Option<Timestamp>| until.unwrap_or(Timestamp::MAX);
    if ends(parent.until) < ends(unit.until) {
        say(3, "units-ended", said("units-ended").with("above", above));
    }
}
