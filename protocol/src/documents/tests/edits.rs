//! Edits at the heads that a form rendered: where they land, what they leave, when they are refused.

use automerge::{Automerge, ReadDoc};

use super::stories::{C, dispute};
use super::world::{actor_of, heads, lowering, resolution};
use super::{Edit, Kind, put};
use crate::documents::genesis::{new_document, object};
use crate::documents::schema::container;
use crate::documents::{EditError, Facts, Record, derive, edit_at, touched};
use crate::{DeviceId, Hash, limits};

fn case() -> Automerge {
    new_document(Kind::Case)
}

/// One edit at the tip; whether it made a change.
fn edit(doc: &mut Automerge, edit: Edit) -> Result<bool, EditError> {
    let at = heads(doc);
    let seed = doc.get_changes(&[]).len() as u64;
    let author = actor_of(DeviceId([3; 8]), seed);
    edit_at(doc, Kind::Case, &at, (&author, 1_000), &[edit]).map(|change| change.is_some())
}

fn text(doc: &Automerge) -> String {
    doc.text(object(Kind::Case, container::PROSE)).expect("made by genesis")
}

fn set(text: &str) -> Edit {
    Edit::SetText { field: "description".into(), text: text.into() }
}

fn splice(at: usize, delete: usize, insert: &str) -> Edit {
    Edit::Splice { field: "description".into(), at, delete, insert: insert.into() }
}

fn append(field: &str, item: &str) -> Edit {
    Edit::Append { field: field.into(), item: item.into() }
}

#[test]
fn an_edit_at_the_tip_continues_its_actor() {
    let (mut doc, actor) = (case(), actor_of(DeviceId([1; 8]), 9));
    for n in 1..=3 {
        let at = heads(&doc);
        let value = format!("x{n}");
        let change =
            edit_at(&mut doc, Kind::Case, &at, (&actor, 7_000 + n), &[put("category", Some(&value))]);
        let change = change.expect("applies").expect("a new value");
        assert_eq!((change.seq(), change.timestamp()), (n as u64, 7_000 + n));
        assert_eq!(change.actor_id().to_bytes(), actor);
        assert_eq!(change.deps().iter().map(|dep| Hash::from(*dep)).collect::<Vec<_>>(), at);
        assert_eq!(heads(&doc), [Hash::from(change.hash())]);
    }
}

#[test]
fn an_edit_at_old_heads_covers_nothing_that_came_since() {
    let mut doc = case();
    let form = heads(&doc);
    assert!(edit(&mut doc, put("category", Some("x"))).expect("applies"));
    let tip = heads(&doc);
    let change = edit_at(&mut doc, Kind::Case, &form, (&[9; 16], 5), &[put("category", Some("y"))]);
    let change = change.expect("applies").expect("a change");
    assert_eq!((change.seq(), change.start_op().get()), (1, 11), "after the ten operations of genesis");
    assert_eq!(change.deps().iter().map(|dep| Hash::from(*dep)).collect::<Vec<_>>(), form);
    assert_eq!(heads(&doc).len(), 2);
    assert!(heads(&doc).contains(&tip[0]));
    let values = doc.get_all(object(Kind::Case, container::REVIEW), "category").expect("a map");
    assert_eq!(values.len(), 2, "both stand");
}

#[test]
fn heads_count_in_any_order() {
    let (mut w, ..) = dispute();
    let doc = &mut w.devices[C].doc;
    let mut at = heads(doc);
    at.reverse();
    let change = edit_at(doc, Kind::Case, &at, (&[9; 16], 5), &[put("place", Some("511902"))]);
    assert_eq!(change.expect("applies").expect("a change").deps().len(), 2);
    assert_eq!(heads(doc).len(), 1);
}

#[test]
fn unknown_heads_change_nothing() {
    let mut doc = case();
    let before = doc.save();
    let unknown =
        edit_at(&mut doc, Kind::Case, &[Hash([5; 32])], (&[9; 16], 5), &[put("category", Some("x"))]);
    assert!(matches!(unknown, Err(EditError::UnknownHeads)));
    assert_eq!(doc.save(), before);
    assert!(edit_at(&mut doc, Kind::Case, &[], (&[9; 16], 5), &[put("category", Some("x"))]).is_err());
    assert_eq!(doc.save(), before, "no heads at all: nothing to write into");
}

