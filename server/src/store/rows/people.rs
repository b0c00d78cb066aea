//! People, their devices, and the codes by which devices are enrolled.

use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, Mark, WorkerId};
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
    /// When it was enrolled.
    pub enrolled: Millis,
    /// The last session.
    pub seen: Option<Millis>,
    /// When it was shut out.
    pub revoked: Option<Millis>,
}

impl DeviceRow {
    /// The actor prefixes of all copies of its store that are known.
    pub fn copies(&self) -> impl Iterator<Item = DeviceId> {
        std::iter::once(self.device).chain(self.prefixes.iter().copied())
    }
}

/// One copy of a device's store, by the actor prefix that it uses. There is one of each device until somebody puts a
/// store back, or uses it twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyRow {
    /// The prefix.
    pub prefix: DeviceId,
    /// The last hello's counter.
    pub counter: u64,
    /// Marks of its sessions, the last one first, as far back as is known and at most
    /// [`MAX_MARKS`](doorstep_protocol::limits::MAX_MARKS). None: a device that does not say them.
    pub marks: Vec<Mark>,
    /// Everything is to be told to it from the beginning, whatever cursor it brings, until it has stored the first
    /// page of that.
    pub walks: bool,
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
