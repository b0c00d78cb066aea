//! Backups that somebody at the desk asked the running server for: one at a time, beside the requests, into one folder.
//!
//! Takes nothing away: where too many lie already it makes no more and says so. Moving them elsewhere is for whoever runs
//! the server, as is keeping the secret.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use doorstep_server::backups::{self, Asked, Taken, Why};
use doorstep_server::limits;
use doorstep_server::store::{Kept, Store};
use tokio::sync::watch;

use super::Folder;
use super::check::take;
use super::serve::{Served, stopped};

/// The folder where the server leaves its backups, if nobody names another.
pub(super) fn usual(folder: &Folder) -> PathBuf {
    folder.path().join("backups")
}

/// Makes what is wished for, until the server stops.
pub(super) async fn copy_when_asked(
    centre: Arc<Served>,
    (folder, to): (Folder, PathBuf),
    mut stopping: watch::Receiver<bool>,
) {
    if let Err(error) = interrupted(&centre).await {
        tracing::error!(%error, "a backup that was interrupted could not be written down");
    }
    loop {
        if let Err(error) = look(&centre, (&folder, &to)).await {
            tracing::error!(%error, "nobody can say whether a backup is wished for");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(limits::BACKUP_LOOK_MS)) => {}
            () = stopped(&mut stopping) => return,
        }
    }
}

/// What the last server had begun is not there.
async fn interrupted(centre: &Served) -> Kept<()> {
    match backups::asked(&**centre.store()).await? {
        Some(asked) if asked.begun.is_some() => {
            backups::record(&**centre.store(), Taken::failed(&asked, Why::Interrupted)).await
        }
        _ => Ok(()),
    }
}

async fn look(centre: &Served, (folder, to): (&Folder, &Path)) -> Kept<()> {
    let store = &**centre.store();
    let Some(asked) = backups::asked(store).await? else { return Ok(()) };
    let asked = Asked { begun: Some(centre.now()), ..asked };
    store.write(vec![backups::wish(Some(&asked))]).await?;
    let taken = match copy(centre, (folder, to)).await {
        Ok(taken) => Taken { by: Some(asked.by), ..taken },
        Err(why) => Taken::failed(&asked, why),
    };
    tracing::info!(good = taken.is_good(), took_ms = taken.took_ms, "a backup was asked for at the desk");
    backups::record(store, taken).await
}

async fn copy(centre: &Served, (folder, to): (&Folder, &Path)) -> Result<Taken, Why> {
    let disk = |error: String| {
        tracing::error!(%error, "a backup could not be made");
        Why::Disk
    };
    std::fs::create_dir_all(to).map_err(|error| disk(error.to_string()))?;
    let lying = std::fs::read_dir(to).map_err(|error| disk(error.to_string()))?;
    let is_copy = |name: &Path| name.extension().is_some_and(|end| end == "sqlite");
    if lying.flatten().filter(|entry| is_copy(&entry.path())).count() >= limits::BACKUPS_LYING {
        return Err(Why::Full);
    }
    let to = to.join(format!("doorstep-{}.sqlite", centre.now()));
    let done = take(folder, centre.store().inner(), &to).await;
    done.map(|(taken, _)| taken).map_err(|failure| disk(failure.message))
}
