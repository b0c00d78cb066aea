//! Documents that grow new parts: constant migrations over a real centre, and the kinds beside the case.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, Automerge, Change, ObjType, ROOT, ReadDoc};
use doorstep_client::store::{Store as _, immediate};
use doorstep_protocol::documents::genesis::{constants, new_document};
use doorstep_protocol::documents::{Edit, Kind, Role};
use doorstep_protocol::machines::device::End;
use doorstep_protocol::wire::{Hello, Rejected};
use doorstep_protocol::{DocumentId, Hash, limits};
use doorstep_server::pipeline::{Session, minimum, minimum_of};
use doorstep_server::store::Store as _;
use doorstep_server::verify;
use doorstep_tests::harness::{CENTRE, DISTRICT, Handset, Line, TOWN, World, put};
use serde_json::json;

use super::village::{A_WHILE, Village};

fn append(field: &str, item: &str) -> Edit {
    Edit::Append { field: field.into(), item: item.into() }
}

fn evidence(name: &str) -> Edit {
    append("evidence", &json!({ "attachment": name, "purpose": "after" }).to_string())
}

fn sound(world: &World) {
    let report = immediate(verify::report(world.centre())).expect("memory reads");
    assert!(report.ok, "{:?}", report.invariants);
}

fn made(handset: &mut Handset, kind: Kind, edits: Vec<Edit>) -> DocumentId {
    immediate(handset.replica.new_document(kind, edits)).expect("it can be made offline").document
}

#[test]
fn two_devices_that_migrate_a_case_at_once_and_one_that_does_not_converge() {
    let Village { mut world, mut wang, mut li, mut zhao, case, .. } = Village::new();
    wang.edit(case, vec![evidence("wang.jpg"), append("reply", "修好了。")]).expect("held");
    li.edit(
        case,
        vec![
            evidence("li.jpg"),
            append("callback", &json!({ "answer": "satisfied", "by": "李梅" }).to_string()),
        ],
    )
    .expect("held");
    zhao.edit(case, vec![put("log", "去看过")]).expect("held");
    world.sync(&mut li);
    for _ in 0..2 {
        for device in [&mut zhao, &mut wang, &mut li] {
            world.sync(device);
        }
    }
    let migration = Hash::from(constants(Kind::Case)[1].hash());
    let hashes: Vec<Hash> = world.stored(case).changes.iter().map(|change| change.hash).collect();
    assert_eq!(hashes.iter().filter(|hash| **hash == migration).count(), 1, "stored once, like any change");
    let shown = json!(wang.show(case).fields);
    assert_eq!(shown["evidence"].as_array().map(Vec::len), Some(2), "none is lost: {shown}");
    assert_eq!(shown["callback"][0]["answer"], "satisfied");
    assert_eq!(shown["log"], json!(["去看过"]));
    for device in [&li, &zhao] {
        assert_eq!(json!(device.show(case).fields), shown);
        assert!(device.refused().is_empty());
    }
    sound(&world);
    // A process that has forgotten everything loads it again.
    world.restart(0);
    world.sync(&mut wang);
    sound(&world);
}

#[test]
fn a_new_case_may_begin_with_a_migration() {
    let Village { mut world, mut wang, .. } = Village::new();
    let case = made(&mut wang, Kind::Case, vec![evidence("first.jpg"), put("category", "roads")]);
    world.sync(&mut wang);
    assert_eq!(wang.unsent(), 0);
    assert!(wang.refused().is_empty(), "{:?}", wang.refused());
    assert_eq!(world.causes(case).first(), Some(&"Intake"));
    sound(&world);
}

#[test]
fn what_was_built_on_a_migration_is_given_back_with_it() {
    let Village { mut world, mut wang, case, .. } = Village::new();
    let backup = world.store.snapshot();
    wang.edit(case, vec![evidence("lost.jpg")]).expect("held");
    let new = made(&mut wang, Kind::Case, vec![evidence("new.jpg")]);
    world.sync(&mut wang);
    world.restore(&backup);
    world.sync(&mut wang);
    world.release();
    world.advance(A_WHILE);
    assert_eq!(world.stored(case).changes.len(), 3, "the first edit, the migration and what builds on it");
    assert_eq!(world.stored(new).changes.len(), 2);
    sound(&world);
}

