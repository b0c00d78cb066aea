//! House rules, as a test: each failure names the file, the line and the rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above").to_owned()
}

/// Files below a folder with one of these endings, by path relative to the root.
fn files(endings: &[&str]) -> Vec<(String, String)> {
    let (root, mut found, mut folders) = (root(), Vec::new(), vec![root()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the workspace is readable").flatten() {
            let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            if path.is_dir() {
                if ![".git", "target", ".work", "node_modules"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let short = path.strip_prefix(&root).expect("it is below").to_string_lossy().into_owned();
                found.push((short, fs::read_to_string(&path).expect("text is readable")));
            }
        }
    }
    found.sort();
    found
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/")
        || path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.contains("conformance")
}

/// The lines outside `#[cfg(test)] mod`, with their numbers.
fn production(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("#[cfg(test)]\nmod ").filter(|at| text[*at..].contains(" {\n")).unwrap_or(text.len());
    text[..end].lines().enumerate().map(|(n, line)| (n + 1, line))
}

fn code(line: &str) -> &str {
    let trimmed = line.trim_start();
    if trimmed.starts_with("//") { "" } else { trimmed }
}

fn none(rule: &str, found: &[String]) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Production lines of `.rs` files that hold one of these words and are not in an allowed place.
fn lines_with(words: &[&str], inside: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files(&[".rs"]).iter().filter(|(path, _)| !is_test(path) && inside(path)) {
        let hits = production(text).filter(|(_, line)| words.iter().any(|word| code(line).contains(word)));
        found.extend(hits.map(|(n, line)| format!("{path}:{n}: {}", line.trim())));
    }
    found
}

#[test]
fn every_file_says_what_it_owns_and_stays_small() {
    const LINES: usize = 400;
    let mut found = Vec::new();
    for (path, text) in files(&[".rs"]) {
        if !text.starts_with("//!") {
            found.push(format!("{path}:1: opens without //!"));
        }
        let lines = text.lines().count();
        if lines > LINES {
            found.push(format!("{path}: {lines} lines, at most {LINES}"));
        }
    }
    none("each file is one idea, opens with //! and has at most 400 lines", &found);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
        concat!("#[ign", "ore"),
    ];
    let mut found = Vec::new();
    for (path, text) in files(&[".rs"]) {
        let hits =
            text.lines().enumerate().filter(|(_, line)| words.iter().any(|word| code(line).contains(word)));
        found.extend(hits.map(|(n, line)| format!("{path}:{}: {}", n + 1, line.trim())));
    }
    found.extend(lines_with(&[concat!(".unw", "rap()")], |_| true));
    none("no gaps, no debug prints, no skipped tests, no unwrap outside tests", &found);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let words = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
        concat!("C:", "\\"),
    ];
    let mut found = Vec::new();
    let endings =
        [".rs", ".toml", ".md", ".ftl", ".sql", ".html", ".css", ".cddl", ".csv", "Makefile", "run"];
    for (path, text) in files(&endings) {
        let hits = text.lines().enumerate().filter(|(_, line)| words.iter().any(|word| line.contains(word)));
        found.extend(hits.map(|(n, line)| format!("{path}:{}: {}", n + 1, line.trim())));
    }
    none("no machine paths", &found);
}

#[test]
fn sql_is_in_stores_and_http_in_adapters() {
    let store = |path: &str| path.contains("/src/store");
    none("sqlx only in store modules", &lines_with(&["sqlx::", "use sqlx"], |path| !store(path)));
    let adapter = |path: &str| {
        path.starts_with("server/src/http")
            || path.starts_with("server/src/ws")
            || path == "server/src/cli/serve.rs"
    };
    none(
        "axum only in http and ws, and where they are served",
        &lines_with(&["axum::", "use axum"], |path| !adapter(path)),
    );
    let inner = |path: &str| {
        ["server/src/pipeline", "server/src/gate", "server/src/store"]
            .iter()
            .any(|inside| path.starts_with(inside))
    };
    none(
        "the pipeline knows neither HTTP nor WebSockets",
        &lines_with(&["crate::http", "crate::ws", "StatusCode"], inner),
    );
}

#[test]
fn pure_crates_are_pure() {
    let words = [
        "std::time",
        "std::fs",
        "std::net",
        "std::thread",
        "std::env",
        "tokio::",
        "rand::",
        "getrandom::",
        "SystemTime",
    ];
    none(
        "protocol and policy do no I/O and know no time",
        &lines_with(&words, |path| path.starts_with("protocol/")),
    );
}

#[test]
fn crates_depend_one_way() {
    let read = |path: &str| fs::read_to_string(root().join(path).join("Cargo.toml")).expect("a manifest");
    let rules: [(&str, &[&str]); 5] = [
        ("protocol", &["doorstep-policy", "doorstep-client", "doorstep-server", "doorstep-tests"]),
        ("protocol/policy", &["doorstep-client", "doorstep-server", "doorstep-tests"]),
        ("client-core", &["doorstep-server", "doorstep-policy", "doorstep-tests"]),
        ("client-core/cli", &["doorstep-server", "doorstep-policy", "doorstep-tests", "sqlx"]),
        ("server", &["doorstep-client", "doorstep-tests"]),
    ];
    let mut found = Vec::new();
    for (folder, banned) in rules {
        let manifest = read(folder);
        let depends =
            |name: &&&str| manifest.lines().any(|line| line.starts_with(**name) && line.contains(['.', '=']));
        found.extend(banned.iter().filter(depends).map(|name| format!("{folder} → {name}")));
    }
    none("tests → {server, client-core} → protocol/policy → protocol", &found);
}

#[test]
fn districts_are_in_packs_stories_and_tests_only() {
    let codes = ["511902", "150703", "510302", "510303", "511602"];
    let names = ["巴州", "扎赉诺尔", "自流井", "枣山", "贡井"];
    let words: Vec<&str> = codes.into_iter().chain(names).collect();
    none("no district's code or name in code", &lines_with(&words, |_| true));
}

#[test]
fn the_top_level_is_what_the_design_says() {
    let expected = [".ci", "client-core", "deploy", "protocol", "server", "tests"];
    let passing = [".git", "target", ".work"];
    let entries = fs::read_dir(root()).expect("the workspace is readable").flatten();
    let folders = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let folders: BTreeSet<String> = folders.filter(|name| !passing.contains(&name.as_str())).collect();
    assert_eq!(folders, expected.map(str::to_owned).into(), "folders at the top");
}

#[test]
fn every_language_says_everything() {
    let ids = |text: &str| -> BTreeSet<String> {
        let starts = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
        starts.filter_map(|line| line.split_once('=')).map(|(id, _)| id.trim().to_owned()).collect()
    };
    let all = files(&[".ftl"]);
    let mut found = Vec::new();
    let english = |path: &str| path.ends_with("/en.ftl") || path.contains("/en/");
    for (path, text) in all.iter().filter(|(path, _)| english(path)) {
        let other = path.replace("/en.ftl", "/zh-CN.ftl").replace("/en/", "/zh-CN/");
        match all.iter().find(|(path, _)| *path == other) {
            None => found.push(format!("{other} is missing")),
            Some((_, chinese)) => {
                found.extend(
                    ids(text)
                        .symmetric_difference(&ids(chinese))
                        .map(|id| format!("{path}: {id} is in one language only")),
                );
            }
        }
    }
    assert!(all.len() >= 8, "the string files were found");
    none("string files are complete in both languages", &found);
}
