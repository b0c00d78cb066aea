//! Conflicts as people see them, and what they decide about one.
//!
//! A resolution is an edit like any other, made at the heads that the form showed. It names what was shown; what it
//! does not name stays open beside it.

use std::collections::BTreeSet;

use automerge::ReadDoc;
use doorstep_protocol::documents::table::{Row as Disputed, Side};
use doorstep_protocol::documents::{Edit, Record, Value, derive};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash, WorkerId};

use super::Centre;
use super::case::Case;
use super::desk::{DeskError, heads, named_worker};
use crate::authorize::{Wish, authorize};
use crate::store::{Person, Store};

/// One side of a conflict, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideView {
    /// The change.
    pub hash: Hash,
    /// What it says.
    pub value: Value,
    /// Who.
    pub worker: WorkerId,
    /// Their name.
    pub name: String,
    /// On which device.
    pub device: doorstep_protocol::DeviceId,
    /// When it was made, corrected.
    pub made: Millis,
    /// When it arrived.
    pub received: Millis,
    /// Whether it is a resolution itself.
    pub resolution: bool,
    /// Other sides that it had seen.
    pub saw: BTreeSet<Hash>,
}

/// An open conflict, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictView {
    /// The document.
    pub document: DocumentId,
    /// The field's name.
    pub field: String,
    /// By hash, so that nobody comes first by rank or time.
    pub sides: Vec<SideView>,
    /// What all sides had seen.
    pub base: Vec<SideView>,
}

/// What a person has decided, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedView {
    /// The change that decided it; the side of this hash holds.
    pub hash: Hash,
    /// Why.
    pub reason: String,
    /// Between what.
    pub conflict: ConflictView,
}

/// A person's decision on a conflict.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// What holds from now on.
    pub value: Value,
    /// Why.
    pub reason: String,
    /// The heads that the form showed; absent: as things are now.
    pub heads: Option<Vec<Hash>>,
    /// Another case to which this one is linked in the same act.
    pub link: Option<DocumentId>,
    /// Decides anew what a person has decided: the decision that stands is named, and nothing need be open.
    pub again: bool,
}

impl Resolution {
    /// The edits of the act.
    pub(super) fn edits(&self, field: &str, of: BTreeSet<Hash>) -> Vec<Edit> {
        let link = self.link.map(|to| link(to, SPLIT));
        std::iter::once(self.edit(field, of)).chain(link).collect()
    }

    /// The edit that records it, and names these words.
    fn edit(&self, field: &str, of: BTreeSet<Hash>) -> Edit {
        let record = Record::Resolution {
            field: field.to_owned(),
            of: of.into_iter().collect(),
            value: self.value.clone(),
            reason: self.reason.clone(),
        };
        Edit::Record { record }
    }
}

impl<S: Store> Centre<S> {
    /// Resolves a conflict. The resolution is made at the heads that the form showed and names what was
    /// open there; an edit that has come since stands beside it as a conflict of its own. Without heads,
    /// all that is open now is named. Where somebody else has resolved it first: `NotOpen`.
    pub async fn resolve(
        &self,
        person: &Person,
        (document, field): (DocumentId, &str),
        resolution: Resolution,
    ) -> Result<Hash, DeskError> {
        let (at, of) = self.named(person, (document, field), &resolution).await?;
        self.desk_edit(person, document, &at, &resolution.edits(field, of)).await
    }

    /// Whether a form at these heads showed all that is in question now. Heads that are not of this
    /// document show nothing.
    pub async fn shown_all(
        &self,
        person: &Person,
        (document, field): (DocumentId, &str),
        resolution: &Resolution,
    ) -> Result<bool, DeskError> {
        let latest = Resolution { heads: None, ..resolution.clone() };
        let now = self.named(person, (document, field), &latest).await?.1;
        match self.named(person, (document, field), resolution).await {
            Ok((_, shown)) => Ok(shown == now),
            Err(DeskError::Stale) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The heads to build on, and what a resolution there must name.
    pub(super) async fn named(
        &self,
        person: &Person,
        (document, field): (DocumentId, &str),
        resolution: &Resolution,
    ) -> Result<(Vec<Hash>, BTreeSet<Hash>), DeskError> {
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Err(DeskError::NotFound) };
        let pack = &self.pack_of(&case)?;
        let found = || {
            if !authorize(person, Wish::Review, Some((&case.row, pack))) {
                return Err(DeskError::NotFound);
            }
            let field = case.row.kind.field(field).ok_or(DeskError::NotFound)?;
            let now = heads(&case);
            let at = resolution.heads.clone().unwrap_or_else(|| now.clone());
            if at.is_empty() || at.iter().any(|hash| !case.known.contains_key(hash)) {
                return Err(DeskError::Stale);
            }
            let of = case.table.must_name(field, &at);
            let open = case.row.conflicts.contains(field.name);
            match (open, of.is_empty()) {
                (true, true) => Err(DeskError::Stale),
                (true, false) => Ok((at, of)),
                // Decided: another decision names the one that stands, if the form showed it.
                (false, _) if !resolution.again => Err(DeskError::NotOpen),
                (false, _) => match case.table.decided(field) {
                    Some((last, _)) if case.table.builds_on(&at, &last) => Ok((at, BTreeSet::from([last]))),
                    Some(_) => Err(DeskError::Stale),
                    None => Err(DeskError::NotOpen),
                },
            }
        };
        let found = found();
        self.put_back(case);
        found
    }
}

/// The relation between two cases that were one.
pub(super) const SPLIT: &str = "split";

/// The edit that links a document to another.
pub(super) fn link(to: DocumentId, relation: &str) -> Edit {
    let item = serde_json::json!({ "to": to, "relation": relation }).to_string();
    Edit::Append { field: "links".into(), item }
}

pub(super) fn conflicts(case: &Case, people: &[Person]) -> Vec<ConflictView> {
    case.table.rows().into_iter().map(|(field, row)| of_row(case, people, (field.name, row))).collect()
}

pub(super) fn resolved(case: &Case, people: &[Person]) -> Vec<ResolvedView> {
    let reason = |hash: &Hash, field: doorstep_protocol::documents::Field| {
        let change = case.doc.get_change_by_hash(&automerge::ChangeHash(hash.0))?;
        let (facts, _) = case.known.get(hash)?;
        let words = derive(case.row.kind, &change, *facts).ok()?.words;
        words.into_iter().find(|word| word.field == field)?.reason
    };
    let of = |field: doorstep_protocol::documents::Field| {
        let (hash, row) = case.table.decided(field)?;
        let conflict = of_row(case, people, (field.name, row));
        Some(ResolvedView { hash, reason: reason(&hash, field).unwrap_or_default(), conflict })
    };
    case.row.kind.fields().filter_map(of).collect()
}

fn of_row(case: &Case, people: &[Person], (field, row): (&str, Disputed)) -> ConflictView {
    let side = |(hash, side): (Hash, Side)| SideView {
        hash,
        value: side.value,
        worker: side.facts.worker,
        name: named_worker(people, side.facts.worker),
        device: side.facts.device,
        made: side.facts.made,
        received: side.facts.received,
        resolution: side.resolution,
        saw: side.saw,
    };
    ConflictView {
        document: case.row.document,
        field: field.to_owned(),
        sides: row.sides.into_iter().map(side).collect(),
        base: row.base.into_iter().map(side).collect(),
    }
}
