//! What goes into the session machine and what comes out of it. Plain data; no rule lives here.

use crate::ids::{DeviceId, DocumentId, Millis};
use crate::wire::{
    Acked, ActOutcome, Blob, Command, Down, Entry, FrameError, Hello, Name, Rejected, Sent, Up,
};

/// What happens to the machine.
#[derive(Debug)]
pub enum In {
    /// A frame arrived.
    Frame(Up),
    /// Bytes arrived that are no frame.
    Malformed(FrameError),
    /// `Out::Open` is recorded.
    Opened(Opened),
    /// The hello was refused; the session ends.
    Refused {
        /// Stable code.
        code: String,
        /// In words.
        message: String,
    },
    /// An `Out::Ingest` is durable: each change is in exactly one of the lists.
    Ingested {
        /// The document.
        document: DocumentId,
        /// Stored now or before.
        acked: Vec<Acked>,
        /// In quarantine.
        rejected: Vec<Rejected>,
        /// Neither: they stay on the device.
        held: Vec<Rejected>,
    },
    /// An `Out::Return` is durable, or in quarantine.
    Regained,
    /// An `Out::Act` is durable.
    Acted {
        /// The command.
        id: [u8; 16],
        /// What came of it.
        outcome: ActOutcome,
    },
    /// An `Out::LoadPage` found this; `None`: nothing new for the device.
    Page(Option<Page>),
    /// `Out::Stored` is recorded.
    Recorded,
    /// Something was committed that may concern the device.
    FeedMoved,
    /// The store failed. The session ends; the device keeps all that was not acknowledged.
    Failed,
}

/// What recording the hello told.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The store's epoch.
    pub epoch: u32,
    /// The device's scope version.
    pub scope: u32,
    /// The centre's clock.
    pub now: Millis,
    /// A new actor prefix for a cloned or restored store.
    pub prefix: Option<DeviceId>,
    /// The device's cursor lies on another history: it gives back what was accepted since then.
    pub reoffer: Option<Millis>,
}

/// A page of the feed as the device may see it.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where the feed stands after it.
    pub cursor: Blob,
    /// What is new.
    pub entries: Vec<Entry>,
    /// Names of people in it.
    pub names: Vec<Name>,
    /// The feed has more.
    pub more: bool,
}

/// What the machine wants, in this order.
#[derive(Debug, PartialEq, Eq)]
pub enum Out {
    /// Record the hello: counter, announced changes, checkouts, purges.
    Open(Hello),
    /// Ingest changes. Those of several documents may run side by side.
    Ingest {
        /// The document.
        document: DocumentId,
        /// Change chunks, as they came.
        changes: Vec<Blob>,
        /// An earlier change of this session on the document was refused: quarantine them all.
        covered: bool,
    },
    /// Take back accepted changes that were lost here.
    Return {
        /// The document.
        document: DocumentId,
        /// The changes with their receipts.
        changes: Vec<Sent>,
        /// Decisions as they were sent, with their receipts.
        decisions: Vec<Blob>,
    },
    /// Decide on a command.
    Act(Command),
    /// Load the page after the last cursor.
    LoadPage,
    /// The device has stored the page up to this cursor and purged these documents.
    Stored {
        /// The cursor.
        cursor: Blob,
        /// What is purged.
        purged: Vec<DocumentId>,
    },
    /// All that the hello announced is answered: checkouts of earlier sessions end.
    Drained,
    /// Send this frame.
    Send(Down),
    /// Close the connection.
    Close,
}
