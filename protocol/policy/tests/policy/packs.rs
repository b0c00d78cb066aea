//! The packs that ship load without a problem, and their examples hold.

use std::collections::BTreeMap;
use std::path::Path;

use doorstep_policy::{Level, Pack, PackFiles, check, embedded_bazhou};

#[expect(clippy::disallowed_methods, reason = "tests read the packs as they ship")]
pub(crate) fn read(name: &str) -> PackFiles {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/policies").join(name);
    let mut files = BTreeMap::new();
    for folder in ["", "calendars", "strings", "examples"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("the pack has this folder");
        for entry in entries {
            let entry = entry.expect("an entry reads");
            let name = entry.file_name().into_string().expect("names are text");
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if PackFiles::wants(&path) {
                files.insert(path, std::fs::read_to_string(entry.path()).expect("a pack file reads"));
            }
        }
    }
    PackFiles(files)
}

fn assert_fit(files: &PackFiles) {
    let problems = check(files);
    let lines: Vec<String> = problems
        .iter()
        .map(|p| format!("{}:{}:{} {}: {}", p.file, p.line, p.column, p.code, p.message))
        .collect();
    assert!(problems.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn the_bazhou_pack_is_fit_and_its_examples_hold() {
    assert_fit(&read("bazhou"));
}

#[test]
fn the_zhalainuoer_pack_is_fit_and_its_examples_hold() {
    assert_fit(&read("zhalainuoer"));
}

#[test]
fn the_embedded_pack_is_the_one_on_disk() {
    let (embedded, on_disk) = (embedded_bazhou().0, read("bazhou").0);
    assert!(embedded.keys().eq(on_disk.keys()), "{:?}, {:?}", embedded.keys(), on_disk.keys());
    let differ: Vec<&String> = embedded.keys().filter(|file| embedded[*file] != on_disk[*file]).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn a_pack_names_its_district_and_its_22_of_25_centres() {
    let pack = Pack::load(&embedded_bazhou()).expect("the pack loads");
    assert_eq!((pack.id(), pack.district()), ("bazhou@2026.6", "511902"));
    let centres = pack.units().filter(|u| u.code.ends_with("-centre")).count();
    let towns = pack.units().filter(|u| u.parent.as_deref() == Some("511902") && u.code.len() == 9).count();
    assert_eq!((centres, towns), (22, 25));
    assert_eq!(pack.units().filter(|u| u.level == Level::Village).count(), 326);
    assert!(pack.is_within("511902105238", "511902105") && !pack.is_within("511902105", "511902105238"));
    let water = &pack.categories()[0];
    assert_eq!((water.code.as_str(), water.names["zh-CN"].as_str()), ("water", "饮水与水利"));
    shared(&pack);
}

/// Compiles only for what may cross threads.
fn shared<T: Send + Sync>(_: &T) {}

#[test]
fn the_ziliujing_pack_is_fit_and_its_examples_hold() {
    assert_fit(&read("ziliujing"));
}

/// BZ-18: a case belongs to a campaign by its registration; a year's total and a campaign's differ.
#[test]
fn the_campaigns_of_bazhou_are_cohorts_of_their_own() {
    let pack = Pack::load(&embedded_bazhou()).expect("the pack loads");
    let of = |at: &str| {
        let at: jiff::Timestamp = at.parse().expect("a time");
        pack.campaigns().filter(|c| c.from <= at && at < c.to).map(|c| c.id).collect::<Vec<_>>()
    };
    assert_eq!(of("2021-12-31T23:59:59+08:00"), ["check-2021"]);
    assert_eq!(of("2022-01-01T00:00:00+08:00"), ["area-2022"]);
    assert_eq!(of("2024-03-31T23:59:59+08:00"), Vec::<String>::new(), "of the year, of no campaign");
    assert_eq!(of("2024-04-01T00:00:00+08:00"), ["standing-2024"]);
}

/// A store keeps the rules of a version for good: other rules are another version, or servers that know this one go on
/// with what they have. `deploy/policies/VERSIONS` says which rules each version has.
#[test]
fn other_rules_are_another_version() {
    let versions = include_str!("../../../../deploy/policies/VERSIONS");
    let of = |name| {
        let files = read(name);
        format!("{} {}", Pack::load(&files).expect("loads").id(), files.rules_digest())
    };
    let mut now = ["bazhou", "zhalainuoer", "ziliujing"].map(of).to_vec();
    now.retain(|line| !versions.lines().any(|known| known == line));
    assert!(
        now.is_empty(),
        "rules have changed: give the pack a new version, then add the line\n{}",
        now.join("\n")
    );
    let ids: Vec<&str> = versions.lines().filter_map(|line| line.split(' ').next()).collect();
    let once: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert_eq!(once.len(), ids.len(), "one line a version, for ever");
}
