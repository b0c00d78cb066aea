//! The device's side of one session.
//!
//! Drops nothing on its own: an outbox entry goes only with the `Persist::Acked` that the centre's
//! ack caused, and a page is confirmed only after the driver has stored it with its cursor.

mod io;
mod pushed;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use io::{End, In, Out, Persist, Start, Unsent};
use pushed::Pushed;

use crate::ids::{DocumentId, Hash, Millis};
use crate::limits;
use crate::wire::{Announced, Blob, Command, Down, Hello, Sent, Up};

/// The device's side of one session.
#[derive(Debug)]
pub struct Device {
    live: bool,
    now: Millis,
    queue: VecDeque<Unsent>,
    commands: VecDeque<Command>,
    /// Sent, not yet answered durably, with their sizes.
    awaiting: BTreeMap<(DocumentId, Hash), usize>,
    awaiting_bytes: usize,
    /// Pushes of this session so far, and those that are not answered.
    pushes: u32,
    pushed: BTreeMap<u32, Pushed>,
    /// A change of these was refused, and with it all that this session still brings.
    refused: BTreeSet<DocumentId>,
    /// Local changes of refused documents were left for the next session.
    held: bool,
    acts: BTreeSet<[u8; 16]>,
    /// Cursor of a page to confirm once stored, by place in the queue of persists.
    persisting: VecDeque<Option<Blob>>,
    welcomed: bool,
    caught_up: bool,
    /// The centre asked for what it has lost, and has not been given all.
    returning: bool,
    over: bool,
    out: VecDeque<Out>,
}

impl Device {
    /// Opens a session: the hello comes first, the outbox right behind it.
    pub fn open(start: Start) -> Self {
        let Start {
            counter,
            now,
            cursor,
            outbox,
            commands,
            checkouts,
            mut purged,
            live,
            prefix,
            marks,
            heard,
            granted,
        } = start;
        purged.truncate(limits::MAX_ANNOUNCED);
        let mut unsent: Vec<Announced> = Vec::new();
        for item in outbox.iter().take(limits::MAX_ANNOUNCED) {
            match unsent.iter_mut().find(|announced| announced.document == item.document) {
                Some(announced) => announced.hashes.push(item.hash),
                None => unsent.push(Announced { document: item.document, hashes: vec![item.hash] }),
            }
        }
        let hello = Hello {
            version: limits::WIRE_VERSION,
            schema: limits::SCHEMA_VERSION,
            counter,
            now,
            cursor: cursor.map(Blob::from),
            unsent,
            checkouts,
            purged,
            live,
            commands: commands.len() as u32,
            prefix,
            marks,
            heard,
            granted,
        };
        let mut device = Device {
            live,
            now,
            queue: outbox.into(),
            commands: commands.into(),
            awaiting: BTreeMap::new(),
            awaiting_bytes: 0,
            pushes: 0,
            pushed: BTreeMap::new(),
            refused: BTreeSet::new(),
            held: false,
            acts: BTreeSet::new(),
            persisting: VecDeque::new(),
            welcomed: false,
            caught_up: false,
            returning: false,
            over: false,
            out: VecDeque::from([Out::Send(Up::Hello(hello))]),
        };
        device.send();
        device
    }

    /// The next thing to do, if any.
    pub fn poll(&mut self) -> Option<Out> {
        self.out.pop_front()
    }

    /// Changes sent or queued that no durable answer has come for.
    pub fn pending(&self) -> usize {
        self.queue.len() + self.awaiting.len()
    }

    /// Takes one input. After the end everything is ignored.
    pub fn handle(&mut self, input: In) {
        if self.over {
            return;
        }
        match input {
            In::Frame(frame) => self.frame(frame),
            In::Persisted { purged } => {
                if let Some(Some(cursor)) = self.persisting.pop_front() {
                    self.out.push_back(Out::Send(Up::Stored { cursor, purged }));
                }
            }
            In::Local { outbox, commands } => {
                let before = outbox.len();
                let sent = outbox.into_iter().filter(|unsent| !self.refused.contains(&unsent.document));
                let sent: Vec<Unsent> = sent.collect();
                self.held |= sent.len() < before;
                self.queue.extend(sent);
                self.commands.extend(commands);
                self.send();
            }
            In::Return { document, changes, decisions } => self.give_back(document, changes, decisions),
            In::Returned => {
                self.returning = false;
                self.out.push_back(Out::Send(Up::Returned));
            }
            In::Closed => self.finish(End::Cut),
        }
        self.maybe_done();
    }

    fn frame(&mut self, frame: Down) {
        match frame {
            Down::Welcome(welcome) => {
                self.welcomed = true;
                self.caught_up = welcome.last;
                self.persist(Persist::Welcome {
                    epoch: welcome.epoch,
                    scope: welcome.scope,
                    offset: welcome.now - self.now,
                    prefix: welcome.prefix,
                });
                if let Some(since) = welcome.reoffer {
                    self.returning = true;
                    self.out.push_back(Out::Offer { since });
                }
            }
            Down::Ack { push, without, facts, receipts } => {
                let Some(pushed) = self.pushed.remove(&push) else { return self.unasked() };
                let document = pushed.document;
                let Some(changes) = pushed.acked(&without, &facts, receipts) else { return self.unasked() };
                self.answered(document, changes.iter().map(|acked| acked.hash));
                self.persist(Persist::Acked { document, changes });
            }
            Down::Reject { document, changes } => {
                self.refused.insert(document);
                self.answered(document, changes.iter().map(|rejected| rejected.hash));
                self.persist(Persist::Rejected { document, changes });
            }
            Down::Held { document, changes } => {
                self.answered(document, changes.iter().map(|held| held.hash));
                self.persist(Persist::Held { document, changes });
            }
            Down::Acted { id, outcome } => {
                self.acts.remove(&id);
                self.persist(Persist::Acted { id, outcome });
            }
            Down::Page { cursor, entries, names, last } => {
                self.caught_up = last;
                self.persisting.push_back(Some(cursor.clone()));
                self.out.push_back(Out::Persist(Persist::Page { cursor, entries, names, last }));
            }
            Down::Fault { code, message } => self.finish(End::Fault { code, message }),
        }
    }

