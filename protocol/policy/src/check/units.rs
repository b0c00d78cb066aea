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
use crate::units::{Row, Units};

const HEADER: &str = "code,name,level,parent,from,until";

pub(super) fn check(units: &Units, district: Option<&str>, source: Source<'_>, problems: &mut Vec<Problem>) {
    let first = source.text.lines().next().unwrap_or("").trim_start_matches('\u{feff}').trim_end();
    if first != HEADER {
        let message = "the list does not begin with the names of its columns".to_owned();
        problems.push(source.line(
            1,
            1,
            "units-header",
            message,
            "write code,name,level,parent,from,until in line 1",
        ));
        return;
    }
    cells(source, problems);
    let mut rows: Vec<&Row> = units.all_rows().collect();
    rows.sort_by_key(|row| row.line);
    let mut names: BTreeMap<(&str, Option<&str>), &Row> = BTreeMap::new();
    for row in rows {
        dates(row, source, problems);
        place(row, units, district, source, problems);
        let key = (row.unit.name.as_str(), row.unit.parent.as_deref());
        let other = names.insert(key, row).filter(|other| other.unit.code != row.unit.code);
        if let Some(other) = other.filter(|other| other.unit.overlaps(&row.unit)) {
            let message = format!(
                "{} has the name and the parent of {} in line {}",
                row.unit.code, other.unit.code, other.line
            );
            let remedy = "correct the name, or remove one of the rows";
            problems.push(source.line(row.line, column(source, row.line, 1), "duplicate", message, remedy));
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
            let (message, remedy) = if cell.trim() != cell {
                (format!("a cell begins or ends with a space: {cell:?}"), "take out the space")
            } else if cell.chars().any(invisible) {
                ("a cell has a character that nobody sees".into(), "write the cell anew, without copying it")
            } else if cell.contains('"') {
                (format!("a cell has quotation marks: {cell}"), "write it without")
            } else if n == 0 && !cell.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
                (format!("{cell:?} cannot be a code"), "write digits, letters a to z and -")
            } else {
                continue;
            };
            problems.push(source.line(number, column(source, number, n), "units-cell", message, remedy));
        }
    }
}

fn dates(row: &Row, source: Source<'_>, problems: &mut Vec<Problem>) {
    let unit = &row.unit;
    let (first, last) = YEARS;
    let strange =
        |at: &Option<Timestamp>| at.is_some_and(|at| !(first..=last).contains(&beijing_date(at).year()));
    for (cell, at) in [(4, unit.from), (5, unit.until)] {
        if strange(&at) {
            let message = format!("the date is not in the years {first} to {last}");
            let remedy = "correct the date; leave it empty where there is none";
            problems.push(source.line(
                row.line,
                column(source, row.line, cell),
                "units-date",
                message,
                remedy,
            ));
        }
    }
    if let (Some(from), Some(until)) = (unit.from, unit.until)
        && until <= from
    {
        let message = format!("{} ends before it begins", unit.code);
        let remedy = "`until` is the first day on which it is no more, and lies after `from`";
        problems.push(source.line(row.line, column(source, row.line, 5), "period", message, remedy));
    }
}

fn place(row: &Row, units: &Units, district: Option<&str>, source: Source<'_>, problems: &mut Vec<Problem>) {
    let unit = &row.unit;
    let mut say = |cell: usize, code: &str, message: String, remedy: &str| {
        problems.push(source.line(row.line, column(source, row.line, cell), code, message, remedy));
    };
    let digits = match unit.level {
        Level::Village => 12,
        Level::Town => 9,
        Level::District => 6,
        Level::Department => unit.code.len(),
    };
    if unit.code.len() != digits && unit.code.bytes().all(|b| b.is_ascii_digit()) {
        let message =
            format!("{} has {} digits; a code of this level has {digits}", unit.code, unit.code.len());
        say(
            0,
            "units-code",
            message,
            "correct the code or the level; what is no division has letters in its code",
        );
    }
    let periods = units.periods(&unit.code);
    if let Some(later) = periods.iter().find(|p| p.line < row.line && p.unit.from > unit.from) {
        let message = format!("this row of {} is earlier than the one in line {}", unit.code, later.line);
        say(0, "units-order", message, "write the rows of one unit in order of time");
    }
    let Some(above) = unit.parent.as_deref() else {
        if district.is_some_and(|district| district != unit.code) {
            let message = format!("{} is under no unit", unit.code);
            say(3, "units-parent", message, "write the code of the unit above; only the district has none");
        }
        return;
    };
    if district == Some(unit.code.as_str()) {
        let message = format!("the district {} is under {above}", unit.code);
        say(3, "units-parent", message, "leave the parent of the district empty");
    }
    if units.above(&unit.code).len() >= MAX_DEPTH && !units.above(&unit.code).contains(&unit.code.as_str()) {
        let message = format!("{} has {MAX_DEPTH} or more units above it", unit.code);
        say(
            3,
            "units-depth",
            message,
            "correct the parent; villages are under towns, towns under the district",
        );
    }
    let Some(parent) = units.latest(above) else { return };
    if parent.level < unit.level || parent.level == Level::Village {
        let message = format!("{} is under {above}, which is no unit above it", unit.code);
        say(3, "units-parent", message, "correct the level or the parent");
    }
    let ends = |until: Option<Timestamp>| until.unwrap_or(Timestamp::MAX);
    if ends(parent.until) < ends(unit.until) {
        let message = format!("{} goes on although {above}, which it is under, has ended", unit.code);
        let remedy = "end this row with the same `until`, and add one under the unit that came after";
        say(3, "units-ended", message, remedy);
    }
}
