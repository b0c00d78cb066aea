//! A rolled-back index is the index that was, down to the last table.

use super::world::World;
use crate::gate::{ByteLimits, OpIndex, inspect};
use automerge::Change;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn rollback_equals_a_fresh_index(seed: u64, cuts in proptest::collection::vec(0usize..40, 1..6)) {
        let changes = World::after(seed, 40).server.changes;
        let mut index = OpIndex::new();
        let mut savepoints = Vec::new();
        for change in &changes {
            savepoints.push(index.savepoint());
            index.admit(change);
        }
        for cut in cuts {
            let at = index.len().min(cut);
            index.rollback(savepoints[at]);
            let fresh: OpIndex = changes[..at].iter().collect();
            prop_assert!(index == fresh);
            // A savepoint that lies ahead changes nothing.
            index.rollback(savepoints[39]);
            prop_assert!(index == fresh);
            for change in &changes[at..] {
                let bytes = change.raw_bytes();
                let summary = inspect(bytes, &ByteLimits::default()).expect("honest");
                prop_assert_eq!(index.check(&summary), Ok(()));
                index.admit(change);
                index.admit(change); // twice is once
            }
            prop_assert!(index == changes.iter().collect::<OpIndex>());
        }
    }
}

#[test]
fn a_change_is_checked_on_top_of_pending_ones() {
    let changes = World::after(3, 30).server.changes;
    let limits = ByteLimits::default();
    let mut index: OpIndex = changes[..20].iter().collect();
    let verdict = |index: &OpIndex, change: &Change| {
        index.check(&inspect(change.raw_bytes(), &limits).expect("honest")).map_err(|refusal| refusal.code())
    };
    let before = index.savepoint();
    let after = changes[20..].iter().map(|change| {
        assert_eq!(verdict(&index, change), Ok(()));
        index.admit(change);
        verdict(&index, change)
    });
    assert!(after.into_iter().all(|known| known == Err("context.known")));
    index.rollback(before);
    let tip = changes[21..].iter().find(|change| change.deps().contains(&changes[20].hash()));
    let tip = tip.expect("something builds on it");
    assert_eq!(verdict(&index, tip), Err("context.missing_deps"));
}
