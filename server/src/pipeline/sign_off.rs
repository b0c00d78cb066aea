//! Signing at the desk: which signatures somebody may give a case now, and giving one over what their form showed.
//!
//! Refuses, by the rule, what would not count; what a device brings is kept either way, and the decision says so. A
//! signature is an edit like any other, through the same gate.

use doorstep_policy::{Actor, Projection, Signable, Signature, signable, would_count};
use doorstep_protocol::documents::{Edit, Kind, signing};
use doorstep_protocol::{DocumentId, Hash};

use super::case::timestamp;
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
        let fields = self.view(person, document).await?.fields;
        let (_guard, case) = self.take(document).await?;
        let Some(case) = case else { return Err(DeskError::NotFound) };
        let pack = &self.pack_of(&case)?;
        let proofs = proofs(&case);
        let may = !self.recovering() && authorize(person, Wish::Write, Some((&case.row, pack)));
        let offers = match case.decisions.last().filter(|_| may) {
            None => Vec::new(),
            Some(last) => {
                let worker = person.worker.to_string();
                let actor = Actor { worker: &worker, unit: &person.unit, role: person.role.name() };
                let projection = Projection { proofs: proofs.clone(), ..last.projection.clone() };
                signable(pack, &projection, &case.decisions, (actor, timestamp(self.now())))
            }
        };
        let papers = papers(&case);
        self.put_back(case);
        Ok(SignOff { digest: signing::current(&fields), offers, given: proofs.signatures, papers })
    }

    /// Signs what a form showed. Where the case says something else by now, or the signature would not count, nothing is
    /// written.
    pub async fn sign(&self, person: &Person, document: DocumentId, sign: Sign) -> Result<Hash, DeskError> {
        let view = self.view(person, document).await?;
        if view.row.kind != Kind::Case {
            return Err(DeskError::NotFound);
        }
        if self.recovering() {
            let message = "the centre was restored and counts no signatures yet; sign again later";
            return Err(DeskError::Refused { code: "centre.recovering".into(), message: message.into() });
        }
        let Sign { role, digest, paper, witness } = sign;
        if signing::current(&view.fields) != digest {
            return Err(DeskError::Stale);
        }
        let item = signing::Item {
            role,
            worker: person.worker.to_string(),
            unit: person.unit.clone(),
            by_role: person.role.name().to_owned(),
            projection: signing::PROJECTION,
            digest,
            paper,
            witness,
        };
        self.counts(person, document, &item).await?;
        let text = item.written(&person.name, Some(&timestamp(self.now()).to_string()));
        let edit = Edit::Append { field: signing::FIELD.into(), item: text };
        self.desk_edit(person, document, &view.heads, &[edit]).await
    }

    /// Whether policy would count it.
    async fn counts(
        &self,
        person: &Person,
        document: DocumentId,
        item: &signing::Item,
    ) -> Result<(), DeskError> {
        let (_guard, case) = self.take(document).await?;
        let Some(case) = case else { return Err(DeskError::NotFound) };
        let pack = &self.pack_of(&case)?;
        let allowed = authorize(person, Wish::Write, Some((&case.row, pack)));
        let attached = item.paper.is_none_or(|paper| papers(&case).iter().any(|(hash, _)| *hash == paper));
        let now = timestamp(self.now());
        let signature = signature(item, (item.worker.clone(), now), true);
        let projection = case
            .decisions
            .last()
            .map(|last| Projection { proofs: proofs(&case), ..last.projection.clone() })
            .unwrap_or_default();
        let counts = would_count(pack, &projection, &case.decisions, (&signature, now));
        self.put_back(case);
        if !allowed {
            return Err(DeskError::NotFound);
        }
        let refused = |code: &str, message: String| DeskError::Refused { code: code.into(), message };
        if !attached {
            let message = "no photo of signed paper with this hash is attached to the case: attach it with the purpose \"paper\" first".to_owned();
            return Err(refused("signature.paper", message));
        }
        counts.map_err(|no| refused(&no.rule, no.message))
    }
}
