//! What people at the desk see and do: cases, conflicts, resolutions.
//!
//! An edit at the desk is a person's: made at the heads that their form showed, with the console
//! process's own actor prefix, and ingested like a device's.

use std::collections::BTreeSet;

use doorstep_policy::Decision;
use doorstep_protocol::documents::{Attachment, Edit, EditError, Kind, edit_at, touched};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash, WorkerId};
use serde_json::{Map, Value as Json};

use super::case::Case;
use super::page::Session;
use super::review::{ConflictView, ResolvedView, conflicts, resolved};
use super::{Centre, FileView, Settled, settle};
use crate::authorize::{Wish, authorize};
use crate::clock::random;
use crate::finding::{After, Ask, Mark, Tag};
use crate::store::{CaseRow, Kept, Person, Store, StoreError};

/// Why something at the desk was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Absent or forbidden: they look alike.
    #[error("there is no such case, or it is not yours")]
    NotFound,
    /// The form showed less than there is now; both are still there.
    #[error("new edits came while the form was open")]
    Stale,
    /// Nothing is open.
    #[error("this conflict is not open any more")]
    NotOpen,
    /// The edit does not fit.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The gate or the schema refused it.
    #[error("{message}")]
    Refused {
        /// Stable code.
        code: String,
        /// In words.
        message: String,
    },
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A case, for people.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The materialised row.
    pub row: CaseRow,
    /// Heads that the view shows: a form gives them back.
    pub heads: Vec<Hash>,
    /// The fields.
    pub fields: Map<String, Json>,
    /// Open conflicts.
    pub conflicts: Vec<ConflictView>,
    /// What people have decided, by field: the resolution that stands, and between what.
    pub resolved: Vec<ResolvedView>,
    /// Decisions so far.
    pub decisions: Vec<Decision>,
    /// What it waits for.
    pub settled: Settled,
    /// The files that it names, and whether each is here.
    pub files: Vec<FileView>,
    /// The changes: hash, worker's name, made, received, fields written.
    pub history: Vec<HistoryItem>,
}

/// One change in a case's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryItem {
    /// The change.
    pub hash: Hash,
    /// Who.
    pub worker: WorkerId,
    /// Their name.
    pub name: String,
    /// The device.
    pub device: doorstep_protocol::DeviceId,
    /// When it was made, corrected.
    pub made: Millis,
    /// When it arrived.
    pub received: Millis,
    /// Fields that it writes, by name.
    pub fields: Vec<String>,
}

impl<S: Store> Centre<S> {
    /// A case as this person may see it.
    pub async fn view(&self, person: &Person, document: DocumentId) -> Result<CaseView, DeskError> {
        let (_guard, case) = self.take_stored(document).await?;
        let Some(case) = case else { return Err(DeskError::NotFound) };
        let pack = &self.pack_of(&case)?;
        if !authorize(person, Wish::Look, Some((&case.row, pack))) {
            self.put_back(case);
            return Err(DeskError::NotFound);
        }
        let waits = settle::waits(&case, pack, &self.settings, self.now(), |device| self.progress(device));
        let mut settled = settle::settled(&case.row, waits);
        let waited_for = settled.waits.iter().filter_map(|wait| wait.worker);
        let named: BTreeSet<_> =
            case.known.values().map(|(facts, _)| facts.worker).chain(waited_for).collect();
        let people = self.store.persons(named.into_iter().collect()).await?;
        settled.name(&people);
        let fields = case.fields();
        let files = self.files_of(document, Attachment::all(&fields)).await?;
        let view = CaseView {
            files,
            row: case.row.clone(),
            heads: heads(&case),
            fields,
            conflicts: conflicts(&case, &people),
            resolved: resolved(&case, &people),
            decisions: case.decisions.clone(),
            settled,
            history: history(&case, &people),
        };
        self.put_back(case);
        Ok(view)
    }

    /// The console process's own prefix and a fresh rest: no two edits at the desk share an actor.
    pub(super) fn desk_actor(&self) -> [u8; 16] {
        let mut actor = [0; 16];
        actor[..8].copy_from_slice(&self.desk.0);
        actor[8..].copy_from_slice(&random::<8>(&*self.source));
        actor
    }

