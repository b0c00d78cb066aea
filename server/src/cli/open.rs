//! What commands beside a running server open: its folder, its packs, a centre over its store.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use doorstep_policy::{Pack, PackFiles, Problem, embedded_bazhou};
use doorstep_server::blobs::Blobs;
use doorstep_server::clock::{SharedSource, SystemSource};
use doorstep_server::keys::Keys;
use doorstep_server::pipeline::{Centre, Settings};
use doorstep_server::policies::{self, Packs};
use doorstep_server::store::Store;
use doorstep_server::store::sqlite::SqliteStore;

use super::{Failure, Folder, problems};

#[derive(Debug, Args)]
pub(crate) struct Data {
    /// The server's data folder.
    #[arg(long)]
    pub(crate) data: PathBuf,
}

pub(crate) fn failed(error: impl ToString) -> Failure {
    let error = error.to_string();
    let full = ["disk is full", "No space left"].iter().any(|said| error.contains(said));
    let next = if full {
        "Free some space on the disk and try again."
    } else {
        "See that the folder is this server's and try again."
    };
    Failure::new("data.database", error, next)
}

/// The centre over a data folder, for commands that read beside a running server.
pub(crate) async fn centre(folder: &Folder) -> Result<Centre<SqliteStore>, Failure> {
    centre_over(folder, &folder.database()).await
}

/// The same over a copy of its database.
pub(crate) async fn centre_over(folder: &Folder, database: &Path) -> Result<Centre<SqliteStore>, Failure> {
    let store = SqliteStore::open(database).await.map_err(failed)?;
    let packs = remembered_packs(&store).await?;
    let source: SharedSource = Arc::new(SystemSource);
    let keys = Keys::open(folder.path(), &*source).map_err(failed)?;
    let blobs = Blobs::open(folder.path()).map_err(failed)?;
    Ok(Centre::new(Arc::new(store), packs, source, keys, Settings::default()).with_blobs(blobs))
}

/// The files of a pack's folder, by path relative to it.
pub(crate) fn read_pack(folder: &Path) -> Result<PackFiles, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new("pack.unreadable", format!("{}: {error}.", folder.display()), "Name a pack's folder.")
    };
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let wanted =
                path.extension().is_some_and(|ext| ["toml", "csv", "ics", "ftl"].iter().any(|e| ext == *e));
            if path.is_dir() {
                folders.push(path);
            } else if wanted {
                let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
                let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
                files.insert(name, text);
            }
        }
    }
    Ok(PackFiles(files))
}

/// A file of a pack that cannot be read, by its own name.
fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let next = if error.kind() == std::io::ErrorKind::InvalidData {
        "Save the file as UTF-8 (in a spreadsheet: CSV UTF-8), then try again."
    } else {
        "See that the file is there and may be read."
    };
    Failure::new("pack.unreadable", format!("{}: {error}.", path.display()), next)
}

pub(crate) fn bad_pack(folder: &str, bad: &[Problem]) -> Failure {
    let lines: Vec<String> = problems::lines(bad, problems::of_environment()).collect();
    let next = "Mend the pack; `doorstep policy check` shows what to do.";
    Failure::new("pack.bad", format!("The pack {folder} is not usable:\n{}", lines.join("\n")), next)
}

pub(crate) fn load(folder: &Path) -> Result<Pack, Failure> {
    let files = read_pack(folder)?;
    Pack::load(&files).map_err(|problems| bad_pack(&folder.display().to_string(), &problems))
}

/// The packs of these folders; without any, the embedded one.
pub(crate) fn load_packs(folders: &[PathBuf]) -> Result<Packs, Failure> {
    if folders.is_empty() {
        let pack = Pack::load(&embedded_bazhou()).map_err(|problems| bad_pack("embedded", &problems))?;
        return Ok(Packs::new([pack]));
    }
    let packs: Result<Vec<Pack>, Failure> = folders.iter().map(|folder| load(folder)).collect();
    Ok(Packs::new(packs?))
}

/// The packs that the server of this data folder runs with. A store from before it kept them names their folders.
pub(crate) async fn remembered_packs<S: Store>(store: &S) -> Result<Packs, Failure> {
    if let Some(packs) = policies::load(store).await.map_err(failed)? {
        return Ok(packs);
    }
    let setting = store.setting("policy/folders").await.map_err(failed)?;
    let folders: Vec<PathBuf> = setting.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    load_packs(&folders)
}
