//! What people see: one document, the list, the status, what was refused.
//!
//! Never changes anything. Shapes are those of the contract.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use doorstep_protocol::documents::view::fields;
use doorstep_protocol::documents::{Edit, Kind, table};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::ActOutcome;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::hydrate::Document;
use super::{Author, ReadFailure, Replica, Waiting};
use crate::source::Source;
use crate::store::{Listed, QueuedCommand, Store, StoreError, Stored};

/// Where the newest edits of a document are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On this device only.
    Device,
    /// On their way; not acknowledged.
    Sending,
    /// Durable at the centre.
    Centre,
}

impl State {
    fn of(accepted: bool, pending: u64, sent: u64) -> Self {
        match (pending, accepted) {
            (0, true) => State::Centre,
            (0, false) => State::Device,
            (pending, _) if pending == sent => State::Sending,
            _ => State::Device,
        }
    }
}

/// A document as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the contract")]
pub struct Shown {
    pub id: DocumentId,
    pub kind: Kind,
    pub heads: Vec<Hash>,
    pub fields: Map<String, Json>,
    pub state: State,
    pub conflicts: Vec<Conflict>,
    pub decisions: Vec<Json>,
    pub settled: Json,
    /// Commands given here, with the centre's answers.
    pub commands: Vec<Json>,
}

/// An open conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// `<document>.<field>`.
    pub id: String,
    /// The field.
    pub field: &'static str,
    /// What a resolution names.
    pub sides: Vec<Side>,
    /// The last words that all sides had seen.
    pub base: Vec<Side>,
}

/// One word of a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Hash of the change.
    pub hash: Hash,
    /// What it says.
    pub value: Option<String>,
    /// Name of the person.
    pub worker: String,
    /// The device.
    pub device: DeviceId,
    /// When it was made, RFC 3339.
    pub at: String,
    /// When the centre accepted it; `None`: not yet.
    pub received_at: Option<String>,
}

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the contract")]
pub struct Item {
    pub id: DocumentId,
    pub kind: Kind,
    pub title: Option<String>,
    pub state: State,
    pub due: Option<String>,
}

/// How the device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Changes and commands that the centre has not answered.
    pub pending: usize,
    /// Refused edits and commands that nobody has dismissed.
    pub rejected: usize,
    /// Documents held.
    pub held: usize,
    /// Seconds since the device was last up to date; `None`: never.
    pub cursor_age_s: Option<i64>,
    /// Files that are still to go to the centre.
    pub attachments: Waiting,
}

impl Status {
    /// How a device of several districts stands: as up to date as the one that is furthest behind.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let mut attachments = self.attachments;
        attachments += other.attachments;
        Status {
            pending: self.pending + other.pending,
            rejected: self.rejected + other.rejected,
            held: self.held + other.held,
            cursor_age_s: self.cursor_age_s.zip(other.cursor_age_s).map(|(one, other)| one.max(other)),
            attachments,
        }
    }
}

/// An edit or command that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// The document.
    pub document: DocumentId,
    /// The refused change's hash; of a command: its id.
    pub hash: String,
    /// Stable code.
    pub reason: String,
    /// In words.
    pub message: String,
    /// What the person did.
    pub edits: Vec<Edit>,
    /// When, by the device's clock, RFC 3339.
    pub made: String,
}

