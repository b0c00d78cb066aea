//! What a document shows, as JSON by field name.

use serde_json::{Value as Json, json};

use super::stories::{A, B, C, world};
use super::world::{World, actor_of, heads, resolution};
use super::{Edit, Kind, put};
use crate::DeviceId;
use crate::documents::genesis::new_document;
use crate::documents::{Facts, Table, derive, edit_at, view};

fn shown(w: &World, device: usize) -> Json {
    Json::Object(view::fields(Kind::Case, &w.devices[device].doc, &w.table_on(device)))
}

fn append(w: &mut World, field: &str, item: &str) {
    // Lists and labels leave no words, so these edits go around the world's book of what was meant.
    let device = &mut w.devices[A];
    let at = heads(&device.doc);
    let actor = actor_of(DeviceId([1; 8]), 900 + device.doc.get_changes(&[]).len() as u64);
    let edit = Edit::Append { field: field.into(), item: item.into() };
    let change = edit_at(&mut device.doc, Kind::Case, &at, (&actor, 3), &[edit]).expect("applies");
    let change = change.expect("an item is a change");
    let accepted = derive(Kind::Case, &change, Facts::default()).expect("honest");
    w.meant.insert(accepted.hash, accepted);
}

#[test]
fn an_unwritten_document_shows_nothing() {
    assert_eq!(shown(&world(), A), json!({}));
}

#[test]
fn words_texts_items_and_labels_show_in_schema_order() {
    let mut w = world();
    append(&mut w, "tags", "老人");
    append(&mut w, "tags", "独居");
    append(&mut w, "log", "上门，无人");
    append(&mut w, "log", r#"{"text":"电话联系","at":5}"#);
    append(&mut w, "log", "[1]");
    append(&mut w, "description", "水管漏水");
    w.edit(A, 0, 1, &put("urgency", Some("urgent")));
    w.edit(A, 0, 1, &put("contact_phone", None));
    w.put(A, "water.leak");
    let all = view::fields(Kind::Case, &w.devices[A].doc, &w.table_on(A));
    let names: Vec<&String> = all.keys().collect();
    assert_eq!(
        Json::Object(all.clone()),
        json!({
            "description": "水管漏水",
            "category": "water.leak",
            "urgency": "urgent",
            "contact_phone": null,
            "tags": ["独居", "老人"],
            "log": ["上门，无人", {"text": "电话联系", "at": 5}, "[1]"],
        })
    );
    assert_eq!(names.len(), 6);
}

#[test]
fn a_disputed_field_shows_every_candidate_and_a_cleared_one_null() {
    let mut w = world();
    w.put(A, "x");
    w.edit(B, 0, 1, &put("category", None));
    w.gather(C);
    assert_eq!(shown(&w, C), json!({ "category": { "disputed": [null, "x"] } }));
    assert_eq!(shown(&w, A), json!({ "category": "x" }), "A has not heard of it");
    let named = w.must_name(C, "category");
    w.edit(C, 0, 1, &resolution("category", &named, None));
    assert_eq!(shown(&w, C), json!({ "category": null }));
}

/// `doc.get` would show the word of the device with more operations; the table shows what stands.
#[test]
fn a_view_is_a_function_of_all_words_not_of_the_winner() {
    let mut w = world();
    w.edit(A, 0, 1, &put("urgency", Some("danger")));
    for n in 0..5 {
        w.edit(B, 0, 9, &put("urgency", Some(["soon", "normal"][n % 2])));
    }
    w.gather(C);
    assert_eq!(shown(&w, C), json!({ "urgency": "danger" }));
}

#[test]
fn a_visit_shows_its_linked_cases() {
    let mut doc = new_document(Kind::Visit);
    let at = heads(&doc);
    let edits = [Edit::Append { field: "cases".into(), item: "0190".into() }, put("format", Some("door"))];
    let change =
        edit_at(&mut doc, Kind::Visit, &at, (&[1; 16], 1), &edits).expect("applies").expect("a change");
    let mut table = Table::default();
    for change in [crate::documents::genesis(Kind::Visit), &change] {
        table.insert(derive(Kind::Visit, change, Facts::default()).expect("honest"));
    }
    let all = Json::Object(view::fields(Kind::Visit, &doc, &table));
    assert_eq!(all, json!({ "format": "door", "cases": ["0190"] }));
}
