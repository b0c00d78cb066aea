//! What `derive` and `permits` refuse, each as a change that automerge itself accepts.

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, Change, ObjType, ROOT, ScalarValue};

use super::stories::{C, dispute};
use super::world::{actor_of, heads, lowering, resolution};
use super::{Edit, Kind, put};
use crate::documents::genesis::{genesis, new_document, object};
use crate::documents::schema::container;
use crate::documents::words::permits;
use crate::documents::{Accepted, Facts, Role, WordRefusal, derive, edit_at};
use crate::{DeviceId, Hash, limits};

fn raw(doc: &mut Automerge, write: impl FnOnce(&mut Transaction<'_>)) -> Change {
    doc.set_actor(ActorId::random());
    let mut tx = doc.transaction();
    write(&mut tx);
    tx.commit_with(CommitOptions::default().with_time(1));
    doc.get_last_local_change().expect("a change was made")
}

/// The refusal of one raw change on a document that has a record, a log entry, a tag and a text.
fn refusal(write: impl FnOnce(&mut Transaction<'_>)) -> Result<Accepted, WordRefusal> {
    let mut doc = new_document(Kind::Case);
    let edits = [
        resolution("category", &[], Some("x")),
        Edit::Append { field: "log".into(), item: "一".into() },
        Edit::Append { field: "signatures".into(), item: "{}".into() },
        Edit::Append { field: "tags".into(), item: "old".into() },
        Edit::SetText { field: "description".into(), text: "漏水".into() },
    ];
    let at = heads(&doc);
    edit_at(&mut doc, Kind::Case, &at, (&actor_of(DeviceId([1; 8]), 1), 1), &edits)
        .expect("honest edits apply");
    derive(Kind::Case, &raw(&mut doc, write), Facts::default())
}

fn at(counter: u64) -> automerge::ObjId {
    object(Kind::Case, counter)
}

fn code(result: &Result<Accepted, WordRefusal>) -> &'static str {
    result.as_ref().expect_err("refused").code()
}

fn record(text: &str) -> Result<Accepted, WordRefusal> {
    refusal(|tx| tx.insert(at(container::RECORDS), 0, text).expect("an item"))
}

#[test]
fn what_is_append_only_is_not_overwritten_or_removed() {
    for list in [container::RECORDS, container::LOG, container::SIGNATURES] {
        let removed = refusal(|tx| tx.delete(at(list), 0).expect("one item"));
        assert_eq!(removed, Err(WordRefusal::Overwrites));
        let replaced = refusal(|tx| tx.put(at(list), 0, "other").expect("one item"));
        assert_eq!(replaced, Err(WordRefusal::Overwrites));
        let number = refusal(|tx| tx.insert(at(list), 0, 7).expect("an item"));
        assert_eq!(number, Err(WordRefusal::Overwrites));
    }
    let long = "x".repeat(limits::MAX_ITEM_BYTES + 1);
    let too_long = refusal(|tx| tx.insert(at(container::LOG), 0, long.as_str()).expect("an item"));
    assert_eq!(code(&too_long), "schema.append_only");
}

#[test]
fn root_keys_are_constant() {
    assert_eq!(refusal(|tx| tx.put(ROOT, "review", "gone").expect("a put")), Err(WordRefusal::Overwrites));
    assert_eq!(refusal(|tx| tx.put(ROOT, "extra", 1).expect("a put")), Err(WordRefusal::Overwrites));
    assert_eq!(refusal(|tx| tx.delete(ROOT, "log").expect("a delete")), Err(WordRefusal::Overwrites));
}

#[test]
fn the_genesis_of_another_kind_is_a_write_at_the_root() {
    let own = derive(Kind::Visit, genesis(Kind::Visit), Facts::default()).expect("the constant change");
    assert!(own.words.is_empty());
    let other = derive(Kind::Case, genesis(Kind::Visit), Facts::default());
    assert_eq!(other, Err(WordRefusal::Overwrites));
}

#[test]
fn containers_come_from_genesis_only() {
    let nested = refusal(|tx| {
        tx.put_object(at(container::REVIEW), "category", ObjType::Map).expect("a map");
    });
    assert_eq!(code(&nested), "schema.type");
    let inside = refusal(|tx| {
        let map = tx.put_object(at(container::TAGS), "t", ObjType::Map).expect("a map");
        tx.put(&map, "deep", 1).expect("a put");
    });
    assert_eq!(code(&inside), "schema.type");
    let in_list = refusal(|tx| {
        tx.insert_object(at(container::LOG), 0, ObjType::Map).expect("a map");
    });
    assert_eq!(code(&in_list), "schema.append_only");
    let in_text = refusal(|tx| {
        tx.insert_object(at(container::PROSE), 0, ObjType::Map).expect("a map");
    });
    assert_eq!(code(&in_text), "schema.outside");
}

#[test]
fn another_kinds_containers_are_outside() {
    let mut visit = new_document(Kind::Visit);
    let change =
        raw(&mut visit, |tx| tx.put(object(Kind::Visit, container::REVIEW), "outcome", "x").expect("a put"));
    assert!(derive(Kind::Visit, &change, Facts::default()).is_ok());
    assert_eq!(derive(Kind::Case, &change, Facts::default()), Err(WordRefusal::Outside));
    let mut register = new_document(Kind::Register);
    let signed = raw(&mut register, |tx| {
        tx.insert(object(Kind::Register, container::SIGNATURES), 0, "a register has none").expect("an item");
    });
    assert_eq!(derive(Kind::Register, &signed, Facts::default()), Err(WordRefusal::Outside));
    let links = refusal(|tx| tx.insert(at(container::LINKS), 0, "not a link").expect("an item"));
    assert_eq!(code(&links), "schema.type");
}

#[test]
fn unknown_fields_and_fields_of_another_class_are_refused() {
    let unknown = refusal(|tx| tx.put(at(container::REVIEW), "weather", "fine").expect("a put"));
    assert_eq!(unknown, Err(WordRefusal::UnknownField("weather".into())));
    let misplaced = refusal(|tx| tx.put(at(container::LATEST), "category", "x").expect("a put"));
    assert_eq!(code(&misplaced), "schema.unknown_field");
    let long = refusal(|tx| tx.put(at(container::REVIEW), "长".repeat(500), "x").expect("a put"));
    assert_eq!(long, Err(WordRefusal::UnknownField("长".repeat(80))), "what is told back is short");
}

#[test]
fn a_field_takes_a_text_of_its_type_or_null() {
    for bad in [
        ScalarValue::Int(3),
        ScalarValue::Boolean(true),
        ScalarValue::Bytes(vec![1]),
        ScalarValue::counter(1),
    ] {
        assert_eq!(
            code(&refusal(|tx| tx.put(at(container::REVIEW), "place", bad).expect("a put"))),
            "schema.type"
        );
    }
    let place = refusal(|tx| tx.put(at(container::REVIEW), "place", "Chengdu").expect("a put"));
    let message = "takes a division code of 6, 9 or 12 digits";
    assert_eq!(place, Err(WordRefusal::Type { field: "place", message }));
    let level = refusal(|tx| tx.put(at(container::SEVEREST), "urgency", "apocalypse").expect("a put"));
    assert_eq!(code(&level), "schema.type");
    assert!(refusal(|tx| tx.put(at(container::REVIEW), "place", ScalarValue::Null).expect("a put")).is_ok());
    let label = refusal(|tx| tx.put(at(container::TAGS), "t", false).expect("a put"));
    assert_eq!(code(&label), "schema.type");
    let long = refusal(|tx| tx.put(at(container::TAGS), "t".repeat(65), true).expect("a put"));
    assert_eq!(code(&long), "schema.type");
    assert!(refusal(|tx| tx.delete(at(container::TAGS), "old").expect("a delete")).is_ok());
}

#[test]
fn a_field_is_cleared_with_a_null_not_deleted() {
    let delete = refusal(|tx| tx.delete(at(container::REVIEW), "category").expect("a delete"));
    assert_eq!(delete, Err(WordRefusal::BareDelete("category")));
}

/// Why every write is a put after a delete on a field with several values.
#[test]
fn automerge_turns_a_put_of_the_winner_into_a_bare_delete() {
    use automerge::ReadDoc;
    let (mut w, ..) = dispute();
    let doc = &mut w.devices[C].doc;
    let (winner, _) = doc.get(at(container::REVIEW), "category").expect("a map").expect("written");
    let winner = winner.into_string().expect("a text");
    let change = raw(doc, |tx| tx.put(at(container::REVIEW), "category", winner).expect("a put"));
    assert_eq!(derive(Kind::Case, &change, Facts::default()), Err(WordRefusal::BareDelete("category")));
}

#[test]
fn a_record_may_not_contradict_the_write_beside_it() {
    for (edits, fits) in [
        ([resolution("category", &[], Some("x")), put("category", Some("y"))], false),
        ([resolution("category", &[], Some("x")), put("category", Some("x"))], true),
        ([lowering("urgency", Some("danger"), Some("soon")), put("urgency", Some("normal"))], false),
        ([lowering("urgency", Some("danger"), None), put("urgency", None)], true),
        ([resolution("category", &[], Some("x")), resolution("category", &[], Some("x"))], false),
        ([resolution("category", &[], Some("x")), resolution("place", &[], Some("511902"))], true),
    ] {
        let mut doc = new_document(Kind::Case);
        let at = heads(&doc);
        let change =
            edit_at(&mut doc, Kind::Case, &at, (&[1; 16], 1), &edits).expect("applies").expect("a change");
        assert_eq!(derive(Kind::Case, &change, Facts::default()).is_ok(), fits, "{edits:?}");
    }
}

#[test]
fn a_record_is_whole_and_fits_its_field() {
    let hash = Hash([7; 32]);
    let good =
        format!(r#"{{"act":"resolution","field":"category","of":["{hash}"],"value":"x","reason":"seen"}}"#);
    assert!(record(&good).is_ok());
    for bad in [
        "not json".to_owned(),
        good.replace("\"seen\"", "\" \""),
        good.replace("seen", &"长".repeat(limits::MAX_LINE_CHARS + 1)),
        good.replace("category", "log"),
        good.replace("category", "weather"),
        good.replace("resolution", "wish"),
        good.replace(&hash.to_string(), "abc"),
        good.replace("\"reason\"", "\"extra\":1,\"reason\""),
        good.replace(",\"reason\":\"seen\"", ""),
        r#"{"act":"lowering","field":"category","from":"x","to":"y","reason":"seen"}"#.into(),
        good.replace("seen", &"x".repeat(limits::MAX_ITEM_BYTES)),
    ] {
        assert_eq!(record(&bad), Err(WordRefusal::Record), "{bad}");
    }
    let value = record(&good.replace("\"x\"", "\"No Such Code\""));
    assert_eq!(code(&value), "schema.type");
}

#[test]
fn roles_write_and_review_apart() {
    let plain = refusal(|tx| tx.put(at(container::REVIEW), "category", "z").expect("a put")).expect("a word");
    let review = record(r#"{"act":"resolution","field":"category","of":[],"value":"x","reason":"seen"}"#);
    let review = review.expect("a record");
    for role in Role::ALL {
        let may_review = matches!(role, Role::Reviewer | Role::Leader | Role::Admin);
        assert_eq!(permits(role, &plain).is_ok(), role != Role::Auditor, "{role:?}");
        assert_eq!(permits(role, &review).is_ok(), may_review, "{role:?}");
    }
    assert_eq!(permits(Role::Worker, &review), Err(WordRefusal::Role("worker")));
}
