//! What a document shows: its fields as JSON, by name.
//!
//! Never uses `doc.get` on a field that is written as a word: those come from the table, which sees
//! all words. Texts, lists and labels are the CRDT's own.

use automerge::{Automerge, ReadDoc, Value};
use serde_json::{Map, Value as Json, json};

use super::genesis::object;
use super::schema::{Field, Kind, Type};
use super::table::{Table, View};

/// The fields that have been written, in schema order. A disputed field shows
/// `{"disputed": [values]}`, a cleared one `null`.
pub fn fields(kind: Kind, doc: &Automerge, table: &Table) -> Map<String, Json> {
    let shown = kind.fields().filter_map(|of| field(of, doc, table).map(|value| (of.name.to_owned(), value)));
    shown.collect()
}

/// One field as it is shown; `None` if it was never written.
pub fn field(field: Field, doc: &Automerge, table: &Table) -> Option<Json> {
    if field.is_word() { word(&table.view(field)) } else { merged(doc, field) }
}

fn word(view: &View) -> Option<Json> {
    match view {
        View::Unset => None,
        View::Is(value) => Some(json!(value)),
        View::Disputed(values) => Some(json!({ "disputed": values })),
    }
}

fn merged(doc: &Automerge, field: Field) -> Option<Json> {
    let target = object(field.kind, field.container);
    match field.ty {
        Type::Text => doc.text(&target).ok().filter(|text| !text.is_empty()).map(Json::String),
        Type::Labels => {
            let labels: Vec<String> = doc.keys(&target).collect();
            (!labels.is_empty()).then(|| json!(labels))
        }
        _ => {
            let items: Vec<Json> = doc.values(&target).filter_map(|(value, _)| item(&value)).collect();
            (!items.is_empty()).then_some(Json::Array(items))
        }
    }
}

/// An item with structure is a JSON object in a text.
fn item(value: &Value<'_>) -> Option<Json> {
    let text = value.as_str()?;
    match serde_json::from_str::<Json>(text) {
        Ok(object @ Json::Object(_)) => Some(object),
        _ => Some(Json::String(text.to_owned())),
    }
}
