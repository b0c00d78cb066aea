//! The centre's answers to what was sent: accepted, refused, decided.
//!
//! An outbox entry leaves the outbox here and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use doorstep_protocol::documents::Facts;
use doorstep_protocol::wire::{Acked, ActOutcome, Rejected};
use doorstep_protocol::{DocumentId, Hash, Receipt};

use super::hydrate::Document;
use super::rebuild::rebuild;
use super::working::Working;
use super::{Author, Replica, SessionFailure, mint};
use crate::source::Source;
use crate::store::{HeardRow, Meta, Op, RejectedItem, Store, StoredChange};

/// The code of a change that was refused only because one before it was.
const COVERED: &str = "covered";
/// The code of a change of a document that was erased on request: what it said is not kept here either.
const ERASED: &str = "document.erased";

impl<S: Store, R: Source> Replica<S, R> {
    pub(super) async fn acked(
        &mut self,
        document: DocumentId,
        changes: &[Acked],
    ) -> Result<Vec<DocumentId>, SessionFailure> {
        let meta = self.store.meta().await?;
        let author = Author::of(&meta).ok_or(SessionFailure::NotEnrolled)?;
        let commanded = self.commanded().await?;
        let mut working = Working::load(&self.store, document).await?;
        let Some(stored) = &working.stored else { return Ok(Vec::new()) };
        let sent: BTreeMap<Hash, Vec<u8>> =
            stored.outbox.iter().map(|entry| (entry.hash, entry.bytes.clone())).collect();
        let known = changes.iter().filter_map(|acked| Some((acked, sent.get(&acked.hash)?)));
        let known: Vec<_> = known.collect();
        if known.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(last) = changes.iter().rfind(|acked| acked.receipt != Receipt::default()) {
            let Acked { hash, made, received, receipt } = *last;
            let heard = Some(Box::new(HeardRow { document, hash, made, received, receipt }));
            working.push(Op::Meta(Meta { heard, ..meta.clone() }));
        }
        for (acked, bytes) in known {
            let facts = Facts {
                made: acked.made,
                received: acked.received,
                receipt: acked.receipt,
                ..author.identity
            };
            working.learn(StoredChange { hash: acked.hash, bytes: bytes.clone(), facts });
            working.dequeue(acked.hash);
        }
        self.close(working, &author, (meta.counter, &commanded)).await
    }

    /// Shows the refused edits and replays the others on what was accepted, under a fresh actor.
    pub(super) async fn rejected_by_centre(
        &mut self,
        document: DocumentId,
        changes: &[Rejected],
    ) -> Result<Vec<DocumentId>, SessionFailure> {
        let meta = self.store.meta().await?;
        let author = Author::of(&meta).ok_or(SessionFailure::NotEnrolled)?;
        let commanded = self.commanded().await?;
        let mut working = Working::load(&self.store, document).await?;
        let Some(stored) = working.stored.clone() else { return Ok(Vec::new()) };
        let named: BTreeMap<Hash, &Rejected> =
            changes.iter().map(|rejected| (rejected.hash, rejected)).collect();
        // A replay has another hash: what comes late about the replaced ones is settled already.
        if !stored.outbox.iter().any(|entry| named.contains_key(&entry.hash)) {
            return Ok(Vec::new());
        }
        let mut refused = BTreeSet::new();
        for entry in &stored.outbox {
            if let Some(rejected) = named.get(&entry.hash).filter(|rejected| rejected.code != COVERED) {
                refused.insert(entry.hash);
                let keeps = rejected.code != ERASED;
                working.push(Op::Reject(RejectedItem {
                    document,
                    id: entry.hash.to_string(),
                    code: rejected.code.clone(),
                    message: rejected.message.clone(),
                    intent: if keeps { entry.intent.clone() } else { Vec::new() },
                    bytes: if keeps { entry.bytes.clone() } else { Vec::new() },
                    made: entry.made,
                }));
            }
            working.dequeue(entry.hash);
        }
        let mut accepted = Document::accepted(&stored)?;
        let source = &mut self.source;
        let rebuilt =
            rebuild(&mut accepted, &stored.outbox, &refused, &author, || mint(author.prefix, source));
        rebuilt.unfit.into_iter().for_each(|item| working.push(Op::Reject(item)));
        for entry in rebuilt.entries {
            working.push(Op::Enqueue(entry.clone()));
            working.stored.as_mut().expect("loaded above").outbox.push(entry);
        }
        self.actors.remove(&document);
        self.close(working, &author, (meta.counter, &commanded)).await
    }

    pub(super) async fn acted(
        &mut self,
        id: [u8; 16],
        outcome: &ActOutcome,
    ) -> Result<Vec<DocumentId>, SessionFailure> {
        let meta = self.store.meta().await?;
        let author = Author::of(&meta).ok_or(SessionFailure::NotEnrolled)?;
        let mut commands = self.store.commands().await?;
        let open = commands.iter().position(|queued| queued.command.id == id && queued.outcome.is_none());
        let Some(open) = open else { return Ok(Vec::new()) };
        let command = commands.swap_remove(open).command;
        let others = commands.into_iter().filter(|queued| queued.outcome.is_none());
        let commanded = others.map(|queued| queued.command.document).collect();
        let mut working = Working::load(&self.store, command.document).await?;
        if let ActOutcome::Refused { rule, message } = outcome {
            working.push(Op::Reject(RejectedItem {
                document: command.document,
                id: HEXLOWER.encode(&id),
                code: rule.clone(),
                message: format!("{}: {message}", command.name),
                intent: Vec::new(),
                bytes: Vec::new(),
                made: command.made,
            }));
        }
        working.push(Op::Answer(id, outcome.clone()));
        if working.stored.is_none() {
            self.store.apply(working.finish(&author)?).await?;
            return Ok(Vec::new());
        }
        self.close(working, &author, (meta.counter, &commanded)).await
    }

    /// Applies what was collected; a revoked document goes with its last unsent edit.
    pub(super) async fn close(
        &mut self,
        mut working: Working,
        author: &Author,
        (counter, commanded): (u64, &BTreeSet<DocumentId>),
    ) -> Result<Vec<DocumentId>, SessionFailure> {
        working.purge_if_drained(counter, commanded);
        let purged = working.purged.then_some(working.document).into_iter().collect();
        self.store.apply(working.finish(author)?).await?;
        Ok(purged)
    }
}
