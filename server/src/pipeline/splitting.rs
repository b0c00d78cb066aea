//! Two cases out of one: what one side of a conflict says becomes a case of its own, in the reviewer's name.
//!
//! The second case is made first and has the same number however often it is asked for. Personal numbers are not
//! copied. A case that falls into a compartment is not linked from the one that stays.

use doorstep_protocol::documents::genesis::{genesis_hash, new_document};
use doorstep_protocol::documents::{Edit, Kind, edit_at};
use doorstep_protocol::{DocumentId, Hash};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::Centre;
use super::desk::{CaseView, DeskError};
use super::page::Session;
use super::review::{SPLIT, link};
use crate::store::{Person, Store};

/// What the second case has from the first, beside the field in question.
const COPIED: [&str; 9] =
    ["title", "category", "severity", "urgency", "place", "subject", "channel", "household", "person.name"];

impl<S: Store> Centre<S> {
    /// Makes the second case: all that is agreed in the first, and what this side says. Gives its number, and whether
    /// the first may name it.
    pub async fn second_case(
        &self,
        person: &Person,
        (view, field): (&CaseView, &str),
        side: Hash,
    ) -> Result<(DocumentId, bool), DeskError> {
        let sides = view.conflicts.iter().filter(|conflict| conflict.field == field);
        let side = sides.flat_map(|conflict| &conflict.sides).find(|known| known.hash == side);
        let side = side.ok_or(DeskError::Stale)?;
        let first = view.row.document;
        let digest =
            Sha256::digest([&b"split"[..], first.0.as_bytes(), field.as_bytes(), &side.hash.0].concat());
        let mut random = [0; 10];
        random.copy_from_slice(&digest[..10]);
        let second = DocumentId::v7(side.received, random);
        let making = self.making.lock().await;
        if self.store.row(second).await?.is_none() {
            let edits = copied(view, (field, side.value.clone()), link(first, SPLIT));
            let mut doc = new_document(Kind::Case);
            let at = [genesis_hash(Kind::Case)];
            let made = edit_at(&mut doc, Kind::Case, &at, (&self.desk_actor(), self.now()), &edits)?;
            let change = made.ok_or(DeskError::NotOpen)?;
            let session = Session { at_desk: true, ..Session::at(person.clone(), self.desk) };
            let done = self.ingest(&session, second, vec![change.raw_bytes().to_vec()], false).await?;
            if let Some(no) = done.rejected.into_iter().next() {
                return Err(DeskError::Refused { code: no.code, message: no.message });
            }
        }
        drop(making);
        let row = self.store.row(second).await?.ok_or(DeskError::Stale)?;
        let confined = row.audience.is_some_and(|audience| audience.compartment.is_some());
        Ok((second, !confined))
    }
}

fn copied(view: &CaseView, (field, value): (&str, Option<String>), back: Edit) -> Vec<Edit> {
    let agreed = |name: &str| name != field && !view.row.conflicts.contains(name);
    let put = |name: &str| {
        let value = view.fields.get(name)?.as_str()?.to_owned();
        Some(Edit::Put { field: name.to_owned(), value: Some(value) })
    };
    let mut edits: Vec<Edit> = COPIED.into_iter().filter(|name| agreed(name)).filter_map(put).collect();
    edits.push(Edit::Put { field: field.to_owned(), value });
    if let Some(text) = view.fields.get("description").and_then(Json::as_str).filter(|text| !text.is_empty())
    {
        edits.push(Edit::SetText { field: "description".into(), text: text.to_owned() });
    }
    edits.push(back);
    edits
}
