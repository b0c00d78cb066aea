//! Every order of deliveries and completions, with cuts, edits and commits in between: no stall, no
//! loss, nothing twice.

use proptest::prelude::*;

use super::line::Line;
use super::store::document;
use crate::machines::device::End;

/// Something that people do meanwhile.
#[derive(Clone, Copy, Debug)]
enum Meanwhile {
    Edit { document: u8, bad: bool },
    Command,
    Foreign { document: u8 },
    Cut,
}

#[derive(Clone, Debug)]
struct Scenario {
    /// Edits before the first session.
    outbox: Vec<(u8, bool)>,
    commands: u8,
    foreign: u8,
    page_size: usize,
    live: bool,
    meanwhile: Vec<Meanwhile>,
    choices: Vec<u16>,
}

fn scenario() -> impl Strategy<Value = Scenario> {
    let bad = prop_oneof![5 => Just(false), 1 => Just(true)];
    let meanwhile = prop_oneof![
        4 => (0..4_u8, bad.clone()).prop_map(|(document, bad)| Meanwhile::Edit { document, bad }),
        1 => Just(Meanwhile::Command),
        2 => (0..4_u8).prop_map(|document| Meanwhile::Foreign { document }),
        1 => Just(Meanwhile::Cut),
    ];
    let outbox = prop::collection::vec((0..4_u8, bad), 0..12);
    let numbers = (0..4_u8, 0..7_u8, 1..4_usize, any::<bool>());
    let meanwhile = prop::collection::vec(meanwhile, 0..10);
    (outbox, numbers, meanwhile, prop::collection::vec(any::<u16>(), 1..120)).prop_map(
        |(outbox, (commands, foreign, page_size, live), meanwhile, choices)| Scenario {
            outbox,
            commands,
            foreign,
            page_size,
            live,
            meanwhile,
            choices,
        },
    )
}

/// What should be true in the end.
#[derive(Default)]
struct Expected {
    good: Vec<String>,
    bad: Vec<String>,
    commands: u8,
    foreign: Vec<String>,
}

impl Expected {
    fn name(&mut self, bad: bool) -> String {
        let n = self.good.len() + self.bad.len();
        let (list, name) =
            if bad { (&mut self.bad, format!("bad {n:03}")) } else { (&mut self.good, format!("e {n:03}")) };
        list.push(name.clone());
        name
    }
}

/// Choices in turn, over and over.
struct Dice {
    choices: Vec<u16>,
    at: usize,
}

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.at += 1;
        // The number of the throw is mixed in, so that a short list does not repeat itself for ever.
        (self.choices[self.at % self.choices.len()] as usize + self.at / self.choices.len()) % n
    }
}

/// Plays a scenario to its end; gives how many sessions it took.
fn play(scenario: &Scenario) -> Result<usize, TestCaseError> {
    let (mut line, mut expected) = (Line::new(), Expected::default());
    line.centre.page_size = scenario.page_size;
    for (n, bad) in &scenario.outbox {
        let name = expected.name(*bad);
        line.store.edit(document(*n), &name);
    }
    for n in 0..scenario.foreign {
        expected.foreign.push(format!("f {n}"));
        line.centre.commit_foreign(document(n % 4), &format!("f {n}"));
    }
    for _ in 0..scenario.commands {
        expected.commands += 1;
        line.store.command(expected.commands);
    }
    let mut dice = Dice { choices: scenario.choices.clone(), at: 0 };
    let mut meanwhile = scenario.meanwhile.clone();
    let mut sessions = 0;
    loop {
        sessions += 1;
        prop_assert!(sessions < 60, "sessions without end");
        line.open(scenario.live);
        one_session(&mut line, &mut dice, &mut meanwhile, &mut expected);
        match &line.ended {
            Some(End::Done) => prop_assert_eq!(line.device.pending(), 0),
            None => prop_assert!(scenario.live, "a session that is not live and has nothing to do: a stall"),
            Some(End::Cut | End::Again) => continue,
            Some(end) => prop_assert!(false, "{:?}", end),
        }
        if meanwhile.is_empty() && (scenario.live || line.store.outbox.is_empty()) {
            break;
        }
    }
    if !scenario.live {
        prop_assert_eq!(line.sync(), End::Done);
    }
    check(&line, expected)?;
    Ok(sessions)
}

