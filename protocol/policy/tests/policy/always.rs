//! What holds for any case under any sequence of causes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use doorstep_policy::{
    Cause, Decision, Directive, FieldView, Pack, Projection, Signature, Step, decide, replay,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::story::{at, bazhou};

static BAZHOU: LazyLock<Pack> = LazyLock::new(bazhou);
static NEXT: LazyLock<Pack> = LazyLock::new(crate::migration::next_version);

const FIELDS: [(&str, &[&str]); 7] = [
    ("category", &["water", "roads", "housing", "health", "dispute", "conduct", "other", "no-such"]),
    (
        "place",
        &["511902105238", "511902105", "511902104001", "511902", "511902204", "999999", "511902-water"],
    ),
    ("subject", &["511902-water", "511902-discipline", "511902-leader", "511902105", "someone"]),
    ("severity", &["light", "medium", "heavy"]),
    ("urgency", &["normal", "soon", "urgent", "danger"]),
    ("channel", &["scan", "questionnaire"]),
    ("tags", &["pond"]),
];
const UNITS: [&str; 7] = [
    "511902105",
    "511902105-centre",
    "511902-intake",
    "511902-leader",
    "511902-discipline",
    "511902-water",
    "nowhere",
];
const COMMANDS: [&str; 30] = [
    "refer",
    "accept",
    "claim",
    "return",
    "extend",
    "sing",
    "ask_extension",
    "deny_extension",
    "assign",
    "co_handle",
    "suspend",
    "resume",
    "verify",
    "strike_off",
    "callback",
    "look_back",
    "archive",
    "reopen",
    "withdraw",
    "close_unusual",
    "refuse_acceptance",
    "group",
    "ungroup",
    "recuse",
    "delegate",
    "conduct_review",
    "hand_over",
    "file_case",
    "punish",
    "amend",
];
const ROLES: [&str; 4] = ["person", "handler", "leader", "principal_leader"];

#[derive(Clone, Debug)]
enum Act {
    Edit(usize, FieldView),
    Settle,
    Dispatch,
    Review,
    Tick,
    Stale(u32),
    Command(usize, usize, usize, bool),
    /// The owner gives the command that the step waits for.
    Forward(bool),
    Sign(usize, usize, bool),
    Outdated,
}

fn view(values: &'static [&'static str]) -> impl Strategy<Value = FieldView> {
    let value = proptest::sample::select(values);
    let side = proptest::option::weighted(0.8, value.clone().prop_map(str::to_owned));
    prop_oneof![
        1 => Just(FieldView::Unset),
        5 => value.prop_map(|v| FieldView::Is(v.to_owned())),
        2 => proptest::collection::btree_set(side, 0..5).prop_map(FieldView::Disputed),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..FIELDS.len()).prop_flat_map(|i| view(FIELDS[i].1).prop_map(move |v| Act::Edit(i, v))),
        3 => Just(Act::Settle),
        2 => Just(Act::Dispatch),
        1 => Just(Act::Review),
        3 => Just(Act::Tick),
        1 => (0..9_u32).prop_map(Act::Stale),
        4 => (0..COMMANDS.len(), 0..UNITS.len(), 0..UNITS.len(), any::<bool>())
            .prop_map(|(c, by, to, leader)| Act::Command(c, by, to, leader)),
        6 => proptest::bool::weighted(0.8).prop_map(Act::Forward),
        3 => (0..ROLES.len(), 0..UNITS.len(), any::<bool>()).prop_map(|(r, u, l)| Act::Sign(r, u, l)),
        1 => Just(Act::Outdated),
    ]
}

fn fields() -> impl Strategy<Value = BTreeMap<String, FieldView>> {
    let one =
        (0..FIELDS.len()).prop_flat_map(|i| view(FIELDS[i].1).prop_map(move |v| (FIELDS[i].0.to_owned(), v)));
    proptest::collection::vec(one, 0..9).prop_map(|fields| fields.into_iter().collect())
}

fn start() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (0..3_000_i64).prop_map(|h| at("2021-01-01T00:00:00Z") + SignedDuration::from_hours(h * 24 + h % 24)),
        1 => Just(Timestamp::MIN),
        1 => Just(Timestamp::MAX),
    ]
}

