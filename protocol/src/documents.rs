//! Documents of all kinds: their fields, edits, words, conflicts and views.
//!
//! One way: `schema` ← `genesis` ← `edit`, `words` ← `table` ← `view`; `media` ← `attachment`. Everything
//! here is a pure function of changes; arrival order never shows.

pub mod attachment;
pub mod edit;
pub mod genesis;
pub mod media;
pub mod schema;
pub mod signing;
pub mod table;
pub mod title;
pub mod view;
pub mod words;

pub use attachment::Attachment;
pub use edit::{Edit, EditError, edit_at, gather};
pub use genesis::{constant, genesis, kind_of_genesis, migrations_to};
pub use media::Media;
pub use schema::{Class, Field, Kind, Role, Type};
pub use table::{Crowded, Row, Side, Table, View};
pub use title::{is_blank, titled};
pub use words::{
    Accepted, Act, Facts, Record, Value, Word, WordRefusal, derive, derive_decoded, known_words, touched,
};

#[cfg(test)]
mod tests;
