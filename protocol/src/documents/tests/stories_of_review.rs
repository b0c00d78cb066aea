//! The rule where somebody resolves, one story each. Devices as in the stories of plain words.

use super::put;
use super::stories::{A, B, C, D, TABLET, dispute, is, world};
use super::world::resolution;
use crate::documents::{Act, Kind, View, derive};

#[test]
fn a_resolution_closes_what_it_names() {
    let (mut w, x, y) = dispute();
    assert_eq!(w.sides(), ["x", "y"]);
    w.resolve(C, &[x, y], "x");
    assert_eq!((w.sides().len(), w.shows()), (0, is("x")));
}

#[test]
fn a_resolution_may_clear() {
    let (mut w, x, y) = dispute();
    w.edit(C, 0, 1, &resolution("category", &[x, y], None));
    assert_eq!((w.sides().len(), w.shows()), (0, View::Is(None)));
    w.put(A, "x2");
    assert_eq!(w.sides(), ["(cleared)", "x2"]);
}

#[test]
fn an_edit_on_one_side_unaware_of_the_resolution_disputes_the_resolution_only() {
    let (mut w, x, y) = dispute();
    w.sync(A, D, 0);
    w.put(D, "d");
    w.resolve(C, &[x, y], "x");
    assert_eq!(w.sides(), ["d", "x"], "y has been decided and is not listed against d");
}

#[test]
fn an_unaware_edit_that_agrees_with_the_resolution_is_no_conflict() {
    let (mut w, x, y) = dispute();
    w.sync(A, D, 0);
    w.put(D, "y");
    w.resolve(C, &[x, y], "y");
    assert_eq!((w.sides().len(), w.shows()), (0, is("y")));
}

#[test]
fn a_side_that_went_on_offline_disputes_the_resolution() {
    let (mut w, x, y) = dispute();
    w.resolve(C, &[x, y], "y");
    w.put(A, "x2");
    assert_eq!(w.sides(), ["x2", "y"]);
}

#[test]
fn three_sides_are_one_row_and_a_resolution_of_two_stands_against_the_third() {
    let (mut w, x, y) = dispute();
    w.put(D, "z");
    assert_eq!(w.sides(), ["x", "y", "z"]);
    let r = w.resolve(C, &[x, y], "x");
    assert_eq!(w.sides(), ["x", "z"]);
    w.sync(D, C, 0);
    let named = w.must_name(C, "category");
    assert!(named.contains(&r) && named.len() == 2);
    w.resolve(C, &named, "z");
    assert_eq!((w.sides().len(), w.shows()), (0, is("z")));
}

#[test]
fn a_resolution_that_omits_a_side_it_follows_leaves_that_side_open() {
    let (mut w, x, y) = dispute();
    w.put(D, "z");
    w.sync(D, C, 0);
    w.resolve(C, &[x, y], "x");
    assert_eq!(w.sides(), ["x", "y", "z"], "the gate refuses such a resolution; the table stays careful");
}

#[test]
fn names_that_a_resolution_does_not_follow_count_for_nothing() {
    let (mut w, x, y) = dispute();
    w.resolve(A, &[x, y], "x");
    assert_eq!(w.sides(), ["x", "y"], "A had never seen y");
}

#[test]
fn concurrent_resolutions_conflict_unless_equal_and_can_be_resolved() {
    let (mut w, x, y) = dispute();
    w.sync(C, D, 0);
    let (r1, r2) = (w.resolve(C, &[x, y], "x"), w.resolve(D, &[x, y], "y"));
    assert_eq!(w.sides(), ["x", "y"]);
    w.sync(D, C, 0);
    w.resolve(C, &[r1, r2], "x");
    assert_eq!((w.sides().len(), w.shows()), (0, is("x")));

    let (mut w, x, y) = dispute();
    w.sync(C, D, 0);
    w.resolve(C, &[x, y], "x");
    w.resolve(D, &[x, y], "x");
    assert_eq!((w.sides().len(), w.shows()), (0, is("x")));
}

#[test]
fn ones_own_other_device_disputes_ones_resolution() {
    let mut w = world();
    let (x, y) = (w.put(A, "x"), w.put(B, "y"));
    w.sync(B, A, 0);
    w.put(TABLET, "t");
    w.resolve(A, &[x, y], "y");
    assert_eq!(w.sides(), ["t", "y"]);
    w.put(A, "w");
    assert_eq!(w.sides(), ["t", "y"], "a plain write does not speak for a resolution");
}

#[test]
fn a_plain_write_after_a_resolution_is_a_new_word_not_a_conflict() {
    let (mut w, x, y) = dispute();
    w.resolve(C, &[x, y], "x");
    w.sync(C, B, 0);
    w.put(B, "y");
    assert_eq!((w.sides().len(), w.shows()), (0, is("y")));
}

#[test]
fn a_resolution_to_the_value_that_stands_alone_still_counts() {
    let (mut w, x, y) = dispute();
    w.put(C, "x");
    let r = w.resolve(C, &[x, y], "x");
    let (change, facts) = &w.changes[&r];
    assert_eq!(change.decode().operations.len(), 1, "automerge dropped the put");
    let word = &derive(Kind::Case, change, *facts).expect("a resolution").words[0];
    assert_eq!((word.value.as_deref(), &word.act), (Some("x"), &Act::Resolves(vec![x, y])));
    assert_eq!(word.reason.as_deref(), Some("seen on site"));
    assert_eq!((w.sides().len(), w.shows()), (0, is("x")));
}

#[test]
fn a_resolution_must_name_what_its_own_form_showed_and_no_more() {
    let (mut w, x, y) = dispute();
    let z = w.put(C, "z");
    let late = w.put(D, "d");
    let named = w.must_name(C, "category");
    assert_eq!(named.len(), 3, "both sides and the word that stands last");
    assert!([x, y, z].iter().all(|hash| named.contains(hash)) && !named.contains(&late));
    assert!(w.must_name(A, "category").is_empty(), "nothing is open where only one word is known");
    w.edit(C, 0, 1, &put("place", Some("511902")));
    assert!(w.must_name(C, "place").is_empty());
}
