//! Shapes of conflicts: sides, a conflict within its case, a conflict in the queue.

use doorstep_protocol::{DeviceId, DocumentId, Hash};
use serde::Serialize;
use serde_json::Value as Json;

use crate::clock::rfc3339;
use crate::http::mask;
use crate::http::openapi::{flag, hash, list, named, nullable, number, object, text, time};
use crate::pipeline::{ConflictView, SideView};
use crate::store::CaseRow;

/// One side of a conflict, or a word that all sides had seen.
#[derive(Serialize)]
pub(in crate::http::api) struct Side {
    hash: Hash,
    value: Option<String>,
    worker: String,
    worker_id: u32,
    device: DeviceId,
    at: String,
    received_at: String,
    resolution: bool,
    saw: Vec<Hash>,
}

impl Side {
    fn of(field: &str, side: SideView) -> Self {
        Side {
            hash: side.hash,
            value: side.value.map(|value| mask::shown(field, &value)),
            worker: side.name,
            worker_id: side.worker.0,
            device: side.device,
            at: rfc3339(side.made),
            received_at: rfc3339(side.received),
            resolution: side.resolution,
            saw: side.saw.into_iter().collect(),
        }
    }

    pub(super) fn schema() -> Json {
        object(&[
            ("hash", hash()),
            ("value", nullable(&text())),
            ("worker", text()),
            ("worker_id", number()),
            ("device", text()),
            ("at", time()),
            ("received_at", time()),
            ("resolution", flag()),
            ("saw", list(&hash())),
        ])
    }
}

/// An open conflict within its case.
#[derive(Serialize)]
pub(in crate::http::api) struct Conflict {
    id: String,
    field: String,
    sides: Vec<Side>,
    base: Vec<Side>,
}

impl Conflict {
    pub(in crate::http::api) fn of(view: ConflictView) -> Self {
        let side = |side| Side::of(&view.field, side);
        Conflict {
            id: format!("{}.{}", view.document, view.field),
            sides: view.sides.into_iter().map(side).collect(),
            base: view.base.into_iter().map(side).collect(),
            field: view.field,
        }
    }

    pub(super) fn schema() -> Json {
        let sides = list(&named("Side"));
        object(&[("id", text()), ("field", text()), ("sides", sides.clone()), ("base", sides)])
    }
}

/// An open conflict in the queue: with its case.
#[derive(Serialize)]
pub(in crate::http::api) struct Queued {
    id: String,
    document: DocumentId,
    field: String,
    title: Option<String>,
    urgent: bool,
    since: Option<String>,
    sides: Vec<Side>,
    base: Vec<Side>,
    heads: Vec<Hash>,
}

impl Queued {
    pub(in crate::http::api) fn of(row: CaseRow, heads: Vec<Hash>, view: ConflictView) -> Self {
        let Conflict { id, field, sides, base } = Conflict::of(view);
        let since = row.conflict_since.map(rfc3339);
        Queued {
            id,
            document: row.document,
            field,
            title: row.title,
            urgent: row.urgent,
            since,
            sides,
            base,
            heads,
        }
    }

    pub(super) fn schema() -> Json {
        object(&[
            ("id", text()),
            ("document", text()),
            ("field", text()),
            ("title", nullable(&text())),
            ("urgent", flag()),
            ("since", nullable(&time())),
            ("sides", list(&named("Side"))),
            ("base", list(&named("Side"))),
            ("heads", list(&hash())),
        ])
    }
}
