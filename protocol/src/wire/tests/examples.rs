//! One frame or more of each variant, with names. They are what the vector files hold.

use crate::documents::genesis::new_document;
use crate::documents::{Edit, Kind, edit_at, genesis};
use crate::wire::{
    AckFacts, Acked, ActOutcome, Announced, Blob, Brief, Checkout, Command, Down, Entry, Heard, Hello,
    LimitsOffer, Name, Rejected, Sent, Up, Welcome, to_wire,
};
use crate::{DeviceId, DocumentId, Hash, Mark, Receipt, WorkerId, limits};

const NOW: i64 = 1_790_000_000_000;

/// The document of this number.
pub(super) fn document(n: u8) -> DocumentId {
    DocumentId::v7(NOW, [n; 10])
}

fn blob(bytes: &[u8]) -> Blob {
    Blob::from(bytes.to_vec())
}

fn hash(n: u8) -> Hash {
    Hash([n; 32])
}

/// A hello that has nothing to say.
pub(crate) fn rejoin(cursor: &[u8]) -> Hello {
    Hello {
        version: limits::WIRE_VERSION,
        schema: limits::SCHEMA_VERSION,
        counter: 412,
        now: NOW,
        cursor: Some(blob(cursor)),
        unsent: vec![],
        checkouts: vec![],
        purged: vec![],
        live: false,
        commands: 0,
        prefix: None,
        marks: vec![Mark([2; 8]), Mark([1; 8])],
        heard: Some(Heard {
            document: document(1),
            acked: Acked { hash: hash(1), made: NOW - 90, received: NOW, receipt: Receipt([6; 16]) },
        }),
        granted: None,
    }
}

/// A welcome that has nothing to say.
pub(crate) fn nothing_new() -> Welcome {
    Welcome {
        epoch: 1,
        scope: 3,
        now: NOW + 250,
        limits: LimitsOffer {
            frame: limits::MAX_FRAME_BYTES as u32,
            change: limits::MAX_CHANGE_BYTES as u32,
            push: limits::MAX_PUSH_CHANGES as u32,
        },
        prefix: None,
        last: true,
        reoffer: None,
    }
}

/// What devices say.
pub(super) fn up() -> Vec<(&'static str, Up)> {
    let first = Hello { counter: 1, cursor: None, marks: vec![Mark([1; 8])], heard: None, ..rejoin(&[]) };
    let full = Hello {
        unsent: vec![
            Announced { document: document(1), hashes: vec![hash(1), hash(2)] },
            Announced { document: document(2), hashes: vec![hash(3)] },
        ],
        checkouts: vec![Checkout { id: [9; 16], documents: vec![document(1)], until: NOW + 86_400_000 }],
        purged: vec![document(3)],
        live: true,
        commands: 1,
        prefix: Some(DeviceId([5; 8])),
        ..rejoin(b"opaque")
    };
    let args = vec![("unit".into(), "water-bureau".into()), ("note".into(), "三楼，无人".into())];
    let command = Command { id: [7; 16], document: document(1), name: "refer".into(), args, made: NOW };
    let chunk = genesis(Kind::Case).raw_bytes();
    let compared = Hello { granted: Some(document(2)), ..rejoin(b"opaque") };
    vec![
        ("hello: the first session", Up::Hello(first)),
        ("hello: rejoining with nothing to send", Up::Hello(rejoin(b"opaque"))),
        ("hello: everything at once", Up::Hello(full)),
        ("hello: with a grant to be compared", Up::Hello(compared)),
        (
            "push: a document begins with its genesis",
            Up::Push { document: document(1), changes: vec![blob(chunk)] },
        ),
        (
            "push: two changes",
            Up::Push { document: document(2), changes: vec![blob(&[1, 2, 3]), blob(&[4])] },
        ),
        ("act: with arguments", Up::Act(command.clone())),
        ("act: without arguments", Up::Act(Command { name: "accept".into(), args: vec![], ..command })),
        ("stored: a page", Up::Stored { cursor: blob(b"opaque"), purged: vec![] }),
        ("stored: a page that revoked", Up::Stored { cursor: blob(b"opaque"), purged: vec![document(3)] }),
        ("stored: a page with an empty cursor", Up::Stored { cursor: blob(b""), purged: vec![] }),
        (
            "return: what a restored centre has lost",
            Up::Return {
                document: document(1),
                changes: told(),
                decisions: vec![blob(
                    br#"{"given":1790000000000,"receipt":"0f0e0d0c0b0a09080706050403020100","n":1}"#,
                )],
            },
        ),
        ("returned", Up::Returned),
    ]
}

