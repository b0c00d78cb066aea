//! Frames of `doorstep.v1` and their codec. `doorstep-v1.cddl` describes them; its vectors are tests.
//!
//! Every frame is one CBOR item in one binary WebSocket message. A frame is an array of its number
//! and its fields; fields are positional and never renumbered.

mod codec;
mod frames;

pub use codec::{Bounded, FrameError, decode, encode};
pub use frames::{
    Acked, ActOutcome, Announced, Blob, Checkout, Command, Down, Entry, Hello, LimitsOffer, Name, Rejected,
    Sent, Up, Welcome,
};

#[cfg(test)]
mod tests;