#[test]
fn an_equal_value_makes_no_change() {
    let mut doc = case();
    for again in [true, false] {
        assert_eq!(edit(&mut doc, put("category", Some("x"))).expect("applies"), again);
        assert_eq!(edit(&mut doc, put("contact_phone", None)).expect("applies"), again);
        assert_eq!(edit(&mut doc, set("水管漏水")).expect("applies"), again);
        assert_eq!(edit(&mut doc, append("tags", "老人")).expect("applies"), again);
    }
    assert_eq!(edit(&mut doc, splice(2, 0, "")).ok(), Some(false));
    assert_eq!(
        edit(&mut doc, Edit::Unlabel { field: "tags".into(), label: "none".into() }).ok(),
        Some(false)
    );
    let actor = doc.get_actor().clone();
    assert!(!edit(&mut doc, put("category", Some("x"))).expect("applies"));
    assert_eq!(doc.get_actor(), &actor, "an actor that wrote nothing is not kept");
}

#[test]
fn a_put_on_a_field_with_several_values_is_a_put_whatever_it_says() {
    for value in [Some("x"), Some("y"), Some("z"), None] {
        let (mut w, ..) = dispute();
        let doc = &mut w.devices[C].doc;
        let at = heads(doc);
        let change = edit_at(doc, Kind::Case, &at, (&[9; 16], 5), &[put("category", value)]);
        let change = change.expect("applies").expect("always a change");
        let word = derive(Kind::Case, &change, Facts::default()).expect("not a bare delete").words.remove(0);
        assert_eq!(word.value.as_deref(), value);
        assert_eq!(doc.get_all(object(Kind::Case, container::REVIEW), "category").expect("a map").len(), 1);
    }
}

#[test]
fn a_splice_counts_what_a_person_sees_as_one_character() {
    let mut doc = case();
    edit(&mut doc, set("a👩‍👩‍👧‍👦e\u{301}漢\u{FE00}z🇨🇳")).expect("applies");
    edit(&mut doc, splice(1, 1, "家")).expect("a family is one");
    assert_eq!(text(&doc), "a家e\u{301}漢\u{FE00}z🇨🇳");
    edit(&mut doc, splice(2, 2, "")).expect("an accent and a variant belong to their letters");
    assert_eq!(text(&doc), "a家z🇨🇳");
    edit(&mut doc, splice(4, 0, "末")).expect("a flag is one");
    edit(&mut doc, append("description", "。")).expect("at the end");
    assert_eq!(text(&doc), "a家z🇨🇳末。");
    let beyond = edit(&mut doc, splice(5, 2, "x"));
    assert!(matches!(beyond, Err(EditError::Position { length: 6, reaches: 7, .. })), "{beyond:?}");
    assert!(matches!(edit(&mut doc, splice(usize::MAX, 1, "x")), Err(EditError::Position { .. })));
    assert_eq!(text(&doc), "a家z🇨🇳末。");
}

#[test]
fn two_splices_of_one_text_merge() {
    let mut doc = case();
    edit(&mut doc, set("水管漏水")).expect("applies");
    let form = heads(&doc);
    edit(&mut doc, splice(4, 0, "，三楼")).expect("applies");
    let author = (&[9; 16], 5);
    edit_at(&mut doc, Kind::Case, &form, author, &[splice(0, 0, "厨房")]).expect("applies");
    assert_eq!(text(&doc), "厨房水管漏水，三楼");
}

#[test]
fn an_edit_too_large_for_one_change_is_rolled_back() {
    let mut doc = case();
    edit(&mut doc, set(&"一二三四".repeat(1_000))).expect("4,000 characters fit");
    let before = doc.save();
    let replaced = edit(&mut doc, set(&"五六七八".repeat(1_000)));
    assert!(
        matches!(replaced, Err(EditError::TooLarge { ops, max: limits::MAX_CHANGE_OPS }) if ops == 8_000)
    );
    let at = heads(&doc);
    let items: Vec<Edit> = (0..20).map(|_| append("log", &"x".repeat(limits::MAX_ITEM_BYTES))).collect();
    let long = edit_at(&mut doc, Kind::Case, &at, (&[9; 16], 5), &items);
    assert!(matches!(long, Err(EditError::TooLong { .. })), "{long:?}");
    assert_eq!(doc.save(), before);
    assert!(edit(&mut doc, splice(0, 3_000, "")).expect("a part of it"));
}

/// The bytes of edits are bounded so that no change is larger than the gate takes.
#[test]
fn the_largest_edit_is_a_change_that_the_gate_takes() {
    let labels: Vec<Edit> = (0..1_200).map(|n| append("tags", &format!("{n:064}"))).collect();
    let items: Vec<Edit> = (0..2_800).map(|n| append("log", &format!("{n}"))).collect();
    for edits in [labels, items] {
        let mut doc = case();
        let at = heads(&doc);
        let bytes = serde_json::to_string(&edits).expect("edits serialise").len();
        assert!(bytes > limits::MAX_CHANGE_BYTES / 2 * 9 / 10, "{bytes} is near the limit");
        let change =
            edit_at(&mut doc, Kind::Case, &at, (&[9; 16], 5), &edits).expect("applies").expect("a change");
        assert!(change.raw_bytes().len() < limits::MAX_CHANGE_BYTES);
    }
}

