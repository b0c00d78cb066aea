//! Texts into words: what a search compares.
//!
//! Chinese has no spaces: every character is a word, and every two that stand side by side are one (a trigram finds
//! nothing of two characters, and no dictionary knows the names of places). What is written with letters or digits is a
//! word as a whole. Words that begin with a Latin letter get a `w` before them, so that nothing anybody writes can look
//! like a tag.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::initials::initials;
use super::{Gist, Tag};
use crate::limits;
use crate::store::CaseRow;

/// A text as it is compared: one form for each character, no variation selectors, no dots within names, small letters.
pub(crate) fn normal(text: &str) -> String {
    let kept = text.nfkc().filter(|char| !is_selector(*char) && !is_name_dot(*char));
    kept.flat_map(char::to_lowercase).collect()
}

/// A personal value as it is compared, whole: without spaces, dashes and dots. Empty: nothing to compare.
pub(crate) fn key_form(text: &str) -> String {
    normal(text).chars().filter(|char| char.is_alphanumeric()).collect()
}

/// Names that may stand within a text, as [`key_form`] has them: its runs of Han characters, its words in other scripts one
/// after the other, and both side by side (王Wei), as long as names are. A single character, or a part of a word, is nobody's
/// name.
pub(crate) fn names_within(text: &str) -> BTreeSet<String> {
    let text: String = normal(text).chars().take(limits::MAX_LINE_CHARS).collect();
    let pieces = pieces_of(&text);
    let han = |piece: &String| piece.chars().all(is_han);
    // Words alone may also have something in another script between them.
    let long = |row: &&[String]| match row.iter().filter(|piece| han(piece)).count() {
        0 => false,
        all if all == row.len() => true,
        _ => limits::NAME_MIXED.contains(&row.len()),
    };
    let runs = limits::NAME_CHARS.flat_map(|length| pieces.windows(length));
    let runs = runs.filter(long).map(<[String]>::concat);
    let words: Vec<&str> = pieces.iter().filter(|piece| !han(piece)).map(String::as_str).collect();
    let rows = limits::NAME_WORDS.flat_map(|count| words.windows(count)).map(<[&str]>::concat);
    let spoken = |name: &String| name.chars().nth(1).is_some() && name.chars().any(char::is_alphabetic);
    runs.chain(rows.filter(spoken)).collect()
}

/// A text as a row of Han characters, each for itself, and words in other scripts, without what stands between them.
pub(crate) fn pieces_of(text: &str) -> Vec<String> {
    let text = normal(text);
    let each = |piece| match piece {
        Piece::Han(han) => han.chars().map(String::from).collect(),
        Piece::Word(word) => vec![word.to_owned()],
    };
    pieces(&text).into_iter().flat_map(each).collect()
}

fn is_selector(char: char) -> bool {
    matches!(char, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' | '\u{200B}'..='\u{200D}')
}

/// The dots with which names of several parts are written.
fn is_name_dot(char: char) -> bool {
    matches!(char, '·' | '•' | '・' | '‧' | '･')
}

/// A character that stands for itself: Han of every block, also those newer than this build's tables, and kana.
pub(crate) fn is_han(char: char) -> bool {
    match char {
        '\u{2E80}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => char.is_alphanumeric(),
        '\u{20000}'..='\u{3FFFF}' => true,
        _ => false,
    }
}

/// A piece of a normalised text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Characters that stand for themselves.
    Han(&'a str),
    /// Letters or digits.
    Word(&'a str),
}

/// The pieces of a normalised text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let class = |char: char| match char {
        _ if is_han(char) => 2,
        _ if char.is_alphanumeric() => 1,
        _ => 0,
    };
    let mut found = Vec::new();
    let (mut start, mut of) = (0, 0);
    for (at, now) in text.char_indices().map(|(at, char)| (at, class(char))).chain([(text.len(), -1)]) {
        if now != of {
            match of {
                1 => found.push(Piece::Word(&text[start..at])),
                2 => found.push(Piece::Han(&text[start..at])),
                _ => {}
            }
            (start, of) = (at, now);
        }
    }
    found
}

/// Two characters that stand side by side, of a piece of Han.
pub(super) fn pairs(han: &str) -> impl Iterator<Item = &str> {
    let ends: Vec<usize> = han.char_indices().map(|(at, _)| at).chain([han.len()]).collect();
    (2..ends.len()).map(move |at| &han[ends[at - 2]..ends[at]])
}

/// A word as it stands in the index: short enough, and never like a tag.
pub(super) fn word(text: &str) -> String {
    let short: String = text.chars().take(limits::WORD_CHARS).collect();
    format!("w{short}")
}

/// The words of one text.
fn enter(text: &str, words: &mut BTreeSet<String>) {
    let text = normal(text);
    for piece in pieces(&text) {
        match piece {
            Piece::Word(text) => drop(words.insert(word(text))),
            Piece::Han(han) => {
                words.extend(han.chars().map(String::from));
                words.extend(pairs(han).map(str::to_owned));
            }
        }
    }
}

/// Everything by which a document is found: tags, keys of personal values, and words, with spaces between.
pub(crate) fn words(row: &CaseRow, tags: &[Tag], gist: &Gist) -> String {
    let mut words: BTreeSet<String> = tags.iter().chain(&gist.keys).map(|tag| tag.token()).collect();
    let title = row.title.as_deref().unwrap_or_default();
    enter(title, &mut words);
    for text in [&gist.description, &gist.outcome].into_iter().chain(&gist.labels) {
        enter(text, &mut words);
    }
    words.extend(initials(title));
    enter(&row.number(), &mut words);
    words.into_iter().collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_characters_dots_and_widths_are_compared_alike() {
        assert_eq!(normal("阿布都·热合曼"), normal("阿布都・热合曼"));
        assert_eq!(key_form("５１０９０２ １９９００１０１ １２３Ｘ"), "51090219900101123x");
        assert_eq!(key_form("138-0013-8000"), "13800138000");
        assert_eq!(normal("㛃\u{FE00}"), "㛃");
        for rare in ['㛃', '𠮷', '𬭼', '𰻝'] {
            assert!(is_han(rare), "{rare}");
        }
        let mut words = BTreeSet::new();
        enter("𠮷祥路3号 Wi-Fi，t0abc", &mut words);
        for word in ["𠮷", "𠮷祥", "祥路", "w3", "号", "wwi", "wfi", "wt0abc"] {
            assert!(words.contains(word), "{word} in {words:?}");
        }
        assert!(words.iter().all(|word| !word.starts_with('t')), "{words:?}");
    }
}
