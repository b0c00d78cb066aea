//! Hand-built chunks that the bytes alone condemn, and the rule that each of them breaks.

use super::chunk::*;
use crate::gate::{ByteLimits, Refusal, inspect};
use automerge::transaction::{CommitOptions, Transactable};
use automerge::{ActorId, AutoCommit, Change, ObjType, ROOT, ScalarValue};
use proptest::prelude::*;
use std::time::Instant;

fn refused(raw: &Raw) -> Refusal {
    inspect(&raw.encode(), &ByteLimits::default()).expect_err("refused")
}

fn accepted(raw: &Raw) {
    inspect(&raw.encode(), &ByteLimits::default()).expect("accepted");
}

#[test]
fn the_hand_encoder_is_right() {
    let mut doc = AutoCommit::new().with_actor(ActorId::from(vec![7; 16]));
    doc.put(ROOT, "a", ScalarValue::Null).expect("put");
    doc.commit_with(CommitOptions::default().with_time(0));
    assert_eq!(doc.get_last_local_change().expect("change").raw_bytes(), put().encode());

    let mut doc = AutoCommit::new().with_actor(ActorId::from(vec![7; 16]));
    let object = doc.put_object(ROOT, "t", ObjType::Text).expect("text");
    doc.splice_text(&object, 0, 0, &"a".repeat(300)).expect("splice");
    doc.commit_with(CommitOptions::default().with_time(0));
    assert_eq!(doc.get_last_local_change().expect("change").raw_bytes(), text(300).encode());
    [put(), text(300), second(), nested(8)].iter().for_each(accepted);
}

#[test]
fn chunk_framing() {
    let limits = ByteLimits::default();
    let good = put().encode();
    let body = put().body();
    for chunk_type in [0, 2, 3, 4, 255] {
        assert_eq!(inspect(&seal(chunk_type, &body), &limits), Err(Refusal::ChunkType(chunk_type)));
    }
    for end in 0..good.len() {
        assert!(inspect(&good[..end], &limits).is_err());
    }
    assert_eq!(inspect(&[&good[..], &[0]].concat(), &limits), Err(Refusal::Length));
    assert_eq!(inspect(&good.repeat(2), &limits), Err(Refusal::Length));
    let mut checksum = good.clone();
    checksum[5] ^= 1;
    assert_eq!(inspect(&checksum, &limits), Err(Refusal::Checksum));
    let mut magic = good.clone();
    magic[0] ^= 1;
    assert_eq!(inspect(&magic, &limits), Err(Refusal::Magic));
    assert_eq!(refused(&Raw { extra: vec![1, 1, 65], ..put() }), Refusal::Length);
    assert_eq!(inspect(&vec![0; limits.max_bytes + 1], &limits), Err(Refusal::TooBig));
    let deps = [&[0xff, 0xff, 0xff, 0xff, 0x0f], &body[1..]].concat(); // claims 2^32 deps
    assert_eq!(inspect(&seal(1, &deps), &limits), Err(Refusal::TooManyDeps));
}

#[test]
fn runs_that_claim_rows() {
    for rows in [5_001, 1_000_000, 16_700_000, 1 << 32, i64::MAX as u64, u64::MAX] {
        let actions = run(rows.min(i64::MAX as u64) as i64, 1);
        assert_eq!(refused(&put().with(ACTION, actions)), Refusal::LongColumn, "{rows} actions");
        for column in [ACTION, META, PRED_COUNT] {
            assert_eq!(refused(&put().with(column, nulls(rows))), Refusal::LongColumn);
        }
        let keys = [name("a"), nulls(rows)].concat();
        assert_eq!(refused(&put().with(KEY_STRING, keys)), Refusal::LongColumn);
        assert_eq!(refused(&put().with(INSERT, falses(rows))), Refusal::LongColumn);
        let expected = if rows > 10_000 { Refusal::TooManyPreds } else { Refusal::Null };
        let preds = [vec![0x7f], falses(rows)].concat();
        assert_eq!(refused(&put().with(PRED_COUNT, preds)), expected);
    }
    assert_eq!(refused(&put().with(ACTION, run(i64::MIN, 1))), Refusal::LongColumn);
}

