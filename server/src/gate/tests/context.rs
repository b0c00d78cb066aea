//! The rules that only the document can judge, one forged change for each.
//!
//! The document: Ann makes a map, a list of two and a text. Ben builds on that, and so, without
//! having seen Ben, does Ann.

use super::chunk::put;
use crate::gate::{ByteLimits, ContextRefusal, MAX_NESTING, OpIndex, inspect};
use crate::limits::MAX_VALUES;
use automerge::legacy::{Change as Expanded, ElementId, Key, ObjectId, OpId};
use automerge::transaction::Transactable;
use automerge::{ActorId, AutoCommit, Change, ObjId, ObjType, ROOT, ReadDoc};

fn actor(n: u8) -> ActorId {
    ActorId::from(vec![n; 16])
}

const ANN: u8 = 1;
const BEN: u8 = 2;
const EVE: u8 = 3;

fn op(counter: u64, author: u8) -> OpId {
    OpId::new(counter, &actor(author))
}

fn element(counter: u64, author: u8) -> Key {
    Key::Seq(ElementId::Id(op(counter, author)))
}

struct Scene {
    index: OpIndex,
    genesis: Change,
    anns: Change,
    bens: Change,
    /// Ben's next change, a put of "a" in the root over his own; not in the index.
    next: Change,
}

/// Ann: 1 map "person", 2 list "log", 3 and 4 its elements, 5 text "text", 6 its letter, 7 "a", 8 a
/// delete of 4. Then Ann: 9 map "anns", 10 element of "log", 11 "a". Ben: 9 "a", 10 "b", 11 "c", and
/// next 12 "a".
fn scene() -> Scene {
    let mut ann = AutoCommit::new().with_actor(actor(ANN));
    ann.put_object(ROOT, "person", ObjType::Map).expect("1");
    let log = ann.put_object(ROOT, "log", ObjType::List).expect("2");
    ann.insert(&log, 0, "x").expect("3");
    ann.insert(&log, 1, "y").expect("4");
    let text = ann.put_object(ROOT, "text", ObjType::Text).expect("5");
    ann.splice_text(&text, 0, 0, "t").expect("6");
    ann.put(ROOT, "a", 1).expect("7");
    ann.delete(&log, 1).expect("8");
    let genesis = ann.get_last_local_change().expect("genesis");
    let mut ben = ann.fork().with_actor(actor(BEN));
    ann.put_object(ROOT, "anns", ObjType::Map).expect("9");
    ann.insert(&log, 0, "z").expect("10");
    ann.put(ROOT, "a", 9).expect("11");
    let anns = ann.get_last_local_change().expect("Ann's");
    ben.put(ROOT, "a", 2).expect("9");
    ben.put(ROOT, "b", 2).expect("10");
    ben.put(ROOT, "c", 2).expect("11");
    let bens = ben.get_last_local_change().expect("Ben's");
    ben.put(ROOT, "a", 3).expect("12");
    let next = ben.get_last_local_change().expect("Ben's next");
    let index = [&genesis, &anns, &bens].into_iter().collect();
    Scene { index, genesis, anns, bens, next }
}

fn verdict(index: &OpIndex, bytes: &[u8]) -> &'static str {
    let summary = inspect(bytes, &ByteLimits::default()).expect("the bytes are in order");
    index.check(&summary).map_err(|refusal| refusal.code()).err().unwrap_or("ok")
}

impl Scene {
    /// The verdict on Ben's next change after somebody has been at it.
    fn forged(&self, forge: impl FnOnce(&mut Expanded)) -> &'static str {
        let mut change = self.next.decode();
        change.hash = None;
        forge(&mut change);
        verdict(&self.index, Change::from(change).raw_bytes())
    }

    /// The verdict on its one operation made to write elsewhere.
    fn written(&self, obj: u64, key: Key, pred: Vec<OpId>, insert: bool) -> &'static str {
        self.forged(|change| {
            let op_ = &mut change.operations[0];
            op_.obj = if obj == 0 { ObjectId::Root } else { ObjectId::Id(op(obj, ANN)) };
            op_.key = key;
            op_.pred = pred.into();
            op_.insert = insert;
        })
    }
}

fn property(name: &str) -> Key {
    Key::Map(name.into())
}

#[test]
fn honest_changes_pass() {
    let scene = scene();
    assert_eq!(scene.forged(|_| {}), "ok");
    assert_eq!(scene.written(1, property("name"), vec![], false), "ok");
    assert_eq!(scene.written(2, element(3, ANN), vec![], true), "ok");
    assert_eq!(scene.written(2, element(3, ANN), vec![op(3, ANN)], false), "ok");
    // A text is inserted into and deleted from; an element with two values makes automerge panic later.
    assert_eq!(scene.written(5, element(6, ANN), vec![op(6, ANN)], false), "context.text");
    // Over a value that is already replaced: strange, and harmless.
    assert_eq!(scene.written(0, property("a"), vec![op(7, ANN)], false), "ok");
}

