//! A first sync: what is urgent or due comes first, and it goes on where it was cut.

use doorstep_protocol::documents::{Edit, Role};
use doorstep_protocol::machines::device::End;
use doorstep_protocol::wire::Entry;
use doorstep_protocol::{DocumentId, limits};
use doorstep_tests::harness::{DESK, Handset, Note, VILLAGE, World, put};

use super::village::A_WHILE;

const CASES: usize = 60;

/// A village with so many long cases that they fill several pages; the last one is urgent.
fn village() -> (World, Vec<DocumentId>) {
    let mut world = World::new(11);
    let mut wang = world.device("王敏", VILLAGE, Role::Worker);
    let mut cases = Vec::new();
    for n in 1..=CASES {
        let urgency = if n == CASES { "urgent" } else { "normal" };
        let fields = [("title", "沟里有冰"), ("category", "water"), ("place", VILLAGE), ("urgency", urgency)];
        let case = wang.new_case(&fields);
        lengthen(&mut world, &mut wang, case);
        cases.push(case);
    }
    world.sync(&mut wang);
    world.advance(A_WHILE);
    (world, cases)
}

/// Adds so much to a case that a few of them fill a page.
pub(crate) fn lengthen(world: &mut World, handset: &mut Handset, case: DocumentId) {
    for _ in 0..2 {
        let mut random = vec![0; limits::MAX_ITEM_BYTES / 4];
        world.rng.fill(&mut random);
        let item = random.iter().map(|byte| format!("{byte:02x}")).collect();
        handset.edit(case, vec![Edit::Append { field: "log".into(), item }]).expect("it fits");
    }
}

fn reader(world: &mut World, name: &str) -> Handset {
    world.device(name, DESK, Role::Reviewer)
}

fn told(notes: &[Note]) -> Vec<DocumentId> {
    let entries = notes.iter().filter_map(|note| match note {
        Note::Stored(entries) => Some(entries),
        _ => None,
    });
    entries
        .flatten()
        .map(|entry| match entry {
            Entry::Document { document, .. } | Entry::Revoke { document } => *document,
        })
        .collect()
}

#[test]
fn what_is_urgent_comes_before_what_is_older() {
    let (mut world, cases) = village();
    let mut reader = reader(&mut world, "李红英");
    let mut line = world.connect(0, &mut reader);
    world.run(0, &mut line, &mut reader, 10_000);
    let told = told(&line.notes);
    assert_eq!(told[0], cases[CASES - 1]);
    assert_eq!(told.len(), CASES, "each once");
}

#[test]
fn a_first_sync_goes_on_where_it_was_cut_also_at_another_server() {
    let (mut world, cases) = village();
    let mut whole = reader(&mut world, "李红英");
    let at_once = world.sync(&mut whole).traffic;

    let mut reader = reader(&mut world, "陈静");
    let (mut sessions, mut bytes, mut pages) = (0, 0, 0);
    loop {
        sessions += 1;
        assert!(sessions < 20, "it begins again each time");
        let mut line = world.connect(0, &mut reader);
        let stored = |notes: &[Note]| notes.iter().filter(|note| matches!(note, Note::Stored(_))).count();
        while stored(&line.notes) == 0 && line.end.is_none() {
            world.run(0, &mut line, &mut reader, 1);
        }
        // The next page may be under way when the line is cut.
        world.run(0, &mut line, &mut reader, sessions % 3);
        if line.end.is_none() {
            line.cut(&mut reader).expect("the device's store works");
        }
        pages += stored(&line.notes);
        bytes += line.traffic.bytes_down;
        world.restart(0);
        if line.end == Some(End::Done) {
            break;
        }
    }
    assert!(pages > 2, "{pages} pages");
    assert!(bytes < 2 * at_once.bytes_down + 1_000, "{bytes} where {} do", at_once.bytes_down);
    assert!(cases.iter().all(|case| reader.holds(*case)));
    assert_eq!(reader.show(cases[3]).fields, whole.show(cases[3]).fields);
}

