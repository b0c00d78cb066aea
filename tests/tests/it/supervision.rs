//! Supervision: what is stuck and who is urged, spot checks that anybody draws again, the Friday account, interviews and
//! lists, signals. Each refusal beside a twin that succeeds.

use std::time::Duration;

use doorstep_client::store::immediate;
use doorstep_policy::Directive;
use doorstep_policy::supervision::{AccountState, draw, population_digest};
use doorstep_protocol::documents::{Media, Role};
use doorstep_protocol::wire::ActOutcome;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use doorstep_server::pipeline::timestamp;
use doorstep_server::store::acts::{ActRow, Acts};
use doorstep_server::store::arrivals::{ArrivalRow, Arrivals};
use doorstep_server::store::oversight::Stuck;
use doorstep_server::store::{Person, Store};
use doorstep_server::supervision::{Ledger, Month, SupervisionError};
use doorstep_server::verify::report;
use doorstep_tests::harness::{CENTRE, DESK, DISTRICT, TOWN, VILLAGE, World};

use super::life::Street;
use super::village::{A_WHILE, Village, small};

const DAY: Duration = Duration::from_hours(24);
pub(crate) const NOTICE: Duration = Duration::from_secs(11 * 60);
const SUPERVISION: &str = "511902-supervision";

/// Whether every published draw and list comes out again.
pub(crate) fn verifies(world: &World) -> bool {
    let report = immediate(report(world.centre())).expect("the store works");
    let seventh = report.invariants.iter().find(|invariant| invariant.id == 7).expect("is checked");
    seventh.failed == 0
}

/// The people of the district who look at others' work, and some who do not.
struct Heads {
    inspector: Person,
    head: Person,
    desk: Person,
    town: Person,
}

impl Heads {
    fn of(world: &World) -> Self {
        Heads {
            inspector: world.worker("督查员吴", SUPERVISION, Role::Inspector),
            head: world.worker("区长高", DISTRICT, Role::Leader),
            desk: world.worker("研判员沈", DESK, Role::Reviewer),
            town: world.worker("镇长罗", TOWN, Role::Leader),
        }
    }
}

fn counts(world: &World, person: &Person) -> [u64; 4] {
    let board = immediate(world.centre().board(person)).expect("may see it");
    let mut sums = [0; 4];
    for row in &board.rows {
        for (sum, count) in sums.iter_mut().zip(row.stuck) {
            *sum += count;
        }
    }
    sums
}

fn ledger(world: &World, person: &Person, stuck: Stuck) -> Vec<DocumentId> {
    let wanted = Ledger { stuck: Some(stuck), ..Ledger::default() };
    let (rows, _) = immediate(world.centre().ledger(person, wanted)).expect("may see it");
    rows.iter().map(|row| row.document).collect()
}

#[test]
fn what_is_overdue_or_nearly_due_is_counted_listed_and_urged() {
    let mut village = Village::new();
    let heads = Heads::of(&village.world);
    let other = village.world.worker("邻镇镇长", "511902104", Role::Leader);
    assert_eq!(counts(&village.world, &heads.head), [0, 0, 0, 0]);
    village.world.advance(DAY * 13);
    assert_eq!(counts(&village.world, &heads.head), [0, 1, 0, 0], "two days before it is due");
    village.world.advance(DAY * 3);
    for person in [&heads.head, &heads.inspector, &heads.town] {
        assert_eq!(counts(&village.world, person), [1, 0, 0, 0], "{}", person.name);
        assert_eq!(ledger(&village.world, person, Stuck::Overdue), [village.case]);
    }
    assert_eq!(counts(&village.world, &other), [0, 0, 0, 0], "another town's leader counts his own");
    let worker = village.wang.person.clone();
    assert!(matches!(immediate(village.world.centre().board(&worker)), Err(SupervisionError::NotFound)));
    let why = [("reason", "ledger-1")];
    let refused = village.world.act(&other, village.case, "urge", &why);
    assert!(matches!(refused, ActOutcome::Refused { ref rule, .. } if rule == "right.none"), "{refused:?}");
    let urged = village.world.act(&heads.inspector, village.case, "urge", &why);
    assert!(matches!(urged, ActOutcome::Decided { .. }), "{urged:?}");
    let last = village.world.decisions(village.case).pop().expect("decided");
    assert_eq!((last.directive, last.life.urged), (Directive::Urge, 1));
    village.world.sync(&mut village.wang);
    let shown = village.wang.show(village.case).decisions;
    assert_eq!(shown.last().expect("held")["directive"], "urge", "whoever has it is told");
}

