//! The rules that worlds run by, each compiled once for all worlds of the process.

use std::sync::OnceLock;

use doorstep_policy::{Pack, PackFiles, embedded_bazhou};
use doorstep_server::policies::Packs;

/// Names a file with other rules for the built-in pack: a test is run again so, to see whether it misses one of them.
pub const OTHER_RULES: &str = "DOORSTEP_TEST_RULES";

/// The built-in pack, or the same with other rules.
fn bazhou() -> PackFiles {
    let mut files = embedded_bazhou();
    let other = std::env::var_os(OTHER_RULES).map(std::fs::read_to_string);
    if let Some(rules) = other.map(|read| read.expect("the rules that the environment names are there")) {
        files.0.insert("policy.toml".into(), rules);
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
