//! The admission gate: what a change must be before the document sees it.
//!
//! automerge was written for peers that trust each other. Well-formed changes of under 200 bytes
//! make it panic, hang or allocate gigabytes, and others are accepted and then written to a
//! document that no longer loads. Devices are not trusted, so every change passes, in this order:
//!
//! 1. [`inspect`]: the bytes alone, before automerge sees them. Whatever automerge's own encoder
//!    would not have written is refused, in time and memory bounded by [`ByteLimits`].
//! 2. the actor: its first eight bytes are the device prefix and must be one that the session may use.
//! 3. [`OpIndex::check`]: what only the document can tell, judged within the causal past of the
//!    change's own dependencies.
//! 4. [`apply`]: the last line. Apply where a panic is caught, compare heads, and on any failure forget
//!    the document in memory and load it again.
//!
//! [`admit`] strings 1 to 3 together. Schema and roles are judged elsewhere.
//!
//! Architecture invariant: the gate is a pure function of bytes, index and limits. It has no clock,
//! no store and no log; it keeps nothing that it refused. Every refusal has a stable code, which
//! goes over the wire and into quarantine, and a sentence for the person who reads it there.

mod column;
mod context;
mod index;
mod inspect;
mod limits;
mod read;
mod refusal;
mod rows;
mod trial;
mod value;

#[cfg(test)]
mod tests;

pub use context::ContextRefusal;
pub(crate) use index::{FrozenChange, FrozenNames};
pub use index::{OpIndex, Savepoint};
pub use inspect::{Summary, inspect};
pub use limits::{ByteLimits, MAX_NESTING};
pub use refusal::Refusal;
pub use rows::{OpRef, Outside, OutsideKey};
pub use trial::{TrialRefusal, apply, reloads, trial};

use automerge::{Change, ExpandedChange};
use sha2::{Digest, Sha256};
use std::panic::catch_unwind;

#[cfg(panic = "abort")]
compile_error!("the gate's last line catches panics: build the server with panic = \"unwind\"");

/// The hash of a change, and the name of any other bytes.
pub type Hash = [u8; 32];

/// Bytes of an actor id that name the device; the rest is random.
pub const PREFIX_LEN: usize = 8;

/// Magic and checksum; the hash covers everything after them.
const UNHASHED: usize = 8;

/// SHA-256 of everything after the first eight bytes: of a change, its automerge hash. Bytes too
/// short for that are hashed whole, so that any garbage has a name in quarantine.
pub fn change_hash(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes.get(UNHASHED..).unwrap_or(bytes)).into()
}

/// A change that is in the index.
#[derive(Debug)]
pub struct Admitted {
    /// As automerge applies it.
    pub change: Change,
    /// Its operations, for schema and roles: decoded once.
    pub decoded: ExpandedChange,
}

/// Why [`admit`] did not admit a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The bytes are not what automerge's encoder writes, or exceed a limit. Final for these bytes.
    #[error(transparent)]
    Bytes(#[from] Refusal),
    /// The actor's prefix is not one that this session may write with. Final for this session.
    #[error("the actor's first {PREFIX_LEN} bytes are not a prefix that this session may write with")]
    Actor,
    /// The change does not fit the document. Final, except [`ContextRefusal::MissingDeps`].
    #[error(transparent)]
    Context(#[from] ContextRefusal),
    /// automerge would not parse what the gate let pass: a bug in the gate, worth a report.
    #[error("the gate passed the change but automerge does not parse it: {0}")]
    Parse(String),
}

impl Refused {
    /// The stable code for the wire and for quarantine.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Bytes(refusal) => refusal.code(),
            Self::Actor => "actor.prefix",
            Self::Context(refusal) => refusal.code(),
            Self::Parse(_) => "parse.failed",
        }
    }
}

/// Judges one change by bytes, actor and context and, if all hold, parses it and enters it in the
/// index. Nothing is entered on an error.
///
/// `prefix_ok` says whether the session may write with a device prefix of [`PREFIX_LEN`] bytes. The
/// change is not applied yet: take a [`OpIndex::savepoint`] before the first change of a batch, and
/// roll back to it when [`trial`], the schema or the commit then fails.
pub fn admit(
    index: &mut OpIndex,
    prefix_ok: &dyn Fn(&[u8]) -> bool,
    bytes: &[u8],
    limits: &ByteLimits,
) -> Result<Admitted, Refused> {
    let summary = inspect(bytes, limits)?;
    if !summary.actor.get(..PREFIX_LEN).is_some_and(prefix_ok) {
        return Err(Refused::Actor);
    }
    index.check(&summary)?;
    let parsed = catch_unwind(|| Change::from_bytes(bytes.to_vec()).map(|change| (change.decode(), change)));
    let (decoded, change) = match parsed {
        Ok(Ok(parsed)) => parsed,
        Ok(Err(error)) => return Err(Refused::Parse(error.to_string())),
        Err(panic) => return Err(Refused::Parse(trial::panic_text(&*panic))),
    };
    if change.hash().0 != summary.hash {
        return Err(Refused::Parse("another hash".to_owned()));
    }
    index.enter(&change, &decoded);
    Ok(Admitted { change, decoded })
}
