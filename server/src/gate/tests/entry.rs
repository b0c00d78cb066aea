//! The gate as one step, its names for what it refuses, and the last line.

use super::chunk::{put, second};
use super::world::World;
use crate::gate::{ByteLimits, OpIndex, Refused, TrialRefusal, admit, change_hash, inspect, reloads, trial};
use automerge::{Automerge, Change};
use sha2::{Digest, Sha256};

#[test]
fn every_garbage_has_a_name() {
    let put = put().encode();
    assert_eq!(change_hash(&put), Change::from_bytes(put.clone()).expect("parses").hash().0);
    assert_eq!(change_hash(&put), inspect(&put, &ByteLimits::default()).expect("accepted").hash);
    assert_eq!(change_hash(b""), <[u8; 32]>::from(Sha256::digest(b"")));
    assert_eq!(change_hash(b"1234567"), <[u8; 32]>::from(Sha256::digest(b"1234567")));
    assert_eq!(change_hash(b"12345678"), <[u8; 32]>::from(Sha256::digest(b"")));
}

#[test]
fn the_prefix_is_asked_for_before_the_document() {
    let limits = ByteLimits::default();
    let mut index = OpIndex::new();
    let other = |prefix: &[u8]| prefix != [7; 8];
    assert_eq!(admit(&mut index, &other, &second().encode(), &limits).err(), Some(Refused::Actor));
    assert_eq!(admit(&mut index, &other, &put().encode(), &limits).err(), Some(Refused::Actor));
    assert!(index.is_empty());
    let seven = |prefix: &[u8]| prefix == [7; 8];
    let change = admit(&mut index, &seven, &put().encode(), &limits).expect("admitted").change;
    assert!(index.knows(&change.hash().0));
    let again = admit(&mut index, &seven, &put().encode(), &limits).expect_err("known");
    assert_eq!((again.code(), index.len()), ("context.known", 1));
}

#[test]
fn codes_are_stable_and_sentences_are_plain() {
    let refused = |bytes: &[u8]| {
        let refused = admit(&mut OpIndex::new(), &|_| false, bytes, &ByteLimits::default());
        refused.map_err(|refused| (refused.code(), refused.to_string())).expect_err("refused")
    };
    let (code, text) = refused(b"none");
    assert_eq!((code, text.as_str()), ("bytes.truncated", "the bytes end in the middle of a field"));
    let (code, text) = refused(&put().encode());
    assert_eq!(code, "actor.prefix");
    assert_eq!(text, "the actor's first 8 bytes are not a prefix that this session may write with");
}

#[test]
fn a_trial_leaves_the_document_alone() {
    let mut world = World::after(21, 20);
    let heads = world.server.doc.get_heads();
    let (one, two) = (world.step(), world.step());
    let both = trial(&world.server.doc, [one.clone(), two.clone()]).expect("both apply");
    assert_eq!(world.server.doc.get_heads(), heads);
    assert!(reloads(&both));
    // In the other order, and again: the same document.
    let swapped = trial(&world.server.doc, [two.clone(), one.clone()]).expect("both apply");
    assert_eq!(swapped.get_heads(), both.get_heads());
    assert_eq!(trial(&both, [one, two]).expect("again").get_heads(), both.get_heads());
}

#[test]
fn a_trial_catches_what_the_gate_would_have() {
    let orphan = Change::from_bytes(second().encode()).expect("parses");
    assert_eq!(trial(&Automerge::new(), [orphan]).err(), Some(TrialRefusal::Heads));
    // A gap in seq panics in apply.
    let gap = super::chunk::Raw { seq: 2, ..put() };
    let gap = Change::from_bytes(gap.encode()).expect("parses");
    let refusal = trial(&Automerge::new(), [gap]).expect_err("refused");
    assert_eq!(refusal.code(), "trial.panic");
}

#[test]
fn a_poisoned_document_does_not_reload() {
    // A run of one: parses, applies, and comes back with another hash.
    let poison = put().with(super::chunk::ACTION, vec![1, 1]);
    let mut doc = Automerge::new();
    let applied = Change::from_bytes(poison.encode()).map(|change| doc.apply_changes([change]));
    assert!(matches!(applied, Ok(Ok(()))));
    assert!(!reloads(&doc));
    assert!(reloads(&Automerge::new()));
}
