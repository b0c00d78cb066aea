//! Why a sync did not go through. Nothing is ever lost by one.

use doorstep_protocol::wire::FrameError;

use crate::enrol::{HttpFailure, Problem};
use crate::explain::{Explain, NOTHING_LOST};
use crate::replica::SessionFailure;
use crate::store::StoreError;

/// Why a sync did not go through.
#[derive(Debug, thiserror::Error)]
pub enum SyncFailure {
    /// The store has no device.
    #[error("this store is not enrolled with a centre")]
    NotEnrolled,
    /// No connection.
    #[error("the centre at {url} cannot be reached: {why}")]
    Unreachable {
        /// The address.
        url: String,
        /// What failed.
        why: String,
    },
    /// The connection went away in the middle.
    #[error("the connection to the centre was cut")]
    Cut,
    /// The upgrade was refused.
    #[error("the centre refused: {}", .0.detail)]
    Refused(Box<Problem>),
    /// The centre ended the session.
    #[error("the centre ended the session: {message}")]
    Fault {
        /// Stable code.
        code: String,
        /// In words.
        message: String,
    },
    /// The nonce could not be had.
    #[error(transparent)]
    Http(#[from] HttpFailure),
    /// The centre sent bytes that are no frame.
    #[error("the centre sent what this program cannot read: {0}")]
    Frame(#[source] FrameError),
    /// A durable step failed.
    #[error(transparent)]
    Session(#[from] SessionFailure),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SyncFailure {
    /// The centre cannot be reached now; later it may.
    pub fn is_unreachable(&self) -> bool {
        let refused_for_now = |problem: &Problem| problem.status >= 500 || problem.status == 429;
        match self {
            SyncFailure::Unreachable { .. }
            | SyncFailure::Cut
            | SyncFailure::Http(HttpFailure::Unreachable { .. }) => true,
            SyncFailure::Refused(problem) | SyncFailure::Http(HttpFailure::Refused(problem)) => {
                refused_for_now(problem)
            }
            SyncFailure::Fault { code, .. } => matches!(code.as_str(), "server.stopping" | "store.failed"),
            _ => false,
        }
    }

    /// The centre does not know this device, or no longer.
    pub fn is_unauthorised(&self) -> bool {
        match self {
            SyncFailure::Refused(problem) | SyncFailure::Http(HttpFailure::Refused(problem)) => {
                matches!(problem.status, 401 | 403)
            }
            SyncFailure::Fault { code, .. } => {
                code.starts_with("auth.") || code.contains("revoked") || code.contains("unauthorised")
            }
            _ => false,
        }
    }
}

impl Explain for SyncFailure {
    fn code(&self) -> &str {
        match self {
            SyncFailure::NotEnrolled => "device.not_enrolled",
            SyncFailure::Unreachable { .. } => "centre.unreachable",
            SyncFailure::Cut => "centre.cut",
            SyncFailure::Refused(problem) => &problem.code,
            SyncFailure::Fault { code, .. } => code,
            SyncFailure::Http(error) => error.code(),
            SyncFailure::Frame(_) => "sync.frame",
            SyncFailure::Session(error) => error.code(),
            SyncFailure::Store(error) => error.code(),
        }
    }

    fn kept(&self) -> &str {
        match self {
            SyncFailure::Refused(problem) if !problem.kept.is_empty() => &problem.kept,
            SyncFailure::Http(error) => error.kept(),
            _ => NOTHING_LOST,
        }
    }

    fn next(&self) -> &str {
        match self {
            SyncFailure::NotEnrolled => "Ask the office for a code and run: doorstep-device enrol URL CODE",
            SyncFailure::Unreachable { .. } | SyncFailure::Cut => {
                "Go on working; sync again when there is a network."
            }
            SyncFailure::Refused(problem) if !problem.next.is_empty() => &problem.next,
            SyncFailure::Refused(_) => "Ask the office whether this device is still enrolled.",
            SyncFailure::Fault { .. } if self.is_unreachable() => "Go on working; sync again in a moment.",
            SyncFailure::Fault { .. } => "Sync again; if it says the same, report it.",
            SyncFailure::Http(error) => error.next(),
            SyncFailure::Frame(_) => "Update this program, then sync again.",
            SyncFailure::Session(error) => error.next(),
            SyncFailure::Store(error) => error.next(),
        }
    }
}
