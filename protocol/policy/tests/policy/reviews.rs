//! What a review or a clock that stands still takes from nobody: signatures, sight, the hands it was in, what else was said.

use doorstep_policy::{Decision, Directive, How, Pack, replay};

use crate::closing::{ASKED, FOUR, LATER, SIGNED, closed, signature, verified};
use crate::story::{CENTRE, Story, TOWN, bazhou, changed};

const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";
const LEADER: &str = "511902-leader";
const SUPERVISION: &str = "511902-supervision";
const WATER: &str = "511902-water";

/// It turns out to come from a questionnaire, which would take it to the town.
fn under_review(story: &mut Story<'_>, now: &str) -> Decision {
    story.set("channel", "questionnaire");
    let review = story.settle(now).expect("reviewed");
    assert_eq!((review.directive, review.step.as_str()), (Directive::Review, "review"));
    review
}

fn decided(story: &mut Story<'_>, what: &str, now: &str) -> Decision {
    let args = [("decision", what), ("reason", "log-1")];
    story.command_of("c", "amend", (CENTRE, "reviewer"), &args, now).expect("the centre reviews")
}

fn sees(decision: &Decision, unit: &str) -> bool {
    decision.audience.units.contains(unit)
}

#[test]
fn what_was_signed_during_a_review_counts_when_it_is_over() {
    let pack = bazhou();
    for given in [3, 4] {
        let mut story = verified(&pack);
        let review = under_review(&mut story, SIGNED);
        assert!(sees(&review, LEADER), "whoever is to sign still sees it");
        story.case.proofs.signatures = FOUR[..given].iter().map(|of| signature(*of)).collect();
        assert_eq!(story.settle(SIGNED), None, "a person decides first");
        let kept = decided(&mut story, "keep", ASKED);
        assert_eq!(kept.life.signed.len(), given, "{:?}", kept.reasons);
        if given == 3 {
            assert_eq!((kept.directive, kept.step.as_str()), (Directive::Keep, "sign"));
            assert!(sees(&kept, LEADER) && kept.life.parked.is_none());
            story.case.proofs.signatures.push(signature(FOUR[3]));
            story.settle(LATER).expect("the last one");
        }
        let over = story.log.last().expect("closed");
        assert_eq!((over.directive, over.step.as_str()), (Directive::StrikeOff, "callback"));
        assert_eq!(over.life.closed.map(|closed| closed.how), Some(How::Signed));
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
}

#[test]
fn a_review_strikes_nothing_off_while_people_disagree_about_what_a_case_says() {
    let pack = bazhou();
    let mut story = verified(&pack);
    under_review(&mut story, SIGNED);
    story.case.proofs.signatures = FOUR.map(signature).into();
    story.case.proofs.disputed = ["outcome".to_owned()].into();
    assert_eq!(decided(&mut story, "keep", ASKED).step, "sign");
    story.case.proofs.disputed.clear();
    assert_eq!(story.settle(LATER).expect("decided by then").directive, Directive::StrikeOff);
}

#[test]
fn whoever_was_shown_a_case_sees_it_after_a_review_and_a_suspension() {
    let pack = bazhou();
    let delegate = [("role", "leader"), ("worker", "3"), ("worker.unit", WATER)];
    let urge = [("reason", "log-1")];
    let shown = |story: &mut Story<'_>| {
        story.command_of("7", "delegate", (TOWN, "leader"), &delegate, SIGNED).expect("delegated");
        story.command_of("6", "urge", (SUPERVISION, "inspector"), &urge, SIGNED).expect("urged");
    };
    let mut story = verified(&pack);
    shown(&mut story);
    let before = story.log.last().expect("urged").audience.clone();
    under_review(&mut story, SIGNED);
    assert_eq!(decided(&mut story, "keep", ASKED).audience, before);

    let mut story = crate::pauses::taken_on(&pack);
    shown(&mut story);
    let before = story.log.last().expect("urged").audience.clone();
    let sixty = [("reason", "season"), ("days", "60")];
    story.command_of("7", "suspend", (TOWN, "leader"), &sixty, SIGNED).expect("suspended");
    under_review(&mut story, SIGNED);
    assert_eq!(decided(&mut story, "keep", ASKED).step, "suspended");
    let resumed = story.command_of("7", "resume", (TOWN, "leader"), &[], LATER).expect("goes on");
    assert_eq!((resumed.step.as_str(), resumed.audience), ("handle", before));
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// A village is merged into its town while a case waits.
#[test]
fn what_goes_on_goes_to_the_unit_that_stands_by_then() {
    let line = "511902105238,";
    let units = &changed("units.csv", line, line).0["units.csv"];
    let row = units.lines().find(|row| row.starts_with(line)).expect("listed").to_owned();
    let mut cells: Vec<&str> = row.split(',').collect();
    cells[5] = "2025-04-01";
    let mut files = changed("units.csv", &row, &cells.join(","));
    files.0.retain(|path, _| !path.starts_with("examples/"));
    let pack = Pack::load(&files).expect("loads");
    let gone = "2025-04-02T09:00:00+08:00";
    let mut story = crate::pauses::taken_on(&pack);
    let sixty = [("reason", "season"), ("days", "60")];
    story.command_of("7", "suspend", (TOWN, "leader"), &sixty, NEXT_DAY).expect("suspended");
    let resumed = story.command_of("7", "resume", (TOWN, "leader"), &[], gone).expect("goes on");
    assert_eq!((resumed.unit.as_deref(), resumed.tier.code()), (Some(TOWN), "town"));
    let mut story = closed(&pack);
    let not = [("answer", "not_satisfied")];
    let again = story.command_of("8", "callback", (CENTRE, "handler"), &not, gone).expect("asked");
    assert_eq!((again.step.as_str(), again.unit.as_deref()), ("handle", Some(TOWN)));
}
