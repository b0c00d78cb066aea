//! Files of a data folder beside its database: copied with a backup, put back with a restore.
//!
//! A backup is FILE and the folder FILE.blobs. The database is copied first: every file that it says has arrived
//! is there by then.

use std::fs::File;
use std::path::{Path, PathBuf};

use doorstep_server::blobs::{Place, folder};
use doorstep_server::store::arrivals::{ArrivalRow, Arrivals};
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Kept, Walk};

use super::open::failed;
use super::{Failure, make_private};

/// What was copied, and what should have been.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Copied {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    /// Said to have arrived, and not there.
    pub(crate) missing: u64,
}

/// The folder of a backup's files.
pub(crate) fn beside(backup: &Path) -> PathBuf {
    let mut name = backup.as_os_str().to_owned();
    name.push(".blobs");
    PathBuf::from(name)
}

async fn arrived(store: &SqliteStore) -> Kept<Vec<(Place, ArrivalRow)>> {
    let mut all = Vec::new();
    let mut walk = Walk::over(store);
    while let Some(stored) = walk.next().await? {
        for row in store.arrivals(stored.row.document).await? {
            let (district, document) = (stored.row.district.clone(), stored.row.document);
            all.push((Place { district, document, hash: row.hash }, row));
        }
    }
    Ok(all)
}

fn copy_one((from, to): (&Path, &Path), place: &Place) -> std::io::Result<u64> {
    let part: PathBuf =
        [place.district.clone(), place.document.to_string(), place.hash.to_string()].iter().collect();
    let target = to.join(&part);
    std::fs::create_dir_all(target.parent().unwrap_or(to))?;
    let bytes = std::fs::copy(from.join(&part), &target)?;
    File::open(&target)?.sync_all()?;
    Ok(bytes)
}

/// Copies the files of a data folder to beside a backup of its database that was written a moment ago.
pub(crate) async fn back_up(data: &Path, backup: &Path) -> Result<Copied, Failure> {
    // Later than the copied database: a file that arrived in between is one more, never one less.
    let store = SqliteStore::open(&data.join("doorstep.sqlite")).await.map_err(failed)?;
    let (from, to) = (folder(data), beside(backup));
    make_private(&to).map_err(failed)?;
    let mut copied = Copied::default();
    for (place, _) in arrived(&store).await.map_err(failed)? {
        match copy_one((&from, &to), &place) {
            Ok(bytes) => (copied.files, copied.bytes) = (copied.files + 1, copied.bytes + bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => copied.missing += 1,
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(copied)
}

/// Puts the files of a backup back. What it lacks has not arrived any more, so that devices send it again.
pub(crate) async fn put_back(backup: &Path, data: &Path, store: &SqliteStore) -> Result<Copied, Failure> {
    let (from, to) = (beside(backup), folder(data));
    let mut copied = Copied::default();
    for (place, row) in arrived(store).await.map_err(failed)? {
        match copy_one((&from, &to), &place) {
            Ok(bytes) => (copied.files, copied.bytes) = (copied.files + 1, copied.bytes + bytes),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                copied.missing += 1;
                store.forget_arrivals(row.document, Some(row.hash)).await.map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Ok(copied)
}
