//! Copies of one device's store: put back from an old copy, or in use twice.
//!
//! Each copy has an actor prefix of its own, and sessions of its own. A store says by their marks which sessions it
//! has begun; one that does not know the last session of its prefix is a copy. From then on it is told what its
//! other self has done.

use doorstep_protocol::ids::Millis;
use doorstep_protocol::limits::MAX_MARKS;
use doorstep_protocol::wire::{Hello, Rejected};
use doorstep_protocol::{DeviceId, DocumentId, Hash, Mark};

use super::Centre;
use super::admit::Ingested;
use super::page::Session;
use crate::gate::{self, ByteLimits};
use crate::store::{Aside, CopyRow, DeviceRow, Kept, Store, StoreError};

/// Which copy of a device's store has connected.
pub(super) struct Incarnation {
    /// All that changes of the device may carry.
    pub(super) prefixes: Vec<DeviceId>,
    /// The one in use from now on.
    pub(super) prefix: DeviceId,
    /// The same, where the copy has to be told.
    pub(super) given: Option<DeviceId>,
    /// Everything is to be told again.
    pub(super) walks: bool,
    /// To be written with the session.
    pub(super) asides: Vec<Aside>,
}

impl<S: Store> Centre<S> {
    /// Which copy says hello. `lost`: its cursor is of another history, so that its marks may be, too.
    pub(super) async fn incarnation(
        &self,
        row: &DeviceRow,
        hello: &Hello,
        (lost, now): (bool, Millis),
    ) -> Kept<Incarnation> {
        let device = row.device;
        let own = hello.prefix.unwrap_or(device);
        let mut prefixes = vec![device];
        prefixes.extend(&row.prefixes);
        let (mut asides, known) = (vec![Aside::Seen { device, at: now }], prefixes.contains(&own));
        // A restored centre may have forgotten a prefix that it gave.
        let forgotten = !known && self.keys.prefix_holds(device, own);
        if forgotten {
            prefixes.push(own);
            asides.push(Aside::Prefix { device, prefix: own });
        }
        let last = if known || forgotten { self.store.copy(own).await? } else { None };
        if last.as_ref().is_some_and(|last| overtaken(last, hello)) {
            return Err(StoreError::Superseded);
        }
        let copied = match &last {
            Some(last) => !goes_on(last, hello, lost),
            None => !(known || forgotten),
        };
        let given = copied.then(|| self.keys.prefix(device, &*self.source));
        let prefix = given.unwrap_or(own);
        let walks = copied || last.as_ref().is_some_and(|last| last.walks);
        if let Some(prefix) = given {
            prefixes.push(prefix);
            asides.push(Aside::Prefix { device, prefix });
        }
        // A prefix that this device was never given says nothing: what somebody else holds, and so may write, is theirs.
        if let Some(last) = last.as_ref().filter(|_| copied) {
            // Neither copy has what the other made under the prefix that they shared. What each has been told was
            // told to both as one: from the beginning, whatever cursor they bring.
            asides.push(Aside::Anew { device: own });
            asides.push(Aside::Copied { from: own, to: prefix });
            asides.push(Aside::Copy(CopyRow { walks: true, ..last.clone() }));
        }
        let before = last.filter(|_| !copied).map(|last| last.marks).unwrap_or_default();
        let mut marks: Vec<Mark> = hello.marks.clone();
        marks.extend(before.into_iter().filter(|mark| !hello.marks.contains(mark)));
        marks.truncate(MAX_MARKS);
        asides.push(Aside::Copy(CopyRow { prefix, counter: hello.counter, marks, walks }));
        Ok(Incarnation { prefixes, prefix, given, walks, asides })
    }

    /// Ingests what may come from a copy of the store: see [`Centre::refused_before`].
    pub(super) async fn ingest_copied(
        &self,
        session: &Session,
        document: DocumentId,
        chunks: &[Vec<u8>],
        covered: bool,
    ) -> Kept<Ingested> {
        let Some((at, rejected)) = self.refused_before(session, document, chunks).await? else {
            return self.try_ingest(session, document, chunks, covered).await;
        };
        let mut done = Box::pin(self.try_ingest(session, document, &chunks[..at], covered)).await?;
        let later = Box::pin(self.try_ingest(session, document, &chunks[at + 1..], true)).await?;
        done.shut_out |= later.shut_out;
        done.cost = done.cost.and(later.cost);
        done.held.extend(later.held);
        done.acked.extend(later.acked);
        done.rejected.push(rejected);
        done.rejected.extend(later.rejected);
        Ok(done)
    }

    /// The first of these changes that was made under another prefix than the session's, is not stored, and
    /// was refused before. Rejection is final: the other copy has rebuilt it, so it must not come in now.
    async fn refused_before(
        &self,
        session: &Session,
        document: DocumentId,
        chunks: &[Vec<u8>],
    ) -> Kept<Option<(usize, Rejected)>> {
        if session.at_desk {
            return Ok(None);
        }
        let foreign = |chunk: &&Vec<u8>| prefix_of(chunk).is_some_and(|prefix| prefix != session.prefix);
        if chunks.iter().any(|chunk| foreign(&chunk)) {
            // Made when the copies still shared a prefix: the other one must be told, too.
            let copies = session.prefixes.iter().map(|prefix| Aside::Anew { device: *prefix });
            self.store.write(copies.collect()).await?;
        }
        for (at, chunk) in chunks.iter().enumerate().filter(|(_, chunk)| foreign(chunk)) {
            let hash = Hash(gate::change_hash(chunk));
            let Some(row) = self.store.quarantined(document, hash).await? else { continue };
            let (_guard, case) = self.take(document).await?;
            let stored = case.as_ref().is_some_and(|case| case.known.contains_key(&hash));
            case.into_iter().for_each(|case| self.put_back(case));
            if !stored {
                return Ok(Some((at, Rejected { hash, code: row.code, message: row.message })));
            }
        }
        Ok(None)
    }
}

/// A hello that comes late: a session that the same store has begun since was heard before it.
fn overtaken(last: &CopyRow, hello: &Hello) -> bool {
    hello.marks.first().is_some_and(|mark| last.marks.contains(mark))
}

/// Whether the store that says hello is the one that said it last, and not a copy.
fn goes_on(last: &CopyRow, hello: &Hello, lost: bool) -> bool {
    let above = hello.counter > last.counter || last.counter == 0;
    match (last.marks.first(), hello.marks.get(1..)) {
        // A centre that was put back does not know the last ones.
        (Some(mark), Some(before)) => before.contains(mark) || (lost && above),
        // Of a device, or from a time, that did not say them.
        (None, _) | (_, None) => above,
    }
}

fn prefix_of(chunk: &[u8]) -> Option<DeviceId> {
    let summary = gate::inspect(chunk, &ByteLimits::default()).ok()?;
    summary.actor.get(..8)?.try_into().ok().map(DeviceId)
}