/// Until nothing can happen, or the line is cut.
fn one_session(line: &mut Line, dice: &mut Dice, meanwhile: &mut Vec<Meanwhile>, expected: &mut Expected) {
    for _ in 0..10_000 {
        let moves = line.moves();
        let n =
            dice.below(moves.len() + usize::from(!meanwhile.is_empty()).max(usize::from(moves.is_empty())));
        if let Some(next) = moves.get(n) {
            line.make(*next);
            continue;
        }
        let Some(next) = meanwhile.pop() else { return };
        match next {
            Meanwhile::Edit { document, bad } => {
                let name = expected.name(bad);
                line.edit(document, &name);
            }
            Meanwhile::Command => {
                expected.commands += 1;
                line.command(expected.commands);
            }
            Meanwhile::Foreign { document } => {
                let name = format!("f {}", expected.foreign.len());
                line.foreign(document, &name);
                expected.foreign.push(name);
            }
            Meanwhile::Cut => {
                line.cut(|| dice.below(2) == 0);
                return;
            }
        }
    }
    panic!("the two sides go on for ever");
}

fn check(line: &Line, mut expected: Expected) -> Result<(), TestCaseError> {
    expected.good.sort();
    prop_assert_eq!(line.accepted(), expected.good, "every good edit is accepted once");
    prop_assert_eq!(&line.store.outbox, &vec![], "and acknowledged");
    let mut refused = line.store.refused.clone();
    refused.sort();
    expected.bad.sort();
    prop_assert_eq!(refused, expected.bad, "every refused edit is shown once");
    prop_assert_eq!(&line.store.received, &expected.foreign, "every foreign change came once, in order");
    let mut acted = line.centre.acted.clone();
    acted.sort_unstable();
    prop_assert_eq!(acted, (1..=expected.commands).map(|n| [n; 16]).collect::<Vec<_>>());
    prop_assert!(line.store.commands.is_empty());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a test may be told to run longer")]
fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_order_and_any_cut_lose_nothing_and_double_nothing(scenario in scenario()) {
        play(&scenario)?;
    }

    /// Without cuts or refusals one session is enough.
    #[test]
    fn any_order_ends_done_with_all_acknowledged(scenario in scenario()) {
        let mut scenario = Scenario { live: false, meanwhile: vec![], ..scenario };
        scenario.outbox.iter_mut().for_each(|(_, bad)| *bad = false);
        prop_assert_eq!(play(&scenario)?, 1);
    }
}

/// One session, cut after each number of moves, then resumed.
#[test]
fn a_session_cut_after_any_move_is_resumed() {
    let mut cuts = 0;
    for durable in [true, false] {
        for at in 0.. {
            let mut line = Line::new();
            let names = ["e 1", "e 2", "bad 3", "e 4", "e 5"];
            for (n, name) in names.iter().enumerate() {
                line.store.edit(document(n as u8 % 2), name);
            }
            line.store.command(1);
            (0..5).for_each(|n| line.centre.commit_foreign(document(3), &format!("f {n}")));
            line.open(false);
            let mut left = at;
            line.run_by(|_| {
                if left == 0 {
                    usize::MAX
                } else {
                    left -= 1;
                    0
                }
            });
            let finished = left > 0;
            line.cut(|| durable);
            let sessions =
                (0..5).take_while(|_| line.sync() != End::Done || !line.store.outbox.is_empty()).count();
            assert!(sessions < 5, "sessions without end");
            let good =
                names.iter().filter(|name| name.starts_with('e')).map(|name| (*name).to_owned()).collect();
            let foreign = (0..5).map(|n| format!("f {n}")).collect();
            let expected = Expected { good, bad: vec!["bad 3".into()], commands: 1, foreign };
            check(&line, expected).expect("nothing is lost or doubled");
            if finished {
                break;
            }
            cuts += 1;
        }
    }
    assert!(cuts > 40, "{cuts} cuts");
}
