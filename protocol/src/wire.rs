//! Frames of `doorstep.v1` and their codec. `doorstep-v1.cddl` describes them; its vectors are tests.
//!
//! A binary WebSocket message is one frame, or a pack of frames compressed together. A frame is one CBOR
//! item: an array of its number and its fields; fields are positional and never renumbered.

mod brief;
mod codec;
mod frames;
mod hello;
mod lean;
mod pack;

pub use brief::{Brief, from_wire, to_wire};
pub use codec::{Bounded, FrameError, decode, encode};
pub use frames::{
    AckFacts, Acked, ActOutcome, Blob, Command, Down, Entry, LimitsOffer, Name, Rejected, Sent, Up, Welcome,
};
pub use hello::{Announced, Checkout, Heard, Hello};
pub use lean::{hash_of, time_of};
pub use pack::{pack, unpack};

#[cfg(test)]
mod tests;