#[test]
fn a_case_about_a_leader_is_in_none_of_his_counts() {
    let mut village = Village::new();
    let heads = Heads::of(&village.world);
    village.wang.set(village.case, "subject", &heads.head.name);
    village.world.sync(&mut village.wang);
    village.world.advance(DAY * 16);
    assert_eq!(counts(&village.world, &heads.head), [0, 0, 0, 0]);
    assert_eq!(ledger(&village.world, &heads.head, Stuck::Overdue), []);
    assert_eq!(counts(&village.world, &heads.inspector), [1, 0, 0, 0]);
}

#[test]
fn what_a_device_or_a_reviewer_holds_up_is_counted_by_that() {
    let mut village = Village::disputed();
    let heads = Heads::of(&village.world);
    assert_eq!(counts(&village.world, &heads.desk)[2], 1, "a conflict");
    let now = village.world.now();
    village.zhao.checkout(village.case, 60 * 60 * 1000);
    village.world.sync(&mut village.zhao);
    assert!(village.world.now() >= now);
    assert_eq!(ledger(&village.world, &heads.desk, Stuck::Devices), [village.case]);
    assert_eq!(ledger(&village.world, &heads.desk, Stuck::Review), [village.case]);
}

#[test]
fn a_spot_check_is_drawn_from_what_nobody_knew_and_anybody_draws_it_again() {
    let mut street = Street::new();
    let case = street.village.case;
    let inspector = street.inspector.clone();
    let handler = street.centre.clone();
    let heads = Heads::of(&street.village.world);
    let centre = |street: &Street| street.village.world.nodes[0].store().clone();
    assert!(immediate(street.village.world.centre().commit_draw(&handler, "spot", None)).is_err());
    assert!(immediate(street.village.world.centre().commit_draw(&heads.town, "spot", None)).is_err());
    street.closed(case);
    street.asked(case, "satisfied");
    let before = street.last(case);

    let world = &street.village.world;
    let n = immediate(world.centre().commit_draw(&inspector, "spot", None)).expect("the seed is fixed");
    let fixed = immediate(world.centre().draw(&inspector, n)).expect("is seen");
    assert!(fixed.done.is_none() && fixed.commitment.len() == 64);
    let early = immediate(world.centre().reveal_draw(&inspector, n, "晴"));
    assert!(matches!(early, Err(SupervisionError::NotYet(at)) if at == fixed.period.to));
    street.village.world.advance(NOTICE);
    let world = &street.village.world;
    assert!(immediate(world.centre().reveal_draw(&handler, n, "晴")).is_err());
    immediate(world.centre().reveal_draw(&inspector, n, "晴")).expect("drawn");
    assert!(matches!(
        immediate(world.centre().reveal_draw(&inspector, n, "雨")),
        Err(SupervisionError::Done)
    ));

    let view = immediate(world.centre().draw(&inspector, n)).expect("is seen");
    let done = view.done.expect("drawn");
    let ids: Vec<String> = done.population.iter().map(ToString::to_string).collect();
    assert_eq!(ids, [case.to_string()]);
    assert_eq!(population_digest(ids.iter().map(String::as_str)), done.digest);
    let again = draw(&done.seed, "晴", ids.iter().map(String::as_str), view.size as usize);
    assert_eq!(again, [case.to_string()]);
    assert!(verifies(world));
    assert!(immediate(world.centre().draw(&heads.town, n)).is_err(), "a handler's town learns nothing");
    let Street { village: Village { world, wang, .. }, .. } = &mut street;
    world.sync(wang);
    assert_eq!(street.last(case), before, "nothing of the draw is in the case's log");

    let world = &street.village.world;
    let of = (n, case);
    let nothing = immediate(world.centre().inspect(&inspector, of, (false, ""), [1; 16]));
    assert!(
        matches!(nothing, Err(SupervisionError::Refused { ref rule, .. }) if rule == "command.incomplete")
    );
    assert!(immediate(world.centre().inspect(&heads.town, of, (true, ""), [2; 16])).is_err());
    immediate(world.centre().inspect(&inspector, of, (false, "no-water"), [3; 16])).expect("found");
    let found = street.last(case);
    assert_eq!((found.directive, found.step.as_str()), (Directive::Redo, "handle"));
    assert_eq!((found.life.redo, found.life.false_resolutions, found.life.reopened), (1, 1, 1));
    assert!(matches!(
        immediate(street.village.world.centre().inspect(&inspector, of, (true, ""), [4; 16])),
        Err(SupervisionError::Done)
    ));
    assert!(verifies(&street.village.world), "what was drawn stands after what was found");

    // A draw that was bent is found: another seed than the one that was fixed.
    let store = centre(&street);
    let last = immediate(store.last_act(DISTRICT)).expect("reads");
    let row = |n: u64, body: serde_json::Value| ActRow {
        district: DISTRICT.into(),
        n,
        kind: "draw".into(),
        topic: (last + 1).to_string(),
        worker: inspector.worker,
        unit: SUPERVISION.into(),
        at: street.village.world.now(),
        body: body.to_string(),
    };
    let bent = serde_json::json!({ "act": "draw_committed", "rule": "spot", "policy": "bazhou@2026.1",
        "compartment": null, "from": 0, "to": 1000, "size": 20, "commitment": fixed.commitment, "seed": "00" });
    let drawn = serde_json::json!({ "act": "draw_done", "words": "", "population": [], "drawn": [],
        "digest": population_digest([]), "seq": 1 });
    assert!(immediate(store.record(row(last + 1, bent))).expect("keeps"));
    assert!(immediate(store.record(row(last + 2, drawn))).expect("keeps"));
    assert!(!verifies(&street.village.world), "the digest of the seed is another draw's");
}

