//! Supervision: urging and inspecting, accounts due on Fridays, interviews and the red and black list.

use std::collections::BTreeMap;

use doorstep_policy::supervision::{Account, AccountState, List, Rate, Tally};
use doorstep_policy::{Cause, Directive, Pack, Resolved, replay};

use crate::story::{CENTRE, Story, TOWN, at, bazhou, changed};

const INSPECTORS: &str = "511902-supervision";

/// A case of the town that is claimed and verified, and stands at the signatures.
fn claimed(pack: &Pack) -> Story<'_> {
    let mut story =
        Story::new(pack, "2026-03-02T10:00:00+08:00").with(&[("category", "water"), ("place", TOWN)]);
    story.intake();
    story.settle("2026-03-02T10:05:00+08:00");
    story.command("accept", (TOWN, "handler"), &[], "2026-03-03T09:00:00+08:00").expect("taken on");
    story.command("claim", (TOWN, "handler"), &[], "2026-03-04T09:00:00+08:00").expect("claimed");
    story
}

#[test]
fn whoever_supervises_urges_and_sees_the_case_and_nothing_is_due_later() {
    let pack = bazhou();
    let mut story =
        Story::new(&pack, "2026-03-02T10:00:00+08:00").with(&[("category", "water"), ("place", TOWN)]);
    story.intake();
    let before = story.settle("2026-03-02T10:05:00+08:00").expect("assigned");
    let why = [("reason", "ledger-12")];
    let own = story.command("urge", (TOWN, "leader"), &why, "2026-03-10T09:00:00+08:00");
    assert!(own.expect_err("a unit does not urge itself").rule.starts_with("command.urge"));
    let centre = story.command("urge", (CENTRE, "leader"), &why, "2026-03-10T09:00:00+08:00");
    assert!(centre.is_err(), "nor does who only takes in");
    let urged = story.command("urge", (INSPECTORS, "inspector"), &why, "2026-03-10T09:00:00+08:00");
    let urged = urged.expect("the inspectors urge");
    assert_eq!((urged.directive, urged.life.urged, urged.due), (Directive::Urge, 1, before.due));
    assert_eq!(urged.unit, before.unit);
    assert!(urged.audience.units.contains(INSPECTORS) && !before.audience.units.contains(INSPECTORS));
    assert!(!urged.timers.is_empty());
    replay(&pack, &story.log).expect("replays identically");
}

#[test]
fn a_false_resolution_is_done_again_and_counted_and_its_handlers_do_not_inspect() {
    let pack = bazhou();
    let mut story = claimed(&pack);
    let found = [("result", "false"), ("reason", "no-water"), ("draw", "3")];
    let own = story.command("inspect", (TOWN, "inspector"), &found, "2026-03-05T09:00:00+08:00");
    assert!(own.is_err(), "whoever handled it does not inspect it");
    let holds = story.command_of(
        "w9",
        "inspect",
        (INSPECTORS, "inspector"),
        &[("result", "holds")],
        "2026-03-05T09:00:00+08:00",
    );
    let holds = holds.expect("inspected");
    assert_eq!((holds.directive, holds.step.as_str()), (Directive::Inspect, "verify"));
    assert!(holds.life.inspected.as_ref().is_some_and(|i| i.holds && i.unit == INSPECTORS));
    let again =
        story.command_of("w9", "inspect", (INSPECTORS, "inspector"), &found, "2026-03-06T09:00:00+08:00");
    let again = again.expect("found false");
    assert_eq!((again.directive, again.step.as_str()), (Directive::Redo, "handle"));
    assert_eq!((again.life.redo, again.life.false_resolutions, again.life.claimed_at), (1, 1, None));
    assert_eq!(again.unit.as_deref(), Some(TOWN));
    let nothing =
        story.command_of("w9", "inspect", (INSPECTORS, "inspector"), &found, "2026-03-07T09:00:00+08:00");
    assert_eq!(nothing.expect_err("nobody claims anything now").rule, "inspect.open");
    replay(&pack, &story.log).expect("replays identically");
}

#[test]
fn without_its_rule_nobody_inspects() {
    let files = changed("policy.toml", "name = \"inspect\"", "name = \"strike_off\"");
    let pack = Pack::load(&files).expect("a pack without inspections loads");
    let mut story = claimed(&pack);
    let found = [("result", "holds")];
    let refused =
        story.command_of("w9", "inspect", (INSPECTORS, "inspector"), &found, "2026-03-05T09:00:00+08:00");
    assert_eq!(refused.expect_err("not in this district").rule, "command");
}

