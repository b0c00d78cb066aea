//! The fields of a case as a person at the desk reads them: in schema order, masked, disputes marked.

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Attachment;
use doorstep_protocol::documents::attachment::FIELD;
use serde_json::Value as Json;

use super::words::{Shown, Words};
use crate::pipeline::CaseView;

/// One field.
pub(super) struct Fact {
    pub(super) name: String,
    pub(super) values: Vec<Shown>,
    /// Other documents: what they are to this one, the end of their number, and where a case is looked at.
    pub(super) links: Vec<Link>,
    /// Where its conflict is decided.
    pub(super) conflict: Option<String>,
    /// Prose, which takes the whole width.
    pub(super) wide: bool,
}

/// Another document.
pub(super) struct Link {
    pub(super) what: String,
    pub(super) number: String,
    pub(super) href: Option<String>,
}

/// What has been written, in schema order.
pub(super) fn facts(view: &CaseView, w: &Words<'_>) -> Vec<Fact> {
    let shown = view.row.kind.fields().filter_map(|field| {
        let value = view.fields.get(field.name)?;
        if field.name == FIELD && view.files.len() == value.as_array().map_or(0, Vec::len) {
            return None;
        }
        let open = view.row.conflicts.contains(field.name);
        let links = if field.name == "links" { links(value, w) } else { Vec::new() };
        Some(Fact {
            name: w.field(field.name),
            values: if links.is_empty() { values(w, field.name, value) } else { Vec::new() },
            links,
            conflict: open.then(|| format!("/conflicts/{}.{}", view.row.document, field.name)),
            wide: matches!(field.name, "title" | "description" | "log" | "outcome"),
        })
    });
    shown.collect()
}

/// Whoever may not see the other one finds nothing there: the same as for one that does not exist.
fn links(items: &Json, w: &Words<'_>) -> Vec<Link> {
    let link = |item: &Json| {
        let (to, relation) = (item["to"].as_str()?, item["relation"].as_str()?);
        let to: DocumentId = to.parse().ok()?;
        let id = to.0.simple().to_string();
        let href = (relation != "meeting").then(|| format!("/cases/{to}"));
        Some(Link {
            what: w.named("relation", relation), number: format!("…{}", &id[id.len() - 6..]), href
        })
    };
    items.as_array().into_iter().flatten().filter_map(link).collect()
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
