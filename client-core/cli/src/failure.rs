//! A failed command: code, message, what was kept, what to do next, and the exit code.
//!
//! Exit codes are decided here and nowhere else.

use doorstep_client::Explain;
use doorstep_client::districts::WhichDistrict;
use doorstep_client::driver::{Report, SyncFailure};
use doorstep_client::enrol::HttpFailure;
use doorstep_client::fetch::FetchFailure;
use doorstep_client::replica::{EditFailure, EnrolledAlready, ReadFailure};
use doorstep_client::store::StoreError;
use doorstep_protocol::documents::EditError;

pub(crate) const FAILED: u8 = 1;
pub(crate) const USAGE: u8 = 2;
pub(crate) const REJECTED: u8 = 3;
pub(crate) const UNREACHABLE: u8 = 4;
pub(crate) const UNAUTHORISED: u8 = 5;

/// A failed command.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) kept: String,
    pub(crate) next: String,
    pub(crate) exit: u8,
}

impl Failure {
    fn of(error: &impl Explain, exit: u8) -> Self {
        Failure {
            code: error.code().into(),
            message: error.to_string(),
            kept: error.kept().into(),
            next: error.next().into(),
            exit,
        }
    }

    /// A command line that does not parse.
    pub(crate) fn usage(message: String) -> Self {
        Failure {
            code: "usage".into(),
            message,
            kept: "Nothing was done.".into(),
            next: "See doorstep-device --help.".into(),
            exit: USAGE,
        }
    }

    /// What would be read by whoever is on the line.
    pub(crate) fn in_the_clear(url: &str) -> Self {
        Failure {
            code: "url.clear".into(),
            message: format!("{url} is plain HTTP to another machine: everybody on the way could read it"),
            kept: "Nothing was sent.".into(),
            next: "Use https://, or --plain where a VPN or the like seals the line.".into(),
            exit: USAGE,
        }
    }

    /// The machine itself does not give what is needed.
    pub(crate) fn local(error: &impl std::error::Error) -> Self {
        Failure {
            code: "device.local".into(),
            message: error.to_string(),
            kept: "Nothing was done.".into(),
            next: "Try again.".into(),
            exit: FAILED,
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Failure {
            code: "file.unusable".into(),
            message: format!("{}: {error}", path.display()),
            kept: "Everything is as it was before.".into(),
            next: "Check the path; a file that is there is never overwritten.".into(),
            exit: USAGE,
        }
    }

    /// The same, with the file that it is about.
    pub(crate) fn of_file(self, path: &std::path::Path) -> Self {
        Failure { message: format!("{}: {}", path.display(), self.message), ..self }
    }

    /// The same, of one district among several; and what the others did.
    pub(crate) fn in_district(self, district: &str, others: &Report) -> Self {
        let Report { sent, received, rejected, .. } = others;
        let others = format!("in the others: {sent} sent, {received} received, {rejected} refused");
        Failure { message: format!("{district}: {}; {others}", self.message), ..self }
    }

    /// Cases of several districts in one checkout, which one centre is told of.
    pub(crate) fn of_several_districts() -> Self {
        Failure {
            code: "checkout.districts".into(),
            message: "these cases are of several districts".into(),
            kept: "Nothing was checked out.".into(),
            next: "Check out those of each district by themselves.".into(),
            exit: USAGE,
        }
    }

    /// A district is not given up with edits in it that nobody else has.
    pub(crate) fn unsent(district: &str, count: usize) -> Self {
        Failure {
            code: "leave.unsent".into(),
            message: format!("{count} edits, commands or files of district {district} have not reached the centre"),
            kept: "Nothing was deleted.".into(),
            next: "Sync first; where the centre lets this device in no more, ask your office for a code and enrol it again."
                .into(),
            exit: FAILED,
        }
    }

    /// Nor under the hands of another program.
    pub(crate) fn in_use(district: &str) -> Self {
        Failure {
            code: "leave.busy".into(),
            message: format!(
                "another program has the store of district {district} open, or has just written to it"
            ),
            kept: "Nothing was deleted.".into(),
            next: "End what else uses this store, such as sync --watch, and try again.".into(),
            exit: FAILED,
        }
    }

    /// Nor with refused ones that nobody has looked at.
    pub(crate) fn unread(district: &str, count: usize) -> Self {
        Failure {
            code: "leave.rejected".into(),
            message: format!("{count} refused edits of district {district} are still shown"),
            kept: "Nothing was deleted.".into(),
            next: "See rejected; dismiss each that is not needed any more.".into(),
            exit: FAILED,
        }
    }

    /// There is no such refused edit.
    pub(crate) fn nothing_to_dismiss(hash: &str) -> Self {
        Failure {
            code: "rejected.absent".into(),
            message: format!("no refused edit {hash} is shown"),
            kept: "Everything is as it was before.".into(),
            next: "See rejected for the hashes.".into(),
            exit: FAILED,
        }
    }
}

impl From<EditFailure> for Failure {
    fn from(error: EditFailure) -> Self {
        let exit = match &error {
            EditFailure::Revoked(_) => UNAUTHORISED,
            // What was asked for does not fit the schema: nothing but another command helps.
            EditFailure::Edit(
                EditError::UnknownField { .. }
                | EditError::Type { .. }
                | EditError::Unfit { .. }
                | EditError::Position { .. },
            )
            | EditFailure::Missing { .. }
            | EditFailure::Media
            | EditFailure::FileTooLarge { .. }
            | EditFailure::Purpose
            | EditFailure::CommandTooLarge
            | EditFailure::CheckoutUntil
            | EditFailure::CheckoutTooLarge => USAGE,
            _ => FAILED,
        };
        Failure::of(&error, exit)
    }
}

impl From<WhichDistrict> for Failure {
    fn from(error: WhichDistrict) -> Self {
        match error {
            WhichDistrict::Store(error) => error.into(),
            error => Failure::of(&error, USAGE),
        }
    }
}

impl From<ReadFailure> for Failure {
    fn from(error: ReadFailure) -> Self {
        let exit = if matches!(error, ReadFailure::Revoked { .. }) { UNAUTHORISED } else { FAILED };
        Failure::of(&error, exit)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Failure::of(&error, FAILED)
    }
}

impl From<EnrolledAlready> for Failure {
    fn from(error: EnrolledAlready) -> Self {
        Failure::of(&error, FAILED)
    }
}

impl From<HttpFailure> for Failure {
    fn from(error: HttpFailure) -> Self {
        SyncFailure::from(error).into()
    }
}

impl From<FetchFailure> for Failure {
    fn from(error: FetchFailure) -> Self {
        match error {
            FetchFailure::Http(error) => error.into(),
            FetchFailure::Read(error) => error.into(),
            FetchFailure::Keep(error) => error.into(),
            error => Failure::of(&error, FAILED),
        }
    }
}

impl From<SyncFailure> for Failure {
    fn from(error: SyncFailure) -> Self {
        let exit = match &error {
            error if error.is_unauthorised() => UNAUTHORISED,
            error if error.is_unreachable() => UNREACHABLE,
            _ => FAILED,
        };
        Failure::of(&error, exit)
    }
}
