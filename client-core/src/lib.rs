//! A device: its store, its outbox of intents, and the driver that syncs them.
//!
//! [`replica`] is the logic and works over any [`store`]; [`driver`] is the only file with a socket,
//! [`source`] the only one with a clock or randomness. Nothing here knows the server's code.
//!
//! Architecture Invariant: an edit is durable before its caller hears of it, and an outbox entry goes
//! only with the centre's ack or, refused, into the list of rejected edits that people see.

pub mod auth;
pub mod backoff;
mod courier;
pub mod districts;
pub mod driver;
pub mod enrol;
pub mod explain;
pub mod fetch;
pub mod replica;
pub mod source;
pub mod store;
pub mod trust;

pub use explain::Explain;
pub use replica::Replica;
pub use source::Source;
pub use store::{Memory, Sqlite, Store};
