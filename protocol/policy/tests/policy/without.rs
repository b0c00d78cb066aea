//! Taking a rule out of a pack that the table of mechanisms names.
//!
//! Owns the taking out, for the tests of this crate and those of the whole. A pack that no longer loads shows nothing: where a
//! pack cannot do without any such rule, another one stands in for it, as a district without the mechanism would have it.

use doorstep_policy::PackFiles;

const TABLE: &str = include_str!("../../../../deploy/policies/MECHANISMS.md");
const POLICY: &str = "policy.toml";

/// Text that is quoted, in a pack: what stands in its place.
type StandIn = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Rules that a pack has to have in some form, and the form they have where the mechanism is not used.
const STAND_INS: &[StandIn] = &[
    (
        "ziliujing",
        r#"class = "same-day""#,
        &[("intake\"\nclass = \"same-day\"", "intake\"\nclass = \"town\"")],
    ),
    ("ziliujing", "[claim]", &[("class = \"verify\"\noutcome = true\nreply = true", "class = \"verify\"")]),
    ("ziliujing", r#"due = { any = { same_day = "17:00" } }"#, &[("same_day = \"17:00\"", "days = 15")]),
    // The town beside the department, for the example of the market street.
    (
        "ziliujing",
        r#"with = ["town"]"#,
        &[("to = \"510302-housing\"\nwith = [\"town\"]", "to = \"510302-housing\"")],
    ),
    ("ziliujing", "of = 56", &[("of = 56", "of = 55"), ("\"510302101001\", ", "")]),
    // The first two teams are one.
    (
        "ziliujing",
        "[[coverage.team]]",
        &[("]\n\n[[coverage.team]]\nid = \"second\"\nlead = \"510302-style\"\nplaces = [\n", "")],
    ),
    (
        "ziliujing",
        r#"id = "verify""#,
        &[(
            "\"verify\"\nfrom = \"decision\"\ndue = { any = { working_days = 5",
            "\"verify\"\nfrom = \"decision\"\ndue = { any = { days = 50",
        )],
    ),
    ("ziliujing", r#"classes = ["look-back", "look-back-again"]"#, &[(", \"look-back-again\"]", "]")]),
    ("zhalainuoer", "of = 13", &[("of = 13", "of = 12"), ("public_facilities = [\"facilities\"]\n", "")]),
    (
        "zhalainuoer",
        r#"id = "plan""#,
        &[("due = { town = { days = 30 }, any = { days = 60 } }", "due = { any = { days = 90 } }")],
    ),
    ("zhalainuoer", "due = { any = { working_days = 7 } }", &[("working_days = 7", "days = 60")]),
    ("zhalainuoer", r#"id = "community""#, &[("working_days = 7", "days = 60")]),
    ("bazhou", "limit = 2", &[("limit = 2", "limit = 9")]),
    (
        "bazhou",
        r#"class = "raised""#,
        &[("to = \"parent\"\nclass = \"raised\"", "to = \"parent\"\nclass = \"big\"")],
    ),
    (
        "bazhou",
        "due = { village = { days = 15 }, town = { days = 30 }, any = { days = 60 } }",
        &[(
            "due = { village = { days = 15 }, town = { days = 30 }, any = { days = 60 } }",
            "due = { any = { days = 90 } }",
        )],
    ),
    ("bazhou", r#"near = "P3D""#, &[("near = \"P3D\"", "near = \"P30D\"")]),
    ("bazhou", "[claim]", &[("[claim]\nclass = \"verify\"", "[claim]\nclass = \"sign\"")]),
    ("bazhou", r#"weekday = "friday""#, &[("weekday = \"friday\"", "weekday = \"monday\"")]),
    ("bazhou", r#"units = ["centres"]"#, &[("units = [\"centres\"]", "units = []")]),
    ("bazhou", "evidence = 1", &[("evidence = 1", "evidence = 0")]),
    (
        "bazhou",
        r#"id = "verify""#,
        &[(
            "\"verify\"\nfrom = \"decision\"\ndue = { any = { working_days = 5",
            "\"verify\"\nfrom = \"decision\"\ndue = { any = { days = 50",
        )],
    ),
    ("bazhou", "repeat_days = 90", &[("repeat_days = 90", "repeat_days = 1")]),
    (
        "bazhou",
        r#"to = "511902-leader""#,
        &[("from = \"town\"\nto = \"511902-leader\"", "from = \"town\"\nto = \"parent\"")],
    ),
    (
        "bazhou",
        "when = \"category == 'conduct'\"",
        &[("when = \"category == 'conduct'\"", "when = \"category == 'conduct' && place == ''\"")],
    ),
];

/// A text that a row quotes from a pack.
#[derive(Debug)]
pub(crate) struct Quote<'a> {
    pub(crate) row: &'a str,
    pub(crate) pack: &'a str,
    pub(crate) text: &'a str,
}

/// Every text that the table quotes.
pub(crate) fn quotes() -> Vec<Quote<'static>> {
    let mut found = Vec::new();
    for line in TABLE.lines().filter(|line| line.starts_with("| ") && line.contains('`')) {
        let columns: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        for quoted in columns[1].split("; ") {
            let (pack, text) = quoted.split_once(": `").unwrap_or_else(|| panic!("{quoted}"));
            found.push(Quote { row: columns[0], pack, text: text.trim_end_matches('`') });
        }
    }
    found
}

/// A pack with a rule taken out or another in its place.
pub(crate) fn without(quote: &Quote<'_>, mut files: PackFiles) -> PackFiles {
    let policy = files.0.get_mut(POLICY).expect("a pack has rules");
    let stands = STAND_INS.iter().find(|(pack, text, _)| (*pack, *text) == (quote.pack, quote.text));
    match stands {
        None => *policy = taken_out(policy, quote.text),
        Some((.., changes)) => {
            for (from, to) in *changes {
                assert!(policy.contains(from), "{quote:?}: the pack does not say {from:?}");
                *policy = policy.replacen(from, to, 1);
            }
        }
    }
    files
}

/// Takes out the element, the key or the table that a quoted text begins.
fn taken_out(policy: &str, quoted: &str) -> String {
    let at = policy.find(quoted).unwrap_or_else(|| panic!("no pack says {quoted:?}"));
    let lines: Vec<&str> = policy.lines().collect();
    let line = policy[..at].matches('\n').count();
    let text = lines[line].trim_start();
    let names = ["[", "id = ", "name = ", "role = "];
    let range = if names.iter().any(|name| text.starts_with(name)) {
        table(&lines, line)
    } else if text.starts_with('{') {
        line..line + 1
    } else {
        line..value_end(&lines, line)
    };
    let kept = lines.iter().enumerate().filter(|(number, _)| !range.contains(number));
    kept.map(|(_, line)| format!("{line}\n")).collect()
}

/// The table around a line, with the tables inside it.
fn table(lines: &[&str], line: usize) -> std::ops::Range<usize> {
    let header = |text: &str| text.trim_start_matches('[').split(']').next().unwrap_or("").to_owned();
    let is_header = |text: &&str| text.starts_with('[');
    let start = (0..=line).rev().find(|n| is_header(&lines[*n])).expect("a rule is in a table");
    let inside = format!("{}.", header(lines[start]));
    let next =
        (start + 1..lines.len()).find(|n| is_header(&lines[*n]) && !header(lines[*n]).starts_with(&inside));
    start..next.unwrap_or(lines.len())
}

/// The line after the value of a key: brackets closed, long texts ended.
fn value_end(lines: &[&str], start: usize) -> usize {
    let mut open = 0_i32;
    let mut long = false;
    for (number, line) in lines.iter().enumerate().skip(start) {
        long ^= (line.matches("'''").count() + line.matches("\"\"\"").count()) % 2 == 1;
        let count = |brackets: [char; 2]| line.matches(brackets).count();
        if !long {
            open +=
                i32::try_from(count(['[', '{'])).unwrap_or(0) - i32::try_from(count([']', '}'])).unwrap_or(0);
        }
        if !long && open <= 0 {
            return number + 1;
        }
    }
    lines.len()
}
