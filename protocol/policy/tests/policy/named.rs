//! A case about a person is about their unit too; and what handlers cannot do to be rid of a case.

use std::collections::BTreeSet;

use doorstep_policy::{Decision, Directive, Refused, replay};

use crate::story::{CENTRE, Story, TOWN, VILLAGE, at, bazhou};

const REGISTERED: &str = "2025-03-03T10:00:00+08:00";
const LATER: &str = "2025-03-03T10:05:00+08:00";
const NEXT: &str = "2025-03-04T10:05:00+08:00";
const DISCIPLINE: &str = "511902-discipline";
const LEADER: &str = "511902-leader";
const DISTRICT: &str = "511902";
const WATER: &str = "511902-water";

fn rule(refused: Result<Decision, Refused>) -> String {
    refused.map_or_else(|no| no.rule, |decided| format!("decided {:?}", decided.directive))
}

fn units(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// Somebody of these units is named.
fn about<'a>(pack: &'a doorstep_policy::Pack, category: &str, of: &[&str]) -> Story<'a> {
    let fields = [("category", category), ("place", VILLAGE), ("severity", "light"), ("subject", "王敏")];
    let mut story = Story::new(pack, REGISTERED).with(&fields);
    story.case.subject_units = units(of);
    story
}

#[test]
fn the_discipline_office_looks_into_nothing_about_one_of_its_people() {
    let pack = bazhou();
    let mut story = about(&pack, "conduct", &[DISCIPLINE]);
    assert_eq!(story.intake().unit.as_deref(), Some(LEADER));
    let settled = story.settle(LATER).unwrap_or_else(|| story.log[0].clone());
    assert_eq!(settled.unit.as_deref(), Some(LEADER));
    assert!(settled.audience.excluded_units.contains(DISCIPLINE));
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn a_complaint_about_somebody_of_every_unit_that_could_look_into_it_is_seen_by_one_of_them() {
    let pack = bazhou();
    let mut story = about(&pack, "conduct", &[DISCIPLINE, LEADER, DISTRICT]);
    let intake = story.intake();
    let settled = story.settle(LATER).unwrap_or_else(|| intake.clone());
    for decision in [&intake, &settled] {
        assert_eq!(decision.unit.as_deref(), Some(DISCIPLINE), "nobody names the office itself");
        assert_eq!(decision.audience.units, units(&[DISCIPLINE]));
        assert_eq!(decision.audience.excluded_units, units(&[LEADER, DISTRICT, "王敏"]));
    }
    // Where the offices are named as well, the district is left.
    let mut story = about(&pack, "conduct", &[LEADER, DISTRICT]);
    story.set("subject", DISCIPLINE);
    assert_eq!(story.intake().unit.as_deref(), Some(LEADER));
    let mut story = about(&pack, "conduct", &[DISTRICT]);
    story.dispute("subject", &[Some(DISCIPLINE), Some(LEADER)]);
    let intake = story.intake();
    assert_eq!(intake.unit.as_deref(), Some(DISTRICT));
    assert!(intake.audience.units.contains(DISTRICT) && !intake.audience.excluded_units.contains(DISTRICT));
}

#[test]
fn whoever_is_named_after_it_was_taken_in_is_kept_out_from_then_on() {
    let pack = bazhou();
    let mut story = about(&pack, "conduct", &[]);
    assert_eq!(story.intake().unit.as_deref(), Some(DISCIPLINE));
    story.settle(LATER);
    story.case.subject_units = units(&[DISCIPLINE]);
    story.set("subject", "王敏、李强");
    let moved = story.settle(NEXT).expect("decided");
    assert_eq!(moved.unit.as_deref(), Some(LEADER));
    assert!(moved.audience.excluded_units.contains(DISCIPLINE));
    assert!(!moved.audience.units.contains(DISCIPLINE));
}

#[test]
fn the_centre_of_somebody_who_is_named_neither_takes_it_in_nor_asks_the_person() {
    let pack = bazhou();
    let mut story = about(&pack, "roads", &[CENTRE]);
    assert_eq!(story.intake().unit.as_deref(), Some("511902-intake"));
    // The village that is named by one of its people handles it all the same, in the open: BZ-3.
    let mut story = about(&pack, "roads", &[VILLAGE]);
    assert_eq!(story.intake().unit.as_deref(), Some(CENTRE));
    assert_eq!(story.settle(LATER).expect("assigned").unit.as_deref(), Some(VILLAGE));
}

/// Handled by the village.
fn handled(pack: &doorstep_policy::Pack) -> Story<'_> {
    let mut story = about(pack, "roads", &[]);
    story.intake();
    story.settle(LATER).expect("assigned");
    story
}

