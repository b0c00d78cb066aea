//! The machines' tests: a device and a session on one line, with a toy centre and a toy store.
//!
//! [`line`] moves frames and completions in any order and checks what must hold at each; the stories
//! look at single rules, `random` at every order, at cuts and at stalls.

mod centre;
mod invariants;
mod line;
mod random;
mod store;
mod stories;
mod stories_of_faults;
mod stories_of_holding;
mod stories_of_pages;
mod stories_of_rejection;
