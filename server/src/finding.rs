//! How documents are found: what each is filed under, how texts become words, and what a person may ask.
//!
//! Pure. Owns tags, words, the gist of a document and the questions. Stores keep them in the same commit as the
//! document; who sees what is `authorize`'s, which says it in tags, so that a question is never answered with rows
//! that somebody may not see.

mod ask;
mod gist;
mod initials;
mod tags;
mod typed;
mod words;

pub use ask::{After, Ask, Expr, Filed, Found, Hit, Order, Total};
pub use gist::Gist;
pub use tags::{Mark, NOBODY, Tag};
pub(crate) use tags::{day, due, stage, tags};
pub use typed::{Typed, typed};
pub(crate) use words::{is_han, key_form, names_within, normal, pieces_of, words};

/// Raised whenever tags or words of the same document come out differently: stores file everything again.
pub const GENERATION: u32 = 1;
