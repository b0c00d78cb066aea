//! Signing at the desk: which signatures somebody may give a case now, and giving one over what their form showed.
//!
//! Refuses, by the rule, what would not count; what a device brings is kept either way, and the decision says so. A
//! signature is an edit like any other, through the same gate.

use doorstep_policy::{Actor, Projection, Signable, Signature, signable, would_count};
use doorstep_protocol::documents::{Edit, Kind, signing};
use doorstep_protocol::{DocumentId, Hash};

use super::case::{Case, timestamp};
use super::desk::heads;
use super::proofs::{papers, proofs, signature};
use super::{Centre, DeskError};
use crate::authorize::{Wish, authorize};
use crate::store::{Person, Store};

/// What may be signed at a case, and by whom it has been.
pub struct SignOff {
    /// What a signature given now would cover.
    pub digest: Hash,
    /// Every signature that closing wants, for this person.
    pub offers: Vec<Signable>,
    /// Every signature in the case, the earliest first.
    pub given: Vec<Signature>,
    /// Attached photos of signed paper: hash and name.
    pub papers: Vec<(Hash, String)>,
}

/// A signature to be given.
pub struct Sign {
    /// As what.
    pub role: String,
    /// The digest that the form showed.
    pub digest: Hash,
    /// An attached photo of the paper that was signed.
    pub paper: Option<Hash>,
    /// Who else saw it.
    pub witness: Option<String>,
}

impl<S: Store> Centre<S> {
    /// What this person may sign at a case. Of one that is not theirs to write, nothing.
    pub async fn sign_off(&self, person: &Person, document: DocumentId) -> Result<SignOff, DeskError> {
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Err(DeskError::NotFound) };
        let pack = &self.pack_of(&case)?;
        let about = Some((&case.row, &**pack));
        let shown = authorize(person, Wish::Look, about).then(|| {
            let proofs = proofs(&case);
            let may = !self.recovering() && authorize(person, Wish::Write, about);
            let worker = person.worker.to_string();
            let unit = &person.unit;
            let role = person.role.name();
            let actor = Actor { worker: &worker, unit, own_unit: unit, role, standing_in: None };
            let offers = case.decisions.last().filter(|_| may).map(|last| {
                let projection = Projection { proofs: proofs.clone(), ..last.projection.clone() };
                signable(pack, &projection, &case.decisions, (actor, timestamp(self.now())))
            });
            SignOff {
                digest: signing::current(&case.fields()),
                offers: offers.unwrap_or_default(),
                given: proofs.signatures,
                papers: papers(&case),
            }
        });
        self.put_back(case);
        shown.ok_or(DeskError::NotFound)
    }

    /// Signs what a form showed. Where the case says something else by now, or the signature would not count, nothing is
    /// written.
    pub async fn sign(&self, person: &Person, document: DocumentId, sign: Sign) -> Result<Hash, DeskError> {
        let Sign { role, digest, paper, witness } = sign;
        let mut item = signing::Item {
            role,
            worker: person.worker.to_string(),
            unit: person.unit.clone(),
            by_role: person.role.name().to_owned(),
            projection: signing::PROJECTION,
            digest,
            paper,
            witness,
            seen: None,
        };
        let heads = {
            let (_guard, case) = self.take_stored(document).await?;
            let Some(case) = case else { return Err(DeskError::NotFound) };
            item.seen = Some(case.decisions.last().map_or(0, |last| last.n));
            let counts = self.counts(person, &case, &item);
            let heads = heads(&case);
            self.put_back(case);
            counts?;
            heads
        };
        let text = item.written(&person.name, Some(&timestamp(self.now()).to_string()));
        let edit = Edit::Append { field: signing::FIELD.into(), item: text };
        self.desk_edit(person, document, &heads, &[edit]).await
    }

    /// Whether policy would count it.
    fn counts(&self, person: &Person, case: &Case, item: &signing::Item) -> Result<(), DeskError> {
        let refused = |code: &str, message: String| DeskError::Refused { code: code.into(), message };
        let pack = &self.pack_of(case)?;
        if case.row.kind != Kind::Case || !authorize(person, Wish::Write, Some((&case.row, pack))) {
            return Err(DeskError::NotFound);
        }
        if self.recovering() {
            let message = "the centre was restored and counts no signatures yet; sign again later";
            return Err(refused("centre.recovering", message.into()));
        }
        if signing::current(&case.fields()) != item.digest {
            return Err(DeskError::Stale);
        }
        if !item.paper.is_none_or(|paper| papers(case).iter().any(|(hash, _)| *hash == paper)) {
            let message = "no photo of signed paper with this hash is attached to the case: attach it with the purpose \
                           \"paper\" first";
            return Err(refused("signature.paper", message.into()));
        }
        let now = timestamp(self.now());
        let signature = signature(item, (item.worker.clone(), now), true);
        let last = case.decisions.last().map(|last| last.projection.clone()).unwrap_or_default();
        let projection = Projection { proofs: proofs(case), ..last };
        let counts = would_count(pack, &projection, &case.decisions, (&signature, now));
        counts.map_err(|no| refused(&no.rule, no.message))
    }
}
