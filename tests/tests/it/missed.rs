//! The tests that a row of the table of mechanisms names miss its rules: each rule is taken out of the pack, and an example
//! or a test that the row itself names fails.
//!
//! Owns running them again under other rules. Only the pack that worlds run by is tried; stories and tests of other
//! programs are not run again here. `protocol/policy/tests/policy/taken_out.rs` asks every pack's examples and probes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use doorstep_policy::{PackFiles, check_examples, embedded_bazhou};
use doorstep_tests::harness::OTHER_RULES;

use self::without::{Quote, quotes, without};

#[path = "../../../protocol/policy/tests/policy/without.rs"]
mod without;

const TABLE: &str = include_str!("../../../deploy/policies/MECHANISMS.md");
const PACK: &str = "bazhou";

/// What a row names as its drivers.
fn drivers(row: &str) -> Vec<(&'static str, &'static str)> {
    let start = format!("| {row} |");
    let line = TABLE.lines().find(|line| line.starts_with(&start)).expect("a row of the table");
    let column = line.trim_matches('|').split('|').nth(2).expect("four columns");
    column.trim().split("; ").filter_map(|driver| driver.split_once(' ')).collect()
}

/// The pack with its examples, which the programs do not carry.
fn shipped() -> PackFiles {
    let mut files = embedded_bazhou();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies/bazhou/examples");
    for file in fs::read_dir(folder).expect("the pack has examples").flatten() {
        let name = format!("examples/{}", file.file_name().into_string().expect("a name"));
        files.0.insert(name, fs::read_to_string(file.path()).expect("an example reads"));
    }
    files
}

/// Every test of this program, with its path.
fn tests() -> Vec<String> {
    let listed = Command::new(std::env::current_exe().expect("this program")).args(["--list"]).output();
    let listed = String::from_utf8(listed.expect("it lists its tests").stdout).expect("names");
    listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// Whether a test of this program fails by these rules.
fn fails(test: &str, rules: &Path) -> bool {
    let program = std::env::current_exe().expect("this program");
    let mut again = Command::new(program);
    again.args(["--exact", test]).env(OTHER_RULES, rules).env("RUST_BACKTRACE", "0");
    let status = again.stdout(Stdio::null()).stderr(Stdio::null()).status();
    !status.expect("it runs").success()
}

/// Whether something that the row names comes out otherwise without the rule.
fn is_missed(quote: &Quote<'_>, tests: &[String], folder: &Path) -> bool {
    let files = without(quote, shipped());
    let red: BTreeSet<String> = check_examples(&files)
        .map(|found| found.into_iter().map(|problem| problem.message).collect())
        .unwrap_or_default();
    let named = drivers(quote.row);
    let example = |(kind, name): &(&str, &str)| {
        let id = name.split_once('/').map_or(*name, |(_, id)| id);
        *kind == "example" && red.iter().any(|said| said.contains(&format!("\"{id}\"")))
    };
    if named.iter().any(example) {
        return true;
    }
    let rules = folder.join("policy.toml");
    fs::write(&rules, &files.0["policy.toml"]).expect("writes the rules");
    // Live tests have their own servers, with the packs as they ship.
    let path = |name: &str| {
        tests.iter().find(|test| test.ends_with(&format!("::{name}")) && !test.contains("::live::"))
    };
    let run = named.iter().filter(|(kind, _)| *kind == "test").filter_map(|(_, name)| path(name));
    run.into_iter().any(|test| fails(test, &rules))
}

#[test]
fn what_a_row_names_fails_when_its_rule_is_taken_out() {
    let tests = tests();
    let folder = std::env::temp_dir().join(format!("doorstep-missed-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let quotes = quotes();
    let ours = quotes.iter().filter(|quote| quote.pack == PACK);
    let unmissed: Vec<String> = ours
        .filter(|quote| !is_missed(quote, &tests, &folder))
        .map(|quote| format!("{}: `{}`", quote.row, quote.text))
        .collect();
    fs::remove_dir_all(&folder).expect("removes its own folder");
    assert!(unmissed.is_empty(), "nothing that the row names misses\n{}", unmissed.join("\n"));
}
