//! Tests of the policy engine and of the packs that ship with it, in one binary.

mod always;
mod answers;
mod blind;
mod closing;
mod days;
mod deadlines;
mod figures;
mod first;
mod half;
mod kept_out;
mod ladders;
mod life;
mod lists;
mod migration;
mod mistakes;
mod mutants;
mod named;
mod oneself;
mod packs;
mod pauses;
mod probes;
mod problems;
mod reviews;
mod signing;
mod story;
mod supervision;
mod taken_out;
mod urgent;
mod without;
#[expect(clippy::disallowed_methods, reason = "tests read the source and the words as they ship")]
mod words;
