//! Figures name their cohort and cut-off, and what came after the cut-off does not count.

use doorstep_client::store::immediate;
use doorstep_policy::supervision::{List, Tally};
use doorstep_server::figures::{Cohort, Figure, Measure, compute};
use doorstep_tests::harness::{DISTRICT, World};

use super::life::Street;
use super::village::{A_WHILE, Village, small};

fn figure(world: &World, measure: &str, cohort: &str, cutoff: i64) -> Figure {
    let measure = Measure::named(measure).expect("a measure");
    let cohort = Cohort::parse(cohort).expect("a cohort");
    immediate(compute(world.centre(), measure, &cohort, cutoff)).expect("computes")
}

fn parts(figure: &Figure) -> (u64, u64) {
    (figure.numerator, figure.denominator)
}

#[test]
fn k_more_cases_move_exactly_the_expected_figures() {
    let mut village = Village::new();
    let before = village.world.now();
    for n in 0..3 {
        village.li.new_case(&small(&format!("第 {n} 件")));
    }
    let health = [("title", "药费"), ("category", "health"), ("place", "511902101200")];
    village.zhao.new_case(&health);
    village.world.advance(A_WHILE);
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.zhao);
    let taken_in = village.world.now();
    village.world.advance(A_WHILE);
    let now = village.world.now();
    let world = &village.world;

    assert_eq!(parts(&figure(world, "collected", "all", before)), (1, 1), "as of before, one");
    assert_eq!(parts(&figure(world, "collected", "all", now)), (5, 5));
    assert_eq!(parts(&figure(world, "collected", "category=water", now)), (4, 4));
    assert_eq!(parts(&figure(world, "assigned", "all", taken_in)), (1, 5), "four are taken in only");
    assert_eq!(parts(&figure(world, "assigned", "all", now)), (5, 5));
    assert_eq!(parts(&figure(world, "claimed", "all", now)), (0, 5));
    assert!((figure(world, "open", "all", now).value - 1.0).abs() < f64::EPSILON);
    assert_eq!(parts(&figure(world, "overdue", "all", now)), (0, 5));
    let in_a_year = now + 366 * 24 * 60 * 60 * 1000;
    assert_eq!(parts(&figure(world, "overdue", "all", in_a_year)), (5, 5), "nobody has claimed any");
    assert_eq!(parts(&figure(world, "collected", "year=1999", now)), (0, 0));
}

#[test]
fn each_stage_counts_from_its_own_act_and_earlier_ones_go_on_counting() {
    let mut street = Street::new();
    let case = street.village.case;
    let counted = |street: &Street, cutoff: i64| -> Vec<&'static str> {
        let counts = |name: &str| parts(&figure(&street.village.world, name, "all", cutoff)) == (1, 1);
        Measure::ALL.iter().map(|(name, _)| *name).filter(|name| counts(name)).collect()
    };
    let assigned = street.village.world.now();
    street.village.world.advance(A_WHILE);
    street.verified(case);
    let verified = street.village.world.now();
    street.sign(case, &["person", "handler", "leader", "principal_leader"]);
    let closed = street.village.world.now();
    street.village.world.advance(A_WHILE);
    street.asked(case, "not_satisfied");
    let again = street.village.world.now();
    street.village.world.advance(A_WHILE);
    street.closed(case);
    street.asked(case, "satisfied");
    let now = street.village.world.now();

    assert_eq!(counted(&street, assigned), ["collected", "assigned", "open"]);
    assert_eq!(
        counted(&street, verified),
        ["collected", "assigned", "responded", "claimed", "verified", "open"]
    );
    let resolved = ["collected", "assigned", "responded", "claimed", "verified", "closed", "resolved"];
    assert_eq!(counted(&street, closed), resolved, "what this district publishes is closed");
    assert_eq!(counted(&street, closed - 150_001), counted(&street, verified));
    let opened = ["collected", "assigned", "responded", "open", "asked", "reopened", "redone"];
    assert_eq!(counted(&street, again), opened);
    let all = [&resolved[..], &["asked", "satisfied", "reopened", "redone"]].concat();
    assert_eq!(counted(&street, now), all);
    let in_a_year = now + 366 * 24 * 60 * 60 * 1000;
    assert_eq!(parts(&figure(&street.village.world, "overdue", "all", in_a_year)), (0, 1), "it is closed");
}

#[test]
fn closed_without_the_person_counts_as_closed_and_apart_and_withdrawn_as_neither_resolved_nor_open() {
    let mut street = Street::new();
    let case = street.village.case;
    street.verified(case);
    street.sign(case, &["handler", "leader", "principal_leader"]);
    street.closed_without_the_person(case);
    let other = street.village.li.new_case(&small("不要了"));
    street.withdrawn(other);
    let now = street.village.world.now();
    let parts = |measure| parts(&figure(&street.village.world, measure, "all", now));
    assert_eq!((parts("unusual"), parts("resolved"), parts("closed")), ((1, 2), (1, 2), (2, 2)));
    assert_eq!((parts("open"), parts("satisfied")), ((0, 2), (0, 0)), "nobody was asked");
}

/// BZ-18, BZ-1: of a campaign or a channel that the pack does not have, nothing is counted, and that is said.
#[test]
fn campaigns_and_channels_are_cohorts_as_the_pack_has_them() {
    let village = Village::new();
    let world = &village.world;
    let packs = world.packs();
    let strange = |cohort: &str| Cohort::parse(cohort).expect("a cohort").unknown(&packs).is_some();
    for campaign in ["check-2021", "area-2022", "recheck-2023", "standing-2024"] {
        assert!(!strange(&format!("campaign={campaign}")), "{campaign}");
    }
    for channel in ["scan", "letter", "questionnaire", "group", "visit", "stationed"] {
        assert!(!strange(&format!("channel={channel}")), "{channel}");
    }
    assert!(strange("campaign=recheck-2025") && strange("channel=pigeon"));
    let now = world.now();
    assert_eq!(parts(&figure(world, "collected", "all", now)), (1, 1));
    assert_eq!(parts(&figure(world, "collected", "campaign=standing-2024", now)), (1, 1));
    assert_eq!(parts(&figure(world, "collected", "campaign=recheck-2023", now)), (0, 0));
}

/// BZ-14: what the people say weighs in the red and black list.
#[test]
fn the_more_satisfied_rank_higher_where_all_else_is_the_same() {
    let world = World::default();
    let packs = world.packs();
    let pack = packs.of(DISTRICT, world.now()).expect("the district has rules");
    let is_town =
        |unit: &&doorstep_policy::Unit| unit.code.len() == 9 && unit.parent.as_deref() == Some(DISTRICT);
    let towns: Vec<String> = pack.units().filter(is_town).map(|unit| unit.code.clone()).take(7).collect();
    let tally = |satisfied| Tally {
        collected: 10,
        resolved: 10,
        handled: 10,
        redone: 0,
        answered: 10,
        satisfied,
        overdue: 0,
    };
    let units = towns.iter().enumerate().map(|(n, town)| (town.clone(), tally(n as u64 + 1))).collect();
    let list = List::of(pack, &units).expect("the pack has a list");
    assert_eq!((list.red.first(), list.black.first()), (towns.last(), towns.first()));
}
