//! What an inspection finds on the spot: a resolution that holds, or a false one that is done again.

use doorstep_policy::Directive;
use doorstep_tests::harness::World;

use super::life::Street;

fn decided(world: &World, street: &Street, args: &[(&str, &str)]) -> Directive {
    let case = street.village.case;
    world.act(&street.inspector, case, "inspect", args);
    world.decisions(case).pop().expect("decided").directive
}

/// BZ-11, BZ-13: every case may be inspected once somebody says that it is resolved, and a false resolution is no resolution.
#[test]
fn inspectors_look_at_what_is_claimed_and_what_is_false_is_done_again() {
    let mut street = Street::new();
    let case = street.village.case;
    let world = &street.village.world;
    assert_ne!(
        decided(world, &street, &[("result", "holds")]),
        Directive::Inspect,
        "nobody says it is resolved"
    );
    street.claimed(case);
    let world = &street.village.world;
    assert_eq!(decided(world, &street, &[("result", "holds")]), Directive::Inspect);
    let false_ = [("result", "false"), ("reason", "log-1")];
    assert_eq!(decided(world, &street, &false_), Directive::Redo);
    let last = street.last(case);
    assert_eq!((last.step.as_str(), last.life.false_resolutions, last.life.redo), ("handle", 1, 1));
}
