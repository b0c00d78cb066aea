//! Clocks that stand still, and reviews in between: no time is lost, none is won, and no step of a ladder is put off.

use doorstep_policy::{Cause, Decision, Directive, Pack, replay};

use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou};

const MORNING: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";
const LEADER: (&str, &str) = (TOWN, "leader");
const SIXTY: [(&str, &str); 2] = [("reason", "season"), ("days", "60")];

pub(crate) fn taken_on(pack: &Pack) -> Story<'_> {
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(pack, MORNING).with(&fields);
    story.intake();
    story.settle(LATER).expect("assigned");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], LATER).expect("taken on");
    story
}

/// New facts that would take it elsewhere, and a reviewer who decides.
fn reviewed(story: &mut Story<'_>, severity: &str, what: &str, now: &str) -> Decision {
    story.set("severity", severity);
    let review = story.settle(now).expect("reviewed");
    assert_eq!(review.step, "review");
    let by = review.unit.as_deref().expect("whoever took it in");
    let decision = [("decision", what), ("reason", "log-1")];
    story.command_of("c", "amend", (by, "reviewer"), &decision, now).expect("decided")
}

fn ids(decision: &Decision) -> Vec<&str> {
    decision.timers.iter().map(|timer| timer.id.as_str()).collect()
}

#[test]
fn a_review_does_not_end_a_suspension() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    let before = story.log.last().expect("taken on").clone();
    let suspended = story.command_of("7", "suspend", LEADER, &SIXTY, NEXT_DAY).expect("suspended");
    let kept = reviewed(&mut story, "heavy", "keep", "2025-03-10T09:00:00+08:00");
    assert_eq!((kept.step.as_str(), kept.due), ("suspended", suspended.due), "until when it was given for");
    assert_eq!((ids(&kept), &kept.life.parked), (vec!["life.resume"], &suspended.life.parked));
    let resumed = story.tick();
    assert_eq!((resumed.directive, resumed.step.as_str()), (Directive::Resume, "handle"));
    assert_eq!(resumed.due, at("2025-05-19T23:59:59+08:00"), "60 days and a weekend after {}", before.due);
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn what_stood_still_until_the_review_was_over_is_given_back() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    let two = [("reason", "season"), ("days", "2")];
    story.command_of("7", "suspend", LEADER, &two, NEXT_DAY).expect("suspended");
    story.set("severity", "heavy");
    story.settle("2025-03-05T09:00:00+08:00").expect("reviewed");
    let keep = [("decision", "keep"), ("reason", "log-1")];
    let late = "2025-03-10T09:00:00+08:00";
    let kept = story.command_of("c", "amend", (CENTRE, "reviewer"), &keep, late).expect("kept");
    assert_eq!((kept.step.as_str(), kept.due), ("handle", at("2025-03-20T23:59:59+08:00")), "two days");
    let mut story = taken_on(&pack);
    story.command_of("7", "suspend", LEADER, &SIXTY, NEXT_DAY).expect("suspended");
    let moved = reviewed(&mut story, "heavy", "approve", "2025-03-14T09:00:00+08:00");
    assert_eq!((moved.unit.as_deref(), moved.life.parked.as_ref()), (Some("511902-transport"), None));
    assert_eq!(
        moved.due,
        at("2025-05-16T23:59:59+08:00"),
        "60 days after a holiday, and the ten that stood still"
    );
}

