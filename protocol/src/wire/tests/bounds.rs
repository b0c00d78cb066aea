//! What fits into a frame, what later versions may add, and arbitrary bytes.

use minicbor::Encoder;
use proptest::prelude::*;

use super::examples::{document, nothing_new, rejoin, up};
use super::invalid;
use crate::wire::{Announced, Blob, Checkout, Command, Down, FrameError, Up, decode, encode};
use crate::{Hash, limits};

#[test]
fn a_rejoin_with_nothing_changed_is_small() {
    let up = encode(&Up::Hello(rejoin(&[7; 72]))).len();
    let down = encode(&Down::Welcome(nothing_new())).len();
    assert_eq!((up, down), (205, 31));
}

#[test]
fn a_full_hello_is_a_frame() {
    let one = |_| Announced { document: document(1), hashes: vec![Hash([1; 32])] };
    let documents = vec![document(1); limits::MAX_CHECKOUT_DOCUMENTS];
    let checkout = Checkout { id: [9; 16], documents, until: i64::MAX };
    let hello = Up::Hello(crate::wire::Hello {
        unsent: (0..limits::MAX_ANNOUNCED).map(one).collect(),
        purged: vec![document(1); limits::MAX_ANNOUNCED],
        checkouts: vec![checkout; limits::MAX_CHECKOUTS],
        ..rejoin(&[0; 200])
    });
    let bytes = encode(&hello);
    assert!(bytes.len() < limits::MAX_FRAME_BYTES, "{} bytes", bytes.len());
    assert_eq!(decode::<Up>(&bytes).expect("a frame"), hello);
}

#[test]
fn a_full_push_and_a_full_command_are_frames() {
    let change = Blob::from(vec![1; limits::MAX_PUSH_BYTES / limits::MAX_PUSH_CHANGES]);
    let push = Up::Push { document: document(1), changes: vec![change; limits::MAX_PUSH_CHANGES] };
    let single =
        Up::Push { document: document(1), changes: vec![Blob::from(vec![1; limits::MAX_CHANGE_BYTES])] };
    let args = vec![("k".repeat(64), "🏠".repeat(limits::MAX_LINE_CHARS)); limits::MAX_COMMAND_ARGS];
    let act =
        Up::Act(Command { id: [1; 16], document: document(1), name: "n".repeat(64), args, made: i64::MIN });
    for frame in [push, single, act] {
        let bytes = encode(&frame);
        assert!(bytes.len() < limits::MAX_FRAME_BYTES);
        assert_eq!(decode::<Up>(&bytes).expect("a frame"), frame);
    }
}

#[test]
fn one_more_than_the_limit_is_too_many() {
    for frame in invalid::long() {
        let error = decode::<Up>(&encode(&frame)).expect_err("too many");
        assert!(matches!(error, FrameError::TooMany(_)), "{error}");
    }
}

/// Fields are added at the end: what an older build does not know, it does not mind.
#[test]
fn fields_that_a_later_build_adds_are_skipped() {
    let mut bytes = Vec::new();
    let mut e = Encoder::new(&mut bytes);
    e.array(2).and_then(|e| e.u8(3)).expect("memory");
    e.array(3).and_then(|e| e.bytes(b"opaque")).and_then(|e| e.array(0)).expect("memory");
    e.map(1).and_then(|e| e.str("later")).and_then(|e| e.null()).expect("memory");
    let known = Up::Stored { cursor: Blob::from(b"opaque".to_vec()), purged: vec![] };
    assert_eq!(decode::<Up>(&bytes).expect("a frame"), known);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<Up>(&bytes);
        let _ = decode::<Down>(&bytes);
    }

    /// A frame with a few bytes changed is refused, or is another frame that reads back the same.
    #[test]
    fn altered_frames_are_refused_or_read_back(n: prop::sample::Index, at: prop::sample::Index, byte: u8) {
        let frames = up();
        let mut bytes = encode(&frames[n.index(frames.len())].1);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(frame) = decode::<Up>(&bytes) {
            prop_assert_eq!(decode::<Up>(&encode(&frame)).expect("what was encoded"), frame);
        }
    }
}
