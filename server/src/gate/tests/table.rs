//! What well-formed changes did to automerge when they were first tried: every row must be refused,
//! and by the rule that was made for it. Where it is safe to try, the harm itself is shown again.

use super::chunk::*;
use super::world::World;
use crate::gate::{ByteLimits, OpIndex, Refused, admit, inspect};
use automerge::{Automerge, Change};
use std::panic::catch_unwind;
use std::time::Instant;

/// The code of the rule that stops a change in an empty document.
fn stopped(bytes: &[u8]) -> &'static str {
    let refused = admit(&mut OpIndex::new(), &|_| true, bytes, &ByteLimits::default());
    refused.map_err(|refused| refused.code()).expect_err("refused")
}

/// The same for a change made from an honest one, in the document that it was made for.
fn stopped_in(world: &mut World, bytes: &[u8]) -> &'static str {
    let refused = admit(&mut world.server.index, &|_| true, bytes, &ByteLimits::default());
    refused.map_err(|refused| refused.code()).expect_err("refused")
}

/// What automerge makes of a first change, when nothing stands before it.
fn ordeal(raw: &Raw) -> &'static str {
    let bytes = raw.encode();
    let attempt = catch_unwind(|| {
        let Ok(change) = Change::from_bytes(bytes) else { return "does not parse" };
        let mut doc = Automerge::new();
        if doc.apply_changes([change]).is_err() {
            return "does not apply";
        }
        match Automerge::load(&doc.save()) {
            Ok(loaded) if loaded.get_heads() == doc.get_heads() => "harmless",
            Ok(_) => "loads with other heads",
            Err(_) => "does not load again",
        }
    });
    attempt.unwrap_or("panics")
}

#[test]
fn runs_of_nulls() {
    let started = Instant::now();
    for rows in [1_000_000, 16_700_000, 1 << 32] {
        let alone = Raw { columns: vec![(ACTION, nulls(rows))], ..first() }.encode();
        assert!(alone.len() <= 113);
        assert_eq!(stopped(&alone), "bytes.missing_column");
        assert_eq!(stopped(&put().with(ACTION, nulls(rows)).encode()), "bytes.long_column");
    }
    assert!(started.elapsed().as_secs() < 2);
}

#[test]
fn text_flood() {
    let mut flood = text(5_000_000);
    *flood.column(META) = [run(1, 0), run(5_000_000, 6)].concat();
    flood.columns.retain(|(column, _)| *column != VALUE);
    assert_eq!(stopped(&flood.encode()), "bytes.long_column");
}

#[test]
fn deflate_bomb() {
    assert_eq!(stopped(&seal(2, &vec![0; 249_000])), "bytes.chunk_type");
    assert_eq!(stopped(&put().with(0x4a, vec![0; 1_000]).encode()), "bytes.deflated_column");
}

#[test]
fn start_op_and_seq() {
    let mut world = World::after(11, 30);
    let change = world.step();
    let honest = Raw::decode(change.raw_bytes());
    assert!(honest.seq > 1 && honest.start_op > 2);
    let honest = Raw { others: vec![], columns: put().columns, ..honest };
    let start_op = |start_op| Raw { start_op, ..honest.clone() }.encode();
    // 2^32 - 1 and a gap in seq: panics. Too low: the saved document does not load. Too high: the
    // forged value beats honest edits.
    assert_eq!(stopped_in(&mut world, &start_op(u64::from(u32::MAX))), "bytes.start_op");
    assert_eq!(stopped_in(&mut world, &start_op(honest.start_op - 1)), "context.start_op");
    assert_eq!(stopped_in(&mut world, &start_op(honest.start_op + 1_000)), "context.start_op");
    let seq = |seq| Raw { seq, ..honest.clone() }.encode();
    assert_eq!(stopped_in(&mut world, &seq(honest.seq + 1)), "context.seq_gap");
    assert_eq!(stopped_in(&mut world, &seq(honest.seq - 1)), "context.seq_reused");
    assert_eq!(stopped(&Raw { seq: 2, ..put() }.encode()), "bytes.root_change");
    admit(&mut world.server.index, &|_| true, &honest.encode(), &ByteLimits::default()).expect("as it was");
}

#[test]
fn forged_under_anothers_actor() {
    let mut world = World::after(12, 30);
    let honest = world.step();
    // The next change of the honest device, with other words; then the honest one would clash.
    let forged = Raw { message: b"forged".to_vec(), ..Raw::decode(honest.raw_bytes()) }.encode();
    let mine = |prefix: &[u8]| prefix == [1; 8];
    let refused = admit(&mut world.server.index, &mine, &forged, &ByteLimits::default());
    assert_eq!(refused.err(), Some(Refused::Actor));
    let own = honest.actor_id().to_bytes()[..8].to_vec();
    let session = |prefix: &[u8]| prefix == own;
    admit(&mut world.server.index, &session, honest.raw_bytes(), &ByteLimits::default()).expect("honest");
}

