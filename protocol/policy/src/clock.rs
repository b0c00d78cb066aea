//! Lengths of time in packs: ISO 8601 durations, and deadlines in hours, calendar days or working days.
//!
//! Owns how a deadline is counted, in Beijing time. Never reads the time; a start is passed in.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::calendar::WorkCalendar;
use crate::limits::MAX_DAYS;
use crate::pack::wording;

/// How a deadline is counted. In a pack: `{ hours = 24 }`, `{ days = 60 }`, `{ working_days = 7 }`,
/// `{ same_day = "17:00" }`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Span {
    /// Hours from the start, to the second.
    Hours(u32),
    /// Calendar days; the day of the start does not count, the last day ends at 24:00.
    Days(u32),
    /// Working days of the State Council's notice, counted likewise.
    WorkingDays(u32),
    /// Hours of the office (09:00 to 17:00 of working days), for what nobody does at night. The hours are chosen.
    WorkingHours(u32),
    /// The end of the day itself (当日) for what starts on a working day before this hour; of the next working day for
    /// what starts later or on a day off.
    SameDay(Time),
}

/// What happens to a last day that nobody works on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LastDay {
    /// It stands.
    #[default]
    Stands,
    /// It moves to the next working day (Civil Code, article 203).
    NextWorkingDay,
}

/// A counted deadline, and the years for which no notice was known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) at: Timestamp,
    pub(crate) provisional_years: Vec<i16>,
}

/// Counts a span from a start.
pub(crate) fn due(span: Span, last_day: LastDay, calendar: &WorkCalendar, start: Timestamp) -> Due {
    let first = beijing_date(start);
    let last = match span {
        Span::Hours(n) => {
            let at = later(start, SignedDuration::from_hours(i64::from(n.min(MAX_DAYS * 24))));
            return Due { at, provisional_years: Vec::new() };
        }
        Span::WorkingHours(n) => return within_office(calendar, start, n),
        Span::Days(n) => {
            let day = plus_days(first, n);
            match last_day {
                LastDay::Stands => return Due { at: end_of(day), provisional_years: Vec::new() },
                LastDay::NextWorkingDay => calendar.first_working_day_from(day),
            }
        }
        Span::WorkingDays(n) => calendar.nth_working_day_after(first, n.min(MAX_DAYS)),
        Span::SameDay(until) if beijing_time(start) < until => calendar.first_working_day_from(first),
        Span::SameDay(_) => calendar.nth_working_day_after(first, 1),
    };
    let counted = match span {
        Span::WorkingDays(_) | Span::SameDay(_) => first,
        Span::Hours(_) | Span::WorkingHours(_) | Span::Days(_) => plus_days(first, 1).min(last),
    };
    let provisional_years =
        (counted.year()..=last.year()).filter(|year| !calendar.covers(*year)).collect::<Vec<_>>();
    Due { at: end_of(last), provisional_years }
}

/// The hours between which a working day's hours count.
const OFFICE: (i8, i8) = (9, 17);

/// Counts hours of the office from a start.
fn within_office(calendar: &WorkCalendar, start: Timestamp, hours: u32) -> Due {
    let (opens, closes) = OFFICE;
    let first = beijing_date(start);
    let at = |day: Date, hour: i8| {
        day.at(hour, 0, 0, 0).to_zoned(beijing()).map_or(Timestamp::MAX, |z| z.timestamp())
    };
    let mut day = calendar.first_working_day_from(first);
    let mut from = if day == first { start.clamp(at(day, opens), at(day, closes)) } else { at(day, opens) };
    let mut left = SignedDuration::from_hours(i64::from(hours.min(MAX_DAYS * 8)));
    loop {
        let today = from.duration_until(at(day, closes));
        if left <= today {
            break;
        }
        left -= today;
        day = calendar.nth_working_day_after(day, 1);
        from = at(day, opens);
    }
    let provisional_years = (first.year()..=day.year()).filter(|year| !calendar.covers(*year)).collect();
    Due { at: later(from, left), provisional_years }
}

/// The Beijing date of an instant. China has kept UTC+8 without summer time since 1991.
pub(crate) fn beijing_date(at: Timestamp) -> Date {
    at.to_zoned(beijing()).date()
}

/// The time of day in Beijing.
fn beijing_time(at: Timestamp) -> Time {
    at.to_zoned(beijing()).time()
}

