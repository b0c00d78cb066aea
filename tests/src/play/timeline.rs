//! What happened in a story, line by line, for people and for scripts.

use jiff::tz::{Offset, TimeZone};
use serde::Serialize;

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// told, wrote, acted, synced, conflict, resolved, waits, settled, decided, later, held, failed.
    pub kind: &'static str,
    /// By the clock of whoever did it (RFC 3339).
    pub at: String,
    /// In a sentence, in the language of the environment.
    pub text: String,
    /// What belongs to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
}

impl Entry {
    pub(super) fn new(kind: &'static str, at: impl Into<String>, text: String) -> Self {
        Entry { kind, at: at.into(), text, details: Vec::new() }
    }

    pub(super) fn with(self, details: Vec<String>) -> Self {
        Entry { details, ..self }
    }
}

/// A time as people read it, in Beijing; text that is none stays as it is.
pub(super) fn clock(text: &str) -> String {
    let beijing = TimeZone::fixed(Offset::constant(8));
    let Ok(at) = text.parse::<jiff::Timestamp>() else { return text.to_owned() };
    at.to_zoned(beijing).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// The timeline as text.
pub(super) fn plain(entries: &[Entry]) -> String {
    let lines = entries.iter().flat_map(|entry| {
        let first = format!("  {:19}  {}\n", clock(&entry.at), entry.text);
        let details = entry.details.iter().map(|detail| format!("  {:19}    · {detail}\n", ""));
        std::iter::once(first).chain(details)
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn times_are_beijing_time() {
        assert_eq!(super::clock("2026-01-01T16:30:00Z"), "2026-01-02 00:30:00");
        assert_eq!(super::clock("soon"), "soon");
    }
}
