//! What a person types into the search box, as words that must be there.
//!
//! Terms stand between spaces; all must hold. A term is found in the text, or as the initials of a title, or as the
//! whole of a personal value: a name, a number. What was typed is never kept.

use super::words::{self, Piece, key_form, normal, pairs, pieces};
use super::{Expr, Hit, Tag, initials};
use crate::keys::Keys;
use crate::limits;

/// What was typed, ready to be asked and to be looked at once more.
#[derive(Clone, Debug)]
pub struct Typed {
    /// For the index.
    pub expr: Expr,
    whole: Tag,
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    text: String,
    key: Tag,
    /// Pairs of characters that all occur need not stand together: the text says.
    look_again: bool,
}

/// Reads what was typed; `None` where nothing is left to look for.
pub fn typed(text: &str, district: &str, keys: &Keys) -> Option<Typed> {
    let text: String = text.chars().take(limits::TYPED_CHARS).collect();
    let split: Vec<&str> = text.split_whitespace().take(limits::TYPED_TERMS).collect();
    let of = |text: &str| keys.find_key(district, &key_form(text));
    let mut terms = Vec::new();
    let mut all = Vec::new();
    for part in &split {
        let part = normal(part);
        let Some((expr, look_again)) = term(&part) else { continue };
        let key = of(&part);
        all.push(Expr::Any(vec![Expr::Word(key.token()), expr]));
        terms.push(Term { text: part, key, look_again });
    }
    let found = (!all.is_empty()).then_some(Expr::All(all))?;
    // A name or a number may be written with spaces.
    let whole = of(&text);
    let expr = match split.len() {
        1 => found,
        _ => Expr::Any(vec![Expr::Word(whole.token()), found]),
    };
    Some(Typed { expr, whole, terms })
}

/// One term: what the index is asked, and whether the text has the last word.
fn term(text: &str) -> Option<(Expr, bool)> {
    let mut all = Vec::new();
    let mut look_again = false;
    for piece in pieces(text) {
        match piece {
            Piece::Word(word) => all.push(spelled(word)),
            Piece::Han(han) => match han.chars().count() {
                1 => all.push(Expr::Word(han.to_owned())),
                count => {
                    all.extend(pairs(han).map(|pair| Expr::Word(pair.to_owned())));
                    look_again |= count > 2;
                }
            },
        }
    }
    match all.len() {
        0 => None,
        1 => all.pop().map(|one| (one, look_again)),
        // Pieces of one term stand together.
        _ => Some((Expr::All(all), true)),
    }
    .map(|(expr, again)| (expr, again && !text.is_ascii()))
}

/// Letters or digits: the beginning of a word, or initials. With one alone half of everything begins: it must be a word.
fn spelled(text: &str) -> Expr {
    if text.chars().count() == 1 {
        return Expr::Word(words::word(text));
    }
    let written = Expr::Prefix(words::word(text));
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) || text.len() > limits::INITIALS_CHARS {
        return written;
    }
    let initials = match text.len() {
        ..=initials::WINDOW => Expr::Prefix(initials::word(text)),
        _ => {
            let windows = (0..=text.len() - initials::WINDOW).map(|at| &text[at..at + initials::WINDOW]);
            Expr::All(windows.map(|window| Expr::Word(initials::word(window))).collect())
        }
    };
    Expr::Any(vec![written, initials])
}

impl Typed {
    /// Whether a row that the index found holds what was typed.
    pub fn holds(&self, hit: &Hit) -> bool {
        let gist = &hit.gist;
        if self.terms.iter().all(|term| !term.look_again) || gist.keys.binary_search(&self.whole).is_ok() {
            return true;
        }
        let mut text = normal(hit.row.title.as_deref().unwrap_or_default());
        for part in [&gist.description, &gist.outcome].into_iter().chain(&gist.labels) {
            text.push('\n');
            text.push_str(&normal(part));
        }
        let holds = |term: &Term| {
            !term.look_again || text.contains(&term.text) || gist.keys.binary_search(&term.key).is_ok()
        };
        self.terms.iter().all(holds)
    }
}
