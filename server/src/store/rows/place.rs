//! The order of a first sync.

use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;

use super::CaseRow;

/// Where a document stands in the order of a first sync: urgent first, then what is due first, then what
/// is not due at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// False for what is urgent.
    pub later: bool,
    /// When it is due; [`Millis::MAX`]: never.
    pub due: Millis,
    /// The document.
    pub document: DocumentId,
}

impl CaseRow {
    /// Where it stands in the order of a first sync.
    pub fn place(&self) -> Place {
        Place { later: !self.urgent, due: self.due.unwrap_or(Millis::MAX), document: self.document }
    }
}