/// The cause of an act, and its nominal time.
fn cause(act: &Act, case: &Projection, log: &[Decision], step: usize) -> (Cause, Timestamp) {
    let last = log.last().expect("intake came first");
    let soon = last.at.checked_add(SignedDuration::from_mins(7)).unwrap_or(Timestamp::MAX);
    let digest = case.digest(BAZHOU.reads());
    match act {
        Act::Edit(..) | Act::Settle | Act::Sign(..) | Act::Outdated => (Cause::Settled { digest }, soon),
        Act::Dispatch => (Cause::Provisional { digest }, soon),
        Act::Review => (Cause::Review { id: step.to_string() }, soon),
        Act::Tick if last.timers.is_empty() => (Cause::Settled { digest }, soon),
        Act::Tick => {
            let timer = &last.timers[0];
            (Cause::Timer { id: timer.id.clone(), generation: timer.generation }, timer.at.max(last.at))
        }
        Act::Stale(generation) => (Cause::Timer { id: "warn".into(), generation: *generation }, soon),
        Act::Forward(well) => (forward(last, step, *well), soon),
        Act::Command(name, by, to, leader) => {
            let args = args(UNITS[*to], *leader);
            let by_role = if *leader { "leader" } else { "worker" }.to_owned();
            let (name, by_unit) = (COMMANDS[*name].to_owned(), UNITS[*by].to_owned());
            (
                Cause::Command { id: step.to_string(), name, args, by_worker: "w".into(), by_unit, by_role },
                soon,
            )
        }
    }
}

