//! Changes without what can be worked out, and frames compressed together: nothing is lost or made up, and
//! no declared size is believed.

use proptest::prelude::*;

use super::examples::{self, chunks, document};
use crate::wire::{Blob, Down, FrameError, Sent, Up, decode, encode, pack, unpack};
use crate::{DeviceId, Receipt, WorkerId, limits};

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).expect("memory")
}

fn sent(bytes: Vec<u8>, at: i64) -> Sent {
    let (worker, device) = (WorkerId(1), DeviceId([2; 8]));
    Sent { bytes: Blob::from(bytes), worker, device, made: at, received: at + 1, receipt: Receipt([4; 16]) }
}

fn page(changes: Vec<Sent>) -> Down {
    let entry = crate::wire::Entry::Document {
        document: document(1),
        grant: true,
        changes,
        decisions: vec![],
        settled: None,
        briefs: None,
    };
    Down::Page { cursor: Blob::from(vec![]), entries: vec![entry], names: vec![], last: true }
}

#[test]
fn a_change_on_another_is_carried_without_the_hash_of_the_other() {
    let [first, second] = chunks();
    let both = encode(&page(vec![sent(first.clone(), 5), sent(second.clone(), 5)]));
    let other = encode(&page(vec![sent(second.clone(), 5), sent(first, 5)]));
    assert_eq!(both.len() + 32, other.len(), "only what comes earlier in the list is left out");
    assert!(!both.windows(8).any(|window| window == &second[..8]), "nor the checksum");
}

#[test]
fn messages_of_many_frames_come_back_as_they_were() {
    let up: Vec<Up> = examples::up().into_iter().map(|(_, frame)| frame).collect();
    let messages = pack(&up, zstd);
    assert_eq!(messages.len(), 1);
    assert_eq!(unpack::<Up>(&messages[0]).expect("a pack"), up);
    let alone = pack(&up[..1], zstd);
    assert_eq!(alone, [encode(&up[0])], "a small frame is a message as it is");
    assert_eq!(unpack::<Up>(&alone[0]).expect("a frame"), &up[..1]);
}

#[test]
fn more_than_fits_into_a_message_is_several() {
    let push = |n: u8| Up::Push {
        document: document(n),
        changes: vec![Blob::from(vec![n; limits::PACK_BYTES / 3])],
    };
    let frames: Vec<Up> = (0..7).map(push).collect();
    let messages = pack(&frames, |bytes| bytes.to_vec());
    assert_eq!(messages.len(), 7, "what does not compress is not packed");
    let messages = pack(&frames, zstd);
    assert_eq!(messages.len(), 4);
    let back: Vec<Up> = messages.iter().flat_map(|message| unpack::<Up>(message).expect("a pack")).collect();
    assert_eq!(back, frames);
}

fn envelope(size: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut e = minicbor::Encoder::new(&mut bytes);
    e.array(2).and_then(|e| e.u8(9)).and_then(|e| e.array(2)).expect("memory");
    e.u64(size).and_then(|e| e.bytes(content)).expect("memory");
    bytes
}

#[test]
fn a_size_is_not_believed() {
    let frame = encode(&Up::Returned);
    let content = zstd(&frame.repeat(50));
    let size = frame.len() as u64 * 50;
    assert_eq!(unpack::<Up>(&envelope(size, &content)).expect("a pack").len(), 50);
    for wrong in [0, size - 1, size + 1] {
        assert!(matches!(unpack::<Up>(&envelope(wrong, &content)), Err(FrameError::Shape(_))), "{wrong}");
    }
    let bomb = zstd(&vec![0; 64 * 1024 * 1024]);
    assert!(bomb.len() < 8 * 1024);
    assert!(matches!(unpack::<Up>(&envelope(64 * 1024 * 1024, &bomb)), Err(FrameError::TooLarge { .. })));
    assert!(matches!(unpack::<Up>(&envelope(1_000, &bomb)), Err(FrameError::Shape(_))));
    assert!(matches!(unpack::<Up>(&envelope(u64::MAX, &content)), Err(FrameError::TooLarge { .. })));
}

#[test]
fn a_pack_has_no_pack_and_not_too_many_frames() {
    let inner = envelope(3, &zstd(&encode(&Up::Returned)));
    let outer = envelope(inner.len() as u64, &zstd(&inner));
    assert!(matches!(unpack::<Up>(&outer), Err(FrameError::Shape(_))));
    let many = encode(&Up::Returned).repeat(limits::PACK_FRAMES + 1);
    let many = envelope(many.len() as u64, &zstd(&many));
    assert!(matches!(unpack::<Up>(&many), Err(FrameError::TooMany(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Also of a chunk that is none, or one with a few bytes changed.
    #[test]
    fn changes_come_back_byte_for_byte(
        which in prop::collection::vec((0..3_usize, any::<prop::sample::Index>(), any::<u8>(), any::<i64>()), 0..6)
    ) {
        let changes = which.into_iter().map(|(which, at, byte, time)| {
            let mut bytes = chunks()[which.min(1)].clone();
            if which == 2 {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            sent(bytes, time.saturating_sub(1))
        });
        let frame = page(changes.collect());
        prop_assert_eq!(decode::<Down>(&encode(&frame)).expect("what was encoded"), frame);
    }

    #[test]
    fn altered_packs_never_panic(at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        let up: Vec<Up> = examples::up().into_iter().map(|(_, frame)| frame).collect();
        let mut message = pack(&up, zstd).remove(0);
        let at = at.index(message.len());
        message[at] = byte;
        let _ = unpack::<Up>(&message);
        let _ = unpack::<Up>(&message[..cut.index(message.len())]);
    }

    #[test]
    fn altered_pages_never_panic(at: prop::sample::Index, byte: u8) {
        let mut bytes = encode(&page(chunks().into_iter().map(|chunk| sent(chunk, 7)).collect()));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(frame) = decode::<Down>(&bytes) {
            prop_assert_eq!(decode::<Down>(&encode(&frame)).expect("what was encoded"), frame);
        }
    }
}