#[test]
fn registers_and_meetings_are_documents_like_any_other() {
    let mut world = World::default();
    let mut clerk = world.device("文书", CENTRE, Role::Handler);
    let mut colleague = world.device("同事", CENTRE, Role::Handler);
    let register = made(
        &mut clerk,
        Kind::Register,
        vec![
            put("title", "李大爷家"),
            put("holder", "household"),
            put("place", TOWN),
            append("members", &json!({ "name": "李大爷", "relation": "户主" }).to_string()),
            append("help", &json!({ "what": "money", "count": 1 }).to_string()),
            append("notes", "独居。"),
        ],
    );
    let meeting = made(
        &mut clerk,
        Kind::Meeting,
        vec![
            put("title", "联席会议"),
            put("format", "joint_meeting"),
            append("agenda", &json!({ "matter": "两镇共用的水库" }).to_string()),
            append("attendance", &json!({ "name": "张" }).to_string()),
            append("minutes", "同意先抽水。"),
            append("actions", &json!({ "what": "抽水", "due": "2026-07-01" }).to_string()),
        ],
    );
    world.sync(&mut clerk);
    world.sync(&mut colleague);
    assert_eq!(colleague.field(register, "help")[0]["what"], "money");
    assert_eq!(colleague.field(register, "notes"), "独居。");
    assert_eq!(colleague.field(meeting, "minutes"), "同意先抽水。");
    assert_eq!(colleague.field(meeting, "actions")[0]["what"], "抽水");
    // Two who say it differently: a person decides, as in a case.
    clerk.set(register, "holder", "enterprise");
    colleague.set(register, "name", "李");
    clerk.set(register, "name", "黎");
    world.sync(&mut clerk);
    world.sync(&mut colleague);
    assert_eq!(colleague.disputes(register), ["name"]);
    let refused = clerk.edit(register, vec![put("holder", "castle")]).expect_err("no such holder");
    assert!(refused.to_string().contains("household or enterprise"), "{refused}");
    sound(&world);
}

#[test]
fn a_device_below_the_minimum_may_send_and_is_told_nothing_until_it_is_updated() {
    let mut village = Village::new();
    let known = immediate(minimum(&*village.world.store)).expect("memory reads");
    assert_eq!(
        known,
        limits::OLDEST_SCHEMA,
        "every version that was ever shipped, until somebody says otherwise"
    );
    immediate(village.world.store.write(vec![minimum_of(limits::SCHEMA_VERSION + 1)]))
        .expect("memory writes");
    village.zhao.set(village.case, "log", "还堵着");
    village.li.set(village.case, "log", "水沟已清");
    let mut line = village.world.connect(0, &mut village.li);
    village.world.run(0, &mut line, &mut village.li, 100);
    let told = |line: &Line| match &line.end {
        Some(End::Fault { code, message }) => Some((code.clone(), message.clone())),
        _ => None,
    };
    let (code, message) = told(&line).expect("it ends with a fault");
    assert_eq!(code, "schema.minimum");
    assert!(message.contains("asks for 4"), "it says what is asked for: {message}");
    assert_eq!((village.li.unsent(), village.li.refused().len()), (0, 0), "what it sent was taken");
    let shown = village.world.view(&village.reviewer, village.case).expect("the desk sees it");
    assert_eq!(shown.fields["log"], json!(["水沟已清"]));

    immediate(village.world.store.write(vec![minimum_of(limits::SCHEMA_VERSION)])).expect("memory writes");
    village.world.sync(&mut village.zhao);
    village.world.sync(&mut village.li);
    assert_eq!(
        village.li.field(village.case, "log").as_array().map(Vec::len),
        Some(2),
        "from then on it is told"
    );
}

/// A session of a device whose build has this document schema.
fn session_of(world: &World, handset: &Handset, schema: u16) -> Session {
    let row = immediate(world.store.device(handset.id)).expect("memory reads").expect("enrolled");
    let last = immediate(world.store.copy(handset.id)).expect("memory reads");
    let hello = Hello {
        version: limits::WIRE_VERSION,
        schema,
        counter: last.map_or(1, |last| last.counter + 1),
        now: world.now(),
        cursor: None,
        unsent: vec![],
        checkouts: vec![],
        purged: vec![],
        live: false,
        commands: 0,
        prefix: None,
        marks: vec![],
        heard: None,
        granted: None,
    };
    immediate(world.centre().open(&row, handset.person.clone(), &hello)).expect("memory keeps").0
}

/// A change as only a newer build makes it: a field that this one does not know, beside one that it does.
fn newer(doc: &mut Automerge, handset: &Handset, n: u8, write: &[(&str, &str)]) -> Vec<u8> {
    let mut actor = [n; 16];
    actor[..8].copy_from_slice(&handset.id.0);
    doc.set_actor(ActorId::from(&actor));
    let (_, review) = doc.get(ROOT, "review").expect("a map").expect("made by genesis");
    let mut tx = doc.transaction();
    for (field, value) in write {
        tx.put(&review, *field, *value).expect("a map takes it");
    }
    tx.commit_with(CommitOptions::default().with_time(1));
    doc.get_last_local_change().expect("a change was made").raw_bytes().to_vec()
}

