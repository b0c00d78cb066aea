//! The rules that worlds run by, each compiled once for all worlds of the process, and packs as they ship.

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
    read_pack(&pack_folder(pack)).expect("a shipped pack reads")
}

/// Every file of a folder that belongs to a pack.
pub fn read_pack(root: &Path) -> Result<PackFiles, String> {
    let mut files = PackFiles::default();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if PackFiles::wants(&inside) {
                let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
                files.0.insert(inside, text);
            }
        }
    }
    Ok(files)
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
