//! The records that a store holds. Plain data: no logic beyond reading itself.

use doorstep_protocol::documents::{Edit, Facts, Kind, Media};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DeviceId, DocumentId, Hash, Mark, Receipt, WorkerId};
use serde::{Deserialize, Serialize};

/// Who this device is, from enrolment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The centre's address, `http://…`.
    pub url: String,
    /// The device.
    pub device: DeviceId,
    /// Its worker.
    pub worker: WorkerId,
    /// The worker's name.
    pub name: String,
    /// The district's code.
    pub district: String,
    /// The worker's unit.
    pub unit: String,
    /// The worker's role at enrolment.
    pub role: String,
    /// The Ed25519 secret, made here, never sent.
    pub secret: [u8; 32],
    /// The centre's proof of the enrolment: it opens the door again where a restored centre has forgotten it.
    #[serde(default)]
    pub proof: Option<String>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?}, {})", self.device, self.worker)
    }
}

/// The single record of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// Raised by each write; not part of what is written.
    #[serde(skip)]
    pub version: u64,
    /// Absent before enrolment.
    pub identity: Option<Identity>,
    /// The first eight bytes of every new actor; the device's id until the centre gives another.
    pub prefix: DeviceId,
    /// Sessions opened.
    pub counter: u64,
    /// The centre's clock less the device's, from the last welcome.
    pub offset: Millis,
    /// The centre's epoch.
    pub epoch: u32,
    /// The centre's scope version.
    pub scope: u32,
    /// From the last stored page.
    pub cursor: Option<Vec<u8>>,
    /// When the device was last up to date, by its own clock.
    pub synced_at: Option<Millis>,
    /// Sessions begun, the newest first, down to the last one that was welcomed: by them the centre tells this store
    /// from a copy of it.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// The last change that the centre acknowledged: by it a centre sees that it was put back since.
    #[serde(default)]
    pub heard: Option<Box<HeardRow>>,
    /// The last document that the centre granted since it last said welcome: by it a centre sees that it lost the grant.
    #[serde(default)]
    pub granted: Option<DocumentId>,
}

/// An acknowledged change, with what proves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardRow {
    /// The document.
    pub document: DocumentId,
    /// The change.
    pub hash: Hash,
    /// As the centre recorded it.
    pub made: Millis,
    /// When the centre took it.
    pub received: Millis,
    /// The centre's proof.
    pub receipt: Receipt,
}

/// A document without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its id.
    pub document: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// For compare-and-swap; 0: not stored yet. Never used twice in one store.
    pub version: u64,
    /// Hidden and frozen: it goes when its outbox is drained.
    pub revoked: bool,
    /// For lists.
    pub title: Option<String>,
    /// Due time of the last decision, RFC 3339; for lists.
    pub due: Option<String>,
    /// What the case waits for, JSON as the centre sent it.
    pub settled: Option<String>,
}

/// An accepted change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredChange {
    /// Its hash.
    pub hash: Hash,
    /// The chunk.
    pub bytes: Vec<u8>,
    /// What the centre recorded.
    pub facts: Facts,
}

/// A decision as the centre sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDecision {
    /// Epoch of the district's history.
    pub epoch: u32,
    /// Number within case and epoch.
    pub n: u32,
    /// JSON.
    pub json: String,
}

/// An edit that the centre has not acknowledged: the intent with its base beside the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxEntry {
    /// The document.
    pub document: DocumentId,
    /// The change's hash.
    pub hash: Hash,
    /// What the person did.
    pub intent: Vec<Edit>,
    /// The heads that the person saw.
    pub base: Vec<Hash>,
    /// The change chunk.
    pub bytes: Vec<u8>,
    /// By the device's clock.
    pub made: Millis,
    /// On its way in a session that has not ended.
    pub sent: bool,
}

/// Everything about one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its row.
    pub row: DocumentRow,
    /// Accepted changes in the order of arrival. Genesis is never among them.
    pub changes: Vec<StoredChange>,
    /// Unacknowledged changes in the order in which they were made.
    pub outbox: Vec<OutboxEntry>,
    /// In their order.
    pub decisions: Vec<StoredDecision>,
    /// Files of it that have never been with the centre.
    pub unsent_blobs: usize,
}

impl Stored {
    /// A document that holds its genesis only and is not stored yet.
    pub fn new(document: DocumentId, kind: Kind) -> Self {
        let row =
            DocumentRow { document, kind, version: 0, revoked: false, title: None, due: None, settled: None };
        Stored { row, changes: Vec::new(), outbox: Vec::new(), decisions: Vec::new(), unsent_blobs: 0 }
    }
}

/// A document in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its row.
    pub row: DocumentRow,
    /// Whether the centre has accepted anything of it.
    pub accepted: bool,
    /// Outbox entries.
    pub pending: u64,
    /// Outbox entries that are on their way.
    pub sent: u64,
}

/// An edit that was refused, or that no longer fits after one before it was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedItem {
    /// The document.
    pub document: DocumentId,
    /// The refused change's hash in hex (of a command: its id).
    pub id: String,
    /// Stable code of the reason.
    pub code: String,
    /// The reason in words.
    pub message: String,
    /// What the person did. Empty once the document is purged.
    pub intent: Vec<Edit>,
    /// The refused bytes. Empty once the document is purged.
    pub bytes: Vec<u8>,
    /// When it was made, by the device's clock.
    pub made: Millis,
}

/// A command and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedCommand {
    /// The command.
    pub command: Command,
    /// The centre's answer.
    pub outcome: Option<ActOutcome>,
}

/// A checkout that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCheckout {
    /// Its id.
    pub id: [u8; 16],
    /// Which cases.
    pub documents: Vec<DocumentId>,
    /// Until when, by the centre's clock.
    pub until: Millis,
    /// The session that announced it first; 0: none yet.
    pub announced: u64,
}

/// A file that belongs to a document and is kept here, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobRow {
    /// The document.
    pub document: DocumentId,
    /// SHA-256 of its bytes.
    pub hash: Hash,
    /// Bytes.
    pub size: u64,
    /// What it is.
    pub media: Media,
    /// The epoch in which the centre had it, or would not have it; `None`: it has not been asked.
    pub settled: Option<u32>,
    /// Code of the reason why the centre would not have it.
    pub refused: Option<String>,
}

/// A purge that the centre has not confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    /// The document.
    pub document: DocumentId,
    /// The session in which it happened.
    pub counter: u64,
}
