//! Hostile changes on top of hostile changes: what the gate admits is taken, everybody goes on from
//! there, and honest devices can still read, edit, save and load.

use super::mutants::mutate;
use super::setting;
use super::world::{Server, World};
use crate::gate::{ByteLimits, Refused, admit, reloads, trial};
use std::panic::{AssertUnwindSafe, catch_unwind};

const CHANGES: usize = 40;

fn take(server: &mut Server, bytes: &[u8]) -> Result<(), Refused> {
    let change = admit(&mut server.index, &|_| true, bytes, &ByteLimits::default())?.change;
    server.doc = trial(&server.doc, [change]).expect("what is admitted applies");
    Ok(())
}

/// The number of mutants that were taken.
fn pile_up(seed: u64) -> usize {
    let mut world = World::after(seed, 3);
    let mut donor = world.step().raw_bytes().to_vec();
    world.restart();
    let mut taken = 0;
    for _ in 0..CHANGES {
        let honest = world.step().raw_bytes().to_vec();
        let tries = if honest.len() < 4_000 { 30 } else { 0 };
        let hostile = (0..tries).any(|_| {
            let mutant = mutate(&mut world.rng, &honest, &donor);
            mutant != honest && take(&mut world.server, &mutant).is_ok()
        });
        if hostile {
            assert!(reloads(&world.server.doc), "after {taken} mutants");
            world.server.doc.hydrate(None);
            world.restart();
            taken += 1;
        } else {
            take(&mut world.server, &honest).expect("honest");
        }
        donor = honest;
    }
    assert!(reloads(&world.server.doc));
    taken
}

#[test]
fn hostile_changes_pile_up_harmlessly() {
    let first = setting("GATE_SEED", 1) << 32;
    let mut taken = 0;
    for seed in first..first + setting("GATE_PILES", 12) {
        let attempt = catch_unwind(AssertUnwindSafe(|| pile_up(seed)));
        taken += attempt.unwrap_or_else(|_| panic!("world {seed}"));
    }
    println!("{taken} mutants taken");
    assert!(taken > 0);
}
