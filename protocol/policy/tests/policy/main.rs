//! Tests of the policy engine and of the packs that ship with it, in one binary.

mod always;
mod closing;
mod days;
mod deadlines;
mod ladders;
mod life;
mod packs;
mod probes;
mod problems;
mod signing;
mod story;
mod supervision;
mod taken_out;
