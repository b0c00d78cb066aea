//! Ladders as timers: when each step of one comes, in order, without end.
//!
//! Owns the arithmetic. Never acts; what a step does is `decide::timer`'s.

use jiff::{SignedDuration, Timestamp};

use crate::clock::later;
use crate::pack::rules::{Act, Step};
use crate::{Pack, TimerAt};

/// All timers of a ladder from `since` to a due time, strictly one after another. Where that is past already, what comes
/// after it is counted from it all the same: nobody puts a step off by starting anew.
pub(crate) fn timers(
    pack: &Pack,
    ladder: &str,
    since: Timestamp,
    due: Timestamp,
    generation: u32,
) -> Vec<TimerAt> {
    let span = since.duration_until(due).max(SignedDuration::from_secs(1)).as_secs();
    let mut timers: Vec<TimerAt> = Vec::new();
    for step in pack.ladder(ladder).map_or(&[][..], |l| &l.steps) {
        let at = step.at.get_ref();
        let along = i64::try_from(i128::from(span) * i128::from(at.percent) / 100).unwrap_or(span);
        let from = if due < since { due } else { later(since, SignedDuration::from_secs(along)) };
        let nominal = later(from, at.after).max(since);
        let after_last = timers.last().map_or(nominal, |t| later(t.at, SignedDuration::from_secs(1)));
        timers.push(TimerAt { id: step.id.get_ref().clone(), generation, at: nominal.max(after_last) });
    }
    timers
}

/// What a step does; a step that the pack no longer has (another version) only says that the case is overdue.
pub(crate) fn step(pack: &Pack, ladder: &str, id: &str) -> (Act, Option<SignedDuration>) {
    let found: Option<&Step> =
        pack.ladder(ladder).and_then(|l| l.steps.iter().find(|s| s.id.get_ref() == id));
    found.map_or((Act::Overdue, Some(SignedDuration::from_hours(24 * 7))), |s| (s.act, s.repeat))
}
