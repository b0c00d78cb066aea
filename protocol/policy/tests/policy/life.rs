//! The life of a case: intake, routes, amendments, ladders, commands, migration, replay.

use std::collections::BTreeSet;

use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou, changed};
use doorstep_policy::{Cause, Decision, Directive, Pack, Tier, replay};

const MORNING: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";

fn units(decision: &Decision) -> BTreeSet<&str> {
    decision.audience.units.iter().map(String::as_str).collect()
}

#[test]
fn from_its_first_commit_a_case_has_an_owner_a_step_and_a_due_time() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING);
    let intake = story.intake();
    assert_eq!((intake.epoch, intake.n, intake.directive), (1, 1, Directive::Accept));
    assert_eq!((intake.unit.as_deref(), intake.step.as_str()), (Some(CENTRE), "triage"));
    assert_eq!(intake.due, at("2025-03-18T23:59:59+08:00"));
    assert_eq!(units(&intake), BTreeSet::from(["511902-intake", CENTRE]));
    assert!(intake.audience.author);
    assert_eq!(story.decide(Cause::Intake, LATER), Ok(None), "a second intake is nothing new");
}

#[test]
fn the_same_digest_decides_nothing_and_an_edit_that_policy_does_not_read_stays_silent() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "water"), ("place", VILLAGE)]);
    story.intake();
    assert!(story.settle(LATER).is_some());
    assert_eq!(story.settle(NEXT_DAY), None);
    story.set("tags", "pond");
    assert_eq!(story.settle(NEXT_DAY), None);
    assert_eq!(story.decide(Cause::Review { id: "r1".into() }, NEXT_DAY), Ok(None));
}

#[test]
fn a_late_edit_amends_says_what_changed_and_routes_anew() {
    let pack = bazhou();
    let mut story =
        Story::new(&pack, MORNING).with(&[("category", "water"), ("place", VILLAGE), ("severity", "light")]);
    story.intake();
    assert_eq!(story.settle(LATER).expect("assigned").unit.as_deref(), Some(VILLAGE));
    story.set("severity", "heavy");
    let amended = story.settle(NEXT_DAY).expect("amended");
    assert_eq!((amended.directive, amended.tier), (Directive::Amend, Tier::Department));
    let changed: Vec<_> =
        amended.changed.iter().map(|c| (c.field.as_str(), c.from.as_str(), c.to.as_str())).collect();
    assert_eq!(changed, [("severity", "light", "heavy"), ("unit", VILLAGE, "511902-water")]);
}

#[test]
fn a_digest_that_comes_back_is_a_new_cause() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "water"), ("place", VILLAGE)]);
    let first = story.settle(LATER).expect("assigned");
    story.set("category", "roads");
    story.settle(NEXT_DAY).expect("amended");
    story.set("category", "water");
    let back = story.settle(NEXT_DAY).expect("amended back");
    assert_eq!((first.cause.key(), first.digest.as_str()), (back.cause.key(), back.digest.as_str()));
    assert_ne!(first.cause_key(), back.cause_key());
}

#[test]
fn an_amendment_that_does_not_touch_the_route_lets_a_referral_stand() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "dispute"), ("place", VILLAGE)]);
    story.intake();
    story.settle(LATER);
    let refer = [("unit", "511902-justice"), ("reason", "mediation")];
    story.command("refer", (TOWN, "worker"), &refer, NEXT_DAY).expect("the town refers");
    story.set("urgency", "soon");
    let amended = story.settle("2025-03-05T09:00:00+08:00").expect("amended");
    assert_eq!(amended.unit.as_deref(), Some("511902-justice"));
    assert!(amended.reasons.iter().any(|r| r.rule == "route-stands"));
    story.set("place", "511902104");
    let moved = story.settle("2025-03-06T09:00:00+08:00").expect("amended");
    assert_eq!(moved.unit.as_deref(), Some("511902104"));
    assert!(!moved.audience.author, "what a referral took, an amendment does not give back");
}

