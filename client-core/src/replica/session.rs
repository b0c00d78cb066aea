//! The store's side of a session: what it opens with, its durable steps, what it ends with.
//!
//! The counter is stored before the hello can be sent. Every step may come twice.

use std::collections::BTreeSet;

use doorstep_protocol::machines::device::{End, In, Persist, Start, Unsent};
use doorstep_protocol::wire::{Acked, Checkout, Command, Heard};
use doorstep_protocol::{DocumentId, Mark, limits};

use super::{ATTEMPTS, Open, Replica, SessionFailure, lost_race};
use crate::source::Source;
use crate::store::{HeardRow, Meta, Op, OutboxEntry, Store, StoreError};

impl<S: Store, R: Source> Replica<S, R> {
    /// What a session opens with. The counter is raised and stored first; what will be sent is marked.
    pub async fn start_session(&mut self, live: bool) -> Result<Start, SessionFailure> {
        for _ in 1..ATTEMPTS {
            let start = self.start_once(live).await;
            if !lost_race(&start, store_error) {
                return start;
            }
        }
        self.start_once(live).await
    }

    /// Takes one durable step in one transaction. Returns the documents that were purged with it.
    pub async fn persist(&mut self, step: &Persist) -> Result<Vec<DocumentId>, SessionFailure> {
        for _ in 1..ATTEMPTS {
            let done = self.persist_once(step).await;
            if !lost_race(&done, store_error) {
                return done;
            }
        }
        self.persist_once(step).await
    }

    /// Edits and commands that this session has not been given: of other calls or other processes, or
    /// rebuilt. What belongs to a refused document the machine leaves for the next session.
    pub async fn local(&mut self) -> Result<Option<In>, SessionFailure> {
        let mut outbox: Vec<OutboxEntry> = self.store.outbox().await?;
        outbox.retain(|entry| !self.session.changes.contains(&entry.hash));
        let mut commands = self.open_commands().await?;
        commands.retain(|command| !self.session.commands.contains(&command.id));
        if outbox.is_empty() && commands.is_empty() {
            return Ok(None);
        }
        self.store.apply(marks(&outbox)).await?;
        self.session.changes.extend(outbox.iter().map(|entry| entry.hash));
        self.session.commands.extend(commands.iter().map(|command| command.id));
        Ok(Some(In::Local { outbox: outbox.into_iter().map(unsent).collect(), commands }))
    }

    /// Whether a live session should be replaced by a new one: checkouts have changed since its hello.
    pub async fn wants_new_session(&self) -> Result<bool, SessionFailure> {
        let held: BTreeSet<_> =
            self.live_checkouts().await?.into_iter().map(|checkout| checkout.id).collect();
        Ok(held != self.session.checkouts)
    }

    /// Notes that the centre has nothing new. For a welcome that says so; pages note it themselves.
    pub async fn caught_up(&mut self) -> Result<(), SessionFailure> {
        let now = self.source.now();
        self.update(|meta| (Meta { synced_at: Some(now), ..meta }, Vec::new())).await
    }

    /// Ends the session: nothing is under way any more, and a checkout of an earlier one is over.
    pub async fn end_session(&mut self, end: &End) -> Result<(), SessionFailure> {
        let (now, counter) = (self.source.now(), self.session.counter);
        self.session.changes.clear();
        if !matches!(end, End::Done | End::Again) {
            return Ok(self.store.apply(vec![Op::ClearSent]).await?);
        }
        let checkouts = self.store.checkouts().await?.into_iter();
        let over = checkouts.filter(|checkout| checkout.announced != 0 && checkout.announced < counter);
        let mut ops: Vec<Op> = over.map(|checkout| Op::EndCheckout(checkout.id)).collect();
        ops.push(Op::ClearSent);
        self.update(|meta| (Meta { synced_at: Some(now), ..meta }, ops.clone())).await
    }

