//! What was refused.

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};

/// A refused change, kept whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    /// Set by the store.
    pub id: i64,
    /// Division code.
    pub district: String,
    /// The device that sent it.
    pub device: DeviceId,
    /// Its worker.
    pub worker: WorkerId,
    /// For which document.
    pub document: DocumentId,
    /// SHA-256 as of a change.
    pub hash: Hash,
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
    /// What was sent.
    pub bytes: Vec<u8>,
    /// When.
    pub at: Millis,
}