#[test]
fn a_compartments_cases_are_in_no_draw_but_its_own() {
    let mut village = Village::new();
    let inside = village.world.worker("纪检员秦", "511902-discipline", Role::Inspector);
    let heads = Heads::of(&village.world);
    village.wang.set(village.case, "category", "conduct");
    village.wang.set(village.case, "outcome", "已查");
    village.world.sync(&mut village.wang);
    village.world.advance(A_WHILE);
    let world = &village.world;
    for (name, args) in [("accept", &[][..]), ("claim", &[][..])] {
        let outcome = world.act(&inside, village.case, name, args);
        assert!(matches!(outcome, ActOutcome::Decided { .. }), "{name}: {outcome:?}");
    }
    assert_eq!(counts(world, &heads.head), [0, 0, 0, 0]);
    let open = immediate(world.centre().commit_draw(&heads.inspector, "spot", None)).expect("fixed");
    let no = immediate(world.centre().commit_draw(&heads.inspector, "spot", Some("discipline")));
    assert!(matches!(no, Err(SupervisionError::NotFound)));
    let own = immediate(world.centre().commit_draw(&inside, "spot", Some("discipline"))).expect("its own");
    assert!(matches!(immediate(world.centre().draw(&heads.inspector, own)), Err(SupervisionError::NotFound)));
    assert!(immediate(world.centre().draw(&inside, open)).is_err(), "and sees no other");
}