#[test]
fn urgent_and_disputed_goes_to_the_union_and_a_dispute_never_settles() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "roads"), ("urgency", "danger")]);
    story.dispute("place", &[Some("511902104"), Some(VILLAGE), None]);
    story.intake();
    assert!(pack.settle(&story.case).urgent);
    let dispatched = story.dispatch(MORNING).expect("dispatched");
    assert_eq!(dispatched.unit.as_deref(), Some("511902104"));
    assert_eq!(dispatched.co_units, ["511902-emergency", "511902-intake", "511902-transport", TOWN]);
    assert_eq!(dispatched.due, at("2025-03-04T10:00:00+08:00"));
    let digest = story.case.digest(pack.reads());
    let refused = story.decide(Cause::Settled { digest }, LATER).expect_err("disputed");
    assert_eq!(refused.rule, "settle-disputed");
}

#[test]
fn what_is_not_urgent_on_any_side_waits() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "roads")]);
    let digest = story.case.digest(pack.reads());
    let refused = story.decide(Cause::Provisional { digest }, LATER).expect_err("not urgent");
    assert_eq!(refused.rule, "settle.urgent");
    story.dispute("urgency", &[Some("normal"), Some("danger")]);
    assert!(story.dispatch(LATER).is_some(), "one side says danger");
}

#[test]
fn a_dispute_goes_back_to_what_was_settled_and_ends_the_provisional_dispatch() {
    let pack = bazhou();
    let mut story =
        Story::new(&pack, MORNING).with(&[("category", "water"), ("place", VILLAGE), ("urgency", "urgent")]);
    story.settle(LATER).expect("assigned");
    story.dispute("place", &[Some(VILLAGE), Some("511902104")]);
    let union = story.dispatch(NEXT_DAY).expect("dispatched");
    assert!(union.co_units.contains(&TOWN.to_owned()), "{:?}", union.co_units);
    story.set("place", VILLAGE);
    let back = story.settle(NEXT_DAY).expect("the union ends, although this digest was settled before");
    assert_eq!(
        (back.unit.as_deref(), back.co_units.as_slice()),
        (Some(TOWN), ["511902-water".to_owned()].as_slice())
    );
}

#[test]
fn a_ladder_climbs_in_order_without_skip_or_repeat_and_never_ends() {
    let pack = bazhou();
    let mut story =
        Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE), ("severity", "light")]);
    story.intake();
    story.settle(LATER);
    let climbed: Vec<(String, Option<String>)> =
        (0..13).map(|_| story.tick()).map(|d| (d.directive.to_string(), d.unit)).collect();
    let expected = [
        ("remind", VILLAGE),
        ("supervise", VILLAGE),
        ("escalate", TOWN),
        ("remind", TOWN),
        ("supervise", TOWN),
        ("escalate", "511902-leader"),
        ("remind", "511902-leader"),
        ("supervise", "511902-leader"),
        ("overdue", "511902-leader"),
        ("overdue", "511902-leader"),
        ("overdue", "511902-leader"),
        ("overdue", "511902-leader"),
        ("overdue", "511902-leader"),
    ];
    assert_eq!(climbed, expected.map(|(d, u)| (d.to_owned(), Some(u.to_owned()))));
    assert!(story.log.windows(2).all(|w| w[0].at <= w[1].at), "time does not run backward");
    let causes: BTreeSet<String> = story.log.iter().map(Decision::cause_key).collect();
    assert_eq!(causes.len(), story.log.len(), "each cause is decided once");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn stale_early_and_out_of_order_timers_do_nothing() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE)]);
    let intake = story.intake();
    let old = intake.timers[0].clone();
    let assigned = story.settle(LATER).expect("assigned");
    let stale = Cause::Timer { id: old.id, generation: old.generation };
    assert_eq!(story.decide(stale, &old.at.to_string()), Ok(None));
    let fire = |i: usize| {
        let t = assigned.timers[i].clone();
        (Cause::Timer { id: t.id, generation: t.generation }, t.at.to_string())
    };
    let (second, when) = fire(1);
    assert_eq!(story.decide(second, &when).expect_err("not before the first").rule, "ladder-order");
    let (first, _) = fire(0);
    assert_eq!(story.decide(first, LATER).expect_err("not yet").rule, "ladder-early");
}

