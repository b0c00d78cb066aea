//! `doorstep admin minimum`: the oldest version of documents whose devices are told of cases.

use std::path::PathBuf;

use clap::Args;
use doorstep_protocol::limits::{OLDEST_SCHEMA, SCHEMA_VERSION};
use doorstep_server::pipeline::{minimum, minimum_of};
use doorstep_server::store::Store;
use doorstep_server::store::sqlite::SqliteStore;
use serde_json::json;

use super::{Answer, Done, Folder, usage};
use crate::cli::open::failed;

#[derive(Debug, Args)]
pub(crate) struct Minimum {
    #[arg(long)]
    data: PathBuf,
    /// The version to ask for from now on; without it, says which it is.
    #[arg(long)]
    schema: Option<u16>,
}

pub(super) async fn run(wanted: Minimum) -> Done {
    let folder = Folder::existing(&wanted.data)?;
    if let Some(schema) = wanted.schema.filter(|schema| !(OLDEST_SCHEMA..=SCHEMA_VERSION).contains(schema)) {
        let message = format!("There is no version {schema} of documents. Nothing was changed.");
        return Err(usage(
            "schema.unknown",
            message,
            &format!("Name one of {OLDEST_SCHEMA} to {SCHEMA_VERSION}."),
        ));
    }
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    if let Some(schema) = wanted.schema {
        store.write(vec![minimum_of(schema)]).await.map_err(failed)?;
    }
    let minimum = minimum(&store).await.map_err(failed)?;
    let text = format!(
        "Devices that know version {minimum} of documents or a newer one are told of cases; older ones may only send. \
         The newest is {SCHEMA_VERSION}."
    );
    Ok(Answer { json: json!({ "minimum": minimum, "newest": SCHEMA_VERSION }), text, ok: true })
}
