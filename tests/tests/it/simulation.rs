//! A short run of the simulation; long runs are `doorstep-play sim`.

use std::collections::BTreeMap;

use doorstep_tests::sim;

#[test]
fn thirty_seeds_keep_every_invariant() {
    let (mut checked, mut faults) = (BTreeMap::<u8, u64>::new(), BTreeMap::<&str, u64>::new());
    for seed in 1..=30 {
        let outcome = sim::run(seed, 6, 4);
        assert!(outcome.failures.is_empty(), "seed {seed}: {:#?}", outcome.failures);
        outcome.checked.into_iter().for_each(|(id, n)| *checked.entry(id).or_default() += n);
        outcome.faults.into_iter().for_each(|(fault, n)| *faults.entry(fault).or_default() += n);
    }
    for id in [1, 2, 3, 4, 5, 6, 8, 9, 10] {
        assert!(
            checked.get(&id).is_some_and(|n| *n > 0),
            "invariant {id} was never put to the test: {checked:?}"
        );
    }
    let wanted =
        ["drop", "duplicate", "reorder", "truncate", "partition", "device_crash", "server_crash", "skew"];
    for fault in wanted {
        assert!(faults.get(fault).is_some_and(|n| *n > 0), "{fault} never happened: {faults:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [3, 11] {
        assert_eq!(sim::run(seed, 5, 4), sim::run(seed, 5, 4));
    }
}
