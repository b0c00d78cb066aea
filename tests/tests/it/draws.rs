//! Draws for spot checks: nobody changes what is drawn from once the cut-off has passed.

use doorstep_client::store::immediate;
use doorstep_protocol::wire::ActOutcome;

use super::life::Street;
use super::supervision::{NOTICE, verifies};

/// Whoever would rather not have it looked at opens it again, after the cut-off and before the draw: too late.
#[test]
fn a_case_that_was_opened_again_after_the_cut_off_stays_among_those_drawn_from() {
    let mut street = Street::new();
    let (case, inspector, reviewer) =
        (street.village.case, street.inspector.clone(), street.village.reviewer.clone());
    street.closed(case);
    let n = immediate(street.village.world.centre().commit_draw(&inspector, "spot", None)).expect("fixed");
    street.village.world.advance(NOTICE);
    let opened = street.village.world.act(&reviewer, case, "reopen", &[("reason", "log-9")]);
    assert!(matches!(opened, ActOutcome::Decided { .. }), "{opened:?}");
    let world = &street.village.world;
    immediate(world.centre().reveal_draw(&inspector, n, "晴")).expect("drawn");
    let done = immediate(world.centre().draw(&inspector, n)).expect("is seen").done.expect("drawn");
    assert_eq!(done.population, [case]);
    assert!(verifies(world), "counted again, it comes to the same");
}
