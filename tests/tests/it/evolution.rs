//! Documents that grow new parts: constant migrations over a real centre, and the kinds beside the case.

use doorstep_client::store::immediate;
use doorstep_protocol::documents::genesis::constants;
use doorstep_protocol::documents::{Edit, Kind, Role};
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::verify;
use doorstep_tests::harness::{CENTRE, Handset, TOWN, World, put};
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
