//! `doorstep policy history`: the decisions on one case, whole, for whoever runs the centre.
//!
//! Devices keep of most decisions what they show; only the centre has all of them.

use std::path::PathBuf;

use clap::Args;
use doorstep_protocol::DocumentId;
use doorstep_server::store::Store;
use serde_json::json;

use super::open::{centre, failed};
use super::{Answer, Done, Failure, Folder};

#[derive(Debug, Args)]
pub(crate) struct History {
    /// The case.
    id: String,
    /// The server's data folder.
    #[arg(long)]
    data: PathBuf,
}

pub(crate) async fn show(wanted: History) -> Done {
    let id: DocumentId = wanted.id.parse().map_err(|_| {
        let message = format!("{:?} is no id of a case.", wanted.id);
        Failure { exit: 2, ..Failure::new("id.bad", message, "Give the id as `list` shows it.") }
    })?;
    let centre = centre(&Folder::existing(&wanted.data)?).await?;
    let stored = centre.store().load(id).await.map_err(failed)?.ok_or_else(|| {
        Failure::new("case.absent", format!("There is no case {id} here."), "Look at the id and the folder.")
    })?;
    let decisions: Vec<_> = stored.decisions.into_iter().map(|row| row.decision).collect();
    let lines = decisions.iter().filter_map(|decision| serde_json::to_string(decision).ok());
    let text = lines.collect::<Vec<_>>().join("\n");
    Ok(Answer { json: json!({ "decisions": decisions }), text, ok: true })
}
