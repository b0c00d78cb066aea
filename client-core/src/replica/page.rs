//! A page of the feed: its data and its cursor in one transaction.
//!
//! A cursor is never stored without the data that it covers, nor moved by a page without one.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_protocol::DocumentId;
use doorstep_protocol::wire::{Blob, Entry, Name};

use super::working::Working;
use super::{Author, Replica, SessionFailure};
use crate::source::Source;
use crate::store::{Meta, Op, Store};

impl<S: Store, R: Source> Replica<S, R> {
    /// Returns the documents that were purged with it.
    pub(super) async fn page(
        &mut self,
        (cursor, last): (&Blob, bool),
        entries: &[Entry],
        names: &[Name],
    ) -> Result<Vec<DocumentId>, SessionFailure> {
        let meta = self.store.meta().await?;
        let author = Author::of(&meta).ok_or(SessionFailure::NotEnrolled)?;
        let commanded = self.commanded().await?;
        let mut unconfirmed: BTreeSet<DocumentId> =
            self.store.purged().await?.into_iter().map(|purged| purged.document).collect();
        let mut touched: BTreeMap<DocumentId, Working> = BTreeMap::new();
        for entry in entries {
            let (Entry::Document { document, .. } | Entry::Revoke { document }) = entry;
            if !touched.contains_key(document) {
                touched.insert(*document, Working::load(&self.store, *document).await?);
            }
            let working = touched.get_mut(document).expect("loaded above");
            match entry {
                Entry::Revoke { .. } => working.revoke(meta.counter, &commanded),
                Entry::Document { grant: false, .. } if working.stored.is_none() => {
                    // News about what is not held. The confirmed purge makes the centre grant it whole.
                    if unconfirmed.insert(*document) {
                        working.purge_if_drained(meta.counter, &commanded);
                    }
                }
                Entry::Document { grant, changes, decisions, settled, briefs, .. } => {
                    if *grant {
                        self.actors.remove(document);
                    }
                    working.take(*grant, changes, (decisions, briefs.as_deref()), settled.as_ref())?;
                }
            }
        }
        let purged =
            touched.values().filter(|working| working.purged).map(|working| working.document).collect();
        let mut ops: Vec<Op> = names.iter().map(|name| Op::Name(name.worker, name.name.clone())).collect();
        for working in touched.into_values() {
            ops.extend(working.finish(&author)?);
        }
        let granted = entries.iter().rev().find_map(|entry| match entry {
            Entry::Document { document, grant: true, .. } => Some(*document),
            _ => None,
        });
        let granted = granted.or(meta.granted);
        let moved = !cursor.is_empty();
        let cursor = if moved { Some(cursor.to_vec()) } else { meta.cursor.clone() };
        // Read after every ack that came before it, to the end of the feed: from here on the cursor proves what the last
        // ack did. An ack that nobody can make good any more would be held against the centre for ever.
        let heard = if moved && last { None } else { meta.heard.clone() };
        ops.push(Op::Meta(Meta { cursor, heard, granted, synced_at: Some(self.source.now()), ..meta }));
        self.store.apply(ops).await?;
        Ok(purged)
    }

    /// Documents with a command that the centre has not answered.
    pub(super) async fn commanded(&self) -> Result<BTreeSet<DocumentId>, SessionFailure> {
        let open = self.store.commands().await?.into_iter().filter(|queued| queued.outcome.is_none());
        Ok(open.map(|queued| queued.command.document).collect())
    }
}