/// Arguments for every command at once; a command reads its own.
fn args(unit: &str, well: bool) -> BTreeMap<String, String> {
    let (result, answer, what) =
        if well { ("pass", "satisfied", "approve") } else { ("fail", "not_satisfied", "keep") };
    let all = [
        ("unit", unit),
        ("add", unit),
        ("reason", "appraisal"),
        ("days", "20"),
        ("result", result),
        ("answer", answer),
        ("decision", what),
        ("how", "refused"),
        ("attempts", "3"),
        ("witness", "4"),
        ("lead", "elsewhere"),
        ("lead.registered", "2020-01-01T00:00:00Z"),
        ("of", "elsewhere"),
        ("role", "leader"),
        ("of.known", "yes"),
        ("worker", "w3"),
        ("worker.unit", unit),
        ("count", "2"),
        ("seen", "2"),
    ];
    all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// What moves a case on from its step, by somebody who may.
fn forward(last: &Decision, id: usize, well: bool) -> Cause {
    let name = match last.step.as_str() {
        "triage" => "assign",
        "handle" => "claim",
        "sign" => "close_unusual",
        "suspended" => "resume",
        "review" => "amend",
        "archived" | "withdrawn" => "reopen",
        step => step,
    };
    let owner = last.unit.as_deref().unwrap_or("");
    let by_unit = if ["sign", "archived"].contains(&last.step.as_str()) { "511902-leader" } else { owner };
    let mut args = args("511902-water", well);
    if !well && name == "look_back" {
        args.insert("result".into(), "fails".into());
    } else if name == "look_back" {
        args.insert("result".into(), "holds".into());
    }
    // Nobody verifies what he claimed.
    let by_worker = format!("w-{}", last.step);
    let (by_unit, by_role) = match last.step.as_str() {
        "verify" => ("511902-intake".to_owned(), "inspector".to_owned()),
        _ => (by_unit.to_owned(), if name == "claim" { "worker" } else { "leader" }.to_owned()),
    };
    Cause::Command { id: id.to_string(), name: name.into(), args, by_worker, by_unit, by_role }
}

fn holds(decision: &Decision, before: Option<&Decision>) -> Result<(), TestCaseError> {
    let unit = decision.unit.as_deref().unwrap_or("");
    prop_assert!(BAZHOU.unit(unit, decision.at).is_some(), "an owner that exists: {unit:?}");
    let step = Step::named(&decision.step);
    prop_assert!(step.is_some(), "a step that people know: {:?}", decision.step);
    let end = step.is_some_and(Step::is_end);
    prop_assert!(!decision.reasons.is_empty());
    prop_assert_eq!(decision.timers.is_empty(), end, "a next timer until an end: {}", &decision.step);
    prop_assert_eq!(end, end && decision.life.closed.is_some());
    let works = step.is_some_and(|step| step <= Step::Sign);
    prop_assert!(!works || decision.life.closed.is_none(), "closed, and at {}", &decision.step);
    prop_assert!(decision.referrals <= before.map_or(0, |d| d.referrals) + 1);
    if before.is_some_and(|d| d.referrals < decision.referrals) && decision.referrals > 2 {
        let leader = matches!(&decision.cause, Cause::Command { by_role, .. } if by_role == "leader");
        prop_assert!(leader, "beyond the limit only a leader refers");
    }
    // What turns out to be a complaint begins anew in its compartment, whatever stood before.
    let hidden =
        before.is_some_and(|d| d.audience.compartment.is_none() && decision.audience.compartment.is_some());
    let opened = hidden || [Directive::Reopen, Directive::Redo].contains(&decision.directive);
    if before.is_some_and(|d| d.life.closed.is_some()) && !opened {
        prop_assert!(decision.life.closed.is_some(), "only reopening opens: {}", decision.directive);
    }
    let kept_open = before.filter(|d| d.life.closed.is_none() && decision.directive == Directive::Redo);
    prop_assert!(kept_open.is_none_or(|d| d.unit == decision.unit), "done again by whoever has it");
    prop_assert!(decision.timers.windows(2).all(|w| w[0].at <= w[1].at));
    prop_assert_eq!(decision.n, before.map_or(0, |d| d.n) + 1);
    prop_assert!(!decision.co_units.iter().any(|u| u == unit));
    let audience = &decision.audience;
    prop_assert!(audience.units.intersection(&audience.excluded_units).next().is_none());
    if let (Some(before), None) =
        (before.and_then(|d| d.audience.compartment.as_ref()), &audience.compartment)
    {
        prop_assert_eq!(decision.directive, Directive::Return, "only a return leads out of {}", before);
    }
    if audience.compartment.is_some() {
        prop_assert!(!audience.author && audience.units.len() <= 1);
        prop_assert!(audience.units.contains(unit), "whoever owns it sees it: {unit}, {:?}", audience);
    }
    if let Cause::Timer { .. } = decision.cause {
        let before = before.expect("a timer has a decision before it");
        prop_assert_eq!(&decision.projection, &before.projection, "a timer reads no document");
        prop_assert_eq!(&decision.routed.rule, &before.routed.rule);
    }
    let json = serde_json::to_string(decision).expect("serialises");
    prop_assert_eq!(&serde_json::from_str::<Decision>(&json).expect("parses"), decision);
    Ok(())
}

/// Other rules take nothing from anybody: what is claimed, closed or waits stays, and an end is left alone. What falls into
/// a compartment by them does so whoever works on it.
fn migrates(case: &Projection, log: &[Decision]) -> Result<(), TestCaseError> {
    let last = log.last().expect("decided");
    let cause = Cause::PolicyMigration { version: NEXT.id().into() };
    let moved = decide(&NEXT, case, log, cause, last.at).expect("a migration is not refused");
    let Some(moved) = moved else {
        prop_assert!(Step::named(&last.step).is_some_and(Step::is_end), "only an end is left alone");
        return Ok(());
    };
    prop_assert!(!Step::named(&last.step).is_some_and(Step::is_end), "an end stays as it is");
    let life = &last.life;
    if life.closed.is_some() || life.claimed_at.is_some() || life.parked.is_some() {
        prop_assert_eq!((&moved.step, &moved.life), (&last.step, life));
    }
    let reviewed = moved.directive == Directive::Review;
    if life.taken_on.is_some() && !reviewed {
        prop_assert_eq!((&moved.unit, &moved.step, moved.due), (&last.unit, &last.step, last.due));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn always_an_owner_a_step_a_due_time_and_a_next_timer(
        fields in fields(),
        author in proptest::option::of(proptest::sample::select(&UNITS[..])),
        about in proptest::collection::btree_set(proptest::sample::select(&UNITS[..]), 0..3),
        registered_at in start(),
        acts in proptest::collection::vec(act(), 0..48),
    ) {
        let mut case =
            Projection { kind: "case".into(), fields, author_unit: author.map(str::to_owned), registered_at,
                subject_units: about.into_iter().map(str::to_owned).collect(),
                ..Projection::default() };
        let mut log: Vec<Decision> = Vec::new();
        let intake = decide(&BAZHOU, &case, &log, Cause::Intake, registered_at);
        log.push(intake.expect("intake is never refused").expect("the first intake decides"));
        holds(&log[0], None)?;
        for (step, act) in acts.iter().enumerate() {
            if let Act::Edit(i, view) = act {
                case.fields.insert(FIELDS[*i].0.to_owned(), view.clone());
            }
            match act {
                Act::Sign(role, unit, leader) => case.proofs.signatures.push(Signature {
                    awaits_paper: false,
                    seen: None,
                    role: ROLES[*role].into(),
                    worker: format!("w{step}"),
                    unit: log.last().filter(|_| *leader).and_then(|d| d.unit.clone()).unwrap_or(UNITS[*unit].into()),
                    by_role: if *role > 1 { "leader" } else { "worker" }.into(),
                    at: registered_at,
                    fresh: true,
                    paper: false,
                    witness: false,
                }),
                Act::Outdated => case.proofs.signatures.iter_mut().for_each(|s| s.fresh = false),
                _ => {}
            }
            let (cause, now) = cause(act, &case, &log, step);
            if let Ok(Some(decision)) = decide(&BAZHOU, &case, &log, cause, now) {
                holds(&decision, log.last())?;
                log.push(decision);
                migrates(&case, &log)?;
            }
        }
        prop_assert_eq!(replay(&BAZHOU, &log), Ok(()));
        let keys: BTreeSet<String> = log.iter().map(Decision::cause_key).collect();
        prop_assert_eq!(keys.len(), log.len(), "each cause is decided once");
    }
}
