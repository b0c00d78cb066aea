//! What a review or a clock that stands still takes from nobody: signatures, sight, the hands it was in, what else was said.

use doorstep_policy::{Decision, Directive, How, Pack, replay};

use crate::closing::{ASKED, FOUR, LATER, SIGNED, claimed, closed, signature, verified};
use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou, changed};

const MORNING: &str = "2025-03-03T10:00:00+08:00";
const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";
const LEADER: &str = "511902-leader";
const SUPERVISION: &str = "511902-supervision";
const WATER: &str = "511902-water";
const URBAN: &str = "511902-urban";
const TRANSPORT: &str = "511902-transport";

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

#[test]
fn what_is_found_false_during_a_review_is_done_again_by_those_who_had_it() {
    let pack = bazhou();
    let found = |before: fn(&Pack) -> Story<'_>, what: &str| {
        let mut story = before(&pack);
        let review = under_review(&mut story, SIGNED);
        let no = [("result", "false"), ("reason", "log-2")];
        let inspected =
            story.command_of("6", "inspect", (SUPERVISION, "inspector"), &no, ASKED).expect("found");
        assert_eq!(
            (inspected.directive, &inspected.step),
            (Directive::Redo, &review.step),
            "review comes first"
        );
        assert_eq!((&inspected.unit, inspected.due), (&review.unit, review.due));
        assert_eq!((inspected.life.redo, inspected.life.false_resolutions), (1, 1));
        assert!(inspected.life.claimed_at.is_none() && inspected.life.verified_at.is_none());
        let after = decided(&mut story, what, LATER);
        assert_eq!(replay(&pack, &story.log), Ok(()));
        (story, after)
    };
    for before in [claimed, verified] {
        let (mut story, kept) = found(before, "keep");
        assert_eq!((kept.step.as_str(), kept.unit.as_deref()), ("handle", Some(VILLAGE)));
        assert_eq!(kept.due, at("2025-03-24T23:59:59+08:00"), "ten working days after it was found");
        let steps: Vec<&str> = kept.timers.iter().map(|timer| timer.id.as_str()).collect();
        assert_eq!(steps, ["warn", "supervise", "escalate", "overdue"], "the ladder of what is done again");
        assert!(kept.life.parked.is_none());
        let days = [("days", "5"), ("reason", "log-3")];
        story.command_of("1", "ask_extension", (VILLAGE, "worker"), &days, LATER).expect("as for any other");
        let (_, moved) = found(before, "approve");
        assert_eq!((moved.step.as_str(), moved.unit.as_deref()), ("handle", Some(TOWN)));
    }
}

/// Two referrals at once, and while a person is to decide between the two the case turns out to be heavy.
fn crossed_and_heavy(pack: &Pack) -> Story<'_> {
    let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
    let mut story = Story::new(pack, MORNING).with(&fields);
    story.intake();
    story.settle(MORNING).expect("assigned");
    let to = |unit| [("unit", unit), ("reason", "log-1"), ("seen", "2")];
    story.command("refer", (VILLAGE, "worker"), &to(URBAN)[..2], NEXT_DAY).expect("once");
    story.command("refer", (VILLAGE, "worker"), &to(WATER), NEXT_DAY).expect("reviewed");
    story.set("severity", "heavy");
    let amended = story.settle(NEXT_DAY).expect("reviewed");
    let parked = amended.life.parked.as_ref().expect("waits");
    assert_eq!(parked.proposed.as_deref(), Some(WATER), "the referral is still the one to decide on");
    story
}

#[test]
fn what_a_case_says_is_decided_on_after_the_referrals_that_met() {
    let pack = bazhou();
    for (first, unit, referrals) in [("approve", WATER, 2), ("keep", URBAN, 1)] {
        let start = || {
            let mut story = crossed_and_heavy(&pack);
            let next = decided(&mut story, first, SIGNED);
            assert_eq!((next.step.as_str(), next.unit.as_deref()), ("review", Some(CENTRE)), "{first}");
            assert_eq!((next.referrals, next.co_units.as_slice()), (referrals, [unit.to_owned()].as_slice()));
            let parked = next.life.parked.as_ref().expect("waits");
            assert_eq!((parked.unit.as_str(), parked.proposed.as_deref()), (unit, Some(TRANSPORT)));
            story
        };
        let mut story = start();
        let kept = decided(&mut story, "keep", ASKED);
        assert_eq!((kept.step.as_str(), kept.unit.as_deref()), ("handle", Some(unit)));
        assert_eq!((kept.referrals, kept.routed.unit.as_str()), (referrals, TRANSPORT), "noted, to ask once");
        assert_eq!(story.settle(LATER), None);
        let mut story = start();
        let moved = decided(&mut story, "approve", ASKED);
        assert_eq!((moved.directive, moved.unit.as_deref()), (Directive::Amend, Some(TRANSPORT)));
        assert_eq!((moved.referrals, moved.co_units.as_slice()), (referrals, [TOWN.to_owned()].as_slice()));
        assert_eq!(
            moved.due,
            at("2025-05-06T23:59:59+08:00"),
            "the sixty days of a big thing, after a holiday"
        );
        assert_eq!(replay(&pack, &story.log), Ok(()));
    }
    // What it said in between and says no more asks nobody.
    let mut story = crossed_and_heavy(&pack);
    story.set("severity", "light");
    story.settle(SIGNED).expect("as before");
    let kept = decided(&mut story, "keep", ASKED);
    assert_eq!((kept.directive, kept.unit.as_deref()), (Directive::Keep, Some(URBAN)));
}

#[test]
fn what_is_withdrawn_during_a_review_was_handled_by_those_who_had_it() {
    let pack = bazhou();
    let mut story = crate::pauses::taken_on(&pack);
    under_review(&mut story, SIGNED);
    let why = [("reason", "log-1")];
    let over = story.command_of("3", "withdraw", (CENTRE, "handler"), &why, ASKED).expect("withdrawn");
    assert_eq!(over.life.handlers, [VILLAGE]);
    let open = story.command_of("3", "reopen", (CENTRE, "reviewer"), &why, LATER).expect("after all");
    assert_eq!((open.step.as_str(), open.unit.as_deref()), ("handle", Some(VILLAGE)));
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
