//! The most expensive changes within the limits stay cheap, and so do long histories.

use super::chunk::*;
use super::setting;
use super::world::Rng;
use crate::gate::{ByteLimits, OpIndex, admit, reloads, trial};
use automerge::transaction::Transactable;
use automerge::{AutoCommit, Automerge, ObjType, ROOT, ReadDoc};
use std::time::Instant;

#[test]
fn the_worst_admitted_is_bounded() {
    let n = 4_999;
    let mut at_head = text(n);
    at_head.columns.retain(|(column, _)| *column != KEY_ACTOR);
    *at_head.column(KEY_COUNTER) = [nulls(1), run(n, 0)].concat();
    let one_place = text(n).with(KEY_COUNTER, [nulls(1), literal([0, 2]), run(n - 2, 0)].concat());
    let mut paste = text(n);
    *paste.column(META) = [run(1, 0), run(n, (50 << 4) | 6)].concat();
    *paste.column(VALUE) = vec![b'a'; 50 * n as usize];
    let worst = [
        ("text", text(n)),
        ("at head", at_head),
        ("one place", one_place),
        ("one key", over(n, 1)),
        ("containers", over(n, 4)),
        ("long text", paste),
    ];
    for (what, raw) in worst {
        let bytes = raw.encode();
        let started = Instant::now();
        let change =
            admit(&mut OpIndex::new(), &|_| true, &bytes, &ByteLimits::default()).expect(what).change;
        let admitted = started.elapsed();
        let doc = trial(&Automerge::new(), [change]).expect(what);
        assert!(reloads(&doc), "{what}");
        doc.hydrate(None);
        let all = started.elapsed();
        println!(
            "{what:>10} {:>6} bytes: admit {admitted:?}, with apply, save, load, read {all:?}",
            bytes.len()
        );
        assert!(all.as_secs() < 5, "{what} took {all:?}");
    }
}

/// A fresh actor for every ten changes, and two at work at any time: `GATE_CHANGES=10000` in a
/// release build is the history that the index is made for.
#[test]
fn a_long_history_is_indexed_quickly() {
    let wanted = setting("GATE_CHANGES", 2_000) as usize;
    let mut rng = Rng(5);
    let mut desks = [AutoCommit::new().with_actor(rng.actor()), AutoCommit::new()];
    desks[0].put_object(ROOT, "log", ObjType::List).expect("a list");
    desks[1] = desks[0].fork().with_actor(rng.actor());
    for n in 0..wanted {
        let [mine, other] = &mut desks;
        if n % 10 == 0 {
            mine.merge(other).expect("honest");
            mine.set_actor(rng.actor());
        }
        let (_, log) = mine.get(ROOT, "log").expect("there").expect("there");
        mine.insert(&log, 0, "visited").expect("an entry");
        mine.put(ROOT, "last", n as i64).expect("a value");
        mine.commit();
        desks.swap(0, 1);
    }
    let [mut doc, mut other] = desks;
    doc.merge(&mut other).expect("honest");
    let changes = doc.get_changes(&[]);
    assert!(changes.len() >= wanted);

    let started = Instant::now();
    let mut index: OpIndex = changes.iter().collect();
    let indexed = started.elapsed();
    let copy = index.clone();
    let cloned = started.elapsed();
    doc.put(ROOT, "last", "one more").expect("a value");
    let change = doc.get_last_local_change().expect("a change");
    let before = index.savepoint();
    let admitting = Instant::now();
    admit(&mut index, &|_| true, change.raw_bytes(), &ByteLimits::default()).expect("honest");
    index.rollback(before);
    println!(
        "{} changes: index {indexed:?}, with a copy {cloned:?}; one more on top, and back: {:?}",
        changes.len(),
        admitting.elapsed()
    );
    assert!(index == copy);
    assert!(indexed.as_secs() < 5, "{indexed:?}");
}
