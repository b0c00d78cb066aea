//! Every limit of a pack: what its figures may be, how long its words are, how deep its tree is.
//!
//! Owns the numbers. Never judges: [`crate::check`] does, before a pack is let in. Versions of before are in stores and
//! in stories that play in seconds; what was let in is counted as it stands.

use crate::said::Word;

/// What the engine counts at most, whatever an older pack says.
pub(crate) const MAX_DAYS: u32 = 3660;
/// Deeper trees of units than this are a mistake; it also bounds a walk over a loop.
pub(crate) const MAX_DEPTH: usize = 8;
/// Days that one event of a calendar lasts at most: the longest holiday has ten.
pub(crate) const MAX_EVENT_DAYS: i32 = 62;
/// Characters of an id.
pub(crate) const MAX_ID: usize = 64;
/// Characters of any other text of a pack.
pub(crate) const MAX_TEXT: usize = 2_000;
/// Characters of a condition: what is nested deeper than this allows would not be read safely.
pub(crate) const MAX_CONDITION: usize = 20_000;
/// The years in which dates of a pack lie.
pub(crate) const YEARS: (i16, i16) = (1949, 2199);

/// What one figure of a pack may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    /// A whole number from one bound to the other, and what it counts.
    Whole(i64, i64, Word),
    /// A length of time between two.
    Time(&'static str, &'static str),
    /// `1%` to `100%`, or `100%+` and a length of time up to this one.
    Along(&'static str),
    /// An hour of a day.
    Hour,
    /// A date, a time and an offset, in [`YEARS`].
    Moment,
}

use Figure::{Along, Hour, Moment, Time, Whole};

// No time limit is zero, and none is longer than five years.
const DAYS: Figure = Whole(1, 1_830, Word("of-days"));
const WORKING_DAYS: Figure = Whole(1, 1_250, Word("of-working-days"));
const HOURS: Figure = Whole(1, 43_920, Word("of-hours"));
const WORKING_HOURS: Figure = Whole(1, 10_000, Word("of-working-hours"));

/// The figures of `policy.toml`, each by its tables and key; `*` stands for any key.
pub(crate) const POLICY_FIGURES: &[(&str, Figure)] = &[
    ("pack.effective_from", Moment),
    ("settle.quiet", Time("PT1S", "P7D")),
    ("settle.max", Time("PT1M", "P60D")),
    ("clock.at_least.days", DAYS),
    ("clock.at_least.working_days", WORKING_DAYS),
    ("clock.at_least.hours", HOURS),
    ("clock.at_least.working_hours", WORKING_HOURS),
    ("clock.at_least.same_day", Hour),
    ("class.due.*.days", DAYS),
    ("class.due.*.working_days", WORKING_DAYS),
    ("class.due.*.hours", HOURS),
    ("class.due.*.working_hours", WORKING_HOURS),
    ("class.due.*.same_day", Hour),
    ("visit.rectify.days", DAYS),
    ("visit.rectify.working_days", WORKING_DAYS),
    ("visit.rectify.hours", HOURS),
    ("visit.rectify.working_hours", WORKING_HOURS),
    ("visit.rectify.same_day", Hour),
    ("ladder.step.at", Along("P1830D")),
    ("ladder.step.repeat", Time("PT1H", "P366D")),
    ("referral.limit", Whole(0, 20, Word("of-referrals"))),
    ("extension.days", Whole(1, 366, Word("of-days"))),
    ("suspension.days", Whole(1, 366, Word("of-days"))),
    ("suspension.times", Whole(1, 20, Word("of-times"))),
    ("callback.attempts", Whole(1, 20, Word("of-attempts"))),
    ("callback.sample.percent", Whole(1, 100, Word("of-percent"))),
    ("unusual.attempts", Whole(1, 20, Word("of-attempts"))),
    ("supervision.near", Time("PT1H", "P90D")),
    ("draw.days", Whole(1, 366, Word("of-days"))),
    ("draw.size", Whole(1, 1_000, Word("of-cases"))),
    ("draw.notice", Time("PT1M", "P30D")),
    ("signals.repeat_days", DAYS),
    ("signals.bulk.least", Whole(1, 10_000, Word("of-claims"))),
    ("signals.bulk.percent", Whole(1, 100, Word("of-percent"))),
    ("clusters.days", Whole(1, 366, Word("of-days"))),
    ("clusters.least", Whole(2, 1_000, Word("of-cases"))),
    ("account.until", Hour),
    ("account.evidence", Whole(0, 100, Word("of-pieces-of-evidence"))),
    ("interview.below", Whole(1, 100, Word("of-percent"))),
    ("interview.above", Whole(0, 99, Word("of-percent"))),
    ("interview.least", Whole(1, 100_000, Word("of-cases"))),
    ("list.least", Whole(1, 100_000, Word("of-cases"))),
    ("list.red", Whole(0, 100, Word("of-units"))),
    ("list.black", Whole(0, 100, Word("of-units"))),
    ("list.weigh.weight", Whole(-100, 100, Word("of-points"))),
    ("crosswalk.of", Whole(1, 1_000, Word("of-codes"))),
    ("campaign.from", Moment),
    ("campaign.to", Moment),
    ("coverage.from", Moment),
    ("coverage.to", Moment),
    ("coverage.of", Whole(1, 100_000, Word("of-places"))),
];

/// The figures of `examples/*.toml`.
pub(crate) const EXAMPLE_FIGURES: &[(&str, Figure)] = &[
    ("example.registered_at", Moment),
    ("example.step.at", Moment),
    ("example.step.evidence.*", Whole(0, 100, Word("of-attachments"))),
    ("example.step.expect.at", Moment),
    ("example.step.expect.due", Moment),
    ("example.step.expect.redo", Whole(0, 100, Word("of-times"))),
    ("example.step.expect.punished", Whole(0, 1_000, Word("of-people"))),
];
