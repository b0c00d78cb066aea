//! Figures over HTTP: a denominator each, and of a compartment nothing for whom it is not.

use doorstep_protocol::documents::Role;
use serde_json::Value as Json;

use super::world::{VILLAGE, World, problem, somebody};
use crate::figures::{Cohort, Measure, compute};

/// Numerator, denominator and what it is of.
fn parts(answer: &Json, measure: &str) -> (u64, u64, String) {
    let figures = answer["figures"].as_array().expect("figures");
    let figure = figures.iter().find(|figure| figure["measure"] == measure).expect("the measure");
    let number = |name: &str| figure[name].as_u64().expect("a number");
    (number("numerator"), number("denominator"), figure["of"].as_str().expect("a name").to_owned())
}

#[tokio::test]
async fn what_lies_in_a_compartment_counts_for_its_own_unit_and_for_nobody_else() {
    let world = World::new().await;
    world.case(&[("title", "路灯不亮"), ("category", "facilities"), ("place", VILLAGE)]).await;
    world.case(&[("title", "收受礼金"), ("category", "conduct"), ("place", VILLAGE)]).await;
    world.wait(10 * 60_000);
    world.centre.tick().await.expect("ticks");
    let inside = somebody(&world.centre, "纪委小林", "511902-discipline", Role::Inspector).await;
    for (cohort, of_all, of_inside) in
        [("all", 1, 2), ("year=2026", 1, 2), ("category=conduct", 0, 1), ("category=facilities", 1, 1)]
    {
        let path = format!("/api/v1/figures?cohort={cohort}");
        for who in [&world.li, &world.stranger] {
            let answer = world.get(who, &path).await.json();
            assert_eq!(parts(&answer, "collected"), (of_all, of_all, "collected".into()), "{cohort}");
            assert_eq!(parts(&answer, "assigned"), (of_all, of_all, "collected".into()), "{cohort}");
        }
        let answer = world.get(&inside, &path).await.json();
        assert_eq!(parts(&answer, "collected").1, of_inside, "{cohort}, inside");
    }
    let all = compute(&world.centre, Measure::Collected, &Cohort::all(), world.now()).await;
    assert_eq!(all.expect("computes").denominator, 2, "the operator counts all");
}

#[tokio::test]
async fn one_figure_as_of_a_cut_off_and_what_is_no_figure() {
    let world = World::new().await;
    world.case(&[("title", "路灯不亮"), ("category", "facilities"), ("place", VILLAGE)]).await;
    let path = "/api/v1/figures?measure=satisfied&as_of=2026-11-21T09:59:59Z";
    let before = world.get(&world.li, path).await.json();
    assert_eq!(before["cutoff"], "2026-11-21T09:59:59Z");
    assert_eq!(before["figures"].as_array().map(Vec::len), Some(1));
    assert_eq!(parts(&before, "satisfied"), (0, 0, "asked".into()), "nothing was registered then");
    problem(&world.get(&world.li, "/api/v1/figures?measure=happy").await, 400, "query.invalid");
    problem(&world.get(&world.li, "/api/v1/figures?cohort=person.name=wang").await, 400, "query.invalid");
    problem(&world.get(&world.li, "/api/v1/figures?cohort=campaign=none").await, 400, "query.invalid");
    // A value that no pack has is told, with those that there are; unless a case has it all the same.
    let path = |cohort: &str| format!("/api/v1/figures?cohort={cohort}");
    for (cohort, known) in [
        ("category=watr", "water"),
        ("channel=pigeon", "questionnaire"),
        ("severity=grave", "heavy"),
        ("step=done", "triage"),
        ("year=20266", "1949–2100"),
        ("campaign=no-such", "standing-2024"),
        ("year=2026,unit=511999", "511902"),
    ] {
        let said = problem(&world.get(&world.li, &path(cohort)).await, 400, "query.invalid");
        assert!(said["detail"].as_str().is_some_and(|text| text.contains(known)), "{said}");
    }
    assert_eq!(parts(&world.get(&world.li, &path("category=water")).await.json(), "collected").0, 0);
    world.case(&[("title", "路灯不亮"), ("category", "lamps"), ("place", VILLAGE)]).await;
    assert_eq!(parts(&world.get(&world.li, &path("category=lamps")).await.json(), "collected").0, 1);
    problem(&world.get(&world.li, "/api/v1/figures?as_of=today").await, 400, "query.invalid");
    problem(&world.get(&world.wang, "/api/v1/figures").await, 404, "not.found");
}

/// Or whoever a complaint is about could count it out: its kind, its place, how far it is.
#[tokio::test]
async fn nobody_counts_what_is_about_themselves() {
    let world = World::new().await;
    let of = [("title", "路灯不亮"), ("category", "facilities"), ("place", VILLAGE)];
    world.case(&of).await;
    world.case(&[&of[..], &[("subject", &*world.li.person.name)]].concat()).await;
    let path = "/api/v1/figures?cohort=category=facilities&measure=collected";
    for (who, count) in [(&world.li, 1), (&world.stranger, 2)] {
        assert_eq!(parts(&world.get(who, path).await.json(), "collected").0, count, "{}", who.person.name);
    }
}
