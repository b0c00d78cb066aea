//! The device's side of one session.
//!
//! Drops nothing on its own: an outbox entry goes only with the `Persist::Acked` that the centre's
//! ack caused, and a page is confirmed only after the driver has stored it with its cursor.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::ids::{DeviceId, DocumentId, Hash, Millis};
use crate::limits;
use crate::wire::{
    Acked, ActOutcome, Announced, Blob, Checkout, Command, Down, Entry, Hello, Name, Rejected, Sent, Up,
};

/// A change that the centre has not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// The document.
    pub document: DocumentId,
    /// The change's hash.
    pub hash: Hash,
    /// The change chunk.
    pub bytes: Vec<u8>,
}

/// What the store knows when a session opens.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// Sessions opened by this store, this one included; stored before the hello is sent.
    pub counter: u64,
    /// The device's clock.
    pub now: Millis,
    /// From the last stored page.
    pub cursor: Option<Vec<u8>>,
    /// In the order in which the edits were made. All is sent; the first [`limits::MAX_ANNOUNCED`] are
    /// announced.
    pub outbox: Vec<Unsent>,
    /// In the order in which they were given.
    pub commands: Vec<Command>,
    /// Live checkouts.
    pub checkouts: Vec<Checkout>,
    /// Purged, not yet confirmed. The hello takes the first [`limits::MAX_ANNOUNCED`].
    pub purged: Vec<DocumentId>,
    /// Stay connected.
    pub live: bool,
}

/// What happens to the machine.
#[derive(Clone, Debug)]
pub enum In {
    /// A frame arrived.
    Frame(Down),
    /// The oldest `Persist` that was asked for is durable; `purged` names documents that went with it.
    Persisted {
        /// Documents purged in the same transaction.
        purged: Vec<DocumentId>,
    },
    /// Edits made, or rebuilt after a rejection, while the session is open.
    Local {
        /// New outbox entries.
        outbox: Vec<Unsent>,
        /// New commands.
        commands: Vec<Command>,
    },
    /// Changes of one document, in answer to `Out::Offer`.
    Return {
        /// The document.
        document: DocumentId,
        /// Accepted changes, each after those it builds on.
        changes: Vec<Sent>,
    },
    /// All that `Out::Offer` asked for was given.
    Returned,
    /// The connection is gone.
    Closed,
}

/// What the machine wants, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// Send this frame.
    Send(Up),
    /// Store this durably, then say `In::Persisted`.
    Persist(Persist),
    /// Give every accepted change accepted at this time or later, document by document as `In::Return`,
    /// then `In::Returned`.
    Offer {
        /// By the centre's clock.
        since: Millis,
    },
    /// Close the connection; the session is over.
    Finished(End),
}

/// One durable step. Applying it twice is the same as once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Persist {
    /// What the welcome tells.
    Welcome {
        /// The centre's epoch.
        epoch: u32,
        /// The centre's scope version.
        scope: u32,
        /// The centre's clock less the device's.
        offset: Millis,
        /// A new actor prefix, if the store was cloned or restored.
        prefix: Option<DeviceId>,
    },
    /// These are durable at the centre: their outbox entries go.
    Acked {
        /// The document.
        document: DocumentId,
        /// What was recorded.
        changes: Vec<Acked>,
    },
    /// These were refused: rebuild, replay the others, keep showing the refused.
    Rejected {
        /// The document.
        document: DocumentId,
        /// Why.
        changes: Vec<Rejected>,
    },
    /// A command was answered.
    Acted {
        /// The command.
        id: [u8; 16],
        /// The answer.
        outcome: ActOutcome,
    },
    /// A page with its cursor, in one transaction.
    Page {
        /// Stored with the data that it covers.
        cursor: Blob,
        /// What is new.
        entries: Vec<Entry>,
        /// Names of people in it.
        names: Vec<Name>,
    },
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// All was sent and answered, and nothing more is to be received.
    Done,
    /// All was answered, but a document of which a change was refused has been edited or rebuilt since.
    /// This session would refuse that too: open another.
    Again,
    /// The connection went first. Nothing is lost; what was not acknowledged stays in the outbox.
    Cut,
    /// The centre ended the session and says why.
    Fault {
        /// Stable code.
        code: String,
        /// In words.
        message: String,
    },
}

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
        let Start { counter, now, cursor, outbox, commands, checkouts, mut purged, live } = start;
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
        };
        let mut device = Device {
            live,
            now,
            queue: outbox.into(),
            commands: commands.into(),
            awaiting: BTreeMap::new(),
            awaiting_bytes: 0,
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
            In::Return { document, changes } => self.give_back(document, changes),
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
            Down::Ack { document, changes } => {
                self.answered(document, changes.iter().map(|acked| acked.hash));
                self.persist(Persist::Acked { document, changes });
            }
            Down::Reject { document, changes } => {
                self.refused.insert(document);
                self.answered(document, changes.iter().map(|rejected| rejected.hash));
                self.persist(Persist::Rejected { document, changes });
            }
            Down::Acted { id, outcome } => {
                self.acts.remove(&id);
                self.persist(Persist::Acted { id, outcome });
            }
            Down::Page { cursor, entries, names, last } => {
                self.caught_up = last;
                self.persisting.push_back(Some(cursor.clone()));
                self.out.push_back(Out::Persist(Persist::Page { cursor, entries, names }));
            }
            Down::Fault { code, message } => self.finish(End::Fault { code, message }),
        }
    }

    fn give_back(&mut self, document: DocumentId, changes: Vec<Sent>) {
        let (mut part, mut bytes) = (Vec::new(), 0);
        for change in changes {
            let full =
                part.len() == limits::MAX_PUSH_CHANGES || bytes + change.bytes.len() > limits::MAX_PUSH_BYTES;
            if full && !part.is_empty() {
                self.out.push_back(Out::Send(Up::Return { document, changes: std::mem::take(&mut part) }));
                bytes = 0;
            }
            bytes += change.bytes.len();
            part.push(change);
        }
        if !part.is_empty() {
            self.out.push_back(Out::Send(Up::Return { document, changes: part }));
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
            let (mut changes, mut bytes) = (Vec::new(), 0);
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
                changes.push(Blob::from(next.bytes));
            }
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
