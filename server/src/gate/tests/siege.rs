//! Whole histories under siege: several devices forge, mutate and pile up changes, honest ones go on beside
//! them, and what the gate admits is taken. In a process of its own.
//!
//! `GATE_SEED` and `GATE_WORLD` begin where another run ended.

use super::forged::{Forger, PREFIX};
use super::mutants::mutate;
use super::oracle::Oracle;
use super::setting;
use super::watch::{bounded, cpu, peak_kib, say, watched};
use super::world::{Rng, Server, World};
use crate::gate::{ByteLimits, OpIndex, Summary, inspect, reloads, trial};
use automerge::hydrate::Value;
use automerge::{Automerge, Change};
use std::collections::BTreeMap;
use std::time::Duration;

const NAME: &str = "gate::tests::siege::besieged_histories_do_no_harm";

#[derive(Default)]
struct Tally {
    mutants: u64,
    admitted: u64,
    taken: u64,
    slowest: Duration,
    codes: BTreeMap<&'static str, u64>,
}

/// What everybody does with a document that took the change: all of it must go well.
fn ordeal(server: &Server, bytes: &[u8], summary: &Summary<'_>) -> Change {
    let change = Change::from_bytes(bytes.to_vec()).expect("parses");
    assert_eq!((change.hash().0, change.len(), change.max_op()), (summary.hash, summary.ops, summary.max_op));
    let applied = trial(&server.doc, [change.clone()]);
    let applied = applied.unwrap_or_else(|refusal| panic!("{refusal}: {:#?}", change.decode()));
    assert!(reloads(&applied), "loads again");
    applied.hydrate(None);
    change.decode();
    change
}

/// One world to its end.
fn besiege(seed: u64, tally: &mut Tally, say: &mut dyn FnMut()) {
    let mut world = World::after(seed, 4);
    let (mut forger, mut oracle, mut known) = (Forger::default(), Oracle::default(), 0);
    let mut donor = world.step().raw_bytes().to_vec();
    world.restart();
    for round in 0..30 {
        if round % 7 == 6 {
            world.restart(); // an honest device that builds on whatever is there now
        }
        let honest = world.step();
        for attempt in 0..16 {
            forger.learn(&world.server);
            for change in &world.server.changes[known..] {
                oracle.admit(change);
            }
            known = world.server.changes.len();
            let rng = &mut world.rng;
            let forged = forger.forge(rng, &world.server).unwrap_or_default();
            let bytes = match attempt % 4 {
                0 if !forged.is_empty() && forged.len() < 4_000 => {
                    let mutant = mutate(rng, &forged, &donor);
                    donor = forged;
                    mutant
                }
                1 if honest.raw_bytes().len() < 4_000 => mutate(rng, honest.raw_bytes(), &donor),
                _ => forged,
            };
            if bytes != honest.raw_bytes() {
                attack(&mut world, &oracle, &bytes, tally);
            }
        }
        world.server.take(honest);
        say();
    }
    let server = world.server;
    assert!(reloads(&server.doc));
    assert!(server.index == server.changes.iter().collect::<OpIndex>());
    arrives_in_any_order(&server, &mut world.rng);
    say();
}

fn attack(world: &mut World, oracle: &Oracle, bytes: &[u8], tally: &mut Tally) {
    tally.mutants += 1;
    let began = cpu();
    let limits = ByteLimits::default();
    let server = &world.server;
    let code = match inspect(bytes, &limits) {
        Err(refusal) => refusal.code(),
        Ok(summary) => {
            let verdict = server.index.check(&summary).map_err(|refusal| refusal.code());
            assert_eq!(verdict, oracle.check(&summary), "{bytes:02x?}");
            if verdict.is_ok() {
                let change = ordeal(server, bytes, &summary);
                tally.admitted += 1;
                // An honest device's next change must still fit: so only what a forger's session may push.
                let own = summary.actor.starts_with(&PREFIX);
                if own && world.rng.one_in(2) && world.server.changes.len() < 90 {
                    world.server.take(change);
                    tally.taken += 1;
                }
            }
            verdict.err().unwrap_or("admitted")
        }
    };
    *tally.codes.entry(code).or_default() += 1;
    tally.slowest = tally.slowest.max(cpu().saturating_sub(began));
}

/// The order of arrival shows nowhere; a fork at any change of the history holds together.
fn arrives_in_any_order(server: &Server, rng: &mut Rng) {
    let mut shuffled = server.changes.clone();
    for at in 1..shuffled.len() {
        shuffled.swap(at, rng.below(at + 1));
    }
    let mut other = Automerge::new();
    other.apply_changes(shuffled).expect("applies in any order");
    assert_eq!(other.get_heads(), server.doc.get_heads());
    assert_eq!(shown(&other.hydrate(None)), shown(&server.doc.hydrate(None)));
    let at = [rng.pick(&server.changes).hash()];
    let fork = server.doc.fork_at(&at).expect("forks");
    assert!(reloads(&fork));
    fork.hydrate(None);
}

/// The whole document as text; maps by key, for automerge keeps them in no order.
fn shown(value: &Value) -> String {
    match value {
        Value::Map(map) => {
            let entries: BTreeMap<_, _> = map.iter().map(|(key, at)| (key, shown(&at.value))).collect();
            format!("{entries:?}")
        }
        Value::List(list) => list.iter().map(|at| shown(&at.value)).collect::<Vec<_>>().join(","),
        other => format!("{other:?}"),
    }
}

/// The process under siege.
fn suffer(wanted: u64) {
    let mut tally = Tally::default();
    let mut seed = setting("GATE_SEED", 1) << 33;
    seed += setting("GATE_WORLD", 0);
    while tally.mutants < wanted {
        seed += 1;
        besiege(seed, &mut tally, &mut || say(&format!("world {seed}")));
    }
    let Tally { mutants, admitted, taken, slowest, codes } = tally;
    println!("{codes:#?}");
    let peak = peak_kib();
    println!(
        "{mutants} mutants, {admitted} admitted, {taken} taken, slowest {slowest:?} of CPU, peak {peak} KiB"
    );
    assert!(taken > mutants / 50, "{taken} taken of {mutants}: the forger is too clumsy");
    bounded("a mutant", slowest);
}

#[test]
fn besieged_histories_do_no_harm() {
    watched(NAME, || suffer(setting("GATE_MUTANTS", 6_000)));
}
