//! `doorstep verify`, `backup` and `restore`.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use comfy_table::Table;
use doorstep_server::backups::{self, Taken};
use doorstep_server::clock::{Source, SystemSource};
use doorstep_server::pipeline::recovery;
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Aside, Store};
use doorstep_server::{limits, verify};
use serde_json::json;

use super::open::{Data, centre, centre_over, failed};
use super::{Answer, Done, Failure, Folder, erasures, files};

/// In a copy: until when it is known to hold all that was accepted, in milliseconds.
const VERIFIED: &str = "backup/verified";

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[arg(long)]
    data: PathBuf,
    /// The file to write; it must not exist.
    #[arg(long)]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// A file that `backup` wrote.
    #[arg(long)]
    from: PathBuf,
    /// An empty or missing folder.
    #[arg(long)]
    data: PathBuf,
    /// The old folder's secret.key: without it, devices cannot prove what they give back.
    #[arg(long)]
    secret: Option<PathBuf>,
    /// Another erasure ledger (erasures.jsonl of the lost folder), beside the one that lies by the backup.
    #[arg(long)]
    erasures: Option<PathBuf>,
}

pub(crate) async fn verify(data: Data) -> Done {
    let folder = Folder::existing(&data.data)?;
    let report = verify::report(&centre(&folder).await?).await.map_err(failed)?;
    let mut table = Table::new();
    table.set_header(["", "invariant", "checked", "failed", "examples"]);
    for i in &report.invariants {
        table.add_row([
            i.id.to_string(),
            i.name.to_owned(),
            i.checked.to_string(),
            i.failed.to_string(),
            i.examples.join(" "),
        ]);
    }
    let found = &report.snapshots;
    let mut text = format!(
        "{table}\n{} snapshots, {} of them unusable (the changes serve). {}",
        found.checked,
        found.unusable,
        found.examples.join(" ")
    );
    for verify::Unattended { district, units } in &report.unattended {
        let units = units.join(" ");
        text += &format!("\n{district}: cases go to these units, where nobody works; add somebody: {units}");
    }
    if !report.unseen.is_empty() {
        let cases = report.unseen.join(" ");
        text += &format!(
            "\nNobody who works here may read these cases; add somebody to the unit that has them: {cases}"
        );
    }
    let json = serde_json::to_value(&report).map_err(failed)?;
    Ok(Answer { json, text, ok: report.ok })
}

pub(crate) async fn backup(backup: Backup) -> Done {
    let folder = Folder::existing(&backup.data)?;
    if backup.to.exists() || files::beside(&backup.to).exists() {
        return Err(Failure::new(
            "backup.exists",
            format!("{} is there already.", backup.to.display()),
            "Name another file.",
        ));
    }
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    let (taken, copied) = take(&folder, &store, &backup.to).await?;
    backups::record(&store, taken.clone()).await.map_err(failed)?;
    let Taken { file, bytes, files, missing, verified, .. } = taken;
    let blobs = files::beside(&backup.to).display().to_string();
    let failing = "An invariant fails in the copy: run `doorstep verify` and see which.";
    let text = format!(
        "{file}: {bytes} bytes. {blobs}: {files} files, {copied} bytes; keep both together. {}{}\n\
         The secret (secret.key) is not in it: keep a copy elsewhere.",
        if missing == 0 { "" } else { "Some files that had arrived are gone: see `doorstep verify`." },
        if verified { "" } else { failing },
    );
    let attachments = json!({ "folder": blobs, "files": files, "bytes": copied, "missing": missing });
    let json = json!({ "file": file, "bytes": bytes, "verified": verified, "attachments": attachments });
    Ok(Answer { json, text, ok: verified && missing == 0 })
}

/// Copies a store that is open, its files and the erasure ledger to beside each other, and checks the copy.
/// Gives what was made, and the bytes of its files. Half a backup is none: where that fails, nothing of it stays, and the
/// next one may have the same name.
pub(super) async fn take(folder: &Folder, store: &SqliteStore, to: &Path) -> Result<(Taken, u64), Failure> {
    let taken = take_all(folder, store, to).await;
    if taken.is_err() {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut file = to.as_os_str().to_owned();
            file.push(end);
            let _ = std::fs::remove_file(file);
        }
        let _ = std::fs::remove_dir_all(files::beside(to));
    }
    taken
}

