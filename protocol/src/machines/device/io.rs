//! What goes into the device machine and what comes out of it. Plain data; no rule lives here.

use crate::ids::{DeviceId, DocumentId, Hash, Mark, Millis};
use crate::wire::{Acked, ActOutcome, Blob, Checkout, Command, Down, Entry, Heard, Name, Rejected, Sent, Up};

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
    /// In the order in which the edits were made. All is sent; the first [`crate::limits::MAX_ANNOUNCED`] are
    /// announced.
    pub outbox: Vec<Unsent>,
    /// In the order in which they were given.
    pub commands: Vec<Command>,
    /// Live checkouts.
    pub checkouts: Vec<Checkout>,
    /// Purged, not yet confirmed. The hello takes the first [`crate::limits::MAX_ANNOUNCED`].
    pub purged: Vec<DocumentId>,
    /// Stay connected.
    pub live: bool,
    /// The actor prefix in use, where it is not the device id.
    pub prefix: Option<DeviceId>,
    /// This session's, then those of earlier ones that were not welcomed, and of the last that was.
    pub marks: Vec<Mark>,
    /// The last change that was acknowledged.
    pub heard: Option<Heard>,
    /// The last document that was granted since the last welcome.
    pub granted: Option<DocumentId>,
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
        /// Decisions as the centre sent them, in their order.
        decisions: Vec<Blob>,
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
    /// Give every change accepted at this time or later, the heads of every document and the decisions given
    /// since then, document by document as `In::Return`, then `In::Returned`.
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
    /// These stay in the outbox: the centre does not know yet what they build on or what they say.
    Held {
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
        /// Nothing comes after it for now.
        last: bool,
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