#[test]
fn headers() {
    let scene = scene();
    let Scene { genesis, anns, bens, .. } = &scene;
    assert_eq!(verdict(&scene.index, bens.raw_bytes()), "context.known");
    let reused = scene.forged(|change| {
        change.seq = 1;
        change.operations[0].pred = vec![].into();
    });
    assert_eq!(reused, "context.seq_reused");
    assert_eq!(scene.forged(|change| change.seq = 3), "context.seq_gap");
    assert_eq!(scene.forged(|change| change.deps = vec![genesis.hash()]), "context.own_tip");
    assert_eq!(scene.forged(|change| change.deps = vec![anns.hash()]), "context.own_tip");
    let start_op =
        |start_op: u64| scene.forged(|change| change.start_op = start_op.try_into().expect("not 0"));
    assert_eq!(start_op(13), "context.start_op");
    assert_eq!(start_op(1_000), "context.start_op");
    // Having seen Ann's as well, it starts above both.
    let both = |start_op: u64| {
        scene.forged(|change| {
            change.deps = vec![anns.hash(), bens.hash()];
            change.start_op = start_op.try_into().expect("not 0");
        })
    };
    assert_eq!((both(11), both(12)), ("context.start_op", "ok"));
}

#[test]
fn missing_deps_are_named() {
    let scene = scene();
    let Scene { genesis, anns, bens, next, .. } = &scene;
    let mut bytes = Vec::new();
    let mut merge = next.decode();
    merge.hash = None;
    merge.deps = vec![anns.hash(), bens.hash()];
    bytes.extend(Change::from(merge).raw_bytes());
    let mut deps = [anns.hash().0, bens.hash().0];
    deps.sort_unstable();
    let summary = inspect(&bytes, &ByteLimits::default()).expect("the bytes are in order");

    let index: OpIndex = [genesis].into_iter().collect();
    assert_eq!(index.missing_deps(&summary), deps);
    assert_eq!(index.check(&summary), Err(ContextRefusal::MissingDeps(deps.to_vec())));
    let index: OpIndex = [genesis, bens].into_iter().collect();
    assert_eq!(index.missing_deps(&summary), [anns.hash().0]);
    // Held until then; but never when the sequence number is gone.
    let index: OpIndex = [genesis, bens, next].into_iter().collect();
    assert_eq!(index.check(&summary), Err(ContextRefusal::SeqReused));
}

#[test]
fn a_second_root() {
    let bytes = put().encode();
    assert_eq!(verdict(&OpIndex::new(), &bytes), "ok");
    assert_eq!(verdict(&scene().index, &bytes), "context.second_root");
}

#[test]
fn actors() {
    let scene = scene();
    assert_eq!(scene.written(0, property("a"), vec![op(9, EVE)], false), "context.unknown_actor");
    // Mentioned by an admitted change, but the author of none.
    let mut mentions = scene.next.decode();
    mentions.hash = None;
    mentions.operations[0].pred = vec![op(9, EVE)].into();
    let mentions = Change::from(mentions);
    let mut index = scene.index.clone();
    index.admit(&mentions);
    let mut again = mentions.decode();
    again.hash = None;
    again.seq = 3;
    again.start_op = 13.try_into().expect("not 0");
    again.deps = vec![mentions.hash()];
    assert_eq!(verdict(&index, Change::from(again).raw_bytes()), "context.unknown_actor");
}

#[test]
fn objects_and_keys() {
    let scene = scene();
    let write = |obj, key| scene.written(obj, key, vec![], false);
    assert_eq!(write(7, property("b")), "context.object", "a value");
    assert_eq!(write(8, property("b")), "context.object", "a delete");
    assert_eq!(write(11, property("b")), "context.object", "nothing that was seen");
    assert_eq!(write(9, property("b")), "context.object", "a map, but not seen");
    assert_eq!(write(2, property("b")), "context.key", "a property of a list");
    assert_eq!(write(5, property("b")), "context.key", "a property of a text");
    let insert = |obj, key| scene.written(obj, key, vec![], true);
    assert_eq!(insert(1, Key::Seq(ElementId::Head)), "context.key", "the head of a map");
    assert_eq!(insert(1, element(3, ANN)), "context.key", "an element of a map");
}

#[test]
fn elements() {
    let scene = scene();
    let insert = |obj, element| scene.written(obj, element, vec![], true);
    assert_eq!(insert(2, element(4, ANN)), "ok", "a deleted element keeps its place");
    assert_eq!(insert(2, element(6, ANN)), "context.element", "of another list");
    assert_eq!(insert(2, element(7, ANN)), "context.element", "no element");
    assert_eq!(insert(2, element(10, ANN)), "context.element", "an element, but not seen");
    assert_eq!(insert(2, element(8, BEN)), "context.element", "between the changes of an author");
}

