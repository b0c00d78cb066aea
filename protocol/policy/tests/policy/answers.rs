//! Answers at callbacks that somebody wrote down at the door: each counts, or a decision says why not, once.

use doorstep_policy::{Answered, Decision, Directive, Pack, Satisfaction, replay};

use crate::closing::{ASKED, LATER, closed};
use crate::story::{CENTRE, Story, VILLAGE, at, bazhou};

const SLOW: &str = "2025-02-01T09:00:00+08:00";

fn answer(answer: Satisfaction, (worker, unit): (&str, &str), when: &str, seen: Option<u32>) -> Answered {
    Answered { answer, worker: worker.into(), unit: unit.into(), at: at(when), seen }
}

/// The rules that speak of answers, with whose they are.
fn said(decision: &Decision) -> Vec<(&str, &str)> {
    let single = decision
        .reasons
        .iter()
        .filter(|reason| reason.rule.contains("callback") && reason.inputs.contains_key("at"));
    single.map(|reason| (reason.rule.as_str(), reason.inputs["worker"].as_str())).collect()
}

fn n(story: &Story<'_>) -> u32 {
    story.log.last().expect("decided").n
}

fn brings(pack: &Pack, items: impl Fn(u32) -> Vec<Answered>) -> (Story<'_>, Option<Decision>) {
    let mut story = closed(pack);
    story.case.proofs.callbacks = items(n(&story));
    let decided = story.settle(ASKED);
    (story, decided)
}

#[test]
fn an_answer_from_a_slow_clock_counts_where_its_writer_knew_that_the_case_was_closed() {
    let pack = bazhou();
    let (mut story, decided) =
        brings(&pack, |n| vec![answer(Satisfaction::Satisfied, ("5", CENTRE), SLOW, Some(n))]);
    let decided = decided.expect("counts");
    assert_eq!(decided.life.satisfaction, Some(Satisfaction::Satisfied));
    assert_eq!(said(&decided), [("command.callback", "5")]);
    assert_eq!(story.settle(LATER), None, "once");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn an_answer_that_does_not_count_is_named_with_its_rule_once_and_changes_nothing() {
    let pack = bazhou();
    let satisfied = Satisfaction::Satisfied;
    let (mut story, decided) = brings(&pack, |n| {
        vec![
            answer(satisfied, ("5", CENTRE), SLOW, Some(n - 1)),
            answer(satisfied, ("6", CENTRE), SLOW, None),
            answer(satisfied, ("2", VILLAGE), LATER, Some(n)),
            answer(satisfied, ("9", "511902-water"), LATER, Some(n)),
        ]
    });
    let decided = decided.expect("whoever was at the door has to know");
    let all = [
        ("callback.early", "5"),
        ("callback.early", "6"),
        ("callback.blind", "2"),
        ("callback.standing", "9"),
    ];
    assert_eq!(said(&decided), all);
    let before = story.log.iter().rev().nth(1).expect("closed");
    assert_eq!((&decided.life, decided.due, &decided.step), (&before.life, before.due, &before.step));
    assert_eq!((decided.directive, &decided.timers), (Directive::Callback, &before.timers));
    assert_eq!(story.settle(LATER), None, "once");
    // Asked again, it counts.
    let again = answer(satisfied, ("5", CENTRE), LATER, Some(n(&story)));
    story.case.proofs.callbacks.push(again);
    let counted = story.settle(LATER).expect("counts");
    assert_eq!(
        (counted.life.satisfaction, said(&counted)),
        (Some(satisfied), vec![("command.callback", "5")])
    );
    // And one more, when nobody is to be asked any more.
    story.case.proofs.callbacks.push(answer(
        Satisfaction::NotSatisfied,
        ("6", CENTRE),
        LATER,
        Some(n(&story) - 1),
    ));
    let late = story.settle("2025-03-12T09:00:00+08:00").expect("named");
    assert_eq!((said(&late), late.life.satisfaction), (vec![("callback.step", "6")], Some(satisfied)));
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

/// Two days at the same door, both brought in one evening, from a slow clock too.
#[test]
fn each_time_that_nobody_was_there_is_an_attempt_and_the_last_answer_counts() {
    let pack = bazhou();
    let (story, decided) = brings(&pack, |n| {
        vec![
            answer(Satisfaction::Unreachable, ("5", CENTRE), SLOW, Some(n)),
            answer(Satisfaction::Unreachable, ("5", CENTRE), LATER, Some(n)),
        ]
    });
    let decided = decided.expect("counts");
    assert_eq!((decided.life.attempts, decided.step.as_str()), (2, "callback"));
    let (_, both) = brings(&pack, |n| {
        vec![
            answer(Satisfaction::Satisfied, ("5", CENTRE), ASKED, Some(n)),
            answer(Satisfaction::NotSatisfied, ("6", CENTRE), LATER, Some(n)),
        ]
    });
    let both = both.expect("counts");
    assert_eq!(both.directive, Directive::Redo);
    assert_eq!(said(&both), [("callback.later", "5"), ("command.callback", "6")]);
    assert_eq!(replay(&pack, &story.log), Ok(()));
}
