//! Copies of one device's store: put back from an old copy, or in use twice.
//!
//! Each copy has an actor prefix of its own, and sessions counted of its own. A copy is found by a counter
//! that is not above the last one of its prefix; from then on it is told what its other self has done.

use doorstep_protocol::documents::Facts;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{Hello, Rejected};
use doorstep_protocol::{DeviceId, DocumentId, Hash};

use super::Centre;
use super::admit::Ingested;
use super::page::Session;
use crate::gate::{self, ByteLimits};
use crate::store::{Aside, DeviceRow, Kept, Store};

const WALKS: &str = "yes";

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
    pub(super) async fn incarnation(&self, row: &DeviceRow, hello: &Hello, now: Millis) -> Kept<Incarnation> {
        let device = row.device;
        let own = hello.prefix.unwrap_or(device);
        let mut prefixes = vec![device];
        prefixes.extend(&row.prefixes);
        let (mut asides, known) = (Vec::new(), prefixes.contains(&own));
        let last = if own == device { row.counter } else { self.sessions_of(own).await? };
        // A restored centre may have forgotten a prefix that it gave.
        let forgotten = !known && self.keys.prefix_holds(device, own);
        if forgotten {
            prefixes.push(own);
            asides.push(Aside::Prefix { device, prefix: own });
        }
        let copied = !(known || forgotten) || (hello.counter <= last && last > 0);
        let given = copied.then(|| self.keys.prefix(device, &*self.source));
        if let Some(prefix) = given {
            prefixes.push(prefix);
            asides.push(Aside::Prefix { device, prefix });
            // A prefix that this device was never given says nothing: what somebody else holds, and so may write, is theirs.
            if known || forgotten {
                // Neither copy has what the other made under the prefix that they shared.
                asides.push(Aside::Anew { device: own });
                asides.push(Aside::Copied { from: own, to: prefix });
                // What each has been told was told to both as one: from the beginning, whatever cursor they bring.
                asides.push(walking(own, true));
            }
            asides.push(walking(prefix, true));
        }
        let prefix = given.unwrap_or(own);
        let counter = if prefix == device { hello.counter.max(row.counter) } else { row.counter };
        asides.push(Aside::Session { device, counter, at: now });
        if prefix != device {
            // A copy counts on from where it is, which may be far below its other self.
            let value = if copied { hello.counter } else { hello.counter.max(last) }.to_string();
            asides.push(Aside::Setting { key: sessions(prefix), value });
        }
        let walks = copied || (prefixes.len() > 1 && self.walks(prefix).await?);
        Ok(Incarnation { prefixes, prefix, given, walks, asides })
    }

    async fn walks(&self, prefix: DeviceId) -> Kept<bool> {
        Ok(self.store.setting(&walk(prefix)).await?.is_some_and(|text| text == WALKS))
    }

    async fn sessions_of(&self, prefix: DeviceId) -> Kept<u64> {
        let setting = self.store.setting(&sessions(prefix)).await?;
        Ok(setting.and_then(|text| text.parse().ok()).unwrap_or(0))
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

/// Whether a copy is to be told everything from the beginning; until it has stored the first page of it.
pub(super) fn walking(prefix: DeviceId, walks: bool) -> Aside {
    Aside::Setting { key: walk(prefix), value: if walks { WALKS } else { "no" }.into() }
}

fn walk(prefix: DeviceId) -> String {
    format!("walk/{prefix}")
}

fn sessions(prefix: DeviceId) -> String {
    format!("sessions/{prefix}")
}

fn prefix_of(chunk: &[u8]) -> Option<DeviceId> {
    let summary = gate::inspect(chunk, &ByteLimits::default()).ok()?;
    summary.actor.get(..8)?.try_into().ok().map(DeviceId)
}

/// Whether this very copy of the store made the change, and so has it.
pub(super) fn made_by(session: &Session, facts: &Facts, bytes: &[u8]) -> bool {
    facts.device == session.device && prefix_of(bytes) == Some(session.prefix)
}
