//! A picture of counts: one bar a unit, a part for each reason. The numbers stand in the table beside it.
//!
//! Attributes and classes only: the pages allow no inline style.

use super::board::Line;

/// Bars in the picture.
const BARS: usize = 8;
const WIDTH: u64 = 320;
/// Height of one unit: its name, its bar, and what is between.
const STEP: u64 = 44;

/// The picture.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    pub(super) height: u64,
}

/// One unit.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) total: u64,
    /// Where the name and the bar stand.
    pub(super) name_y: u64,
    pub(super) y: u64,
    pub(super) parts: Vec<Part>,
}

/// What one reason comes to.
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) x: u64,
    pub(super) width: u64,
    pub(super) title: String,
}

impl Chart {
    /// The units with the most, in the order of the table.
    pub(super) fn of(lines: &[Line], reasons: &[String; 4]) -> Self {
        let shown: Vec<&Line> = lines.iter().filter(|line| line.total() > 0).take(BARS).collect();
        let most = shown.iter().map(|line| line.total()).max().unwrap_or(1).max(1);
        let bar = |(n, line): (usize, &&Line)| {
            let top = n as u64 * STEP;
            let mut x = 0;
            let mut parts = Vec::new();
            for (cell, (class, reason)) in line.cells.iter().zip(CLASSES.into_iter().zip(reasons)) {
                let width = if cell.count == 0 { 0 } else { (cell.count * WIDTH / most).max(2) };
                if width > 0 {
                    parts.push(Part {
                        class,
                        x,
                        width,
                        title: format!("{}: {reason} {}", line.name, cell.count),
                    });
                }
                x += width;
            }
            Bar { name: line.name.clone(), total: line.total(), name_y: top + 14, y: top + 20, parts }
        };
        let bars: Vec<Bar> = shown.iter().enumerate().map(bar).collect();
        let height = bars.len() as u64 * STEP;
        Chart { bars, height }
    }
}

/// Of the reasons, in their order.
pub(super) const CLASSES: [&str; 4] = ["b-overdue", "b-near", "b-review", "b-devices"];
