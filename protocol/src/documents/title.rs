//! Titles: what a person writes as one must be seen.
//!
//! Asked where somebody writes, never of what is there or arrives: a device from before may send any text.

use super::edit::{Edit, EditError};

/// Whether nothing of a text is seen: it has blanks alone, and characters that only shape others.
pub fn is_blank(text: &str) -> bool {
    let unseen = |char: char| {
        char.is_whitespace()
            || char.is_control()
            || matches!(char,
                '\u{AD}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}')
    };
    text.chars().all(unseen)
}

/// Refuses a title of which nothing is seen: in lists it would be a link without a word. Taking it away is another edit.
pub fn titled(edits: &[Edit]) -> Result<(), EditError> {
    let blank = |edit: &Edit| match edit {
        Edit::Put { field, value: Some(text) } => field == "title" && is_blank(text),
        _ => false,
    };
    let message = "has nothing in it that can be seen: write in a few words what it is about, or unset it";
    if edits.iter().any(blank) { Err(EditError::Type { field: "title", message }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_seen() {
        let put =
            |value: Option<&str>| [Edit::Put { field: "title".into(), value: value.map(str::to_owned) }];
        for unseen in ["", " ", "　 \t", "\u{200B}\u{FEFF}", "\u{3164}"] {
            assert!(titled(&put(Some(unseen))).is_err(), "{unseen:?}");
        }
        for seen in ["路灯", " 路灯", "。", "0", "a\u{200D}"] {
            assert!(titled(&put(Some(seen))).is_ok(), "{seen:?}");
        }
        assert!(titled(&put(None)).is_ok(), "taken away");
        let other = [Edit::Put { field: "outcome".into(), value: Some(" ".into()) }];
        assert!(titled(&other).is_ok());
    }
}
