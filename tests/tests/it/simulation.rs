//! A short run of the simulation; long runs are `doorstep-play sim`.

use std::collections::BTreeMap;

use doorstep_tests::sim;

#[test]
fn a_dozen_seeds_keep_every_invariant() {
    let (mut checked, mut faults) = (BTreeMap::<u8, u64>::new(), BTreeMap::<&str, u64>::new());
    for seed in 100_101..=100_112 {
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
    let wanted = [
        "drop",
        "duplicate",
        "reorder",
        "truncate",
        "partition",
        "device_crash",
        "server_crash",
        "skew",
        "moved",
    ];
    for fault in wanted {
        assert!(faults.get(fault).is_some_and(|n| *n > 0), "{fault} never happened: {faults:?}");
    }
}

/// Seeds that failed once, one a line, after a comment on what was wrong: seed, devices, days.
const ONCE_FAILED: &str = include_str!("simulation/seeds.txt");

#[test]
fn seeds_that_failed_once_do_not_fail_again() {
    let mut replayed = 0;
    for line in ONCE_FAILED.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace().map(|word| word.parse().expect("a number"));
        let (seed, devices, days) = (words.next(), words.next(), words.next());
        let of = (seed.expect("a seed"), devices.expect("devices"), days.expect("days"));
        let outcome = sim::run(of.0, of.1 as usize, of.2 as u32);
        assert!(outcome.failures.is_empty(), "{line}: {:#?}", outcome.failures);
        replayed += 1;
    }
    assert!(replayed > 0, "no seed is kept");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [3, 11] {
        assert_eq!(sim::run(seed, 5, 4), sim::run(seed, 5, 4));
    }
}
