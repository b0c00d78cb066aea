//! Figures name their cohort and cut-off, and what came after the cut-off does not count.

use doorstep_client::store::immediate;
use doorstep_server::figures::{Cohort, Figure, Measure, compute};
use doorstep_tests::harness::World;

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
fn a_claim_counts_until_the_case_is_decided_anew() {
    let mut village = Village::new();
    let case = village.case;
    village.wang.act(case, "claim", &[]).expect("queued");
    village.world.sync(&mut village.wang);
    let claimed = village.world.now();
    assert_eq!(parts(&figure(&village.world, "claimed", "all", claimed)), (1, 1));
    assert_eq!(parts(&figure(&village.world, "claimed", "all", claimed - 1)), (0, 1), "not before the act");
}
