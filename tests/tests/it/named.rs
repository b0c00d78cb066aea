//! A case that names somebody is about their unit too (DOMAIN: nobody named in a complaint, nor their unit, may see it).

use doorstep_client::store::immediate;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_server::store::office::Office as _;
use doorstep_server::store::{Commit, Expect, Person, Store as _};
use doorstep_tests::harness::{CENTRE, DESK, Handset, NEIGHBOUR, TOWN, VILLAGE, World};

use super::village::{A_WHILE, Village, small};

const DISCIPLINE: &str = "511902-discipline";
const LEADERS: &str = "511902-leader";

/// Somebody looks at a case: whether they see it.
fn sees(world: &World, person: &Person, case: DocumentId) -> bool {
    world.view(person, case).is_ok()
}

fn complaint(wang: &mut Handset, subject: &str) -> DocumentId {
    wang.new_case(&[("title", "收了红包"), ("category", "conduct"), ("place", VILLAGE), ("subject", subject)])
}

#[test]
fn a_complaint_about_one_of_the_discipline_office_is_looked_into_by_somebody_else() {
    for subject in ["周强", "纪委 周强", "周 强主任"] {
        let mut village = Village::new();
        let zhou = village.world.worker("周强", DISCIPLINE, Role::Handler);
        let colleague = village.world.worker("钱进", DISCIPLINE, Role::Handler);
        let leader = village.world.worker("孙书记", LEADERS, Role::Leader);
        let case = complaint(&mut village.wang, subject);
        village.world.sync(&mut village.wang);
        for when in ["at accept", "decided"] {
            let seen = [&zhou, &colleague, &leader].map(|person| sees(&village.world, person, case));
            assert_eq!(seen, [false, false, true], "{subject:?} {when}");
            village.world.advance(A_WHILE);
        }
        let last = village.world.decisions(case).pop().expect("decided");
        assert_eq!(last.unit.as_deref(), Some(LEADERS), "{subject:?}");
        assert!(last.projection.subject_units.contains(DISCIPLINE));
    }
}

#[test]
fn a_colleague_of_whoever_is_named_sees_it_by_decision_and_the_named_one_never() {
    let mut village = Village::new();
    let case = village.case;
    let named = village.world.worker("周强", VILLAGE, Role::Worker);
    let li = village.li.person.clone();
    assert!(sees(&village.world, &named, case) && sees(&village.world, &li, case));
    village.zhao.set(case, "subject", "周强");
    village.world.sync(&mut village.zhao);
    assert!(!sees(&village.world, &li, case), "their unit, in the moment of acceptance");
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(case));
    assert!(sees(&village.world, &village.reviewer, case), "the desk sees it");
    village.world.advance(A_WHILE);
    // BZ-3: the village handles what is small, knowing what it is about.
    assert_eq!(village.world.decisions(case).pop().expect("decided").unit.as_deref(), Some(VILLAGE));
    assert!(sees(&village.world, &li, case) && !sees(&village.world, &named, case));
    village.world.sync(&mut village.li);
    assert!(village.li.holds(case));
}

#[test]
fn a_case_that_names_somebody_of_the_centre_is_taken_in_by_the_desk() {
    let mut village = Village::new();
    let named = village.world.worker("周强", CENTRE, Role::Handler);
    let colleague = village.world.worker("钱进", CENTRE, Role::Handler);
    let case = village.wang.new_case(&[&small("中心不受理")[..], &[("subject", "周强")]].concat());
    village.world.sync(&mut village.wang);
    let intake = village.world.decisions(case).remove(0);
    assert_eq!(intake.unit.as_deref(), Some(DESK));
    assert!(!sees(&village.world, &named, case) && !sees(&village.world, &colleague, case));
}

/// The office gives somebody another name or unit.
fn change(world: &World, of: &Person, with: impl FnOnce(Person) -> Person) -> Person {
    let admin = world.worker("管理员", CENTRE, Role::Admin);
    let person = immediate(world.store.person(of.worker)).expect("reads").expect("known");
    immediate(world.centre().change_person(&admin, with(person))).expect("an administrator may");
    immediate(world.store.person(of.worker)).expect("reads").expect("known")
}

#[test]
fn another_name_gives_nobody_the_complaints_about_their_old_one() {
    let mut village = Village::new();
    let named = village.world.worker("周强", VILLAGE, Role::Worker);
    village.zhao.set(village.case, "subject", "周强");
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    let renamed = change(&village.world, &named, |person| Person { name: "周志强".into(), ..person });
    assert!(!sees(&village.world, &renamed, village.case), "it is about them still");
    // Nor what names them so later, before and after it is decided.
    let later = village.zhao.new_case(&[&small("还是他")[..], &[("subject", "周强")]].concat());
    village.world.sync(&mut village.zhao);
    assert!(!sees(&village.world, &renamed, later));
    village.world.advance(A_WHILE);
    assert!(!sees(&village.world, &renamed, later));
}

