//! What is urgent does not wait; it takes nothing from people who work on it, and wins nobody time.

use doorstep_policy::{Decision, Directive, Pack, replay};

use crate::story::{Story, TOWN, VILLAGE, bazhou};

const MORNING: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const NOON: &str = "2025-03-03T12:00:00+08:00";
const EVENING: &str = "2025-03-03T18:00:00+08:00";
const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";

/// Water, urgent, dispatched to the town and confirmed.
fn sent(pack: &Pack) -> Story<'_> {
    let fields = [("category", "water"), ("place", VILLAGE), ("severity", "light"), ("urgency", "urgent")];
    let mut story = Story::new(pack, MORNING).with(&fields);
    story.intake();
    assert_eq!(story.dispatch(MORNING).expect("dispatched").unit.as_deref(), Some(TOWN));
    story.settle(LATER).expect("confirmed");
    story
}

fn taken_on(pack: &Pack) -> Story<'_> {
    let mut story = sent(pack);
    story.command_of("1", "accept", (TOWN, "handler"), &[], LATER).expect("taken on");
    story
}

fn last(story: &Story<'_>) -> Decision {
    story.log.last().expect("decided").clone()
}

#[test]
fn an_edit_that_changes_nothing_for_whoever_has_it_moves_no_deadline() {
    let pack = bazhou();
    for mut story in [sent(&pack), taken_on(&pack)] {
        let before = last(&story);
        for severity in ["medium", "heavy", "light"] {
            story.set("severity", severity);
            story.dispatch(NOON);
            story.settle(EVENING).expect("the facts are taken down");
            let now = last(&story);
            assert_eq!((now.due, &now.timers, &now.unit), (before.due, &before.timers, &before.unit));
            assert_eq!(now.life, before.life);
        }
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
}

#[test]
fn danger_sends_others_to_help_at_once_and_leaves_the_case_with_whoever_took_it_on() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    let before = last(&story);
    story.set("urgency", "danger");
    let helped = story.dispatch(NOON).expect("the emergency office is sent");
    assert_eq!((helped.directive, helped.unit.as_deref()), (Directive::Provisional, Some(TOWN)));
    assert_eq!(helped.co_units, ["511902-emergency", "511902-water"]);
    assert!(helped.audience.units.contains("511902-emergency"));
    assert_eq!((helped.due, &helped.timers, &helped.life), (before.due, &before.timers, &before.life));
    let settled = story.settle(NOON).expect("taken down");
    assert_eq!((settled.directive, &settled.life), (Directive::Amend, &before.life));
    assert_eq!((settled.due, &settled.co_units), (before.due, &helped.co_units));
}

#[test]
fn urgent_elsewhere_is_reviewed_where_somebody_has_taken_it_on() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    story.set("place", "511902104");
    let helped = story.dispatch(NOON).expect("the other town is sent to help");
    assert_eq!((helped.unit.as_deref(), helped.life.worker.as_deref()), (Some(TOWN), Some("1")));
    assert!(helped.co_units.iter().any(|unit| unit == "511902104"));
    assert_eq!(story.settle(EVENING).expect("reviewed").directive, Directive::Review);
}

#[test]
fn what_is_claimed_suspended_or_under_review_goes_on_when_somebody_has_looked() {
    let pack = bazhou();
    let mut claimed = taken_on(&pack);
    claimed.command_of("1", "claim", (TOWN, "handler"), &[], NOON).expect("claimed");
    let mut suspended = taken_on(&pack);
    let season = [("reason", "season"), ("days", "20")];
    suspended.command_of("7", "suspend", (TOWN, "leader"), &season, NOON).expect("suspended");
    for mut story in [claimed, suspended] {
        let before = last(&story);
        story.set("place", "511902104");
        let helps = story.dispatch(EVENING).is_some();
        assert_eq!(helps, before.step == "verify", "nobody joins what is suspended");
        let review = story.settle(EVENING).expect("reviewed");
        assert_eq!((review.directive, review.step.as_str()), (Directive::Review, "review"));
        story.set("severity", "heavy");
        assert_eq!(story.dispatch(NEXT_DAY), None, "under review");
        assert_eq!(last(&story).life.parked, review.life.parked);
        let keep = [("decision", "keep"), ("reason", "log-1")];
        let by = (review.unit.as_deref().expect("a reviewer"), "reviewer");
        let kept = story.command_of("c", "amend", by, &keep, NEXT_DAY).expect("kept");
        assert_eq!((&kept.step, kept.unit.as_deref()), (&before.step, Some(TOWN)));
        assert_eq!(
            (&kept.life.claimed_by, &kept.life.worker),
            (&before.life.claimed_by, &before.life.worker)
        );
    }
}

#[test]
fn an_escalation_is_not_undone_by_an_edit() {
    let pack = bazhou();
    let mut story = sent(&pack);
    while story.tick().directive != Directive::Escalate {}
    let before = last(&story);
    story.set("severity", "heavy");
    let now = before.at.to_string();
    story.dispatch(&now);
    story.settle(&now);
    let after = last(&story);
    assert_eq!((&after.unit, after.due, &after.timers), (&before.unit, before.due, &before.timers));
}
