//! Before a case settles, and referrals at once: what people said first stands, and no way leads round the limit.

use doorstep_policy::{Directive, replay};

use crate::story::{CENTRE, Story, TOWN, VILLAGE, bazhou};

const MORNING: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";

/// Triage has said whose it is: that stands as a referral does, and whoever took it on goes on.
#[test]
fn what_triage_assigned_stands_when_the_case_settles() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let assigned = |accepted: bool| {
        let mut story = Story::new(&pack, MORNING).with(&fields);
        story.intake();
        story.command("assign", (CENTRE, "desk"), &[("unit", "511902-transport")], LATER).expect("assigned");
        if accepted {
            story.command("accept", ("511902-transport", "handler"), &[], LATER).expect("taken on");
        }
        let before = story.log.last().expect("assigned").clone();
        (story, before)
    };
    for accepted in [false, true] {
        let (mut story, before) = assigned(accepted);
        let settled = story.settle(NEXT_DAY).expect("settled");
        assert_eq!(
            (settled.directive, settled.unit.as_deref()),
            (Directive::Assign, Some("511902-transport"))
        );
        assert_eq!((settled.routed.unit.as_str(), settled.step.as_str()), (VILLAGE, "handle"));
        assert_eq!(settled.life, before.life);
        assert!(settled.reasons.iter().any(|r| r.rule == "referral-stands"));
        story.set("severity", "medium");
        let amended = story.settle("2025-03-05T09:00:00+08:00").expect("the route itself changed");
        let step = if accepted { "review" } else { "handle" };
        assert_eq!(amended.step, step, "reviewed where somebody has taken it on");
        assert_eq!(replay(&pack, &story.log), Ok(()));
        // An urgent edit before it settles sends help, and takes nothing away.
        let (mut story, before) = assigned(accepted);
        story.set("urgency", "urgent");
        let helped = story.dispatch(NEXT_DAY).expect("dispatched");
        assert_eq!((helped.unit.as_deref(), helped.due), (Some("511902-transport"), before.due));
        assert_eq!(helped.co_units, [TOWN]);
        let settled = story.settle(NEXT_DAY).expect("settled");
        assert_eq!((settled.unit.as_deref(), &settled.life), (Some("511902-transport"), &before.life));
    }
}

/// BZ-4: two referrals at once are no way round the limit, neither for who gives the second nor for who reviews it.
#[test]
fn the_limit_of_referrals_holds_for_whoever_crosses_one_and_whoever_reviews_that() {
    let pack = bazhou();
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let start = || {
        let mut story = Story::new(&pack, MORNING).with(&fields);
        story.intake();
        story.settle(LATER).expect("assigned");
        story
    };
    let to = |unit| [("unit", unit), ("reason", "log-1"), ("seen", "2")];
    let mut story = start();
    story.command("refer", (VILLAGE, "worker"), &to("511902-urban")[..2], NEXT_DAY).expect("once");
    let crossed =
        story.command("refer", (VILLAGE, "worker"), &to("511902-water"), NEXT_DAY).expect("reviewed");
    assert_eq!(crossed.step, "review");
    let approve = [("decision", "approve"), ("reason", "log-2")];
    let second = story.command_of("c", "amend", (CENTRE, "reviewer"), &approve, NEXT_DAY).expect("within it");
    assert_eq!((second.unit.as_deref(), second.referrals), (Some("511902-water"), 2));

    let twice = || {
        let mut story = start();
        story.command("refer", (VILLAGE, "worker"), &to("511902-urban")[..2], NEXT_DAY).expect("once");
        let water = to("511902-water");
        story.command("refer", ("511902-urban", "handler"), &water[..2], NEXT_DAY).expect("twice");
        story
    };
    let third = twice().command("refer", (VILLAGE, "worker"), &to("511902-transport"), NEXT_DAY);
    assert_eq!(third.expect_err("a third").rule, "referral.limit");
    let mut story = twice();
    story.command("refer", (VILLAGE, "leader"), &to("511902-transport"), NEXT_DAY).expect("a leader may");
    let passed = story.command_of("c", "amend", (CENTRE, "reviewer"), &approve, NEXT_DAY);
    assert_eq!(passed.expect_err("a reviewer may not").rule, "referral.limit");
    let led = story.command_of("l", "amend", ("511902-leader", "leader"), &approve, NEXT_DAY);
    assert_eq!(led.map(|d| d.referrals), Ok(3));
}

#[test]
fn what_was_not_accepted_before_it_settled_stays_closed() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "roads"), ("place", VILLAGE)]);
    story.intake();
    let why = [("reason", "no-authority"), ("answer", "log-1")];
    let over = story.command("refuse_acceptance", (CENTRE, "desk"), &why, LATER).expect("not accepted");
    let settled = story.settle(NEXT_DAY).expect("taken down");
    assert_eq!((&settled.step, &settled.life, settled.due), (&over.step, &over.life, over.due));
    assert_eq!(story.settle(NEXT_DAY), None);
}

#[test]
fn whoever_took_on_a_provisional_dispatch_goes_on_when_it_settles() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "roads"), ("urgency", "danger")]);
    story.dispute("place", &[Some("511902104"), Some(VILLAGE)]);
    story.intake();
    let sent = story.dispatch(MORNING).expect("dispatched");
    assert_eq!(sent.unit.as_deref(), Some("511902104"));
    let taken = story.command("accept", (TOWN, "handler"), &[], LATER).expect("whoever takes it on leads");
    assert_eq!(taken.unit.as_deref(), Some(TOWN));
    let mut elsewhere = Story { pack: &pack, case: story.case.clone(), log: story.log.clone() };
    story.set("place", VILLAGE);
    let settled = story.settle(NEXT_DAY).expect("confirmed");
    assert_eq!((settled.unit.as_deref(), &settled.life, settled.due), (Some(TOWN), &taken.life, taken.due));
    assert_eq!(settled.co_units, ["511902-emergency", "511902-transport"], "the union ends");
    elsewhere.set("place", "511902104");
    let review = elsewhere.settle(NEXT_DAY).expect("reviewed");
    assert_eq!((review.directive, &review.life.worker), (Directive::Review, &taken.life.worker));
}

/// A lead that was not accepted, of which something else is said later: nobody outside reviews what they may not see.
#[test]
fn what_is_over_in_a_compartment_is_reviewed_inside_it() {
    let pack = bazhou();
    let mut story = Story::new(&pack, MORNING).with(&[("category", "conduct")]);
    let taken_in = story.intake();
    let why = [("reason", "no-authority"), ("answer", "log-1")];
    let by = (taken_in.unit.as_deref().expect("its own unit"), "handler");
    story.command("refuse_acceptance", by, &why, LATER).expect("not accepted");
    story.settle(LATER).expect("taken down");
    story.set("category", "water");
    let review = story.settle(NEXT_DAY).expect("reviewed");
    assert_eq!((review.step.as_str(), &review.unit), ("review", &taken_in.unit));
    assert_eq!(review.audience, taken_in.audience);
}
