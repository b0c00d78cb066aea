//! What a row shows beside its sides, and what a pack tightens.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::stories::{A, B, C, D, dispute, is, world};
use super::world::{World, lowering};
use super::{field, put};
use crate::documents::{Class, Row, Table, Value, View};
use crate::{Hash, WorkerId};

fn row(w: &World) -> Row {
    w.table().rows().remove(&field("category")).expect("an open conflict")
}

fn keys<T>(of: &std::collections::BTreeMap<Hash, T>) -> BTreeSet<Hash> {
    of.keys().copied().collect()
}

#[test]
fn a_row_tells_who_said_what_and_when() {
    let (w, x, y) = dispute();
    let row = row(&w);
    assert_eq!(keys(&row.sides), [x, y].into());
    let facts = row.sides[&y].facts;
    assert_eq!((facts.worker, facts.made, facts), (WorkerId(2), 1, w.meant[&y].facts));
    assert!(!row.sides[&y].resolution && row.base.is_empty());
    let expected: BTreeSet<Value> = [Some("x".into()), Some("y".into())].into();
    assert_eq!(row.values(), expected);
}

#[test]
fn the_base_is_the_last_that_all_open_sides_had_seen() {
    let mut w = world();
    let first = w.put(A, "first");
    let base = w.put(A, "base");
    w.sync(A, B, 0);
    w.sync(A, C, 1);
    let (x, y) = (w.put(A, "x"), w.put(B, "y"));
    assert_eq!(keys(&row(&w).base), [base].into());
    assert_eq!(row(&w).base[&base].saw, BTreeSet::new(), "what it saw itself is no longer the last");
    let z = w.put(C, "z");
    assert_eq!(keys(&row(&w).base), [first].into(), "C had seen less");
    assert_eq!(keys(&row(&w).sides), [x, y, z].into());
}

#[test]
fn two_words_can_be_the_base() {
    let mut w = world();
    let (one, two) = (w.put(A, "same"), w.put(B, "same"));
    for device in [C, D] {
        w.sync(A, device, 0);
        w.sync(B, device, 0);
    }
    w.put(C, "x");
    w.put(D, "y");
    assert_eq!(keys(&row(&w).base), [one, two].into());
}

#[test]
fn what_stands_since_then_saw_the_sides_and_a_resolution_says_so() {
    let (mut w, x, y) = dispute();
    let since = w.put(C, "z");
    assert_eq!(row(&w).sides[&since].saw, [x, y].into());
    let resolved = w.resolve(C, &[x, y, since], "z");
    let late = w.put(A, "late");
    let row = row(&w);
    assert!(row.sides[&resolved].resolution && !row.sides[&late].resolution);
    assert_eq!(keys(&row.base), [x].into(), "both had seen A's first word");
}

#[test]
fn a_pack_tightens_a_latest_field_to_review() {
    let mut w = world();
    w.edit(A, 0, 30, &put("contact_phone", Some("110")));
    w.edit(B, 0, 20, &put("contact_phone", None));
    w.edit(A, 0, 30, &put("urgency", Some("danger")));
    w.edit(B, 0, 30, &put("urgency", Some("soon")));
    let mut table = Table::tightened(Arc::new(["contact_phone".to_owned(), "tags".to_owned()].into()));
    w.accepted().into_iter().for_each(|change| table.insert(change));
    let phone = field("contact_phone");
    assert_eq!((table.class(phone), w.table().class(phone)), (Class::Review, Class::Latest));
    assert_eq!(table.class(field("tags")), Class::Merge, "only words can be reviewed");
    assert_eq!(table.view(phone), View::Disputed([None, Some("110".into())].into()));
    assert_eq!(table.view(field("urgency")), is("danger"));
    assert_eq!(table.rows().len(), 1);
    let heads: Vec<Hash> = table.rows()[&phone].sides.keys().copied().collect();
    assert_eq!(table.must_name(phone, &heads), heads.iter().copied().collect());
}

#[test]
fn a_lowering_on_a_field_tightened_to_review_is_a_word_like_others() {
    let mut w = world();
    w.edit(A, 0, 1, &put("urgency", Some("danger")));
    w.sync(A, B, 0);
    w.edit(B, 0, 1, &lowering("urgency", Some("danger"), Some("soon")));
    w.edit(A, 0, 1, &put("urgency", Some("urgent")));
    let mut table = Table::tightened(Arc::new(["urgency".to_owned()].into()));
    w.accepted().into_iter().for_each(|change| table.insert(change));
    let values: BTreeSet<Value> = [Some("soon".into()), Some("urgent".into())].into();
    assert_eq!(table.view(field("urgency")), View::Disputed(values));
}
