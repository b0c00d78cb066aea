//! Working days, counted a second time: day by day, over the notices written out by hand.

use jiff::civil::{Date, Weekday, date};

use crate::story::bazhou;

/// Days off on weekdays, from the State Council's notices for 2024 to 2026.
fn holidays() -> Vec<(Date, Date)> {
    vec![
        (date(2024, 1, 1), date(2024, 1, 1)),
        (date(2024, 2, 10), date(2024, 2, 17)),
        (date(2024, 4, 4), date(2024, 4, 6)),
        (date(2024, 5, 1), date(2024, 5, 5)),
        (date(2024, 6, 10), date(2024, 6, 10)),
        (date(2024, 9, 15), date(2024, 9, 17)),
        (date(2024, 10, 1), date(2024, 10, 7)),
        (date(2025, 1, 1), date(2025, 1, 1)),
        (date(2025, 1, 28), date(2025, 2, 4)),
        (date(2025, 4, 4), date(2025, 4, 6)),
        (date(2025, 5, 1), date(2025, 5, 5)),
        (date(2025, 5, 31), date(2025, 6, 2)),
        (date(2025, 10, 1), date(2025, 10, 8)),
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 2, 15), date(2026, 2, 23)),
        (date(2026, 4, 4), date(2026, 4, 6)),
        (date(2026, 5, 1), date(2026, 5, 5)),
        (date(2026, 6, 19), date(2026, 6, 21)),
        (date(2026, 9, 25), date(2026, 9, 27)),
        (date(2026, 10, 1), date(2026, 10, 7)),
    ]
}

/// Weekends that are worked.
fn made_up() -> Vec<Date> {
    vec![
        date(2024, 2, 4),
        date(2024, 2, 18),
        date(2024, 4, 7),
        date(2024, 4, 28),
        date(2024, 5, 11),
        date(2024, 9, 14),
        date(2024, 9, 29),
        date(2024, 10, 12),
        date(2025, 1, 26),
        date(2025, 2, 8),
        date(2025, 4, 27),
        date(2025, 9, 28),
        date(2025, 10, 11),
        date(2026, 1, 4),
        date(2026, 2, 14),
        date(2026, 2, 28),
        date(2026, 5, 9),
        date(2026, 9, 20),
        date(2026, 10, 10),
    ]
}

fn worked(day: Date) -> bool {
    let off = holidays().iter().any(|(from, to)| *from <= day && day <= *to);
    let weekend = [Weekday::Saturday, Weekday::Sunday].contains(&day.weekday());
    made_up().contains(&day) || !off && !weekend
}

#[test]
fn every_day_of_three_years_is_worked_or_off_as_the_notices_say() {
    let pack = bazhou();
    let mut day = date(2024, 1, 1);
    while day < date(2027, 1, 1) {
        assert_eq!(pack.calendar().is_working_day(day), worked(day), "{day}");
        day = day.tomorrow().expect("within range");
    }
}

#[test]
fn the_nth_working_day_is_the_nth_in_a_list_of_working_days() {
    let pack = bazhou();
    let all: Vec<Date> =
        date(2024, 1, 1).series(jiff::ToSpan::days(1)).take(1096).filter(|d| worked(*d)).collect();
    for start in date(2024, 1, 1).series(jiff::ToSpan::days(1)).take(1000) {
        let after = all.partition_point(|d| *d <= start);
        for n in [1_u32, 2, 5, 10, 40] {
            let counted = pack.calendar().nth_working_day_after(start, n);
            assert_eq!(counted, all[after + n as usize - 1], "{n} working days after {start}");
        }
    }
}

#[test]
fn a_year_without_a_notice_knows_weekends_only_and_says_so() {
    let pack = bazhou();
    assert!(pack.calendar().covers(2021) && pack.calendar().covers(2026) && !pack.calendar().covers(2027));
    assert!(pack.calendar().is_working_day(date(2027, 10, 1)));
    assert!(!pack.calendar().is_working_day(date(2027, 10, 2)));
}