#[test]
fn friday_accounts_are_given_with_evidence_sent_back_and_accepted_and_who_is_missing_shows() {
    let mut street = Street::new();
    let case = street.village.case;
    let heads = Heads::of(&street.village.world);
    let (giver, inspector) = (street.centre.clone(), street.inspector.clone());
    street.verified(case);
    let world = &street.village.world;
    let week = world.centre().account_week(DISTRICT, None).expect("the pack has accounts");
    let state = |world: &World| {
        let view = immediate(world.centre().accounts(&inspector, Some(week.day))).expect("is seen");
        assert_eq!(view.accounts.len(), 22, "every centre");
        let own = view.accounts.into_iter().find(|account| account.unit == CENTRE);
        own.expect("the town's centre").state
    };
    assert_eq!(state(world), AccountState::Awaited);
    let give = |world: &World, evidence| {
        immediate(world.centre().submit_account(&giver, week.day, evidence, "本周办结一件"))
    };
    assert!(matches!(give(world, vec![]), Err(SupervisionError::Evidence(1))), "a claim needs evidence");
    let photo = Hash([9; 32]);
    assert!(give(world, vec![(case, photo)]).is_err(), "a file that has not arrived is none");
    let row = ArrivalRow {
        document: case,
        hash: photo,
        size: 9,
        media: Media::Jpeg,
        device: DeviceId([1; 8]),
        at: world.now(),
    };
    immediate(world.store.arrive(row)).expect("memory keeps");
    assert!(immediate(world.centre().submit_account(&inspector, week.day, vec![], "")).is_err());
    give(world, vec![(case, photo)]).expect("given");
    assert_eq!(state(world), AccountState::Submitted);
    assert!(matches!(give(world, vec![(case, photo)]), Err(SupervisionError::Done)));
    let judge = |world: &World, who: &Person, back| {
        immediate(world.centre().judge_account(who, (week.day, CENTRE), back))
    };
    assert!(judge(world, &giver, None).is_err(), "nobody judges their own");
    assert!(judge(world, &heads.town, None).is_err());
    assert!(matches!(judge(world, &inspector, Some(" ")), Err(SupervisionError::Reason)));
    judge(world, &inspector, Some("照片不清")).expect("sent back");
    assert_eq!(state(world), AccountState::Returned);
    give(world, vec![(case, photo)]).expect("given again");
    judge(world, &inspector, None).expect("accepted");
    assert_eq!(state(world), AccountState::Accepted);

    // The next week: nobody has given one when it is due; one that comes then is late.
    street.village.world.advance(DAY * 10);
    let world = &street.village.world;
    let beijing = jiff::tz::offset(8).to_time_zone();
    let day = |n: i64| timestamp(world.now() - n * 24 * 60 * 60 * 1000).to_zoned(beijing.clone()).date();
    let due: Vec<_> = (0..=14)
        .filter_map(|n| world.centre().account_week(DISTRICT, Some(day(n))).ok())
        .filter(|week| week.due < timestamp(world.now()))
        .collect();
    let late = due.first().expect("an account day has passed");
    let view = immediate(world.centre().accounts(&heads.head, Some(late.day))).expect("is seen");
    let missing = view.accounts.iter().filter(|account| account.state == AccountState::Missing).count();
    assert!(missing >= 21, "{missing}");
    immediate(world.centre().submit_account(&giver, late.day, vec![(case, photo)], "")).expect("better late");
    let view = immediate(world.centre().accounts(&giver, Some(late.day))).expect("its own");
    assert_eq!(view.accounts.iter().map(|a| a.state).collect::<Vec<_>>(), [AccountState::Late]);
}

#[test]
fn a_months_rates_call_for_interviews_and_a_list_is_published_once_and_counted_again() {
    let mut village = Village::new();
    let heads = Heads::of(&village.world);
    for n in 0..11 {
        village.li.new_case(&small(&format!("第 {n} 件")));
    }
    village.world.sync(&mut village.li);
    village.world.advance(A_WHILE);
    let world = &village.world;
    let month = Month::of(world.now());
    let early = immediate(world.centre().publish_list(&heads.inspector, month));
    assert!(matches!(early, Err(SupervisionError::NotYet(_))));
    village.world.advance(DAY * 32);
    let world = &village.world;
    let view = immediate(world.centre().rates(&heads.head, month)).expect("is seen");
    let town = view.units.get(TOWN).expect("villages count with their town");
    assert_eq!((town.collected, town.resolved, town.answered), (12, 0, 0));
    let called: Vec<_> =
        view.called.iter().map(|(t, held)| (t.rule.as_str(), t.unit.as_str(), held.is_some())).collect();
    assert_eq!(called, [("low-completion", TOWN, false)]);
    let other = world.worker("邻镇镇长", "511902104", Role::Leader);
    let theirs = immediate(world.centre().rates(&other, month)).expect("sees what is published");
    assert!(theirs.called.is_empty() && theirs.units.is_empty());
    let of = ("low-completion", TOWN);
    assert!(immediate(world.centre().hold_interview(&heads.town, month, of, "谈过")).is_err());
    immediate(world.centre().hold_interview(&heads.inspector, month, of, "限期整改")).expect("held");
    assert!(matches!(
        immediate(world.centre().hold_interview(&heads.inspector, month, of, "再谈")),
        Err(SupervisionError::Done)
    ));
    assert!(immediate(world.centre().publish_list(&heads.town, month)).is_err());
    immediate(world.centre().publish_list(&heads.inspector, month)).expect("published");
    assert!(matches!(
        immediate(world.centre().publish_list(&heads.inspector, month)),
        Err(SupervisionError::Done)
    ));
    let view = immediate(world.centre().rates(&other, month)).expect("is seen");
    let published = view.published.expect("everybody at the desk sees it");
    assert_eq!(published.list.ranked.iter().map(|(unit, ..)| unit.as_str()).collect::<Vec<_>>(), [TOWN]);
    assert!(verifies(world));
    village.world.advance(DAY * 10);
    assert!(verifies(&village.world), "what came after the cut-off does not count");
}

