//! Moving standing decisions to the version in force, case by case, because somebody asked for it.
//!
//! Owns the one case; whoever asks walks over all. A preview decides and keeps nothing. Resumable: a case that is there
//! already is passed over, and each move is one commit.

use doorstep_policy::{Cause, Decision, Refused};
use doorstep_protocol::DocumentId;
use serde::Serialize;

use super::{Centre, settle};
use crate::limits;
use crate::store::{Kept, Row, Store, StoreError};

/// Where a case stands under one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stand {
    /// `name@version`.
    pub policy: String,
    /// The owner.
    pub unit: Option<String>,
    /// The next step.
    pub step: String,
    /// When it is due.
    pub due: jiff::Timestamp,
}

impl Stand {
    fn of(decision: &Decision) -> Self {
        let Decision { policy, unit, step, due, .. } = decision.clone();
        Stand { policy, unit, step, due }
    }
}

/// One case that moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The case.
    pub document: DocumentId,
    /// As it stands.
    pub from: Stand,
    /// As the version in force has it.
    pub to: Stand,
    /// When it would be due by that version, where what was promised stands.
    pub counted_due: Option<jiff::Timestamp>,
    /// Why it does not move: the rule and a sentence. It goes on under the version that it has.
    pub refused: Option<Refused>,
}

/// Whether moves are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// Say what would move; keep nothing.
    Preview,
    /// Move.
    Apply,
}

impl<S: Store> Centre<S> {
    /// Moves one case to the version in force, or says why it may not move; `None` where it stands there already or was never
    /// decided.
    pub async fn migrate(&self, document: DocumentId, how: Migration) -> Kept<Option<Move>> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take(document).await?;
            let Some(mut case) = case else { return Ok(None) };
            let pack = &self.pack(&case.row.district)?;
            let Some(last) = case.decisions.last().cloned().filter(|last| last.policy != pack.id()) else {
                self.put_back(case);
                return Ok(None);
            };
            let cause = Cause::PolicyMigration { version: pack.id().to_owned() };
            let decided = case.decide(pack, &last.projection, cause, self.now());
            let decision = match decided {
                Ok(Some(decision)) => decision,
                Ok(None) => {
                    self.put_back(case);
                    return Ok(None);
                }
                Err(no) => {
                    self.put_back(case);
                    let stand = Stand::of(&last);
                    let (from, to, refused) = (stand.clone(), stand, Some(no));
                    return Ok(Some(Move { document, from, to, counted_due: None, refused }));
                }
            };
            let counted_due = doorstep_policy::counted_due(&decision);
            let (from, to) = (Stand::of(&last), Stand::of(&decision));
            let moved = Move { document, from, to, counted_due, refused: None };
            if how == Migration::Preview {
                // The copy in memory has decided; it is forgotten, and the store has not.
                return Ok(Some(moved));
            }
            let now = self.now();
            settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
            let staged = case.stage(vec![Row::Decision(Box::new(decision))]);
            if self.commit(case, staged).await?.is_some() {
                return Ok(Some(moved));
            }
        }
        Err(StoreError::Failed("another writer was always first; try again".into()))
    }
}
