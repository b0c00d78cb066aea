//! What a device keeps, and the one way to change it: [`Store::apply`], all or nothing and durable.
//!
//! A store never interprets what it holds; the replica does. Two processes may have the same store
//! open: [`Op::Document`], [`Op::Purge`] and [`Op::Meta`] compare the version that was read and swap,
//! and the loser reloads.

#[cfg(test)]
mod conformance;
mod memory;
mod records;
mod sqlite;

use std::collections::BTreeMap;
use std::future::Future;

use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, Hash, WorkerId};

pub use memory::{Memory, immediate};
pub use records::{
    BlobRow, DocumentRow, HeardRow, HeldCheckout, Identity, Listed, Meta, OutboxEntry, Purged, QueuedCommand,
    RejectedItem, Stored, StoredChange, StoredDecision,
};
pub use sqlite::Sqlite;

use crate::explain::{AS_IT_WAS, Explain};

/// Why the store did not do what was asked. Nothing of the transaction was applied.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process changed what this one had read. Load again and retry.
    #[error("{0} was changed by another program at the same moment")]
    Changed(String),
    /// The storage failed.
    #[error("the device's store failed: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row that this program did not write or cannot read.
    #[error("the device's store holds something unreadable: {0}")]
    Unreadable(String),
    /// Written by a newer program.
    #[error("the store has layout {found}, this program knows layouts up to {known}")]
    Newer {
        /// The store's layout.
        found: i64,
        /// The newest known here.
        known: i64,
    },
}

impl Explain for StoreError {
    fn code(&self) -> &str {
        match self {
            StoreError::Changed(_) => "store.changed",
            StoreError::Failed(_) => "store.failed",
            StoreError::Unreadable(_) => "store.unreadable",
            StoreError::Newer { .. } => "store.newer",
        }
    }

    fn kept(&self) -> &str {
        AS_IT_WAS
    }

    fn next(&self) -> &str {
        match self {
            StoreError::Changed(_) => "Run the command again.",
            StoreError::Failed(_) => {
                "Check that the file is writable and the disk has room, then run it again."
            }
            StoreError::Unreadable(_) => "Copy the store file away before anything else, and report this.",
            StoreError::Newer { .. } => "Update this program.",
        }
    }
}

/// One step of a transaction.
#[derive(Clone, Debug)]
pub enum Op {
    /// Writes the single record of identity, counter and cursor if `meta.version` is still current.
    Meta(Meta),
    /// Writes a document's row if `row.version` is still current; 0: there is none.
    Document(DocumentRow),
    /// Adds an accepted change; one that is there gets the new facts.
    Change(DocumentId, StoredChange),
    /// Appends to the outbox; an entry that is there stays as it is.
    Enqueue(OutboxEntry),
    /// Takes an entry out of the outbox.
    Dequeue(DocumentId, Hash),
    /// Notes that an entry is on its way.
    MarkSent(DocumentId, Hash),
    /// No entry is on its way any more.
    ClearSent,
    /// Shows a refused edit until someone dismisses it.
    Reject(RejectedItem),
    /// Someone has seen a refused edit.
    Dismiss(String),
    /// Adds a decision.
    Decision(DocumentId, StoredDecision),
    /// Forgets the decisions of a document, because all of them follow.
    ForgetDecisions(DocumentId),
    /// A person's name.
    Name(WorkerId, String),
    /// Removes a document with everything in it if `version` is still current, and notes it as
    /// purged. Refused edits of it stay listed, without their content.
    Purge {
        /// The document.
        document: DocumentId,
        /// The version that was read; 0: there is none.
        version: u64,
        /// The session in which it happens.
        counter: u64,
    },
    /// Forgets purges of sessions before this one: the centre has confirmed them.
    ConfirmPurged(u64),
    /// Forgets one purge, because the document was granted again.
    Regrant(DocumentId),
    /// Queues a command.
    Command(Command),
    /// Notes the answer to a command.
    Answer([u8; 16], ActOutcome),
    /// Adds or replaces a checkout.
    Checkout(HeldCheckout),
    /// Ends a checkout.
    EndCheckout([u8; 16]),
    /// Keeps a file with all its bytes; one that is there stays as it is.
    Blob(BlobRow, Vec<u8>),
    /// Notes what the centre said about a file: it has it, or it would not have it, and why.
    SettleBlob {
        /// The document.
        document: DocumentId,
        /// The file.
        hash: Hash,
        /// The centre's epoch.
        epoch: u32,
        /// Code of the refusal.
        refused: Option<String>,
    },
}

/// What a device keeps. Futures of the memory store are ready at once, see [`immediate`].
pub trait Store: Send + Sync {
    /// The files kept here, in the order in which they came.
    fn blobs(&self) -> impl Future<Output = Result<Vec<BlobRow>, StoreError>> + Send;

    /// Part `n` of a file, of [`BLOB_PART_BYTES`](doorstep_protocol::limits::BLOB_PART_BYTES) but for the last; `None` beyond its end.
    fn blob_part(
        &self,
        document: DocumentId,
        hash: Hash,
        n: u64,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;

    /// Applies all operations in order as one durable transaction, or none.
    fn apply(&self, ops: Vec<Op>) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Identity, counter, cursor.
    fn meta(&self) -> impl Future<Output = Result<Meta, StoreError>> + Send;
    /// Everything about one document, as of one moment.
    fn load(&self, document: DocumentId) -> impl Future<Output = Result<Option<Stored>, StoreError>> + Send;
    /// All documents, without opening any, in the order of their ids.
    fn list(&self) -> impl Future<Output = Result<Vec<Listed>, StoreError>> + Send;
    /// All unacknowledged changes in the order in which they were made.
    fn outbox(&self) -> impl Future<Output = Result<Vec<OutboxEntry>, StoreError>> + Send;
    /// Refused edits that nobody has dismissed.
    fn rejected(&self) -> impl Future<Output = Result<Vec<RejectedItem>, StoreError>> + Send;
    /// All commands in the order in which they were given, answered or not.
    fn commands(&self) -> impl Future<Output = Result<Vec<QueuedCommand>, StoreError>> + Send;
    /// Checkouts that have not ended.
    fn checkouts(&self) -> impl Future<Output = Result<Vec<HeldCheckout>, StoreError>> + Send;
    /// Purges that the centre has not confirmed.
    fn purged(&self) -> impl Future<Output = Result<Vec<Purged>, StoreError>> + Send;
    /// Names of people.
    fn names(&self) -> impl Future<Output = Result<BTreeMap<WorkerId, String>, StoreError>> + Send;
    /// Grows with every transaction of any process.
    fn sequence(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;
}