#[test]
fn from_one_to_the_next_by_way_of_triage_is_from_one_to_the_next() {
    let pack = bazhou();
    let mut story = handled(&pack);
    let had = story.log.last().expect("assigned").clone();
    let why = [("reason", "log-1")];
    let mut unit = VILLAGE;
    for (n, next) in ["511902-water", "511902-transport"].into_iter().enumerate() {
        story.command("return", (unit, "leader"), &why, LATER).expect("not theirs");
        let entrusted =
            story.command("assign", (CENTRE, "handler"), &[("unit", next)], LATER).expect("within");
        assert_eq!((entrusted.referrals as usize, entrusted.unit.as_deref()), (n + 1, Some(next)));
        assert_eq!(entrusted.due, had.due, "it wins nobody time");
        unit = next;
    }
    story.command("return", (unit, "leader"), &why, LATER).expect("not theirs either");
    let to = |unit: &'static str| [("unit", unit)];
    let third = story.command("assign", (CENTRE, "handler"), &to("511902-justice"), LATER);
    assert_eq!(rule(third), "referral.limit");
    // Back to whoever had it is no passing on, wins nobody time, and beyond the limit somebody answers for it.
    let mut back = Story { pack: &pack, case: story.case.clone(), log: story.log.clone() };
    let again = back.command("assign", (CENTRE, "handler"), &to(unit), LATER).expect("its own");
    assert_eq!((again.referrals, again.directive, again.due), (2, Directive::Entrust, had.due));
    let led = story.command("assign", (CENTRE, "leader"), &to("511902-justice"), LATER).expect("a leader");
    assert_eq!((led.referrals, led.due), (3, had.due));
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn what_is_due_already_leaves_the_next_the_least_that_anyone_gets() {
    let pack = bazhou();
    let mut story = handled(&pack);
    let late = "2025-06-03T10:05:00+08:00";
    story.command("return", (VILLAGE, "leader"), &[("reason", "log-1")], late).expect("not theirs");
    let entrusted = story.command("assign", (CENTRE, "handler"), &[("unit", WATER)], late).expect("within");
    assert_eq!(entrusted.due, at("2025-06-04T10:05:00+08:00"), "a day, as the pack says");
}

#[test]
fn an_extension_is_not_given_again_because_the_case_was_returned() {
    let pack = bazhou();
    let mut story = handled(&pack);
    let days = [("days", "9"), ("reason", "log-1")];
    let extended = story.command("extend", (TOWN, "leader"), &days, LATER).expect("once");
    story.command("return", (VILLAGE, "leader"), &[("reason", "log-1")], LATER).expect("not theirs");
    let to = [("unit", VILLAGE)];
    let again = story.command("assign", (CENTRE, "handler"), &to, LATER).expect("after all");
    assert_eq!(again.due, extended.due);
    assert_eq!(rule(story.command("extend", (TOWN, "leader"), &days, LATER)), "extension.once");
}

#[test]
fn the_first_assignment_out_of_triage_is_no_referral() {
    let pack = bazhou();
    let mut story = about(&pack, "roads", &[]);
    story.intake();
    let given =
        story.command("assign", (CENTRE, "handler"), &[("unit", WATER)], LATER).expect("out of triage");
    assert_eq!((given.referrals, given.directive), (0, Directive::Entrust));
}

#[test]
fn whoever_handles_a_case_is_not_rid_of_it_by_a_withdrawal() {
    let pack = bazhou();
    let why = [("reason", "log-1")];
    let withdraw = |by: (&str, &str), worker: &str| {
        let mut story = handled(&pack);
        story.command_of("1", "accept", (VILLAGE, "worker"), &[], LATER).expect("taken on");
        rule(story.command_of(worker, "withdraw", by, &why, LATER))
    };
    assert_eq!(withdraw((VILLAGE, "worker"), "1"), "withdraw.own");
    assert_eq!(withdraw((VILLAGE, "worker"), "2"), "withdraw.own", "a colleague of theirs");
    assert_eq!(withdraw((CENTRE, "handler"), "3"), "decided Withdraw");
    // In triage it is with the centre, and nobody handles it.
    let mut story = about(&pack, "roads", &[]);
    story.intake();
    assert_eq!(rule(story.command("withdraw", (CENTRE, "handler"), &why, LATER)), "decided Withdraw");
    // Returned, it is still the village that had it, whether or not anybody took it on.
    for taken in [true, false] {
        let mut story = handled(&pack);
        if taken {
            story.command_of("1", "accept", (VILLAGE, "worker"), &[], LATER).expect("taken on");
        }
        story.command_of("1", "return", (VILLAGE, "worker"), &why, LATER).expect("returned");
        let said = story.command_of("2", "withdraw", (VILLAGE, "worker"), &why, LATER);
        assert_eq!(rule(said), "withdraw.own", "taken on: {taken}");
        assert_eq!(
            rule(story.command_of("3", "withdraw", (CENTRE, "handler"), &why, LATER)),
            "decided Withdraw"
        );
    }
    // Where the desk has had it and nobody else may, its own people do.
    let mut story = about(&pack, "roads", &[]);
    story.case.author_unit = Some("511902203".into());
    story.set("place", "511902203");
    story.intake();
    let to = |unit: &'static str| [("unit", unit), ("reason", "log-1")];
    story.command("refer", ("511902-intake", "reviewer"), &to(LEADER), LATER).expect("up");
    story.command("refer", (LEADER, "leader"), &to("511902-intake"), LATER).expect("and down");
    story.command_of("1", "accept", ("511902-intake", "reviewer"), &[], LATER).expect("taken on");
    let desk = ("511902-intake", "reviewer");
    assert_eq!(rule(story.command_of("1", "withdraw", desk, &why, LATER)), "withdraw.own");
    assert_eq!(rule(story.command_of("2", "withdraw", desk, &why, LATER)), "decided Withdraw");
}

#[test]
fn the_centre_takes_on_nothing_that_somebody_else_handles() {
    let pack = bazhou();
    let mut story = handled(&pack);
    assert_eq!(rule(story.command("accept", (CENTRE, "handler"), &[], LATER)), "command.accept");
    assert_eq!(rule(story.command("accept", ("511902-intake", "reviewer"), &[], LATER)), "command.accept");
    assert_eq!(rule(story.command("accept", (VILLAGE, "worker"), &[], LATER)), "decided TakeOn");
    let mut story = about(&pack, "roads", &[]);
    story.intake();
    assert_eq!(rule(story.command("accept", (CENTRE, "handler"), &[], LATER)), "decided TakeOn", "受理");
}

#[test]
fn what_comes_back_goes_on_where_it_stood() {
    let pack = bazhou();
    let mut story = handled(&pack);
    story.command("co_handle", (VILLAGE, "leader"), &[("add", WATER)], LATER).expect("helps");
    story.tick();
    let had = story.log.last().expect("warned").clone();
    let when = had.at.to_string();
    story.command("return", (VILLAGE, "leader"), &[("reason", "log-1")], &when).expect("not theirs");
    let again = story.command("assign", (CENTRE, "handler"), &[("unit", VILLAGE)], &when).expect("after all");
    assert_eq!((again.due, &again.co_units), (had.due, &had.co_units));
    let left = |decision: &Decision| decision.timers.iter().map(|t| (t.id.clone(), t.at)).collect::<Vec<_>>();
    assert_eq!(left(&again), left(&had), "no step of its ladder comes twice, and none is passed over");
    assert_eq!(replay(&pack, &story.log), Ok(()));
}

#[test]
fn who_was_asked_to_help_since_does_not_take_the_lead_of_a_provisional_dispatch() {
    let pack = bazhou();
    let mut story = about(&pack, "roads", &[]);
    story.set("urgency", "danger");
    story.dispute("category", &[Some("water"), Some("facilities")]);
    story.intake();
    let sent = story.dispatch(LATER).expect("urgent");
    let lead = sent.unit.clone().expect("somebody leads");
    let other = "511902-justice";
    story.command("co_handle", (&lead, "leader"), &[("add", other)], LATER).expect("helps");
    let taken = story.command("accept", (other, "handler"), &[], LATER).expect("helps");
    assert_eq!(taken.unit.as_deref(), Some(lead.as_str()), "the lead is passed on by nobody");
    if let Some(first) = sent.co_units.first() {
        let taken = story.command_of("8", "accept", (first, "handler"), &[], LATER).expect("was sent");
        assert_eq!(taken.unit.as_ref(), Some(first));
    }
}

#[test]
fn a_unit_that_is_named_within_a_text_is_kept_out() {
    let pack = bazhou();
    let owner = |subject: &str, category: &str| {
        let mut story = about(&pack, category, &[]);
        story.set("subject", subject);
        story.intake().unit
    };
    for subject in ["巴州区纪委监委某干部", "据说是巴州区 纪委监委的张某"] {
        assert_eq!(owner(subject, "conduct").as_deref(), Some(LEADER), "{subject}");
    }
    assert_eq!(owner("曾口镇群众诉求快处中心的人", "roads").as_deref(), Some("511902-intake"));
    // The district's name stands in that of every office, and means none of them.
    for subject in ["巴州区某干部", "某干部", "中心"] {
        assert_eq!(owner(subject, "conduct").as_deref(), Some(DISCIPLINE), "{subject}");
        assert_eq!(owner(subject, "roads").as_deref(), Some(CENTRE), "{subject}");
    }
}
