//! `doorstep admin account`: a login for the desk, with a password to be changed at the first sign-in.

use std::path::PathBuf;

use clap::Args;
use doorstep_protocol::WorkerId;
use doorstep_server::accounts::{AccountError, give as give_account};
use doorstep_server::clock::{Source, SystemSource};
use doorstep_server::store::Store;
use doorstep_server::store::sqlite::SqliteStore;
use serde_json::json;

use super::{Answer, Done, Folder, server_url, usage};
use crate::cli::open::failed;

#[derive(Debug, Args)]
pub(crate) struct Account {
    #[arg(long)]
    data: PathBuf,
    /// The worker's number.
    #[arg(long)]
    worker: String,
    /// What they will type to sign in.
    #[arg(long)]
    login: String,
}

pub(super) async fn give(account: Account) -> Done {
    let folder = Folder::existing(&account.data)?;
    let no = || {
        usage(
            "worker.unknown",
            format!("There is no worker {:?}.", account.worker),
            "`admin enrol` prints the worker's id.",
        )
    };
    let worker: WorkerId = account.worker.parse().map_err(|_| no())?;
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    let found = store.person(worker).await.map_err(failed)?;
    let person = found.filter(|person| person.ended.is_none()).ok_or_else(no)?;
    let source = SystemSource;
    let password = give_account(&store, &person, &account.login, (source.now(), &source)).await;
    let password = password.map_err(|error| match error {
        AccountError::Store(error) => failed(error),
        refused => {
            usage("account.refused", refused.to_string(), "Choose another login; nothing was changed.")
        }
    })?;
    let login = account.login.trim().to_lowercase();
    let text = format!(
        "{password}\nFor {} as {login}, at {}/sign-in. They choose their own password at the first sign-in.",
        person.name,
        server_url(&folder)
    );
    Ok(Answer {
        json: json!({ "login": login, "password": password, "worker": worker.to_string() }),
        text,
        ok: true,
    })
}
