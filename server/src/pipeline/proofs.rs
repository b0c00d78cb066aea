//! What a document proves beyond its fields, for policy: signatures, evidence, an outcome.
//!
//! Computed from accepted changes: whose signature it is, is whose session brought the change.

use doorstep_policy::{Proofs, Signature};
use doorstep_protocol::documents::{Kind, View, signing, view};
use serde_json::Value as Json;

use super::case::{Case, timestamp};

/// Signatures, evidence and outcome of a case as it stands.
pub(super) fn proofs(case: &Case) -> Proofs {
    if case.row.kind != Kind::Case {
        return Proofs::default();
    }
    let mut proofs = Proofs { outcome: has_outcome(case), ..Proofs::default() };
    let attachments = case.row.kind.field("attachments");
    let attachments = attachments.and_then(|field| view::field(field, &case.doc, &case.table));
    for item in attachments.iter().filter_map(Json::as_array).flatten() {
        let purpose = item.get("purpose").and_then(Json::as_str).unwrap_or("other");
        *proofs.evidence.entry(purpose.to_owned()).or_default() += 1;
    }
    let items = signing::signatures(case.row.kind, &case.doc);
    if items.is_empty() {
        return proofs;
    }
    // All of the document's fields are read only where somebody has signed them.
    let fields = view::fields(case.row.kind, &case.doc, &case.table);
    for (change, item) in items {
        let Some((facts, _)) = case.known.get(&change) else { continue };
        proofs.signatures.push(Signature {
            worker: facts.worker.to_string(),
            at: timestamp(facts.made),
            fresh: signing::digest(item.projection, &fields) == Some(item.digest),
            paper: item.paper.is_some(),
            witness: item.witness.is_some(),
            role: item.role,
            unit: item.unit,
            by_role: item.by_role,
        });
    }
    proofs.signatures.sort_by(|a, b| (a.at, &a.role, &a.worker).cmp(&(b.at, &b.role, &b.worker)));
    proofs
}

fn has_outcome(case: &Case) -> bool {
    let outcome = case.row.kind.field("outcome").map(|field| case.table.view(field));
    matches!(outcome, Some(View::Is(Some(text))) if !text.trim().is_empty())
}
