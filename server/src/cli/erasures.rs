//! Erasures around backups: the ledger goes with every backup, and is applied after every restore.

use std::path::Path;
use std::sync::Arc;

use doorstep_server::Centre;
use doorstep_server::blobs::Blobs;
use doorstep_server::clock::{SharedSource, SystemSource};
use doorstep_server::keys::Keys;
use doorstep_server::ledger::{self, Ledger};
use doorstep_server::pipeline::Settings;
use doorstep_server::store::erasures::{ErasureRow, Erasures};
use doorstep_server::store::sqlite::SqliteStore;

use super::open::{failed, remembered_packs};
use super::{Failure, Folder};

/// Writes the ledger beside a new backup, and remembers the backup, so that later erasures are noted beside it too.
pub(crate) async fn go_with(folder: &Folder, store: &SqliteStore, backup: &Path) -> Result<(), Failure> {
    let rows = known(folder, store).await?;
    Ledger::beside(backup).add(&rows).map_err(failed)?;
    let backup = std::fs::canonicalize(backup).unwrap_or_else(|_| backup.to_owned());
    ledger::remember_backup(store, &backup).await.map_err(failed)
}

/// All erasures that the folder's ledger or its store has.
async fn known(folder: &Folder, store: &SqliteStore) -> Result<Vec<ErasureRow>, Failure> {
    let ledger = Ledger::of(folder.path());
    ledger.add(&store.erasures().await.map_err(failed)?).map_err(failed)?;
    ledger.read().map_err(failed)
}

/// Applies the ledger beside a backup, the one in it and another, to what was restored from it. Returns how many
/// documents were erased again.
pub(crate) async fn apply(folder: &Folder, backup: &Path, other: Option<&Path>) -> Result<usize, Failure> {
    let ledger = Ledger::of(folder.path());
    ledger.add(&Ledger::beside(backup).read().map_err(failed)?).map_err(failed)?;
    if let Some(other) = other {
        ledger.add(&Ledger::at(other).read().map_err(failed)?).map_err(failed)?;
    }
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    let rows = known(folder, &store).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let packs = remembered_packs(&store).await?;
    let source: SharedSource = Arc::new(SystemSource);
    let blobs = Blobs::open(folder.path()).map_err(failed)?;
    // No receipt and no token is made here: the folder's secret may not be back yet.
    let centre = Centre::new(Arc::new(store), packs, source, Keys::new([0; 32]), Settings::default());
    let centre = centre.with_blobs(blobs);
    let again = centre.erase_again(rows).await.map_err(failed)?;
    centre.scour().await.map_err(failed)?;
    centre.store().close().await.map_err(failed)?;
    Ok(again)
}