fn codes(of: &[Rejected]) -> Vec<&str> {
    of.iter().map(|rejected| rejected.code.as_str()).collect()
}

#[test]
fn what_a_newer_device_says_is_neither_refused_nor_taken_and_covers_only_what_builds_on_it() {
    let Village { world, wang, case, .. } = Village::new();
    let stored = world.stored(case);
    let mut doc = new_document(Kind::Case);
    doc.apply_changes(stored.changes.iter().map(|c| Change::from_bytes(c.bytes.clone()).expect("a change")))
        .expect("they apply");
    let mut beside = doc.clone();
    let unknown = newer(&mut doc, &wang, 1, &[("weather", "fine"), ("outcome", "修好了")]);
    let on_top = newer(&mut doc, &wang, 1, &[("outcome", "又坏了")]);
    let plain = newer(&mut beside, &wang, 2, &[("closure_note", "搬走了")]);
    let session = session_of(&world, &wang, limits::SCHEMA_VERSION + 1);
    let ingest = |session: &Session, chunks: Vec<Vec<u8>>| {
        immediate(world.centre().ingest(session, case, chunks, false)).expect("memory keeps")
    };
    let done = ingest(&session, vec![unknown.clone(), on_top, plain]);
    assert_eq!(codes(&done.held), ["held.newer", "held.newer"]);
    assert_eq!((done.acked.len(), done.rejected.len()), (1, 0), "what stands by itself is taken");
    assert_eq!(world.stored(case).changes.len(), stored.changes.len() + 1);
    assert!(immediate(world.store.quarantine(DISTRICT, None, 9)).expect("memory reads").is_empty());
    // Whoever is not newer is refused, for good.
    let done = ingest(&session_of(&world, &wang, limits::SCHEMA_VERSION), vec![unknown]);
    assert_eq!((codes(&done.rejected), done.held.len()), (vec!["schema.unknown_field"], 0));
    sound(&world);
}

#[test]
fn a_kind_of_document_that_the_centre_does_not_know_stays_on_its_device() {
    let Village { world, wang, .. } = Village::new();
    let mut doc = Automerge::new().with_actor(ActorId::from(b"doorstep-surv-v1"));
    let mut tx = doc.transaction();
    tx.put_object(ROOT, "review", ObjType::Map).expect("a new key");
    tx.commit_with(CommitOptions::default().with_time(0));
    let first = newer(&mut doc, &wang, 1, &[("title", "调查")]);
    let id = DocumentId::v7(world.now(), [5; 10]);
    let ingest = |schema| {
        let session = session_of(&world, &wang, schema);
        immediate(world.centre().ingest(&session, id, vec![first.clone()], false)).expect("memory keeps")
    };
    let done = ingest(limits::SCHEMA_VERSION + 1);
    assert_eq!((codes(&done.held), done.rejected.len()), (vec!["held.newer"], 0));
    assert!(!world.stored_hashes().contains_key(&id));
    assert_eq!(codes(&ingest(limits::SCHEMA_VERSION).rejected), ["right.none"]);
}

#[test]
fn a_change_waits_on_its_device_for_what_it_builds_on() {
    let Village { world, mut wang, case, .. } = Village::new();
    for n in 0..3 {
        wang.set(case, "log", &format!("{n}"));
    }
    let outbox = immediate(wang.memory.outbox()).expect("memory reads");
    let chunks: Vec<Vec<u8>> = outbox.into_iter().map(|entry| entry.bytes).collect();
    let session = session_of(&world, &wang, limits::SCHEMA_VERSION);
    let ingest = |chunks: &[Vec<u8>]| {
        immediate(world.centre().ingest(&session, case, chunks.to_vec(), false)).expect("memory keeps")
    };
    let before = world.stored(case).row.version;
    let done = ingest(&chunks[1..]);
    assert_eq!((codes(&done.held), done.rejected.len()), (vec!["held.deps", "held.deps"], 0));
    assert_eq!(world.stored(case).row.version, before, "nothing is kept of it");
    assert_eq!(ingest(&chunks[..1]).acked.len(), 1);
    assert_eq!(ingest(&chunks[1..]).acked.len(), 2);
    // A device of schema 1 does not know the answer: it rebuilds, as it always did.
    wang.set(case, "log", "3");
    let last = immediate(wang.memory.outbox()).expect("memory reads").pop().expect("just made").bytes;
    wang.set(case, "log", "4");
    let later = immediate(wang.memory.outbox()).expect("memory reads").pop().expect("just made").bytes;
    assert_ne!(last, later);
    let old = session_of(&world, &wang, 1);
    let done = immediate(world.centre().ingest(&old, case, vec![later], false)).expect("memory keeps");
    assert_eq!((codes(&done.rejected), done.held.len()), (vec!["context.missing_deps"], 0));
}