#[test]
fn counters_and_sequence() {
    let with = |change: &dyn Fn(&mut Raw)| {
        let mut raw = second();
        change(&mut raw);
        refused(&raw)
    };
    let max = u64::from(u32::MAX);
    assert_eq!(with(&|raw| raw.start_op = u64::MAX), Refusal::StartOp);
    assert_eq!(with(&|raw| raw.start_op = 0), Refusal::StartOp);
    assert_eq!(with(&|raw| raw.start_op = max / 2 + 1), Refusal::StartOp);
    assert_eq!(with(&|raw| raw.seq = 0), Refusal::Seq);
    assert_eq!(with(&|raw| raw.seq = max), Refusal::Seq);
    assert_eq!(with(&|raw| raw.time_ms = -1), Refusal::Time);
    assert_eq!(with(&|raw| raw.time_ms = i64::MIN), Refusal::Time);
    assert_eq!(with(&|raw| raw.time_ms = 4_102_444_800_001), Refusal::Time);
    assert_eq!(with(&|raw| raw.message = vec![0xff]), Refusal::Utf8);
    assert_eq!(with(&|raw| raw.message = vec![b'a'; 2_000]), Refusal::MessageSize);
    assert_eq!(with(&|raw| raw.deps = vec![[9; 32], [9; 32]]), Refusal::DepsOrder);
    assert_eq!(with(&|raw| raw.deps = vec![[9; 32], [8; 32]]), Refusal::DepsOrder);
    assert_eq!(with(&|raw| raw.deps.clear()), Refusal::RootChange);
    assert_eq!(with(&|raw| raw.actor = vec![7; 3]), Refusal::ActorLength);
    assert_eq!(with(&|raw| raw.others = vec![vec![7; 16]]), Refusal::ActorOrder);
    assert_eq!(with(&|raw| raw.others = vec![vec![8; 16]]), Refusal::UnusedActor);
    assert_eq!(with(&|raw| raw.others = vec![vec![8; 16]; 2]), Refusal::ActorOrder);
    // The last operation counts, not the first.
    let last = Raw { start_op: max / 2, deps: vec![[9; 32]], seq: 2, ..rows(2, 1) };
    assert_eq!(refused(&last), Refusal::StartOp);
    // A gap in seq, a startOp of 1,000, another's actor: only the document can tell.
    accepted(&Raw { seq: 9, ..second() });
    accepted(&Raw { start_op: 1_000, ..second() });
    accepted(&Raw { actor: vec![8; 16], ..second() });
}

#[test]
fn columns_and_rows() {
    let with = |column: u64, data: Vec<u8>| {
        let raw = Raw { others: vec![vec![8; 16]], start_op: 50, ..second() };
        refused(&raw.with(column, data))
    };
    assert_eq!(with(0x4a, run(1, 1)), Refusal::DeflatedColumn);
    assert_eq!(with(0x1001, run(1, 1)), Refusal::UnknownColumn(0x1001));
    assert_eq!(with(META, Vec::new()), Refusal::EmptyColumn);
    assert_eq!(with(ACTION, run(1, 6)), Refusal::UnknownAction(6));
    assert_eq!(with(ACTION, run(1, 48)), Refusal::UnknownAction(48));
    assert_eq!(with(ACTION, run(1, 7)), Refusal::Mark);
    assert_eq!(with(OBJ_ACTOR, run(1, 1)), Refusal::Object);
    assert_eq!(with(OBJ_COUNTER, run(1, 9)), Refusal::Object);
    assert_eq!(with(KEY_ACTOR, run(1, 1)), Refusal::Key);
    assert_eq!(with(KEY_COUNTER, run(1, 9)), Refusal::Key);
    assert_eq!(with(KEY_COUNTER, run(1, -9)), Refusal::OpCounter);
    assert_eq!(with(KEY_STRING, vec![0x7f, 1, 0xff]), Refusal::Utf8);
    assert_eq!(with(INSERT, vec![0, 1]), Refusal::Insert);
    assert_eq!(with(INSERT, vec![0, 0, 1]), Refusal::Runs);
    assert_eq!(with(VALUE, vec![1]), Refusal::ValueBytes);
    assert_eq!(with(META, run(1, (1 << 4) | 6)), Refusal::Truncated);
    assert_eq!(with(META, vec![0x7f, 0xf6, 0xff, 0xff, 0xff, 0x7f]), Refusal::Truncated);
    assert_eq!(with(META, run(1, 10)), Refusal::Value);
    assert_eq!(with(META, vec![1, 0]), Refusal::Runs);
    assert_eq!(with(META, vec![0xff, 0x7f, 0]), Refusal::Overlong);
    assert_eq!(with(ACTION, vec![0x7f, 0x81, 0]), Refusal::Overlong);
    assert_eq!(with(PRED_COUNT, run(1, 1)), Refusal::Null);
    for column in [EXPAND, MARK_NAME] {
        assert_eq!(with(column, vec![0, 1]), Refusal::Mark);
    }

    let mut order = second();
    order.columns.swap(1, 2);
    assert_eq!(refused(&order), Refusal::ColumnOrder);
    let mut twice = second();
    twice.columns.insert(1, twice.columns[1].clone());
    assert_eq!(refused(&twice), Refusal::ColumnOrder);
    let mut missing = second();
    missing.columns.pop();
    assert_eq!(refused(&missing), Refusal::MissingColumn);
}

