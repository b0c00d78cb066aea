//! What devices and the centre agree on: documents, frames, and the two machines of sync.
//!
//! Three modules, one-way among themselves: [`documents`] knows nothing of [`wire`], and both know
//! nothing of [`machines`].
//!
//! Architecture Invariant: this crate is pure. No clock, no randomness, no I/O, no runtime: time and
//! random bytes are arguments, storage and sockets are outputs of the machines.

pub mod documents;
pub mod ids;
pub mod limits;
pub mod machines;
pub mod wire;

pub use ids::{DeviceId, DocumentId, Hash, Mark, Receipt, WorkerId};
