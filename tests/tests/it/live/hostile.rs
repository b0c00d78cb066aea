//! A client that knows the CDDL and `doorstep-device auth` only, and means harm: each change that is known to
//! hurt automerge, and frames that are none. The sender is told, the bytes are kept, everybody else goes on.

use std::time::{Duration, Instant};

use doorstep_tests::play::process::Output;
use doorstep_tests::play::wire::{Heard, Hello, Socket, hello, push, stored};
use serde_json::Value as Json;

use super::raw::{
    ACTION, INSERT, KEY_ACTOR, KEY_COUNTER, META, OBJ_ACTOR, OBJ_COUNTER, PRED_COUNT, Raw, falses, genesis,
    hash, literal, nulls, run, seal,
};
use super::world::{PATIENCE, Phone, World};

type Hash = [u8; 32];

/// A way to hurt, made from an honest change.
type Harm = fn(&Raw) -> Vec<u8>;

/// What it is, the rule that must refuse it, and how it is made.
const HARMS: [(&str, &str, Harm); 17] = [
    ("a million nulls in a hundred bytes", "bytes.long_column", |honest| {
        with(honest, ACTION, nulls(1_000_000))
    }),
    ("sixteen million nulls", "bytes.long_column", |honest| with(honest, META, nulls(16_700_000))),
    ("2^32 nulls", "bytes.long_column", |honest| with(honest, PRED_COUNT, nulls(1 << 32))),
    ("2^32 rows of false", "bytes.long_column", |honest| with(honest, INSERT, falses(1 << 32))),
    ("2^63 equal rows", "bytes.long_column", |honest| with(honest, ACTION, run(i64::MAX, 1))),
    ("a text flood of five million operations", "bytes.long_column", flood),
    ("a deflated chunk that blows up", "bytes.chunk_type", |_| seal(2, &[0x63; 249_000])),
    ("startOp 2^32-1", "bytes.start_op", |honest| {
        Raw { start_op: u64::from(u32::MAX), ..honest.clone() }.encode()
    }),
    ("a gap in seq", "context.seq_gap", |honest| Raw { seq: 9, ..honest.clone() }.encode()),
    ("startOp below what it depends on", "context.start_op", |honest| {
        Raw { start_op: honest.start_op - 1, ..honest.clone() }.encode()
    }),
    ("startOp 1000, to beat honest edits", "context.start_op", |honest| {
        Raw { start_op: 1_000, ..honest.clone() }.encode()
    }),
    ("another's actor", "actor.prefix", |honest| {
        let mut actor = vec![0xaa; 16];
        actor[15] = 1;
        Raw { actor, ..honest.clone() }.encode()
    }),
    ("ten thousand unknown dependencies", "bytes.too_many_deps", |honest| {
        let dep = |n: u32| hash(&[&[0; 8], &n.to_be_bytes()[..]].concat());
        let mut deps: Vec<[u8; 32]> = (0..7_000).map(dep).collect();
        deps.sort_unstable();
        Raw { deps, ..honest.clone() }.encode()
    }),
    ("a dependency that nobody has", "context.missing_deps", |honest| {
        Raw { deps: vec![[0x77; 32]], ..honest.clone() }.encode()
    }),
    ("a wrong checksum", "bytes.checksum", |honest| {
        let mut chunk = honest.encode();
        chunk[5] ^= 1;
        chunk
    }),
    ("a document chunk", "bytes.chunk_type", |honest| seal(0, &honest.body())),
    ("a bundle chunk, mutated", "bytes.chunk_type", |honest| {
        let mut body = honest.body();
        body.iter_mut().step_by(7).for_each(|byte| *byte ^= 0x55);
        seal(3, &body)
    }),
];

fn with(honest: &Raw, column: u64, data: Vec<u8>) -> Vec<u8> {
    let mut harm = honest.clone();
    *harm.column(column) = data;
    harm.encode()
}

/// The text flood of the findings: few bytes, empty strings, each after the one before.
fn flood(honest: &Raw) -> Vec<u8> {
    const N: i64 = 5_000_000;
    let columns = vec![
        (OBJ_ACTOR, run(N, 1)),
        (OBJ_COUNTER, run(N, 5)),
        (KEY_ACTOR, [nulls(1), run(N - 1, 0)].concat()),
        (KEY_COUNTER, [literal(&[0, 11]), run(N - 2, 1)].concat()),
        (INSERT, [falses(0), falses(N as u64)].concat()),
        (ACTION, run(N, 1)),
        (META, run(N, 6)),
        (PRED_COUNT, run(N, 0)),
    ];
    Raw { columns, ..honest.clone() }.encode()
}

