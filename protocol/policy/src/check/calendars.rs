//! Calendars as files: whole, each year once, no year left out between two, no day that is both worked and off.
//!
//! Owns what loading lets pass because older versions were let in with it. Never counts a day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::PackFiles;
use crate::calendar::{WorkCalendar, parse_day};
use crate::limits::{MAX_EVENT_DAYS, YEARS};
use crate::problem::{Problem, Source};

pub(super) fn check(files: &PackFiles, problems: &mut Vec<Problem>) {
    let mut years: BTreeMap<i16, &str> = BTreeMap::new();
    let mut days: BTreeMap<Date, (bool, &str)> = BTreeMap::new();
    for (file, text) in files.0.iter().filter(|(file, _)| file.rsplit('.').next() == Some("ics")) {
        let source = Source { file, text };
        whole(source, problems);
        let mut calendar = WorkCalendar::default();
        calendar.read(source, &mut Vec::new());
        for year in calendar.years() {
            if let Some(other) = years.insert(year, file) {
                let message = format!("the holidays of {year} are in {other} too");
                problems.push(source.line(1, 1, "calendar-twice", message, "remove one of the two files"));
            }
        }
        for (day, worked) in calendar.days() {
            if let Some((_, other)) = days.insert(day, (worked, file)).filter(|(before, _)| *before != worked)
            {
                let message = format!("{day} is worked here and off in {other}, or the other way round");
                problems.push(source.line(1, 1, "calendar-twice", message, "correct the one that is wrong"));
            }
        }
    }
    for (year, next) in years.keys().zip(years.keys().skip(1)).filter(|(year, next)| *next - *year > 1) {
        let source = Source { file: years.get(next).copied().unwrap_or(""), text: "" };
        let message = format!("there are holidays for {year} and {next} and none between");
        problems.push(source.line(1, 1, "calendar-gap", message, "add the calendars of the years between"));
    }
}

/// Every part that begins ends, and the calendar is the last to.
fn whole(source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut open: Vec<(&str, u32)> = Vec::new();
    let mut ended = false;
    let mut event = (None, None);
    let mut said: BTreeSet<Date> = BTreeSet::new();
    let mut number = 0;
    let remedy = "get the file again: it is cut off or was joined from two";
    for line in source.text.lines() {
        number += 1;
        let Some((name, value)) = line.trim_end().split_once(':') else { continue };
        match (name.split(';').next().unwrap_or(name), value) {
            ("BEGIN", part) => {
                let nested = part == "VEVENT" && open.len() != 1;
                if open.is_empty() != (part == "VCALENDAR") || nested || ended {
                    let message = format!("{part} begins where it cannot");
                    problems.push(source.line(number, 1, "calendar-cut", message, remedy));
                    return;
                }
                open.push((part, number));
                event = (None, None);
            }
            ("END", part) => {
                if open.pop().is_none_or(|(begun, _)| begun != part) {
                    let message = format!("{part} ends where it did not begin");
                    problems.push(source.line(number, 1, "calendar-cut", message, remedy));
                    return;
                }
                ended = open.is_empty();
                if part == "VEVENT" {
                    span(event, &mut said, number, source, problems);
                }
            }
            ("DTSTART", day) if open.last().is_some_and(|(part, _)| *part == "VEVENT") => {
                event.0 = parse_day(day);
            }
            ("DTEND", day) if open.last().is_some_and(|(part, _)| *part == "VEVENT") => {
                event.1 = parse_day(day);
                if event.1.is_none() {
                    let message = format!("an event ends on no day: {day}");
                    problems.push(source.line(
                        number,
                        1,
                        "calendar-event",
                        message,
                        "write it like 20250102",
                    ));
                }
            }
            _ => {}
        }
    }
    if let Some((part, begun)) = open.last() {
        let message = format!("the file ends before {part}, which begins in line {begun}, has ended");
        problems.push(source.line(number.max(1), 1, "calendar-cut", message, remedy));
    } else if !ended {
        let message = "this is no calendar: BEGIN:VCALENDAR and END:VCALENDAR are missing".to_owned();
        problems.push(source.line(1, 1, "calendar-cut", message, remedy));
    }
}

/// An event is some days long, forward, and no day has two.
fn span(
    (start, end): (Option<Date>, Option<Date>),
    said: &mut BTreeSet<Date>,
    line: u32,
    source: Source<'_>,
    problems: &mut Vec<Problem>,
) {
    let Some(start) = start else { return };
    let (first, last) = YEARS;
    if !(first..=last).contains(&start.year()) {
        let message = format!("an event is in the year {}", start.year());
        let remedy = format!("write a day in the years {first} to {last}");
        problems.push(source.line(line, 1, "calendar-event", message, &remedy));
    }
    let days = end.map_or(1, |end| (end - start).get_days());
    if !(1..=MAX_EVENT_DAYS).contains(&days) {
        let message = format!("an event lasts {days} days; 1 to {MAX_EVENT_DAYS} are allowed");
        let remedy = "correct DTSTART and DTEND; DTEND is the day after the last";
        problems.push(source.line(line, 1, "calendar-event", message, remedy));
        return;
    }
    let mut day = start;
    for _ in 0..days {
        if !said.insert(day) {
            let message = format!("{day} is in two events of this file");
            problems.push(source.line(line, 1, "calendar-twice", message, "remove one of the two"));
            return;
        }
        day = day.tomorrow().unwrap_or(Date::MAX);
    }
}
