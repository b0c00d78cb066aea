//! The frames, as types. What each means is told beside it; who may send it when is the machines'.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::brief::Brief;
use super::hello::Hello;
use crate::ids::{DeviceId, DocumentId, Hash, Millis, Receipt, WorkerId};

/// Bytes of a change, a cursor, a JSON fact.
pub type Blob = ByteVec;

/// What a device says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Up {
    /// Opens the session; outbox and commands follow at once, without waiting for the welcome.
    #[n(0)]
    Hello(#[n(0)] Hello),
    /// Changes of one document, each after those it builds on.
    #[n(1)]
    Push {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Uncompressed change chunks.
        #[n(1)]
        changes: Vec<Blob>,
    },
    /// A command on a case (refer, accept, claim, ...), made when its time says.
    #[n(2)]
    Act(#[n(0)] Command),
    /// The page before is stored, together with this cursor.
    #[n(3)]
    Stored {
        /// The page's cursor.
        #[n(0)]
        cursor: Blob,
        /// Documents purged because of a revocation.
        #[n(1)]
        purged: Vec<DocumentId>,
    },
    /// Accepted changes given back, because the welcome asked for them.
    #[n(4)]
    Return {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Changes with what was recorded, each after those it builds on.
        #[cbor(n(1), with = "super::lean")]
        changes: Vec<Sent>,
        /// Decisions, byte for byte as the centre sent them, in their order.
        #[cbor(n(2), default)]
        decisions: Vec<Blob>,
    },
    /// Everything that the welcome asked for has been given back.
    #[n(5)]
    Returned,
}

/// What the centre says.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Down {
    /// Answers the hello.
    #[n(0)]
    Welcome(#[n(0)] Welcome),
    /// Changes of one push are durable. The device drops its outbox entries on this and nothing else.
    #[n(1)]
    Ack {
        /// Which push of the session, from 0.
        #[n(0)]
        push: u32,
        /// Places in the push, from 0 and ascending, that a reject names instead.
        #[n(1)]
        without: Vec<u32>,
        /// What was recorded of the others, in the order of the push.
        #[n(2)]
        facts: Vec<AckFacts>,
        /// Proof of it, one for each of them.
        #[n(3)]
        receipts: Vec<Receipt>,
    },
    /// These changes are in quarantine, and so is every later one of this session on the document.
    #[n(2)]
    Reject {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Hashes with reasons.
        #[n(1)]
        changes: Vec<Rejected>,
    },
    /// A command was decided or refused; it is durable.
    #[n(3)]
    Acted {
        /// The command.
        #[cbor(n(0), with = "minicbor::bytes")]
        id: [u8; 16],
        /// What came of it.
        #[n(1)]
        outcome: ActOutcome,
    },
    /// A page of the feed. The next one follows when this one is stored.
    #[n(4)]
    Page {
        /// Where the feed stands after this page. Opaque.
        #[n(0)]
        cursor: Blob,
        /// In the order of the feed.
        #[n(1)]
        entries: Vec<Entry>,
        /// People named by number in the entries.
        #[n(2)]
        names: Vec<Name>,
        /// Nothing more at this moment, and all that the hello announced is settled.
        #[n(3)]
        last: bool,
    },
    /// These changes are neither taken nor refused: what they build on, or what they say, is not known to the
    /// centre yet. They stay in the outbox and are sent again in a later session.
    #[n(6)]
    Held {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// Hashes with reasons.
        #[n(1)]
        changes: Vec<Rejected>,
    },
    /// Something is wrong with the session; the centre closes after it. Nothing was lost.
    #[n(5)]
    Fault {
        /// Stable code.
        #[n(0)]
        code: String,
        /// What happened, what was kept, what to do next.
        #[n(1)]
        message: String,
    },
}

/// A command on a case.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Command {
    /// Made on the device; repeating it does nothing.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; 16],
    /// The case.
    #[n(1)]
    pub document: DocumentId,
    /// Its name in the policy.
    #[n(2)]
    pub name: String,
    /// Arguments by name.
    #[n(3)]
    pub args: Vec<(String, String)>,
    /// When it was given, by the device's clock.
    #[n(4)]
    pub made: Millis,
}

