//! One document within a transaction that is being put together.
//!
//! Never applies anything: it collects operations, and keeps the document as they will leave it.

use std::collections::BTreeSet;

use automerge::Change;
use doorstep_protocol::documents::{Kind, constant};
use doorstep_protocol::wire::{Blob, Brief, Sent};
use doorstep_protocol::{DocumentId, Hash, Receipt};

use super::brief;
use super::hydrate::{Document, summarise};
use super::{Author, SessionFailure};
use crate::store::{Op, Store, StoreError, Stored, StoredChange, StoredDecision};

pub(super) struct Working {
    pub(super) document: DocumentId,
    pub(super) stored: Option<Stored>,
    pub(super) purged: bool,
    version: u64,
    ops: Vec<Op>,
}

impl Working {
    pub(super) async fn load(store: &impl Store, document: DocumentId) -> Result<Self, StoreError> {
        let stored = store.load(document).await?;
        let version = stored.as_ref().map_or(0, |stored| stored.row.version);
        Ok(Working { document, stored, version, purged: false, ops: Vec::new() })
    }

    pub(super) fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// Puts what the centre sent. On the device's first sight of a document it is a grant.
    pub(super) fn take(
        &mut self,
        grant: bool,
        changes: &[Sent],
        (decisions, briefs): (&[Blob], Option<&[Brief]>),
        settled: Option<&Blob>,
    ) -> Result<(), SessionFailure> {
        let entry = |what: String| SessionFailure::Entry { document: self.document, what };
        let mut parsed = Vec::with_capacity(changes.len());
        for sent in changes {
            let change = Change::from_bytes(sent.bytes.to_vec()).map_err(|error| entry(error.to_string()))?;
            parsed.push((change, sent));
        }
        if self.stored.is_none() {
            let mut deps = parsed.iter().flat_map(|(change, _)| change.deps());
            let kind = deps.find_map(|dep| constant(&Hash::from(*dep))).map(|(kind, _)| kind);
            let kind: Kind = kind.ok_or_else(|| entry("no kind of document that is known here".into()))?;
            self.stored = Some(Stored::new(self.document, kind));
        }
        let held = self.stored.as_ref().map_or(&[][..], |stored| &stored.decisions);
        let mut told = brief::told(changes, briefs.unwrap_or_default(), held).map_err(entry)?;
        for json in decisions {
            told.push(decision(json).map_err(entry)?);
        }
        let settled = settled.map(|json| text(json).map_err(entry)).transpose()?;
        let stored = self.stored.as_mut().expect("made above where there was none");
        if grant {
            stored.row.revoked = false;
            self.purged = false;
            self.ops.push(Op::Regrant(self.document));
            // All follows: what a restored centre has decided anew replaces what it had decided before.
            self.ops.push(Op::ForgetDecisions(self.document));
            stored.decisions.clear();
        }
        for (change, sent) in parsed {
            let facts = doorstep_protocol::documents::Facts {
                worker: sent.worker,
                device: sent.device,
                made: sent.made,
                received: sent.received,
                receipt: sent.receipt,
            };
            let change = StoredChange { hash: change.hash().into(), bytes: sent.bytes.to_vec(), facts };
            if grant { self.accept(change) } else { self.learn(change) }
        }
        for decision in told {
            self.decide(decision);
        }
        if let Some(settled) = settled {
            self.stored.as_mut().expect("made above").row.settled = Some(settled);
        }
        Ok(())
    }

    /// As [`Working::accept`], but what is held already keeps its receipt: it may prove others with it.
    pub(super) fn learn(&mut self, change: StoredChange) {
        let same = |held: &StoredChange| held.hash == change.hash && held.facts.receipt != Receipt::default();
        if !self.stored.as_ref().is_some_and(|stored| stored.changes.iter().any(same)) {
            self.accept(change);
        }
    }

    /// Adds an accepted change; one that is held gets the new facts.
    pub(super) fn accept(&mut self, change: StoredChange) {
        let Some(stored) = &mut self.stored else { return };
        match stored.changes.iter_mut().find(|held| held.hash == change.hash) {
            Some(held) => held.facts = change.facts,
            None => stored.changes.push(change.clone()),
        }
        self.ops.push(Op::Change(self.document, change));
    }

    fn decide(&mut self, decision: StoredDecision) {
        let Some(stored) = &mut self.stored else { return };
        stored.decisions.retain(|held| (held.epoch, held.n) != (decision.epoch, decision.n));
        stored.decisions.push(decision.clone());
        stored.decisions.sort_by_key(|held| (held.epoch, held.n));
        self.ops.push(Op::Decision(self.document, decision));
    }

    pub(super) fn dequeue(&mut self, hash: Hash) {
        if let Some(stored) = &mut self.stored {
            stored.outbox.retain(|entry| entry.hash != hash);
            self.ops.push(Op::Dequeue(self.document, hash));
        }
    }

    /// Takes the document away: at once if nothing of it is unsent, else when that is drained.
    pub(super) fn revoke(&mut self, counter: u64, commanded: &BTreeSet<DocumentId>) {
        if let Some(stored) = &mut self.stored {
            stored.row.revoked = true;
        }
        self.purge_if_drained(counter, commanded);
    }

    /// Purges a revoked document of which nothing is unsent; one that is not held counts as purged.
    pub(super) fn purge_if_drained(&mut self, counter: u64, commanded: &BTreeSet<DocumentId>) {
        let kept = self.stored.as_ref().is_some_and(|stored| {
            !stored.row.revoked
                || !stored.outbox.is_empty()
                || stored.unsent_blobs > 0
                || commanded.contains(&self.document)
        });
        if !kept {
            self.stored = None;
            self.purged = true;
            self.ops.push(Op::Purge { document: self.document, version: self.version, counter });
            self.version = 0;
        }
    }

    /// The operations alone: the document's row stays as it is.
    pub(super) fn into_ops(self) -> Vec<Op> {
        self.ops
    }

    /// All operations, the document's row last. `author`: the row's summary is made anew.
    pub(super) fn finish(mut self, author: &Author) -> Result<Vec<Op>, SessionFailure> {
        if let Some(mut stored) = self.stored {
            let document = Document::shown(&stored, author)?;
            summarise(&mut stored.row, &document, &stored.decisions);
            stored.row.version = self.version;
            self.ops.push(Op::Document(stored.row));
        }
        Ok(self.ops)
    }
}

fn text(blob: &Blob) -> Result<String, String> {
    String::from_utf8(blob.to_vec()).map_err(|error| error.to_string())
}

fn decision(blob: &Blob) -> Result<StoredDecision, String> {
    let json = text(blob)?;
    let read: serde_json::Value = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    let number = |name: &str| read[name].as_u64().and_then(|n| u32::try_from(n).ok());
    let n = number("n").ok_or("a decision without a number")?;
    Ok(StoredDecision { epoch: number("epoch").unwrap_or(0), n, json })
}