    /// The centre answers what was never sent.
    fn unasked(&mut self) {
        let message = "The centre acknowledged what was not sent. Nothing of it was taken; sync again.";
        self.finish(End::Fault { code: "ack.unknown".into(), message: message.into() });
    }

    /// In as few frames as fit; what one receipt proves stays together.
    fn give_back(&mut self, document: DocumentId, changes: Vec<Sent>, decisions: Vec<Blob>) {
        let (mut part, mut bytes): (Vec<Sent>, usize) = (Vec::new(), 0);
        let sizes = changes.chunk_by(|a, b| a.receipt == b.receipt).flat_map(|group| {
            let bytes: usize = group.iter().map(|change| change.bytes.len()).sum();
            // More than a receipt can prove, so nothing is lost by parting it.
            let fits = group.len() <= limits::RECEIPT_CHANGES && bytes <= limits::RECEIPT_BYTES;
            if fits { vec![group] } else { group.chunks(1).collect() }
        });
        for group in sizes {
            let more: usize = group.iter().map(|change| change.bytes.len()).sum();
            let full =
                part.len() + group.len() > limits::MAX_PUSH_CHANGES || bytes + more > limits::MAX_PUSH_BYTES;
            if full && !part.is_empty() {
                let (changes, decisions) = (std::mem::take(&mut part), Vec::new());
                self.out.push_back(Out::Send(Up::Return { document, changes, decisions }));
                bytes = 0;
            }
            bytes += more;
            part.extend(group.iter().cloned());
        }
        // With the last changes, so that the centre knows them before it decides anything itself.
        let mut facts: Vec<Blob> = Vec::new();
        for decision in decisions {
            let full =
                facts.len() == limits::MAX_PUSH_CHANGES || bytes + decision.len() > limits::MAX_PUSH_BYTES;
            if full && (!part.is_empty() || !facts.is_empty()) {
                let (changes, decisions) = (std::mem::take(&mut part), std::mem::take(&mut facts));
                self.out.push_back(Out::Send(Up::Return { document, changes, decisions }));
                bytes = 0;
            }
            bytes += decision.len();
            facts.push(decision);
        }
        if !part.is_empty() || !facts.is_empty() {
            self.out.push_back(Out::Send(Up::Return { document, changes: part, decisions: facts }));
        }
    }

    fn persist(&mut self, persist: Persist) {
        self.persisting.push_back(None);
        self.out.push_back(Out::Persist(persist));
    }

    fn answered(&mut self, document: DocumentId, hashes: impl Iterator<Item = Hash>) {
        for hash in hashes {
            self.awaiting_bytes -= self.awaiting.remove(&(document, hash)).unwrap_or(0);
        }
        self.send();
    }

    /// Pushes what the window has room for; commands follow the last push.
    fn send(&mut self) {
        while let Some(first) = self.queue.front() {
            if self.awaiting_bytes > 0 && self.awaiting_bytes + first.bytes.len() > limits::PUSH_WINDOW_BYTES
            {
                return;
            }
            let document = first.document;
            let (mut changes, mut bytes, mut pushed) = (Vec::new(), 0, Pushed::of(document));
            while let Some(next) = self.queue.front() {
                let full = changes.len() == limits::MAX_PUSH_CHANGES
                    || (bytes > 0 && bytes + next.bytes.len() > limits::MAX_PUSH_BYTES);
                if next.document != document || full {
                    break;
                }
                let next = self.queue.pop_front().expect("just seen");
                bytes += next.bytes.len();
                let again = self.awaiting.insert((document, next.hash), next.bytes.len());
                self.awaiting_bytes += next.bytes.len() - again.unwrap_or(0);
                pushed.add(&next);
                changes.push(Blob::from(next.bytes));
            }
            self.pushed.insert(self.pushes, pushed);
            self.pushes += 1;
            self.out.push_back(Out::Send(Up::Push { document, changes }));
        }
        while let Some(command) = self.commands.pop_front() {
            self.acts.insert(command.id);
            self.out.push_back(Out::Send(Up::Act(command)));
        }
    }

    fn maybe_done(&mut self) {
        let answered = self.awaiting.is_empty() && self.queue.is_empty() && self.acts.is_empty();
        if self.welcomed
            && !self.returning
            && self.caught_up
            && answered
            && self.persisting.is_empty()
            && (self.held || !self.live)
        {
            self.finish(if self.held { End::Again } else { End::Done });
        }
    }

    fn finish(&mut self, end: End) {
        if !self.over {
            self.over = true;
            self.out.push_back(Out::Finished(end));
        }
    }
}
