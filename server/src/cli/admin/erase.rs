//! `doorstep admin erase`: a document is erased on request, beside a running server or without one.

use std::path::PathBuf;

use clap::Args;
use doorstep_protocol::{DocumentId, WorkerId};
use doorstep_server::ledger::Ledger;
use doorstep_server::limits;
use doorstep_server::pipeline::{DeskError, EraseError};
use serde_json::json;

use super::{Answer, Done, Failure, Folder, usage};
use crate::cli::open::{centre, failed};

#[derive(Debug, Args)]
pub(crate) struct Erase {
    #[arg(long)]
    data: PathBuf,
    /// The document.
    #[arg(long)]
    case: String,
    /// The administrator on whose word it happens.
    #[arg(long)]
    by: String,
    /// The number or name of the request; nothing of what is erased. It stays in the ledger.
    #[arg(long)]
    reason: String,
}

pub(super) async fn erase(erase: Erase) -> Done {
    let folder = Folder::existing(&erase.data)?;
    let absent = || {
        usage(
            "case.absent",
            format!("There is no case {:?}, or {:?} may not erase it.", erase.case, erase.by),
            "Look at the id; --by names an administrator of its district (w7).",
        )
    };
    let document: DocumentId = erase.case.parse().map_err(|_| absent())?;
    let worker: WorkerId = erase.by.parse().map_err(|_| absent())?;
    let reason = erase.reason.trim();
    if !(1..=limits::ERASURE_REASON_CHARS).contains(&reason.chars().count()) {
        let message = "--reason is the number or name of the request, in 1 to 80 characters.".into();
        return Err(usage(
            "reason.missing",
            message,
            "Say nothing of what is erased: it stays in the ledger.",
        ));
    }
    let centre = centre(&folder).await?.with_ledger(Ledger::of(folder.path()));
    let person = centre.person(worker).await.map_err(failed)?.ok_or_else(absent)?;
    let erased = match centre.erase(&person, document, reason).await {
        Ok(erased) => erased,
        Err(EraseError::Desk(DeskError::NotFound)) => return Err(absent()),
        Err(EraseError::Unfinished(why)) => {
            let next = "Mend what is named and start the server: it carries out what the ledger says.";
            let failure = Failure::new("erasure.unfinished", why, next);
            return Err(Failure { kept: "The ledger has it.", ..failure });
        }
        Err(error) => return Err(failed(error)),
    };
    let scoured = centre.scour().await.unwrap_or(false);
    let backups: Vec<_> = erased
        .backups
        .iter()
        .map(|backup| json!({ "file": backup.file.display().to_string(), "noted": backup.noted }))
        .collect();
    let row = erased.row;
    let mut text = format!(
        "Erased: {} changes of {document}. {} goes on in its place. Devices purge it when they next sync.",
        row.changes.len(),
        row.successor
    );
    if !scoured {
        text.push_str("\nThe database's log is in use: the server empties it within a minute.");
    }
    if !backups.is_empty() {
        text.push_str(
            "\nThese backups still hold it until you delete them; a restore of one erases it again:",
        );
        erased.backups.iter().for_each(|backup| text.push_str(&format!("\n  {}", backup.file.display())));
    }
    let json = json!({ "document": document, "successor": row.successor, "changes": row.changes.len(),
                       "scoured": scoured, "backups": backups });
    Ok(Answer { json, text, ok: true })
}
