//! In whose place somebody acts and signs.
//!
//! Owns the arguments that say so, and reading it out of a log. Whether what they do counts is `decide`'s to say.

use crate::{Cause, Decision, Directive};

/// The argument of a command that names whom its giver stands in for. The centre has seen that it is so.
pub const STANDING_IN: &str = "for";
/// The unit that its giver is of, beside the one in whose name it is given. The centre's own word.
pub const OWN_UNIT: &str = "for.unit";

/// Signing in another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InPlace<'a> {
    /// Number of the worker whose signature it is.
    pub of: &'a str,
    /// The decision by which it was delegated.
    pub n: u32,
}

/// In whose place a worker signs as this; `None`: in their own. Where a deputy delegated, it is whoever was away.
pub fn signs_for<'a>(log: &'a [Decision], role: &str, worker: &str) -> Option<InPlace<'a>> {
    let stands = log.last()?.life.delegates.get(role).is_some_and(|delegate| delegate == worker);
    let given = log.iter().rev().filter(|decision| stands && decision.directive == Directive::Delegate);
    given.into_iter().find_map(|decision| {
        let Cause::Command { args, by_worker, .. } = &decision.cause else { return None };
        let is = |key: &str, value: &str| args.get(key).is_some_and(|said| said.trim() == value);
        let of = args.get(STANDING_IN).unwrap_or(by_worker);
        (is("role", role) && is("worker", worker)).then_some(InPlace { of, n: decision.n })
    })
}