/// A device of one's own over the wire.
struct Client {
    auth: Box<dyn Fn() -> Json>,
    actor: [u8; 16],
    counter: u64,
    documents: u8,
}

impl Client {
    fn of(phone: &Phone) -> Self {
        let mut actor = [0; 16];
        (0..8).for_each(|n| {
            actor[n] = u8::from_str_radix(&phone.id[2 * n..2 * n + 2], 16).expect("hex digits")
        });
        let device = phone.device.clone();
        let auth = move || device.run(&["auth"]).and_then(Output::good).expect("auth");
        Client { auth: Box::new(auth), actor, counter: 0, documents: 0 }
    }

    fn connect(&mut self) -> Socket {
        self.announce(&[])
    }

    fn announce(&mut self, unsent: &[([u8; 16], Vec<Hash>)]) -> Socket {
        self.counter += 1;
        let mut socket = Socket::open(&(self.auth)()).expect("an upgrade");
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as i64);
        socket.send(hello(&Hello { counter: self.counter, now, unsent, ..Hello::default() }));
        socket
    }

    /// A fresh document's id, and an honest first change on it under a fresh actor.
    fn document(&mut self, title: &str) -> ([u8; 16], Raw) {
        self.documents += 1;
        let mut id = [1, 0x9a, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, self.documents];
        id[1..3].copy_from_slice(&self.actor[..2]);
        let mut actor = self.actor;
        actor[15] = self.documents;
        (id, Raw::titled(actor, title))
    }
}

/// Listens until these hashes are answered: (acknowledged, rejected with codes).
fn answers(socket: &mut Socket, mut wanted: usize) -> (Vec<Hash>, Vec<(Hash, String)>) {
    let (mut acked, mut rejected) = (Vec::new(), Vec::new());
    while wanted > 0 {
        match socket.hear(PATIENCE) {
            Heard::Ack(_, hashes) => {
                wanted = wanted.saturating_sub(hashes.len());
                acked.extend(hashes);
            }
            Heard::Reject(_, hashes) => {
                wanted = wanted.saturating_sub(hashes.len());
                rejected.extend(hashes);
            }
            Heard::Welcome(_) | Heard::Page(..) | Heard::Other(_) => {}
            other => panic!("{other:?} while {wanted} answers are due; {acked:?} {rejected:?}"),
        }
    }
    (acked, rejected)
}

#[test]
fn an_honest_client_of_the_cddl_is_served() {
    let world = World::new("honest-wire");
    let mut client = Client::of(&world.worker("向明"));
    let (document, first) = client.document("honest");
    let chunks = [genesis(), first.encode(), first.next().encode()];
    let hashes = chunks.iter().map(|chunk| hash(chunk)).collect();
    let mut socket = client.announce(&[(document, hashes)]);
    socket.send(push(&document, &chunks));
    let (acked, rejected) = answers(&mut socket, 3);
    assert_eq!((acked.len(), rejected), (3, Vec::new()));
    // Again: acknowledged again. Then the pages, each stored, until the last.
    socket.send(push(&document, &chunks));
    let mut last = false;
    while !last {
        match socket.hear(PATIENCE) {
            Heard::Page(cursor, _, is_last) => {
                socket.send(stored(&cursor));
                last = is_last;
            }
            Heard::Ack(_, hashes) => assert_eq!(hashes.len(), 3),
            other => panic!("{other:?}"),
        }
    }
    socket.close();
    world.verify();
}

#[test]
fn each_hostile_change_is_answered_and_kept_and_harms_nobody() {
    let mut world = World::new("hostile");
    let mut client = Client::of(&world.worker("向明"));
    let desk = world.desk();
    for (what, rule, harm) in HARMS {
        let began = Instant::now();
        let (before, first) = client.document("before");
        let (hit, honest) = client.document("hit");
        let (after, last) = client.document("after");
        let hostile = harm(&honest.next());
        let mut socket = client.connect();
        socket.send(push(&before, &[genesis(), first.encode()]));
        socket.send(push(&hit, &[genesis(), honest.encode(), hostile.clone()]));
        socket.send(push(&after, &[genesis(), last.encode()]));
        let (acked, rejected) = answers(&mut socket, 7);
        assert_eq!(acked.len(), 6, "{what}: the honest changes are stored");
        let [(refused, code)] = &rejected[..] else { panic!("{what}: {rejected:?}") };
        assert_eq!(*refused, hash(&hostile), "{what}: the hostile one is named");
        assert_eq!(code, rule, "{what}");
        socket.close();
        let quarantine = desk.get("quarantine").expect("answers").good().expect("a list");
        let hex: String = refused.iter().map(|byte| format!("{byte:02x}")).collect();
        let entry = quarantine["items"]
            .as_array()
            .expect("items")
            .iter()
            .find(|entry| entry["hash"] == *hex)
            .cloned();
        let entry = entry.unwrap_or_else(|| panic!("{what}: not in quarantine"));
        assert_eq!(
            (&entry["code"], &entry["bytes"]),
            (&code.as_str().into(), &hostile.len().into()),
            "{what}"
        );
        assert!(world.server.runs(), "{what}");
        assert_eq!(desk.get("/healthz").expect("answers").status, 200, "{what}");
        assert!(began.elapsed() < Duration::from_secs(20), "{what}: {:?}", began.elapsed());
    }
    world.verify();
}