#[test]
fn predecessors() {
    let with = |actor: i64, counter: i64| {
        let raw = Raw { others: vec![vec![8; 16]], ..second() };
        let raw = raw.with(PRED_COUNT, run(1, 1)).with(PRED_ACTOR, run(1, actor));
        raw.with(PRED_COUNTER, run(1, counter))
    };
    accepted(&with(1, 1));
    // Counters beyond 32 bits panic in automerge's parser.
    assert_eq!(refused(&with(1, 1 << 40)), Refusal::OpCounter);
    assert_eq!(refused(&with(1, 2)), Refusal::ForwardReference);
    assert_eq!(refused(&with(2, 1)), Refusal::ActorIndex);
    assert_eq!(refused(&with(0, 1)), Refusal::UnusedActor);
    // The same one twice, and one that writes another key.
    let preds = |keys: Vec<u8>, counts: Vec<u8>, actors: Vec<u8>, counters: Vec<u8>| {
        let raw = rows(2, 1).with(KEY_STRING, keys).with(PRED_COUNT, counts);
        raw.with(PRED_ACTOR, actors).with(PRED_COUNTER, counters)
    };
    let same = [&run(2, 1)[..], b"a"].concat();
    let one = literal([0, 1]);
    accepted(&preds(same.clone(), one.clone(), run(1, 0), run(1, 1)));
    let twice = preds(same, literal([0, 2]), run(2, 0), literal([1, 0]));
    assert_eq!(refused(&twice), Refusal::Pred);
    let other_key = preds(vec![0x7e, 1, b'a', 1, b'b'], one, run(1, 0), run(1, 1));
    assert_eq!(refused(&other_key), Refusal::Pred);
}

/// Five thousand values in one place, and three such changes: then an honest write there had more to name than a
/// change may.
#[test]
fn two_operations_of_one_change_are_no_rivals() {
    accepted(&over(5_000, 1));
    assert_eq!(refused(&rows(2, 1)), Refusal::Rival);
    assert_eq!(refused(&rows(5_000, 1)), Refusal::Rival);
    assert_eq!(refused(&rows(2, 4)), Refusal::Rival);
    // Named by one, and not by the next.
    let third = rows(3, 1).with(PRED_COUNT, literal([0, 1, 0]));
    assert_eq!(refused(&third.with(PRED_ACTOR, run(1, 0)).with(PRED_COUNTER, run(1, 1))), Refusal::Rival);
    // Deleted, and written again, as the client does where several values stand.
    let again = rows(3, 1).with(ACTION, literal([1, 3, 1])).with(PRED_COUNT, literal([0, 1, 0]));
    accepted(&again.with(PRED_ACTOR, run(1, 0)).with(PRED_COUNTER, run(1, 1)));
}

#[test]
fn nesting_within_one_change() {
    accepted(&nested(8));
    assert_eq!(refused(&nested(9)), Refusal::Nesting);
    assert_eq!(refused(&nested(4_000)), Refusal::Nesting);
    let levels = |n| {
        let bytes = nested(n).encode();
        let summary = inspect(&bytes, &ByteLimits::default()).expect("accepted");
        summary.outside.iter().map(|outside| outside.levels).collect::<Vec<_>>()
    };
    assert_eq!((levels(2), levels(8)), (vec![2], vec![8]));
}

#[test]
fn floods_are_refused_at_once() {
    let started = Instant::now();
    let bytes = text(1_000_000).encode();
    assert_eq!(inspect(&bytes, &ByteLimits::default()), Err(Refusal::TooBig));
    // The same rows in few bytes: empty strings.
    let mut short = text(5_000_000);
    *short.column(META) = [run(1, 0), run(5_000_000, 6)].concat();
    short.columns.retain(|(column, _)| *column != VALUE);
    assert!(short.encode().len() < 200);
    assert_eq!(refused(&short), Refusal::LongColumn);
    assert!(started.elapsed().as_secs() < 5);
}

proptest! {
    #[test]
    fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = inspect(&seal(1, &body), &ByteLimits::default());
        let _ = inspect(&body, &ByteLimits::default());
    }

    /// Whatever the columns hold, what is accepted parses, to the same operations.
    #[test]
    fn accepted_parses(at in 0usize..5, data in proptest::collection::vec(any::<u8>(), 1..12)) {
        let mut raw = second();
        raw.columns[at].1 = data;
        let bytes = raw.encode();
        if let Ok(summary) = inspect(&bytes, &ByteLimits::default()) {
            let change = Change::from_bytes(bytes.clone()).expect("parses");
            prop_assert_eq!(change.len(), summary.ops);
            prop_assert_eq!(change.hash().0, summary.hash);
        }
    }
}