    async fn start_once(&mut self, live: bool) -> Result<Start, SessionFailure> {
        let meta = self.store.meta().await?;
        if meta.identity.is_none() {
            return Err(SessionFailure::NotEnrolled);
        }
        let counter = meta.counter + 1;
        let of = meta.identity.as_ref().map(|identity| identity.device);
        let prefix = (Some(meta.prefix) != of).then_some(meta.prefix);
        let mut outbox = self.store.outbox().await?;
        outbox.truncate(limits::MAX_ANNOUNCED);
        let commands = self.open_commands().await?;
        let checkouts = self.live_checkouts().await?;
        let mut ops = marks(&outbox);
        let fresh = self.store.checkouts().await?.into_iter().filter(|checkout| checkout.announced == 0);
        ops.extend(fresh.map(|mut checkout| {
            checkout.announced = counter;
            Op::Checkout(checkout)
        }));
        let cursor = meta.cursor.clone();
        let heard = meta.heard.as_deref().map(|heard| {
            let HeardRow { document, hash, made, received, receipt } = *heard;
            Heard { document, acked: Acked { hash, made, received, receipt } }
        });
        let mark = Mark(self.source.bytes());
        let mut marks = vec![mark];
        marks.extend(meta.marks.iter().take(limits::MAX_MARKS - 1));
        // What has gone since, its purge tells.
        let granted = match meta.granted {
            Some(document) => self.store.load(document).await?.map(|_| document),
            None => None,
        };
        ops.push(Op::Meta(Meta { counter, marks: marks.clone(), ..meta }));
        self.store.apply(ops).await?;
        self.session = Open {
            counter,
            mark,
            changes: outbox.iter().map(|entry| entry.hash).collect(),
            commands: commands.iter().map(|command| command.id).collect(),
            checkouts: checkouts.iter().map(|checkout| checkout.id).collect(),
        };
        let purged = self.store.purged().await?.into_iter().map(|purged| purged.document);
        Ok(Start {
            counter,
            now: self.source.now(),
            cursor,
            outbox: outbox.into_iter().map(unsent).collect(),
            commands,
            checkouts,
            purged: purged.take(limits::MAX_ANNOUNCED).collect(),
            live,
            prefix,
            marks,
            heard,
            granted,
        })
    }

    async fn persist_once(&mut self, step: &Persist) -> Result<Vec<DocumentId>, SessionFailure> {
        match step {
            Persist::Welcome { epoch, scope, offset, prefix } => {
                let meta = self.store.meta().await?;
                if prefix.is_some() || *epoch != meta.epoch {
                    self.actors.clear();
                }
                let confirmed = Op::ConfirmPurged(meta.counter);
                let prefix = prefix.unwrap_or(meta.prefix);
                // Whatever the centre has seen last is this session or one begun since, perhaps by another process.
                let mut marks = meta.marks.clone();
                let own = marks.iter().position(|mark| *mark == self.session.mark);
                marks.truncate(own.map_or(marks.len(), |own| own + 1));
                // The centre has compared what was granted before this session, or asks for all of it.
                let (epoch, scope, offset, granted) = (*epoch, *scope, *offset, None);
                let meta = Meta { epoch, scope, offset, prefix, marks, granted, ..meta };
                self.store.apply(vec![Op::Meta(meta), confirmed]).await?;
                Ok(Vec::new())
            }
            Persist::Acked { document, changes } => self.acked(*document, changes).await,
            Persist::Rejected { document, changes } => self.rejected_by_centre(*document, changes).await,
            // They are in the outbox, and stay there.
            Persist::Held { .. } => Ok(Vec::new()),
            Persist::Acted { id, outcome } => self.acted(*id, outcome).await,
            Persist::Page { cursor, entries, names, last } => {
                self.page((cursor, *last), entries, names).await
            }
        }
    }

    async fn update(&mut self, change: impl Fn(Meta) -> (Meta, Vec<Op>)) -> Result<(), SessionFailure> {
        for _ in 0..ATTEMPTS {
            let (meta, mut ops) = change(self.store.meta().await?);
            ops.push(Op::Meta(meta));
            match self.store.apply(ops).await {
                Err(StoreError::Changed(_)) => {}
                done => return Ok(done?),
            }
        }
        Err(StoreError::Changed("the device's record".into()).into())
    }

    async fn open_commands(&self) -> Result<Vec<Command>, SessionFailure> {
        let open = self.store.commands().await?.into_iter().filter(|queued| queued.outcome.is_none());
        Ok(open.map(|queued| queued.command).collect())
    }

    async fn live_checkouts(&self) -> Result<Vec<Checkout>, SessionFailure> {
        let now = self.source.now().saturating_add(self.store.meta().await?.offset);
        let live = self.store.checkouts().await?.into_iter().filter(|checkout| checkout.until > now);
        let wire = live.map(|held| Checkout { id: held.id, documents: held.documents, until: held.until });
        Ok(wire.take(limits::MAX_CHECKOUTS).collect())
    }
}

fn marks(outbox: &[OutboxEntry]) -> Vec<Op> {
    outbox.iter().filter(|entry| !entry.sent).map(|entry| Op::MarkSent(entry.document, entry.hash)).collect()
}

fn unsent(entry: OutboxEntry) -> Unsent {
    Unsent { document: entry.document, hash: entry.hash, bytes: entry.bytes }
}

pub(super) fn store_error(failure: &SessionFailure) -> Option<&StoreError> {
    match failure {
        SessionFailure::Store(error) => Some(error),
        _ => None,
    }
}
