//! BZ-12: the Friday account is of a week that there has been.

use doorstep_client::store::immediate;
use doorstep_protocol::documents::Role;
use doorstep_server::supervision::SupervisionError;
use doorstep_tests::harness::{CENTRE, DISTRICT, World};

#[test]
fn nobody_gives_account_of_a_week_that_has_not_begun() {
    let world = World::default();
    let giver = world.worker("中心主任", CENTRE, Role::Leader);
    let week = world.centre().account_week(DISTRICT, None).expect("the pack has accounts");
    let give = |weeks: i64| {
        let day = week.day.checked_add(jiff::Span::new().weeks(weeks)).expect("a day");
        immediate(world.centre().submit_account(&giver, day, vec![], ""))
    };
    for weeks in [2, 52] {
        let early = give(weeks);
        assert!(matches!(early, Err(SupervisionError::NotYet(_))), "{early:?}");
    }
    give(0).expect("of this one");
}
