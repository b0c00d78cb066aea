//! The gist of a case: which of its fields are found and shown in ledgers, and which only by their whole value.

use doorstep_protocol::documents::view;
use serde_json::Value as Json;

use super::Case;
use crate::finding::{Gist, Tag, key_form};
use crate::keys::Keys;
use crate::limits;
use crate::mask;

/// Fields that are found by their whole value only.
const PERSONAL: [&str; 7] = [
    "person.name",
    "person.phone",
    "person.id_number",
    "contact_phone",
    "household",
    "name",
    "contact_cadre",
];

/// The gist of a case.
pub(super) fn gist(case: &Case, keys: &Keys) -> Gist {
    let (kind, district) = (case.row.kind, &case.row.district);
    let field = |name: &str| view::field(kind.field(name)?, &case.doc, &case.table);
    let text = |name: &str| match field(name) {
        Some(Json::String(text)) => text.chars().take(limits::GIST_CHARS).collect(),
        _ => String::new(),
    };
    let mut personal: Vec<Tag> = Vec::new();
    for name in PERSONAL {
        let values = field(name).map(values).unwrap_or_default();
        let forms = values.iter().map(|value| key_form(value)).filter(|form| !form.is_empty());
        personal.extend(forms.map(|form| keys.find_key(district, &form)));
    }
    personal.sort_unstable();
    personal.dedup();
    let labels = field("tags").map(values).unwrap_or_default();
    let contact = ["contact_phone", "person.phone"].map(text).into_iter().find(|text| !text.is_empty());
    Gist {
        description: text("description"),
        outcome: text("outcome"),
        labels: labels.into_iter().take(limits::GIST_LABELS).collect(),
        person: text("person.name"),
        contact: contact.map(|number| mask::masked(&number)).unwrap_or_default(),
        keys: personal,
    }
}

/// Every text in a field as it is shown.
fn values(shown: Json) -> Vec<String> {
    match shown {
        Json::String(text) => vec![text],
        Json::Array(items) => items.into_iter().flat_map(values).collect(),
        Json::Object(mut members) => members.remove("disputed").map(values).unwrap_or_default(),
        _ => Vec::new(),
    }
}