/// What builds on a refused change is refused with it; a fresh actor goes on.
#[test]
fn a_refused_change_covers_what_follows_in_its_session() {
    let world = World::new("covered");
    let mut client = Client::of(&world.worker("向明"));
    let (document, honest) = client.document("covered");
    let mut socket = client.connect();
    let hostile = Raw { start_op: 1_000, ..honest.next() };
    socket.send(push(&document, &[genesis(), honest.encode(), hostile.encode(), hostile.next().encode()]));
    let (acked, rejected) = answers(&mut socket, 4);
    assert_eq!((acked.len(), rejected.len()), (2, 2));
    assert_eq!(rejected[1].1, "covered");
    socket.close();
    let mut fresh = honest.next();
    fresh.actor[14] = 9;
    fresh.seq = 1;
    // The actor before is not named by any operation, so it is not in the table; the deps tell.
    let mut socket = client.connect();
    socket.send(push(&document, &[fresh.encode()]));
    assert_eq!(answers(&mut socket, 1).0.len(), 1);
    world.verify();
}

#[test]
fn what_is_no_frame_ends_the_session_and_nothing_else() {
    let mut world = World::new("frames");
    let mut client = Client::of(&world.worker("向明"));
    let fault = |socket: &mut Socket| loop {
        match socket.hear(PATIENCE) {
            Heard::Welcome(_) | Heard::Page(..) => {}
            Heard::Fault(code, message) => return (code, message),
            other => panic!("no fault but {other:?}"),
        }
    };
    let mut socket = client.connect();
    socket.send(vec![0; 10 * 1024 * 1024]);
    assert_eq!(fault(&mut socket).0, "frame.too_large");
    let frames: [(&str, Vec<u8>); 5] = [
        ("frame.shape", b"hello".to_vec()),
        ("frame.shape", vec![0x82, 0x18, 0x63, 0x80]),
        ("frame.shape", vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("hello.twice", hello(&Hello { counter: 99, ..Hello::default() })),
        ("frame.too_many", push(&[7; 16], &vec![vec![1]; 257])),
    ];
    for (code, frame) in frames {
        let mut socket = client.connect();
        socket.send(frame);
        let (said, message) = fault(&mut socket);
        assert_eq!(said, code, "{message}");
        assert!(message.len() > 10, "in words: {message}");
        assert!(matches!(socket.hear(PATIENCE), Heard::Closed));
    }
    let mut socket = client.connect();
    socket.send_text("hello");
    assert_eq!(fault(&mut socket).0, "frame.shape");
    let mut socket = Socket::open(&(client.auth)()).expect("an upgrade");
    socket.send(push(&[7; 16], &[genesis()]));
    assert_eq!(fault(&mut socket).0, "hello.missing");
    assert!(world.server.runs());
    world.verify();
}

/// The encoder of these tests is right: byte for byte what automerge itself writes.
#[test]
fn the_hand_encoder_writes_what_automerge_writes() {
    use automerge::transaction::{CommitOptions, Transactable};
    use automerge::{ActorId, Automerge, Change, ROOT, ReadDoc};
    let mut doc = Automerge::new();
    doc.apply_changes([Change::from_bytes(genesis()).expect("genesis parses")]).expect("genesis applies");
    doc.set_actor(ActorId::from([7; 16]));
    let mut chunks = Vec::new();
    for field in ["title", "contact_phone"] {
        let (_, latest) = doc.get(ROOT, "latest").expect("it reads").expect("genesis made it");
        let mut transaction = doc.transaction();
        transaction.put(&latest, field, "honest").expect("a put");
        transaction.commit_with(CommitOptions::default().with_time(0));
        chunks.push(doc.get_last_local_change().expect("it was made").raw_bytes().to_vec());
    }
    let first = Raw::titled([7; 16], "honest");
    assert_eq!([first.encode(), first.next().encode()], [chunks[0].clone(), chunks[1].clone()]);
}
