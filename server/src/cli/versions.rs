//! `doorstep admin policy` and `doorstep policy migrate`: other versions, and standing decisions moved to them.
//!
//! Owns the words. What a version is and how a case moves is the library's.

use std::path::PathBuf;

use clap::Args;
use doorstep_policy::Problem;
use doorstep_server::clock::{Source, SystemSource, rfc3339};
use doorstep_server::pipeline::{Migration, Move};
use doorstep_server::policies::{self, Index, Installed, PolicyError};
use doorstep_server::store::Walk;
use doorstep_server::store::sqlite::SqliteStore;
use serde_json::{Value as Json, json};

use super::open::{centre, failed, read_pack};
use super::{Answer, Done, Failure, Folder, problems};

#[derive(Debug, Args)]
pub(crate) struct Versions {
    /// The server's data folder.
    #[arg(long)]
    data: PathBuf,
    /// A pack's folder: lets in this version.
    #[arg(long)]
    pack: Option<PathBuf>,
    /// A version that was let in before (`name@version`): puts it in force again.
    #[arg(long, conflicts_with = "pack")]
    activate: Option<String>,
    /// A version that is still to come: it does not, and what is in force then stays so.
    #[arg(long, conflicts_with_all = ["pack", "activate", "activate_at"])]
    withdraw: Option<String>,
    /// From when (RFC 3339) what --pack or --activate names is in force; without it, from now on.
    #[arg(long)]
    activate_at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// The server's data folder.
    #[arg(long)]
    data: PathBuf,
    /// Says which cases would move where; keeps nothing.
    #[arg(long)]
    preview: bool,
}

/// Lets in, puts in force, or lists.
pub(crate) async fn versions(wanted: Versions) -> Done {
    if wanted.activate_at.is_some() && wanted.pack.is_none() && wanted.activate.is_none() {
        let message = "--activate-at says from when, and nobody says which version.";
        let next = "Name it: --pack FOLDER for one that is new, --activate NAME@VERSION for one that was let in before.";
        return Err(Failure { exit: 2, ..Failure::new("policy.unnamed", message, next) });
    }
    let folder = Folder::existing(&wanted.data)?;
    let at = match wanted.activate_at.as_deref().map(str::parse::<jiff::Timestamp>) {
        None => None,
        Some(Ok(at)) => Some(at.as_millisecond()),
        Some(Err(_)) => {
            let message = "--activate-at is not a time.";
            let failure = Failure::new("at.bad", message, "Write 2026-11-21T09:00:00+08:00.");
            return Err(Failure { exit: 2, ..failure });
        }
    };
    let store = SqliteStore::open(&folder.database()).await.map_err(failed)?;
    let now = SystemSource.now();
    if let Some(id) = &wanted.withdraw {
        return match policies::withdraw(&store, id, now).await {
            Ok(true) => {
                let text = format!("{id} does not come into force. A running server knows within seconds.");
                Ok(Answer { json: json!({ "ok": true, "id": id, "withdrawn": true }), text, ok: true })
            }
            Ok(false) => {
                let message = format!("{id} is not to come into force: nothing was changed.");
                let next = "`doorstep admin policy --data DIR` lists what is in force from when.";
                Err(Failure { exit: 2, ..Failure::new("policy.not_to_come", message, next) })
            }
            Err(error) => Err(failed(error)),
        };
    }
    let installed = match (&wanted.pack, &wanted.activate) {
        (Some(pack), _) => policies::install(&store, &read_pack(pack)?, at, now).await,
        (None, Some(id)) => policies::activate(&store, id, at, now).await,
        (None, None) => return list(&store).await,
    };
    match installed {
        Ok(Installed { id, district, at }) => {
            let from = rfc3339(at);
            let text = format!(
                "{id} decides new cases of {district} from {from} on. A running server takes it over within seconds.\n\
                 Standing cases stay with their version until `doorstep policy migrate`."
            );
            Ok(Answer {
                json: json!({ "ok": true, "id": id, "district": district, "from": from }),
                text,
                ok: true,
            })
        }
        Err(PolicyError::Bad(problems)) => Ok(refused(&problems)),
        Err(error @ PolicyError::Taken(_)) => {
            Err(Failure::new("policy.taken", error, "Give the pack a new version."))
        }
        Err(error @ PolicyError::Unknown(_)) => {
            let next = "`doorstep admin policy --data DIR` lists those that were let in.";
            Err(Failure { exit: 2, ..Failure::new("policy.unknown", error, next) })
        }
        Err(PolicyError::Store(error)) => Err(failed(error)),
    }
}