/// The page that granted it was lost; when the first sync goes on, it stands where that has been already.
#[test]
fn a_case_that_becomes_urgent_meanwhile_is_told_whole() {
    let (mut world, cases) = village();
    let mut wang = reader(&mut world, "王敏二");
    world.sync(&mut wang);
    let mut reader = reader(&mut world, "李红英");
    let mut line = world.connect(0, &mut reader);
    let pages = |notes: &[Note]| notes.iter().filter(|note| matches!(note, Note::Told(_))).count();
    while pages(&line.notes) < 2 {
        world.run(0, &mut line, &mut reader, 1);
    }
    let stored = told(&line.notes);
    line.cut(&mut reader).expect("the device's store works");
    let lost = line.notes.iter().rev().find_map(|note| match note {
        Note::Told(entries) => entries.iter().find_map(|entry| match entry {
            Entry::Document { document, .. } => Some(*document),
            Entry::Revoke { .. } => None,
        }),
        _ => None,
    });
    let lost = lost.expect("the second page grants something");
    assert!(cases.contains(&lost) && !stored.contains(&lost) && !reader.holds(lost));

    wang.set(lost, "urgency", "urgent");
    world.sync(&mut wang);
    world.sync(&mut reader);
    assert!(cases.iter().all(|case| reader.holds(*case)));
    assert_eq!(reader.show(lost).fields, wang.show(lost).fields, "all of it");
}

#[test]
fn what_changes_during_a_first_sync_comes_after_it() {
    let (mut world, cases) = village();
    let mut reader = reader(&mut world, "李红英");
    let mut wang = world.device("王敏二", VILLAGE, Role::Worker);
    let late = wang.new_case(&[("title", "路灯不亮"), ("category", "roads"), ("place", VILLAGE)]);
    let mut line = world.connect(0, &mut reader);
    while !line.notes.iter().any(|note| matches!(note, Note::Stored(_))) {
        world.run(0, &mut line, &mut reader, 1);
    }
    world.sync(&mut wang);
    world.advance(A_WHILE);
    line.cut(&mut reader).expect("the device's store works");
    world.sync(&mut reader);
    assert!(cases.iter().chain([&late]).all(|case| reader.holds(*case)));
    let first = cases[CASES - 1];
    reader.edit(first, vec![put("log", "已看过")]).expect("it is whole");
    world.sync(&mut reader);
    assert_eq!((reader.unsent(), reader.refused().len()), (0, 0));
}

/// A grant of a first sync says of decisions what is shown; what comes as news can be given back.
#[test]
fn a_first_sync_shows_each_decision_as_the_centre_took_it() {
    let (mut world, cases) = village();
    let mut reader = reader(&mut world, "李红英");
    world.sync(&mut reader);
    for case in &cases[CASES - 2..] {
        let taken = world.decisions(*case);
        let shown = reader.show(*case).decisions;
        assert!(taken.len() > 1, "taken in and settled");
        assert_eq!(shown.len(), taken.len());
        for (taken, shown) in taken.iter().zip(&shown) {
            let whole = serde_json::to_value(taken).expect("a decision is JSON");
            for name in
                ["n", "epoch", "at", "due", "unit", "co_units", "directive", "step", "reasons", "changed"]
            {
                assert_eq!(shown[name], whole[name], "{name} of decision {}", taken.n);
            }
            assert_eq!(shown["cause"], taken.cause.kind());
            assert!(shown.get("projection").is_none(), "not what only deciding needs");
        }
    }
    let mut wang = world.device("王敏二", VILLAGE, Role::Worker);
    let late = wang.new_case(&[("title", "路灯不亮"), ("category", "roads"), ("place", VILLAGE)]);
    world.sync(&mut wang);
    world.advance(A_WHILE);
    world.sync(&mut reader);
    let news = reader.show(late).decisions;
    assert!(!news.is_empty() && news.iter().all(|decision| decision["projection"].is_object()));
}
