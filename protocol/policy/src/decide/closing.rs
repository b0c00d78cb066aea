//! From verified to archived: the step of signing, striking off, who asks the person, who looks again, the end.
//!
//! Owns what follows a verification. Never says whether a signature counts; that is [`super::signing`].

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::signing::{Count, count, fresh};
use super::{Case, enter, hand_back, hand_to};
use crate::facts;
use crate::life::{Closed, How};
use crate::pack::rules::Sample;
use crate::step::Step;
use crate::{Cause, Decision, Directive, OWN_UNIT, Reason, TimerAt};

/// The timer that closes the file.
pub(super) const ARCHIVE: &str = "life.archive";

/// Whether this is where signatures are given.
fn is_signed_at(step: &str) -> bool {
    [Step::Sign, Step::StrikeOff].iter().any(|of| of.code() == step)
}

/// Whoever is to sign sees the case while that is due.
pub(super) fn show_to_signers(case: &Case<'_>, decision: &mut Decision) {
    if decision.audience.compartment.is_none() && is_signed_at(&decision.step) {
        let units = case.pack.rules().signatures.iter().flat_map(|rule| &rule.units);
        let units = units.map(|unit| unit.get_ref().clone());
        let excluded = &decision.audience.excluded_units;
        let units: Vec<String> = units.filter(|unit| !excluded.contains(unit)).collect();
        decision.audience.units.extend(units);
    }
}

/// The signatures of a case changed: in the step `sign` a decision says what counts now, what is missing and what came and
/// does not count, and the last one strikes the case off. Elsewhere nothing is decided, save that a closed case is reviewed.
pub(super) fn progress(case: &Case<'_>, cause: &Cause) -> Option<Decision> {
    let last = case.last()?;
    if let Some(answered) = super::command::answered(case, cause, last) {
        return Some(answered);
    }
    if last.life.closed.is_some() {
        let lost: Vec<String> = last.life.signed.difference(&fresh(case, last)).cloned().collect();
        return (!lost.is_empty())
            .then(|| super::review::of_closed(case, cause, last, &lost.join(", ")))
            .flatten();
    }
    if !is_signed_at(&last.step) {
        return None;
    }
    let count = count(case, last);
    if count.signed == last.life.signed && !count.has_news(case) {
        return None;
    }
    let lost = last.life.signed.iter().any(|role| !count.signed.contains(role));
    let directive = if lost { Directive::Void } else { Directive::Sign };
    let mut reasons = count.reasons(case).into_iter();
    let mut decision = case.carry(last, cause, directive, reasons.next()?);
    decision.reasons.extend(reasons);
    decision.digest = case.digest();
    decision.projection = case.projection.clone();
    decision.life.signed.clone_from(&count.signed);
    after_signing(case, &mut decision, &count);
    Some(decision)
}

/// The case says something else while it is being signed, or goes on being signed after a review: what counts now is said
/// with that.
pub(super) fn count_again(case: &Case<'_>, decision: &mut Decision) {
    if !is_signed_at(&decision.step) {
        return;
    }
    let count = count(case, decision);
    if count.signed == decision.life.signed && !count.has_news(case) {
        return;
    }
    decision.reasons.extend(count.reasons(case));
    decision.life.signed.clone_from(&count.signed);
    after_signing(case, decision, &count);
}

/// Verified: signatures next, or struck off where the pack asks for none.
pub(super) fn verified(case: &Case<'_>, decision: &mut Decision) {
    decision.life.verified_at = Some(case.now);
    let rules = case.pack.rules();
    let Some(closure) = rules.closure.as_ref().filter(|_| !rules.signatures.is_empty()) else {
        return strike_off(case, decision, How::Verified);
    };
    let count = count(case, decision);
    decision.life.signed.clone_from(&count.signed);
    decision.reasons.extend(count.reasons(case));
    enter(case, decision, Step::Sign, closure.class.get_ref());
    after_signing(case, decision, &count);
}