#[test]
fn a_review_puts_no_step_of_the_ladder_off_and_repeats_none() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    let warned = story.tick();
    let supervised = story.tick();
    assert_eq!((warned.directive, supervised.directive), (Directive::Remind, Directive::Supervise));
    let kept = reviewed(&mut story, "heavy", "keep", "2025-03-20T09:00:00+08:00");
    assert_eq!(ids(&kept), ["escalate", "overdue"], "warned and supervised already");
    let times = |d: &Decision| d.timers.iter().map(|timer| timer.at).collect::<Vec<_>>();
    assert_eq!(times(&kept), times(&supervised), "not a day later");
    // What came due meanwhile comes at once.
    let late = "2025-03-25T09:00:00+08:00";
    let kept = reviewed(&mut story, "medium", "keep", late);
    assert_eq!((ids(&kept), kept.timers[0].at), (vec!["escalate", "overdue"], at(late)));
    assert_eq!(story.tick().directive, Directive::Escalate);
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn a_suspension_moves_the_steps_that_are_left_by_as_long_as_it_was() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    let warned = story.tick();
    assert_eq!(warned.directive, Directive::Remind);
    let ten = [("reason", "season"), ("days", "10")];
    let now = warned.at.to_string();
    story.command_of("7", "suspend", LEADER, &ten, &now).expect("suspended");
    let resumed = story.tick();
    assert_eq!(ids(&resumed), ["supervise", "escalate", "overdue"], "warned already");
    let moved = warned.due.duration_until(resumed.due);
    for (was, is) in warned.timers.iter().zip(&resumed.timers) {
        assert_eq!(was.at.duration_until(is.at), moved, "{}", is.id);
    }
}

#[test]
fn what_is_overdue_is_not_suspended() {
    let pack = bazhou();
    let mut story = taken_on(&pack);
    let overdue = "2025-03-19T09:00:00+08:00";
    let late = story.command_of("7", "suspend", LEADER, &SIXTY, overdue).expect_err("overdue");
    assert_eq!(late.rule, "suspension.late");
    let cause = Cause::Timer { id: "warn".into(), generation: 2 };
    let warned = story.decide(cause, overdue).expect("in order").expect("not stale");
    assert_eq!(warned.step, "handle", "the case stands as it was");
}

/// One extension of a deadline: where that is counted anew the extension is not used up, and where it runs on it is.
#[test]
fn a_deadline_that_is_counted_anew_may_be_extended() {
    let pack = bazhou();
    let thirty = [("days", "30"), ("reason", "weather")];
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(&pack, MORNING).with(&fields);
    story.intake();
    story.command_of("7", "extend", LEADER, &thirty, LATER).expect("in triage");
    story.settle(LATER).expect("assigned");
    let extended =
        story.command_of("7", "extend", LEADER, &thirty, NEXT_DAY).expect("the village has a new one");
    let twice = story.command_of("7", "extend", LEADER, &thirty, NEXT_DAY);
    assert_eq!(twice.expect_err("once").rule, "extension.once");
    story.set("place", "511902104001");
    let moved = story.settle(NEXT_DAY).expect("nobody has taken it on");
    assert!(moved.due < extended.due, "counted anew");
    let other = ("511902104", "leader");
    story.command_of("8", "extend", other, &thirty, NEXT_DAY).expect("it has a deadline of its own");
    // What is passed on takes its deadline along; a review that keeps it, too.
    let to = [("unit", VILLAGE), ("reason", "log-1")];
    story.command_of("8", "refer", other, &to, NEXT_DAY).expect("referred");
    let twice = story.command_of("7", "extend", LEADER, &thirty, NEXT_DAY);
    assert_eq!(twice.expect_err("once").rule, "extension.once");
    story.command_of("1", "accept", (VILLAGE, "worker"), &[], NEXT_DAY).expect("taken on");
    reviewed(&mut story, "heavy", "keep", "2025-03-06T09:00:00+08:00");
    let twice = story.command_of("7", "extend", LEADER, &thirty, "2025-03-06T09:00:00+08:00");
    assert_eq!(twice.expect_err("once").rule, "extension.once");
}

#[test]
fn an_end_that_was_reviewed_is_an_end_again() {
    let pack = bazhou();
    let mut story = crate::closing::closed(&pack);
    let now = "2025-03-10T09:00:00+08:00";
    let satisfied = [("answer", "satisfied")];
    story.command_of("5", "callback", (CENTRE, "handler"), &satisfied, now).expect("asked");
    let holds = [("result", "holds")];
    story.command_of("6", "look_back", ("511902-supervision", "inspector"), &holds, now).expect("holds");
    let archived = story.tick();
    assert!(archived.step == "archived" && archived.timers.is_empty());
    let kept = reviewed(&mut story, "heavy", "keep", "2025-06-01T09:00:00+08:00");
    assert_eq!((kept.step.as_str(), kept.timers.len(), kept.due), ("archived", 0, archived.due));
}
