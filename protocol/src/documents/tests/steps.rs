//! Random days of five devices: edits at old and new forms, syncs, resolutions full and partial.

use proptest::prelude::*;

use super::put;
use super::world::{World, lowering, resolution};
use crate::Hash;

/// One thing that happens. Numbers pick from the lists below.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Put {
        device: usize,
        back: usize,
        field: usize,
        value: usize,
    },
    Clear {
        device: usize,
        back: usize,
        field: usize,
    },
    /// Names what the device's form shows, or the subset of all changes that `mask` picks.
    Resolve {
        device: usize,
        field: usize,
        value: usize,
        mask: Option<u16>,
    },
    Lower {
        device: usize,
        from: usize,
        to: usize,
    },
    Sync {
        from: usize,
        to: usize,
        back: usize,
    },
    /// A day at the office: `desk` receives everything and resolves what is open.
    Office {
        desk: usize,
        value: usize,
    },
}

/// Five devices; the first two belong to one worker, and so do the last two.
pub(super) const WORKERS: [u32; 5] = [1, 1, 2, 3, 3];
/// Two review fields, one severest, one latest.
pub(super) const FIELDS: [&str; 4] = ["category", "place", "urgency", "contact_phone"];

const VALUES: [[&str; 3]; 4] =
    [["x", "y", "z"], ["511902", "511903", "511904"], ["normal", "urgent", "danger"], ["110", "119", "120"]];

pub(super) fn step() -> impl Strategy<Value = Step> {
    let (d, value) = (0..5_usize, 0..3_usize);
    let back = prop_oneof![4 => Just(0_usize), 1 => 0..6_usize];
    let any_field =
        prop_oneof![5 => Just(0_usize), 1 => Just(1_usize), 2 => Just(2_usize), 1 => Just(3_usize)];
    let reviewed = prop_oneof![3 => Just(0_usize), 1 => Just(1_usize)];
    let mask = prop_oneof![2 => Just(None), 1 => any::<u16>().prop_map(Some)];
    prop_oneof![
        6 => (d.clone(), back.clone(), any_field.clone(), value.clone())
            .prop_map(|(device, back, field, value)| Step::Put { device, back, field, value }),
        1 => (d.clone(), back.clone(), any_field).prop_map(|(device, back, field)| Step::Clear { device, back, field }),
        3 => (d.clone(), reviewed, 0..4_usize, mask)
            .prop_map(|(device, field, value, mask)| Step::Resolve { device, field, value, mask }),
        1 => (d.clone(), value.clone(), 0..4_usize).prop_map(|(device, from, to)| Step::Lower { device, from, to }),
        5 => (d.clone(), d.clone(), back).prop_map(|(from, to, back)| Step::Sync { from, to, back }),
        1 => (d, value).prop_map(|(desk, value)| Step::Office { desk, value }),
    ]
}

/// The value of this number; beyond the list: cleared.
pub(super) fn value(field: usize, value: usize) -> Option<&'static str> {
    VALUES[field].get(value).copied()
}

pub(super) fn play(steps: &[Step]) -> World {
    let mut world = World::new(&WORKERS);
    for (n, step) in steps.iter().enumerate() {
        // Clocks disagree and repeat.
        let time = (n as i64 * 7) % 5;
        match *step {
            Step::Put { device, back, field, value: v } => {
                world.edit(device, back, time, &put(FIELDS[field], value(field, v)));
            }
            Step::Clear { device, back, field } => {
                world.edit(device, back, time, &put(FIELDS[field], None));
            }
            Step::Resolve { device, field, value: v, mask } => {
                let of: Vec<Hash> = match mask {
                    None => world.must_name(device, FIELDS[field]),
                    Some(mask) => {
                        let all = world.changes.keys().enumerate();
                        all.filter(|(i, _)| mask >> (i % 16) & 1 == 1).map(|(_, hash)| *hash).collect()
                    }
                };
                if mask.is_some() || !of.is_empty() {
                    world.edit(device, 0, time, &resolution(FIELDS[field], &of, value(field, v)));
                }
            }
            Step::Lower { device, from, to } => {
                world.edit(device, 0, time, &lowering("urgency", value(2, from), value(2, to)));
            }
            Step::Sync { from, to, back } => world.sync(from, to, back),
            Step::Office { desk, value: v } => {
                world.gather(desk);
                resolve_all(&mut world, desk, time, v);
            }
        }
    }
    world
}

/// Every open conflict, resolved by one who sees it all.
pub(super) fn resolve_all(world: &mut World, desk: usize, time: i64, v: usize) {
    for (n, name) in FIELDS.iter().enumerate() {
        let of = world.must_name(desk, name);
        if !of.is_empty() {
            world.edit(desk, 0, time, &resolution(name, &of, value(n, v)));
        }
    }
}
