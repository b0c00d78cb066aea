//! The deadlines of a case as a picture and a table: which step was due when, who had it, and whether it was kept.
//!
//! The picture is an SVG of attributes and classes only. Whatever it says the table beside it says too.

use doorstep_policy::{Decision, Step};
use doorstep_protocol::ids::Millis;

use super::words::{When, Words};

/// Width of the picture's plane; it scales.
const WIDTH: Millis = 720;
/// Room at the left for the names of steps, and at the right for the last mark.
const LEFT: Millis = 120;
const RIGHT: Millis = 40;

/// All deadlines so far.
pub(super) struct Deadlines {
    pub(super) spans: Vec<Span>,
    pub(super) today: Millis,
    pub(super) begin: When,
    pub(super) end: When,
    /// The picture in one sentence.
    pub(super) said: String,
    pub(super) height: usize,
}

/// One step with its due time.
pub(super) struct Span {
    pub(super) step: String,
    pub(super) unit: String,
    pub(super) from: When,
    pub(super) due: When,
    /// Shape, word and class of how it stands.
    pub(super) shape: &'static str,
    pub(super) word: String,
    pub(super) class: &'static str,
    /// From where to where somebody had it, and where it was due.
    pub(super) x: Millis,
    pub(super) width: Millis,
    pub(super) mark: Millis,
    /// Top of its bar.
    pub(super) y: usize,
}

/// A step as decisions tell it, before it is drawn.
struct Told<'a> {
    decision: &'a Decision,
    from: Millis,
    due: Millis,
    until: Option<Millis>,
}

impl Deadlines {
    /// The deadlines of a case, from its decisions; `None` before the first.
    pub(super) fn of(decisions: &[Decision], w: &Words<'_>) -> Option<Self> {
        let told = told(decisions);
        let begin = told.first()?.from;
        let latest = told.iter().map(|span| span.due.max(span.until.unwrap_or(w.now))).max()?;
        let end = latest.max(begin + 1);
        let place =
            |at: Millis| LEFT + (at.clamp(begin, end) - begin) * (WIDTH - LEFT - RIGHT) / (end - begin);
        let spans: Vec<Span> =
            told.iter().enumerate().map(|(n, span)| Span::of(span, n, (begin, &place), w)).collect();
        let now = spans.last()?;
        let said =
            w.with("deadlines-said", &[("step", &now.step), ("due", &now.due.plain()), ("word", &now.word)]);
        let height = 48 + 28 * spans.len();
        Some(Deadlines { today: place(w.now), begin: w.when(begin), end: w.when(end), said, height, spans })
    }
}

/// Decisions that leave step, unit and due time as they were are one span.
fn told(decisions: &[Decision]) -> Vec<Told<'_>> {
    let mut told: Vec<Told<'_>> = Vec::new();
    for decision in decisions {
        let (at, due) = (decision.at.as_millisecond(), decision.due.as_millisecond());
        if let Some(last) = told.last_mut() {
            let before = last.decision;
            if before.step == decision.step && before.unit == decision.unit && before.due == decision.due {
                continue;
            }
            last.until = Some(at);
        }
        told.push(Told { decision, from: at, due, until: None });
    }
    told
}

impl Span {
    fn of(
        told: &Told<'_>,
        n: usize,
        (begin, place): (Millis, &dyn Fn(Millis) -> Millis),
        w: &Words<'_>,
    ) -> Self {
        let ended = Step::named(&told.decision.step).is_some_and(Step::is_end);
        let until = told.until.unwrap_or(if ended { told.from } else { w.now });
        let late = until - told.due;
        let (shape, class, word) = match told.until {
            _ if ended => ("■", "later", w.t("deadline-ended")),
            Some(_) if late > 0 => ("▲", "overdue", w.with("deadline-late", &[("span", &w.span(late))])),
            Some(_) => ("✓", "verified", w.t("deadline-kept")),
            None if late > 0 => ("▲", "overdue", w.with("due-overdue", &[("span", &w.span(late))])),
            None => ("▷", "later", w.with("due-later", &[("span", &w.span(-late))])),
        };
        let x = place(told.from.max(begin));
        Span {
            step: w.named("step", &told.decision.step),
            unit: told.decision.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
            from: w.when(told.from),
            due: w.when(told.due),
            shape,
            word,
            class,
            x,
            width: (place(until) - x).max(2),
            mark: place(told.due),
            y: 32 + 28 * n,
        }
    }
}
