//! Why an operation of a replica was not done. One enum per operation.

use doorstep_protocol::documents::{Crowded, EditError, Media};
use doorstep_protocol::{DeviceId, DocumentId};

use super::hydrate::Unreadable;
use crate::explain::{AS_IT_WAS, Explain, NOTHING_LOST};
use crate::store::StoreError;

/// Why an edit, act or checkout was not made. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum EditFailure {
    /// The store has no device.
    #[error("this store is not enrolled with a centre")]
    NotEnrolled,
    /// The device does not hold the document.
    #[error("this device holds no document {0}")]
    Absent(DocumentId),
    /// The centre has taken the document away; unsent edits are being drained.
    #[error("document {0} is no longer with this device: it is frozen until its unsent edits are delivered")]
    Revoked(DocumentId),
    /// The edit does not fit the document.
    #[error("{0}")]
    Edit(#[from] EditError),
    /// A form so old, or saved so often, that the centre would not take one more version from it.
    #[error("{0}")]
    Crowded(#[from] Crowded),
    /// A plain write that would make a severest field milder.
    #[error("{field} stands at {from}; a plain edit cannot lower it to {to}")]
    Lowering {
        /// The field.
        field: String,
        /// What stands.
        from: String,
        /// What was asked for.
        to: String,
    },
    /// A lowering to what stands or above.
    #[error("{field} stands at {from}; {to} is not lower")]
    NotLower {
        /// The field.
        field: String,
        /// What stands.
        from: String,
        /// What was asked for.
        to: String,
    },
    /// A resolution where nothing is in conflict.
    #[error("{0} has no open conflict")]
    NothingOpen(String),
    /// A command without one of its arguments.
    #[error("{command} needs --set {argument}=...")]
    Missing {
        /// The command.
        command: &'static str,
        /// The argument.
        argument: &'static str,
    },
    /// More or longer arguments than a command may have.
    #[error("a command takes at most 16 arguments of at most 500 characters, and names of at most 64")]
    CommandTooLarge,
    /// A checkout into the past, or for longer than allowed.
    #[error("a checkout ends between now and three days from now")]
    CheckoutUntil,
    /// Too many documents or checkouts.
    #[error("at most 64 checkouts of at most 512 cases each can be live")]
    CheckoutTooLarge,
    /// A file of a kind that is not kept.
    #[error("the file is no picture (JPEG, PNG, WebP, HEIC), voice (M4A, Ogg, AMR, WAV) or PDF")]
    Media,
    /// A file above the limit of its kind.
    #[error("the file has {size} bytes; {media} takes at most {}", .media.most())]
    FileTooLarge {
        /// What it is.
        media: Media,
        /// Its bytes.
        size: u64,
    },
    /// A purpose that is no code.
    #[error("a purpose is a code of 1 to 32 lower-case letters, digits, '_' and '-'")]
    Purpose,
    /// As many files as a document can have.
    #[error("the document has as many files as one can have")]
    TooManyFiles,
    /// The document cannot be opened.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for EditFailure {
    fn code(&self) -> &str {
        match self {
            EditFailure::NotEnrolled => "device.not_enrolled",
            EditFailure::Absent(_) => "document.absent",
            EditFailure::Revoked(_) => "document.revoked",
            EditFailure::Edit(error) => edit_code(error),
            EditFailure::Crowded(crowded) => crowded.code(),
            EditFailure::Lowering { .. } => "edit.lowering",
            EditFailure::NotLower { .. } => "act.not_lower",
            EditFailure::NothingOpen(_) => "act.nothing_open",
            EditFailure::Missing { .. } => "act.argument",
            EditFailure::CommandTooLarge => "act.too_large",
            EditFailure::CheckoutUntil => "checkout.until",
            EditFailure::CheckoutTooLarge => "checkout.too_large",
            EditFailure::Media => "attach.type",
            EditFailure::FileTooLarge { .. } => "attach.too_large",
            EditFailure::Purpose => "attach.purpose",
            EditFailure::TooManyFiles => "attach.too_many",
            EditFailure::Unreadable(_) => "document.unreadable",
            EditFailure::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        match self {
            EditFailure::Revoked(_) => "Its unsent edits are kept until the centre has answered them.",
            _ => AS_IT_WAS,
        }
    }

    fn next(&self) -> &str {
        match self {
            EditFailure::NotEnrolled => "Ask the office for a code and run: doorstep-device enrol URL CODE",
            EditFailure::Absent(_) => "Check the id with list; sync if the case was given to you just now.",
            EditFailure::Revoked(_) => {
                "Sync, so that the unsent edits arrive; ask the office who has the case now."
            }
            EditFailure::Edit(EditError::TooLarge { .. } | EditError::TooLong { .. }) => {
                "Make the edit in parts."
            }
            EditFailure::Crowded(_) => {
                "Open the document again and save there, where all versions are shown."
            }
            EditFailure::Edit(_) => "Correct the edit; schema lists the fields and what they take.",
            EditFailure::Lowering { .. } => {
                "A lowering needs a reason: act ID lower --set field=F --set to=VALUE --set reason=WHY"
            }
            EditFailure::NotLower { .. } => "Raise it with a plain edit: edit ID --set FIELD=VALUE",
            EditFailure::NothingOpen(_) => {
                "See show ID for open conflicts; write the field with a plain edit."
            }
            EditFailure::Missing { .. } | EditFailure::CommandTooLarge => {
                "Give the command again with its arguments."
            }
            EditFailure::CheckoutUntil => "Choose a time within three days.",
            EditFailure::CheckoutTooLarge => "Check in first, or check out fewer cases.",
            EditFailure::Media => "Keep the file, and attach it as one of these kinds.",
            EditFailure::FileTooLarge { .. } => "Keep the file, and attach a smaller version of it.",
            EditFailure::Purpose => "Give a code such as photo, voice, signature, before or after.",
            EditFailure::TooManyFiles => "Open a linked case for more of them.",
            EditFailure::Unreadable(error) => error.next(),
            EditFailure::Store(error) => error.next(),
        }
    }
}

fn edit_code(error: &EditError) -> &'static str {
    match error {
        EditError::UnknownField { .. } => "edit.unknown_field",
        EditError::Type { .. } => "edit.type",
        EditError::Unfit { .. } => "edit.unfit",
        EditError::Position { .. } => "edit.position",
        EditError::TooLarge { .. } | EditError::TooLong { .. } => "edit.too_large",
        EditError::UnknownHeads => "edit.unknown_heads",
        EditError::Automerge(_) => "edit.failed",
    }
}

/// Why something cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadFailure {
    /// The device does not hold the document.
    #[error("this device holds no document {0}")]
    Absent(DocumentId),
    /// The centre has taken it away.
    #[error("document {document} is no longer with this device; {pending} of its edits are still unsent")]
    Revoked {
        /// The document.
        document: DocumentId,
        /// Unsent edits.
        pending: usize,
    },
    /// The document cannot be opened.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for ReadFailure {
    fn code(&self) -> &str {
        match self {
            ReadFailure::Absent(_) => "document.absent",
            ReadFailure::Revoked { .. } => "document.revoked",
            ReadFailure::Unreadable(_) => "document.unreadable",
            ReadFailure::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        match self {
            ReadFailure::Revoked { .. } => "Its unsent edits are kept until the centre has answered them.",
            _ => AS_IT_WAS,
        }
    }

    fn next(&self) -> &str {
        match self {
            ReadFailure::Absent(_) => "Check the id with list; sync if the case was given to you just now.",
            ReadFailure::Revoked { .. } => "Sync, so that the unsent edits arrive.",
            ReadFailure::Unreadable(error) => error.next(),
            ReadFailure::Store(error) => error.next(),
        }
    }
}

/// Why a durable step of a session was not taken. The session must end; the next one repeats it.
#[derive(Debug, thiserror::Error)]
pub enum SessionFailure {
    /// The store has no device.
    #[error("this store is not enrolled with a centre")]
    NotEnrolled,
    /// The centre sent something that is no change or no known kind of document.
    #[error("the centre sent something about {document} that cannot be read: {what}")]
    Entry {
        /// The document.
        document: DocumentId,
        /// What.
        what: String,
    },
    /// A held document cannot be opened.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for SessionFailure {
    fn code(&self) -> &str {
        match self {
            SessionFailure::NotEnrolled => "device.not_enrolled",
            SessionFailure::Entry { .. } => "sync.entry",
            SessionFailure::Unreadable(_) => "document.unreadable",
            SessionFailure::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        NOTHING_LOST
    }

    fn next(&self) -> &str {
        match self {
            SessionFailure::NotEnrolled => {
                "Ask the office for a code and run: doorstep-device enrol URL CODE"
            }
            SessionFailure::Entry { .. } => "Update this program, then sync again.",
            SessionFailure::Unreadable(error) => error.next(),
            SessionFailure::Store(error) => error.next(),
        }
    }
}

/// Why a store was not given to an enrolled device.
#[derive(Debug, thiserror::Error)]
pub enum EnrolledAlready {
    /// It belongs to this one.
    #[error("this store already belongs to device {0}")]
    Already(DeviceId),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Explain for EnrolledAlready {
    fn code(&self) -> &str {
        match self {
            EnrolledAlready::Already(_) => "device.enrolled",
            EnrolledAlready::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        AS_IT_WAS
    }

    fn next(&self) -> &str {
        match self {
            EnrolledAlready::Already(_) => "Use it as it is, or enrol another store file with --store.",
            EnrolledAlready::Store(error) => error.next(),
        }
    }
}
