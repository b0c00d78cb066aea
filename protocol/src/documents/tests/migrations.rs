//! New containers in old documents: whoever migrates, in whatever order, nothing is lost.

use automerge::{Automerge, Change};
use proptest::prelude::*;

use super::world::{actor_of, heads};
use super::{Edit, Kind, cases, put};
use crate::documents::genesis::{constants, genesis_hash, new_document, with_migrations};
use crate::documents::schema::newest;
use crate::documents::view::fields;
use crate::documents::{Facts, Table, derive, edit_at};
use crate::{DeviceId, Hash};

fn append(field: &str, item: &str) -> Edit {
    Edit::Append { field: field.into(), item: item.into() }
}

fn evidence(n: usize) -> Edit {
    append("evidence", &format!(r#"{{"attachment":"photo {n}","purpose":"after"}}"#))
}

fn answer(n: usize) -> Edit {
    append("callback", &format!(r#"{{"answer":"satisfied","by":"worker {n}"}}"#))
}

/// One edit on a device; `at` is what its form showed.
fn edit(doc: &mut Automerge, (device, n): (u8, usize), at: &[Hash], edits: &[Edit]) -> Change {
    let actor = actor_of(DeviceId([device; 8]), n as u64);
    edit_at(doc, Kind::Case, at, (&actor, 1), edits).expect("an honest edit").expect("something new")
}

#[test]
fn two_devices_that_migrate_at_once_have_made_the_same_change() {
    let (mut one, mut two, mut old) =
        (new_document(Kind::Case), new_document(Kind::Case), new_document(Kind::Case));
    let form = [genesis_hash(Kind::Case)];
    edit(&mut one, (1, 1), &form, &[evidence(1), put("title", Some("渠道"))]);
    edit(&mut two, (2, 2), &form, &[evidence(2)]);
    edit(&mut old, (3, 3), &form, &[append("log", "去看过")]);
    for (into, from) in [(0, 1), (0, 2), (2, 0), (1, 2)] {
        let docs = [&mut one, &mut two, &mut old];
        let mut source = docs[from].clone();
        docs[into].merge(&mut source).expect("they merge");
    }
    // Of all three, and the migration once.
    assert_eq!(one.get_changes(&[]).len(), 2 + 3);
    assert_eq!((heads(&one), heads(&one)), (heads(&two), heads(&old)));
    let shown = fields(Kind::Case, &old, &Table::default());
    assert_eq!(shown["evidence"].as_array().map(Vec::len), Some(2), "none is lost");
    assert_eq!(shown["log"].as_array().map(Vec::len), Some(1));
}

#[test]
fn an_edit_at_a_form_of_before_the_migration_keeps_what_was_written_after_it() {
    let mut doc = new_document(Kind::Case);
    let first = edit(&mut doc, (1, 1), &[genesis_hash(Kind::Case)], &[put("title", Some("旧"))]);
    let form = [Hash::from(first.hash())];
    edit(&mut doc, (1, 1), &form, &[evidence(1)]);
    // A form that was opened before all this.
    let late = edit(
        &mut doc,
        (2, 2),
        &form,
        &[evidence(2), Edit::SetText { field: "reply".into(), text: "已修好".into() }],
    );
    let migration = constants(Kind::Case)[1].hash();
    assert!(late.deps().contains(&migration) && late.deps().contains(&first.hash()));
    let shown = fields(Kind::Case, &doc, &Table::default());
    assert_eq!(shown["evidence"].as_array().map(Vec::len), Some(2));
    assert_eq!(shown["reply"], "已修好");
}

#[test]
fn an_edit_that_fails_migrates_nothing() {
    let mut doc = new_document(Kind::Case);
    let form = [genesis_hash(Kind::Case)];
    let bad = append("callback", r#"{"answer":"perhaps","by":"向明"}"#);
    let actor = actor_of(DeviceId([1; 8]), 1);
    edit_at(&mut doc, Kind::Case, &form, (&actor, 1), &[bad]).expect_err("no such answer");
    assert_eq!(heads(&doc), form);
}

/// What one device does next.
#[derive(Clone, Debug)]
enum Step {
    /// A new container, or an old one, at what is shown or at the beginning.
    Edit {
        device: usize,
        what: usize,
        back: bool,
    },
    Sync {
        from: usize,
        to: usize,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_usize, 0..4_usize, any::<bool>()).prop_map(|(device, what, back)| Step::Edit {
            device,
            what,
            back
        }),
        (0..4_usize, 0..4_usize).prop_map(|(from, to)| Step::Sync { from, to }),
    ]
}

proptest! {
    #![proptest_config(cases(64))]

    /// The last device is of before the migration: it never writes into a new container.
    #[test]
    fn whatever_the_order_all_hold_the_same_and_nothing_is_lost(steps in prop::collection::vec(step(), 1..40)) {
        let genesis = [genesis_hash(Kind::Case)];
        let mut docs = vec![new_document(Kind::Case); 4];
        let (mut made, mut changes) = ([0_usize; 4], Vec::new());
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Step::Edit { device, what, back } => {
                    let what = if device == 3 { 3 } else { what };
                    let edits = [match what {
                        0 => evidence(n),
                        1 => answer(n),
                        2 => append("reply", "好"),
                        _ => append("log", "记"),
                    }];
                    let at = if back { genesis.to_vec() } else { heads(&docs[device]) };
                    made[what] += 1;
                    changes.push(edit(&mut docs[device], (device as u8, n), &at, &edits));
                }
                Step::Sync { from, to } => {
                    let mut source = docs[from].clone();
                    docs[to].merge(&mut source).expect("honest changes merge");
                }
            }
        }
        // The centre has the bytes of the changes only, in an order of its own.
        changes.reverse();
        let mut centre = new_document(Kind::Case);
        centre.apply_changes(with_migrations(Kind::Case, changes.clone())).expect("they apply");
        for doc in &mut docs {
            centre.merge(doc).expect("they merge");
        }
        let shown = fields(Kind::Case, &centre, &Table::default());
        let count = |name: &str| shown.get(name).and_then(|items| items.as_array()).map_or(0, Vec::len);
        prop_assert_eq!((count("evidence"), count("callback"), count("log")), (made[0], made[1], made[3]));
        let reply = shown.get("reply").and_then(|text| text.as_str()).unwrap_or_default();
        prop_assert_eq!(reply.chars().count(), made[2]);
        for doc in &mut docs {
            doc.merge(&mut centre.clone()).expect("they merge");
            prop_assert_eq!(heads(doc), heads(&centre));
        }
        for change in &changes {
            prop_assert!(derive(Kind::Case, change, Facts::default()).is_ok());
        }
        prop_assert!(newest(Kind::Case) > 1);
    }
}
