//! What a row of the table of mechanisms names misses its rules: each rule is taken out of its pack, and an example or a test
//! that the row itself names fails.
//!
//! Owns running them again under other rules. Stories and other programs are not run again here.
//! `protocol/policy/tests/policy/taken_out.rs` asks every pack's examples and probes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use doorstep_policy::{PackFiles, check_examples};
use doorstep_tests::harness::{OTHER_RULES, shipped};

use self::without::{Quote, quotes, without};

#[path = "../../../protocol/policy/tests/policy/without.rs"]
mod without;

const TABLE: &str = include_str!("../../../deploy/policies/MECHANISMS.md");
/// By whose rules worlds run. Live tests of it have servers of their own, with the pack as it is built in.
const BUILT_IN: &str = "bazhou";

/// What a row names as its drivers.
fn drivers(row: &str) -> Vec<(&'static str, &'static str)> {
    let start = format!("| {row} |");
    let line = TABLE.lines().find(|line| line.starts_with(&start)).expect("a row of the table");
    let column = line.trim_matches('|').split('|').nth(2).expect("four columns");
    column.trim().split("; ").filter_map(|driver| driver.split_once(' ')).collect()
}

/// Every test of this program, with its path.
fn tests() -> Vec<String> {
    let listed = Command::new(std::env::current_exe().expect("this program")).args(["--list"]).output();
    let listed = String::from_utf8(listed.expect("it lists its tests").stdout).expect("names");
    listed.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect()
}

/// Whether a test of this program fails where this folder stands in for a pack.
fn fails(test: &str, pack: &Path) -> bool {
    let program = std::env::current_exe().expect("this program");
    let mut again = Command::new(program);
    again.args(["--exact", test]).env(OTHER_RULES, pack).env("RUST_BACKTRACE", "0");
    let status = again.stdout(Stdio::null()).stderr(Stdio::null()).status();
    !status.expect("it runs").success()
}

/// A pack in a folder of its name.
fn write(files: &PackFiles, folder: &Path) {
    drop(fs::remove_dir_all(folder));
    for (name, text) in &files.0 {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("a folder");
        fs::write(path, text).expect("writes a pack");
    }
}

/// Whether something that the row names comes out otherwise without the rule.
fn is_missed(quote: &Quote<'_>, tests: &[String], scratch: &Path) -> bool {
    let files = without(quote, shipped(quote.pack));
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
    let folder = scratch.join(quote.pack);
    write(&files, &folder);
    let runs = |test: &&String| quote.pack != BUILT_IN || !test.contains("::live::");
    let path = |name: &str| tests.iter().find(|test| test.ends_with(&format!("::{name}")) && runs(test));
    let run = named.iter().filter(|(kind, _)| *kind == "test").filter_map(|(_, name)| path(name));
    run.into_iter().any(|test| fails(test, &folder))
}

#[test]
fn what_a_row_names_fails_when_its_rule_is_taken_out() {
    let tests = tests();
    let scratch = std::env::temp_dir().join(format!("doorstep-missed-{}", std::process::id()));
    let unmissed: Vec<String> = quotes()
        .iter()
        .filter(|quote| !is_missed(quote, &tests, &scratch))
        .map(|quote| format!("{}: {}: `{}`", quote.row, quote.pack, quote.text))
        .collect();
    drop(fs::remove_dir_all(&scratch));
    assert!(unmissed.is_empty(), "nothing that the row names misses\n{}", unmissed.join("\n"));
}
