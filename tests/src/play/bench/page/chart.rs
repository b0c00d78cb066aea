//! Bytes of a reconnect against documents held, and against documents changed: ours beside the peers'.
//!
//! Both axes are logarithmic: what grows with the documents is a slope, what does not is a level line. Series differ
//! by shape as well as by colour.

use std::fmt::Write as _;

use super::{Row, TEXT, escape, number};
use crate::play::strings::Strings;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 380.0;
/// Left, top, right, bottom.
const MARGIN: (f64, f64, f64, f64) = (90.0, 20.0, 180.0, 50.0);
/// The powers of ten that the vertical axis shows, in bytes.
const DECADES: (i32, i32) = (2, 7);
/// Shape and colour of each series; contrast with white is above 4.5.
const MARKS: [(&str, &str); 4] = [
    ("<circle r=\"6\" fill=\"#005a9c\"/>", "#005a9c"),
    ("<rect x=\"-6\" y=\"-6\" width=\"12\" height=\"12\" fill=\"#9a3412\"/>", "#9a3412"),
    ("<path d=\"M0 -7L7 6H-7Z\" fill=\"#166534\"/>", "#166534"),
    ("<path d=\"M0 -8L8 0L0 8L-8 0Z\" fill=\"#6b21a8\"/>", "#6b21a8"),
];

struct Mark {
    series: String,
    x: f64,
    bytes: f64,
    told: String,
}

/// Both charts, each a figure with a caption.
pub(super) fn charts(rows: &[Row], strings: &Strings) -> String {
    let mark = |row: &Row, x: usize| Mark {
        series: row.peer.map_or_else(|| "Doorstep".into(), str::to_owned),
        x: x as f64,
        bytes: row.value,
        told: format!("{}: {} {}", row.name, number(row.value), row.unit),
    };
    let at = rows.iter().filter_map(|row| row.at.map(|at| (row, at)));
    let held: Vec<Mark> =
        at.clone().filter(|(_, at)| at.changed == 0).map(|(row, at)| mark(row, at.held)).collect();
    let changed: Vec<Mark> =
        at.filter(|(_, at)| at.changed > 0).map(|(row, at)| mark(row, at.changed)).collect();
    let figures = [("held", held, [100, 1_000, 10_000, 100_000]), ("changed", changed, [1, 10, 100, 1_000])];
    figures
        .iter()
        .filter(|(_, marks, _)| !marks.is_empty())
        .map(|figure| self::figure(figure, strings))
        .collect()
}

fn figure((name, marks, ticks): &(&str, Vec<Mark>, [u32; 4]), strings: &Strings) -> String {
    let text = |part: &str| escape(&strings.with(&format!("page-chart-{name}-{part}"), &[]));
    let (left, top, right, bottom) = MARGIN;
    let (from, to) = (f64::from(ticks[0]).log10(), f64::from(ticks[3]).log10());
    let x = |value: f64| left + (value.log10() - from) / (to - from) * (WIDTH - left - right);
    let (low, high) = (f64::from(DECADES.0), f64::from(DECADES.1));
    let y = |bytes: f64| HEIGHT - bottom - (bytes.log10() - low) / (high - low) * (HEIGHT - top - bottom);
    let mut svg = format!(
        "<figure><svg role=\"img\" aria-labelledby=\"{name}-t {name}-d\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-size=\"13\">\n<title id=\"{name}-t\">{}</title>\n<desc id=\"{name}-d\">{}</desc>\n",
        text("title"),
        escape(&marks.iter().map(|mark| mark.told.as_str()).collect::<Vec<_>>().join("; ")),
    );
    let mut line = |x1: f64, y1: f64, x2: f64, y2: f64| {
        writeln!(svg, "<path d=\"M{x1:.1} {y1:.1}L{x2:.1} {y2:.1}\" stroke=\"#bbb\"/>").expect(TEXT);
    };
    for power in DECADES.0..=DECADES.1 {
        line(left, y(10_f64.powi(power)), WIDTH - right, y(10_f64.powi(power)));
    }
    ticks.iter().for_each(|tick| line(x(f64::from(*tick)), top, x(f64::from(*tick)), HEIGHT - bottom));
    let mut label = |x: f64, y: f64, anchor: &str, said: &str| {
        writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{said}</text>").expect(TEXT);
    };
    for power in DECADES.0..=DECADES.1 {
        label(left - 8.0, y(10_f64.powi(power)) + 4.0, "end", &format!("{} B", number(10_f64.powi(power))));
    }
    ticks
        .iter()
        .for_each(|tick| label(x(f64::from(*tick)), HEIGHT - bottom + 18.0, "middle", &tick.to_string()));
    label(x(10_f64.powf((from + to) / 2.0)), HEIGHT - 8.0, "middle", &text("axis"));
    let mut series: Vec<&str> = marks.iter().map(|mark| mark.series.as_str()).collect();
    series.sort_by_key(|name| (*name != "Doorstep", *name));
    series.dedup();
    for (n, series) in series.iter().enumerate() {
        let (shape, colour) = MARKS[n % MARKS.len()];
        let at = top + 20.0 + 24.0 * n as f64;
        writeln!(svg, "<g transform=\"translate({:.1} {at:.1})\">{shape}</g>", WIDTH - right + 20.0)
            .expect(TEXT);
        let key = WIDTH - right + 34.0;
        writeln!(svg, "<text x=\"{key:.1}\" y=\"{:.1}\" fill=\"{colour}\">{series}</text>", at + 4.0)
            .expect(TEXT);
        for mark in marks.iter().filter(|mark| mark.series == *series) {
            let (x, y, told) = (x(mark.x), y(mark.bytes), escape(&mark.told));
            writeln!(
                svg,
                "<g class=\"mark\" transform=\"translate({x:.1} {y:.1})\"><title>{told}</title>{shape}</g>"
            )
            .expect(TEXT);
        }
    }
    write!(svg, "</svg>\n<figcaption>{}</figcaption></figure>\n", text("caption")).expect(TEXT);
    svg
}
