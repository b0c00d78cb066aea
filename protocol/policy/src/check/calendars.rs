//! Calendars as files: whole, each year once, no year left out between two, no day that is both worked and off.
//!
//! Owns what loading lets pass because older versions were let in with it. Never counts a day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};

use crate::PackFiles;
use crate::calendar::{WorkCalendar, parse_day};
use crate::limits::{MAX_EVENT_DAYS, YEARS};
use crate::problem::{Problem, Source};
use crate::said::{Said, said};

pub(super) fn check(files: &PackFiles, problems: &mut Vec<Problem>) {
    if !files.0.keys().any(|file| is_calendar(file)) {
        let source = Source { file: "calendars/", text: "" };
        problems.push(source.line(1, 1, "missing-file", said("calendar-none")));
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
                let said = said("calendar-year-twice").with("year", year).with("other", other);
                problems.push(source.line(1, 1, "calendar-twice", said));
            }
        }
        for (day, worked) in calendar.days() {
            if let Some((_, other)) = days.insert(day, (worked, file)).filter(|(before, _)| *before != worked)
            {
                let said = said("calendar-contradicts").with("day", day).with("other", other);
                problems.push(source.line(1, 1, "calendar-twice", said));
            }
        }
    }
    for (year, next) in years.keys().zip(years.keys().skip(1)).filter(|(year, next)| *next - *year > 1) {
        let source = Source { file: years.get(next).copied().unwrap_or(""), text: "" };
        let said = said("calendar-gap").with("year", year).with("next", next);
        problems.push(source.line(1, 1, "calendar-gap", said));
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
    ends: u32,
    /// Whether it is said to be off, and to be worked.
    off: bool,
    worked: bool,
}

/// Every part that begins ends, and the calendar is the last to.
fn whole(source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut open: Vec<(&str, u32)> = Vec::new();
    let mut ended = false;
    let mut event = Event::default();
    let mut taken: BTreeSet<Date> = BTreeSet::new();
    let mut number = 0;
    for line in source.text.lines() {
        number += 1;
        let Some((name, value)) = line.trim_end().split_once(':') else { continue };
        match (name.split(';').next().unwrap_or(name), value) {
            ("BEGIN", part) => {
                let nested = part == "VEVENT" && open.len() != 1;
                if open.is_empty() != (part == "VCALENDAR") || nested || ended {
                    let said = said("calendar-begins").with("part", part);
                    problems.push(source.line(number, 1, "calendar-cut", said));
                    return;
                }
                open.push((part, number));
                event = Event::default();
            }
            ("END", part) => {
                if open.pop().is_none_or(|(begun, _)| begun != part) {
                    let said = said("calendar-ends").with("part", part);
                    problems.push(source.line(number, 1, "calendar-cut", said));
                    return;
                }
                ended = open.is_empty();
                if part == "VEVENT" {
                    span(&event, &mut taken, number, source, problems);
                }
            }
            _ if open.last().is_none_or(|(part, _)| *part != "VEVENT") => {}
            ("DTSTART", day) => {
                event.start = parse_day(day);
                event.starts += 1;
            }
            ("DTEND", day) => {
                event.end = parse_day(day);
                event.ends += 1;
                if event.end.is_none() {
                    let said = said("calendar-event-end").with("day", day);
                    problems.push(source.line(number, 1, "calendar-event", said));
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
        let said = said("calendar-cut").with("part", part).with("begun", begun);
        problems.push(source.line(number.max(1), 1, "calendar-cut", said));
    } else if !ended {
        problems.push(source.line(1, 1, "calendar-cut", said("calendar-no-calendar")));
    }
}

/// An event is some days long, forward, of one kind, and no day has two.
fn span(
    event: &Event,
    taken: &mut BTreeSet<Date>,
    line: u32,
    source: Source<'_>,
    problems: &mut Vec<Problem>,
) {
    let Some(start) = event.start else { return };
    let mut say = |said: Said| problems.push(source.line(line, 1, "calendar-event", said));
    let (first, last) = YEARS;
    if !(first..=last).contains(&start.year()) {
        say(said("calendar-event-year").with("year", start.year()).with("first", first).with("last", last));
    }
    if event.starts > 1 {
        say(said("calendar-event-begins"));
    }
    if event.ends == 0 {
        // By RFC 5545 it lasts one day; a holiday of a week that lost the line would too, without a word.
        say(said("calendar-event-endless").with("day", start));
    }
    if event.off && event.worked {
        say(said("calendar-event-kinds"));
    }
    let weekend = matches!(start.weekday(), Weekday::Saturday | Weekday::Sunday);
    if event.worked && !event.off && !weekend {
        say(said("calendar-event-worked").with("day", start));
    }
    let days = event.end.map_or(1, |end| (end - start).get_days());
    if !(1..=MAX_EVENT_DAYS).contains(&days) {
        say(said("calendar-event-days").with("days", days).with("most", MAX_EVENT_DAYS));
        return;
    }
    let mut day = start;
    for _ in 0..days {
        if !taken.insert(day) {
            problems.push(source.line(
                line,
                1,
                "calendar-twice",
                said("calendar-day-twice").with("day", day),
            ));
            return;
        }
        day = day.tomorrow().unwrap_or(Date::MAX);
    }
}
