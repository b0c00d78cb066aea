//! What is wrong with a pack, and where: file, line and column, with a remedy.
//!
//! Owns the form of a problem and the arithmetic from byte offsets to lines. Never decides what is wrong; the words are
//! `said`'s.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::said::{LANGUAGES, Said, Texts};

/// One finding about a pack. `line` and `column` count from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Problem {
    /// Path inside the pack, such as `policy.toml`.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Stable code in kebab case, such as `unknown-unit`.
    pub code: String,
    /// What is wrong, with the names involved.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// What the two texts say, for other languages.
    #[serde(skip)]
    said: Said,
}

impl Problem {
    /// The same in the words of a language ([`LANGUAGES`]). One that was read from a text stays as it is.
    #[must_use]
    pub fn in_language(&self, language: &str) -> Self {
        if self.said.is_empty() {
            return self.clone();
        }
        let (message, remedy) = self.said.in_words(Texts::of(language));
        Self { message, remedy, ..self.clone() }
    }
}

/// What is left out where its cause is said: a name that nothing reads, because the list of what is read is wrong.
const FOLLOWS: &[(&str, &[&str])] = &[
    ("cel-unknown-name", &["unknown-field", "reads-lack", "personal-field"]),
    ("unknown-figure", &["toml"]),
    ("unused", &["unknown-class", "unknown-ladder"]),
];

/// What is wrong with one entry by itself: whatever does not fit it may follow from that.
const UNREAD: &[&str] = &[
    "missing-file",
    "toml",
    "units-header",
    "units-row",
    "units-cell",
    "units-also",
    "figure",
    "blank",
    "bad-id",
    "invisible",
    "spaces",
];

/// Causes before what follows from them: what does not read before what does not fit, units and calendars before the rules
/// that name them, rules before names and examples; within a file by place. What is said twice of one place is said once.
pub(crate) fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    let rank = |file: &str| match file {
        "units.csv" => 0,
        "policy.toml" => 2,
        _ if file.starts_with("strings/") => 3,
        _ if file.starts_with("examples/") => 4,
        _ => 1,
    };
    let said: Vec<String> = problems.iter().map(|p| p.code.clone()).collect();
    let follows = |problem: &Problem| {
        let causes = FOLLOWS.iter().filter(|(code, _)| *code == problem.code).flat_map(|(_, causes)| *causes);
        causes.into_iter().any(|cause| said.iter().any(|code| code == cause))
    };
    problems.retain(|problem| !follows(problem));
    let reads = |problem: &Problem| !UNREAD.contains(&problem.code.as_str());
    problems.sort_by(|a, b| (reads(a), rank(&a.file)).cmp(&(reads(b), rank(&b.file))).then_with(|| a.cmp(b)));
    problems.dedup_by(|a, b| {
        (&a.file, a.line, a.column, &a.code) == (&b.file, b.line, b.column, &b.code) && a.message == b.message
    });
    problems
}

/// One text file of a pack while it is read, able to say where an offset lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// A problem at the start of a byte range.
    pub(crate) fn at(self, span: Range<usize>, code: &str, said: Said) -> Problem {
        let (line, column) = position(self.text, span.start);
        self.line(line, column, code, said)
    }

    /// A problem at a known line and column.
    pub(crate) fn line(self, line: u32, column: u32, code: &str, said: Said) -> Problem {
        let (message, remedy) = said.in_words(Texts::of(LANGUAGES[0]));
        Problem { file: self.file.into(), line, column, code: code.into(), message, remedy, said }
    }

    /// The byte offset of line and column (both from 1) inside the TOML string literal at `span`: where a condition's
    /// own position lies in the file. Escapes in the literal shift the column; packs write conditions without them.
    pub(crate) fn inside_literal(self, span: &Range<usize>, line: usize, column: usize) -> usize {
        let literal = self.text.get(span.clone()).unwrap_or("");
        let opening = if literal.starts_with("\"\"\"") || literal.starts_with("'''") {
            let after = literal.get(3..).unwrap_or("");
            3 + after.strip_prefix("\r\n").map_or(usize::from(after.starts_with('\n')), |_| 2)
        } else {
            1
        };
        let body = literal.get(opening..).unwrap_or("");
        let before: usize = body.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = body.get(before..).unwrap_or("");
        let along: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        span.start + opening + before + along
    }
}

/// Line and column (from 1, columns in characters) of a byte offset.
fn position(text: &str, offset: usize) -> (u32, u32) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
    let column = before[line_start..].chars().count() + 1;
    (u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(position("一二\n三四x", "一二\n三四".len()), (2, 3));
    }

    #[test]
    fn a_place_in_a_multi_line_condition_is_found_in_the_file() {
        let text = "when = '''\na &&\nb ?\n'''\n";
        let source = Source { file: "policy.toml", text };
        let span = 7..text.len() - 1;
        assert_eq!(&text[source.inside_literal(&span, 2, 3)..][..1], "?");
    }
}
