//! The containers of each kind of document, and the schema version that brought each. Constant.
//!
//! A container is addressed by the operation that made it: version 1 is the genesis, every later one a
//! migration on top of it. Counters go on through the versions of a kind, so that one number is enough.
//! Never takes an entry out, and never gives a counter again.

use super::Kind;

/// What a container takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// A map from field names to scalars.
    Words,
    /// The append-only list of records.
    Records,
    /// A text.
    Prose,
    /// A map from labels to true.
    Labels,
    /// An append-only list of texts.
    Items,
}

/// One container.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Container {
    /// Its root key.
    pub(crate) key: &'static str,
    /// What it takes.
    pub(crate) holds: Holds,
    /// Of the change that makes it: 1 is the genesis.
    pub(crate) version: u16,
}

const fn at(version: u16, key: &'static str, holds: Holds) -> Container {
    Container { key, holds, version }
}

use Holds::{Items, Labels, Prose, Records, Words};

/// In the order of their counters, which begin at 1.
static CASE: &[Container] = &[
    at(1, "review", Words),
    at(1, "severest", Words),
    at(1, "latest", Words),
    at(1, "records", Records),
    at(1, "description", Prose),
    at(1, "tags", Labels),
    at(1, "log", Items),
    at(1, "attachments", Items),
    at(1, "signatures", Items),
    at(1, "links", Items),
    at(2, "evidence", Items),
    at(2, "callback", Items),
    at(2, "reply", Prose),
];

static VISIT: &[Container] = &[
    at(1, "review", Words),
    at(1, "severest", Words),
    at(1, "latest", Words),
    at(1, "records", Records),
    at(1, "description", Prose),
    at(1, "tags", Labels),
    at(1, "log", Items),
    at(1, "attachments", Items),
    at(1, "signatures", Items),
    at(1, "links", Items),
    at(2, "outcomes", Items),
    at(2, "households", Items),
    at(3, "villages", Items),
    at(3, "firms", Items),
    at(3, "met", Items),
    at(3, "rectification", Items),
    at(3, "progress", Items),
];

static REGISTER: &[Container] = &[
    at(1, "review", Words),
    at(1, "severest", Words),
    at(1, "latest", Words),
    at(1, "records", Records),
    at(1, "notes", Prose),
    at(1, "tags", Labels),
    at(1, "log", Items),
    at(1, "attachments", Items),
    at(1, "signatures", Items),
    at(1, "links", Items),
    at(1, "members", Items),
    at(1, "visits", Items),
    at(1, "help", Items),
];

static MEETING: &[Container] = &[
    at(1, "review", Words),
    at(1, "severest", Words),
    at(1, "latest", Words),
    at(1, "records", Records),
    at(1, "minutes", Prose),
    at(1, "tags", Labels),
    at(1, "log", Items),
    at(1, "attachments", Items),
    at(1, "signatures", Items),
    at(1, "links", Items),
    at(1, "agenda", Items),
    at(1, "attendance", Items),
    at(1, "actions", Items),
];

/// Counters of the containers that every kind has.
pub(crate) mod container {
    pub(crate) const REVIEW: u64 = 1;
    pub(crate) const SEVEREST: u64 = 2;
    pub(crate) const LATEST: u64 = 3;
    pub(crate) const RECORDS: u64 = 4;
    pub(crate) const PROSE: u64 = 5;
    pub(crate) const TAGS: u64 = 6;
    pub(crate) const LOG: u64 = 7;
    pub(crate) const ATTACHMENTS: u64 = 8;
    pub(crate) const SIGNATURES: u64 = 9;
    pub(crate) const LINKS: u64 = 10;
}

/// The containers of a kind, in the order of their counters.
pub(crate) const fn of(kind: Kind) -> &'static [Container] {
    match kind {
        Kind::Case => CASE,
        Kind::Visit => VISIT,
        Kind::Register => REGISTER,
        Kind::Meeting => MEETING,
    }
}

/// The container with this counter.
pub(crate) fn at_counter(kind: Kind, counter: u64) -> Option<&'static Container> {
    of(kind).get(usize::try_from(counter).ok()?.checked_sub(1)?)
}

/// The newest version of a kind's containers.
pub(crate) fn newest(kind: Kind) -> u16 {
    of(kind).last().map_or(1, |container| container.version)
}