#[test]
fn claiming_replaces_the_ladder_by_verification() {
    let pack = bazhou();
    let mut story =
        Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE), ("severity", "light")]);
    story.intake();
    assert_eq!(
        story.command("claim", (CENTRE, "desk"), &[], LATER).expect_err("in triage").rule,
        "command.claim"
    );
    story.settle(LATER);
    assert_eq!(
        story.command("accept", (VILLAGE, "worker"), &[], NEXT_DAY).expect("taken on").directive,
        Directive::TakeOn
    );
    let claimed = story.command("claim", (VILLAGE, "worker"), &[], NEXT_DAY).expect("claimed");
    assert_eq!((claimed.step.as_str(), claimed.unit.as_deref()), ("verify", Some(VILLAGE)));
    assert_eq!(claimed.due, at("2025-03-11T23:59:59+08:00"));
    assert!(claimed.timers.iter().all(|t| t.generation == claimed.n));
    assert_eq!(story.tick().directive, Directive::Remind);
    let again = story.command("claim", (VILLAGE, "worker"), &[], NEXT_DAY);
    assert_eq!(again.expect_err("claimed already").rule, "command.claim");
}

#[test]
fn who_is_named_in_a_lead_sees_nothing_whatever_side_names_him() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "conduct")]);
    story.dispute("subject", &[Some("511902-discipline"), Some("511902-water")]);
    let intake = story.intake();
    assert_eq!(units(&intake), BTreeSet::from(["511902-leader"]));
    let excluded = BTreeSet::from(["511902-discipline".to_owned(), "511902-water".to_owned()]);
    assert_eq!(intake.audience.excluded_units, excluded);
    assert_eq!(intake.audience.compartment.as_deref(), Some("discipline"));
    let refused = story.command("accept", ("511902-water", "desk"), &[], LATER).expect_err("concerned");
    assert_eq!(refused.rule, "concerned");
    for _ in 0..6 {
        let tick = story.tick();
        assert_eq!(units(&tick), BTreeSet::from(["511902-leader"]), "no timer opens a compartment");
    }
}

#[test]
fn a_unit_that_has_ended_is_replaced_by_the_one_above_it() {
    let row = format!("{VILLAGE},金凤村民委员会,village,{TOWN},,");
    let ended = format!("{row}2025-03-04");
    let pack = Pack::load(&changed("units.csv", &row, &ended)).expect("loads");
    let mut story =
        Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE), ("severity", "light")]);
    assert_eq!(story.settle(LATER).expect("assigned").unit.as_deref(), Some(VILLAGE));
    story.set("channel", "scan");
    let after = story.settle(NEXT_DAY).expect("amended");
    assert_eq!(after.unit.as_deref(), Some(TOWN));
    assert!(after.reasons.iter().any(|r| r.rule == "place-ended"));
}

#[test]
fn a_version_moves_standing_decisions_only_when_told_to() {
    let old = bazhou();
    let mut story =
        Story::new(&old, MORNING).with(&[("category", "roads"), ("place", VILLAGE), ("severity", "light")]);
    story.intake();
    story.settle(LATER);
    let mut files = changed("policy.toml", "version = \"2026.6\"", "version = \"2027.1\"");
    let policy = files.0.get_mut("policy.toml").expect("the policy");
    *policy = policy.replacen("to = \"village\"", "to = \"town\"", 1);
    let new = Pack::load(&files).expect("loads");
    story.pack = &new;
    assert_eq!(story.settle(NEXT_DAY), None, "a new version alone decides nothing");
    let wrong = Cause::PolicyMigration { version: "bazhou@2030.1".into() };
    assert_eq!(story.decide(wrong, NEXT_DAY).expect_err("another version").rule, "migration-version");
    let cause = Cause::PolicyMigration { version: new.id().into() };
    let moved = story.decide(cause.clone(), NEXT_DAY).expect("allowed").expect("moved");
    assert_eq!((moved.directive, moved.unit.as_deref()), (Directive::Migrate, Some(TOWN)));
    assert_eq!(story.decide(cause, NEXT_DAY), Ok(None));
}

