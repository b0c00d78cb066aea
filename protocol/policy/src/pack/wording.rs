//! What the readers of TOML and of conditions say, in words that a clerk can act on.
//!
//! Owns the rewording; the place stays as it was. Never judges: what does not read, does not read.

use crate::problem::{Problem, Source};

/// Why a file does not read, at its place. `of` names what is read, for the remedy.
pub(crate) fn toml(error: &toml::de::Error, of: &str, source: Source<'_>) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let written = source.text.get(span.clone()).unwrap_or("");
    let (message, remedy) = if toml::de::DeTable::parse(source.text).is_err() {
        syntax(error.message(), written)
    } else {
        entry(error.message(), written, of)
    };
    source.at(span, "toml", message, &remedy)
}

/// The file is no TOML from here on.
fn syntax(raw: &str, written: &str) -> (String, String) {
    let known: [(&str, &str, &str); 14] = [
        ("duplicate key", "this entry stands here twice", "remove one of the two"),
        (
            "unclosed table",
            "the name of a table has no closing bracket",
            "write it like [settle] or [[route]]",
        ),
        ("unclosed array table", "the name of a table has no closing bracket", "write it like [[route]]"),
        ("unclosed array", "a list has no closing bracket", "end the list with ]"),
        ("unclosed inline table", "a table in braces is not closed", "end it with }"),
        ("key with no value", "an entry has no value", "write it like name = \"value\""),
        ("missing value", "an entry has no value", "write it like name = \"value\""),
        ("string values must be quoted", "a text has no quotation marks", "write it like \"text\""),
        ("missing comma", "a comma is missing before this", "separate entries and items with commas"),
        ("extra comma", "there is a comma too many", "remove it"),
        (
            "invalid basic string",
            "a text has no closing quotation mark",
            "end the text with \" on the same line",
        ),
        (
            "invalid literal string",
            "a text has no closing quotation mark",
            "end the text with ' on the same line",
        ),
        (
            "unexpected leading zero",
            "a number begins with 0",
            "write it without the 0; a code is a text: \"0511\"",
        ),
        ("missing assignment", "an equals sign is missing", "write it like name = \"value\""),
    ];
    let raw =
        if raw.starts_with("string values") && written.trim().is_empty() { "missing value" } else { raw };
    let found = known.iter().find(|(begins, ..)| raw.starts_with(begins));
    let (message, remedy) = found.map_or(
        (
            "the file cannot be read from here on",
            "look at this line and the one before for a quotation mark, bracket, comma or equals sign too many or too few",
        ),
        |(_, message, remedy)| (message, remedy),
    );
    (message.into(), remedy.into())
}

/// An entry that is not what stands in its place.
fn entry(raw: &str, written: &str, of: &str) -> (String, String) {
    let shown = written.lines().next().unwrap_or("").chars().take(40).collect::<String>();
    let look = format!("correct the entry; {of} show every one");
    if let Some(rest) = raw.strip_prefix("unknown field ") {
        let (name, known) = parts(rest);
        return (format!("there is no entry {name:?} in this table"), one_of(&name, &known));
    }
    if let Some(rest) = raw.strip_prefix("unknown variant ") {
        let (name, known) = parts(rest);
        return (format!("{name:?} is none of the words that can stand here"), one_of(&name, &known));
    }
    if let Some(rest) = raw.strip_prefix("missing field ") {
        let name = rest.trim_matches('`');
        return (format!("this table lacks `{name}`"), format!("add `{name} = ...`; {of} show how"));
    }
    if let Some(rest) = raw.strip_prefix("duplicate field ") {
        return (format!("{rest} stands here twice"), "remove one of the two".into());
    }
    if raw.contains("integer number overflowed") || raw.contains("i128") || raw.contains("u128") {
        return (format!("the number {shown} is too large"), "write a smaller whole number".into());
    }
    if raw.starts_with("wanted exactly 1 element") {
        let message = format!("{shown} has not exactly one entry");
        return (message, "write exactly one entry, such as { days = 15 }".into());
    }
    if let Some((_, expected)) = raw.split_once("expected ") {
        let wanted = wanted(expected);
        return (
            format!("{shown} stands where {wanted} is needed"),
            format!("write {wanted}; {of} show how"),
        );
    }
    if raw.starts_with("data did not match any variant") {
        let message = format!("{shown} stands where a text or a list of texts is needed");
        return (message, "write it like \"water\", or [\"water\", \"roads\"] for values in dispute".into());
    }
    if raw.starts_with("wanted string or table") {
        let message = format!("{shown} stands where a text, or a table of exactly one entry, is needed");
        return (
            message,
            format!("write a word in quotation marks, or such as {{ days = 15 }}; {of} show which"),
        );
    }
    // What else reads badly was worded by this crate.
    (raw.trim().to_owned(), look)
}