/// A time as text; out of range is shown as the number that it is.
pub(super) fn rfc3339(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

impl<S: Store, R: Source> Replica<S, R> {
    /// A document with its fields, conflicts and decisions.
    pub async fn show(&self, document: DocumentId) -> Result<Shown, ReadFailure> {
        let stored = self.store.load(document).await?.ok_or(ReadFailure::Absent(document))?;
        if stored.row.revoked {
            return Err(ReadFailure::Revoked { document, pending: stored.outbox.len() });
        }
        let meta = self.store.meta().await?;
        let opened = match Author::of(&meta) {
            Some(author) => Document::shown(&stored, &author)?,
            None => Document::accepted(&stored)?,
        };
        let mut names = self.store.names().await?;
        if let Some(identity) = meta.identity {
            names.entry(identity.worker).or_insert(identity.name);
        }
        let commands = self.store.commands().await?.into_iter();
        let sent = stored.outbox.iter().filter(|entry| entry.sent).count();
        let settled = stored.row.settled.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Ok(Shown {
            id: document,
            kind: stored.row.kind,
            heads: opened.heads(),
            fields: fields(opened.kind, &opened.doc, &opened.table),
            state: State::of(!stored.changes.is_empty(), stored.outbox.len() as u64, sent as u64),
            conflicts: conflicts(document, &opened, &names),
            decisions: decisions(&stored),
            settled: settled.unwrap_or_else(|| json!({"ok": false, "waits": []})),
            commands: commands.filter(|queued| queued.command.document == document).map(command).collect(),
        })
    }

    /// The documents that are shown, of one kind or of all.
    pub async fn list(&self, kind: Option<Kind>) -> Result<Vec<Item>, StoreError> {
        let held = self.store.list().await?.into_iter().filter(|listed| !listed.row.revoked);
        let held = held.filter(|listed| kind.is_none_or(|kind| listed.row.kind == kind));
        let item = |Listed { row, accepted, pending, sent }| Item {
            id: row.document,
            kind: row.kind,
            title: row.title,
            state: State::of(accepted, pending, sent),
            due: row.due,
        };
        Ok(held.map(item).collect())
    }

    /// How the device stands.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let commands = self.store.commands().await?;
        let open = commands.iter().filter(|queued| queued.outcome.is_none()).count();
        let age = |at: Millis| self.source.now().saturating_sub(at).max(0) / 1000;
        let held = self.store.list().await?;
        Ok(Status {
            pending: held.iter().map(|listed| listed.pending as usize).sum::<usize>() + open,
            rejected: self.store.rejected().await?.len(),
            held: held.iter().filter(|listed| !listed.row.revoked).count(),
            attachments: self.files_waiting().await?,
            cursor_age_s: self.store.meta().await?.synced_at.map(age),
        })
    }

    /// What was refused and not dismissed.
    pub async fn rejected(&self) -> Result<Vec<Refused>, StoreError> {
        let refused = self.store.rejected().await?.into_iter().map(|item| Refused {
            document: item.document,
            hash: item.id,
            reason: item.code,
            message: item.message,
            edits: item.intent,
            made: rfc3339(item.made),
        });
        Ok(refused.collect())
    }

    /// Stops showing a refused edit. Returns whether there was one.
    pub async fn dismiss(&mut self, hash: &str) -> Result<bool, StoreError> {
        let found = self.store.rejected().await?.iter().any(|item| item.id == hash);
        if found {
            self.store.apply(vec![crate::store::Op::Dismiss(hash.to_owned())]).await?;
        }
        Ok(found)
    }
}

fn conflicts(document: DocumentId, opened: &Document, names: &BTreeMap<WorkerId, String>) -> Vec<Conflict> {
    let side = |(hash, side): (Hash, table::Side)| Side {
        hash,
        value: side.value,
        worker: names.get(&side.facts.worker).cloned().unwrap_or_else(|| side.facts.worker.to_string()),
        device: side.facts.device,
        at: rfc3339(side.facts.made),
        received_at: (side.facts.received != 0).then(|| rfc3339(side.facts.received)),
    };
    let rows = opened.table.rows().into_iter().map(|(field, row)| Conflict {
        id: format!("{document}.{}", field.name),
        field: field.name,
        sides: row.sides.into_iter().map(side).collect(),
        base: row.base.into_iter().map(side).collect(),
    });
    rows.collect()
}

/// As the centre sent them, without its proof, and the cause as its kind; all of the cause is in `caused_by`.
fn decisions(stored: &Stored) -> Vec<Json> {
    let read =
        stored.decisions.iter().filter_map(|decision| serde_json::from_str::<Json>(&decision.json).ok());
    let shown = read.map(|mut decision| {
        if let Some(members) = decision.as_object_mut() {
            members.remove("given");
            members.remove("receipt");
        }
        if let Some(kind) = decision["cause"].get("kind").cloned() {
            let cause = std::mem::replace(&mut decision["cause"], kind);
            decision["caused_by"] = cause;
        }
        decision
    });
    shown.collect()
}

fn command(queued: QueuedCommand) -> Json {
    let QueuedCommand { command, outcome } = queued;
    let outcome = outcome.map(|outcome| match outcome {
        ActOutcome::Decided { n } => json!({"decided": n}),
        ActOutcome::Refused { rule, message } => json!({"refused": rule, "message": message}),
    });
    let id = HEXLOWER.encode(&command.id);
    let args: BTreeMap<String, String> = command.args.into_iter().collect();
    json!({"id": id, "name": command.name, "args": args, "made": rfc3339(command.made), "outcome": outcome})
}
