//! Calendars as files: whole, each year once, no year left out between two, no day that is both worked and off.
//!
//! Owns what loading lets pass because older versions were let in with it. Never counts a day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

use crate::PackFiles;
use crate::calendar::{WorkCalendar, parse_day};
use crate::limits::{MAX_EVENT_DAYS, YEARS};
use crate::problem::{Problem, Source};

pub(super) fn check(files: &PackFiles, problems: &mut Vec<Problem>) {
    if !files.0.keys().any(|file| is_calendar(file)) {
        let source = Source { file: "calendars/", text: "" };
        let message = "there is no calendar: holidays would count as working days".to_owned();
        problems.push(source.line(
            1,
            1,
            "missing-file",
            message,
            "add a file a year, such as calendars/cn-2025.ics",
        ));
    }
    let mut years: BTreeMap<i16, &str> = BTreeMap::new();
    let mut days: BTreeMap<Date, (bool, &str)> = BTreeMap::new();
    for (file, text) in files.0.iter().filter(|(file, _)| is_calendar(file)) {
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

fn is_calendar(file: &str) -> bool {
    file.rsplit('.').next() == Some("ics")
}

/// One event, as far as it has been read.
#[derive(Default)]
struct Event {
    start: Option<Date>,
    end: Option<Date>,
    starts: u32,
    /// Whether it is said to be off, and to be worked.
    off: bool,
    worked: bool,
}

/// Every part that begins ends, and the calendar is the last to.
fn whole(source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut open: Vec<(&str, u32)> = Vec::new();
    let mut ended = false;
    let mut event = Event::default();
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
                event = Event::default();
            }
            ("END", part) => {
                if open.pop().is_none_or(|(begun, _)| begun != part) {
                    let message = format!("{part} ends where it did not begin");
                    problems.push(source.line(number, 1, "calendar-cut", message, remedy));
                    return;
                }
                ended = open.is_empty();
                if part == "VEVENT" {
                    span(&event, &mut said, number, source, problems);
                }
            }
            _ if open.last().is_none_or(|(part, _)| *part != "VEVENT") => {}
            ("DTSTART", day) => {
                event.start = parse_day(day);
                event.starts += 1;
            }
            ("DTEND", day) => {
                event.end = parse_day(day);
                if event.end.is_none() {
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
            ("SUMMARY" | "DESCRIPTION", text) => {
                event.off |= text.contains('休');
                event.worked |= text.contains('班');
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

/// An event is some days long, forward, of one kind, and no day has two.
fn span(
    event: &Event,
    said: &mut BTreeSet<Date>,
    line: u32,
    source: Source<'_>,
    problems: &mut Vec<Problem>,
) {
    let Some(start) = event.start else { return };
    let mut say = |message: String, remedy: &str| {
        problems.push(source.line(line, 1, "calendar-event", message, remedy));
    };
    let (first, last) = YEARS;
    if !(first..=last).contains(&start.year()) {
        let remedy = format!("write a day in the years {first} to {last}");
        say(format!("an event is in the year {}", start.year()), &remedy);
    }
    if event.starts > 1 {
        say("an event begins twice".into(), "remove one DTSTART");
    }
    if event.off && event.worked {
        say("an event is marked 休 and 班".into(), "leave one of the two: 休 is off, 班 is worked");
    }
    let weekend = matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday);
    if event.worked && !event.off && !weekend {
        let message = format!("{start} is marked 班, but is no weekend and worked anyway");
        say(message, "correct the day: what is worked to make up for a holiday is a Saturday or Sunday");
    }
    let days = event.end.map_or(1, |end| (end - start).get_days());
    if !(1..=MAX_EVENT_DAYS).contains(&days) {
        let remedy = "correct DTSTART and DTEND; DTEND is the day after the last";
        say(format!("an event lasts {days} days; 1 to {MAX_EVENT_DAYS} are allowed"), remedy);
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
