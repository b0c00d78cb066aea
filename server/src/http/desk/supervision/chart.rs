//! A picture of counts: for each unit a bar for each reason, side by side and not on end: a case may be stuck for two. The
//! numbers stand in the table beside it.
//!
//! Attributes and classes only: the pages allow no inline style.

use super::board::Line;

/// Bars in the picture.
const BARS: usize = 8;
const WIDTH: u64 = 320;
/// Height of one unit: its name, its bars, and what is between.
const STEP: u64 = 54;
/// Where a unit's first bar begins, and how far the next is from it.
const FIRST: u64 = 20;
const LANE: u64 = 7;

/// The picture.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) height: u64,
}

/// One unit.
pub(super) struct Bar {
    pub(super) name: String,
    /// Where the name stands.
    pub(super) name_y: u64,
    pub(super) parts: Vec<Part>,
}

/// What one reason comes to.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) y: u64,
    pub(super) width: u64,
    pub(super) title: String,
}

impl Chart {
    /// The units with the most, in the order of the table.
    pub(super) fn of(lines: &[Line], reasons: &[String; 4]) -> Self {
        let shown: Vec<&Line> = lines.iter().filter(|line| line.total() > 0).take(BARS).collect();
        let most = shown.iter().flat_map(|line| &line.cells).map(|cell| cell.count).max().unwrap_or(1).max(1);
        let bar = |(n, line): (usize, &&Line)| {
            let top = n as u64 * STEP;
            let lanes = line.cells.iter().zip(CLASSES.into_iter().zip(reasons)).enumerate();
            let some = lanes.filter(|(_, (cell, _))| cell.count > 0);
            let part = |(lane, (cell, (class, reason))): (usize, (&super::board::Cell, (_, &String)))| Part {
                class,
                y: top + FIRST + lane as u64 * LANE,
                width: (cell.count * WIDTH / most).max(2),
                title: format!("{}: {reason} {}", line.name, cell.count),
            };
            Bar { name: line.name.clone(), name_y: top + 14, parts: some.map(part).collect() }
        };
        let bars: Vec<Bar> = shown.iter().enumerate().map(bar).collect();
        let height = bars.len() as u64 * STEP;
        Chart { bars, height }
    }
}

/// Of the reasons, in their order.
pub(super) const CLASSES: [&str; 4] = ["b-overdue", "b-near", "b-review", "b-devices"];
