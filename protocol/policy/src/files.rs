//! The files of a pack as text, read by whoever has a disk.
//!
//! Owns the bundle and the Bazhou pack that is built into the binary. Never reads a file at run time.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

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

    /// Hex SHA-256 over what decisions depend on: rules, units, calendars; not names and examples, which may be mended
    /// in place. Two packs of one version have the same.
    pub fn rules_digest(&self) -> String {
        let mut hash = Sha256::new();
        let decides = |path: &str| !path.starts_with("strings/") && !path.starts_with("examples/");
        for (path, text) in self.0.iter().filter(|(path, _)| decides(path)) {
            for part in [path, text] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
        HEXLOWER.encode(&hash.finalize())
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
