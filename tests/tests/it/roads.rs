//! Every road to a document leads through the gate: what a device pushes, what people do at the desk, what is signed,
//! attached and given back. Shown on a document that has no room for more, which only the gate's own judgement knows.

use std::path::Path;

use doorstep_client::store::{Store as _, immediate};
use doorstep_protocol::documents::{Edit, Kind, edit_at};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::Sent;
use doorstep_protocol::{DocumentId, Hash, Receipt, limits};
use doorstep_server::pipeline::{DeskError, Session};
use doorstep_server::store::{Store as _, memory::MemoryStore};
use doorstep_tests::harness::{DISTRICT, Handset, put};

use super::village::Village;

const FULL: &str = "document.full";

/// Fills a case up to its bound with what Zhao's device may push.
fn fill(village: &Village, case: DocumentId) {
    let stored = village.world.stored(case);
    let mut doc = doorstep_protocol::documents::genesis::new_document(Kind::Case);
    let chunks = stored.changes.iter().map(|change| change.bytes.clone());
    let changes = chunks.map(|bytes| automerge::Change::from_bytes(bytes).expect("stored"));
    doc.apply_changes(changes.collect::<Vec<_>>()).expect("stored");
    let session = Session::at(village.zhao.person.clone(), village.zhao.id);
    let mut actor = [9; 16];
    actor[..8].copy_from_slice(&village.zhao.id.0);
    loop {
        let edits: Vec<Edit> = (0..7).map(|_| put("log", &"x".repeat(limits::MAX_ITEM_BYTES - 64))).collect();
        let chunks: Vec<Vec<u8>> = (0..4)
            .map(|_| {
                let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
                let made = edit_at(&mut doc, Kind::Case, &heads, (&actor, village.world.now()), &edits);
                made.expect("edits").expect("changes").raw_bytes().to_vec()
            })
            .collect();
        let done = immediate(village.world.centre().ingest(&session, case, chunks, false)).expect("memory");
        if let Some(refused) = done.rejected.first() {
            return assert_eq!(refused.code, FULL);
        }
    }
}

fn quarantined(store: &MemoryStore) -> Vec<(String, Hash)> {
    let rows = immediate(store.quarantine(DISTRICT, None, 100)).expect("memory reads");
    rows.into_iter().map(|row| (row.code, row.hash)).collect()
}

/// What a sync of one more edit by this device comes to.
fn refused_of(village: &mut Village, edit: impl FnOnce(&mut Handset, DocumentId)) -> Vec<String> {
    let mut device = village.li.copied();
    edit(&mut device, village.case);
    village.world.sync(&mut device);
    device.refused().into_iter().map(|refused| refused.reason).collect()
}

#[test]
fn a_full_document_takes_nothing_on_any_road() {
    let mut village = Village::disputed();
    let case = village.case;
    village.world.sync(&mut village.li);
    fill(&village, case);
    let before = village.world.stored(case).changes.len();

    // Pushed, signed and attached on a device.
    let edited =
        refused_of(&mut village, |device, case| drop(device.set(case, "log", "x".repeat(16_000).as_str())));
    assert_eq!(edited, [FULL]);
    let signed = refused_of(&mut village, |device, case| {
        device.set(case, "log", &"x".repeat(16_000));
        device.sign(case, "handler");
    });
    assert_eq!(signed, [FULL], "and what builds on it is covered, and made again on what was accepted");

    // At the desk: an edit, a resolution.
    let person = village.reviewer.clone();
    let heads: Vec<Hash> = village.world.view(&person, case).expect("seen").heads;
    let edit = [put("log", &"x".repeat(16_000))];
    let refused = immediate(village.world.centre().desk_edit(&person, case, &heads, &edit));
    assert!(matches!(refused, Err(DeskError::Refused { code, .. }) if code == FULL));
    let reason = "去看过了".repeat(100);
    let resolved = (0..200).map(|_| village.world.resolve(&person, (case, "category"), ("roads", &reason)));
    let refused = resolved.filter_map(Result::err).next();
    assert!(
        matches!(refused, None | Some(DeskError::Refused { .. } | DeskError::NotOpen)),
        "a resolution is an edit like any other"
    );

    // Given back without proof: a push like any other.
    let mut doc = doorstep_protocol::documents::genesis::new_document(Kind::Case);
    let changes = village.world.stored(case).changes.into_iter();
    let changes = changes.map(|change| automerge::Change::from_bytes(change.bytes).expect("stored"));
    doc.apply_changes(changes.collect::<Vec<_>>()).expect("stored");
    let mut actor = [8; 16];
    actor[..8].copy_from_slice(&village.wang.id.0);
    let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
    let change = edit_at(&mut doc, Kind::Case, &heads, (&actor, village.world.now()), &edit);
    let change = change.expect("edits").expect("changes");
    let mut session = Session::at(village.wang.person.clone(), village.wang.id);
    session.asked_since = 0;
    let sent = sent(&village.wang, change.raw_bytes(), village.world.now());
    immediate(village.world.centre().regain(&session, case, (vec![sent], Vec::new()))).expect("memory");
    assert!(quarantined(&village.world.store).contains(&(FULL.into(), change.hash().into())));

    let after = village.world.stored(case).changes.len();
    assert!(after <= before + 1, "but for the one resolution that may still have fitted");
}

fn sent(by: &Handset, bytes: &[u8], at: Millis) -> Sent {
    Sent {
        bytes: bytes.to_vec().into(),
        worker: by.person.worker,
        device: by.id,
        made: at,
        received: at,
        receipt: Receipt::default(),
    }
}

/// What was accepted and proven comes back whole, however full the document was; but no proof makes it grow beyond
/// twice what one may have.
#[test]
fn a_full_document_comes_back_from_a_device_after_a_restore() {
    let mut village = Village::new();
    let empty = village.world.store.snapshot();
    let case = village.case;
    fill(&village, case);
    village.world.sync(&mut village.wang);
    let before = village.world.stored(case).changes.len();
    village.world.restore(&empty);
    village.world.sync(&mut village.wang);
    assert_eq!(village.world.stored(case).changes.len(), before, "nothing is lost");
    assert_eq!(quarantined(&village.world.store), []);
    assert_eq!(immediate(village.wang.memory.outbox()).expect("memory reads").len(), 0);
}

/// Architecture Invariant: a change is entered into a commit where it was judged, and nowhere else.
#[test]
fn three_doors_lead_into_a_commit_and_the_gate_stands_in_each() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/pipeline");
    let mut doors = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("sources").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).expect("a source");
            if text.contains("Row::Change {") && !entry.ends_with("tests.rs") {
                let gated = text.contains("constants::admit(") || text.contains("judge(");
                let name = entry.strip_prefix(&root).expect("below").to_string_lossy().into_owned();
                doors.push((name, gated));
            }
        }
    }
    doors.sort();
    let gated = ["admit.rs", "give_back.rs", "successor.rs"].map(|door| (door.to_owned(), true));
    assert_eq!(doors, gated);
}
