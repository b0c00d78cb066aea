//! What a list of rows asks for.

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

/// Which rows a list wants.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Division code.
    pub district: String,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// Only with open conflicts, urgent first, then by age.
    pub in_conflict: bool,
    /// Only those due before this.
    pub due_before: Option<Millis>,
    /// Only of this unit.
    pub unit: Option<String>,
    /// Rows after this document, in the list's order.
    pub after: Option<DocumentId>,
    /// At most so many.
    pub limit: usize,
}
