//! Working days from iCalendar files: days off (休) and worked weekends (班) as the State Council announces them.
//!
//! Owns the reading of the files and the counting. Never guesses holidays: a year without a file knows weekends only.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::limits::MAX_EVENT_DAYS;
use crate::problem::{Problem, Source};
use crate::said::said;

/// Which days are worked. Weekends are off unless the files say otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    /// True: worked although a weekend. False: off.
    days: BTreeMap<Date, bool>,
    covered: BTreeSet<i16>,
}

impl WorkCalendar {
    /// Whether a day is worked.
    pub fn is_working_day(&self, day: Date) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.days.get(&day).copied().unwrap_or(!weekend)
    }

    /// Whether the holidays of a year are known.
    pub fn covers(&self, year: i16) -> bool {
        self.covered.contains(&year)
    }

    /// The years whose holidays are known.
    pub(crate) fn years(&self) -> impl Iterator<Item = i16> {
        self.covered.iter().copied()
    }

    /// The days that the files name, and whether each is worked.
    pub(crate) fn days(&self) -> impl Iterator<Item = (Date, bool)> {
        self.days.iter().map(|(day, worked)| (*day, *worked))
    }

    /// The nth working day after a day, which itself does not count; the day itself for n = 0.
    pub fn nth_working_day_after(&self, day: Date, n: u32) -> Date {
        (0..n).fold(day, |d, _| self.first_working_day_from(d.tomorrow().unwrap_or(Date::MAX)))
    }

    /// This day if it is worked, else the next that is.
    pub fn first_working_day_from(&self, day: Date) -> Date {
        let mut day = day;
        while !self.is_working_day(day) && day < Date::MAX {
            day = day.tomorrow().unwrap_or(Date::MAX);
        }
        day
    }

    /// Reads one file into the calendar.
    pub(crate) fn read(&mut self, source: Source<'_>, problems: &mut Vec<Problem>) {
        let mut event = Event::default();
        let mut years = BTreeSet::new();
        for (number, line) in source.text.lines().enumerate() {
            let number = u32::try_from(number + 1).unwrap_or(u32::MAX);
            let Some((name, value)) = line.trim_end().split_once(':') else { continue };
            let property = name.split(';').next().unwrap_or(name);
            match (property, value) {
                ("BEGIN", "VEVENT") => event = Event { inside: true, ..Event::default() },
                ("END", "VEVENT") => {
                    self.add(&event, source, number, &mut years, problems);
                    event = Event::default();
                }
                ("DTSTART", _) if event.inside => event.start = parse_day(value),
                ("DTEND", _) if event.inside => event.end = parse_day(value),
                ("SUMMARY" | "DESCRIPTION", _) if event.inside => event.note(value),
                _ => {}
            }
        }
        if years.is_empty() {
            problems.push(source.line(1, 1, "calendar-empty", said("calendar-empty")));
        }
        self.covered.extend(years);
    }

    fn add(
        &mut self,
        event: &Event,
        source: Source<'_>,
        line: u32,
        years: &mut BTreeSet<i16>,
        problems: &mut Vec<Problem>,
    ) {
        let (Some(start), Some(worked)) = (event.start, event.worked) else {
            problems.push(source.line(line, 1, "calendar-event", said("calendar-event-blank")));
            return;
        };
        // DTEND is exclusive (RFC 5545, 3.6.1); without it an event lasts one day.
        let end = event.end.unwrap_or_else(|| start.saturating_add(1.day()));
        let mut day = start;
        for _ in 0..MAX_EVENT_DAYS {
            if day >= end {
                break;
            }
            self.days.insert(day, worked);
            day = day.tomorrow().unwrap_or(Date::MAX);
        }
        // The notice for one year may also move a day at the turn of the years: January alone covers nothing.
        if start.month() > 1 {
            years.insert(start.year());
        }
    }
}

#[derive(Default)]
struct Event {
    inside: bool,
    start: Option<Date>,
    end: Option<Date>,
    worked: Option<bool>,
}

impl Event {
    fn note(&mut self, value: &str) {
        if value.contains('班') {
            self.worked = Some(true);
        } else if value.contains('休') {
            self.worked = self.worked.or(Some(false));
        }
    }
}

/// `20250101`, or the date of `20250101T000000`.
pub(crate) fn parse_day(value: &str) -> Option<Date> {
    let part = |range: std::ops::Range<usize>| value.get(range)?.parse::<i16>().ok();
    let (month, day) = (i8::try_from(part(4..6)?).ok()?, i8::try_from(part(6..8)?).ok()?);
    Date::new(part(0..4)?, month, day).ok()
}