/// Or a case would lie with a unit that is blind to it, and nothing would ever be decided that lets it see.
#[test]
fn whoever_is_named_and_comes_to_the_unit_that_handles_it_blinds_nobody_there() {
    let mut village = Village::new();
    let (case, li) = (village.case, village.li.person.clone());
    let named = village.world.worker("周强", NEIGHBOUR, Role::Worker);
    village.zhao.set(case, "subject", "周强");
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    assert!(sees(&village.world, &li, case));
    let moved = change(&village.world, &named, |person| Person { unit: VILLAGE.into(), ..person });
    village.world.sync(&mut village.li);
    village.li.set(case, "log", "又看了一次");
    village.world.sync(&mut village.li);
    village.world.advance(A_WHILE);
    assert!(sees(&village.world, &li, case) && !sees(&village.world, &moved, case));
    assert!(village.li.refused().is_empty());
}

/// Nobody decides on it while the two disagree, so nobody else than those whom it is about would see it, for ever.
#[test]
fn a_complaint_that_turns_out_to_be_about_its_office_is_seen_by_another_at_once() {
    let mut village = Village::new();
    let discipline = village.world.worker("周强", DISCIPLINE, Role::Reviewer);
    let leader = village.world.worker("孙书记", LEADERS, Role::Leader);
    let case = complaint(&mut village.wang, "镇干部");
    village.world.sync(&mut village.wang);
    village.world.advance(A_WHILE);
    assert!(sees(&village.world, &discipline, case) && !sees(&village.world, &leader, case));
    let device = village.world.device("钱进", DISCIPLINE, Role::Handler);
    let mut one = device;
    let mut two = village.world.device("吴进", DISCIPLINE, Role::Handler);
    village.world.sync(&mut one);
    village.world.sync(&mut two);
    one.set(case, "subject", "某村干部");
    two.set(case, "subject", "周强");
    village.world.sync(&mut one);
    village.world.sync(&mut two);
    assert!(!sees(&village.world, &discipline, case));
    assert_eq!(village.world.view(&leader, case).expect("another office").conflicts.len(), 1);
    village.world.sync(&mut one);
    assert!(!one.holds(case));
    // A timer decides on what was settled before, and gives it back to nobody.
    village.world.advance(std::time::Duration::from_secs(20 * 24 * 3600));
    assert!(!sees(&village.world, &discipline, case) && sees(&village.world, &leader, case));
}

#[test]
fn whoever_comes_or_is_called_so_later_sees_no_complaint_about_themselves_and_no_colleague_does() {
    for subject in ["周强", "纪委 周强主任"] {
        let mut village = Village::new();
        let colleague = village.world.worker("钱进", DISCIPLINE, Role::Handler);
        let case = complaint(&mut village.wang, subject);
        village.world.sync(&mut village.wang);
        village.world.advance(A_WHILE);
        assert!(sees(&village.world, &colleague, case), "nobody of that name works here");
        let late = village.world.worker("周某", DISCIPLINE, Role::Handler);
        let named = change(&village.world, &late, |person| Person { name: "周强".into(), ..person });
        assert!(!sees(&village.world, &named, case) && !sees(&village.world, &colleague, case));
        let renamed = change(&village.world, &late, |person| Person { name: "周志强".into(), ..person });
        assert!(!sees(&village.world, &renamed, case) && !sees(&village.world, &colleague, case));
        let leader = village.world.worker("孙书记", LEADERS, Role::Leader);
        assert!(sees(&village.world, &leader, case), "somebody looks into it");
    }
}

#[test]
fn whoever_was_called_so_once_and_moves_blinds_their_new_unit_as_well() {
    let mut village = Village::new();
    let (case, colleague) = (village.case, village.world.worker("钱进", CENTRE, Role::Handler));
    let named = village.world.worker("诸葛旧", NEIGHBOUR, Role::Worker);
    village.zhao.set(case, "subject", "诸葛旧");
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    assert!(sees(&village.world, &colleague, case));
    let renamed = change(&village.world, &named, |person| Person { name: "诸葛新".into(), ..person });
    let moved = change(&village.world, &renamed, |person| Person { unit: CENTRE.into(), ..person });
    assert!(!sees(&village.world, &moved, case) && !sees(&village.world, &colleague, case));
}

#[test]
fn the_code_of_an_office_or_a_short_name_keeps_it_out_like_its_name() {
    for subject in [
        "区纪委某干部",
        "纪委",
        "511902-discipline的干部",
        "511902-discipline, 511902-urban",
        "找511902-discipline",
        "511902-DISCIPLINE-周强",
    ] {
        let mut village = Village::new();
        let discipline = village.world.worker("周强", DISCIPLINE, Role::Handler);
        let leader = village.world.worker("孙书记", LEADERS, Role::Leader);
        let case = complaint(&mut village.wang, subject);
        village.world.sync(&mut village.wang);
        village.world.advance(A_WHILE);
        assert!(!sees(&village.world, &discipline, case) && sees(&village.world, &leader, case), "{subject}");
    }
}

