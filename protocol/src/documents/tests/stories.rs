//! The rule among plain words, one story each. Devices: A, B, C, D of four workers, and A's tablet.

use super::world::{World, lowering};
use super::{field, put};
use crate::Hash;
use crate::documents::View;

pub(super) const A: usize = 0;
pub(super) const B: usize = 1;
pub(super) const C: usize = 2;
pub(super) const D: usize = 3;
pub(super) const TABLET: usize = 4;

pub(super) fn world() -> World {
    World::new(&[1, 2, 3, 4, 1])
}

pub(super) fn is(value: &str) -> View {
    View::Is(Some(value.into()))
}

/// A wrote x, B wrote y; C holds both.
pub(super) fn dispute() -> (World, Hash, Hash) {
    let mut w = world();
    let (x, y) = (w.put(A, "x"), w.put(B, "y"));
    w.sync(A, C, 0);
    w.sync(B, C, 0);
    (w, x, y)
}

#[test]
fn nothing_written_is_unset_and_one_word_is_shown() {
    let mut w = world();
    assert_eq!(w.shows(), View::Unset);
    w.put(A, "x");
    assert_eq!((w.sides().len(), w.shows()), (0, is("x")));
}

#[test]
fn two_people_who_wrote_the_same_do_not_disagree() {
    let mut w = world();
    w.put(A, "x");
    w.put(B, "x");
    assert_eq!((w.sides().len(), w.shows()), (0, is("x")));
}

#[test]
fn drafts_of_one_worker_are_one_side() {
    let mut w = world();
    for draft in ["x1", "x2", "x3"] {
        w.put(A, draft);
    }
    w.put(B, "y");
    assert_eq!(w.sides(), ["x3", "y"]);
}

#[test]
fn a_draft_that_comes_to_agree_ends_the_dispute() {
    let mut w = world();
    w.put(A, "x");
    w.put(B, "y");
    w.put(A, "y");
    assert_eq!((w.sides().len(), w.shows()), (0, is("y")), "A never saw y and came to it by himself");
}

#[test]
fn clearing_is_a_value() {
    let clear = put("category", None);
    let mut w = world();
    w.put(A, "x");
    for device in [B, C, D] {
        w.sync(A, device, 0);
    }
    w.edit(B, 0, 1, &clear);
    w.edit(C, 0, 1, &clear);
    assert_eq!((w.sides().len(), w.shows()), (0, View::Is(None)), "two clears agree");
    w.put(D, "y");
    assert_eq!(w.sides(), ["(cleared)", "(cleared)", "y"]);
}

#[test]
fn one_workers_two_devices_do_not_queue_but_dispute_together() {
    let mut w = world();
    w.edit(A, 0, 20, &put("category", Some("phone")));
    w.edit(TABLET, 0, 10, &put("category", Some("tablet")));
    assert_eq!((w.sides().len(), w.shows()), (0, is("phone")), "the later by time");
    w.put(B, "y");
    assert_eq!(w.sides(), ["phone", "tablet", "y"]);
}

#[test]
fn a_plain_later_write_closes_nothing_and_is_shown() {
    let (mut w, ..) = dispute();
    w.put(C, "z");
    assert_eq!(w.sides(), ["x", "y"]);
    let values = ["x", "y", "z"].map(|value| Some(value.to_owned()));
    assert_eq!(w.shows(), View::Disputed(values.into()));
}

#[test]
fn giving_in_is_not_a_resolution() {
    let (mut w, ..) = dispute();
    w.sync(B, A, 0);
    w.edit(A, 0, 1, &put("category", Some("y")));
    assert_eq!(w.sides(), ["x", "y"]);
}

#[test]
fn an_overwrite_by_someone_else_does_not_withdraw_a_side() {
    let mut w = world();
    w.put(A, "x");
    w.put(B, "y");
    w.sync(A, C, 0);
    w.put(C, "y");
    assert_eq!(w.sides(), ["x", "y"], "C never knew of the dispute, and C is not A");
}

#[test]
fn a_form_saves_at_the_heads_it_rendered() {
    let mut w = world();
    w.put(A, "x");
    w.sync(A, C, 0);
    w.edit(C, 1, 1, &put("category", Some("desk")));
    assert_eq!(w.sides(), ["desk", "x"], "the desk had not been shown x");
}

#[test]
fn fields_dispute_apart() {
    let mut w = world();
    w.put(A, "x");
    w.edit(B, 0, 1, &put("place", Some("511902104")));
    assert!(!w.table().has_open());
    w.edit(A, 0, 1, &put("place", Some("511902")));
    let rows: Vec<_> = w.table().rows().into_keys().map(|field| field.name).collect();
    assert_eq!(rows, ["place"]);
}

#[test]
fn a_latest_field_shows_the_later_time_and_never_disputes() {
    let mut w = world();
    w.edit(A, 0, 30, &put("contact_phone", Some("110")));
    w.edit(B, 0, 20, &put("contact_phone", Some("119")));
    let phone = field("contact_phone");
    assert_eq!(w.table().view(phone), is("110"));
    w.sync(A, B, 0);
    w.edit(B, 0, 10, &put("contact_phone", None));
    assert_eq!(w.table().view(phone), View::Is(None), "a later word stands whatever its clock says");
    assert!(!w.table().has_open());
}

#[test]
fn a_severest_field_is_lowered_only_by_who_saw_it() {
    let mut w = world();
    let urgency = field("urgency");
    w.edit(A, 0, 1, &put("urgency", Some("urgent")));
    w.sync(A, B, 0);
    w.edit(B, 0, 1, &put("urgency", Some("normal")));
    assert_eq!(w.table().view(urgency), is("urgent"), "a plain lower word lowers nothing");
    w.edit(C, 0, 1, &put("urgency", Some("danger")));
    w.edit(B, 0, 1, &lowering("urgency", Some("urgent"), Some("soon")));
    assert_eq!(w.table().view(urgency), is("danger"), "B had not seen C's");
    w.sync(C, B, 0);
    w.edit(B, 0, 1, &lowering("urgency", Some("urgent"), Some("soon")));
    assert_eq!(w.table().view(urgency), is("danger"), "shown urgent, not danger");
    w.edit(B, 0, 1, &lowering("urgency", Some("danger"), Some("normal")));
    assert_eq!(w.table().view(urgency), is("normal"));
    w.edit(B, 0, 1, &lowering("urgency", Some("normal"), None));
    assert_eq!(w.table().view(urgency), View::Is(None), "cleared by a lowering");
}

#[test]
fn an_early_change_waits_for_what_it_builds_on() {
    let (w, x, y) = dispute();
    let mut table = crate::documents::Table::default();
    let genesis = w.meant.values().find(|change| change.deps.is_empty()).expect("the world begins");
    table.insert(w.meant[&x].clone());
    assert!(!table.knows(&x));
    table.insert(genesis.clone());
    assert!(table.knows(&x) && !table.knows(&y));
    assert_eq!(table.last_received(|_| true), Some(w.meant[&x].facts.received));
}
