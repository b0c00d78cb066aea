//! The initials of a title's characters in pinyin: `scjwgc` finds 市场街无公厕.
//!
//! Every place at which the title can be entered gives one word of up to four initials, each reading of a character
//! its own; more initials are found by several words.

use pinyin::ToPinyinMulti;

use super::words::{is_han, normal};
use crate::limits;

/// Initials in one word.
pub(super) const WINDOW: usize = 4;

/// A word of initials as it stands in the index.
pub(super) fn word(initials: &str) -> String {
    format!("p{initials}")
}

/// The words of initials of a title.
pub(super) fn initials(title: &str) -> Vec<String> {
    let readings: Vec<Vec<char>> = normal(title).chars().take(limits::INITIALS_CHARS).map(readings).collect();
    let mut words = Vec::new();
    for from in 0..readings.len() {
        let run: Vec<&Vec<char>> =
            readings[from..].iter().take(WINDOW).take_while(|of| !of.is_empty()).collect();
        let mut all = vec![String::new()];
        for of in run {
            let longer = all.iter().flat_map(|begun| of.iter().map(move |next| format!("{begun}{next}")));
            all = longer.take(limits::INITIALS_READINGS).collect();
        }
        words.extend(all.into_iter().filter(|initials| !initials.is_empty()).map(|initials| word(&initials)));
    }
    words
}

/// The letters with which a character can begin; none: it is not read.
fn readings(char: char) -> Vec<char> {
    if char.is_ascii_alphanumeric() {
        return vec![char];
    }
    if !is_han(char) {
        return Vec::new();
    }
    let all = char.to_pinyin_multi().into_iter().flatten();
    let mut letters: Vec<char> = all.filter_map(|reading| reading.plain().chars().next()).collect();
    letters.dedup();
    letters.sort_unstable();
    letters.dedup();
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_entered_anywhere_and_each_reading_counts() {
        let words = initials("市场街无公厕");
        for word in ["pscjw", "pcjwg", "pjwgc", "pwgc", "pgc", "pc"] {
            assert!(words.contains(&word.to_owned()), "{word} in {words:?}");
        }
        let words = initials("仇家坝");
        assert!(words.contains(&"pcjb".into()) && words.contains(&"pqjb".into()), "{words:?}");
        // A character that nobody reads ends the run; the rest is found.
        assert!(initials("𠮷祥路").contains(&"pxl".into()));
    }
}
