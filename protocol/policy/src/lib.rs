//! Policy of a district: `decide(rules, projection, history, cause, now)` gives a decision with reasons.
//!
//! Owns the shape of a policy pack, its reading and checking, and every rule of deciding: intake, routing,
//! provisional dispatch, ladders, commands, migration. Pure: it has no clock, no randomness, no input or output,
//! no runtime. Time is passed in, pack files are passed in as text, and the same arguments give the same bytes.
//!
//! # Contract
//!
//! - `now` is the nominal time of the cause: for a timer its `at`, not the moment at which a server got to it.
//! - A decision carries the projection that it read. `decide(pack, &d.projection, &history[..i], d.cause.clone(), d.at)`
//!   gives `d` again ([`replay`] does so for a whole history).
//! - [`Decision::timers`] is the complete set of live timers of the case: a commit replaces what was stored before.
//!
//! **Architecture invariant:** every decision has an owner, a next step and a due time (件件有着落), and a timer unless its
//! step is an end ([`Step::is_end`]).
//! **Architecture invariant:** the engine knows the steps of a case's life; a pack says who may do what, by when, with which
//! signatures, callbacks and look-backs. There are no workflow scripts.
//! **Architecture invariant:** a timer never re-routes by category or place; it only reminds, supervises, escalates.
//! **Architecture invariant:** no code of a district appears here; codes live in packs, examples and tests.

mod audience;
mod calendar;
mod cause;
mod check;
mod clock;
mod condition;
mod decide;
mod decision;
mod deputy;
mod facts;
mod files;
mod ladder;
mod life;
mod limits;
mod offer;
mod pack;
mod problem;
mod projection;
mod proof;
mod reach;
mod refusal;
mod route;
mod said;
mod step;
pub mod supervision;
mod units;

pub use audience::Audience;
pub use calendar::WorkCalendar;
pub use cause::Cause;
pub use check::{check, check_examples, check_people};
pub use decide::{
    Signable, commands, counted_due, decide, replay, replay_versions, same_outcome, signable,
    waits_for_signatures, would_count,
};
pub use decision::{Changed, Decision, Directive, ENGINE, Reason, Routed, Tier, TimerAt, basis_id};
pub use deputy::{InPlace, OWN_UNIT, STANDING_IN, signs_for};
pub use files::{PackFiles, embedded_bazhou};
pub use life::{Asked, Closed, How, Inspected, Life, Parked, Satisfaction};
pub use offer::{Actor, Offer, Want, offered};
pub use pack::{
    Campaign, Category, ConflictDue, Coverage, Covered, DrawRule, MeetingRule, Pack, RepeatField, Resolved,
    Round, SettleRule, Signals, TeamCovered, VisitMode,
};
pub use problem::Problem;
pub use projection::{FieldView, Projection};
pub use proof::{Answered, Proofs, Signature};
pub use reach::Reach;
pub use refusal::{REFUSALS, Refused};
pub use said::LANGUAGES;
pub use step::Step;
pub use units::{Level, Unit};
