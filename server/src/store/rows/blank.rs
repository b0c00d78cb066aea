//! The row of a document of which nothing is known yet but who made it.

use std::collections::BTreeSet;

use doorstep_policy::Life;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::{CaseRow, Person};

impl CaseRow {
    /// A document that its author has just made.
    pub fn new(document: DocumentId, kind: Kind, author: &Person, now: Millis) -> Self {
        CaseRow {
            district: author.district.clone(),
            document,
            kind,
            version: 0,
            seq: 0,
            title: None,
            category: None,
            place: None,
            household: None,
            urgency: None,
            channel: None,
            author: author.worker,
            author_unit: author.unit.clone(),
            registered: now,
            updated: now,
            concerned: BTreeSet::new(),
            recused: BTreeSet::new(),
            conflicts: BTreeSet::new(),
            conflict_since: None,
            urgent: false,
            quiet_from: now,
            unsettled_since: None,
            settled_digest: None,
            review: None,
            decided: 0,
            directive: None,
            unit: None,
            step: None,
            due: None,
            turned: None,
            audience: None,
            life: Life::default(),
            signers: BTreeSet::new(),
            wake: None,
            round: None,
            erased: None,
        }
    }
}
