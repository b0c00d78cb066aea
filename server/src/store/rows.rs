//! The shapes that stores keep. Plain data; no rule lives here.

mod blank;
mod feed;
mod held;
mod people;
mod place;
mod quarantine;
mod query;
mod round;

use std::collections::BTreeSet;

use doorstep_policy::{Audience, Decision, Life};
use doorstep_protocol::documents::{Facts, Kind};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use serde::{Deserialize, Serialize};

use crate::finding::Gist;

pub use feed::FeedRow;
pub use held::HeldRow;
pub use people::{CopyRow, DeviceRow, EnrolmentRow, Person};
pub use place::Place;
pub use quarantine::QuarantineRow;
pub use query::Query;
pub use round::{Round, RoundQuery, RoundRow};

/// A document as lists, figures and `authorize` need it, without its changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Division code of the district. For ever.
    pub district: String,
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: Kind,
    /// Raised by every commit that touches the document.
    pub version: u64,
    /// The last sequence of the feed that concerns it.
    pub seq: u64,
    /// Shown in lists.
    pub title: Option<String>,
    /// The category; `None` where unset or disputed.
    pub category: Option<String>,
    /// The place; `None` where unset or disputed.
    pub place: Option<String>,
    /// The household; `None` where unset or disputed.
    #[serde(default)]
    pub household: Option<String>,
    /// The urgency that stands.
    pub urgency: Option<String>,
    /// Where it came from; `None` where unset.
    #[serde(default)]
    pub channel: Option<String>,
    /// Who made the first change.
    pub author: WorkerId,
    /// Their unit at that time.
    pub author_unit: String,
    /// When the first change was accepted.
    pub registered: Millis,
    /// When the last change was accepted.
    pub updated: Millis,
    /// Everybody named as subject on any side: they see nothing of it.
    pub concerned: BTreeSet<String>,
    /// Workers who said that they are concerned: they see nothing of it either.
    #[serde(default)]
    pub recused: BTreeSet<WorkerId>,
    /// Open conflicts, by field.
    pub conflicts: BTreeSet<String>,
    /// Since when something is in conflict.
    pub conflict_since: Option<Millis>,
    /// Urgent by the pack: deciding does not wait.
    pub urgent: bool,
    /// When the fields that policy reads were last written, by the centre's clock.
    pub quiet_from: Millis,
    /// Since when there is something undecided.
    pub unsettled_since: Option<Millis>,
    /// Digest of the last settled projection.
    pub settled_digest: Option<String>,
    /// The resolution that the next settled decision answers.
    pub review: Option<Hash>,
    /// The last decision's number; 0 before the first.
    pub decided: u32,
    /// The last decision's directive.
    pub directive: Option<String>,
    /// Who is responsible.
    pub unit: Option<String>,
    /// The next step.
    pub step: Option<String>,
    /// By when.
    pub due: Option<Millis>,
    /// Since when this unit has had this step.
    #[serde(default)]
    pub turned: Option<Millis>,
    /// Who may see it, by decision.
    pub audience: Option<Audience>,
    /// Claimed, verified, closed and how, satisfaction, redone: what lists and figures need beside the step.
    #[serde(default)]
    pub life: Life,
    /// Who signs it no more: whoever has signed it, or verified it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub signers: BTreeSet<String>,
    /// When to look at it again: the end of a wait, or a timer.
    pub wake: Option<Millis>,
    /// Of a visit or a meeting: what it comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<Box<Round>>,
    /// When it was erased on request: this row is all that is left, and nobody sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Millis>,
}

/// One accepted change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its hash.
    pub hash: Hash,
    /// The chunk.
    pub bytes: Vec<u8>,
    /// Recorded on accept.
    pub facts: Facts,
    /// The feed's sequence of the commit that accepted it.
    pub seq: u64,
}

/// One decision.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRow {
    /// The decision, with the projection it read.
    pub decision: Decision,
    /// The feed's sequence of the commit that recorded it.
    pub seq: u64,
}

/// A live checkout of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutRow {
    /// Made on the device.
    pub id: [u8; 16],
    /// The device.
    pub device: DeviceId,
    /// Its worker.
    pub worker: WorkerId,
    /// The case.
    pub document: DocumentId,
    /// The device's session in which it began.
    pub session: u64,
    /// Until when.
    pub until: Millis,
    /// When it ended before its time.
    pub ended: Option<Millis>,
}

/// A change that a device has and the centre has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncedRow {
    /// The device.
    pub device: DeviceId,
    /// Its worker.
    pub worker: WorkerId,
    /// The document.
    pub document: DocumentId,
    /// The change.
    pub hash: Hash,
    /// The last progress of the device.
    pub at: Millis,
}

/// What a device has announced and checked out, or what devices have of some documents.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// Announced changes.
    pub announced: Vec<AnnouncedRow>,
    /// Its checkouts; ended ones too, so that none begins again.
    pub checkouts: Vec<CheckoutRow>,
}

/// All about one document.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The materialised row.
    pub row: CaseRow,
    /// In the order in which they were accepted.
    pub changes: Vec<ChangeRow>,
    /// In their order.
    pub decisions: Vec<DecisionRow>,
    /// Announced by any device.
    pub announced: Vec<AnnouncedRow>,
    /// Not ended.
    pub checkouts: Vec<CheckoutRow>,
}

