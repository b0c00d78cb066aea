//! What a document proves beyond its fields, for policy: signatures, evidence, an outcome.
//!
//! Computed from accepted changes: whose signature it is, is whose session brought the change.

use doorstep_policy::{Answered, Proofs, Satisfaction, Signature};
use doorstep_protocol::Hash;
use doorstep_protocol::documents::{Kind, View, attachment, signing, view};
use jiff::Timestamp;
use serde_json::Value as Json;

use super::case::{Case, timestamp};

/// Where a case says who the person is, or how to reach them.
const PERSON: [&str; 4] = ["person.name", "person.phone", "person.id_number", "contact_phone"];

/// Signatures, evidence and outcome of a case as it stands.
pub(super) fn proofs(case: &Case) -> Proofs {
    if case.row.kind != Kind::Case {
        return Proofs::default();
    }
    let shown = |name| case.row.kind.field(name).and_then(|field| view::field(field, &case.doc, &case.table));
    let reply = shown("reply").is_some_and(|text| text.as_str().is_some_and(|text| !text.trim().is_empty()));
    let callbacks = callbacks(case);
    let mut proofs = Proofs {
        outcome: has_outcome(case),
        reply,
        callbacks,
        person: PERSON.into_iter().any(|name| was_said(case, name)),
        disputed: case.table.open_fields().map(|field| field.name.to_owned()).collect(),
        ..Proofs::default()
    };
    let attachments = shown("attachments");
    let files = || attachments.iter().filter_map(Json::as_array).flatten();
    for item in files() {
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
        // A photo that nobody has attached proves nothing.
        let attached = |paper: Hash| files().any(|file| file["hash"] == paper.to_string());
        let there = item.paper.is_none_or(attached);
        let same = signing::digest(item.projection, &fields) == Some(item.digest);
        let whose = (facts.worker.to_string(), timestamp(facts.made));
        let signature = signature(&item, whose, there && same);
        proofs.signatures.push(Signature { awaits_paper: same && !there, ..signature });
    }
    proofs.signatures.sort_by(|a, b| (a.at, &a.role, &a.worker).cmp(&(b.at, &b.role, &b.worker)));
    proofs
}

/// A signature as policy reads it: of whom and when the change says that brought it.
pub(super) fn signature(item: &signing::Item, (worker, at): (String, Timestamp), fresh: bool) -> Signature {
    // Who names himself as the one who saw it too is nobody else.
    let other = |who: &String| !who.trim().is_empty() && *who != worker;
    Signature {
        at,
        fresh,
        awaits_paper: false,
        paper: item.paper.is_some(),
        witness: item.witness.as_ref().is_some_and(other),
        role: item.role.clone(),
        unit: item.unit.clone(),
        by_role: item.by_role.clone(),
        worker,
        seen: item.seen,
    }
}

/// Attached photos of what was signed on paper: hash and name.
pub(super) fn papers(case: &Case) -> Vec<(Hash, String)> {
    let field = case.row.kind.field(attachment::FIELD);
    let attachments = field.and_then(|field| view::field(field, &case.doc, &case.table));
    let items = attachments.iter().filter_map(Json::as_array).flatten();
    let signed = items.filter(|item| {
        item["purpose"].as_str().is_some_and(|purpose| ["paper", "signature"].contains(&purpose))
    });
    let named = signed.filter_map(|item| {
        let name = item["name"].as_str().unwrap_or_default().to_owned();
        Some((item["hash"].as_str()?.parse().ok()?, name))
    });
    named.collect()
}

/// What was written down at callbacks, with whose session brought it.
fn callbacks(case: &Case) -> Vec<Answered> {
    let items =
        signing::items(case.row.kind, "callback", &case.doc).into_iter().filter_map(|(change, text)| {
            let (facts, _) = case.known.get(&change)?;
            let item: Json = serde_json::from_str(&text).ok()?;
            let answer = Satisfaction::named(item["answer"].as_str()?)?;
            // Their unit is checked when the item comes in; one that names nobody counts for nothing.
            let (worker, unit) = (facts.worker.to_string(), item["unit"].as_str()?.to_owned());
            let seen = item["seen"].as_u64().and_then(|n| n.try_into().ok());
            let at = timestamp(facts.made);
            (item["worker"] == worker).then_some(Answered { answer, worker, unit, at, seen })
        });
    let mut items: Vec<Answered> = items.collect();
    items.sort_by_key(|item| item.at);
    items
}

/// Whether anybody ever said something here: what is taken out again is known all the same.
fn was_said(case: &Case, name: &str) -> bool {
    case.row.kind.field(name).is_some_and(|field| case.table.was_said(field))
}

fn has_outcome(case: &Case) -> bool {
    let outcome = case.row.kind.field("outcome").map(|field| case.table.view(field));
    matches!(outcome, Some(View::Is(Some(text))) if !text.trim().is_empty())
}
