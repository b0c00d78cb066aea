//! Durable timers: each step of a ladder once, as of its time, whoever ticks and however late.

use std::time::Duration;

use doorstep_policy::{Cause, Decision};

use super::village::Village;

const DAY: Duration = Duration::from_hours(24);

fn steps(decisions: &[Decision]) -> Vec<(String, u32)> {
    let timer = |decision: &Decision| match &decision.cause {
        Cause::Timer { id, generation } => Some((id.clone(), *generation)),
        _ => None,
    };
    decisions.iter().filter_map(timer).collect()
}

#[test]
fn the_ladder_fires_each_step_once_with_two_nodes_and_a_late_tick() {
    let mut on_time = Village::new();
    on_time.world.advance(40 * DAY);
    let expected = on_time.world.decisions(on_time.case);
    let ids: Vec<String> = steps(&expected).into_iter().map(|(id, _)| id).collect();
    assert!(ids.starts_with(&["warn".into(), "supervise".into(), "escalate".into()]), "{ids:?}");

    let mut late = Village::new();
    let second = late.world.add_node();
    late.world.skip(12 * DAY);
    late.world.tick(second);
    late.world.tick(0);
    late.world.skip(28 * DAY);
    for node in [0, second, second, 0, 0, second] {
        late.world.tick(node);
    }
    let fired = late.world.decisions(late.case);
    let mut once = steps(&fired);
    once.sort();
    once.dedup();
    assert_eq!(once.len(), steps(&fired).len(), "no step twice");
    assert_eq!(fired, expected, "decided as of the nominal times, so the same to the byte");
}

#[test]
fn a_restart_between_two_steps_loses_none() {
    let mut village = Village::new();
    village.world.advance(12 * DAY);
    village.world.restart(0);
    village.world.advance(28 * DAY);
    let mut undisturbed = Village::new();
    undisturbed.world.advance(40 * DAY);
    assert_eq!(village.world.decisions(village.case), undisturbed.world.decisions(undisturbed.case));
}
