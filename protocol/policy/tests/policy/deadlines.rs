//! Deadlines against a second implementation that shares nothing with the first: integers, one day after the other.

use std::collections::BTreeSet;

use doorstep_policy::{Cause, Decision, Pack, PackFiles, Projection, decide, embedded_bazhou};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use crate::story::{Story, VILLAGE, at};

const DAY: i64 = 86_400;
const BEIJING: i64 = 8 * 3_600;

#[derive(Clone, Copy, Debug)]
enum Span {
    Hours(u32),
    Days(u32),
    WorkingDays(u32),
    SameDay(u32),
}

/// Days off and worked weekends, as days since 1970.
#[derive(Clone, Debug)]
struct Notices {
    off: BTreeSet<i64>,
    worked: BTreeSet<i64>,
}

impl Notices {
    fn works(&self, day: i64) -> bool {
        // 1 January 1970 was a Thursday.
        let weekend = matches!((day + 4).rem_euclid(7), 0 | 6);
        self.worked.contains(&day) || !weekend && !self.off.contains(&day)
    }

    /// The last second of a span, walked day by day.
    fn walk(&self, span: Span, moves: bool, start: i64) -> i64 {
        let local = start + BEIJING;
        let mut day = local.div_euclid(DAY);
        match span {
            Span::Hours(n) => return start + i64::from(n) * 3_600,
            Span::Days(n) => {
                for _ in 0..n {
                    day += 1;
                }
                while moves && !self.works(day) {
                    day += 1;
                }
            }
            Span::WorkingDays(n) => {
                let mut left = n;
                while left > 0 {
                    day += 1;
                    left -= u32::from(self.works(day));
                }
            }
            Span::SameDay(hour) => {
                let late = local.rem_euclid(DAY) >= i64::from(hour) * 3_600;
                if late || !self.works(day) {
                    day += 1;
                    while !self.works(day) {
                        day += 1;
                    }
                }
            }
        }
        (day + 1) * DAY - 1 - BEIJING
    }
}

fn civil(day: i64) -> Date {
    Timestamp::from_second(day * DAY).expect("in range").to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn first_of(year: i16) -> i64 {
    date(year, 1, 1).to_zoned(jiff::tz::TimeZone::UTC).expect("a date").timestamp().as_second() / DAY
}

/// The Bazhou pack with this span for intake and these notices; 2027 has none.
fn pack(span: Span, moves: bool, notices: &Notices) -> PackFiles {
    let mut files = embedded_bazhou();
    files.0.retain(|path, _| !path.starts_with("calendars/") && !path.starts_with("examples/"));
    let mut ics = String::new();
    let mut event = |day: i64, mark: char| {
        let (from, to) = (civil(day), civil(day + 1));
        let written = |d: Date| format!("{:04}{:02}{:02}", d.year(), d.month(), d.day());
        ics += &format!(
            "BEGIN:VEVENT\nDTSTART;VALUE=DATE:{}\nDTEND;VALUE=DATE:{}\nSUMMARY:{mark}\nEND:VEVENT\n",
            written(from),
            written(to)
        );
    };
    notices.off.iter().for_each(|day| event(*day, '休'));
    notices.worked.iter().for_each(|day| event(*day, '班'));
    files.0.insert("calendars/random.ics".into(), ics);
    let written = match span {
        Span::Hours(n) => format!("hours = {n}"),
        Span::Days(n) => format!("days = {n}"),
        Span::WorkingDays(n) => format!("working_days = {n}"),
        Span::SameDay(hour) => format!("same_day = \"{hour:02}:00\""),
    };
    let policy = files.0.get_mut("policy.toml").expect("the pack has rules");
    let replace = |text: &mut String, from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        *text = text.replacen(from, to, 1);
    };
    replace(
        policy,
        "id = \"intake\"\nfrom = \"registration\"\ndue = { any = { days = 15 } }",
        &format!("id = \"intake\"\nfrom = \"decision\"\ndue = {{ any = {{ {written} }} }}"),
    );
    let last = if moves { "next_working_day" } else { "stands" };
    replace(policy, "last_day = \"next_working_day\"", &format!("last_day = \"{last}\""));
    files
}

fn intake(pack: &Pack, registered_at: Timestamp) -> Decision {
    let fields = std::collections::BTreeMap::new();
    let case = Projection {
        kind: "case".into(),
        fields,
        author_unit: Some(VILLAGE.into()),
        registered_at,
        ..Projection::default()
    };
    decide(pack, &case, &[], Cause::Intake, registered_at).expect("not refused").expect("decided")
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (1..2_000_u32).prop_map(Span::Hours),
        (0..200_u32).prop_map(Span::Days),
        (1..90_u32).prop_map(Span::WorkingDays),
        (0..24_u32).prop_map(Span::SameDay),
    ]
}

