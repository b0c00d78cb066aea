//! Where two texts differ, down to what a person sees as one character.
//!
//! Codes and numbers are whole values: nothing is marked in them.

use similar::{ChangeTag, TextDiff};

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    /// The other text does not have it.
    pub(super) own: bool,
}

/// Fields that are written as prose.
const PROSE: [&str; 6] = ["outcome", "closure_note", "person.name", "name", "household", "contact_cadre"];

/// Longer texts are shown whole: marks would be as long as they are.
const MARKED_CHARS: usize = 4_000;

/// Whether differences are marked in a field's values.
pub(super) fn is_prose(field: &str) -> bool {
    PROSE.contains(&field)
}

/// This text in parts: what the other one does not have is its own. Nothing where all of it is.
pub(super) fn pieces(this: &str, other: &str) -> Vec<Piece> {
    if this.chars().count() + other.chars().count() > MARKED_CHARS {
        return Vec::new();
    }
    let diff = TextDiff::from_graphemes(other, this);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let own = match change.tag() {
            ChangeTag::Delete => continue,
            ChangeTag::Insert => true,
            ChangeTag::Equal => false,
        };
        match pieces.last_mut() {
            Some(last) if last.own == own => last.text.push_str(change.value()),
            _ => pieces.push(Piece { text: change.value().to_owned(), own }),
        }
    }
    if pieces.iter().all(|piece| piece.own) { Vec::new() } else { pieces }
}

/// Both texts in one: what they share once, what each has of its own behind it. A draft for a person to go over.
pub(super) fn combined(texts: &[&str]) -> String {
    let mut all = String::new();
    for text in texts {
        if all.is_empty() {
            (*text).clone_into(&mut all);
        } else if !all.contains(text) {
            let diff = TextDiff::from_graphemes(all.as_str(), *text);
            let merged: String = diff.iter_all_changes().map(|change| change.value().to_owned()).collect();
            all = merged;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_what_a_person_sees() {
        let own = |this: &str, other: &str| -> Vec<String> {
            pieces(this, other).into_iter().filter(|piece| piece.own).map(|piece| piece.text).collect()
        };
        assert_eq!(own("阿布都·热合曼", "阿不都·热合曼"), ["布"]);
        assert_eq!(own("已修好", "已修"), ["好"]);
        // One family of four, one character; its parts are not torn apart.
        assert_eq!(own("住户👨‍👩‍👧‍👦", "住户👨‍👩‍👧"), ["👨‍👩‍👧‍👦"]);
        assert_eq!(own("𠮷田", "吉田"), ["𠮷"]);
        assert_eq!(own("甲", "乙"), Vec::<String>::new());
        assert_eq!(own("同", "同"), Vec::<String>::new());
    }

    #[test]
    fn a_combined_text_has_all_of_both() {
        assert_eq!(combined(&["水管已换", "水管已换，漏水停了"]), "水管已换，漏水停了");
        assert_eq!(combined(&["同", "同"]), "同");
        let both = combined(&["水管已换", "阀门已换"]);
        assert!(both.contains("水管") && both.contains("阀门"));
    }
}
