//! The first frame of a session, and what it says of the device's store.

use minicbor::{Decode, Encode};

use super::frames::{Acked, Blob};
use crate::ids::{DeviceId, DocumentId, Hash, Mark, Millis};

/// The first frame of a session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// The wire version.
    #[n(0)]
    pub version: u16,
    /// The document schema of the device.
    #[n(1)]
    pub schema: u16,
    /// Sessions that this store has opened, this one included. One that is not above the last seen
    /// means a cloned or restored store.
    #[n(2)]
    pub counter: u64,
    /// The device's clock, milliseconds since 1970.
    #[n(3)]
    pub now: Millis,
    /// From the last stored page; absent on the first session.
    #[n(4)]
    pub cursor: Option<Blob>,
    /// Changes that have not been acknowledged.
    #[n(5)]
    pub unsent: Vec<Announced>,
    /// Checkouts that the device holds to be live.
    #[n(6)]
    pub checkouts: Vec<Checkout>,
    /// Documents purged and not yet confirmed.
    #[n(7)]
    pub purged: Vec<DocumentId>,
    /// Stay connected and receive pages as they arise.
    #[n(8)]
    pub live: bool,
    /// Commands that follow in this session.
    #[n(9)]
    pub commands: u32,
    /// The actor prefix in use, where it is not the device id: tells apart the copies of one store.
    #[n(10)]
    pub prefix: Option<DeviceId>,
    /// The session's own mark, then those of earlier sessions of this store, the newest first, down to the last
    /// one whose welcome was stored. A centre whose last one is not among them has met a copy of this store.
    #[cbor(n(11), default)]
    pub marks: Vec<Mark>,
    /// The last change that the centre acknowledged to this store, with the proof of it. One that it does not know
    /// any more shows that it was put back after that.
    #[n(12)]
    pub heard: Option<Heard>,
    /// The last document that the centre granted to this store since it last said welcome. One that it does not know to be
    /// held here shows that the centre lost the grant after it was sent, and with it that it is to be taken away one day.
    #[n(13)]
    pub granted: Option<DocumentId>,
}

/// An acknowledged change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Heard {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// What the ack said of the change.
    #[n(1)]
    pub acked: Acked,
}

/// Unsent changes of one document.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Announced {
    /// The document.
    #[n(0)]
    pub document: DocumentId,
    /// Hashes of the changes.
    #[n(1)]
    pub hashes: Vec<Hash>,
}

/// An explicit act for planned visits: deciding on these cases waits.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Checkout {
    /// Made on the device, so that one that has ended does not begin again.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// Which cases.
    #[n(1)]
    pub documents: Vec<DocumentId>,
    /// Until when, by the centre's clock.
    #[n(2)]
    pub until: Millis,
}
