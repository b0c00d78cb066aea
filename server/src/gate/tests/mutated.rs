//! What the gate admits of mutated changes does automerge no harm: parse, apply on a clone, save,
//! load, read. And the index agrees with the plain rules about each.

use super::mutants;
use super::oracle::Oracle;
use super::setting;
use super::watch::cpu;
use super::world::Server;
use crate::gate::{ByteLimits, Summary, inspect, reloads, trial};
use automerge::Change;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

/// The harm that automerge does or suffers, if any.
fn ordeal(server: &Server, bytes: &[u8], summary: &Summary<'_>) -> Result<(), String> {
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let change = Change::from_bytes(bytes.to_vec()).map_err(|error| format!("parse: {error}"))?;
        if (change.hash().0, change.len(), change.max_op()) != (summary.hash, summary.ops, summary.max_op) {
            return Err("parsed to something else".to_owned());
        }
        let applied = trial(&server.doc, [change.clone()]).map_err(|refusal| refusal.to_string())?;
        if !reloads(&applied) {
            return Err("does not load again".to_owned());
        }
        applied.hydrate(None);
        applied.get_changes(&[]);
        change.decode();
        server.index.clone().admit(&change);
        Ok(())
    }));
    attempt.unwrap_or_else(|_| Err("panics".to_owned()))
}

#[test]
fn admitted_mutants_do_no_harm() {
    let wanted = setting("GATE_MUTANTS", 9_000);
    let limits = ByteLimits::default();
    let mut verdicts: BTreeMap<&'static str, u64> = BTreeMap::new();
    let mut slowest = Duration::ZERO;
    let (mut done, mut world_seed) = (0, setting("GATE_SEED", 1) << 32);
    while done < wanted {
        world_seed += 1;
        let (mut oracle, mut known) = (Oracle::default(), 0);
        mutants::of_world(world_seed, 30, &mut |world, bytes| {
            done += 1;
            let server = &world.server;
            for change in &server.changes[known..] {
                oracle.admit(change);
            }
            known = server.changes.len();
            let summary = match inspect(bytes, &limits) {
                Ok(summary) => summary,
                Err(refusal) => return *verdicts.entry(refusal.code()).or_default() += 1,
            };
            let verdict = server.index.check(&summary).map_err(|refusal| refusal.code());
            assert_eq!(verdict, oracle.check(&summary), "world {world_seed} {bytes:02x?}");
            *verdicts.entry(verdict.err().unwrap_or("admitted")).or_default() += 1;
            if verdict.is_ok() {
                let start = cpu();
                let harm = ordeal(server, bytes, &summary);
                slowest = slowest.max(cpu().saturating_sub(start));
                assert_eq!(harm, Ok(()), "world {world_seed} {bytes:02x?}");
            }
        });
    }
    assert!(slowest.as_secs() < 5, "{slowest:?}");
    println!("{done} mutants, slowest ordeal {slowest:?}");
    for (code, count) in &verdicts {
        println!("{count:>8} {code}");
    }
}