#[test]
fn accounts_are_due_on_fridays_and_before_a_friday_that_is_off() {
    let pack = bazhou();
    let week = |time: &str| pack.account_week(at(time)).expect("the pack has an account");
    let plain = week("2026-03-04T09:00:00+08:00");
    assert_eq!((plain.day.to_string().as_str(), plain.due), ("2026-03-06", at("2026-03-06T18:00:00+08:00")));
    assert_eq!(plain.from, at("2026-02-27T18:00:00+08:00"));
    assert_eq!(week("2026-03-06T18:00:01+08:00").day.to_string(), "2026-03-13");
    // National Day 2026 begins on Thursday, 1 October: the account of Friday the 2nd is due on Wednesday.
    let holiday = week("2026-09-29T09:00:00+08:00");
    assert_eq!(
        (holiday.day.to_string().as_str(), holiday.due),
        ("2026-10-02", at("2026-09-30T18:00:00+08:00"))
    );
    assert!(!holiday.provisional);
    assert!(week("2031-03-04T09:00:00+08:00").provisional, "no notice is known for that year");
    assert_eq!(pack.accounting_units().len(), 22, "every centre");
    let none = changed("policy.toml", "[account]\nweekday = \"friday\"", "[account]\nweekday = \"someday\"");
    assert!(Pack::load(&none).is_err());
}

#[test]
fn an_account_is_awaited_missing_late_returned_accepted() {
    let pack = bazhou();
    let week = pack.account_week(at("2026-03-04T09:00:00+08:00")).expect("a week");
    let (before, after) = (at("2026-03-06T17:00:00+08:00"), at("2026-03-07T10:00:00+08:00"));
    let state = |acts: &[Account], now| AccountState::after(acts, &week, now);
    assert_eq!(state(&[], before), AccountState::Awaited);
    assert_eq!(state(&[], after), AccountState::Missing);
    assert_eq!(state(&[Account::Submitted(before)], after), AccountState::Submitted);
    assert_eq!(state(&[Account::Submitted(after)], after), AccountState::Late);
    let returned = [Account::Submitted(before), Account::Returned(after)];
    assert_eq!(state(&returned, after), AccountState::Returned);
    let again = [returned[0], returned[1], Account::Submitted(after)];
    assert_eq!(state(&again, after), AccountState::Submitted, "first given in time");
    assert_eq!(
        state(&[again[0], again[1], again[2], Account::Accepted(after)], after),
        AccountState::Accepted
    );
}

fn tally(collected: u64, resolved: u64, redone: u64) -> Tally {
    Tally {
        collected,
        resolved,
        handled: resolved,
        redone,
        answered: resolved,
        satisfied: resolved,
        overdue: 0,
    }
}

#[test]
fn rates_call_for_interviews_and_rank_both_ends() {
    let pack = bazhou();
    let towns: Vec<String> = pack
        .units()
        .filter(|u| u.code.len() == 9 && u.parent.as_deref() == Some("511902"))
        .map(|u| u.code.clone())
        .take(8)
        .collect();
    let mut units: BTreeMap<String, Tally> = BTreeMap::new();
    for (n, town) in towns.iter().enumerate() {
        units.insert(town.clone(), tally(10, 10 - n as u64, 0));
    }
    units.insert(towns[0].clone(), tally(4, 0, 0));
    let called: Vec<_> = pack.interviews().flat_map(|rule| rule.triggers(&units)).collect();
    let low: Vec<&str> =
        called.iter().filter(|t| t.rate == Rate::Completion).map(|t| t.unit.as_str()).collect();
    assert_eq!(low, [&towns[5], &towns[6], &towns[7]], "5, 4 and 3 of 10; the one of 4 cases is too small");
    let list = List::of(&pack, &units).expect("the pack has a list");
    assert_eq!(list.small, [towns[0].clone()]);
    assert_eq!(list.red, towns[1..4]);
    assert_eq!(list.black, [towns[7].clone(), towns[6].clone(), towns[5].clone()]);
    let tie: BTreeMap<String, Tally> = towns.iter().map(|t| (t.clone(), tally(10, 5, 1))).collect();
    let list = List::of(&pack, &tie).expect("a list");
    assert!(list.red.is_empty() && list.black.is_empty(), "equals share a fate");
}

#[test]
fn what_lies_below_a_town_counts_with_it() {
    let pack = bazhou();
    let units = BTreeMap::from([
        (TOWN.to_owned(), tally(3, 1, 0)),
        (CENTRE.to_owned(), tally(2, 2, 0)),
        ("511902-water".to_owned(), tally(9, 9, 0)),
    ]);
    let by = Tally::by_level(&pack, &units);
    let town = by.get(TOWN).expect("the town");
    assert_eq!((by.len(), town.collected, town.resolved), (1, 5, 3));
}

#[test]
fn a_life_is_counted_by_what_the_district_publishes() {
    let pack = bazhou();
    let mut story = claimed(&pack);
    let last = story.log.last().expect("claimed").clone();
    let count = |resolved| {
        let mut tally = Tally::default();
        tally.count(&last.life, Some(last.due), (resolved, at("2026-06-01T00:00:00+08:00")));
        tally
    };
    assert_eq!((count(Resolved::Claimed).resolved, count(Resolved::Claimed).overdue), (1, 0));
    assert_eq!((count(Resolved::Closed).resolved, count(Resolved::Closed).overdue), (0, 1));
    assert_eq!(last.counts_for(), Some(TOWN));
    assert_eq!(story.decide(Cause::Intake, "2026-06-01T00:00:00+08:00"), Ok(None));
}
