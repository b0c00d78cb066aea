//! Stories of one device, with the centre's answers given by hand.

mod device;
mod files;

use automerge::Change;
use doorstep_protocol::documents::{Edit, Kind};
use doorstep_protocol::machines::device::Persist;
use doorstep_protocol::wire::{Acked, Brief, Entry, to_wire};
use doorstep_protocol::{DocumentId, Hash};
use serde_json::{Value as Json, json};

use super::*;
use crate::Explain as _;
use crate::store::{Store as _, immediate};
use device::{Device, NOW, Steps, device, grant, page, put, refused};

#[test]
fn a_title_of_which_nothing_is_seen_is_not_written() {
    let mut device = device(1);
    let made = immediate(device.replica.new_document(Kind::Case, put("title", " \u{3000}")));
    assert_eq!(made.expect_err("refused").code(), "edit.type");
    let id = device.new_case(put("title", "冰沟"));
    let edited = immediate(device.replica.edit(id, None, put("title", "\u{200B}")));
    assert!(edited.expect_err("refused").to_string().contains("in a few words"));
    assert_eq!(device.show(id).fields["title"], json!("冰沟"));
}

#[test]
fn a_refused_edit_in_the_middle_does_not_poison_the_rest() {
    let mut device = device(1);
    let id = device.new_case(put("title", "冰沟"));
    let start = device.start();
    assert_eq!(device.show(id).state, State::Sending);
    device.accept(&start);
    assert_eq!(device.show(id).state, State::Centre);

    let before = device.edit(id, put("subject", "供水站"));
    let bad = device.edit(id, put("household", "refused"));
    let after = device.edit(id, put("outcome", "已撒沙"));
    let last = device.edit(id, vec![Edit::SetText { field: "description".into(), text: "很滑".into() }]);
    device.start();
    device.persist(&Persist::Acked {
        document: id,
        changes: vec![Acked {
            hash: before,
            made: NOW,
            received: NOW,
            receipt: doorstep_protocol::Receipt::default(),
        }],
    });
    let covered = vec![refused(bad, "schema.type"), refused(after, "covered"), refused(last, "covered")];
    let step = Persist::Rejected { document: id, changes: covered };
    device.persist(&step);
    device.persist(&step);

    let shown = device.show(id);
    assert_eq!(shown.fields["outcome"], json!("已撒沙"));
    assert_eq!(shown.fields["description"], json!("很滑"));
    assert_eq!(shown.fields["subject"], json!("供水站"));
    assert!(!shown.fields.contains_key("household"));
    let rejected = immediate(device.replica.rejected()).expect("reads");
    assert_eq!(rejected.len(), 1, "shown once, until dismissed");
    assert_eq!(
        (rejected[0].hash.as_str(), rejected[0].reason.as_str()),
        (bad.to_string().as_str(), "schema.type")
    );
    assert_eq!(rejected[0].edits, put("household", "refused"));

    let start = device.start();
    let queue: Vec<Hash> = start.outbox.iter().map(|unsent| unsent.hash).collect();
    assert_eq!(queue.len(), 2);
    assert!([before, bad, after, last].iter().all(|old| !queue.contains(old)), "under a fresh actor");
    let parsed: Vec<Change> = start
        .outbox
        .iter()
        .map(|unsent| Change::from_bytes(unsent.bytes.clone()).expect("own change"))
        .collect();
    assert_eq!(parsed[0].seq(), 1);
    assert_eq!(parsed[0].deps(), [before.into()], "on what was accepted");
    assert_eq!(parsed[1].actor_id(), parsed[0].actor_id());
    device.accept(&start);
    assert_eq!(device.show(id).state, State::Centre);
    assert!(immediate(device.replica.dismiss(&bad.to_string())).expect("writes"));
    assert_eq!(immediate(device.replica.status()).expect("reads").rejected, 0);
}

