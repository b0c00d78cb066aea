//! Ladders and referral limits of packs that nobody wrote: whatever a pack says, steps come once and in order, and the limit
//! is the limit.

use std::fmt::Write;

use doorstep_policy::{Cause, Directive, Pack, embedded_bazhou, replay};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use crate::story::{Story, TOWN, VILLAGE};

const ACTS: [&str; 2] = ["remind", "supervise"];

/// A ladder: steps along the way in percent, then days after the due time, the last again at an interval.
#[derive(Clone, Debug)]
struct Ladder {
    along: Vec<(u32, usize)>,
    after: Vec<(u32, usize)>,
    repeat: u32,
}

fn ladder() -> impl Strategy<Value = Ladder> {
    let along = proptest::collection::btree_map(1..100_u32, 0..ACTS.len(), 0..4);
    let after = proptest::collection::btree_map(0..40_u32, 0..ACTS.len(), 0..4);
    (along, after, 1..20_u32).prop_map(|(along, after, repeat)| Ladder {
        along: along.into_iter().collect(),
        after: after.into_iter().collect(),
        repeat,
    })
}

impl Ladder {
    /// Ids and acts in order, the last one without end.
    fn steps(&self) -> Vec<(String, &'static str)> {
        let all = self.along.iter().chain(&self.after).map(|(_, act)| ACTS[*act]);
        all.chain(["overdue"]).enumerate().map(|(n, act)| (format!("step-{n}"), act)).collect()
    }

    fn written(&self) -> String {
        let along = self.along.iter().map(|(percent, _)| format!("{percent}%"));
        let after = self.after.iter().map(|(days, _)| format!("100%+P{days}D"));
        let last = self.after.last().map_or(0, |(days, _)| days + 1);
        let times = along.chain(after).chain([format!("100%+P{last}D")]);
        let mut steps = String::new();
        for ((id, act), at) in self.steps().iter().zip(times) {
            write!(steps, "    {{ id = {id:?}, at = {at:?}, act = {act:?}").expect("a string grows");
            let repeat =
                if *act == "overdue" { format!(", repeat = \"P{}D\"", self.repeat) } else { String::new() };
            writeln!(steps, "{repeat} }},").expect("a string grows");
        }
        steps
    }
}

/// The Bazhou pack with this ladder for what is handled, and this limit of referrals.
fn pack(ladder: &Ladder, limit: u32) -> Pack {
    let mut files = embedded_bazhou();
    files.0.retain(|path, _| !path.starts_with("examples/"));
    let policy = files.0.get_mut("policy.toml").expect("the pack has rules");
    let from = policy.find("id = \"standard\"").expect("the ladder");
    let steps = from + policy[from..].find("step = [").expect("its steps") + "step = [\n".len();
    let end = steps + policy[steps..].find("]\n").expect("their end");
    policy.replace_range(steps..end, &ladder.written());
    *policy = policy.replacen("limit = 2", &format!("limit = {limit}"), 1);
    Pack::load(&files).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// Any hour of 2021 to 2026.
fn start() -> impl Strategy<Value = Timestamp> {
    let first: Timestamp = "2021-01-01T00:00:00Z".parse().expect("a time");
    (0..52_000_i64).prop_map(move |hours| first + SignedDuration::from_hours(hours))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_step_is_left_out_or_comes_twice_and_the_last_one_goes_on(ladder in ladder(), start in start()) {
        let pack = pack(&ladder, 2);
        let fields = [("category", "roads"), ("place", TOWN), ("severity", "medium")];
        let mut story = Story::new(&pack, &start.to_string()).with(&fields);
        story.intake();
        let settled = (start + SignedDuration::from_mins(5)).to_string();
        let assigned = story.settle(&settled).expect("decided");
        prop_assert_eq!(assigned.unit.as_deref(), Some(TOWN));
        let steps = ladder.steps();
        let mut before = assigned.at;
        for round in 0..steps.len() + 3 {
            let (id, act) = &steps[round.min(steps.len() - 1)];
            let fired = story.tick();
            prop_assert_eq!(fired.directive.code(), *act, "round {}", round);
            let of = |cause: &Cause| matches!(cause, Cause::Timer { id: fired, .. } if fired == id);
            prop_assert!(of(&fired.cause), "round {}", round);
            prop_assert!(fired.at > before, "each later than the one before");
            if round >= steps.len() {
                let apart = SignedDuration::from_hours(24 * i64::from(ladder.repeat));
                prop_assert_eq!(before.duration_until(fired.at), apart);
            }
            before = fired.at;
        }
        prop_assert_eq!(replay(&pack, &story.log), Ok(()));
    }

    #[test]
    fn a_case_is_referred_as_often_as_the_pack_says_and_then_by_a_leader_only(limit in 0..6_u32, start in start()) {
        let pack = pack(&Ladder { along: vec![], after: vec![], repeat: 7 }, limit);
        let fields = [("category", "roads"), ("place", VILLAGE), ("severity", "light")];
        let mut story = Story::new(&pack, &start.to_string()).with(&fields);
        story.intake();
        story.settle(&(start + SignedDuration::from_mins(5)).to_string()).expect("decided");
        let mut passed = 0;
        for round in 0..10_i64 {
            let owner = story.log.last().and_then(|last| last.unit.clone()).expect("an owner");
            let to = if owner == "511902-urban" { "511902-transport" } else { "511902-urban" };
            let now = (start + SignedDuration::from_mins(10 + round)).to_string();
            let args = [("unit", to), ("reason", "log-1")];
            match story.command("refer", (&owner, "handler"), &args, &now) {
                Ok(referred) => {
                    passed += 1;
                    prop_assert_eq!((referred.directive, referred.referrals), (Directive::Refer, passed));
                }
                Err(refused) => prop_assert_eq!(refused.rule, "referral.limit"),
            }
        }
        prop_assert_eq!(passed, limit);
        let owner = story.log.last().and_then(|last| last.unit.clone()).expect("an owner");
        let to = if owner == "511902-urban" { "511902-transport" } else { "511902-urban" };
        let now = (start + SignedDuration::from_mins(30)).to_string();
        let args = [("unit", to), ("reason", "log-1")];
        let beyond = story.command("refer", (&owner, "leader"), &args, &now);
        prop_assert_eq!(beyond.map(|decision| decision.referrals), Ok(limit + 1));
    }
}