fn notices() -> impl Strategy<Value = Notices> {
    let years = first_of(2021)..first_of(2027);
    let runs = proptest::collection::vec((years.clone(), 1..9_i64), 0..60);
    (runs, proptest::collection::btree_set(years, 0..60)).prop_map(|(runs, worked)| {
        // A notice for every year up to 2026, if only for its first of October.
        let national = (2021..2027).map(|year| first_of(year) + 273);
        let mut off: BTreeSet<i64> =
            runs.into_iter().flat_map(|(day, n)| day..day + n).chain(national).collect();
        off.retain(|day| *day < first_of(2027));
        let worked = worked.difference(&off).copied().collect();
        Notices { off, worked }
    })
}

/// Any second of 2021 to 2027, with leap days, year ends and turns of days more often than chance would have them.
fn start() -> impl Strategy<Value = i64> {
    let any = first_of(2021) * DAY..first_of(2028) * DAY;
    let edges =
        [date(2024, 2, 28), date(2024, 2, 29), date(2023, 12, 31), date(2026, 12, 31), date(2025, 1, 1)];
    let edge = proptest::sample::select(edges.to_vec())
        .prop_map(|d| d.to_zoned(jiff::tz::TimeZone::UTC).expect("a date").timestamp().as_second() - BEIJING);
    prop_oneof![3 => any, 1 => (edge, prop_oneof![Just(0), Just(-1), 0..DAY]).prop_map(|(d, s)| d + s)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deadline_is_where_a_walk_day_by_day_ends(
        span in span(),
        moves in any::<bool>(),
        notices in notices(),
        starts in proptest::collection::vec(start(), 24),
    ) {
        let pack = Pack::load(&pack(span, moves, &notices)).expect("the pack loads");
        for start in starts {
            let registered = Timestamp::from_second(start).expect("in range");
            let decision = intake(&pack, registered);
            let walked = notices.walk(span, moves, start);
            prop_assert_eq!(decision.due.as_second(), walked, "{:?} from {}", span, registered);
            // A year without a notice is said to be provisional as soon as a working day of it counts.
            let counted = !matches!(span, Span::Hours(_)) && (moves || !matches!(span, Span::Days(_)));
            let reaches = civil((walked + BEIJING).div_euclid(DAY)).year() >= 2027;
            let said = decision.reasons.iter().any(|r| r.rule == "calendar-provisional");
            prop_assert_eq!(said, counted && reaches, "{:?} from {}", span, registered);
        }
    }
}

/// The Spring Festival of 2025 ends on 4 February. Before its notice is known, the last day of a case registered on
/// 20 January is an ordinary Tuesday; once the calendar arrives, in a version of its own, the deadline moves.
#[test]
fn a_deadline_without_a_notice_is_provisional_and_derived_again_when_the_notice_arrives() {
    let mut before = embedded_bazhou();
    before.0.remove("calendars/cn-2025.ics");
    let before = Pack::load(&before).expect("the pack loads");
    let mut after = embedded_bazhou();
    let policy = after.0.get_mut("policy.toml").expect("rules");
    *policy = policy.replacen("version = \"2026.6\"", "version = \"2027.1\"", 1);
    let after = Pack::load(&after).expect("the pack loads");

    let provisional = |d: &Decision| d.reasons.iter().any(|r| r.rule == "calendar-provisional");
    let mut story = Story::new(&before, "2025-01-20T10:00:00+08:00");
    let intake = story.intake();
    assert_eq!(intake.due, at("2025-02-04T23:59:59+08:00"));
    assert!(provisional(&intake));
    story.tick();

    story.pack = &after;
    let cause = Cause::PolicyMigration { version: after.id().into() };
    let moved = story.decide(cause, "2025-01-31T09:00:00+08:00").expect("not refused").expect("migrated");
    assert_eq!((moved.due, moved.unit.clone()), (at("2025-02-05T23:59:59+08:00"), intake.unit));
    assert!(!provisional(&moved));
    let ids: Vec<&str> = moved.timers.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(ids, ["supervise", "escalate", "overdue"], "the warning was given and is not given again");
    assert_eq!(moved.timers[0].at, moved.due);
    let versions = |id: &str| if id == after.id() { Some(&after) } else { Some(&before) };
    assert_eq!(doorstep_policy::replay_versions(versions, &story.log), Ok(()));
}