/// Between the steps `sign` and `strike_off`, or beyond.
fn after_signing(case: &Case<'_>, decision: &mut Decision, count: &Count<'_>) {
    let Some(closure) = &case.pack.rules().closure else { return };
    let at = if count.missing.is_empty() { Step::StrikeOff } else { Step::Sign };
    if at == Step::StrikeOff && !closure.by_command {
        return strike_off(case, decision, How::Signed);
    }
    if decision.step != at.code() {
        enter(case, decision, at, closure.class.get_ref());
    }
    show_to_signers(case, decision);
}

/// Closed. What follows is asked, looked at again, archived, as the pack says.
pub(super) fn strike_off(case: &Case<'_>, decision: &mut Decision, how: How) {
    if !how.is_unusual() && how != How::Declined {
        decision.directive = Directive::StrikeOff;
    }
    let life = &mut decision.life;
    life.closed = Some(Closed { at: case.now, how });
    life.handlers = decision.unit.iter().chain(&decision.co_units).cloned().collect();
    (life.attempts, life.look_backs, life.satisfaction, life.parked) = (0, 0, None, None);
    let reachable = matches!(how, How::Signed | How::Verified | How::Refused | How::Moved);
    if !(reachable && ask(case, decision)) {
        look_back(case, decision);
    }
}

/// Puts the case into the hands of whoever asks the person. False where nobody is to ask.
fn ask(case: &Case<'_>, decision: &mut Decision) -> bool {
    let Some(rule) = &case.pack.rules().callback else { return false };
    if decision.audience.compartment.is_some() {
        return false;
    }
    let drawn = rule.sample.as_ref().is_none_or(|sample| drawn(case, sample));
    let shown = drawn.to_string();
    decision.reasons.push(Reason::new("callback.sample", &[("drawn", &shown)], &rule.basis));
    if !drawn {
        return false;
    }
    let unit = another(case, decision, &[rule.unit.get_ref(), rule.else_unit.get_ref()]);
    hand_to(case, decision, &unit, &[]);
    hide(case, decision);
    enter(case, decision, Step::Callback, rule.class.get_ref());
    true
}

/// The decisions since the case was last begun.
fn begun<'a>(case: &Case<'a>) -> &'a [Decision] {
    let since = case.history.iter().rposition(|d| d.directive == Directive::Reopen).unwrap_or(0);
    &case.history[since..]
}

/// Units that had a part in it since it was last begun: those that handled it when it was closed, and those of whoever took it
/// on or claimed it before, though they have it no more.
pub(super) fn took_part(case: &Case<'_>, decision: &Decision) -> BTreeSet<String> {
    let mut units: BTreeSet<String> = decision.life.handlers.iter().cloned().collect();
    // Taken in at triage is not taken on.
    let handles = |d: &&Decision| {
        d.directive == Directive::Claim || d.directive == Directive::TakeOn && d.step == Step::Handle.code()
    };
    for d in begun(case).iter().filter(handles) {
        if let Cause::Command { by_unit, args, .. } = &d.cause {
            units.insert(by_unit.clone());
            units.extend(args.get(OWN_UNIT).cloned());
        }
    }
    units
}

/// Whoever was in charge of it or claimed it since it was last begun, though they have it no more and may be of another unit
/// by now.
pub(super) fn hands(case: &Case<'_>, decision: &Decision) -> BTreeSet<String> {
    let lives = begun(case).iter().chain([decision]).map(|d| &d.life);
    lives.flat_map(|life| [&life.claimed_by, &life.worker]).flatten().cloned().collect()
}

/// Units that had it to handle since it was last begun: those that took part, and those that passed it on or gave it back
/// without that. In triage it is with a centre, which has nothing to be rid of.
pub(super) fn had_it(case: &Case<'_>, decision: &Decision) -> BTreeSet<String> {
    let mut units = took_part(case, decision);
    for d in begun(case).iter().filter(|d| d.step != Step::Triage.code()) {
        let parked =
            d.life.parked.iter().flat_map(|parked| std::iter::once(&parked.unit).chain(&parked.co_units));
        let has = d.unit.iter().chain(&d.co_units).filter(|_| d.life.parked.is_none());
        units.extend(has.chain(parked).cloned());
    }
    units
}

