//! The command line, as the contract fixes it.
//!
//! Never opens anything. Malformed values are usage errors (exit code 2).

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};

use crate::edits::EditArgs;

/// Offline-first casework on this device.
#[derive(Debug, Parser)]
#[command(name = "doorstep-device", version)]
pub(crate) struct Cli {
    /// The device's store file.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) store: Option<PathBuf>,
    /// The district that is meant, where the device is enrolled in several.
    #[arg(long, global = true, value_name = "CODE")]
    pub(crate) district: Option<String>,
    /// The centre's address, instead of the one of enrolment.
    #[arg(long, global = true)]
    pub(crate) url: Option<String>,
    /// The device's clock, RFC 3339.
    #[arg(long, global = true, value_name = "T", value_parser = time)]
    pub(crate) now: Option<Millis>,
    /// Allows plain HTTP to another machine: only where something else seals the line, such as a VPN.
    #[arg(long, global = true)]
    pub(crate) plain: bool,
    /// One JSON object on the last line of stdout.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands: of the device as a whole, or of one of its districts.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Enrol with a one-time code.
    Enrol {
        /// The centre's address.
        centre: String,
        /// The code.
        code: String,
    },
    /// Give up a district (`--district CODE`): what the device holds of it is deleted.
    Leave,
    /// The fields, their types, classes and roles.
    Schema,
    /// List documents.
    List {
        /// Of one kind only.
        #[arg(long, value_parser = kind)]
        kind: Option<Kind>,
    },
    /// How the device stands.
    Status,
    /// Refused edits, until they are dismissed.
    Rejected {
        /// Stop showing this one.
        #[arg(long, value_name = "HASH")]
        dismiss: Option<String>,
    },
    /// Send and receive.
    Sync {
        /// Stay connected until interrupted.
        #[arg(long)]
        watch: bool,
    },
    /// End all checkouts.
    Checkin,
    /// Of one district.
    #[command(flatten)]
    In(OfDistrict),
}

/// What bears on one district alone.
#[derive(Debug, Subcommand)]
pub(crate) enum OfDistrict {
    /// Make a document.
    New {
        /// case or visit.
        #[arg(value_parser = kind)]
        kind: Kind,
        /// Edits in the order given.
        #[command(flatten)]
        edits: EditArgs,
    },
    /// Edit a document.
    Edit {
        /// The document.
        id: DocumentId,
        /// The heads that were on the screen; what the device shows now, if absent.
        #[arg(long, value_delimiter = ',', value_name = "HASH,...")]
        at: Vec<Hash>,
        /// Edits in the order given.
        #[command(flatten)]
        edits: EditArgs,
    },
    /// Keep the centre from deciding on cases that are about to be visited.
    Checkout {
        /// The cases.
        #[arg(required = true)]
        ids: Vec<DocumentId>,
        /// Until when, RFC 3339; at most three days ahead.
        #[arg(long, value_name = "T", value_parser = time)]
        until: Millis,
    },
    /// Act on a case: lower, resolve, or a command of the policy.
    Act {
        /// The case.
        id: DocumentId,
        /// The command's name.
        name: String,
        /// An argument.
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair, allow_hyphen_values = true)]
        args: Vec<(String, String)>,
    },
    /// Sign what a document says.
    Sign {
        /// The document.
        id: DocumentId,
        /// In which role, such as person, handler, leader, principal_leader.
        role: String,
        /// Hash of the attached photo of a signature on paper.
        #[arg(long, value_name = "HASH")]
        paper: Option<doorstep_protocol::Hash>,
        /// Who else saw it.
        #[arg(long, value_name = "NAME")]
        witness: Option<String>,
    },
    /// Write down what the person said when they were called back (satisfied, not_satisfied or unreachable).
    Answer {
        /// The case.
        id: DocumentId,
        /// What they said.
        answer: String,
        /// More about it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Attach a file.
    Attach {
        /// The document.
        id: DocumentId,
        /// The file.
        file: PathBuf,
        /// What it is for, a code: photo, voice, signature, before, after.
        #[arg(long, default_value = "photo", value_name = "CODE")]
        purpose: String,
    },
    /// The files of a document, and where each is.
    Files {
        /// The document.
        id: DocumentId,
    },
    /// Write an attached file out: from this device, or from the centre if it is not here.
    Fetch {
        /// The document.
        id: DocumentId,
        /// The file's SHA-256.
        hash: Hash,
        /// Where to write it; must not exist.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// A small picture of it instead.
        #[arg(long)]
        thumbnail: bool,
    },
    /// Show a document.
    Show {
        /// The document.
        id: DocumentId,
    },
    /// Address and headers for a client of one's own.
    Auth,
}

impl OfDistrict {
    /// The document that it is about; `None`: a new one, or none.
    pub(crate) fn document(&self) -> Option<DocumentId> {
        match self {
            OfDistrict::Edit { id, .. }
            | OfDistrict::Act { id, .. }
            | OfDistrict::Sign { id, .. }
            | OfDistrict::Answer { id, .. }
            | OfDistrict::Attach { id, .. }
            | OfDistrict::Files { id }
            | OfDistrict::Fetch { id, .. }
            | OfDistrict::Show { id } => Some(*id),
            OfDistrict::Checkout { ids, .. } => ids.first().copied(),
            OfDistrict::New { .. } | OfDistrict::Auth => None,
        }
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::named(text).ok_or_else(|| format!("{text:?} is no kind of document; case and visit are"))
}

fn time(text: &str) -> Result<Millis, String> {
    let time = text.parse::<jiff::Timestamp>();
    time.map(jiff::Timestamp::as_millisecond).map_err(|error| format!("not an RFC 3339 time: {error}"))
}

/// `NAME=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
    if name.is_empty() { Err(format!("{text:?} has no name")) } else { Ok((name.into(), value.into())) }
}
