//! Whatever a person can save on a device, the centre takes: random edits of every kind of document through the real
//! edit path, the real wire and the real gate. Nothing is refused, nothing stays behind.
//!
//! `ACCEPTED_STEPS` and `ACCEPTED_SEED` make long runs.

use doorstep_client::replica::EditFailure;
use doorstep_client::store::immediate;
use doorstep_protocol::documents::{Edit, Kind, Role, Type};
use doorstep_protocol::{DocumentId, Hash, limits};
use doorstep_server::store::Store as _;
use doorstep_tests::harness::{DISTRICT, Handset, Rng, VILLAGE, World, put};
use serde_json::json;

use super::village::{Village, small};

/// Nothing was refused, and nothing waits on the devices.
fn all_taken(world: &World, devices: &[&Handset]) {
    let refused = immediate(world.store.quarantine(DISTRICT, None, 10)).expect("memory reads");
    let refused: Vec<_> = refused.iter().map(|row| (row.code.as_str(), row.message.as_str())).collect();
    assert_eq!(refused, []);
    for device in devices {
        assert_eq!(device.refused(), []);
        assert_eq!(device.unsent(), 0, "held");
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

const WORDS: [&str; 8] = ["水沟", "👨‍👩‍👧‍👦", "e\u{301}", "路灯\n", "a", "ᠮᠣᠩᠭᠣᠯ", "·", "堵塞很久了，没有人来"];

fn text(rng: &mut Rng, words: usize) -> String {
    (0..rng.below(words + 1)).map(|_| rng.word(&WORDS)).collect()
}

/// Some edit that somebody may try, sensible or not: what the device lets through, the centre must take.
fn an_edit(rng: &mut Rng, kind: Kind) -> Edit {
    let fields: Vec<_> = kind.fields().collect();
    let field = *rng.pick(&fields);
    let name = field.name.to_owned();
    let item = |rng: &mut Rng| match rng.below(4) {
        0 => json!({ "attachment": "a.jpg", "purpose": "after" }).to_string(),
        1 => json!({ "what": "publicity", "count": 3, "name": "王", "at": "昨天", "household": "3" })
            .to_string(),
        2 => json!({ "answer": "satisfied", "by": "李", "matter": "水" }).to_string(),
        _ => text(rng, 4),
    };
    match (field.ty, rng.below(5)) {
        (Type::Text, 0) => Edit::SetText { field: name, text: text(rng, 400) },
        (Type::Text, 1) => Edit::SetText { field: name, text: String::new() },
        (Type::Text, _) => {
            let (at, delete) = (rng.below(20), rng.below(12));
            Edit::Splice { field: name, at, delete, insert: text(rng, 30) }
        }
        (Type::Labels, 0) => Edit::Unlabel { field: name, label: rng.word(&WORDS).into() },
        (Type::Labels, _) => Edit::Append { field: name, item: rng.word(&WORDS).into() },
        // A signature is made by signing, and proves who signed.
        (Type::Items | Type::Entries(_), _) if name == "signatures" => put("title", "又一次"),
        (Type::Items | Type::Entries(_), _) => Edit::Append { field: name, item: item(rng) },
        (_, 0) => Edit::Put { field: name, value: None },
        (_, 1) => {
            Edit::Put { field: name, value: Some(rng.word(&["water", "roads", "light", "urgent"]).into()) }
        }
        (_, 2) => Edit::Put { field: name, value: Some(VILLAGE.into()) },
        _ => Edit::Put { field: name, value: Some(text(rng, 3)) },
    }
}

/// One step of one device: an edit at what is shown now or at what an old form shows, a signature, a new process.
fn step(
    rng: &mut Rng,
    device: &mut Handset,
    documents: &[DocumentId],
    forms: &mut Vec<(DocumentId, Vec<Hash>)>,
) {
    let document = *rng.pick(documents);
    if !device.holds(document) {
        return;
    }
    let shown = device.show(document);
    if rng.one_in(3) {
        forms.push((document, shown.heads.clone()));
    }
    if rng.one_in(9) {
        device.restart();
    }
    if shown.kind == Kind::Case && rng.one_in(12) {
        return device.sign(document, "handler");
    }
    let kind = shown.kind;
    let edits: Vec<Edit> = (0..=rng.below(4)).map(|_| an_edit(rng, kind)).collect();
    let old = forms.iter().filter(|(of, _)| *of == document).map(|(_, heads)| heads.clone());
    let old: Vec<Vec<Hash>> = old.collect();
    let made = if old.is_empty() || rng.one_in(2) {
        device.edit(document, edits)
    } else {
        let form = &old[rng.below(old.len())];
        device.edit_at(document, form, edits)
    };
    match made {
        Ok(_) | Err(EditFailure::Edit(_) | EditFailure::Crowded(_) | EditFailure::Lowering { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn whatever_a_device_saves_the_centre_takes() {
    let steps = setting("ACCEPTED_STEPS", 260) as usize;
    let seed = setting("ACCEPTED_SEED", 1);
    let Village { mut world, wang, li, zhao, case, .. } = Village::of(World::new(seed));
    let mut devices = [wang, li, zhao];
    let mut rng = Rng::new(seed);
    let mut documents = vec![case];
    for kind in [Kind::Visit, Kind::Register, Kind::Meeting] {
        let edits = vec![put("title", "走访"), put("place", VILLAGE)];
        let made = immediate(devices[0].replica.new_document(kind, edits)).expect("made offline");
        documents.push(made.document);
    }
    documents.push(devices[0].new_case(&small("又一件")));
    let mut forms: [Vec<_>; 3] = Default::default();
    for _ in 0..steps {
        let who = rng.below(devices.len());
        step(&mut rng, &mut devices[who], &documents, &mut forms[who]);
        if rng.one_in(12) {
            world.sync(&mut devices[rng.below(3)]);
        }
    }
    for _ in 0..2 {
        devices.iter_mut().for_each(|device| drop(world.sync(device)));
    }
    all_taken(&world, &devices.each_ref());
    let taken: usize = world.stored_hashes().values().map(Vec::len).sum();
    assert!(taken > steps / 3, "{taken} changes of {steps} steps: people here do too little");
}

#[test]
fn a_text_of_three_hundred_authors_is_cleared_in_one_edit() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    for _ in 0..300 {
        wang.restart();
        let edit = Edit::Append { field: "description".into(), item: "水".into() };
        wang.edit(case, vec![edit]).expect("held");
    }
    world.sync(&mut wang);
    wang.restart();
    wang.edit(case, vec![put("description", "")]).expect("cleared");
    world.sync(&mut wang);
    all_taken(&world, &[&wang]);
    assert!(wang.field(case, "description").is_null());
}

#[test]
fn a_text_that_grew_beyond_its_bound_by_merging_is_cleared_in_parts() {
    let Village { mut world, mut wang, mut li, mut zhao, case, .. } = Village::new();
    for device in [&mut wang, &mut li, &mut zhao] {
        device.set(case, "description", &"水".repeat(limits::MAX_TEXT_CHARS));
    }
    for device in [&mut wang, &mut li, &mut zhao] {
        world.sync(device);
    }
    world.sync(&mut wang);
    let made = wang.edit(case, vec![put("description", "")]).expect("cleared");
    assert!(made.hashes.len() > 1, "one operation a character does not fit into one change");
    world.sync(&mut wang);
    all_taken(&world, &[&wang, &li, &zhao]);
    assert!(wang.field(case, "description").is_null());
}

#[test]
fn an_old_form_may_be_saved_as_often_as_one_likes() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    let form = wang.show(case).heads;
    for n in 0..3 * limits::MAX_OWN_HEADS {
        wang.edit_at(case, &form, vec![put("log", &format!("第 {n} 次"))]).expect("saved");
    }
    world.sync(&mut wang);
    all_taken(&world, &[&wang]);
    let log = wang.field(case, "log");
    assert_eq!(log.as_array().map(Vec::len), Some(3 * limits::MAX_OWN_HEADS), "none is lost");
}

#[test]
fn versions_of_one_field_that_do_not_know_of_one_another_are_bounded_on_the_device() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    let form = wang.show(case).heads;
    let saved = (0..2 * limits::MAX_OWN_RIVALS).map(|n| {
        let edit = put("outcome", &format!("结果 {n}"));
        wang.edit_at(case, &form, vec![edit]).map_err(|failure| failure.to_string())
    });
    let refused: Vec<String> = saved.filter_map(Result::err).collect();
    assert_eq!(refused.len(), limits::MAX_OWN_RIVALS, "told at once, not days later by the centre");
    assert!(refused[0].contains("write it again where all are shown"), "{}", refused[0]);
    wang.set(case, "outcome", "以这个为准");
    world.sync(&mut wang);
    all_taken(&world, &[&wang]);
    assert_eq!(wang.field(case, "outcome"), json!("以这个为准"));
}

#[test]
fn a_clock_in_another_century_does_not_matter() {
    const YEAR: i64 = 366 * 24 * 60 * 60 * 1000;
    let mut world = World::new(3);
    let person = world.worker("王敏", VILLAGE, Role::Worker);
    for years in [120, -120] {
        let mut device = world.skewed_device_of(&person, years * YEAR);
        let case = device.new_case(&small("钟坏了"));
        world.sync(&mut device);
        all_taken(&world, &[&device]);
        assert!(world.stored_hashes().contains_key(&case));
    }
}

#[test]
fn what_forty_people_say_at_once_waits_on_their_devices_until_somebody_resolves() {
    let Village { mut world, reviewer, mut wang, case, .. } = Village::new();
    let mut devices: Vec<Handset> = (0..limits::MAX_SIDES + 8)
        .map(|n| world.device(&format!("网格员{n}"), VILLAGE, Role::Worker))
        .collect();
    devices.iter_mut().for_each(|device| drop(world.sync(device)));
    for (n, device) in devices.iter_mut().enumerate() {
        device.set(case, "outcome", &format!("说法 {n}"));
    }
    devices.iter_mut().for_each(|device| drop(world.sync(device)));
    let waiting = devices.iter().filter(|device| device.unsent() > 0).count();
    assert_eq!(waiting, 8, "kept where they are");
    assert!(devices.iter().all(|device| device.refused().is_empty()), "and none refused");
    world.resolve(&reviewer, (case, "outcome"), ("说法 1", "去看过了")).expect("resolved");
    devices.iter_mut().for_each(|device| drop(world.sync(device)));
    world.sync(&mut wang);
    all_taken(&world, &devices.iter().collect::<Vec<_>>());
    assert_eq!(wang.disputes(case), ["outcome"], "what came after the resolution is a conflict of its own");
}
