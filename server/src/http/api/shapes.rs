//! Shapes that several endpoints give, each beside its schema. Masked values only.

mod conflict;
mod file;

pub(super) use conflict::{Conflict, Queued, Side};
pub(super) use file::File;

use doorstep_policy::{Changed, Decision, Reason};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use crate::clock::rfc3339;
use crate::http::mask;
use crate::http::openapi::{
    any_object, flag, hash, list, named, nullable, number, object, one_of, text, time,
};
use crate::pipeline::{CaseView, HistoryItem, Settled};
use crate::store::CaseRow;

/// A case in a list.
#[derive(Serialize)]
pub(super) struct Item {
    id: DocumentId,
    kind: &'static str,
    title: Option<String>,
    category: Option<String>,
    place: Option<String>,
    urgency: Option<String>,
    unit: Option<String>,
    step: Option<String>,
    due: Option<String>,
    directive: Option<String>,
    conflicts: Vec<String>,
    registered: String,
    updated: String,
}

impl Item {
    pub(super) fn of(row: CaseRow) -> Self {
        Item {
            id: row.document,
            kind: row.kind.name(),
            title: row.title,
            category: row.category,
            place: row.place,
            urgency: row.urgency,
            unit: row.unit,
            step: row.step,
            due: row.due.map(rfc3339),
            directive: row.directive,
            conflicts: row.conflicts.into_iter().collect(),
            registered: rfc3339(row.registered),
            updated: rfc3339(row.updated),
        }
    }

    fn schema() -> Json {
        let maybe = nullable(&text());
        object(&[
            ("id", text()),
            ("kind", one_of(&Kind::ALL.map(Kind::name))),
            ("title", maybe.clone()),
            ("category", maybe.clone()),
            ("place", maybe.clone()),
            ("urgency", maybe.clone()),
            ("unit", maybe.clone()),
            ("step", maybe.clone()),
            ("due", nullable(&time())),
            ("directive", maybe),
            ("conflicts", list(&text())),
            ("registered", time()),
            ("updated", time()),
        ])
    }
}

/// A decision: codes and reasons, without the projection that it read.
#[derive(Serialize)]
pub(super) struct Decided {
    epoch: u32,
    n: u32,
    cause: &'static str,
    because: Json,
    directive: &'static str,
    unit: Option<String>,
    co_units: Vec<String>,
    tier: &'static str,
    step: String,
    due: String,
    at: String,
    policy: String,
    reasons: Vec<Reason>,
    changed: Vec<Changed>,
    referrals: u32,
}

impl Decided {
    pub(super) fn of(decision: Decision) -> Self {
        Decided {
            epoch: decision.epoch,
            n: decision.n,
            cause: decision.cause.kind(),
            because: serde_json::to_value(&decision.cause).expect("a cause of texts serialises"),
            directive: decision.directive.code(),
            unit: decision.unit,
            co_units: decision.co_units,
            tier: decision.tier.code(),
            step: decision.step,
            due: decision.due.to_string(),
            at: decision.at.to_string(),
            policy: decision.policy,
            reasons: decision.reasons,
            changed: decision.changed,
            referrals: decision.referrals,
        }
    }

    fn schema() -> Json {
        let reason = object(&[("rule", text()), ("inputs", any_object()), ("basis", text())]);
        let changed = object(&[("field", text()), ("from", text()), ("to", text())]);
        object(&[
            ("epoch", number()),
            ("n", number()),
            (
                "cause",
                one_of(&[
                    "Intake",
                    "Settled",
                    "Provisional",
                    "Timer",
                    "Review",
                    "Command",
                    "PolicyMigration",
                ]),
            ),
            ("because", any_object()),
            ("directive", text()),
            ("unit", nullable(&text())),
            ("co_units", list(&text())),
            ("tier", text()),
            ("step", text()),
            ("due", time()),
            ("at", time()),
            ("policy", text()),
            ("reasons", list(&reason)),
            ("changed", list(&changed)),
            ("referrals", number()),
        ])
    }
}

/// A change in a case's history.
#[derive(Serialize)]
pub(super) struct Edited {
    hash: Hash,
    worker: String,
    worker_id: u32,
    device: DeviceId,
    at: String,
    received_at: String,
    fields: Vec<String>,
}

impl Edited {
    pub(super) fn of(item: HistoryItem) -> Self {
        Edited {
            hash: item.hash,
            worker: item.name,
            worker_id: item.worker.0,
            device: item.device,
            at: rfc3339(item.made),
            received_at: rfc3339(item.received),
            fields: item.fields,
        }
    }

    fn schema() -> Json {
        object(&[
            ("hash", hash()),
            ("worker", text()),
            ("worker_id", number()),
            ("device", text()),
            ("at", time()),
            ("received_at", time()),
            ("fields", list(&text())),
        ])
    }
}

/// All of a case.
#[derive(Serialize)]
pub(super) struct Whole {
    id: DocumentId,
    kind: &'static str,
    version: u64,
    heads: Vec<Hash>,
    fields: Map<String, Json>,
    attachments: Vec<File>,
    conflicts: Vec<Conflict>,
    decisions: Vec<Decided>,
    settled: Settled,
}

impl Whole {
    pub(super) fn of(view: CaseView) -> Self {
        let fields = view.fields.into_iter().map(|(name, value)| {
            let value = mask::json(&name, value);
            (name, value)
        });
        Whole {
            id: view.row.document,
            kind: view.row.kind.name(),
            version: view.row.version,
            heads: view.heads,
            fields: fields.collect(),
            attachments: view.files.into_iter().map(|file| File::of(view.row.document, file)).collect(),
            conflicts: view.conflicts.into_iter().map(Conflict::of).collect(),
            decisions: view.decisions.into_iter().map(Decided::of).collect(),
            settled: view.settled,
        }
    }

    fn schema() -> Json {
        let wait = object(&[
            ("kind", one_of(&["announced", "checkout", "conflict", "quiet"])),
            ("who", nullable(&text())),
            ("until", nullable(&time())),
        ]);
        object(&[
            ("id", text()),
            ("kind", one_of(&Kind::ALL.map(Kind::name))),
            ("version", number()),
            ("heads", list(&hash())),
            ("fields", any_object()),
            ("attachments", list(&File::schema())),
            ("conflicts", list(&named("Conflict"))),
            ("decisions", list(&named("Decision"))),
            ("settled", object(&[("ok", flag()), ("waits", list(&wait))])),
        ])
    }
}

/// A list of a shape, as a member `items`.
pub(super) fn items(of: &Json) -> Json {
    object(&[("items", list(of))])
}

/// A time, for endpoints with shapes of their own.
pub(super) fn shown(at: Millis) -> String {
    rfc3339(at)
}

/// The schemas that others refer to by name.
pub(super) fn schemas() -> Json {
    let problem = json!({
        "type": "object",
        "description": "RFC 9457. Refusals of a policy carry `rule`; stale resolutions carry `conflict` as it is now.",
        "properties": {
            "type": text(), "title": text(), "status": number(), "detail": text(),
            "code": text(), "kept": text(), "next": text(), "rule": text(), "conflict": named("Queued"),
        },
        "required": ["type", "title", "status", "detail", "code", "kept", "next"],
    });
    json!({
        "Problem": problem,
        "Item": Item::schema(),
        "Side": Side::schema(),
        "Conflict": Conflict::schema(),
        "Queued": Queued::schema(),
        "Decision": Decided::schema(),
        "Edit": Edited::schema(),
        "Case": Whole::schema(),
    })
}