/// What the centre says.
pub(super) fn down() -> Vec<(&'static str, Down)> {
    let facts = AckFacts { count: 2, skew: -40, received: NOW + 250 };
    let ack = Down::Ack { push: 0, without: vec![], facts: vec![facts], receipts: vec![Receipt([6; 16]); 2] };
    let earlier = AckFacts { count: 1, skew: -40, received: NOW - 5_000 };
    let partly = Down::Ack {
        push: 7,
        without: vec![1, 2],
        facts: vec![earlier, facts],
        receipts: vec![Receipt([6; 16]); 3],
    };
    let cloned = Welcome { prefix: Some(DeviceId([5; 8])), last: false, ..nothing_new() };
    let restored = Welcome { epoch: 1_795_000_000, last: false, reoffer: Some(0), ..nothing_new() };
    let covered = Rejected {
        hash: hash(3),
        code: "covered".into(),
        message: "An earlier change of this session on the document was refused.".into(),
    };
    let refused =
        Rejected { hash: hash(2), code: "schema.type".into(), message: "place takes a division code".into() };
    let newer = Rejected {
        hash: hash(4),
        code: "held.newer".into(),
        message: "This centre knows schema 2, the device has 3.".into(),
    };
    let outcome = ActOutcome::Refused { rule: "refer.limit".into(), message: "referred three times".into() };
    vec![
        ("welcome: nothing new", Down::Welcome(nothing_new())),
        ("welcome: a new prefix for a cloned store, pages follow", Down::Welcome(cloned)),
        ("welcome: a restored centre asks for what it has lost", Down::Welcome(restored)),
        ("ack: all of the first push", ack),
        ("ack: some were known before, and two were refused", partly),
        (
            "reject: one, and one that it covers",
            Down::Reject { document: document(1), changes: vec![refused, covered] },
        ),
        ("held: the centre is older", Down::Held { document: document(1), changes: vec![newer] }),
        ("acted: decided", Down::Acted { id: [7; 16], outcome: ActOutcome::Decided { n: 4 } }),
        ("acted: refused", Down::Acted { id: [7; 16], outcome }),
        ("page: a grant, one of a first sync, news and a revocation", page()),
        (
            "page: nothing, and the end",
            Down::Page { cursor: blob(b""), entries: vec![], names: vec![], last: true },
        ),
        ("fault", Down::Fault { code: "hello.version".into(), message: "Update the older one.".into() }),
    ]
}

/// Two changes, one on the other, as automerge writes them.
pub(super) fn chunks() -> [Vec<u8>; 2] {
    let mut doc = new_document(Kind::Case);
    [("title", "漏水"), ("category", "water")].map(|(field, value)| {
        let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
        let put = Edit::Put { field: field.into(), value: Some(value.into()) };
        let made = edit_at(&mut doc, Kind::Case, &heads, (&[9; 16], NOW), &[put]);
        made.expect("an edit of the schema").expect("it changes something").raw_bytes().to_vec()
    })
}

fn told() -> Vec<Sent> {
    let [first, second] = chunks();
    let sent = |bytes: Vec<u8>| Sent { bytes: Blob::from(bytes), ..sent() };
    vec![sent(first), sent(second), Sent { worker: WorkerId(3), made: NOW - 60_000, ..sent(vec![1, 2, 3]) }]
}

fn sent() -> Sent {
    Sent {
        bytes: blob(&[1, 2, 3]),
        worker: WorkerId(12),
        device: DeviceId([1, 2, 3, 4, 5, 6, 7, 8]),
        made: NOW,
        received: NOW + 250,
        receipt: Receipt([6; 16]),
    }
}

fn page() -> Down {
    let sent = sent();
    let grant = Entry::Document {
        document: document(1),
        grant: true,
        changes: told(),
        decisions: vec![blob(br#"{"n":1}"#)],
        settled: Some(blob(br#"{"ok":false}"#)),
        briefs: None,
    };
    let intake = Brief { n: 1, epoch: 1, at: NOW, due: NOW + 86_400_000, rest: blob(br#"{"unit":"a"}"#) };
    let settled = Brief { n: 2, at: NOW + 60_250, ..intake.clone() };
    let first = Entry::Document {
        document: document(4),
        grant: true,
        changes: told(),
        decisions: vec![],
        settled: None,
        briefs: Some(to_wire(&told(), vec![intake, settled])),
    };
    let news = Entry::Document {
        document: document(2),
        grant: false,
        changes: vec![sent],
        decisions: vec![],
        settled: None,
        briefs: None,
    };
    Down::Page {
        cursor: blob(b"opaque"),
        entries: vec![grant, first, news, Entry::Revoke { document: document(3) }],
        names: vec![Name { worker: WorkerId(12), name: "李红".into() }],
        last: false,
    }
}
