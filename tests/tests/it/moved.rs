//! What somebody may see changes as a whole: another unit, role or name, or another tree of units. No case is committed for
//! that, so no feed tells of it; their devices must give up what it takes from them and get what it gives them all the same.

use doorstep_client::store::immediate;
use doorstep_policy::{Pack, embedded_bazhou};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::{Kind, Role};
use doorstep_protocol::machines::device::End;
use doorstep_protocol::wire::{ActOutcome, Entry};
use doorstep_server::policies::Packs;
use doorstep_server::store::{Person, Store as _};
use doorstep_tests::harness::{
    CENTRE, DESK, Handset, Line, Move, NEIGHBOUR, Note, TOWN, Traffic, VILLAGE, World, put,
};

use super::first_sync::lengthen;
use super::village::{A_WHILE, Village, small};

/// The office gives somebody another name, unit or role.
fn change(world: &World, handset: &Handset, with: impl FnOnce(Person) -> Person) {
    let admin = world.worker("管理员", CENTRE, Role::Admin);
    let person = immediate(world.store.person(handset.person.worker)).expect("reads").expect("known");
    immediate(world.centre().change_person(&admin, with(person))).expect("an administrator may");
}

fn to_unit(unit: &str) -> impl FnOnce(Person) -> Person {
    move |person| Person { unit: unit.into(), ..person }
}

/// Documents that a line's pages named: told, and taken away.
fn named(line: &Line) -> (Vec<DocumentId>, Vec<DocumentId>) {
    let (mut told, mut taken) = (Vec::new(), Vec::new());
    for note in &line.notes {
        let Note::Told(entries) = note else { continue };
        for entry in entries {
            match entry {
                Entry::Document { document, .. } => told.push(*document),
                Entry::Revoke { document } => taken.push(*document),
            }
        }
    }
    (told, taken)
}

fn session(world: &mut World, handset: &mut Handset) -> Line {
    let mut line = world.connect(0, handset);
    world.run(0, &mut line, handset, 10_000);
    assert_eq!(line.end, Some(End::Done));
    line
}

/// Li is connected, has all there is and waits for news.
fn live(village: &mut Village) -> Line {
    let line = Line::open(&village.world.nodes[0], &mut village.li, true);
    let mut line = line.expect("the device's store works").expect("the centre lets it in");
    village.world.run(0, &mut line, &mut village.li, 10_000);
    assert!(line.moves().is_empty());
    line
}

fn quiet(line: &Line) -> bool {
    let still = Traffic { bytes_up: 0, bytes_down: 0, ..line.traffic };
    still == Traffic { frames_up: 1, frames_down: 1, ..Traffic::default() }
}

#[test]
fn who_moves_gives_up_the_old_units_cases_and_is_given_the_new_ones() {
    let mut village = Village::new();
    let mut sun = village.world.device("孙丽", NEIGHBOUR, Role::Worker);
    let there = sun.new_case(&[
        ("title", "水渠漏水"),
        ("category", "water"),
        ("severity", "light"),
        ("place", NEIGHBOUR),
    ]);
    village.world.sync(&mut sun);
    village.world.advance(A_WHILE);
    let own = village.li.new_case(&small("自己登记的"));
    village.world.sync(&mut village.li);
    village.li.set(village.case, "log", "还没发出的");

    change(&village.world, &village.li, to_unit(NEIGHBOUR));
    let line = session(&mut village.world, &mut village.li);
    assert_eq!(named(&line), (vec![there], vec![village.case]), "what stays is not told again");
    assert!(village.li.lists(there) && village.li.lists(own) && !village.li.holds(village.case));
    let log = village.world.view(&village.reviewer, village.case).expect("seen").fields["log"].clone();
    assert_eq!(log, serde_json::json!(["还没发出的"]), "what was not sent yet came first");
    assert!(quiet(&session(&mut village.world, &mut village.li)), "once");

    village.world.sync(&mut village.wang);
    village.wang.set(village.case, "log", "他走了以后");
    village.world.sync(&mut village.wang);
    change(&village.world, &village.li, to_unit(VILLAGE));
    let line = session(&mut village.world, &mut village.li);
    assert_eq!(named(&line), (vec![village.case], vec![there]), "and back");
    assert_eq!(village.li.field(village.case, "log"), serde_json::json!(["还没发出的", "他走了以后"]));
    assert!(quiet(&session(&mut village.world, &mut village.li)));
}

#[test]
fn who_is_connected_hears_of_it_at_once() {
    let mut village = Village::new();
    let mut line = live(&mut village);
    change(&village.world, &village.li, to_unit(NEIGHBOUR));
    village.world.run(0, &mut line, &mut village.li, 10_000);
    assert!(!village.li.holds(village.case));
}

/// The session began while the case was theirs to act on.
#[test]
fn who_has_moved_commands_nothing_any_more_where_they_were() {
    let mut village = Village::new();
    village.zhao.set(village.case, "outcome", "已疏通");
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    let mut line = live(&mut village);
    let given = |village: &mut Village, line: &mut Line, name: &str| {
        village.li.act(village.case, name, &[]).expect("noted on the device");
        let before = village.world.decisions(village.case).len();
        line.local(&mut village.li).expect("works");
        while line.moves().contains(&Move::Up) {
            line.step(Move::Up, &village.world.nodes[0], &mut village.li).expect("works");
        }
        village.world.decisions(village.case).len() - before
    };
    assert_eq!(given(&mut village, &mut line, "accept"), 1);
    village.world.run(0, &mut line, &mut village.li, 10_000);
    change(&village.world, &village.li, to_unit(NEIGHBOUR));
    assert_eq!(given(&mut village, &mut line, "claim"), 0);
    let stays = village.zhao.person.clone();
    let claimed = village.world.act(&stays, village.case, "claim", &[]);
    assert!(matches!(claimed, ActOutcome::Decided { .. }), "whoever stays may: {claimed:?}");
}