#[test]
fn what_is_about_one_of_the_desk_and_the_centre_is_taken_in_by_who_supervises() {
    let mut village = Village::new();
    let inspector = village.world.worker("吴督查", "511902-supervision", Role::Inspector);
    let desk = village.world.worker("李登记", DESK, Role::Reviewer);
    village.world.worker("赵审核", CENTRE, Role::Reviewer);
    let words = [&small("两边都不理")[..], &[("subject", "李登记、赵审核")]].concat();
    let case = village.wang.new_case(&words);
    village.world.sync(&mut village.wang);
    let intake = village.world.decisions(case).remove(0);
    assert_eq!(intake.unit.as_deref(), Some("511902-supervision"));
    assert!(sees(&village.world, &inspector, case) && !sees(&village.world, &desk, case));
}

/// A server that is killed between a change of people and the look at what names them does that look when it is back.
#[test]
fn whom_cases_name_is_found_again_after_a_change_that_was_cut_short() {
    let mut village = Village::new();
    let late = village.world.worker("周某", VILLAGE, Role::Worker);
    let li = village.li.person.clone();
    village.zhao.set(village.case, "subject", "村里的周强");
    village.world.sync(&mut village.zhao);
    let look = |world: &World| immediate(world.centre().look_at_all_named()).expect("looks");
    assert_eq!((look(&village.world), look(&village.world)), (1, 0), "once, while nothing changes");
    let named = Person { name: "周强".into(), ..late };
    immediate(village.world.store.change_person(named.clone())).expect("written");
    assert!(sees(&village.world, &li, village.case), "nobody has looked");
    assert_eq!(look(&village.world), 1);
    assert!(!sees(&village.world, &named, village.case) && !sees(&village.world, &li, village.case));
    assert_eq!(look(&village.world), 0);
}

/// What is kept beside a case about whom it names is worked out again from what the case says, not believed.
#[test]
fn verify_finds_a_case_that_is_open_to_whom_it_names() {
    let mut village = Village::new();
    village.world.worker("周强", VILLAGE, Role::Worker);
    village.zhao.set(village.case, "subject", "村里的周强");
    village.world.sync(&mut village.zhao);
    let failed = |world: &World| {
        let report = immediate(doorstep_server::verify::report(world.centre())).expect("reads");
        report.invariants[7].failed
    };
    assert_eq!(failed(&village.world), 0);
    let mut row = immediate(village.world.store.row(village.case)).expect("reads").expect("stored");
    row.concerned.clear();
    let expect = Expect::At(row.version);
    let torn = Commit { row, expect, by: None, staff: None, rows: Vec::new(), gist: None };
    immediate(village.world.store.commit(vec![torn])).expect("writes");
    assert!(failed(&village.world) >= 2, "the named one and a colleague");
}

/// An office that gets somebody of a name that a complaint before it names does not look into that one any more, and the one
/// that stands in can.
#[test]
fn a_namesake_in_the_office_takes_a_complaint_to_the_next_one() {
    let mut village = Village::new();
    let leader = village.world.worker("孙书记", LEADERS, Role::Leader);
    let zhou = village.world.worker("周强", DISCIPLINE, Role::Handler);
    let case = complaint(&mut village.wang, "孙悟");
    village.world.sync(&mut village.wang);
    village.world.advance(A_WHILE);
    assert!(sees(&village.world, &zhou, case) && !sees(&village.world, &leader, case));
    let namesake = village.world.worker("孙五", DISCIPLINE, Role::Handler);
    change(&village.world, &namesake, |person| Person { name: "孙悟".into(), ..person });
    assert!(!sees(&village.world, &zhou, case) && sees(&village.world, &leader, case), "at once");
    village.world.advance(A_WHILE);
    let last = village.world.decisions(case).pop().expect("decided");
    assert_eq!(last.unit.as_deref(), Some(LEADERS));
    let took = village.world.act(&leader, case, "accept", &[]);
    assert!(matches!(took, ActOutcome::Decided { .. }), "{took:?}");
}

/// What a decision read says of which unit somebody was then: where they are by now counts, once that unit handles it no more.
#[test]
fn whoever_has_moved_hides_a_case_from_where_they_are_now_once_that_is_handled_elsewhere() {
    let mut village = Village::new();
    let town = village.world.worker("镇干部", TOWN, Role::Leader);
    let named = village.world.worker("周强", NEIGHBOUR, Role::Worker);
    let case = village.wang.new_case(&[
        ("title", "村道塌方"),
        ("category", "roads"),
        ("severity", "medium"),
        ("place", VILLAGE),
        ("subject", "周强"),
    ]);
    village.world.sync(&mut village.wang);
    village.world.advance(A_WHILE);
    assert_eq!(village.world.decisions(case).pop().expect("decided").unit.as_deref(), Some(TOWN));
    change(&village.world, &named, |person| Person { unit: TOWN.into(), ..person });
    assert!(sees(&village.world, &town, case), "it handles the case, knowing of whom it is");
    let args = [("unit", VILLAGE), ("reason", "村里办")];
    let referred = village.world.act(&village.reviewer, case, "refer", &args);
    assert!(matches!(referred, ActOutcome::Decided { .. }), "{referred:?}");
    assert!(!sees(&village.world, &town, case), "it is above whoever handles it, and about one of its own");
}
