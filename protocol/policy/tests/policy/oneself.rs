//! Nobody judges, asks or extends in a matter of their own, whichever name it goes by and whoever they stand in for.

use doorstep_policy::{Decision, Directive, Refused};

use crate::closing::{FOUR, SIGNED, claimed, signature};
use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou};

const REGISTERED: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const VERIFIED: &str = "2025-03-06T09:00:00+08:00";

fn rule(refused: Result<Decision, Refused>) -> String {
    refused.map_or_else(|no| no.rule, |decided| format!("decided {:?}", decided.directive))
}

/// Claimed by the village, verified by the inspectors, signed by all four.
fn closed(story: &mut Story<'_>) -> Decision {
    story.command_of("1", "claim", (VILLAGE, "worker"), &[], LATER).expect("claimed");
    let (inspectors, pass) = (("511902-supervision", "inspector"), [("result", "pass")]);
    story.command_of("5", "verify", inspectors, &pass, VERIFIED).expect("verified");
    story.case.proofs.signatures = FOUR.map(signature).into();
    story.settle(SIGNED).expect("all four are there")
}

#[test]
fn a_unit_that_is_named_by_its_name_looks_into_nothing_of_its_own() {
    let pack = bazhou();
    for subject in ["511902-discipline", "巴州区纪委监委", " 巴州区纪委监委 ", "巴州区 纪委监委"]
    {
        let fields = [("category", "conduct"), ("place", VILLAGE), ("subject", subject)];
        let mut story = Story::new(&pack, REGISTERED).with(&fields);
        assert_eq!(story.intake().unit.as_deref(), Some("511902-leader"), "{subject:?}");
        let settled = story.settle(LATER).unwrap_or_else(|| story.log[0].clone());
        assert_eq!(settled.unit.as_deref(), Some("511902-leader"), "{subject:?}");
        assert!(settled.audience.excluded_units.contains("511902-discipline"), "{subject:?}");
    }
}

#[test]
fn a_centre_that_a_case_is_about_neither_takes_it_in_nor_asks_the_person() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(&pack, REGISTERED).with(&fields);
    assert_eq!(story.intake().unit.as_deref(), Some(CENTRE));
    let mut story = Story::new(&pack, REGISTERED).with(&fields).with(&[("subject", CENTRE)]);
    assert_eq!(story.intake().unit.as_deref(), Some("511902-intake"));
    story.settle(LATER).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], LATER).expect("taken on");
    let closed = closed(&mut story);
    assert_eq!(closed.step, "callback");
    assert_ne!(closed.unit.as_deref(), Some(CENTRE), "it would ask whether one is satisfied with it");
}

#[test]
fn whoever_had_it_once_does_not_ask_the_person_later() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(&pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(LATER).expect("assigned");
    story.command_of("1", "co_handle", (VILLAGE, "worker"), &[("add", CENTRE)], LATER).expect("helps");
    story.command_of("6", "accept", (CENTRE, "handler"), &[], LATER).expect("taken on");
    story.command_of("1", "co_handle", (VILLAGE, "worker"), &[("remove", CENTRE)], LATER).expect("no more");
    let closed = closed(&mut story);
    assert_ne!(closed.unit.as_deref(), Some(CENTRE), "it had a part in it");
}

#[test]
fn a_worker_keeps_himself_away_and_a_leader_of_theirs_somebody_else() {
    let pack = bazhou();
    let recuse = |by: (&str, &str), args: &[(&str, &str)]| {
        let mut story = claimed(&pack);
        rule(story.command_of("1", "recuse", by, args, VERIFIED))
    };
    let other = |unit: &'static str| [("worker", "9"), ("worker.unit", unit), ("reason", "log-1")];
    assert_eq!(recuse((VILLAGE, "worker"), &[("reason", "log-1")]), "decided Recuse");
    assert_eq!(recuse((VILLAGE, "worker"), &other("511902-supervision")), "command.recuse", "an inspector");
    assert_eq!(recuse((TOWN, "leader"), &other("511902-supervision")), "command.recuse", "not theirs");
    assert_eq!(recuse((TOWN, "leader"), &other(VILLAGE)), "decided Recuse");
    assert_eq!(recuse((TOWN, "handler"), &other(VILLAGE)), "command.recuse");
}

#[test]
fn nobody_gives_themselves_time_in_the_place_of_whoever_is_away() {
    let pack = bazhou();
    let mut story = Story::new(&pack, REGISTERED).with(&[
        ("category", "roads"),
        ("place", VILLAGE),
        ("severity", "light"),
    ]);
    story.intake();
    story.settle(LATER).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], LATER).expect("taken on");
    let asked = [("days", "5"), ("reason", "log-1")];
    story.command_of("1", "ask_extension", (VILLAGE, "worker"), &asked, LATER).expect("asked");
    let in_place = [("for", "7")];
    let extended = story.command_of("1", "extend", (TOWN, "leader"), &in_place, LATER);
    assert_eq!(rule(extended), "extension.own");
    let stilled = [("reason", "season"), ("days", "9"), ("for", "7")];
    assert_eq!(rule(story.command_of("1", "suspend", (TOWN, "leader"), &stilled, LATER)), "suspension.own");
    let own = story.command_of("1", "extend", (TOWN, "leader"), &[], LATER);
    assert_eq!(rule(own), "extension.own", "nor in their own place, whatever they are");
    let other = story.command_of("2", "extend", (TOWN, "leader"), &in_place, LATER);
    assert_eq!(rule(other), "decided Extend", "a colleague who stands in does");
}

#[test]
fn triage_has_the_time_of_triage_where_nobody_can_be_named() {
    let pack = bazhou();
    let mut story = Story::new(&pack, REGISTERED).with(&[("category", "dispute")]);
    story.case.author_unit = None;
    let intake = story.intake();
    let settled = story.settle(LATER).unwrap_or_else(|| intake.clone());
    assert_eq!(settled.step, "triage");
    let days = (settled.due.duration_since(at(REGISTERED)).as_hours() + 23) / 24;
    assert!(days <= 16, "15 days to say whether it is accepted, not {days}: {settled:?}");
}

#[test]
fn twenty_minutes_over_midnight_are_twenty_minutes() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light"), ("urgency", "danger")];
    let mut story = Story::new(&pack, REGISTERED).with(&fields);
    story.intake();
    story.dispatch(LATER).expect("sent out");
    story.settle("2025-03-03T10:30:00+08:00");
    let before = story.log.last().expect("decided").clone();
    assert_eq!(before.step, "handle");
    let stilled = [("reason", "season"), ("days", "5")];
    story
        .command_of("7", "suspend", (TOWN, "leader"), &stilled, "2025-03-03T23:50:00+08:00")
        .expect("stands");
    let resumed =
        story.command_of("7", "resume", (TOWN, "leader"), &[], "2025-03-04T00:10:00+08:00").expect("goes on");
    assert_eq!(resumed.directive, Directive::Resume);
    assert_eq!(resumed.due.duration_since(before.due).as_mins(), 20, "{before:?}");
}