#[test]
fn of_several_edits_all_are_made_or_none() {
    let mut doc = case();
    let (at, before) = (heads(&doc), doc.save());
    let edits = [put("category", Some("x")), put("place", Some("nowhere"))];
    let refused = edit_at(&mut doc, Kind::Case, &at, (&[9; 16], 5), &edits);
    assert!(matches!(refused, Err(EditError::Type { field: "place", .. })));
    assert_eq!((doc.save(), heads(&doc)), (before, at));
}

#[test]
fn an_edit_fits_its_field() {
    let mut doc = case();
    for bad in
        [put("description", Some("x")), put("log", Some("x")), put("tags", None), append("category", "x")]
    {
        assert!(matches!(edit(&mut doc, bad), Err(EditError::Unfit { .. })));
    }
    let as_text = Edit::SetText { field: "category".into(), text: "x".into() };
    assert!(matches!(edit(&mut doc, as_text), Err(EditError::Unfit { .. })));
    let unlabel = Edit::Unlabel { field: "log".into(), label: "x".into() };
    assert!(matches!(edit(&mut doc, unlabel), Err(EditError::Unfit { .. })));
    assert!(matches!(edit(&mut doc, put("weather", None)), Err(EditError::UnknownField { .. })));
    let lowered = lowering("category", Some("x"), Some("y"));
    assert!(matches!(edit(&mut doc, lowered), Err(EditError::Unfit { .. })));
    let long = "x".repeat(limits::MAX_TEXT_CHARS);
    for bad in [put("urgency", Some("later")), append("tags", ""), set(&format!("{long}x"))] {
        assert!(matches!(edit(&mut doc, bad), Err(EditError::Type { .. })));
    }
    edit(&mut doc, set(&long)).expect("just fits");
    for bad in [append("description", "x"), splice(0, 1, "xx")] {
        assert!(matches!(edit(&mut doc, bad), Err(EditError::Type { .. })), "a text is bounded as a whole");
    }
    let many: Vec<Hash> = (0..250_u8).map(|n| Hash([n; 32])).collect();
    let record = edit(&mut doc, resolution("category", &many, Some("x")));
    assert!(matches!(record, Err(EditError::Type { .. })), "a record is an item");
}

#[test]
fn an_intent_reads_back_from_its_json() {
    let edits = [
        put("place", None),
        set("x"),
        splice(1, 2, "y"),
        append("log", "z"),
        Edit::Unlabel { field: "tags".into(), label: "t".into() },
        resolution("category", &[Hash([1; 32])], Some("x")),
        lowering("urgency", None, Some("soon")),
    ];
    for edit in edits {
        let json = serde_json::to_string(&edit).expect("an intent serialises");
        assert_eq!(serde_json::from_str::<Edit>(&json).expect("what was written"), edit, "{json}");
    }
}

/// What a history says of a change: words are not all that people write.
#[test]
fn a_change_names_every_field_that_it_writes() {
    let mut doc = new_document(Kind::Case);
    let mut wrote = |edits: &[Edit]| {
        let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
        let change =
            edit_at(&mut doc, Kind::Case, &heads, (&[9; 16], 1), edits).expect("edits").expect("changes");
        touched(Kind::Case, &change.decode()).into_iter().collect::<Vec<_>>()
    };
    let text = |text: &str| Edit::SetText { field: "description".into(), text: text.into() };
    let append = |field: &str, item: &str| Edit::Append { field: field.into(), item: item.into() };
    assert_eq!(wrote(&[text("塘坝漏水"), put("place", Some("511902"))]), ["description", "place"]);
    assert_eq!(wrote(&[text("塘坝漏")]), ["description"], "a deletion");
    assert_eq!(wrote(&[append("log", "\"又漏了\""), append("tags", "雨季")]), ["log", "tags"]);
    let label = Edit::Unlabel { field: "tags".into(), label: "雨季".into() };
    assert_eq!(wrote(&[label]), ["tags"]);
    let from = Some("danger".to_owned());
    let lowered = Record::Lowering { field: "urgency".into(), from, to: None, reason: "看过了".into() };
    assert_eq!(wrote(&[put("urgency", Some("danger"))]), ["urgency"]);
    assert_eq!(wrote(&[Edit::Record { record: lowered }]), ["urgency"]);
}