#[test]
fn a_refused_first_change_leaves_the_others_on_genesis_and_shows_what_no_longer_fits() {
    let mut device = device(1);
    let text = |text: &str| vec![Edit::SetText { field: "description".into(), text: text.into() }];
    let id = device.new_case(text("水塘漏水"));
    let splice = Edit::Splice { field: "description".into(), at: 4, delete: 0, insert: "三处".into() };
    let second = device.edit(id, vec![splice]);
    let third = device.edit(id, put("place", "511902104"));
    let first = device.start().outbox[0].hash;
    let changes = vec![refused(first, "schema.role"), refused(second, "covered"), refused(third, "covered")];
    device.persist(&Persist::Rejected { document: id, changes });
    let reasons: Vec<String> =
        immediate(device.replica.rejected()).expect("reads").into_iter().map(|item| item.reason).collect();
    assert_eq!(reasons, ["schema.role", "replay.unfit"]);
    let shown = device.show(id);
    assert_eq!(shown.fields["place"], json!("511902104"));
    assert!(!shown.fields.contains_key("description"));
    assert_eq!(device.start().outbox.len(), 1);
}

#[test]
fn a_page_and_its_cursor_are_stored_together_or_not_at_all() {
    let (mut author, mut reader) = (device(1), device(2));
    let id = author.new_case(put("title", "冰沟"));
    let step = page(b"cursor 1", vec![grant(id, author.sent(id))]);
    reader.store.fail_after(1);
    assert!(immediate(reader.replica.persist(&step)).is_err());
    let mut reader =
        Device { replica: Replica::new(reader.store.clone(), Steps { now: NOW, byte: 9 }), ..reader };
    reader.store.revive();
    assert_eq!(reader.start().cursor, None);
    assert!(matches!(immediate(reader.replica.show(id)), Err(ReadFailure::Absent(_))));
    reader.persist(&step);
    reader.persist(&step);
    assert_eq!(reader.start().cursor.as_deref(), Some(&b"cursor 1"[..]));
    let shown = reader.show(id);
    assert_eq!(shown.fields["title"], json!("冰沟"));
    assert_eq!((shown.decisions.len(), &shown.decisions[0]["cause"]), (1, &json!("Intake")));
    let listed = immediate(reader.replica.list(None)).expect("reads");
    assert_eq!(listed[0].due.as_deref(), Some("2026-12-01T00:00:00Z"));
    reader.persist(&page(b"", Vec::new()));
    assert!(reader.start().cursor.is_some(), "an empty page keeps the cursor");
}

#[test]
fn a_revoked_case_is_frozen_at_once_and_purged_when_its_edits_have_arrived() {
    let mut device = device(1);
    let id = device.new_case(put("title", "冰沟"));
    let start = device.start();
    device.accept(&start);
    let unsent = device.edit(id, put("outcome", "已撒沙"));
    device.start();
    assert!(device.persist(&page(b"c", vec![Entry::Revoke { document: id }])).is_empty(), "not drained");
    let frozen = immediate(device.replica.edit(id, None, put("title", "x")));
    assert!(matches!(frozen, Err(EditFailure::Revoked(_))));
    assert!(matches!(immediate(device.replica.show(id)), Err(ReadFailure::Revoked { pending: 1, .. })));
    assert!(immediate(device.replica.list(None)).expect("reads").is_empty());

    let acked =
        Acked { hash: unsent, made: NOW, received: NOW, receipt: doorstep_protocol::Receipt::default() };
    assert_eq!(device.persist(&Persist::Acked { document: id, changes: vec![acked] }), [id]);
    assert!(immediate(device.store.load(id)).expect("reads").is_none());
    assert_eq!(device.start().purged, [id], "told until the centre has heard it");
    let welcome = Persist::Welcome { epoch: 1, scope: 1, offset: 0, prefix: None };
    device.persist(&welcome);
    assert!(device.start().purged.is_empty());
    let other = DocumentId::v7(NOW, [9; 10]);
    assert_eq!(device.persist(&page(b"d", vec![Entry::Revoke { document: other }])), [other], "nothing held");
}