/// Answers the hello.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Welcome {
    /// Raised when a restored store may have forgotten what devices know.
    #[n(0)]
    pub epoch: u32,
    /// Raised when what the device may see has changed as a whole.
    #[n(1)]
    pub scope: u32,
    /// The centre's clock, milliseconds since 1970.
    #[n(2)]
    pub now: Millis,
    /// What the centre takes at once.
    #[n(3)]
    pub limits: LimitsOffer,
    /// A new actor prefix, given when the hello's counter shows a cloned or restored store.
    #[n(4)]
    pub prefix: Option<DeviceId>,
    /// Nothing was announced and nothing is new: no page follows.
    #[n(5)]
    pub last: bool,
    /// The centre was restored or knows another history than the cursor's: give back every accepted
    /// change that is held and was accepted at this time or later, the heads of every document that is
    /// held, and decisions that were given at this time or later; then say `Returned`.
    #[n(6)]
    pub reoffer: Option<Millis>,
}

/// What the centre takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct LimitsOffer {
    /// Bytes of a frame.
    #[n(0)]
    pub frame: u32,
    /// Bytes of a change.
    #[n(1)]
    pub change: u32,
    /// Changes in a push.
    #[n(2)]
    pub push: u32,
}

/// What was recorded of so many changes of a push, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct AckFacts {
    /// How many changes.
    #[n(0)]
    pub count: u32,
    /// When they were made, less the time that they say themselves.
    #[n(1)]
    pub skew: Millis,
    /// When they were accepted.
    #[n(2)]
    pub received: Millis,
}

/// A change that is durable, as the machines know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Acked {
    /// Its hash.
    #[n(0)]
    pub hash: Hash,
    /// When it was made, by the device's clock corrected to the centre's.
    #[n(1)]
    pub made: Millis,
    /// When it was accepted.
    #[n(2)]
    pub received: Millis,
    /// Proof of this.
    #[n(3)]
    pub receipt: Receipt,
}

/// A change that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Rejected {
    /// Its hash: SHA-256 of the chunk after its first eight bytes (of all bytes if it has fewer).
    #[n(0)]
    pub hash: Hash,
    /// Stable code, such as `bytes.checksum`; `covered` where an earlier change was refused.
    #[n(1)]
    pub code: String,
    /// In words.
    #[n(2)]
    pub message: String,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum ActOutcome {
    /// It was decided; the decision comes with the feed.
    #[n(0)]
    Decided {
        /// The number of the decision.
        #[n(0)]
        n: u32,
    },
    /// It was refused.
    #[n(1)]
    Refused {
        /// The rule that refuses it.
        #[n(0)]
        rule: String,
        /// In words.
        #[n(1)]
        message: String,
    },
}

/// One entry of a page.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Entry {
    /// New about a document that the device holds, or all about one that it is given.
    #[n(0)]
    Document {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// All follows, not only what is new.
        #[n(1)]
        grant: bool,
        /// Changes, each after those it builds on. Genesis is never sent.
        #[cbor(n(2), with = "super::lean")]
        changes: Vec<Sent>,
        /// Decisions as JSON, in their order.
        #[n(3)]
        decisions: Vec<Blob>,
        /// What the case waits for, as JSON; absent where it has not changed.
        #[n(4)]
        settled: Option<Blob>,
        /// Decisions of a first sync, before the others, in their order.
        #[n(5)]
        briefs: Option<Vec<Brief>>,
    },
    /// The device may no longer hold this document: hide, drain, purge, confirm.
    #[n(1)]
    Revoke {
        /// The document.
        #[n(0)]
        document: DocumentId,
    },
}

/// A change with what was recorded when it was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The change chunk.
    pub bytes: Blob,
    /// The person of the session.
    pub worker: WorkerId,
    /// The device of the session.
    pub device: DeviceId,
    /// When it was made, corrected.
    pub made: Millis,
    /// When it was accepted.
    pub received: Millis,
    /// Proof of this; all changes with the same one are proven together or not at all.
    pub receipt: Receipt,
}

/// A person's name.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Name {
    /// Their number.
    #[n(0)]
    pub worker: WorkerId,
    /// As the centre has it.
    #[n(1)]
    pub name: String,
}