/// The last second of a day in Beijing (24:00, shown as 23:59:59 so that the date stays the date).
pub(crate) fn end_of(day: Date) -> Timestamp {
    day.at(23, 59, 59, 0).to_zoned(beijing()).map_or(Timestamp::MAX, |z| z.timestamp())
}

/// The first second of a day in Beijing.
pub(crate) fn start_of(day: Date) -> Timestamp {
    day.at(0, 0, 0, 0).to_zoned(beijing()).map_or(Timestamp::MIN, |z| z.timestamp())
}

/// This hour of a day in Beijing.
pub(crate) fn at_hour(day: Date, hour: Time) -> Timestamp {
    day.to_datetime(hour).to_zoned(beijing()).map_or(Timestamp::MAX, |z| z.timestamp())
}

/// An instant later by a duration; the end of time is the end of time.
pub(crate) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

fn plus_days(day: Date, n: u32) -> Date {
    day.checked_add(SignedDuration::from_hours(24 * i64::from(n.min(MAX_DAYS)))).unwrap_or(Date::MAX)
}

fn beijing() -> TimeZone {
    TimeZone::fixed(Offset::constant(8))
}

/// Parses `PnDTnHnMnS` (days count 24 hours) or `PnW`. `None` when it is anything else, months and years included.
pub(crate) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').map_or((rest, None), |(d, t)| (d, Some(t)));
    if days.is_empty() && time.is_none_or(str::is_empty) || time == Some("") {
        return None;
    }
    let mut seconds = units(days, &[('W', 604_800), ('D', 86_400)])?;
    seconds = seconds.checked_add(units(time.unwrap_or(""), &[('H', 3_600), ('M', 60), ('S', 1)])?)?;
    Some(SignedDuration::from_secs(seconds))
}

/// Reads an offset date-time as TOML writes it: `2025-03-03T10:00:00+08:00`, unquoted.
pub(crate) fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let written = toml::value::Datetime::deserialize(deserializer)?;
    let wrong = if written.offset.is_none() { wording::NO_OFFSET } else { wording::FAR_AWAY };
    written.to_string().parse().map_err(|_| de::Error::custom(wrong))
}

/// The same where it may be absent.
pub(crate) fn optional_moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    moment(deserializer).map(Some)
}

/// Sums `3D4H` by the seconds of each unit, units in order and at most once.
fn units(mut text: &str, known: &[(char, i64)]) -> Option<i64> {
    let mut total = 0_i64;
    let mut next = 0;
    while !text.is_empty() {
        let digits = text.find(|c: char| !c.is_ascii_digit())?;
        let n: i64 = text.get(..digits)?.parse().ok()?;
        let unit = text.get(digits..)?.chars().next()?;
        let found = known.iter().skip(next).position(|(u, _)| *u == unit)? + next;
        total = total.checked_add(n.checked_mul(known.get(found)?.1)?)?;
        next = found + 1;
        text = text.get(digits + unit.len_utf8()..)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_of_the_office_pass_over_nights_and_weekends() {
        let calendar =
            crate::Pack::load(&crate::embedded_bazhou()).expect("the embedded pack loads").calendar().clone();
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let after =
            |start: &str, hours| due(Span::WorkingHours(hours), LastDay::Stands, &calendar, at(start)).at;
        // A Tuesday in November 2026.
        assert_eq!(after("2026-11-24T10:00:00+08:00", 4), at("2026-11-24T14:00:00+08:00"));
        assert_eq!(after("2026-11-24T15:30:00+08:00", 4), at("2026-11-25T11:30:00+08:00"));
        assert_eq!(after("2026-11-24T23:00:00+08:00", 4), at("2026-11-25T13:00:00+08:00"));
        assert_eq!(after("2026-11-25T03:00:00+08:00", 8), at("2026-11-25T17:00:00+08:00"));
        // Friday evening to Monday.
        assert_eq!(after("2026-11-27T16:00:00+08:00", 4), at("2026-11-30T12:00:00+08:00"));
        assert_eq!(after("2026-11-28T12:00:00+08:00", 20), at("2026-12-02T13:00:00+08:00"));
    }

    #[test]
    fn durations_are_iso_without_months() {
        let hours = |n| Some(SignedDuration::from_hours(n));
        assert_eq!(parse_duration("P3D"), hours(72));
        assert_eq!(parse_duration("P1DT2H"), hours(26));
        assert_eq!(parse_duration("PT120M"), hours(2));
        for wrong in ["", "P", "PT", "P1M", "3D", "P1DT", "P1H", "PT1D", "P-1D", "P1D1D"] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
    }
}
