//! A file of a pack as a tree of tables, lists and values, each with its place.
//!
//! Owns the walk and the paths by which `limits` and `words` speak of entries. Never knows what an entry means.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One value of a file: an entry of a table, or an item of a list.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    /// Tables and key, joined by dots: `class.due.any.days`. Items of a list have the list's.
    pub(super) path: String,
    /// The last of them.
    pub(super) key: &'a str,
    /// Where the key stands.
    pub(super) named: Range<usize>,
    pub(super) value: &'a DeValue<'a>,
    pub(super) span: Range<usize>,
    /// An item of a list.
    pub(super) item: bool,
}

impl Entry<'_> {
    /// Whether its path is this one, in which `*` stands for any key.
    pub(super) fn is(&self, pattern: &str) -> bool {
        let (mut path, mut wanted) = (self.path.split('.'), pattern.split('.'));
        loop {
            match (path.next(), wanted.next()) {
                (None, None) => return true,
                (Some(is), Some(want)) if want == "*" || is == want => {}
                _ => return false,
            }
        }
    }

    /// Whether it is one of these.
    pub(super) fn among(&self, patterns: &[&str]) -> bool {
        patterns.iter().any(|pattern| self.is(pattern))
    }
}

/// Every entry and item below a table, tables and lists before what they hold.
pub(super) fn entries<'a>(table: &'a DeTable<'a>) -> Vec<Entry<'a>> {
    let mut found = Vec::new();
    in_table("", table, &mut found);
    found
}

fn in_table<'a>(above: &str, table: &'a DeTable<'a>, found: &mut Vec<Entry<'a>>) {
    for (key, value) in table {
        // A dot in a quoted key is no step of the path.
        let name = key.get_ref().replace('.', "·");
        let path = if above.is_empty() { name } else { format!("{above}.{name}") };
        let entry = Entry {
            path,
            key: key.get_ref(),
            named: key.span(),
            value: value.get_ref(),
            span: value.span(),
            item: false,
        };
        below(entry, found);
    }
}

fn below<'a>(entry: Entry<'a>, found: &mut Vec<Entry<'a>>) {
    let at = found.len();
    let (path, value) = (entry.path.clone(), entry.value);
    found.push(entry);
    match value {
        DeValue::Table(table) => in_table(&path, table, found),
        DeValue::Array(items) => {
            for item in items {
                let list = found[at].clone();
                let (value, span) = (item.get_ref(), Spanned::span(item));
                below(Entry { value, span, item: true, ..list }, found);
            }
        }
        _ => {}
    }
}
