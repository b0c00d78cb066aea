//! Doorstep's harness, simulation and live tests.

pub mod harness;
pub mod sim;