#[test]
fn unknown_deps() {
    let many = Raw { deps: (0..10_000u64).map(dep).collect(), ..second() };
    assert_eq!(stopped(&many.encode()), "bytes.too_big");
    let mut bounded: Vec<_> = (0..161).map(dep).collect();
    bounded.sort_unstable();
    assert_eq!(stopped(&Raw { deps: bounded.clone(), ..second() }.encode()), "bytes.too_many_deps");
    bounded.pop();
    let bytes = Raw { deps: bounded.clone(), ..second() }.encode();
    assert_eq!(stopped(&bytes), "context.missing_deps");
    let summary = inspect(&bytes, &ByteLimits::default()).expect("accepted");
    assert_eq!(OpIndex::new().missing_deps(&summary), bounded);
}

fn dep(n: u64) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&n.to_le_bytes());
    hash
}

#[test]
fn wrong_checksum() {
    let mut bytes = put().encode();
    bytes[4] ^= 1;
    assert!(Change::from_bytes(bytes.clone()).is_ok(), "automerge does not look at it");
    assert_eq!(stopped(&bytes), "bytes.checksum");
}

#[test]
fn documents_and_bundles() {
    let saved = World::after(13, 10).server.doc.save();
    assert_eq!(stopped(&saved), "bytes.chunk_type");
    assert_eq!(stopped(&seal(3, &[0; 40])), "bytes.chunk_type");
}

/// Most rules that look like pedantry are not: what automerge does with changes that break one.
#[test]
fn refused_for_a_reason() {
    let key = [name("t"), name("a")].concat(); // two literals in a row
    let two = |key: Vec<u8>| rows(2, 1).with(KEY_STRING, key);
    let mut in_table = text(2);
    in_table.columns.retain(|(column, _)| *column != KEY_ACTOR && *column != KEY_COUNTER);
    *in_table.column(KEY_STRING) = vec![0x7d, 1, b't', 1, b'a', 1, b'b'];
    *in_table.column(INSERT) = falses(3);
    *in_table.column(ACTION) = [run(1, 6), run(2, 1)].concat();
    let no_elements = text(2).with(ACTION, [run(1, 0), run(2, 1)].concat());
    let beyond = text(2).with(KEY_COUNTER, [nulls(1), literal([0, 7])].concat());
    let cases = [
        ("run of one", put().with(ACTION, vec![1, 1]), "does not load again"),
        ("two literals", two(key), "does not load again"),
        ("all-null column", put().with(MARK_NAME, nulls(1)), "does not load again"),
        ("overlong number", put().with(ACTION, vec![0x7f, 0x81, 0]), "does not load again"),
        ("unknown column", put().with(0x1f1, run(1, 1)), "does not load again"),
        ("null with a length", put().with(META, run(1, 16)), "does not load again"),
        ("delete of nothing", put().with(ACTION, run(1, 3)), "does not load again"),
        ("increment of nothing", put().with(ACTION, run(1, 5)), "does not parse"),
        ("put in a table", in_table, "panics"),
        ("elements in a map", no_elements, "does not load again"),
        ("after a later element", beyond, "panics"),
        ("seq of 2", Raw { seq: 2, ..put() }, "panics"),
        ("startOp of 2^32 - 1", Raw { start_op: u32::MAX.into(), ..two(vec![2, 1, b'a']) }, "panics"),
    ];
    for (what, raw, expected) in cases {
        stopped(&raw.encode());
        // Debug builds of automerge assert more than release builds, so some harms come earlier.
        let harm = ordeal(&raw);
        assert!(harm == expected || (cfg!(debug_assertions) && harm == "panics"), "{what}: {harm}");
    }
}

/// What panics only in debug builds, or poisons the save in release builds.
#[test]
fn marks_are_off() {
    let lone = put().with(ACTION, run(1, 7));
    assert_eq!(stopped(&lone.encode()), "bytes.mark");
    assert_ne!(ordeal(&lone), "harmless");
    let named = put().with(MARK_NAME, name("bold"));
    assert_eq!(stopped(&named.encode()), "bytes.mark");
    // A mark whose value is not a number, and one over honest text.
    let nan = text(2).with(ACTION, [run(1, 4), literal([1, 7])].concat()).with(MARK_NAME, name("bold"));
    assert_eq!(stopped(&nan.encode()), "bytes.mark");
}
