//! Packs that ship, with one value of one file made absurd at a time: nothing panics, and what cannot be meant is named
//! at its place before anything else is.
//!
//! Every run of the tests tries a share; `POLICY_MUTANTS=1` tries them all.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use doorstep_policy::{PackFiles, check};
use toml::de::{DeTable, DeValue};

use crate::packs::read;
use crate::words::said_in_chinese;

/// A value of a TOML file: its path without indexes, what it is, and where it stands.
struct Leaf {
    path: String,
    what: What,
    span: Range<usize>,
}

#[derive(Clone, Copy, PartialEq)]
enum What {
    Number,
    Text,
    Moment,
    Other,
}

fn leaves(text: &str) -> Vec<Leaf> {
    fn below(path: &str, value: &DeValue<'_>, span: Range<usize>, found: &mut Vec<Leaf>) {
        let what = match value {
            DeValue::Table(table) => return inside(path, table, found),
            DeValue::Array(items) => {
                return items.iter().for_each(|item| below(path, item.get_ref(), item.span(), found));
            }
            DeValue::Integer(_) | DeValue::Float(_) => What::Number,
            DeValue::String(_) => What::Text,
            DeValue::Datetime(_) => What::Moment,
            DeValue::Boolean(_) => What::Other,
        };
        found.push(Leaf { path: path.to_owned(), what, span });
    }
    fn inside(path: &str, table: &DeTable<'_>, found: &mut Vec<Leaf>) {
        for (key, value) in table {
            let path =
                if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
            below(&path, value.get_ref(), value.span(), found);
        }
    }
    let document = DeTable::parse(text).expect("a pack that ships reads");
    let mut found = Vec::new();
    inside("", document.get_ref(), &mut found);
    found.sort_by_key(|leaf| leaf.span.start);
    found
}

/// What is put in a value's place, and whether it can ever be meant.
fn instead(leaf: &Leaf, written: &str) -> Vec<(String, bool)> {
    let never = |texts: &[&str]| texts.iter().map(|text| ((*text).to_owned(), true)).collect::<Vec<_>>();
    match leaf.what {
        What::Number => {
            let mut all =
                never(&["4294967295", "99999999999999999999999", "1.5", "\"7\"", "true", "[]", "{}"]);
            all.push((format!("{written}{written}"), false));
            all.extend([("0".to_owned(), false), (format!("-{}", written.trim_start_matches('-')), false)]);
            all
        }
        What::Moment => never(&[
            "9999-12-31T23:59:59-08:00",
            "0001-01-01T00:00:00Z",
            "2025-03-03T10:00:00",
            "2025-03-03",
            "5",
            "\"now\"",
        ]),
        What::Text => {
            let mut all = never(&["5", "true", "\" \"", "\"\\u0000\\u202e\""]);
            let body = written.trim_matches(['"', '\'']);
            let cut: String = body.chars().skip(1).collect();
            for other in [String::new(), format!("{body}{body}"), cut, "x".repeat(5000)] {
                all.push((format!("'''{other}'''"), false));
            }
            all
        }
        What::Other => never(&["5", "\"yes\""]),
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how many")]
fn share() -> usize {
    std::env::var("POLICY_MUTANTS").ok().and_then(|text| text.parse().ok()).unwrap_or(397)
}

/// How a mutant was wrong: not seen, or seen elsewhere first.
fn wrong(pack: &PackFiles, file: &str, leaf: &Leaf, other: &str, meant: bool) -> Option<String> {
    let mut files = pack.clone();
    let text = files.0.get_mut(file).expect("the file is there");
    let line = text[..leaf.span.start].matches('\n').count() + 1;
    let what = format!("{file}:{line} {} = {}", leaf.path, other.chars().take(40).collect::<String>());
    text.replace_range(leaf.span.clone(), other);
    let Ok(problems) = catch_unwind(AssertUnwindSafe(|| check(&files))) else {
        return Some(format!("{what}: panics"));
    };
    for problem in &problems {
        said_in_chinese(problem);
        assert!(!problem.message.is_empty() && !problem.remedy.is_empty(), "{what}: {problem:?}");
        let raw = ["i128", "u32", "serde", "expected struct", "Syntax error", "<EOF>", "at line"];
        if let Some(raw) = raw.iter().find(|raw| problem.message.contains(**raw)) {
            return Some(format!("{what}: says {raw:?}: {}", problem.message));
        }
    }
    match problems.first() {
        None if meant => Some(format!("{what}: silent")),
        Some(first) if meant && (first.file != file || first.line as usize != line) => {
            Some(format!("{what}: first {}:{} {}", first.file, first.line, first.message))
        }
        _ => None,
    }
}

#[test]
fn one_absurd_value_is_named_where_it_stands() {
    let mut count = 0;
    let mut found = Vec::new();
    for name in ["bazhou", "ziliujing", "zhalainuoer"] {
        let pack = read(name);
        for (file, text) in
            pack.0.iter().filter(|(file, _)| file.rsplit_once('.').is_some_and(|(_, end)| end == "toml"))
        {
            for leaf in leaves(text) {
                for (other, meant) in instead(&leaf, &text[leaf.span.clone()]) {
                    count += 1;
                    if count % share() == 0 {
                        found.extend(
                            wrong(&pack, file, &leaf, &other, meant).map(|wrong| format!("{name}/{wrong}")),
                        );
                    }
                }
            }
        }
    }
    assert!(count > 5_000, "{count}");
    assert!(found.is_empty(), "{} of {count}:\n{}", found.len(), found.join("\n"));
}