#[test]
fn many_doors_one_sewer_suggests_a_group_in_which_each_keeps_its_own() {
    let mut village = Village::new();
    let reviewer = village.world.worker("中心研判", CENTRE, Role::Reviewer);
    let signals = |world: &World, who: &Person| immediate(world.centre().signals(who)).expect("is seen");
    assert!(signals(&village.world, &reviewer).clusters.is_empty(), "one case is no cluster");
    let second = village.li.new_case(&small("下水道堵了"));
    let third = village.zhao.new_case(&small("污水倒灌"));
    village.world.sync(&mut village.li);
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    let world = &village.world;
    let clusters = signals(world, &reviewer).clusters;
    let cases: Vec<DocumentId> = clusters.iter().flat_map(|c| &c.cases).map(|row| row.document).collect();
    assert_eq!((clusters.len(), cases.len(), cases[0]), (1, 3, village.case), "the earliest would lead");
    assert!(!signals(world, &reviewer).inspects, "signals of false resolution are for inspectors");
    let inspector = Heads::of(world).inspector;
    let no = immediate(world.centre().group_cluster(&inspector, VILLAGE, "water"));
    assert!(matches!(no, Err(SupervisionError::Refused { .. })), "inspectors do not group");
    let grouped = immediate(world.centre().group_cluster(&reviewer, VILLAGE, "water")).expect("grouped");
    assert_eq!(grouped, 2);
    let lead = village.case.to_string();
    for member in [second, third] {
        let last = world.decisions(member).pop().expect("decided");
        assert_eq!(last.life.lead.as_deref(), Some(lead.as_str()));
        assert!(last.life.closed.is_none() && last.unit.is_some(), "its own clock, reply and callback");
    }
    assert!(signals(world, &reviewer).clusters.is_empty());
}

#[test]
fn what_is_raised_again_or_proven_by_the_same_photo_is_shown_to_inspectors_alone() {
    let mut street = Street::new();
    let case = street.village.case;
    street.closed(case);
    let inspector = street.inspector.clone();
    let desk = street.village.reviewer.clone();
    let signals = |world: &World, who: &Person| immediate(world.centre().signals(who)).expect("is seen");
    assert!(signals(&street.village.world, &inspector).repeats.is_empty());
    street.village.world.advance(DAY * 5);
    let again = street.village.li.new_case(&small("水沟又堵了"));
    let Village { world, li, .. } = &mut street.village;
    world.sync(li);
    world.advance(A_WHILE);
    for document in [case, again] {
        let row = ArrivalRow {
            document,
            hash: Hash([5; 32]),
            size: 9,
            media: Media::Jpeg,
            device: DeviceId([1; 8]),
            at: world.now(),
        };
        immediate(world.store.arrive(row)).expect("memory keeps");
    }
    let shown = signals(world, &inspector);
    let pairs: Vec<_> = shown.repeats.iter().map(|(_, a, b)| (a.document, b.document)).collect();
    assert_eq!(pairs, [(case, again)]);
    assert_eq!(shown.reused.len(), 1);
    let hidden = signals(world, &desk);
    assert!(hidden.repeats.is_empty() && hidden.reused.is_empty() && hidden.bulk.is_empty());
    assert!(immediate(world.store.row(again)).expect("reads").is_some_and(|row| row.life.closed.is_none()));
}