/// What was promised stands under a stricter version, and whoever migrates is told what that would have said.
#[test]
fn a_deadline_that_was_promised_stands_and_the_other_is_written_beside_it() {
    let old = bazhou();
    let mut story =
        Story::new(&old, MORNING).with(&[("category", "roads"), ("place", VILLAGE), ("severity", "light")]);
    let before = story.settle(LATER).expect("assigned");
    let mut files = changed("policy.toml", "version = \"2026.6\"", "version = \"2027.1\"");
    let policy = files.0.get_mut("policy.toml").expect("the policy");
    let small = "id = \"small\"\nfrom = \"registration\"\ndue = { village = { days = 15 }";
    assert!(policy.contains(small), "the class of small things");
    *policy = policy.replacen(small, &small.replace("15", "7"), 1);
    let new = Pack::load(&files).expect("loads");
    story.pack = &new;
    let cause = Cause::PolicyMigration { version: new.id().into() };
    let moved = story.decide(cause, NEXT_DAY).expect("allowed").expect("moved");
    let eight_days = 8 * 24 * 60 * 60;
    assert_eq!((moved.due, &moved.timers), (before.due, &before.timers));
    let counted = doorstep_policy::counted_due(&moved).expect("said");
    assert_eq!(before.due.as_second() - counted.as_second(), eight_days);
    assert_eq!(doorstep_policy::counted_due(&before), None);
}

#[test]
fn a_decision_survives_json_and_other_kinds_are_not_decided() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE)]);
    story.intake();
    let assigned = story.settle(LATER).expect("assigned");
    let json = serde_json::to_string(&assigned).expect("serialises");
    assert_eq!(serde_json::from_str::<Decision>(&json).expect("parses"), assigned);
    story.case.kind = "visit".into();
    story.log.clear();
    assert_eq!(story.decide(Cause::Intake, MORNING), Ok(None));
}

#[test]
fn no_ladder_leads_out_of_a_compartment() {
    let files = changed("policy.toml", "ladder = \"verify\"", "ladder = \"standard\"");
    let pack = Pack::load(&files).expect("loads");
    let mut story = Story::new(&pack, MORNING).with(&[("category", "conduct"), ("place", VILLAGE)]);
    story.intake();
    story.settle(LATER);
    story.command("claim", ("511902-discipline", "desk"), &[], NEXT_DAY).expect("its own unit claims");
    let directives: Vec<Directive> = (0..4).map(|_| story.tick().directive).collect();
    assert_eq!(directives, [Directive::Remind, Directive::Supervise, Directive::Overdue, Directive::Overdue]);
    let last = story.log.last().expect("ticked");
    assert_eq!(
        (last.unit.as_deref(), units(last)),
        (Some("511902-discipline"), ["511902-discipline"].into())
    );
    assert!(last.audience.compartment.is_some() && !last.audience.author);
}

#[test]
fn a_referral_out_of_triage_stands_when_the_case_settles() {
    let pack = bazhou();
    let mut story =
        Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE), ("severity", "light")]);
    story.intake();
    let refer = [("unit", "511902-transport"), ("reason", "a county road")];
    let referred = story.command("refer", (CENTRE, "desk"), &refer, LATER).expect("the centre refers");
    assert_eq!((referred.step.as_str(), referred.audience.author), ("handle", false));
    let assigned = story.settle(NEXT_DAY).expect("assigned");
    assert_eq!(
        (assigned.unit.as_deref(), assigned.routed.unit.as_str()),
        (Some("511902-transport"), VILLAGE)
    );
    assert!(assigned.reasons.iter().any(|r| r.rule == "referral-stands"));
    story.set("severity", "medium");
    let moved = story.settle("2025-03-05T09:00:00+08:00").expect("amended");
    assert_eq!(moved.unit.as_deref(), Some(TOWN), "the route itself changed");
}

#[test]
fn what_an_earlier_engine_decided_stands_and_is_not_asked_again() {
    let pack = bazhou();
    let mut story = Story::new(&pack, "2026-03-02T10:00:00+08:00").with(&[("category", "water")]);
    story.intake();
    let mut log = story.log.clone();
    log[0].unit = Some("511902-water".into());
    assert_eq!(replay(&pack, &log), Err(vec![1]), "today's engine decides otherwise");
    log[0].engine -= 1;
    assert_eq!(replay(&pack, &log), Ok(()));
}
