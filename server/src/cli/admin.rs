//! `doorstep admin`: opens the same database beside a running server.

mod account;
mod budget;
mod erase;
mod minimum;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use doorstep_protocol::documents::Role;
use doorstep_protocol::{DeviceId, WorkerId};
use doorstep_server::clock::{Source, SystemSource, rfc3339};
use doorstep_server::enrol::{EnrolError, invite, is_name};
use doorstep_server::keys::Keys;
use doorstep_server::limits;
use doorstep_server::pipeline::released;
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Aside, Store};
use serde_json::json;

use super::open::{Data, centre, failed};
use super::versions::{self, Versions};
use super::{Answer, Done, Failure, Folder, high_water};
use account::Account;
use budget::Budget;
use erase::Erase;
use minimum::Minimum;

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// A one-time code for a worker's device.
    Enrol(Enrol),
    /// A bearer token for the desk and the API.
    Token(Token),
    /// An account for the desk, or a new password for the one somebody has.
    Account(Account),
    /// Shuts a device out.
    Revoke(Revoke),
    /// What a device has spent of what one may cost the centre; `--reset` lets it go on.
    Budget(Budget),
    /// The oldest version of documents whose devices are told of cases; older ones may only send.
    Minimum(Minimum),
    /// Lets in another version of a policy pack, puts one in force, or lists them.
    Policy(Versions),
    /// Erases a document on request: a redacted one goes on, everything that was said is destroyed.
    Erase(Erase),
    /// Lets a restored server decide again, once the devices have given back what it had lost.
    Release(Data),
}

#[derive(Debug, Args)]
pub(crate) struct Enrol {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    database: Option<String>,
    /// Division code of the district.
    #[arg(long)]
    district: String,
    /// The worker's unit.
    #[arg(long)]
    unit: String,
    /// The worker's name.
    #[arg(long)]
    worker: String,
    /// worker, handler, reviewer, leader, inspector, admin or auditor.
    #[arg(long)]
    role: String,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    #[arg(long)]
    data: PathBuf,
    /// The worker's number.
    #[arg(long)]
    worker: String,
    /// How long it is good for (ISO 8601).
    #[arg(long)]
    life: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    #[arg(long)]
    data: PathBuf,
    /// The device's id.
    #[arg(long)]
    device: String,
}

fn usage(code: &'static str, message: String, next: &str) -> Failure {
    Failure { exit: 2, ..Failure::new(code, message, next) }
}

pub(crate) async fn run(admin: Admin) -> Done {
    match admin {
        Admin::Enrol(enrol) => self::enrol(enrol).await,
        Admin::Token(token) => self::token(token).await,
        Admin::Account(account) => account::give(account).await,
        Admin::Revoke(revoke) => self::revoke(revoke).await,
        Admin::Budget(budget) => budget::budget(budget).await,
        Admin::Minimum(wanted) => minimum::run(wanted).await,
        Admin::Erase(erase) => erase::erase(erase).await,
        Admin::Policy(wanted) => versions::versions(wanted).await,
        Admin::Release(data) => release(&data).await,
    }
}

async fn enrol(enrol: Enrol) -> Done {
    let folder = Folder::existing(&enrol.data)?;
    let role = Role::named(&enrol.role).ok_or_else(|| {
        let names = Role::ALL.map(Role::name).join(", ");
        usage(
            "role.unknown",
            format!("There is no role {:?}.", enrol.role),
            &format!("Choose one of {names}."),
        )
    })?;
    if !is_name(&enrol.worker) {
        let message =
            "A worker's name is one line of 1 to 64 characters, at least one of them a letter.".into();
        return Err(usage("worker.name", message, "Give the name."));
    }
    let centre = centre(&folder).await?;
    let name = enrol.worker.trim();
    let who = (enrol.district.as_str(), enrol.unit.as_str(), name, role);
    let source = SystemSource;
    let packs = centre.packs();
    // An older copy may lie there: it does not know whose numbers it has given.
    high_water::check(&folder, &**centre.store(), &packs).await?;
    let invitation = invite(&**centre.store(), &packs, who, (source.now(), &source)).await;
    let invitation = invitation.map_err(|error| match error {
        EnrolError::Store(error) => failed(error),
        error => usage("enrol.refused", error.to_string(), "See units.csv of the pack."),
    })?;
    high_water::note(&folder, &**centre.store(), &packs).await.map_err(failed)?;
    // What is about somebody of this name was written before anybody knew whose it is.
    centre.look_who(&enrol.district, name).await.map_err(failed)?;
    let url = server_url(&folder);
    let expires = rfc3339(invitation.expires);
    let text = format!(
        "{}\nFor {}, once, until {expires}. On the device:\n  doorstep-device --store FILE enrol {url} {}",
        invitation.code, enrol.worker, invitation.code
    );
    let json = json!({ "url": url, "code": invitation.code, "worker": invitation.worker.to_string(), "expires_at": expires });
    Ok(Answer { json, text, ok: true })
}

/// The address that the running server wrote down.
fn server_url(folder: &Folder) -> String {
    let text = std::fs::read_to_string(folder.server()).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    json["url"].as_str().unwrap_or("http://127.0.0.1:7180").to_owned()
}

async fn token(token: Token) -> Done {
    let folder = Folder::existing(&token.data)?;
    let no = || {
        usage(
            "worker.unknown",
            format!("There is no worker {:?}.", token.worker),
            "`admin enrol` prints the worker's id.",
        )
    };
    let worker: WorkerId = token.worker.parse().map_err(|_| no())?;
    let life = match token.life.as_deref().map(str::parse::<jiff::SignedDuration>) {
        None => limits::TOKEN_LIFE_MS,
        Some(Ok(life)) => {
            i64::try_from(life.as_millis()).unwrap_or(limits::TOKEN_LIFE_MS).clamp(0, limits::TOKEN_LIFE_MS)
        }
        Some(Err(_)) => {
            return Err(usage(
                "life.bad",
                "--life is not an ISO 8601 duration.".into(),
                "Write PT12H for twelve hours.",
            ));
        }
    };
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    let person =
        store.person(worker).await.map_err(failed)?.filter(|person| person.ended.is_none()).ok_or_else(no)?;
    let source = SystemSource;
    let keys = Keys::open(folder.path(), &source).map_err(failed)?;
    let token = keys.token(worker, source.now() + life);
    let text = format!("{token}\nFor {}. Sign in with it at {}/sign-in.", person.name, server_url(&folder));
    Ok(Answer { json: json!({ "token": token }), text, ok: true })
}

async fn revoke(revoke: Revoke) -> Done {
    let folder = Folder::existing(&revoke.data)?;
    let no = || {
        usage(
            "device.unknown",
            format!("There is no device {:?}.", revoke.device),
            "A device's id has 16 hex digits.",
        )
    };
    let device: DeviceId = revoke.device.parse().map_err(|_| no())?;
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    store.device(device).await.map_err(failed)?.ok_or_else(no)?;
    let at = SystemSource.now();
    store.write(vec![Aside::RevokeDevice { device, at }]).await.map_err(failed)?;
    Ok(Answer {
        json: json!({ "device": device, "revoked_at": rfc3339(at) }),
        text: format!("{device} is shut out."),
        ok: true,
    })
}

async fn release(data: &Data) -> Done {
    let folder = Folder::existing(&data.data)?;
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    store.write(vec![released()]).await.map_err(failed)?;
    let text = "Released: the server decides again within a few seconds.".into();
    Ok(Answer { json: json!({ "released": true }), text, ok: true })
}
