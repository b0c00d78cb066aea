//! Bytes that are no frame from a device, each with the code that the centre answers.

use super::examples::{document, rejoin, up};
use crate::wire::{Announced, Blob, Checkout, Command, Up, encode};
use crate::{Hash, Mark, limits};

/// A name, the bytes, zero bytes to append, the code.
pub(super) type Invalid = (&'static str, Vec<u8>, usize, &'static str);

/// The published ones.
pub(super) fn all() -> Vec<Invalid> {
    let hello = encode(&Up::Hello(rejoin(b"opaque")));
    let push = |changes| encode(&Up::Push { document: document(1), changes });
    let act = |name: &str, args: Vec<(String, String)>| {
        encode(&Up::Act(Command { id: [7; 16], document: document(1), name: name.into(), args, made: 0 }))
    };
    let arg = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let line = "长".repeat(limits::MAX_LINE_CHARS + 1);
    let mut followed = hello.clone();
    followed.push(0);
    let mut other = hello.clone();
    other[1] = 0x18;
    other.insert(2, 40);
    let mut short_id = push(vec![]);
    short_id[3] = 0x4f;
    short_id.remove(4);
    let mut array_id = act("accept", vec![]);
    array_id[4] = 0x90;
    vec![
        ("nothing", vec![], 0, "frame.shape"),
        ("not an array", vec![0x63, b'a', b'b', b'c'], 0, "frame.shape"),
        ("a frame number that does not exist", other, 0, "frame.shape"),
        ("a frame of the other direction", vec![0x82, 0x04, 0x84, 0x40, 0x80, 0x80, 0xf5], 0, "frame.shape"),
        ("cut short", hello[..hello.len() - 1].to_vec(), 0, "frame.shape"),
        ("two frames in one message", [hello.clone(), hello].concat(), 0, "frame.shape"),
        ("bytes after the frame", followed, 0, "frame.shape"),
        ("a document id of 15 bytes", short_id, 0, "frame.shape"),
        ("an id as an array of numbers", array_id, 0, "frame.shape"),
        (
            "a push of 2^62 changes",
            [&push(vec![])[..20], &[0x9b, 0x40, 0, 0, 0, 0, 0, 0, 0]].concat(),
            0,
            "frame.shape",
        ),
        ("a frame of more than 1 MiB", push(vec![]), limits::MAX_FRAME_BYTES, "frame.too_large"),
        ("a push of 257 changes", push(vec![Blob::from(vec![]); 257]), 0, "frame.too_many"),
        ("a command with 17 arguments", act("refer", vec![arg("a", "b"); 17]), 0, "frame.too_many"),
        ("a command's name of 65 letters", act(&"n".repeat(65), vec![]), 0, "frame.too_many"),
        (
            "an argument's name of 65 letters",
            act("refer", vec![arg(&"n".repeat(65), "")]),
            0,
            "frame.too_many",
        ),
        ("an argument of 501 characters", act("refer", vec![arg("note", &line)]), 0, "frame.too_many"),
    ]
}

/// Too long to publish: counts just beyond what a hello or a confirmation may have.
pub(super) fn long() -> Vec<Up> {
    let over = limits::MAX_ANNOUNCED + 1;
    let checkout = |documents| Checkout { id: [9; 16], documents: vec![document(1); documents], until: 0 };
    let hash = Hash([1; 32]);
    let base = rejoin(b"opaque");
    let one = Announced { document: document(1), hashes: vec![hash; over] };
    let empty = vec![Announced { document: document(1), hashes: vec![] }; over];
    let (unsent, purged) = (vec![one], vec![document(1); over]);
    let hello = [
        crate::wire::Hello { unsent, ..base.clone() },
        crate::wire::Hello { unsent: empty, ..base.clone() },
        crate::wire::Hello { purged: purged.clone(), ..base.clone() },
        crate::wire::Hello { marks: vec![Mark([1; 8]); limits::MAX_MARKS + 1], ..base.clone() },
        crate::wire::Hello { checkouts: vec![checkout(1); limits::MAX_CHECKOUTS + 1], ..base.clone() },
        crate::wire::Hello { checkouts: vec![checkout(limits::MAX_CHECKOUT_DOCUMENTS + 1)], ..base },
    ];
    let stored = Up::Stored { cursor: Blob::from(vec![]), purged };
    hello.into_iter().map(Up::Hello).chain([stored]).collect()
}

#[test]
fn what_is_published_as_valid_is_not_here() {
    let valid: Vec<Vec<u8>> = up().iter().map(|(_, frame)| encode(frame)).collect();
    assert!(all().iter().all(|(_, bytes, zeros, _)| *zeros > 0 || !valid.contains(bytes)));
}
