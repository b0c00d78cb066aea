//! The rules that worlds run by, each compiled once for all worlds of the process, and packs as they ship.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use doorstep_policy::{Pack, PackFiles, embedded_bazhou};
use doorstep_server::policies::Packs;

/// Names a folder that stands in for the shipped pack of the folder's name: a test is run again so, to see whether it
/// misses a rule.
pub const OTHER_RULES: &str = "DOORSTEP_TEST_RULES";

const RULES: &str = "policy.toml";

/// What stands in for a pack in this process.
fn other(pack: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os(OTHER_RULES)?);
    folder.file_name().is_some_and(|name| name == pack).then_some(folder)
}

/// The folder of a pack as it ships, or what stands in for it.
pub fn pack_folder(pack: &str) -> PathBuf {
    other(pack).unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies").join(pack))
}

/// A pack as it ships, with its examples, or what stands in for it.
pub fn shipped(pack: &str) -> PackFiles {
    let root = pack_folder(pack);
    let mut files = BTreeMap::new();
    for folder in ["", "calendars", "strings", "examples"] {
        let entries = fs::read_dir(root.join(folder)).expect("a pack has this folder");
        for entry in entries.flatten().filter(|entry| entry.path().is_file()) {
            let name = entry.file_name().into_string().expect("names are text");
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if PackFiles::wants(&path) {
                files.insert(path, fs::read_to_string(entry.path()).expect("a pack's file reads"));
            }
        }
    }
    PackFiles(files)
}

/// The built-in pack, or the same with other rules.
fn bazhou() -> PackFiles {
    let mut files = embedded_bazhou();
    if let Some(folder) = other("bazhou") {
        let rules = fs::read_to_string(folder.join(RULES)).expect("the rules that stand in are there");
        files.0.insert(RULES.into(), rules);
    }
    files
}

/// The packs in force, compiled once for all worlds of the process.
pub fn packs() -> Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    let load = || Packs::new([Pack::load(&bazhou()).expect("the built-in pack loads")]);
    PACKS.get_or_init(load).clone()
}

/// The version that comes after the built-in one: other deadlines, nobody else sees or decides anything.
pub fn next_packs() -> Packs {
    static PACKS: OnceLock<Packs> = OnceLock::new();
    let load = || {
        let first = Pack::load(&bazhou()).expect("the built-in pack loads");
        let (old, new) = (first.version(), format!("{}-next", first.version()));
        let mut next = bazhou();
        for text in next.0.values_mut() {
            *text = text
                .replace(&format!("version = \"{old}\""), &format!("version = \"{new}\""))
                .replace("due = { any = { working_days = 5 } }", "due = { any = { working_days = 4 } }");
        }
        let next = Pack::load(&next).expect("it loads with other deadlines");
        assert_ne!(first.id(), next.id());
        Packs::new([first, next])
    };
    PACKS.get_or_init(load).clone()
}
