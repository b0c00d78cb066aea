//! Random worlds: every order of arrival gives the same table, and the table is the rule.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use proptest::prelude::*;

use super::oracle::Oracle;
use super::steps::{FIELDS, Step, WORKERS, play, resolve_all, step, value};
use super::world::World;
use super::{cases, field, put};
use crate::Hash;
use crate::documents::{Accepted, Table, View};

fn shuffled(mut changes: Vec<Accepted>, mut seed: u64) -> Vec<Accepted> {
    for i in (1..changes.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        changes.swap(i, (seed >> 33) as usize % (i + 1));
    }
    changes
}

/// All that a table can be asked, over every point of the history as deps.
fn answers(table: &Table, changes: &[Accepted]) -> String {
    let mut text = format!("{:?}", table.rows());
    for name in FIELDS {
        let named = changes.iter().map(|change| table.must_name(field(name), &[change.hash]));
        let named: BTreeSet<BTreeSet<Hash>> = named.collect();
        write!(text, "\n{name} {:?} {named:?}", table.view(field(name))).expect("a string takes all");
    }
    text
}

fn equals_the_rule(table: &Table, oracle: &Oracle, world: &World) -> Result<(), TestCaseError> {
    let rows = table.rows();
    for field in FIELDS.map(field) {
        prop_assert_eq!(table.class(field), oracle.class(field));
        prop_assert_eq!(table.view(field), oracle.view(field));
        prop_assert_eq!(rows.get(&field).cloned(), oracle.row(field));
        for change in world.meant.values() {
            prop_assert_eq!(table.must_name(field, &change.deps), oracle.must_name(field, &change.deps));
        }
    }
    prop_assert_eq!(table.has_open(), !rows.is_empty());
    Ok(())
}

/// Every order of `rest` after `head`.
fn permutations(head: &mut Vec<Accepted>, rest: &[Accepted], check: &mut impl FnMut(&[Accepted])) {
    if rest.is_empty() {
        check(head);
    }
    for i in 0..rest.len() {
        let mut others = rest.to_vec();
        head.push(others.remove(i));
        permutations(head, &others, check);
        head.pop();
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_table_is_the_rule_in_every_order(steps in prop::collection::vec(step(), 1..40), seed: u64) {
        let world = play(&steps);
        let accepted = world.accepted();
        for derived in &accepted {
            prop_assert_eq!(derived, &world.meant[&derived.hash], "derived from the change = what was meant");
        }
        let table = Table::of(accepted.clone());
        equals_the_rule(&table, &Oracle::new(&world.meant), &world)?;
        let expected = answers(&table, &accepted);
        for n in 0..6 {
            let mut order = shuffled(accepted.clone(), seed.wrapping_add(n));
            order.extend(order.first().cloned());
            prop_assert_eq!(&answers(&Table::of(order), &accepted), &expected);
        }
    }

    #[test]
    fn a_tightened_table_is_the_rule(steps in prop::collection::vec(step(), 1..30), both: bool) {
        let world = play(&steps);
        let names: &[&str] = if both { &["urgency", "contact_phone"] } else { &["contact_phone"] };
        let names: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut table = Table::tightened(Arc::new(names.clone()));
        world.accepted().into_iter().rev().for_each(|change| table.insert(change));
        equals_the_rule(&table, &Oracle::new(&world.meant).tightened(&names), &world)?;
    }

    /// Each prefix of a causal order, incrementally, is the table of that prefix.
    #[test]
    fn each_step_equals_from_scratch(steps in prop::collection::vec(step(), 1..25)) {
        let mut world = play(&steps);
        world.gather(0);
        let order = world.held(0);
        let mut growing = Table::default();
        for n in 0..order.len() {
            growing.insert(order[n].clone());
            let scratch = Table::of(order[..=n].iter().rev().cloned());
            prop_assert_eq!(answers(&growing, &order[..=n]), answers(&scratch, &order[..=n]));
        }
    }

    /// A plain write that follows all sides changes no pair, whatever its value.
    #[test]
    fn a_plain_later_write_closes_nothing(steps in prop::collection::vec(step(), 1..40), v in 0..4_usize, f in 0..2_usize) {
        let mut world = play(&steps);
        world.gather(0);
        let pairs = |w: &World| w.table().rows().get(&field(FIELDS[f])).map(|row| row.pairs.clone());
        let before = pairs(&world);
        world.edit(0, 0, 9, &put(FIELDS[f], value(f, v)));
        prop_assert_eq!(pairs(&world), before);
    }

    /// What the form names is enough: one full resolution of each field leaves nothing open.
    #[test]
    fn a_full_resolution_closes_all(steps in prop::collection::vec(step(), 1..40), v in 0..4_usize) {
        let mut world = play(&steps);
        world.gather(0);
        let open: Vec<_> = world.table().rows().into_keys().collect();
        resolve_all(&mut world, 0, 9, v);
        prop_assert!(!world.table().has_open());
        for field in open {
            let n = FIELDS.iter().position(|name| *name == field.name).expect("one of the four");
            prop_assert_eq!(world.table().view(field), View::Is(value(n, v).map(str::to_owned)));
        }
    }

    #[test]
    fn all_permutations_of_small_worlds(steps in prop::collection::vec(step(), 1..12)) {
        let mut world = play(&steps);
        while world.meant.len() > 6 {
            // Keep a causally closed part: drop a change that nothing builds on.
            let depended: Vec<Hash> = world.meant.values().flat_map(|change| change.deps.clone()).collect();
            let tip = *world.meant.keys().find(|hash| !depended.contains(hash)).expect("a graph has a tip");
            world.meant.remove(&tip);
        }
        let all: Vec<Accepted> = world.meant.values().cloned().collect();
        let expected = answers(&Table::of(all.clone()), &all);
        let mut same = true;
        permutations(&mut Vec::new(), &all, &mut |order| {
            same &= answers(&Table::of(order.to_vec()), &all) == expected;
        });
        prop_assert!(same);
    }
}

/// What the prototype once got wrong: resolutions that name nothing.
#[test]
fn seeds_of_past_failures() {
    let nothing = |device| Step::Resolve { device, field: 0, value: 1, mask: Some(0) };
    let put = |device, back, value| Step::Put { device, back, field: 0, value };
    let shown = |device, value| Step::Resolve { device, field: 0, value, mask: None };
    let seeds = [
        vec![nothing(0), put(0, 1, 0), shown(0, 1)],
        vec![nothing(1), put(4, 0, 0), put(4, 0, 2), Step::Sync { from: 4, to: 1, back: 0 }, shown(1, 2)],
    ];
    for steps in seeds {
        let mut world = play(&steps);
        equals_the_rule(&world.table(), &Oracle::new(&world.meant), &world).expect("the table is the rule");
        assert_eq!(world.devices.len(), WORKERS.len());
        world.gather(0);
        resolve_all(&mut world, 0, 9, 0);
        assert!(!world.table().has_open());
    }
}