#[test]
fn predecessors() {
    let scene = scene();
    let replace = |name, pred| scene.written(0, property(name), vec![pred], false);
    assert_eq!(replace("a", op(9, BEN)), "ok");
    assert_eq!(replace("b", op(9, BEN)), "context.pred", "of another key");
    assert_eq!(replace("new", op(9, BEN)), "context.pred", "of a key that nobody used");
    assert_eq!(replace("a", op(11, ANN)), "context.pred", "of that key, but not seen");
    assert_eq!(replace("a", op(8, BEN)), "context.pred", "no operation");
    assert_eq!(scene.written(1, property("a"), vec![op(7, ANN)], false), "context.pred", "in another map");
    let set = |at, pred| scene.written(2, element(at, ANN), vec![op(pred, ANN)], false);
    assert_eq!((set(3, 3), set(4, 4)), ("ok", "ok"));
    assert_eq!(set(3, 4), "context.pred", "of another element");
    assert_eq!(set(4, 8), "context.pred", "a delete leaves nothing to replace");
}

/// A device hangs one container into the other, change after change.
#[test]
fn nesting_over_many_changes() {
    for kinds in [[ObjType::Map; 2], [ObjType::List, ObjType::Map], [ObjType::List; 2]] {
        let mut doc = AutoCommit::new().with_actor(actor(ANN));
        let mut index = OpIndex::new();
        let mut inner = doc.put_object(ROOT, "m", ObjType::Map).expect("a map");
        index.admit(&doc.get_last_local_change().expect("the first"));
        for depth in 2..=MAX_NESTING as usize + 1 {
            let kind = kinds[depth % 2];
            inner = match doc.object_type(&inner).expect("a container") {
                ObjType::Map => doc.put_object(&inner, "m", kind).expect("a container"),
                _ => doc.insert_object(&inner, 0, kind).expect("a container"),
            };
            let change = doc.get_last_local_change().expect("a change");
            let expected = if depth <= MAX_NESTING as usize { "ok" } else { "context.nesting" };
            assert_eq!(verdict(&index, change.raw_bytes()), expected, "depth {depth}");
            index.admit(&change);
        }
    }
}

/// Each half is within the limit; only together they are too deep.
#[test]
fn nesting_adds_up() {
    let mut doc = AutoCommit::new().with_actor(actor(ANN));
    let mut nest = |object: &ObjId, levels: u32| {
        let nested =
            (0..levels).try_fold(object.clone(), |object, _| doc.put_object(&object, "m", ObjType::Map));
        (nested.expect("maps"), doc.get_last_local_change().expect("a change"))
    };
    let (five, first) = nest(&ROOT, 5);
    let (eight, second) = nest(&five, 3);
    let (_, beside) = nest(&five, 4);
    let index: OpIndex = [&first].into_iter().collect();
    assert_eq!(verdict(&index, second.raw_bytes()), "ok");
    let index: OpIndex = [&first, &second].into_iter().collect();
    assert_eq!(verdict(&index, beside.raw_bytes()), "context.nesting");
    // A value at the greatest depth is no container.
    doc.put(&eight, "leaf", 1).expect("a value");
    let leaf = doc.get_last_local_change().expect("a change");
    let index: OpIndex = [&first, &second, &beside].into_iter().collect();
    assert_eq!(verdict(&index, leaf.raw_bytes()), "ok");
}

/// Values that nobody has written over, all side by side in one place: whoever writes there next names them all.
#[test]
fn one_place_takes_so_many_values_side_by_side() {
    let mut scene = scene();
    let over = |n: u64, pred: Vec<OpId>| {
        let mut change = scene.next.decode();
        (change.hash, change.seq, change.actor_id) =
            (None, 1, ActorId::from([[9; 8], n.to_be_bytes()].concat()));
        (change.start_op, change.deps) =
            ((scene.genesis.max_op() + 1).try_into().expect("above 0"), vec![scene.genesis.hash()]);
        change.operations[0].pred = pred.into();
        Change::from(change)
    };
    // Ann's and Ben's stand there already; these write over what both have written over.
    let changes: Vec<Change> = (2..MAX_VALUES as u64).map(|n| over(n, vec![op(7, ANN)])).collect();
    let one_more = over(9_999, vec![op(7, ANN)]);
    let before = scene.index.savepoint();
    changes.iter().for_each(|change| scene.index.admit(change));
    let told = |index: &OpIndex, change: &Change| {
        let summary = inspect(change.raw_bytes(), &ByteLimits::default()).expect("the bytes are in order");
        let past = index.check(&summary);
        past.map_err(|refusal| refusal.code()).err().unwrap_or("ok")
    };
    // Loose ends are bounded as well, and sooner: one that gathers them asks this rule alone.
    let gathering = |pred: Vec<OpId>| {
        let mut change = over(9_999, pred).decode();
        change.hash = None;
        change.deps = changes.iter().take(100).map(Change::hash).chain([scene.bens.hash()]).collect();
        change.deps.sort_unstable();
        change.start_op = (scene.bens.max_op() + 1).try_into().expect("above 0");
        Change::from(change)
    };
    assert_eq!(told(&scene.index, &gathering(vec![op(7, ANN)])), "context.crowd");
    assert_eq!(told(&scene.index, &gathering(vec![op(9, BEN)])), "ok");
    scene.index.rollback(before);
    assert_ne!(told(&scene.index, &one_more), "context.crowd", "they are gone, and so is their number");
}
