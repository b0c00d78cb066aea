//! The fields of a case as a person at the desk reads them: in schema order, masked, disputes marked.

use doorstep_protocol::documents::Attachment;
use doorstep_protocol::documents::attachment::FIELD;
use serde_json::Value as Json;

use super::words::{Shown, Words};
use crate::pipeline::CaseView;

/// One field.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) values: Vec<Shown>,
    /// Where its conflict is decided.
    pub(super) conflict: Option<String>,
    /// Prose, which takes the whole width.
    pub(super) wide: bool,
}

/// What has been written, in schema order.
pub(super) fn facts(view: &CaseView, w: &Words<'_>) -> Vec<Fact> {
    let shown = view.row.kind.fields().filter_map(|field| {
        let value = view.fields.get(field.name)?;
        if field.name == FIELD && view.files.len() == value.as_array().map_or(0, Vec::len) {
            return None;
        }
        let open = view.row.conflicts.contains(field.name);
        Some(Fact {
            name: w.field(field.name),
            values: values(w, field.name, value),
            conflict: open.then(|| format!("/conflicts/{}.{}", view.row.document, field.name)),
            wide: matches!(field.name, "title" | "description" | "log" | "outcome"),
        })
    });
    shown.collect()
}

fn values(w: &Words<'_>, field: &str, value: &Json) -> Vec<Shown> {
    match value {
        Json::String(text) => vec![w.value(field, Some(text))],
        // Files have a place of their own on the page.
        Json::Array(items) => items
            .iter()
            .filter(|item| Attachment::read(item).is_none())
            .flat_map(|item| values(w, field, item))
            .collect(),
        Json::Object(members) => match members.get("disputed") {
            Some(Json::Array(all)) => all.iter().map(|value| w.value(field, value.as_str())).collect(),
            _ => vec![w.own(&line(members))],
        },
        _ => vec![w.value(field, None)],
    }
}

/// An item with structure, such as a log entry: its texts in one line.
fn line(members: &serde_json::Map<String, Json>) -> String {
    let texts = members.values().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    texts.collect::<Vec<String>>().join(" · ")
}
