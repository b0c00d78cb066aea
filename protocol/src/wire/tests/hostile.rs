//! Frames and packs under siege: seeded mutations of every frame, inside and outside the compression. Whatever comes is
//! refused, or is frames that read back the same; and never much more than it was.
//!
//! `FRAME_MUTANTS` and `FRAME_SEED` make long runs.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::examples::{self, chunks, document};
use crate::limits;
use crate::wire::codec::Bounded;
use crate::wire::{Blob, Down, Sent, Up, encode, unpack};
use crate::{DeviceId, Receipt, WorkerId};

/// What a message of a device may come to in memory, beside the message: a hundredth of what the server may use.
const MOST: usize = 2 * limits::MAX_PAGE_FRAME_BYTES;

struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }
}

#[expect(clippy::disallowed_methods, reason = "how long this test runs, and nothing else")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).expect("memory")
}

/// A number as CBOR heads and as the columns' own numbers have it, at the edges of what fits.
const NUMBERS: [&[u8]; 8] = [
    &[0x9a, 0xff, 0xff, 0xff, 0xff],
    &[0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    &[0xbf],
    &[0x9f],
    &[0xff, 0xff, 0xff, 0xff, 0x0f],
    &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    &[0x00],
    &[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
];

fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, donor: &[u8]) {
    for _ in 0..=rng.below(3) {
        let at = rng.below(bytes.len() + 1);
        let end = (at + rng.below(9)).min(bytes.len());
        match rng.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << rng.below(8),
            1 => drop(bytes.splice(at..end, NUMBERS[rng.below(NUMBERS.len())].iter().copied())),
            2 => {
                let from = rng.below(donor.len());
                let to = (from + rng.below(40)).min(donor.len());
                drop(bytes.splice(at..end, donor[from..to].iter().copied()));
            }
            3 => {
                let copy = bytes[at..end].repeat(1 + rng.below(4));
                drop(bytes.splice(at..at, copy));
            }
            4 => bytes.truncate(at),
            _ => drop(bytes.drain(at..end)),
        }
    }
}

/// What comes of a message: at most what a frame may come to, and the same again.
fn ordeal<T>(message: &[u8]) -> bool
where
    T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()> + Bounded + PartialEq + std::fmt::Debug,
{
    let Ok(frames) = unpack::<T>(message) else { return false };
    let again: Vec<Vec<u8>> = frames.iter().map(encode).collect();
    assert!(again.iter().map(Vec::len).sum::<usize>() <= MOST);
    for (frame, bytes) in frames.iter().zip(again).filter(|(_, bytes)| bytes.len() <= T::MAX_BYTES) {
        assert_eq!(unpack::<T>(&bytes).expect("what was encoded"), std::slice::from_ref(frame));
    }
    true
}

fn returned(chunks: Vec<Vec<u8>>) -> Up {
    let sent = |bytes| Sent {
        bytes: Blob::from(bytes),
        worker: WorkerId(1),
        device: DeviceId([2; 8]),
        made: 5,
        received: 6,
        receipt: Receipt([4; 16]),
    };
    let changes = chunks.into_iter().map(sent).collect();
    Up::Return { document: document(1), changes, decisions: vec![] }
}

#[test]
fn mutated_messages_are_refused_or_read_back() {
    let mut rng = Rng(setting("FRAME_SEED", 1));
    let mut up: Vec<Vec<u8>> = examples::up().iter().map(|(_, frame)| encode(frame)).collect();
    up.push(encode(&returned(chunks().to_vec())));
    let down: Vec<Vec<u8>> = examples::down().iter().map(|(_, frame)| encode(frame)).collect();
    let (mut tried, mut read) = (0_u64, 0_u64);
    while tried < setting("FRAME_MUTANTS", 6_000) {
        let all = if rng.below(2) == 0 { &up } else { &down };
        let mut bytes = all[rng.below(all.len())].clone();
        let donor = &all[rng.below(all.len())];
        if rng.below(3) == 0 {
            bytes.extend(donor);
        }
        mutate(&mut rng, &mut bytes, donor);
        let message = match rng.below(3) {
            0 => bytes,
            // Inside: compressed after it was mutated, so that the frames' reader meets it.
            1 => envelope(bytes.len() as u64, &zstd(&bytes)),
            _ => {
                let mut packed = envelope(bytes.len() as u64, &zstd(&bytes));
                mutate(&mut rng, &mut packed, donor);
                packed
            }
        };
        let ran = catch_unwind(AssertUnwindSafe(|| ordeal::<Up>(&message) | ordeal::<Down>(&message)));
        read += u64::from(ran.unwrap_or_else(|_| panic!("{message:02x?}")));
        tried += 1;
    }
    assert!(read > tried / 50, "{read} of {tried} were frames: the mutations are too clumsy");
}

fn envelope(size: u64, content: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut e = minicbor::Encoder::new(&mut bytes);
    e.array(2).and_then(|e| e.u8(9)).and_then(|e| e.array(2)).expect("memory");
    e.u64(size).and_then(|e| e.bytes(content)).expect("memory");
    bytes
}

/// A return of one change whose author is named again by as many as this.
fn named_again(actor: &[u8], times: usize) -> Vec<u8> {
    let mut columns = Vec::new();
    let number = |to: &mut Vec<u8>, mut n: usize| {
        while n >= 128 {
            to.push(n as u8 | 128);
            n >>= 7;
        }
        to.push(n as u8);
    };
    for n in [1, 1, 0, actor.len()] {
        number(&mut columns, n); // one change, in parts, of no deps, by a new actor of this length
    }
    columns.extend(actor);
    columns.extend([0, 2, 0, 0]); // its first; counter 1; time 0; no message
    number(&mut columns, times);
    columns.extend(vec![0; times]);
    columns.push(0); // no columns
    let mut frame = Vec::new();
    let mut e = minicbor::Encoder::new(&mut frame);
    e.array(2).and_then(|e| e.u8(4)).and_then(|e| e.array(3)).expect("memory");
    e.encode(document(1)).expect("memory");
    e.array(2).and_then(|e| e.array(1)).and_then(|e| e.array(6)).and_then(|e| e.u64(1)).expect("memory");
    e.encode(WorkerId(1)).and_then(|e| e.encode(DeviceId([2; 8]))).expect("memory");
    e.i64(0).and_then(|e| e.i64(0)).and_then(|e| e.encode(Receipt([4; 16]))).expect("memory");
    e.bytes(&columns).and_then(|e| e.array(0)).expect("memory");
    frame
}

/// One byte names an actor: gigabytes, if actors were long and nobody counted.
#[test]
fn an_actor_that_is_named_again_and_again_is_counted_each_time() {
    assert!(unpack::<Up>(&named_again(&[7; 16], 1_000)).is_ok(), "a frame like any other");
    for (actor, times) in [(&[7; 500_000][..], 1_000), (&[7; 64], 900_000)] {
        let wrong = unpack::<Up>(&named_again(actor, times)).expect_err("refused").to_string();
        assert!(wrong.contains("columns that are no changes"), "{wrong}");
    }
}