    /// A person's edit at the desk, at the heads that their form showed.
    pub async fn desk_edit(
        &self,
        person: &Person,
        document: DocumentId,
        at: &[Hash],
        edits: &[Edit],
    ) -> Result<Hash, DeskError> {
        let actor = self.desk_actor();
        let change = {
            let (_guard, case) = self.take_stored(document).await?;
            let Some(case) = case else { return Err(DeskError::NotFound) };
            let pack = &self.pack_of(&case)?;
            let allowed = authorize(person, Wish::Write, Some((&case.row, pack)));
            let made = edit_at(&mut case.doc.clone(), case.row.kind, at, (&actor, self.now()), edits);
            self.put_back(case);
            if !allowed {
                return Err(DeskError::NotFound);
            }
            made?.ok_or(DeskError::NotOpen)?
        };
        let session = Session { at_desk: true, ..Session::at(person.clone(), self.desk) };
        let done =
            Box::pin(self.ingest(&session, document, vec![change.raw_bytes().to_vec()], false)).await?;
        match done.rejected.into_iter().next() {
            Some(rejected) => Err(DeskError::Refused { code: rejected.code, message: rejected.message }),
            None => Ok(change.hash().into()),
        }
    }

    /// Rows of a list that this person may see. What they may see is part of the question, except where the order is
    /// that of harm: there is little in conflict.
    pub async fn list(&self, person: &Person, mut query: crate::store::Query) -> Kept<Vec<CaseRow>> {
        if !query.in_conflict {
            let ask = asked(person, &query);
            let found = self.find(person, query.kind, ask, None).await?;
            return Ok(found.hits.into_iter().map(|hit| hit.row).collect());
        }
        query.district.clone_from(&person.district);
        let pack = &self.pack(&person.district)?;
        let wanted = query.limit;
        let mut found: Vec<CaseRow> = Vec::new();
        loop {
            query.limit = wanted.max(1) * 2;
            let rows = self.store.rows(query.clone()).await?;
            let last = rows.last().map(|row| row.document);
            let full = rows.len() == query.limit;
            found.extend(rows.into_iter().filter(|row| authorize(person, Wish::Read, Some((row, pack)))));
            if found.len() >= wanted || !full {
                found.truncate(wanted);
                return Ok(found);
            }
            query.after = last;
        }
    }

    /// Cases with open conflicts that this person may see, by harm, then age.
    pub async fn conflicts(&self, person: &Person, limit: usize) -> Result<Vec<CaseView>, DeskError> {
        let query =
            crate::store::Query { in_conflict: true, kind: Some(Kind::Case), limit, ..Default::default() };
        let mut found = Vec::new();
        for row in self.list(person, query).await? {
            match self.view(person, row.document).await {
                Ok(view) => found.push(view),
                // Since the list was read it went out of sight.
                Err(DeskError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

pub(super) fn heads(case: &Case) -> Vec<Hash> {
    case.doc.get_heads().into_iter().map(Hash::from).collect()
}

/// The name of somebody; the number of whom the list has not.
pub(crate) fn named_worker(people: &[Person], worker: WorkerId) -> String {
    let person = people.iter().find(|person| person.worker == worker);
    person.map_or_else(|| worker.to_string(), |person| person.name.clone())
}

fn history(case: &Case, people: &[Person]) -> Vec<HistoryItem> {
    let changes = case.doc.get_changes(&[]);
    let item = |change: &automerge::Change| {
        let hash = Hash::from(change.hash());
        let (facts, _) = case.known.get(&hash)?;
        let fields = touched(case.row.kind, &change.decode()).into_iter().map(str::to_owned).collect();
        (facts.worker.0 != 0).then(|| HistoryItem {
            hash,
            worker: facts.worker,
            name: named_worker(people, facts.worker),
            device: facts.device,
            made: facts.made,
            received: facts.received,
            fields,
        })
    };
    let mut items: Vec<HistoryItem> = changes.iter().filter_map(item).collect();
    items.sort_by_key(|item| (item.received, item.made, item.hash));
    items
}

/// A list as a question to the index.
fn asked(person: &Person, query: &crate::store::Query) -> Ask {
    let unit = query.unit.iter().map(|unit| vec![Tag::of(&person.district, Mark::Unit, unit)]);
    Ask {
        all: unit.collect(),
        due_before: query.due_before,
        after: query.after.map(|document| After { at: 0, document }),
        limit: query.limit,
        ..Ask::default()
    }
}