#[test]
fn an_auditor_keeps_nothing_and_a_new_name_may_be_one_that_is_concerned() {
    let mut village = Village::new();
    village.zhao.set(village.case, "subject", "王某");
    village.world.sync(&mut village.zhao);
    village.world.advance(A_WHILE);
    village.world.sync(&mut village.wang);
    village.world.sync(&mut village.li);
    assert!(village.wang.holds(village.case) && village.li.holds(village.case), "it is about nobody here");

    change(&village.world, &village.wang, |person| Person { name: "王某".into(), ..person });
    village.world.sync(&mut village.wang);
    assert!(!village.wang.holds(village.case), "it is about them");
    change(&village.world, &village.li, |person| Person { role: Role::Auditor, ..person });
    village.world.sync(&mut village.li);
    assert!(!village.li.holds(village.case), "auditors work at the desk only");
}

/// So many long cases that telling them takes several pages, cut after each.
#[test]
fn a_walk_that_is_cut_goes_on_and_leaves_nothing_out() {
    const CASES: usize = 30;
    let mut world = World::new(12);
    let mut wang = world.device("王敏", VILLAGE, Role::Worker);
    let cases: Vec<DocumentId> = (0..CASES)
        .map(|_| {
            let case = wang.new_case(&small("沟里有冰"));
            lengthen(&mut world, &mut wang, case);
            case
        })
        .collect();
    world.sync(&mut wang);
    world.advance(A_WHILE);
    let mut sun = world.device("孙丽", NEIGHBOUR, Role::Worker);
    let kept = sun.new_case(&[
        ("title", "水渠漏水"),
        ("category", "water"),
        ("severity", "light"),
        ("place", NEIGHBOUR),
    ]);
    world.sync(&mut sun);
    world.advance(A_WHILE);
    world.sync(&mut sun);

    change(&world, &sun, to_unit(DESK));
    change(&world, &sun, |person| Person { role: Role::Reviewer, ..person });
    let (mut sessions, mut pages, mut told) = (0, 0, Vec::new());
    loop {
        sessions += 1;
        assert!(sessions < 20, "it begins again each time");
        let mut line = world.connect(0, &mut sun);
        let stored = |notes: &[Note]| notes.iter().filter(|note| matches!(note, Note::Stored(_))).count();
        while stored(&line.notes) == 0 && line.end.is_none() {
            world.run(0, &mut line, &mut sun, 1);
        }
        if line.end.is_none() {
            line.cut(&mut sun).expect("the device's store works");
        }
        // Meanwhile work goes on, also on what was gone through.
        wang.set(cases[sessions], "log", "后来");
        world.sync(&mut wang);
        pages += stored(&line.notes);
        told.extend(named(&line).0);
        if line.end == Some(End::Done) {
            break;
        }
    }
    assert!(pages > 2, "{pages} pages");
    assert!(!told.contains(&kept), "it has that");
    world.sync(&mut sun);
    for case in &cases {
        assert!(sun.lists(*case));
        assert_eq!(sun.show(*case).heads, wang.show(*case).heads);
    }
    assert!(quiet(&session(&mut world, &mut sun)));
}

/// A village that the rules in force put under another town: nobody was moved, and no document was touched.
#[test]
fn rules_that_put_a_village_elsewhere_take_its_visits_from_those_above() {
    let mut village = Village::new();
    let fields = vec![put("title", "走访"), put("place", VILLAGE)];
    let visit = immediate(village.wang.replica.new_document(Kind::Visit, fields)).expect("made").document;
    village.world.sync(&mut village.wang);
    let mut town = village.world.device("镇干部", TOWN, Role::Handler);
    village.world.sync(&mut town);
    assert!(town.holds(visit), "the town is above the village");

    let mut text = embedded_bazhou();
    let units = text.0.get_mut("units.csv").expect("units have a file");
    let line =
        units.lines().find(|line| line.starts_with(VILLAGE)).expect("the village is a unit").to_owned();
    let elsewhere = line.replace(&format!(",{TOWN},"), ",511902105,");
    assert_ne!(line, elsewhere);
    *units = units.replace(&line, &elsewhere);
    let first = Pack::load(&embedded_bazhou()).expect("it loads");
    let versions = ["", "-next"].map(|more| format!("version = \"{}{more}\"", first.version()));
    text.0.values_mut().for_each(|text| *text = text.replace(&versions[0], &versions[1]));
    let next = Pack::load(&text).expect("it loads");
    village.world.centre().install(Packs::new([first, next]));
    let line = session(&mut village.world, &mut town);
    assert_eq!(named(&line), (vec![], vec![visit]));
    assert!(!town.holds(visit));
    assert!(quiet(&session(&mut village.world, &mut village.wang)), "for others nothing has changed");
}
