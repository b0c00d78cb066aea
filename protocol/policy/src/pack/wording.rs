//! What the readers of TOML and of conditions say, in words that a clerk can act on.
//!
//! Owns the rewording; the place stays as it was. Never judges: what does not read, does not read.

use crate::problem::{Problem, Source};
use crate::said::{Said, Word, said};

/// A time that says no offset, as the reader of TOML passes it on.
pub(crate) const NO_OFFSET: &str = "moment-without-offset";
/// A time that cannot be counted with.
pub(crate) const FAR_AWAY: &str = "moment-far-away";
/// What is no length of time.
pub(crate) const NO_DURATION: &str = "no-duration";
/// What is no time on a ladder.
pub(crate) const NOT_ALONG: &str = "not-along-a-ladder";
/// What is no hour of a day.
pub(crate) const NO_HOUR: &str = "no-hour";

/// Why a file does not read, at its place. `show` names what shows how it is written, for the remedy.
pub(crate) fn toml(error: &toml::de::Error, show: Word, source: Source<'_>) -> Problem {
    let span = error.span().unwrap_or(0..0);
    let written = source.text.get(span.clone()).unwrap_or("");
    let said = if toml::de::DeTable::parse(source.text).is_err() {
        syntax(error.message(), written)
    } else {
        entry(error.message(), written, show)
    };
    source.at(span, "toml", said)
}

/// The file is no TOML from here on.
fn syntax(raw: &str, written: &str) -> Said {
    let begins = |with: &str| raw.starts_with(with);
    if begins("string values") && written.trim().is_empty() {
        return said("toml-no-value");
    }
    match () {
        () if begins("duplicate key") => said("toml-twice"),
        () if begins("unclosed table") => said("toml-open-table"),
        () if begins("unclosed array table") => said("toml-open-tables"),
        () if begins("unclosed array") => said("toml-open-list"),
        () if begins("unclosed inline table") => said("toml-open-braces"),
        () if begins("key with no value") || begins("missing value") => said("toml-no-value"),
        () if begins("string values must be quoted") => said("toml-unquoted"),
        () if begins("missing comma") => said("toml-comma-missing"),
        () if begins("extra comma") => said("toml-comma-extra"),
        () if begins("invalid basic string") => said("toml-open-text"),
        () if begins("invalid literal string") => said("toml-open-literal"),
        () if begins("unexpected leading zero") => said("toml-leading-zero"),
        () if ["datetime", "date", "month", "day", "hour"].iter().any(|word| raw.contains(word)) => {
            said("toml-no-day")
        }
        () if begins("missing assignment") => said("toml-no-equals"),
        () => said("toml-syntax"),
    }
}

/// An entry that is not what stands in its place.
fn entry(raw: &str, written: &str, show: Word) -> Said {
    let shown = written.lines().next().unwrap_or("").chars().take(40).collect::<String>();
    let says = |what: Said| what.with("shown", &shown);
    if let Some(rest) = raw.strip_prefix("unknown field ") {
        let (name, known) = parts(rest);
        return said("toml-unknown-entry").name("name", &name).say("choice", one_of(&name, &known));
    }
    if let Some(rest) = raw.strip_prefix("unknown variant ") {
        let (name, known) = parts(rest);
        return said("toml-unknown-word").name("name", &name).say("choice", one_of(&name, &known));
    }
    if let Some(rest) = raw.strip_prefix("missing field ") {
        return said("toml-lacks").with("name", rest.trim_matches('`')).word("show", show);
    }
    if let Some(rest) = raw.strip_prefix("duplicate field ") {
        return said("toml-entry-twice").with("name", rest.trim_matches('`'));
    }
    if raw.contains("integer number overflowed") || raw.contains("i128") || raw.contains("u128") {
        return says(said("toml-too-large"));
    }
    if raw.starts_with("wanted exactly 1 element") {
        return says(said("toml-not-one"));
    }
    if let Some((_, expected)) = raw.split_once("expected ") {
        return says(said("toml-wanted")).word("wanted", wanted(expected)).word("show", show);
    }
    if raw.starts_with("data did not match any variant") {
        return says(said("toml-text-or-list"));
    }
    if raw.starts_with("wanted string or table") {
        return says(said("toml-text-or-table")).word("show", show);
    }
    // What this crate's own readers refuse.
    match raw.trim() {
        NO_OFFSET => says(said("toml-no-offset")),
        FAR_AWAY => says(said("toml-far-away")),
        NO_DURATION => says(said("toml-no-duration")),
        NOT_ALONG => says(said("toml-not-along")),
        NO_HOUR => says(said("toml-no-hour")),
        _ => says(said("toml-unread")).word("show", show),
    }
}

/// The name in question, and those that are known: all that stands between backticks.
fn parts(text: &str) -> (String, Vec<String>) {
    let mut names = text.split('`').skip(1).step_by(2).map(str::to_owned);
    (names.next().unwrap_or_default(), names.collect())
}

fn one_of(name: &str, known: &[String]) -> Said {
    let near =
        known.iter().map(|k| (distance(name, k), k)).min().filter(|(far, k)| *far * 3 <= k.len().max(3));
    match (near, known) {
        (_, []) => said("choice-none"),
        (Some((_, near)), _) => said("choice-near").name("near", near).list("known", known),
        (None, _) => said("choice").list("known", known),
    }
}

/// What serde expects, as people say it.
fn wanted(expected: &str) -> Word {
    let begins = |words: &[&str]| words.iter().any(|word| expected.starts_with(word));
    if begins(&["a string", "a borrowed string", "identifier"]) {
        Word("wanted-text")
    } else if begins(&["u", "i6", "i3", "i8", "i1", "an integer", "integer"]) && !expected.starts_with("unit")
    {
        Word("wanted-number")
    } else if begins(&["a boolean"]) {
        Word("wanted-flag")
    } else if begins(&["a sequence", "a list", "an array"]) {
        Word("wanted-list")
    } else if begins(&["a TOML datetime", "a date"]) {
        Word("wanted-moment")
    } else if begins(&["a civil time", "an hour"]) {
        Word("wanted-hour")
    } else if begins(&["table with exactly 1 entry", "exactly", "string or table", "enum", "variant"]) {
        Word("wanted-one")
    } else {
        Word("wanted-table")
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

/// Why a condition does not read, from where it does not.
pub(crate) fn condition(raw: &str, rest: &str) -> Said {
    let rest = rest.lines().next().unwrap_or("").trim();
    let shown: String = rest.chars().take(40).collect();
    if raw.contains("ecursion") || raw.contains("recovery") {
        return said("cel-deep");
    }
    let how = if rest.starts_with('=') {
        said("cel-how-equals")
    } else if rest.starts_with(['\'', '"']) || raw.contains("string") || raw.contains("token") {
        said("cel-how-quotes")
    } else {
        said("cel-how-joined")
    };
    let said = if shown.is_empty() { said("cel-ends") } else { said("cel-syntax").with("shown", shown) };
    said.say("how", how)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::said::Texts;

    #[test]
    fn the_nearest_known_word_is_offered_first() {
        assert_eq!(distance("quite", "quiet"), 2);
        assert_eq!(distance("", "abc"), 3);
        let known = ["max".to_owned(), "quiet".to_owned()];
        let english = |name: &str, known: &[String]| one_of(name, known).in_words(Texts::of("en")).0;
        assert!(
            english("quite", &known).starts_with("write one of")
                || english("quiett", &known).starts_with("write \"quiet\"")
        );
        assert_eq!(english("zzzzzz", &known), "write one of max, quiet");
        assert_eq!(english("x", &[]), "remove it");
    }
}
