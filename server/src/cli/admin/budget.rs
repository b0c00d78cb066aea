//! `doorstep admin budget`: what a device has spent, and a clean slate for it once somebody has looked.

use std::path::PathBuf;

use clap::Args;
use doorstep_protocol::DeviceId;
use doorstep_server::clock::rfc3339;
use doorstep_server::limits;
use doorstep_server::pipeline::Spent;
use doorstep_server::store::Store;
use doorstep_server::store::sqlite::SqliteStore;
use serde_json::json;

use super::{Answer, Done, Folder, usage};
use crate::cli::open::failed;

#[derive(Debug, Args)]
pub(crate) struct Budget {
    #[arg(long)]
    data: PathBuf,
    /// The device's id.
    #[arg(long)]
    device: String,
    /// Begins anew. What is in quarantine stays there.
    #[arg(long)]
    reset: bool,
}

pub(super) async fn budget(budget: Budget) -> Done {
    let folder = Folder::existing(&budget.data)?;
    let no = || {
        let message = format!("There is no device {:?}.", budget.device);
        usage("device.unknown", message, "A device's id has 16 hex digits.")
    };
    let device: DeviceId = budget.device.parse().map_err(|_| no())?;
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    store.device(device).await.map_err(failed)?.ok_or_else(no)?;
    let spent = Spent::of(&store, device).await.map_err(failed)?;
    if budget.reset {
        store.write(vec![Spent::default().setting(device)]).await.map_err(failed)?;
    }
    let Spent { since, refused, documents, bytes, quarantined } = spent;
    let text = format!(
        "{device}, in the hour from {}: {refused} of {} refusals, {documents} of {} new documents, {bytes} of {} bytes; \
         in quarantine {quarantined} of {} bytes.{}",
        rfc3339(since),
        limits::REFUSED_PER_HOUR,
        limits::DOCUMENTS_PER_HOUR,
        limits::BYTES_PER_HOUR,
        limits::QUARANTINE_BYTES,
        if budget.reset { " It begins anew." } else { "" },
    );
    let json = json!({
        "device": device, "since": rfc3339(since), "refused": refused, "documents": documents, "bytes": bytes,
        "quarantined": quarantined, "reset": budget.reset,
    });
    Ok(Answer { json, text, ok: true })
}
