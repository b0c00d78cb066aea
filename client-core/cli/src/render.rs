//! Results as plain tables and sentences, for people. Scripts use `--json`.

use comfy_table::Table;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use doorstep_client::replica::{Attached, Item, Refused, Shown, State};
use doorstep_protocol::documents::Kind;
use serde_json::Value as Json;

use crate::strings::Strings;

fn table(strings: &Strings, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(heads.iter().map(|head| strings.get(&format!("head-{head}"))));
    table.add_rows(rows);
    if table.is_empty() { strings.get("none") } else { table.to_string() }
}

fn state(strings: &Strings, state: State) -> String {
    strings.get(match state {
        State::Device => "state-device",
        State::Sending => "state-sending",
        State::Centre => "state-centre",
    })
}

fn kind(strings: &Strings, kind: Kind) -> String {
    strings.get(&format!("kind-{}", kind.name()))
}

fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}

/// The list of documents, with their districts where there are several.
pub(crate) fn list(strings: &Strings, items: &[(Option<String>, Item)]) -> String {
    let rows = items.iter().map(|(district, item)| {
        let title = item.title.clone().unwrap_or_default();
        let due = item.due.clone().unwrap_or_default();
        let of = vec![item.id.to_string(), kind(strings, item.kind), title, state(strings, item.state), due];
        district.clone().into_iter().chain(of).collect()
    });
    let several = items.iter().any(|(district, _)| district.is_some());
    let heads = ["district", "id", "kind", "title", "state", "due"];
    table(strings, &heads[usize::from(!several)..], rows)
}

/// The files of a document.
pub(crate) fn files(strings: &Strings, items: &[Attached]) -> String {
    let rows = items.iter().map(|item| {
        vec![
            item.hash.to_string(),
            item.name.clone(),
            item.size.to_string(),
            item.purpose.clone(),
            strings.get(&format!("state-{}", item.state)),
        ]
    });
    table(strings, &["hash", "name", "size", "purpose", "state"], rows)
}

/// The schema.
pub(crate) fn schema(strings: &Strings, rows: &[Json]) -> String {
    let cells = |row: &Json| ["kind", "field", "type", "class"].map(|name| plain(&row[name])).to_vec();
    table(strings, &["kind", "field", "type", "class"], rows.iter().map(cells))
}

/// What was refused.
pub(crate) fn rejected(strings: &Strings, items: &[Refused]) -> String {
    let rows = items.iter().map(|item| {
        vec![item.document.to_string(), item.hash.clone(), strings.refusal(&item.reason, &item.message)]
    });
    table(strings, &["document", "hash", "reason"], rows)
}

/// One document.
pub(crate) fn show(strings: &Strings, shown: &Shown) -> String {
    let mut parts = vec![strings.with(
        "show-title",
        &[
            ("kind", kind(strings, shown.kind)),
            ("id", shown.id.to_string()),
            ("state", state(strings, shown.state)),
        ],
    )];
    let fields = shown.fields.iter().map(|(name, value)| vec![name.clone(), plain(value)]);
    parts.push(table(strings, &["field", "value"], fields));
    for conflict in &shown.conflicts {
        parts.push(strings.with("show-conflict", &[("field", conflict.field.into())]));
        let sides = conflict
            .sides
            .iter()
            .map(|side| vec![side.value.clone().unwrap_or_default(), side.worker.clone(), side.at.clone()]);
        parts.push(table(strings, &["value", "who", "when"], sides));
    }
    if !shown.decisions.is_empty() {
        parts.push(strings.get("show-decisions"));
        let cells = |decision: &Json| {
            let shown = |name| match name {
                "directive" => strings.named(name, &plain(&decision[name])),
                _ => plain(&decision[name]),
            };
            ["n", "cause", "directive", "unit", "due"].map(shown).to_vec()
        };
        let heads = ["decision", "cause", "directive", "unit", "due"];
        parts.push(table(strings, &heads, shown.decisions.iter().map(cells)));
    }
    let settled = shown.settled["ok"].as_bool().unwrap_or(false);
    parts.push(strings.get(if settled { "show-settled" } else { "show-unsettled" }));
    parts.join("\n")
}
