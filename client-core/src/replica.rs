//! A device's documents over a store: edits, views, and the durable steps of a session.
//!
//! Time and randomness come from a [`Source`], so a replica over a memory store is deterministic.
//! Never opens a socket. Holds no document between calls: what is shown is what is stored, whichever
//! process stored it.

mod acts;
mod answers;
mod blobs;
mod brief;
mod failure;
mod hydrate;
mod made;
mod page;
mod read;
mod rebuild;
mod returns;
mod session;
#[cfg(test)]
mod tests;
mod working;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use automerge::{Automerge, ReadDoc};
use doorstep_protocol::Receipt;
use doorstep_protocol::documents::Facts;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, Mark};

pub use acts::{Acted, Seal};
pub use blobs::{Attached, Waiting};
pub use failure::{EditFailure, EnrolledAlready, ReadFailure, SessionFailure};
pub use made::Made;
pub use read::{Conflict, Item, Refused, Shown, Side, State, Status};

use crate::source::Source;
use crate::store::{Identity, Meta, Op, Store, StoreError};

/// How often a loser of a compare-and-swap loads again before it gives up.
const ATTEMPTS: usize = 20;

/// A device's documents.
#[derive(Debug)]
pub struct Replica<S, R> {
    store: S,
    source: R,
    actors: BTreeMap<DocumentId, Actor>,
    session: Open,
}

/// The actor under which this process edits a document.
#[derive(Clone, Copy, Debug)]
struct Actor {
    id: [u8; 16],
    tip: Option<Hash>,
}

/// What the open session has been given.
#[derive(Debug, Default)]
struct Open {
    counter: u64,
    mark: Mark,
    changes: BTreeSet<Hash>,
    commands: BTreeSet<[u8; 16]>,
    checkouts: BTreeSet<[u8; 16]>,
}

/// Who edits here: what the centre will record about a change, as far as it is known before.
#[derive(Clone, Copy, Debug)]
struct Author {
    identity: Facts,
    offset: Millis,
    prefix: DeviceId,
}

impl Author {
    fn of(meta: &Meta) -> Option<Self> {
        let identity = meta.identity.as_ref()?;
        let identity = Facts {
            worker: identity.worker,
            device: identity.device,
            made: 0,
            received: 0,
            receipt: Receipt::default(),
        };
        Some(Author { identity, offset: meta.offset, prefix: meta.prefix })
    }

    /// The facts of a change that the centre has not accepted.
    fn provisional(&self, made: Millis) -> Facts {
        Facts { made: made.saturating_add(self.offset), ..self.identity }
    }
}

impl<S: Store, R: Source> Replica<S, R> {
    /// A replica over a store. Actors are fresh: of another process's tip nothing is known.
    pub fn new(store: S, source: R) -> Self {
        Replica { store, source, actors: BTreeMap::new(), session: Open::default() }
    }

    /// The store, for what only reads.
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The source of time and randomness.
    pub fn source(&mut self) -> &mut R {
        &mut self.source
    }

    /// Who this device is; `None` before enrolment.
    pub async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        Ok(self.store.meta().await?.identity)
    }

    /// Makes this store the one of an enrolled device. A store belongs to one device for ever.
    /// `offset`: the centre's clock less the device's.
    pub async fn enrolled(&mut self, identity: Identity, offset: Millis) -> Result<(), EnrolledAlready> {
        let meta = self.store.meta().await?;
        if let Some(other) = meta.identity {
            return Err(EnrolledAlready::Already(other.device));
        }
        let name = Op::Name(identity.worker, identity.name.clone());
        let meta = Meta { prefix: identity.device, offset, identity: Some(identity), ..meta };
        Ok(self.store.apply(vec![Op::Meta(meta), name]).await?)
    }

    /// A centre that had forgotten this device knows it again. Everything else stays: cursor, outbox, documents.
    pub async fn enrolled_again(
        &mut self,
        identity: Identity,
        offset: Millis,
    ) -> Result<(), EnrolledAlready> {
        let meta = self.store.meta().await?;
        if let Some(other) = meta.identity.as_ref().filter(|held| held.device != identity.device) {
            return Err(EnrolledAlready::Already(other.device));
        }
        let meta = Meta { offset, identity: Some(identity), ..meta };
        Ok(self.store.apply(vec![Op::Meta(meta)]).await?)
    }

    /// The process's actor where it may go on at `heads`, else a fresh one: an actor's next change
    /// must follow its last, and a sequence number used twice never merges.
    fn actor_for(&mut self, prefix: DeviceId, document: DocumentId, at: (&Automerge, &[Hash])) -> [u8; 16] {
        let (doc, heads) = at;
        let goes_on = |actor: &Actor| {
            let has_tip = actor.tip.is_none_or(|tip| doc.get_change_by_hash(&tip.into()).is_some());
            has_tip && actor.id[..8] == prefix.0 && hydrate::heads(doc) == heads
        };
        if let Some(actor) = self.actors.get(&document).filter(|actor| goes_on(actor)) {
            return actor.id;
        }
        let id = mint(prefix, &mut self.source);
        self.actors.insert(document, Actor { id, tip: None });
        id
    }
}

/// A fresh actor: the device's prefix and eight random bytes.
fn mint(prefix: DeviceId, source: &mut impl Source) -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&prefix.0);
    source.fill(&mut id[8..]);
    id
}

/// Whether the caller should load again: someone else was faster.
fn lost_race<T, E>(result: &Result<T, E>, store: impl Fn(&E) -> Option<&StoreError>) -> bool {
    result.as_ref().err().and_then(store).is_some_and(|error| matches!(error, StoreError::Changed(_)))
}
