//! The deadlines of a case as a picture and a table: which step was due when, who had it, and whether it was kept.
//!
//! The picture is an SVG of attributes and classes only. Whatever it says the table beside it says too.

use doorstep_policy::{Decision, Step};
use doorstep_protocol::ids::Millis;

use super::words::{When, Words};

/// The plane of a picture; it scales. A telephone has one of its own: scaled down to it, the wide one does not read.
struct Plane {
    class: &'static str,
    width: Millis,
    /// Room at the left for the names of steps, and at the right for the last mark.
    left: Millis,
    right: Millis,
    /// The first bar's top, and from one bar's to the next one's.
    top: usize,
    pitch: usize,
    /// From a bar's top down to the foot of its name: beside it, or above.
    name: isize,
}
const PLANES: [Plane; 2] = [
    Plane { class: "wide", width: 720, left: 120, right: 40, top: 32, pitch: 28, name: 12 },
    Plane { class: "narrow", width: 360, left: 20, right: 20, top: 54, pitch: 46, name: -7 },
];

/// All deadlines so far.
pub(super) struct Deadlines {
    pub(super) spans: Vec<Span>,
    pub(super) begin: When,
    pub(super) end: When,
    /// A picture in one sentence.
    pub(super) said: String,
    pub(super) pictures: Vec<Picture>,
}

/// The deadlines as they are drawn on one plane.
pub(super) struct Picture {
    pub(super) class: &'static str,
    pub(super) width: Millis,
    pub(super) height: usize,
    pub(super) left: Millis,
    pub(super) right: Millis,
    pub(super) today: Millis,
    /// From where to where today's line is drawn: down the picture, or beside each bar where names stand above the bars.
    pub(super) now: Vec<(usize, usize)>,
    pub(super) bars: Vec<Bar>,
}

/// From where to where somebody had a step, and where it was due.
pub(super) struct Bar {
    pub(super) x: Millis,
    pub(super) width: Millis,
    pub(super) mark: Millis,
    /// Its top, and the foot of its name.
    pub(super) y: usize,
    pub(super) name: usize,
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
        let spans: Vec<Span> = told.iter().map(|span| Span::of(span, w)).collect();
        let now = spans.last()?;
        let said =
            w.with("deadlines-said", &[("step", &now.step), ("due", &now.due.plain()), ("word", &now.word)]);
        let pictures = PLANES.iter().map(|plane| Picture::of(plane, &told, (begin, end), w.now)).collect();
        Some(Deadlines { begin: w.when(begin), end: w.when(end), said, pictures, spans })
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

impl Told<'_> {
    fn has_ended(&self) -> bool {
        Step::named(&self.decision.step).is_some_and(Step::is_end)
    }

    /// Until when somebody had it, or has.
    fn until(&self, now: Millis) -> Millis {
        self.until.unwrap_or(if self.has_ended() { self.from } else { now })
    }
}

impl Picture {
    fn of(plane: &Plane, told: &[Told<'_>], (begin, end): (Millis, Millis), today: Millis) -> Self {
        let room = plane.width - plane.left - plane.right;
        let place = |at: Millis| plane.left + (at.clamp(begin, end) - begin) * room / (end - begin);
        let bar = |(n, span): (usize, &Told<'_>)| {
            let (x, y) = (place(span.from), plane.top + plane.pitch * n);
            let width = (place(span.until(today)) - x).max(2);
            Bar { x, width, mark: place(span.due), y, name: y.saturating_add_signed(plane.name) }
        };
        let bars: Vec<Bar> = told.iter().enumerate().map(bar).collect();
        let height = plane.top + 16 + plane.pitch * told.len();
        let now = match plane.name < 0 {
            true => bars.iter().map(|bar| (bar.y - 3, bar.y + 17)).collect(),
            false => vec![(20, height - 18)],
        };
        Picture {
            class: plane.class,
            width: plane.width,
            height,
            left: plane.left,
            right: plane.width - plane.right,
            today: place(today),
            now,
            bars,
        }
    }
}

impl Span {
    fn of(told: &Told<'_>, w: &Words<'_>) -> Self {
        let late = told.until(w.now) - told.due;
        let (shape, class, word) = match told.until {
            _ if told.has_ended() => ("■", "later", w.t("deadline-ended")),
            Some(_) if late > 0 => ("▲", "overdue", w.with("deadline-late", &[("span", &w.span(late))])),
            Some(_) => ("✓", "verified", w.t("deadline-kept")),
            None if late > 0 => ("▲", "overdue", w.with("due-overdue", &[("span", &w.span(late))])),
            None => ("▷", "later", w.with("due-later", &[("span", &w.span(-late))])),
        };
        Span {
            step: w.named("step", &told.decision.step),
            unit: told.decision.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
            from: w.when(told.from),
            due: w.when(told.due),
            shape,
            word,
            class,
        }
    }
}