#[test]
fn news_about_what_is_not_held_asks_for_all_of_it() {
    let (mut author, mut reader) = (device(1), device(2));
    let id = author.new_case(put("title", "冰沟"));
    let news = Entry::Document {
        document: id,
        grant: false,
        changes: author.sent(id),
        decisions: vec![],
        settled: None,
        briefs: None,
    };
    reader.start();
    assert_eq!(reader.persist(&page(b"1", vec![news])), [id]);
    reader.persist(&page(b"2", vec![grant(id, author.sent(id))]));
    assert_eq!(reader.show(id).fields["title"], json!("冰沟"));
    assert!(reader.start().purged.is_empty(), "a grant takes the purge back");
}

#[test]
fn lowering_needs_an_act_with_a_reason() {
    let mut device = device(1);
    let id = device.new_case(put("urgency", "urgent"));
    let lowered =
        immediate(device.replica.edit(id, None, put("urgency", "normal"))).expect_err("a plain lowering");
    assert!(matches!(lowered, EditFailure::Lowering { .. }));
    assert!(lowered.next().contains("act ID lower"));
    device.edit(id, put("urgency", "danger"));
    let args =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<Vec<_>>();
    let act = args(&[("field", "urgency"), ("to", "normal"), ("reason", "已撒沙")]);
    let acted = immediate(device.replica.act(id, "lower", act)).expect("with a reason");
    assert!(matches!(acted, Acted::Edited(_)));
    assert_eq!(device.show(id).fields["urgency"], json!("normal"));
    let refer = immediate(device.replica.act(id, "refer", args(&[("unit", "150702")]))).expect("queued");
    assert!(matches!(refer, Acted::Queued(_)));
    assert_eq!(device.start().commands.len(), 1);
}

#[test]
fn an_edit_at_old_heads_conflicts_with_what_the_form_did_not_show_and_a_resolution_ends_it() {
    let (mut author, mut device) = (device(1), device(2));
    let id = author.new_case(put("place", "150702001"));
    device.persist(&page(b"1", vec![grant(id, author.sent(id))]));
    let form = device.show(id).heads;
    author.edit(id, put("place", "150702002"));
    device.persist(&page(b"2", vec![grant(id, author.sent(id))]));
    immediate(device.replica.edit(id, Some(&form), put("place", "150702003"))).expect("at old heads");

    let shown = device.show(id);
    assert_eq!(shown.fields["place"], json!({"disputed": ["150702002", "150702003"]}));
    assert_eq!(shown.heads.len(), 2);
    let conflict = &shown.conflicts[0];
    assert_eq!(conflict.id, format!("{id}.place"));
    assert_eq!(conflict.base[0].value.as_deref(), Some("150702001"));
    let own = conflict.sides.iter().find(|side| side.worker == "worker 2").expect("its own side");
    assert_eq!(own.received_at, None);
    let args = [("field", "place"), ("value", "150702002"), ("reason", "现场核实")];
    let args = args.map(|(k, v)| (k.into(), v.into())).to_vec();
    immediate(device.replica.act(id, "resolve", args)).expect("a conflict is open");
    assert_eq!(device.show(id).fields["place"], json!("150702002"));
    assert!(device.show(id).conflicts.is_empty());
}

#[test]
fn a_text_too_large_for_one_change_becomes_several() {
    let mut device = device(1);
    let set = |text: String| vec![Edit::SetText { field: "description".into(), text }];
    let id = device.new_case(set("甲".repeat(4_000)));
    let made = immediate(device.replica.edit(id, None, set("乙".repeat(4_000)))).expect("in parts");
    assert!(made.hashes.len() > 1);
    assert_eq!(device.show(id).fields["description"], json!("乙".repeat(4_000)));
    assert_eq!(device.start().outbox.len(), 1 + made.hashes.len());
}

#[test]
fn two_processes_on_one_store_lose_nothing() {
    let mut first = device(1);
    let id = first.new_case(put("title", "冰沟"));
    let mut second = Replica::new(first.store.clone(), Steps { now: NOW, byte: 200 });
    for n in 0..4 {
        first.edit(id, put("subject", &format!("first {n}")));
        immediate(second.edit(id, None, put("outcome", &format!("second {n}")))).expect("a valid edit");
    }
    let shown = first.show(id);
    assert_eq!((&shown.fields["subject"], &shown.fields["outcome"]), (&json!("first 3"), &json!("second 3")));
    let start = first.start();
    assert_eq!(start.outbox.len(), 9);
    assert!(immediate(second.start_session(false)).expect("enrolled").counter > start.counter);
}

