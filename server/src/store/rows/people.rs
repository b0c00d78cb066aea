//! People, their devices, and the codes by which devices are enrolled.

use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, WorkerId};
use serde::{Deserialize, Serialize};

/// Somebody who works with the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The number; set by the store.
    pub worker: WorkerId,
    /// The name.
    pub name: String,
    /// Division code.
    pub district: String,
    /// Their unit's code.
    pub unit: String,
    /// Their role.
    pub role: Role,
    /// When they left.
    pub ended: Option<Millis>,
}

/// A device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Its id, and its first actor prefix.
    pub device: DeviceId,
    /// Further actor prefixes.
    pub prefixes: Vec<DeviceId>,
    /// Its worker.
    pub worker: WorkerId,
    /// Division code.
    pub district: String,
    /// Ed25519 public key.
    pub key: [u8; 32],
    /// The last hello's counter.
    pub counter: u64,
    /// When it was enrolled.
    pub enrolled: Millis,
    /// The last session.
    pub seen: Option<Millis>,
    /// When it was shut out.
    pub revoked: Option<Millis>,
}

/// A one-time code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentRow {
    /// SHA-256 of the code.
    pub code: [u8; 32],
    /// Whose device it will be.
    pub worker: WorkerId,
    /// Until when.
    pub expires: Millis,
    /// When it was used.
    pub used: Option<Millis>,
}
