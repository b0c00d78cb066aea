//! Doorstep's harness, simulation and live tests.

pub mod harness;
pub mod play;
pub mod sim;
