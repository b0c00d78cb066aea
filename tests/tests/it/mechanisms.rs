//! The table of mechanisms is true: every text that it quotes stands in its pack, every test, story and example exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// All Rust under a folder, as one text.
fn sources(folder: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![root().join(folder)];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                text += &fs::read_to_string(path).expect("a source file");
            }
        }
    }
    text
}

fn example_exists(pack: &str, id: &str) -> bool {
    let folder = root().join("deploy/policies").join(pack).join("examples");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .any(|t| t.contains(&format!("id = \"{id}\"")))
}

/// What is wrong with a row of the table.
fn wrong(row: &[&str], tests: &str) -> Vec<String> {
    let [id, packs, drivers, missing] = row else { return vec![format!("{row:?} has not four columns")] };
    let mut wrong = Vec::new();
    for quoted in packs.split("; ").filter(|q| !q.is_empty()) {
        let found = quoted.split_once(": `").and_then(|(pack, text)| {
            let text = text.strip_suffix('`')?;
            Some(read(&format!("deploy/policies/{pack}/policy.toml")).contains(text))
        });
        if found != Some(true) {
            wrong.push(format!("{id}: no pack says {quoted}"));
        }
    }
    for driver in drivers.split("; ").filter(|d| !d.is_empty()) {
        let exists = match driver.split_once(' ') {
            Some(("story", name)) => !read(&format!("deploy/stories/{name}.toml")).is_empty(),
            Some(("test", name)) => tests.contains(&format!("fn {name}(")),
            Some(("example", name)) => name.split_once('/').is_some_and(|(p, id)| example_exists(p, id)),
            _ => false,
        };
        if !exists {
            wrong.push(format!("{id}: there is no {driver}"));
        }
    }
    if missing.is_empty() && (packs.is_empty() || drivers.is_empty()) {
        wrong.push(format!("{id}: neither pack and test, nor what is not yet there"));
    }
    wrong
}

#[test]
fn every_mechanism_has_its_pack_lines_and_its_test_or_says_what_is_missing() {
    let table = read("deploy/policies/MECHANISMS.md");
    let tests = sources("tests") + &sources("protocol/policy/tests") + &sources("server/src/http/tests");
    let mut ids = BTreeSet::new();
    let mut found = Vec::new();
    for line in table.lines().filter(|l| l.starts_with("| ") && l.contains('-') && !l.starts_with("| id")) {
        let row: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        ids.insert(row[0].to_owned());
        found.extend(wrong(&row, &tests));
    }
    let all = [("BZ", 19), ("ZL", 9), ("ZN", 9)];
    let wanted: BTreeSet<String> =
        all.iter().flat_map(|(d, n)| (1..=*n).map(move |i| format!("{d}-{i}"))).collect();
    assert_eq!(ids, wanted, "one row a mechanism");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_row_that_names_what_is_not_there_is_found() {
    let row = ["BZ-3", "bazhou: `id = \"no-such-route\"`", "test no_such_test; story no-such-story", ""];
    assert_eq!(wrong(&row, "fn another_test()").len(), 3);
    assert_eq!(wrong(&["BZ-3", "", "", ""], "").len(), 1);
}
