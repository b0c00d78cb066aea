//! Policy packs as stories use them: a folder as it stands, or a copy with a few entries replaced; and the
//! names that people read for its codes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::story::Story;

/// A pack that a server was started with.
#[derive(Clone, Debug)]
pub(super) struct PlayedPack {
    pub(super) folder: PathBuf,
    pub(super) district: String,
    units: BTreeMap<String, String>,
    strings: String,
}

/// The pack's folder for a story. With an overlay, a copy in `scratch` in which entries of `policy.toml` of
/// the same `id` (and tables) are replaced.
pub(super) fn folder(story: &Story, scratch: &Path) -> Result<PathBuf, String> {
    let beside = story.path.parent().unwrap_or(Path::new("."));
    let pack = beside.join(&story.file.pack);
    let Some(overlay) = &story.file.overlay else { return Ok(pack) };
    let copy = scratch.join(format!("pack-{}", story.id));
    copy_folder(&pack, &copy).map_err(|error| format!("{}: {error}", pack.display()))?;
    drop(fs::remove_dir_all(copy.join("examples")));
    let read = |path: &Path| -> Result<toml::Table, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
    };
    let policy = copy.join("policy.toml");
    let mut rules = read(&policy)?;
    merge(&mut rules, read(&beside.join(overlay))?);
    let text = toml::to_string(&rules).map_err(|error| error.to_string())?;
    fs::write(&policy, text).map_err(|error| error.to_string())?;
    Ok(copy)
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let target = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy_folder(&path, &target)? } else { fs::copy(&path, &target).map(drop)? }
    }
    Ok(())
}

/// Tables entry by entry, lists of tables by `id` (or `from`), anything else (`{ hours = 1 }` too) as a whole.
fn merge(into: &mut toml::Table, over: toml::Table) {
    use toml::Value::{Array, Table};
    for (key, value) in over {
        match (into.get_mut(&key), value) {
            (Some(Table(old)), Table(new))
                if new.values().any(|value| value.is_table() || value.is_array()) =>
            {
                merge(old, new);
            }
            (Some(Array(old)), Array(new)) if new.iter().all(|item| name(item).is_some()) => {
                for item in new {
                    match (old.iter_mut().find(|entry| name(entry) == name(&item)), item) {
                        (Some(Table(entry)), Table(item)) => merge(entry, item),
                        (_, item) => old.push(item),
                    }
                }
            }
            (_, value) => drop(into.insert(key, value)),
        }
    }
}

fn name(item: &toml::Value) -> Option<&str> {
    let table = item.as_table()?;
    ["id", "from"].into_iter().find_map(|key| table.get(key)?.as_str())
}

impl PlayedPack {
    /// Reads the names of a pack.
    pub(super) fn read(folder: &Path, language: &str) -> Result<Self, String> {
        let text = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let policy: toml::Table = toml::from_str(&text("policy.toml")?).map_err(|error| error.to_string())?;
        let district = policy.get("pack").and_then(|pack| pack.get("district")?.as_str()).unwrap_or_default();
        let units = text("units.csv")?;
        let units = units.lines().skip(1).filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
        });
        let strings = text(&format!("strings/{language}.ftl")).unwrap_or_default();
        Ok(PlayedPack {
            folder: folder.to_owned(),
            district: district.to_owned(),
            units: units.collect(),
            strings,
        })
    }

    /// A unit's name and code.
    pub(super) fn unit(&self, code: &str) -> String {
        self.units.get(code).map_or_else(|| code.to_owned(), |name| format!("{name} ({code})"))
    }

    /// What people read for a code, such as `rule` and `escalation.town`.
    pub(super) fn label(&self, kind: &str, code: &str) -> String {
        let id = format!("{kind}-{}", code.replace('.', "-"));
        let value =
            |line: &str| Some(line.strip_prefix(&id)?.trim_start().strip_prefix('=')?.trim().to_owned());
        self.strings.lines().find_map(value).unwrap_or_else(|| code.to_owned())
    }

    /// A field's value as people read it.
    pub(super) fn value(&self, field: &str, value: &str) -> String {
        match field {
            "place" | "subject" => self.unit(value),
            _ => self.label(field, value),
        }
    }
}
