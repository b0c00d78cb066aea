//! Supervision: what inspectors draw, what units account for, how they are ranked; from data that is passed in.
//!
//! Owns the arithmetic, so that a published draw or list comes out the same wherever it is done again. Never decides a
//! case: urging and inspecting are commands like any other.

mod account;
mod draw;
mod rates;

pub use account::{Account, AccountState, Week};
pub use draw::{commitment, draw, population_digest};
pub use rates::{List, Rate, RateRule, Tally, Trigger};
