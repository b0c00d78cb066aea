//! The gate's tests: honest changes pass, hostile ones are refused for the right reason, and what
//! passes does not harm automerge, in debug builds as well.
//!
//! `GATE_HONEST=200000` and `GATE_MUTANTS=500000`, with `GATE_SEED`, make long runs of the seeded
//! tests; `--nocapture` shows their figures. Times are CPU time, so that a busy machine shows nothing else.

#![expect(clippy::print_stdout, reason = "the seeded tests show their figures")]

mod bytes;
mod chunk;
mod context;
mod corpus;
mod entry;
mod forged;
mod honest;
mod mutants;
mod mutated;
mod oracle;
mod piled;
mod rollback;
mod shapes;
mod siege;
mod table;
mod watch;
mod world;
mod worst;

/// A number from the environment, for long runs.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(default)
}