fn refused(bad: &[Problem]) -> Answer {
    let lines: Vec<String> = problems::lines(bad, problems::of_environment()).collect();
    Answer {
        json: json!({ "ok": false, "problems": bad }),
        text: format!("{}\nThe pack is refused; what is in force stays in force.", lines.join("\n")),
        ok: false,
    }
}

async fn list(store: &SqliteStore) -> Done {
    let index = Index::read(store).await.map_err(failed)?;
    let versions: Vec<Json> = index
        .versions
        .iter()
        .map(|v| json!({ "id": v.id, "district": v.district, "added_at": rfc3339(v.added) }))
        .collect();
    let mut schedule = index.activations.clone();
    schedule.sort_by_key(|a| a.at);
    let text = schedule.iter().map(|a| format!("{} {} from {}\n", a.district, a.id, rfc3339(a.at))).collect();
    let schedule: Vec<Json> = schedule
        .iter()
        .map(|a| json!({ "id": a.id, "district": a.district, "from": rfc3339(a.at) }))
        .collect();
    Ok(Answer { json: json!({ "ok": true, "versions": versions, "schedule": schedule }), text, ok: true })
}

/// Every standing case to the version in force, or a preview. What was interrupted is gone on with by asking again.
pub(crate) async fn migrate(wanted: Migrate) -> Done {
    let centre = centre(&Folder::existing(&wanted.data)?).await?;
    centre.remember().await.map_err(failed)?;
    if centre.recovering() {
        let next = "Let the devices give back what is missing, then `doorstep admin release`.";
        return Err(Failure::new(
            "centre.recovering",
            "The server was restored and decides nothing yet.",
            next,
        ));
    }
    let how = if wanted.preview { Migration::Preview } else { Migration::Apply };
    let mut moves: Vec<Move> = Vec::new();
    let mut walk = Walk::over(&**centre.store());
    while let Some(stored) = walk.next().await.map_err(failed)? {
        moves.extend(centre.migrate(stored.row.document, how).await.map_err(failed)?);
    }
    let (refused, moves): (Vec<Move>, Vec<Move>) = moves.into_iter().partition(|m| m.refused.is_some());
    let changed = moves.iter().filter(|m| m.from.unit != m.to.unit || m.from.due != m.to.due).count();
    let said = if wanted.preview { "would move" } else { "moved" };
    let mut text = format!("{} cases {said}, {changed} of them to another unit or due time.\n", moves.len());
    for m in &moves {
        let stand = |s: &doorstep_server::pipeline::Stand| {
            format!("{} {} {} by {}", s.policy, s.unit.as_deref().unwrap_or("-"), s.step, s.due)
        };
        let counted =
            m.counted_due.map(|due| format!("; {due} by the new version, what was promised stands"));
        let counted = counted.unwrap_or_default();
        text += &format!("{}: {} → {}{counted}\n", m.document, stand(&m.from), stand(&m.to));
    }
    let standing = moves.iter().filter(|m| m.counted_due.is_some()).count();
    if standing > 0 {
        text += &format!("{standing} of them keep a due time that the new version would set otherwise.\n");
    }
    for (m, no) in refused.iter().filter_map(|m| Some((m, m.refused.as_ref()?))) {
        text += &format!("{} stays under {}: {}.\n", m.document, m.from.policy, no.message);
    }
    let json = json!({
        "preview": wanted.preview, "cases": moves.len(), "changed": changed, "due_stands": standing, "moves": moves,
        "refused": refused,
    });
    Ok(Answer { json, text, ok: refused.is_empty() })
}
