//! The measurements as one page that needs nothing else: figures, method, how to repeat them, and the chart.

mod chart;

use std::fmt::Write as _;

use super::Row;
use crate::play::strings::Strings;

/// Sections of text, by their ids in the string files.
const SECTIONS: [&str; 2] = ["page-method", "page-repeat"];

/// HTML without scripts and without anything from elsewhere.
pub fn page(rows: &[Row], command: &str, strings: &Strings) -> String {
    let text = |id: &str| escape(&strings.with(id, &[]));
    let mut html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style></head>\n\
         <body><main>\n<h1>{}</h1>\n<p>{}</p>\n",
        strings.language,
        text("page-title"),
        text("page-title"),
        text("page-lead"),
    );
    html += &chart::charts(rows, strings);
    write!(html, "<h2>{}</h2>\n{}", text("page-figures"), table(rows, strings)).expect(TEXT);
    for section in SECTIONS {
        let said = strings.with(section, &[("command", command)]);
        writeln!(html, "<h2>{}</h2>", text(&format!("{section}-title"))).expect(TEXT);
        for paragraph in said.split("\n\n") {
            writeln!(html, "<p>{}</p>", escape(paragraph)).expect(TEXT);
        }
    }
    html += "</main></body></html>\n";
    html
}

fn table(rows: &[Row], strings: &Strings) -> String {
    let heads = ["measurement", "value", "unit", "baseline", "ratio"];
    let heads = heads.map(|head| {
        format!("<th scope=\"col\">{}</th>", escape(&strings.with(&format!("page-{head}"), &[])))
    });
    let mut html = format!("<table><thead><tr>{}</tr></thead><tbody>\n", heads.concat());
    for row in rows {
        writeln!(
            html,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{:.4}</td></tr>",
            escape(&row.name),
            number(row.value),
            row.unit,
            number(row.baseline),
            row.ratio
        )
        .expect(TEXT);
    }
    html + "</tbody></table>\n"
}

const TEXT: &str = "a string takes all";

/// A whole number in groups of three.
fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join("\u{202f}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}\
main{max-width:62rem;margin:0 auto;padding:1rem}table{border-collapse:collapse;width:100%}\
th,td{padding:.3rem .5rem;border-bottom:1px solid #ccc;text-align:right}th[scope=row],th:first-child{text-align:left;\
font-weight:normal}thead th{font-weight:bold}svg{max-width:100%;height:auto}figure{margin:1.5rem 0}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::bench::peers;

    fn shown() -> String {
        let mut rows = peers::rows();
        rows.push(Row::new("reconnect <0> of 10000", (173.0, "B"), 300.0).at(10_000, 0));
        rows.push(Row::new("reconnect 100 of 10000", (31_000.0, "B"), 28_000.0).at(10_000, 100));
        page(&rows, "doorstep-play bench reconnect", &Strings::of_environment())
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere_and_shows_every_figure() {
        let html = shown();
        for foreign in ["<script", "http:", "https:", "src=", "href=", "@import", "url("] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        assert!(
            html.contains("reconnect &lt;0&gt; of 10000") && html.contains("doorstep-play bench reconnect")
        );
        for row in peers::rows() {
            assert!(html.contains(&number(row.value)), "{}", row.name);
        }
    }

    /// What a reader hears: each chart has a title and a description, and each mark says what it stands for.
    #[test]
    fn the_charts_can_be_read_aloud() {
        let html = shown();
        let count = |part: &str| html.matches(part).count();
        assert_eq!((count("role=\"img\""), count("<desc"), count("<figcaption")), (2, 2, 2));
        // By documents held: three peers' and one of ours with nothing changed; by documents changed: two.
        assert_eq!(count("<g class=\"mark\""), 6);
        assert_eq!(count("<g class=\"mark\""), count("</title><"));
    }

    #[test]
    fn numbers_are_in_groups_of_three() {
        assert_eq!([7.0, 1_234.0, 3_318_289.0].map(number), ["7", "1\u{202f}234", "3\u{202f}318\u{202f}289"]);
    }
}
