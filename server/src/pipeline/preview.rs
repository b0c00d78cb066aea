//! What would follow if a conflict were resolved so: the steps of ingesting and settling on a copy, of which nothing
//! is kept.

use doorstep_policy::Decision;
use doorstep_protocol::documents::{Facts, derive, edit_at};
use doorstep_protocol::{DocumentId, Receipt};
use sha2::{Digest, Sha256};

use super::desk::DeskError;
use super::review::Resolution;
use super::settle::{self, Wait, WaitKind};
use super::{Centre, tick};
use crate::store::{Person, Store};

/// What would follow.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Stands for what is shown here: another mark later means that something else would follow.
    pub mark: String,
    /// What would still hold the decision up, the quiet time apart.
    pub waits: Vec<Wait>,
    /// What would be decided then; `None`: what was decided stands.
    pub decision: Option<Decision>,
    /// Units that see the case now and would not any more, sorted.
    pub leaves: Vec<String>,
    /// Units that would see it and do not now, sorted.
    pub joins: Vec<String>,
}

impl<S: Store> Centre<S> {
    /// What would follow from a resolution at the heads that the form showed.
    pub async fn preview(
        &self,
        person: &Person,
        (document, field): (DocumentId, &str),
        resolution: &Resolution,
    ) -> Result<Preview, DeskError> {
        let (at, of) = self.named(person, (document, field), resolution).await?;
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Err(DeskError::NotFound) };
        let mut copy = case.clone();
        self.put_back(case);
        let (pack, now) = (&*self.pack_of(&copy)?, self.now());
        let (actor, edits) = (self.desk_actor(), resolution.edits(field, of));
        let change =
            edit_at(&mut copy.doc, copy.row.kind, &at, (&actor, now), &edits)?.ok_or(DeskError::NotOpen)?;
        let facts = Facts {
            worker: person.worker,
            device: self.desk,
            made: now,
            received: now,
            receipt: Receipt::default(),
        };
        let refused = |error: &dyn std::fmt::Display, code: &str| DeskError::Refused {
            code: code.to_owned(),
            message: error.to_string(),
        };
        let accepted =
            derive(copy.row.kind, &change, facts).map_err(|error| refused(&error, error.code()))?;
        let before = copy.row.audience.clone().map(|audience| audience.units).unwrap_or_default();
        copy.enter(accepted);
        copy.refresh(pack, now);
        let mut waits = settle::waits(&copy, pack, &self.settings, now, |device| self.progress(device));
        let settles = waits.iter().filter_map(|wait| wait.until_ms).max().unwrap_or(now);
        waits.retain(|wait| wait.kind != WaitKind::Quiet);
        let projection = copy.projection();
        // Another field of it is in conflict still: nothing follows before that is decided, too.
        let disputed = waits.iter().any(|wait| wait.kind == WaitKind::Conflict);
        let decision = match disputed {
            true => None,
            false => {
                let cause = tick::settled_cause(&copy, projection.digest(pack.reads()));
                copy.decide(pack, &projection, cause, settles)
                    .map_err(|error| refused(&error, &error.rule))?
            }
        };
        let after =
            decision.as_ref().map_or_else(|| before.clone(), |decision| decision.audience.units.clone());
        Ok(Preview {
            mark: mark(pack.id(), &waits, decision.as_ref()),
            leaves: before.difference(&after).cloned().collect(),
            joins: after.difference(&before).cloned().collect(),
            waits,
            decision,
        })
    }
}

/// The moment at which it is decided is not in it: it moves while the person reads.
fn mark(pack: &str, waits: &[Wait], decision: Option<&Decision>) -> String {
    let waits: Vec<_> = waits.iter().map(|wait| (wait.kind, &wait.who, wait.worker)).collect();
    let decision = decision.map(|d| {
        (d.n, d.directive, &d.unit, &d.co_units, &d.step, &d.routed.rule, &d.routed.class, &d.audience.units)
    });
    let said = format!("{pack}\n{waits:?}\n{decision:?}");
    data_encoding::HEXLOWER.encode(&Sha256::digest(said.as_bytes())[..8])
}