/// The first of these that had no part in it and that nobody names as subject; else the lead's own units above it, the
/// district's desk, its inspectors, its leaders. Whoever handles a case cannot have it passed over by making co-handlers of those who would look.
fn another(case: &Case<'_>, decision: &Decision, named: &[&str]) -> String {
    let rules = case.pack.rules();
    let lead = decision.life.handlers.first().map_or("", String::as_str);
    let above = case.pack.units_above(lead).into_iter();
    let inspectors = rules.audience.supervisors.iter().map(|unit| unit.get_ref().as_str());
    let leaders =
        rules.escalations.iter().map(|rule| rule.to.get_ref().as_str()).filter(|to| *to != "parent");
    let others = above.chain([case.pack.desk()]).chain(inspectors).chain(leaders);
    let units = named.iter().copied().chain(others).map(|name| by_name(case, name));
    let part = took_part(case, decision);
    let named = case.pack.concerned(case.projection);
    let blind = |unit: &String| part.contains(unit) || named.contains(unit);
    units.into_iter().find(|unit| !blind(unit)).unwrap_or_else(|| case.pack.district().to_owned())
}

/// Who reviews what is known of a case while the person is still to be asked: not those who are blind to it.
pub(super) fn blind_reviewer(case: &Case<'_>, decision: &Decision, asks: &str) -> String {
    another(case, decision, &["intake", asks])
}

/// Blind to the handlers, where the pack wants that: they see nothing until the answer is there.
pub(super) fn hide(case: &Case<'_>, decision: &mut Decision) {
    if case.pack.rules().callback.as_ref().is_some_and(|rule| rule.hidden) {
        let handlers = decision.life.handlers.clone();
        decision.audience.units.retain(|unit| !handlers.contains(unit));
        decision.audience.excluded_units.extend(handlers);
    }
}

/// Whether the draw takes this case: the first four bytes of SHA-256(seed, id), over 2^32, below the share.
fn drawn(case: &Case<'_>, sample: &Sample) -> bool {
    let always = sample.always.as_ref().is_some_and(|when| facts::any_side(case.pack, case.projection, when));
    let digest = Sha256::digest(format!("{}\n{}", sample.seed, case.projection.id));
    let head = digest.iter().take(4).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
    always || head * 100 < u64::from(sample.percent) << 32
}

/// The handlers see the case again, and the next look at it is due; after the last one its file is closed.
pub(super) fn look_back(case: &Case<'_>, decision: &mut Decision) {
    let handlers = decision.life.handlers.clone();
    let done = decision.life.look_backs as usize;
    let rule = case.pack.rules().look_back.as_ref().filter(|_| decision.audience.compartment.is_none());
    if let Some((rule, class)) = rule.and_then(|rule| Some((rule, rule.classes.get(done)?))) {
        let unit = another(case, decision, &[rule.unit.get_ref()]);
        hand_to(case, decision, &unit, &handlers);
        let number = (done + 1).to_string();
        decision.reasons.push(Reason::new("look-back", &[("number", &number)], &rule.basis));
        return enter(case, decision, Step::LookBack, class.get_ref());
    }
    if let Some((lead, others)) = handlers.split_first() {
        hand_back(case, decision, lead, others);
    }
    match &case.pack.rules().archive {
        None => archive(case, decision),
        Some(rule) => {
            enter(case, decision, Step::Archive, rule.class.get_ref());
            let (generation, at) = (decision.n, decision.due);
            decision.timers = vec![TimerAt { id: ARCHIVE.into(), generation, at }];
        }
    }
}

/// An end.
pub(super) fn archive(case: &Case<'_>, decision: &mut Decision) {
    decision.step = Step::Archived.code().to_owned();
    decision.due = case.now;
    decision.timers.clear();
}

/// `intake`, or a unit's code; where that unit has ended, the one above it.
fn by_name(case: &Case<'_>, name: &str) -> String {
    let intake = case.pack.intake_unit(case.projection, case.now);
    let code = if name == "intake" { intake } else { name };
    case.pack.units_ref().standing(code, case.now).map_or(code, |unit| &unit.code).to_owned()
}