#[test]
fn a_replayed_resolution_names_the_replayed_sides() {
    let (mut author, mut device) = (device(1), device(2));
    let id = author.new_case(put("place", "150702001"));
    device.persist(&page(b"1", vec![grant(id, author.sent(id))]));
    let form = device.show(id).heads;
    author.edit(id, put("place", "150702002"));
    device.persist(&page(b"2", vec![grant(id, author.sent(id))]));
    let log = vec![Edit::Append { field: "log".into(), item: "refused".into() }];
    let mut at_form = |heads: &[Hash], edits| {
        immediate(device.replica.edit(id, Some(heads), edits)).expect("at old heads").hashes[0]
    };
    let first = at_form(&form, log);
    let second = at_form(&[first], put("place", "150702003"));
    let args = [("field", "place"), ("value", "150702003"), ("reason", "现场核实")];
    let args = args.map(|(k, v)| (k.into(), v.into())).to_vec();
    let Ok(Acted::Edited(third)) = immediate(device.replica.act(id, "resolve", args)) else {
        panic!("a conflict is open")
    };
    let covered = [second, third.hashes[0]].map(|hash| refused(hash, "covered"));
    let changes = [vec![refused(first, "schema.type")], covered.to_vec()].concat();
    device.persist(&Persist::Rejected { document: id, changes });
    let shown = device.show(id);
    assert_eq!(shown.fields["place"], json!("150702003"));
    assert!(shown.conflicts.is_empty() && !shown.fields.contains_key("log"));
    assert_eq!(immediate(device.replica.rejected()).expect("reads").len(), 1);
    let bases: Vec<Vec<Hash>> =
        immediate(device.store.outbox()).expect("reads").into_iter().map(|entry| entry.base).collect();
    assert_eq!(bases[0], form, "where the refused edit was made");
    assert_eq!(bases[1].len(), 2, "the replayed side and the other one");
}

/// Only a whole decision can be given back to a centre that has lost it.
#[test]
fn a_decision_that_is_held_whole_stays_whole_if_a_first_sync_says_the_same() {
    let (author, mut device) = {
        let mut author = device(2);
        let id = author.new_case(put("title", "冰沟"));
        ((author.sent(id), id), device(1))
    };
    let (changes, id) = author;
    let brief = |unit: &str| Brief {
        n: 1,
        epoch: 1,
        at: NOW,
        due: NOW + 86_400_000,
        rest: format!(r#"{{"cause":{{"kind":"Intake"}},"unit":"{unit}"}}"#).into_bytes().into(),
    };
    let first = |unit: &str| Entry::Document {
        document: id,
        grant: true,
        changes: changes.clone(),
        decisions: vec![],
        settled: None,
        briefs: Some(to_wire(&changes, vec![brief(unit)])),
    };
    device.persist(&page(b"1", vec![first("a")]));
    let shown = device.show(id).decisions;
    assert_eq!((shown.len(), &shown[0]["cause"], &shown[0]["unit"]), (1, &json!("Intake"), &json!("a")));
    let (at, due) = (shown[0]["at"].clone(), shown[0]["due"].clone());
    let whole = json!({"epoch": 1, "n": 1, "cause": {"kind": "Intake", "more": 1}, "unit": "a", "at": at, "due": due,
        "projection": {"id": "x"}});
    let news = Entry::Document {
        document: id,
        grant: false,
        changes: vec![],
        decisions: vec![whole.to_string().into_bytes().into()],
        settled: None,
        briefs: None,
    };
    device.persist(&page(b"2", vec![news]));
    device.persist(&page(b"3", vec![first("a")]));
    assert_eq!(device.show(id).decisions[0]["projection"], json!({"id": "x"}), "the same, held whole");
    device.persist(&page(b"4", vec![first("b")]));
    let shown = device.show(id).decisions;
    assert_eq!((shown.len(), &shown[0]["unit"], &shown[0]["projection"]), (1, &json!("b"), &Json::Null));
}
