//! Frames to messages and back. Frames that go together are one message, compressed where that is smaller.
//!
//! A pack names its size before anything is unpacked, and no more than that is ever made of it. The
//! compressor is the caller's (devices and the centre have different ones); reading needs this file only.

use minicbor::{Decode, Encode};
use ruzstd::decoding::FrameDecoder;

use super::codec::{self, Bounded, FrameError};
use crate::limits;

/// The number of a pack among the frames of either direction.
const PACK: u8 = 9;
/// The most that unpacking may need beside what it makes.
const WINDOW_BYTES: u64 = 8 * 1024 * 1024;
/// Frames below this many bytes are not worth compressing.
const SMALL_BYTES: usize = 200;

/// The messages that carry these frames, in their order. `compress` makes a zstd frame.
pub fn pack<T: Encode<()> + Bounded>(
    frames: &[T],
    mut compress: impl FnMut(&[u8]) -> Vec<u8>,
) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    let (mut together, mut begins): (Vec<u8>, Vec<usize>) = (Vec::new(), Vec::new());
    for frame in frames {
        let bytes = codec::encode(frame);
        let full = together.len() + bytes.len() > limits::PACK_BYTES || begins.len() == limits::PACK_FRAMES;
        if full && !together.is_empty() {
            close(&mut together, &mut begins, &mut messages, &mut compress);
        }
        begins.push(together.len());
        together.extend(bytes);
    }
    close(&mut together, &mut begins, &mut messages, &mut compress);
    messages
}

fn close(
    together: &mut Vec<u8>,
    begins: &mut Vec<usize>,
    messages: &mut Vec<Vec<u8>>,
    compress: &mut impl FnMut(&[u8]) -> Vec<u8>,
) {
    let (bytes, begins) = (std::mem::take(together), std::mem::take(begins));
    if bytes.len() > SMALL_BYTES {
        let packed = envelope(bytes.len(), &compress(&bytes));
        if packed.len() < bytes.len() {
            return messages.push(packed);
        }
    }
    let ends = begins.iter().skip(1).copied().chain([bytes.len()]);
    messages.extend(
        begins.iter().zip(ends).map(|(begin, end)| bytes[*begin..end].to_vec()).filter(|m| !m.is_empty()),
    );
}

fn envelope(size: usize, compressed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(compressed.len() + 16);
    let mut e = minicbor::Encoder::new(&mut bytes);
    let written = e.array(2).and_then(|e| e.u8(PACK)).and_then(|e| e.array(2));
    written
        .and_then(|e| e.u64(size as u64))
        .and_then(|e| e.bytes(compressed))
        .expect("encoding into memory does not fail");
    bytes
}

/// The frames of one message.
pub fn unpack<T: for<'b> Decode<'b, ()> + Bounded>(message: &[u8]) -> Result<Vec<T>, FrameError> {
    if message.len() > T::MAX_BYTES {
        return Err(FrameError::TooLarge { bytes: message.len(), max: T::MAX_BYTES });
    }
    let Some((size, compressed)) = opened(message) else {
        return codec::decode(message).map(|frame| vec![frame]);
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > T::MAX_BYTES {
        return Err(FrameError::TooLarge { bytes: size, max: T::MAX_BYTES });
    }
    let bytes = inflate(compressed, size)?;
    let (mut left, mut frames) = (&bytes[..], Vec::new());
    while !left.is_empty() {
        if frames.len() == limits::PACK_FRAMES {
            return Err(FrameError::TooMany("frames in a pack"));
        }
        let (frame, length) = codec::decode_first(left)?;
        frames.push(frame);
        left = &left[length..];
    }
    Ok(frames)
}

/// Declared size and content, if the message is a pack.
fn opened(message: &[u8]) -> Option<(u64, &[u8])> {
    let mut d = minicbor::Decoder::new(message);
    let is_pack = d.array().ok()? == Some(2) && d.u8().ok()? == PACK && d.array().ok()? == Some(2);
    let (size, content) = is_pack.then(|| Some((d.u64().ok()?, d.bytes().ok()?))).flatten()?;
    (d.position() == message.len()).then_some((size, content))
}

fn inflate(compressed: &[u8], size: usize) -> Result<Vec<u8>, FrameError> {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(WINDOW_BYTES);
    let mut bytes = vec![0; size];
    let made =
        decoder.decode_all(compressed, &mut bytes).map_err(|error| FrameError::Shape(error.to_string()))?;
    if made == size {
        Ok(bytes)
    } else {
        Err(FrameError::Shape(format!("a pack of {made} bytes that names {size}")))
    }
}
