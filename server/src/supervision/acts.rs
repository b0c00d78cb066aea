//! What stands in the journal: one act each, in JSON, as it was when it was done.
//!
//! Owns the shapes and how an act gets its number. What an act says is never changed; a later act answers it.

use std::collections::BTreeMap;

use doorstep_policy::supervision::{List, Tally, Trigger};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};
use serde::{Deserialize, Serialize};

use super::SupervisionError;
use crate::limits;
use crate::pipeline::{Centre, STILL_RECOVERING};
use crate::store::acts::{ActQuery, ActRow};
use crate::store::{Kept, Person, Store, StoreError};

/// One act.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// A draw is fixed before its population is known. The seed is shown once it is drawn.
    DrawCommitted {
        /// The rule of the pack.
        rule: String,
        /// The pack.
        policy: String,
        /// Among the cases of this compartment alone.
        compartment: Option<String>,
        /// Closed from here on.
        from: Millis,
        /// And before this: the cut-off.
        to: Millis,
        /// At most so many.
        size: u32,
        /// Published at once.
        commitment: String,
        /// 32 bytes in hexadecimal.
        seed: String,
    },
    /// It is drawn.
    DrawDone {
        /// Words that somebody said at the draw.
        words: String,
        /// Every case of the population, sorted.
        population: Vec<DocumentId>,
        /// Digest of these.
        digest: String,
        /// Those drawn, in the order of the draw.
        drawn: Vec<DocumentId>,
        /// The feed's sequence up to which cases were looked at.
        seq: u64,
        /// As they stood at the cut-off; acts of before say nothing, and took them as they stood at the draw.
        #[serde(default)]
        at_cutoff: bool,
    },
    /// A drawn case was inspected; the finding is a decision of the case.
    Inspected {
        /// The case.
        document: DocumentId,
        /// Whether its resolution holds.
        holds: bool,
        /// The decision's number.
        decision: u32,
    },
    /// A unit gave its account of a week.
    AccountSubmitted {
        /// Files of cases that were claimed in the week.
        evidence: Vec<(DocumentId, Hash)>,
        /// Cases claimed in the week.
        claimed: u64,
        /// In the unit's own words.
        note: String,
    },
    /// It was sent back.
    AccountReturned {
        /// Whose account.
        unit: String,
        /// Why.
        reason: String,
    },
    /// It was accepted.
    AccountAccepted {
        /// Whose account.
        unit: String,
    },
    /// A red and black list was published.
    ListPublished {
        /// Registered from here on.
        from: Millis,
        /// And before this.
        to: Millis,
        /// As things stood then.
        cutoff: Millis,
        /// The feed's sequence up to which cases were looked at.
        seq: u64,
        /// The pack.
        policy: String,
        /// Every unit's tally.
        units: BTreeMap<String, Tally>,
        /// The list.
        list: List,
    },
    /// An interview was held.
    InterviewHeld {
        /// What called for it, and the figures at that time.
        trigger: Trigger,
        /// What came of it.
        note: String,
    },
}

/// Kinds of the journal.
pub(super) const DRAW: &str = "draw";
pub(super) const ACCOUNT: &str = "account";
pub(super) const LIST: &str = "list";
pub(super) const INTERVIEW: &str = "interview";

/// An act with who did it and when.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) row: ActRow,
    pub(crate) act: Act,
}

/// Reads a row of the journal.
pub(crate) fn read(row: ActRow) -> Kept<Entry> {
    let act = serde_json::from_str(&row.body)
        .map_err(|error| StoreError::Corrupt(format!("act {} of {}: {error}", row.n, row.district)))?;
    Ok(Entry { row, act })
}

impl<S: Store> Centre<S> {
    /// The acts of a kind, of one topic where one is named, the oldest first.
    pub(crate) async fn acts_of(&self, district: &str, kind: &str, topic: Option<&str>) -> Kept<Vec<Entry>> {
        let query = ActQuery {
            district: district.to_owned(),
            kind: kind.to_owned(),
            topic: topic.map(str::to_owned),
            before: None,
            limit: limits::ACTS_READ,
        };
        let mut rows = self.store().acts(query).await?;
        rows.reverse();
        rows.into_iter().map(read).collect()
    }

    /// Records an act if nothing was recorded since `last`. False: look again. Not while the centre is recovering: what is
    /// drawn, accounted for or ranked then would leave out what devices still give back.
    pub(super) async fn record(
        &self,
        person: &Person,
        (kind, topic): (&str, &str),
        act: &Act,
        last: u64,
    ) -> Result<bool, SupervisionError> {
        if self.recovering() {
            let (rule, message) = STILL_RECOVERING;
            return Err(SupervisionError::Refused { rule: rule.into(), message: message.into() });
        }
        let row = ActRow {
            district: person.district.clone(),
            n: last + 1,
            kind: kind.to_owned(),
            topic: topic.to_owned(),
            worker: person.worker,
            unit: person.unit.clone(),
            at: self.now(),
            body: serde_json::to_string(act).map_err(StoreError::from)?,
        };
        Ok(self.store().record(row).await?)
    }
}

/// Somebody else always recorded first.
pub(super) fn busy() -> StoreError {
    StoreError::Failed("another act was always first; try again".into())
}