/// What a commit requires of the document's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// There is no such document.
    New,
    /// It is at this version.
    At(u64),
}

/// One document's part of a batch.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The row after the commit; the store sets `version` and `seq`.
    pub row: CaseRow,
    /// The compare-and-swap.
    pub expect: Expect,
    /// The device whose push this is. If it is shut out by now the commit is lost: whoever retries asks why.
    pub by: Option<DeviceId>,
    /// What is added.
    pub rows: Vec<Row>,
    /// What its words are made of, where they may have changed.
    pub gist: Option<Gist>,
    /// As of which of [`super::office::Office::staff_changes`] it was worked out from whom it is hidden: if others work here
    /// by now the commit is lost.
    pub staff: Option<u64>,
}

/// Something that a commit adds.
#[derive(Clone, Debug)]
pub enum Row {
    /// An accepted change.
    Change {
        /// Its hash.
        hash: Hash,
        /// The chunk.
        bytes: Vec<u8>,
        /// Recorded on accept.
        facts: Facts,
    },
    /// A decision.
    Decision(Box<Decision>),
    /// A refused change.
    Quarantine(QuarantineRow),
    /// The answer to a command.
    Command(CommandRow),
    /// A device has what was announced stored or refused.
    Answered {
        /// The device.
        device: DeviceId,
        /// The change.
        hash: Hash,
    },
    /// A device announces changes of this document.
    Announced(AnnouncedRow),
    /// The announcements of a device about this document have lapsed.
    Lapsed {
        /// The device.
        device: DeviceId,
    },
    /// A checkout begins, is prolonged or ends.
    Checkout(CheckoutRow),
    /// A device holds the document from now on.
    Held {
        /// The device.
        device: DeviceId,
    },
}

/// What came of one document's part of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Kept.
    Done {
        /// The new version.
        version: u64,
        /// The feed's sequence.
        seq: u64,
    },
    /// Somebody else was first; nothing of it was kept.
    Lost,
}

/// What belongs to no document's version.
#[derive(Clone, Debug)]
pub enum Aside {
    /// Written before a grant is sent.
    Grant {
        /// The device.
        device: DeviceId,
        /// The document.
        document: DocumentId,
        /// The feed's sequence of the page.
        granted: u64,
    },
    /// Written before a revocation is sent.
    Revoke {
        /// The device.
        device: DeviceId,
        /// The document.
        document: DocumentId,
        /// The feed's sequence at which the grant ended.
        until: u64,
    },
    /// All that the device holds is to be told again in full, and what was taken from it, again: its store may be
    /// older than its word.
    Anew {
        /// The device.
        device: DeviceId,
    },
    /// A copy of a device's store holds, from now on by itself, all that the other one has ever been given.
    Copied {
        /// The prefix of the one.
        from: DeviceId,
        /// The prefix of the copy.
        to: DeviceId,
    },
    /// Of these, what was to be told in full has been: the device has stored the page. What was ended since, or is
    /// to be told anew since, stays so.
    Granted {
        /// The device.
        device: DeviceId,
        /// The documents of the page.
        documents: Vec<DocumentId>,
        /// The feed's sequence from which news go on.
        granted: u64,
    },
    /// All of this write is one session's: nothing of it is kept if another session of the same copy of the
    /// device's store has begun since.
    Only {
        /// The copy's prefix.
        prefix: DeviceId,
        /// The session's counter.
        counter: u64,
    },
    /// A session of a copy of a device's store has begun.
    Copy(CopyRow),
    /// The device has purged the document.
    Purged {
        /// The device.
        device: DeviceId,
        /// The document.
        document: DocumentId,
    },
    /// A device was there.
    Seen {
        /// The device.
        device: DeviceId,
        /// When.
        at: Millis,
    },
    /// A device gets another actor prefix.
    Prefix {
        /// The device.
        device: DeviceId,
        /// The new prefix.
        prefix: DeviceId,
    },
    /// A person under a number that they had before; one who is there stays as they are.
    Person(Person),
    /// A device is shut out.
    RevokeDevice {
        /// The device.
        device: DeviceId,
        /// When.
        at: Millis,
    },
    /// A one-time code.
    Enrolment(EnrolmentRow),
    /// A refused change of a document that is not stored.
    Quarantine(QuarantineRow),
    /// An announcement about a document that is not stored is answered.
    Answered {
        /// The device.
        device: DeviceId,
        /// The document.
        document: DocumentId,
        /// The change.
        hash: Hash,
    },
    /// The answer to a command on a document that is not stored or not seen.
    Command(CommandRow),
    /// A setting.
    Setting {
        /// Its name.
        key: String,
        /// Its value.
        value: String,
    },
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRow {
    /// Made on the device.
    pub id: [u8; 16],
    /// Who gave it.
    pub worker: WorkerId,
    /// On what.
    pub document: DocumentId,
    /// Its name.
    pub name: String,
    /// Digest of its arguments; of what was given before that was kept, or given back by a device, nothing is known.
    pub said: Option<[u8; 32]>,
    /// The number of the decision, or the refusal's rule and message.
    pub answer: Result<u32, (String, String)>,
}
