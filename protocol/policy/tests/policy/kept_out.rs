//! Inside a compartment nobody gets back what they were kept out of: not after a review, a pause or a new beginning.

use std::collections::BTreeSet;

use doorstep_policy::{Decision, Pack, replay};

use crate::closing::{ASKED, LATER, SIGNED, signature};
use crate::story::{Story, bazhou};

const REGISTERED: &str = "2025-03-03T10:00:00+08:00";
const SETTLED: &str = "2025-03-03T10:05:00+08:00";
const DISCIPLINE: &str = "511902-discipline";
const LEADER: &str = "511902-leader";
const WHY: [(&str, &str); 1] = [("reason", "log-1")];
/// The centre says that nobody else of the office sees it.
const LAST: [(&str, &str); 2] = [("reason", "log-1"), ("worker.alone", "yes")];

/// A complaint that the discipline office has taken on.
fn taken_on(pack: &Pack) -> Story<'_> {
    let fields = [("category", "conduct"), ("subject", "王敏")];
    let mut story = Story::new(pack, REGISTERED).with(&fields);
    story.intake();
    story.settle(SETTLED);
    story.command_of("1", "accept", (DISCIPLINE, "handler"), &[], SETTLED).expect("taken on");
    assert_eq!(story.log.last().and_then(|last| last.unit.as_deref()), Some(DISCIPLINE));
    story
}

/// Looked into, signed, and waiting to be archived.
fn closed(pack: &Pack) -> Story<'_> {
    let mut story = taken_on(pack);
    story.command_of("1", "claim", (DISCIPLINE, "handler"), &[], SETTLED).expect("claimed");
    let pass = [("result", "pass")];
    story.command_of("2", "verify", (DISCIPLINE, "inspector"), &pass, SETTLED).expect("verified");
    let four = [
        ("person", "1", DISCIPLINE, "handler"),
        ("handler", "1", DISCIPLINE, "handler"),
        ("leader", "7", DISCIPLINE, "leader"),
        ("principal_leader", "8", DISCIPLINE, "leader"),
    ];
    story.case.proofs.signatures = four.map(signature).into();
    let closed = story.settle(SIGNED).expect("signed");
    assert_eq!(
        (closed.step.as_str(), closed.life.handlers.as_slice()),
        ("archive", [DISCIPLINE.into()].as_slice())
    );
    story
}

fn with_the_leader(decision: &Decision, step: &str) {
    assert_eq!((decision.step.as_str(), decision.unit.as_deref()), (step, Some(LEADER)));
    assert_eq!(decision.audience.units, BTreeSet::from([LEADER.to_owned()]));
    assert!(decision.audience.excluded_units.contains(DISCIPLINE));
    assert!(!decision.co_units.contains(&DISCIPLINE.to_owned()));
}

/// Whom it names turns out to be of the office: it is reviewed by whoever stands in for that, as an open one goes there.
#[test]
fn a_closed_complaint_about_the_office_that_had_it_is_reviewed_by_another() {
    let pack = bazhou();
    for (by_text, archived) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut story = closed(&pack);
        if archived {
            story.tick();
        }
        let step = if archived { "archived" } else { "archive" };
        match by_text {
            true => story.set("subject", DISCIPLINE),
            false => story.case.subject_units = [DISCIPLINE.to_owned()].into(),
        }
        let now = "2025-06-02T09:00:00+08:00";
        let review = story.settle(now).expect("reviewed");
        with_the_leader(&review, "review");
        assert!(
            review
                .reasons
                .iter()
                .any(|reason| reason.inputs.get("changed").is_some_and(|of| of == "subject"))
        );
        assert_eq!(story.settle(now), None, "once");
        let keep = [("decision", "keep"), ("reason", "log-1")];
        let kept =
            story.command_of("9", "amend", (LEADER, "leader"), &keep, now).expect("the leader decides");
        with_the_leader(&kept, step);
        let open = story.command_of("9", "reopen", (LEADER, "leader"), &WHY, now).expect("after all");
        with_the_leader(&open, "handle");
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
    // Where somebody else's unit becomes known, nothing is asked again.
    let mut story = closed(&pack);
    story.case.subject_units = ["511902-water".to_owned()].into();
    assert_eq!(story.settle(ASKED), None);
}

#[test]
fn what_an_office_has_recused_itself_from_does_not_come_back_to_it() {
    let pack = bazhou();
    let sixty = [("reason", "season"), ("days", "60")];
    for by_timer in [true, false] {
        let mut story = taken_on(&pack);
        story.command_of("7", "suspend", (DISCIPLINE, "leader"), &sixty, SIGNED).expect("suspended");
        let left = story.command_of("1", "recuse", (DISCIPLINE, "handler"), &LAST, ASKED).expect("concerned");
        with_the_leader(&left, "suspended");
        assert_eq!(left.life.parked.as_ref().map(|parked| parked.unit.as_str()), Some(LEADER));
        let resumed = match by_timer {
            true => story.tick(),
            false => story.command_of("9", "resume", (LEADER, "leader"), &[], LATER).expect("goes on"),
        };
        with_the_leader(&resumed, "handle");
        assert_eq!(resumed.tier.code(), "district");
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
    let mut story = closed(&pack);
    let left = story.command_of("1", "recuse", (DISCIPLINE, "handler"), &LAST, ASKED).expect("concerned");
    with_the_leader(&left, "archive");
    let open = story.command_of("9", "reopen", (LEADER, "leader"), &WHY, LATER).expect("after all");
    with_the_leader(&open, "handle");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}
