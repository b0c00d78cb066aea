//! The two sides of a sync session as sans-IO state machines.
//!
//! Each takes one input at a time (`handle`) and yields outputs in order (`poll`) until there are
//! none. Storage, sockets and time are outside: a machine asks for them and is told the result. The
//! simulator and the real programs drive the same machines.

pub mod device;
pub mod session;

pub use device::Device;
pub use session::Session;

#[cfg(test)]
mod tests;
