//! The centre of Doorstep: gate, pipeline, stores, timers, sync, desk.
//!
//! One direction: `ws` and `http` call `pipeline`, which calls `gate`, policy and `store`. Nothing
//! flows back.

pub mod absences;
pub mod accounts;
pub mod authorize;
pub mod backups;
pub mod blobs;
pub mod clock;
pub mod coverage;
pub mod enrol;
pub mod figures;
pub mod finding;
pub mod gate;
pub mod health;
pub mod http;
pub mod keys;
pub mod ledger;
pub mod limits;
mod mask;
pub mod metrics;
pub mod pipeline;
pub mod policies;
pub mod store;
pub mod supervision;
pub mod verify;
pub mod ws;

pub use pipeline::Centre;
