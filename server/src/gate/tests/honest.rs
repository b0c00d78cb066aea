//! Every honest change passes, and the index knows what the plain rules know.

use super::chunk::Raw;
use super::oracle::Oracle;
use super::setting;
use super::world::World;
use crate::gate::{ByteLimits, admit, change_hash, inspect, reloads, trial};
use automerge::Change;
use std::time::{Duration, Instant};

const STAGES: [&str; 6] = ["inspect", "check", "index", "admit", "parse", "apply"];

fn timed<T>(spent: &mut Duration, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    *spent += start.elapsed();
    result
}

#[test]
fn honest_changes_are_admitted() {
    let wanted = setting("GATE_HONEST", 1_200);
    let limits = ByteLimits::default();
    let (mut seen, mut ops) = (0, 0);
    let mut spent = [Duration::ZERO; STAGES.len()];
    let mut world_seed = setting("GATE_SEED", 1) << 32;
    while seen < wanted {
        world_seed += 1;
        let mut world = World::new(world_seed);
        let mut oracle = Oracle::default();
        for _ in 0..60 {
            let change = world.step();
            let bytes = change.raw_bytes().to_vec();
            assert_eq!(Raw::decode(&bytes).encode(), bytes);
            let summary = timed(&mut spent[0], || inspect(&bytes, &limits));
            let summary =
                summary.unwrap_or_else(|refusal| panic!("{refusal}, world {world_seed} {change:?}"));

            assert_eq!((summary.hash, change_hash(&bytes)), (change.hash().0, change.hash().0));
            assert_eq!(summary.actor, change.actor_id().to_bytes());
            assert_eq!((summary.seq, summary.start_op), (change.seq(), change.start_op().get()));
            assert_eq!((summary.ops, summary.max_op), (change.len(), change.max_op()));
            assert_eq!(summary.message, change.message().unwrap_or(""));
            assert_eq!(summary.time_ms, change.timestamp());
            assert!(summary.deps.iter().eq(change.deps().iter().map(|dep| &dep.0)));

            let server = &mut world.server;
            let checked = timed(&mut spent[1], || server.index.check(&summary));
            assert_eq!((checked, oracle.check(&summary)), (Ok(()), Ok(())), "world {world_seed}");
            assert!(server.index.missing_deps(&summary).is_empty());
            let before = server.index.savepoint();
            timed(&mut spent[2], || server.index.admit(&change));
            server.index.rollback(before);
            timed(&mut spent[3], || admit(&mut server.index, &|_| true, &bytes, &limits)).expect("admitted");
            assert!(server.index.knows(&summary.hash));

            let parsed = timed(&mut spent[4], || Change::from_bytes(bytes.clone())).expect("parsed");
            let applied = timed(&mut spent[5], || trial(&server.doc, [parsed])).expect("applied");
            server.doc = applied;
            oracle.admit(&change);
            (seen, ops) = (seen + 1, ops + summary.ops);
        }
        assert!(reloads(&world.server.doc));
    }
    println!("{seen} changes, {ops} operations");
    for (what, time) in STAGES.iter().zip(spent) {
        println!("{what:>8} {:8.2} us a change", time.as_secs_f64() * 1e6 / seen as f64);
    }
}