async fn take_all(folder: &Folder, store: &SqliteStore, to: &Path) -> Result<(Taken, u64), Failure> {
    let at = SystemSource.now();
    // Taken before the copy begins: whatever was accepted by then is in it.
    let horizon = at - limits::HORIZON_MARGIN_MS;
    store.backup(to).await.map_err(failed)?;
    let verified = verify_copy(folder, to, horizon).await?;
    let copied = files::back_up(folder.path(), to).await?;
    erasures::go_with(folder, store, to).await?;
    let taken = Taken {
        at,
        by: None,
        file: to.display().to_string(),
        bytes: std::fs::metadata(to).map(|meta| meta.len()).unwrap_or_default(),
        files: copied.files,
        missing: copied.missing,
        verified,
        took_ms: SystemSource.now() - at,
        failed: None,
    };
    Ok((taken, copied.bytes))
}

/// Checks the copy as `verify` does, and notes in it until when it is known to be complete: after a restore,
/// devices need not give back what is older.
async fn verify_copy(folder: &Folder, copy: &Path, horizon: i64) -> Result<bool, Failure> {
    let centre = centre_over(folder, copy).await?;
    let ok = verify::report(&centre).await.map_err(failed)?.ok;
    // Whoever restores it does not wish for the backup that it is.
    let mut writes = vec![backups::wish(None)];
    if ok {
        writes.push(Aside::Setting { key: VERIFIED.into(), value: horizon.to_string() });
    }
    centre.store().write(writes).await.map_err(failed)?;
    centre.store().close().await.map_err(failed)?;
    Ok(ok)
}

/// Whether the copy reads as what a server keeps.
async fn is_whole(folder: &Folder) -> Result<(), String> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut head = [0; MAGIC.len()];
    let read = std::fs::File::open(folder.database()).and_then(|mut file| file.read_exact(&mut head));
    if read.is_err() || head != MAGIC {
        return Err("it is not a database".into());
    }
    let store = SqliteStore::open(&folder.database()).await.map_err(|error| error.to_string())?;
    store.check().await.map_err(|error| error.to_string())
}

pub(crate) async fn restore(restore: Restore) -> Done {
    let folder = Folder::at(&restore.data);
    let occupied = std::fs::read_dir(folder.path()).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        let message = format!("{} is not empty.", folder.path().display());
        return Err(Failure::new("restore.occupied", message, "Name an empty folder."));
    }
    let was_there = folder.path().exists();
    let restored = put_back(&folder, &restore).await;
    if restored.is_err() {
        // Only what was put there a moment ago: the folder was empty, and half a store must not be served.
        let _ = std::fs::remove_dir_all(folder.path());
        if was_there {
            let _ = std::fs::create_dir(folder.path());
        }
    }
    restored
}

async fn put_back(folder: &Folder, restore: &Restore) -> Done {
    let copied = |error: std::io::Error| {
        Failure::new("restore.failed", error, "Check the file and the free space, and try again.")
    };
    folder.make().map_err(copied)?;
    std::fs::copy(&restore.from, folder.database()).map_err(copied)?;
    if let Some(secret) = &restore.secret {
        std::fs::copy(secret, folder.path().join("secret.key")).map_err(copied)?;
    }
    if let Err(error) = is_whole(folder).await {
        let message = format!("{} is no whole backup: {error}", restore.from.display());
        return Err(Failure::new("restore.damaged", message, "Take another backup file."));
    }
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    let before =
        store.setting("epoch").await.map_err(failed)?.and_then(|text| text.parse().ok()).unwrap_or(1);
    let horizon =
        store.setting(VERIFIED).await.map_err(failed)?.and_then(|text| text.parse().ok()).unwrap_or(0);
    store.write(recovery(before, SystemSource.now(), horizon)).await.map_err(failed)?;
    let copied = files::put_back(&restore.from, folder.path(), &store).await?;
    store.close().await.map_err(failed)?;
    let erased = erasures::apply(folder, &restore.from, restore.erasures.as_deref()).await?;
    let text = "Restored. The server takes and gives, and decides nothing: let the devices sync, so that they give back\n\
                what is newer than the backup, then run `doorstep admin release`. It needs the old secret.key beside it.";
    let secret = folder.path().join("secret.key").exists();
    let data = folder.path().display().to_string();
    Ok(Answer {
        json: json!({ "data": data, "recovering": true, "secret": secret, "erased_again": erased,
                      "attachments": { "files": copied.files, "bytes": copied.bytes, "missing": copied.missing } }),
        text: text.into(),
        ok: true,
    })
}
