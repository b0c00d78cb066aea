//! Bytes to frames and back, every size bounded before and after.

use minicbor::{Decode, Encode};

use super::frames::{Down, Up};
use super::hello::Hello;
use crate::limits;

/// Why bytes are not a frame. The sender is told; the session ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Larger than a frame may be.
    #[error("a frame of {bytes} bytes; at most {max} are taken")]
    TooLarge {
        /// Bytes of the frame.
        bytes: usize,
        /// Bytes that are taken.
        max: usize,
    },
    /// Not CBOR of the shape that the CDDL gives.
    #[error("not a frame of {name}: {0}", name = limits::SUBPROTOCOL)]
    Shape(String),
    /// More of something than one frame may have.
    #[error("a frame with too many {0}")]
    TooMany(&'static str),
}

impl FrameError {
    /// Stable code for the fault frame.
    pub const fn code(&self) -> &'static str {
        match self {
            FrameError::TooLarge { .. } => "frame.too_large",
            FrameError::Shape(_) => "frame.shape",
            FrameError::TooMany(_) => "frame.too_many",
        }
    }
}

/// A frame whose counts can be bounded.
pub trait Bounded {
    /// Bytes of the largest frame of this direction.
    const MAX_BYTES: usize;

    /// Whether all counts are within limits.
    fn bounded(&self) -> Result<(), FrameError>;
}

impl Bounded for Up {
    const MAX_BYTES: usize = limits::MAX_FRAME_BYTES;

    fn bounded(&self) -> Result<(), FrameError> {
        let over = |n: usize, max: usize, what| if n > max { Err(FrameError::TooMany(what)) } else { Ok(()) };
        match self {
            Up::Hello(Hello { unsent, checkouts, purged, marks, .. }) => {
                let hashes = unsent.iter().map(|announced| announced.hashes.len()).sum::<usize>();
                over(hashes.max(unsent.len()), limits::MAX_ANNOUNCED, "announced changes")?;
                over(purged.len(), limits::MAX_ANNOUNCED, "purged documents")?;
                over(marks.len(), limits::MAX_MARKS, "marks")?;
                over(checkouts.len(), limits::MAX_CHECKOUTS, "checkouts")?;
                checkouts.iter().try_for_each(|c| {
                    over(c.documents.len(), limits::MAX_CHECKOUT_DOCUMENTS, "checked-out cases")
                })
            }
            Up::Return { changes, decisions, .. } => {
                over(changes.len(), limits::MAX_PUSH_CHANGES, "changes")?;
                over(decisions.len(), limits::MAX_PUSH_CHANGES, "decisions")
            }
            Up::Returned => Ok(()),
            Up::Push { changes, .. } => over(changes.len(), limits::MAX_PUSH_CHANGES, "changes"),
            Up::Act(command) => {
                over(command.args.len(), limits::MAX_COMMAND_ARGS, "arguments")?;
                over(command.name.len(), 64, "letters in a command's name")?;
                let long = |(key, value): &(String, String)| {
                    over(key.len(), 64, "letters in an argument's name")?;
                    over(value.chars().count(), limits::MAX_LINE_CHARS, "characters in an argument")
                };
                command.args.iter().try_for_each(long)
            }
            Up::Stored { purged, .. } => over(purged.len(), limits::MAX_ANNOUNCED, "purged documents"),
        }
    }
}

impl Bounded for Down {
    const MAX_BYTES: usize = limits::MAX_PAGE_FRAME_BYTES;

    fn bounded(&self) -> Result<(), FrameError> {
        Ok(())
    }
}

/// The bytes of a frame.
pub fn encode<T: Encode<()>>(frame: &T) -> Vec<u8> {
    minicbor::to_vec(frame).expect("encoding into memory does not fail")
}

/// Reads exactly one frame.
pub fn decode<T: for<'b> Decode<'b, ()> + Bounded>(bytes: &[u8]) -> Result<T, FrameError> {
    if bytes.len() > T::MAX_BYTES {
        return Err(FrameError::TooLarge { bytes: bytes.len(), max: T::MAX_BYTES });
    }
    let (frame, length) = decode_first(bytes)?;
    if length != bytes.len() {
        return Err(FrameError::Shape("bytes follow the frame".into()));
    }
    Ok(frame)
}

/// Reads the first frame of a sequence; with it, how long it was.
pub(super) fn decode_first<T: for<'b> Decode<'b, ()> + Bounded>(
    bytes: &[u8],
) -> Result<(T, usize), FrameError> {
    let mut decoder = minicbor::Decoder::new(bytes);
    let frame: T = decoder.decode().map_err(|error| FrameError::Shape(error.to_string()))?;
    frame.bounded()?;
    Ok((frame, decoder.position()))
}