/// The name in question, and those that are known: all that stands between backticks.
fn parts(text: &str) -> (String, Vec<String>) {
    let mut names = text.split('`').skip(1).step_by(2).map(str::to_owned);
    (names.next().unwrap_or_default(), names.collect())
}

fn one_of(name: &str, known: &[String]) -> String {
    let near =
        known.iter().map(|k| (distance(name, k), k)).min().filter(|(far, k)| *far * 3 <= k.len().max(3));
    match (near, known) {
        (_, []) => "remove it".into(),
        (Some((_, near)), _) => format!("write {near:?}, or another of {}", known.join(", ")),
        (None, _) => format!("write one of {}", known.join(", ")),
    }
}

/// What serde expects, as people say it.
fn wanted(expected: &str) -> &'static str {
    let begins = |words: &[&str]| words.iter().any(|word| expected.starts_with(word));
    if begins(&["a string", "a borrowed string", "identifier"]) {
        "a text in quotation marks"
    } else if begins(&["u", "i6", "i3", "i8", "i1", "an integer", "integer"]) && !expected.starts_with("unit")
    {
        "a whole number that is not negative and not huge"
    } else if begins(&["a boolean"]) {
        "true or false"
    } else if begins(&["a sequence", "a list", "an array"]) {
        "a list in brackets"
    } else if begins(&["a TOML datetime", "a date"]) {
        "a date and time without quotation marks, like 2025-03-03T10:00:00+08:00"
    } else if begins(&["a civil time", "an hour"]) {
        "an hour such as \"17:00\""
    } else if begins(&["table with exactly 1 entry", "exactly", "string or table", "enum", "variant"]) {
        "exactly one entry, such as { days = 15 }"
    } else {
        "a table with entries of its own"
    }
}

/// How many letters have to change for one word to be the other.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(crate::limits::MAX_ID).enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Why a condition does not read, from where it does not: message and remedy.
pub(crate) fn condition(raw: &str, rest: &str) -> (String, &'static str) {
    let rest = rest.lines().next().unwrap_or("").trim();
    let shown: String = rest.chars().take(40).collect();
    if raw.contains("ecursion") || raw.contains("recovery") {
        return (
            "the condition is nested too deeply to be read".into(),
            "write it shorter, or as several routes",
        );
    }
    let remedy = if rest.starts_with('=') {
        "compare with == and write texts in single quotes: category == 'water'"
    } else if rest.starts_with(['\'', '"']) || raw.contains("string") || raw.contains("token") {
        "close every quotation mark; write texts in single quotes: category == 'water'"
    } else {
        "join comparisons with && and ||, close every bracket, and write texts in single quotes: category == 'water'"
    };
    if shown.is_empty() {
        return ("the condition ends too early".into(), remedy);
    }
    (format!("the condition cannot be read from here on: {shown}"), remedy)
}

/// What comparing came to, where it came to no yes or no.
pub(crate) const NO_ANSWER: &str = "compare texts with texts; the whole condition must be true or false";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_known_word_is_offered_first() {
        assert_eq!(distance("quite", "quiet"), 2);
        assert_eq!(distance("", "abc"), 3);
        let known = ["max".to_owned(), "quiet".to_owned()];
        assert!(
            one_of("quite", &known).starts_with("write one of")
                || one_of("quiett", &known).starts_with("write \"quiet\"")
        );
        assert_eq!(one_of("zzzzzz", &known), "write one of max, quiet");
        assert_eq!(one_of("x", &[]), "remove it");
    }
}
