//! What somebody who was called back said, written down at the door as an item of the document.
//!
//! Owns which of these count, and saying of each other one why it does not. What an answer brings about is `after`'s.

use super::{Case, after, stands};
use crate::decide::closing;
use crate::pack::rules::{CommandName, CommandRule};
use crate::step::Step;
use crate::{Answered, Cause, Decision, Directive, Reason, Satisfaction};

/// Counts, as the command does.
const COUNTS: &str = "command.callback";
/// Another one came later.
const LATER: &str = "callback.later";
/// Given before the case was closed, as far as whoever wrote it down knew.
const EARLY: &str = "callback.early";
/// Nobody is to be asked at this step.
const STEP: &str = "callback.step";
/// Written down by somebody who handled the case.
const BLIND: &str = "callback.blind";
/// Written down by somebody whom the rules do not name to ask, or who is concerned.
const STANDING: &str = "callback.standing";

/// What came in and no decision has spoken of yet: the last one that counts, as the command would; of the others, why they
/// do not, once. Whoever stood at the door has to know.
pub(in crate::decide) fn answered(case: &Case<'_>, cause: &Cause, last: &Decision) -> Option<Decision> {
    let rules = &case.pack.rules().commands;
    let rule = rules.iter().find(|rule| *rule.name.get_ref() == CommandName::Callback)?;
    last.life.closed?;
    let news: Vec<&Answered> = case.projection.proofs.callbacks.iter().filter(|i| is_new(case, i)).collect();
    let against = |item: &Answered| against(case, last, rule, item);
    let counted = news.iter().rposition(|item| against(item).is_none());
    let mut decision: Option<Decision> = None;
    let mut say = |item: &Answered, why: &str, attempts: u32| {
        let (at, attempts) = (item.at.to_string(), attempts.to_string());
        let inputs = [("answer", item.answer.code()), ("worker", &item.worker), ("at", &at)];
        let mut reason = Reason::new(why, &inputs, &rule.basis);
        if why == COUNTS {
            reason.inputs.insert("attempts".into(), attempts);
        }
        match &mut decision {
            Some(decision) => decision.reasons.push(reason),
            None => decision = Some(case.carry(last, cause, Directive::Callback, reason)),
        }
    };
    let mut attempts = last.life.attempts;
    for (place, item) in news.iter().enumerate() {
        let unreachable = item.answer == Satisfaction::Unreachable;
        match against(item) {
            Some(no) => say(item, no, 0),
            None if Some(place) == counted => {}
            // Each time that nobody was there is an attempt.
            None if unreachable => {
                attempts += 1;
                say(item, COUNTS, attempts);
            }
            None => say(item, LATER, 0),
        }
    }
    let counted = counted.and_then(|place| news.get(place));
    if let Some(item) = counted {
        say(item, COUNTS, attempts + 1);
    }
    let mut decision = decision?;
    decision.digest = case.digest();
    decision.projection = case.projection.clone();
    if let Some(item) = counted {
        decision.life.attempts = attempts;
        decision.life.heard = decision.life.heard.max(Some(item.at));
        after::said(case, &mut decision, item.answer);
    }
    Some(decision)
}

/// Whether no decision has spoken of it. Those of before say the time of the last that counted and no more.
fn is_new(case: &Case<'_>, item: &Answered) -> bool {
    let at = item.at.to_string();
    let spoke = |decision: &Decision| {
        decision.reasons.iter().filter(|reason| reason.rule.contains("callback")).any(|reason| {
            let its = reason.inputs.get("worker") == Some(&item.worker);
            its && reason.inputs.get("at").map_or(decision.life.heard == Some(item.at), |said| *said == at)
        })
    };
    let heard = case.last().and_then(|last| last.life.heard);
    let before = item.seen.is_none() && heard >= Some(item.at);
    !before && !case.history.iter().any(spoke)
}

/// Why an answer does not count for the closing that stands; `None` where it does.
fn against(case: &Case<'_>, last: &Decision, rule: &CommandRule, item: &Answered) -> Option<&'static str> {
    let asked = last.unit.as_ref() == Some(&item.unit);
    let may = || asked || rule.who.iter().any(|who| stands(case, last, &item.unit, *who));
    let life = &last.life;
    let concerned = life.recused.contains(&item.worker) || last.audience.excluded_units.contains(&item.unit);
    if closing::took_part(case, last).contains(&item.unit)
        || closing::hands(case, last).contains(&item.worker)
    {
        Some(BLIND)
    } else if concerned {
        Some(STANDING)
    } else if is_early(case, item) {
        Some(EARLY)
    } else if last.step != Step::Callback.code() {
        Some(STEP)
    } else if !may() {
        Some(STANDING)
    } else {
        None
    }
}

/// Whether it was given before the case was closed as it is: its writer did not know of that, whatever their clock showed.
/// Where the item does not say what they knew, its time has to do.
fn is_early(case: &Case<'_>, item: &Answered) -> bool {
    let closing = case.history.windows(2).rev().find(
        |pair| matches!(pair, [open, closed] if open.life.closed.is_none() && closed.life.closed.is_some()),
    );
    let Some([_, closing]) = closing else { return false };
    match item.seen {
        Some(seen) => seen < closing.n,
        None => item.at < closing.at,
    }
}
