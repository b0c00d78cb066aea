//! The files of a pack as text, read by whoever has a disk.
//!
//! Owns the bundle and the Bazhou pack that is built into the binary. Never reads a file at run time.

use std::collections::BTreeMap;

/// Files of a pack: relative path (with `/`) to text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackFiles(pub BTreeMap<String, String>);

impl PackFiles {
    /// Whether a path inside a pack folder belongs to the pack: what a loader should read.
    pub fn wants(path: &str) -> bool {
        matches!(path, "policy.toml" | "units.csv")
            || path.rsplit_once('.').is_some_and(|(_, ext)| ext == "ics")
            || path.starts_with("strings/") && path.strip_suffix(".ftl").is_some()
            || path.starts_with("examples/") && path.strip_suffix(".toml").is_some()
    }
}

macro_rules! bundle {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        PackFiles(BTreeMap::from([$((
            $path.to_owned(),
            include_str!(concat!("../../../deploy/policies/", $folder, "/", $path)).to_owned(),
        )),+]))
    };
}

/// The pack that `serve` uses when none is named.
pub fn embedded_bazhou() -> PackFiles {
    bundle!("bazhou":
        "policy.toml",
        "units.csv",
        "calendars/cn-2021.ics",
        "calendars/cn-2022.ics",
        "calendars/cn-2023.ics",
        "calendars/cn-2024.ics",
        "calendars/cn-2025.ics",
        "calendars/cn-2026.ics",
        "strings/zh-CN.ftl",
        "strings/en.ftl",
        "examples/ponds.toml",
        "examples/routes.toml",
        "examples/closing.toml",
        "examples/deadlines.toml",
    )
}
