//! Refused changes, looked at by a person: what one would have written, entering that again in the person's own name,
//! and dismissing it.
//!
//! A change is read on a copy, by the whole gate, upon what it builds on. What the gate does not pass is not read at
//! all. Whoever would not see the case with it does not see it.

use doorstep_protocol::documents::genesis::genesis_hash;
use doorstep_protocol::documents::words::{Act, Word};
use doorstep_protocol::documents::{Edit, Facts, derive_decoded, edit_at};
use doorstep_protocol::{DocumentId, Hash, Receipt};
use serde_json::{Map, Value as Json};

use super::Centre;
use super::case::Case;
use super::constants;
use super::desk::DeskError;
use super::page::Session;
use super::strangers::kind_of_first;
use crate::authorize::{Wish, authorize, concerns};
use crate::gate::{self, ByteLimits};
use crate::limits;
use crate::store::office::AnsweredRow;
use crate::store::{Kept, Person, QuarantineRow, Store};

/// A refused change, as a person may see it.
#[derive(Clone, Debug)]
pub struct RefusedView {
    /// As it is kept.
    pub row: QuarantineRow,
    /// What became of it.
    pub answered: Option<AnsweredRow>,
    /// What it would have written, as edits. `None`: not for this person, or it does not read.
    pub edits: Option<Vec<Edit>>,
}

/// What is to become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Entered in the person's own name.
    Enter,
    /// Left as it is.
    Dismiss,
}

impl<S: Store> Centre<S> {
    /// Refused changes of a district that this person may know of, newest first, and where the next page begins.
    pub async fn refusals(
        &self,
        person: &Person,
        before: Option<i64>,
    ) -> Result<(Vec<RefusedView>, Option<i64>), DeskError> {
        if !authorize(person, Wish::Desk, None) {
            return Err(DeskError::NotFound);
        }
        let rows = self.store.quarantine(&person.district, before, limits::LIST_ROWS).await?;
        let next = rows.last().map(|row| row.id).filter(|_| rows.len() == limits::LIST_ROWS);
        let answered = self.store.answered(rows.iter().map(|row| row.id).collect()).await?;
        let mut seen = Vec::new();
        for row in rows {
            if self.may_know(person, row.document).await? {
                let answered = answered.iter().find(|answered| answered.id == row.id).cloned();
                seen.push(RefusedView { row, answered, edits: None });
            }
        }
        Ok((seen, next))
    }

    /// A refused change of a case that is stored is only for those who see the case.
    async fn may_know(&self, person: &Person, document: DocumentId) -> Kept<bool> {
        let Some(row) = self.store.row(document).await? else { return Ok(true) };
        let pack = self.pack(&row.district)?;
        Ok(authorize(person, Wish::Read, Some((&row, &pack))))
    }

    /// One of them, with what it would have written as far as this person may see that.
    pub async fn refusal(&self, person: &Person, id: i64) -> Result<RefusedView, DeskError> {
        if !authorize(person, Wish::Desk, None) {
            return Err(DeskError::NotFound);
        }
        let rows = self.store.quarantine(&person.district, id.checked_add(1), 1).await?;
        let row = rows.into_iter().find(|row| row.id == id).ok_or(DeskError::NotFound)?;
        if !self.may_know(person, row.document).await? {
            return Err(DeskError::NotFound);
        }
        let answered = self.store.answered(vec![id]).await?.into_iter().next();
        let edits = if person.role.reviews() { self.read_refused(person, &row).await? } else { None };
        Ok(RefusedView { row, answered, edits })
    }

    /// Somebody has looked at it: it is entered in their name, at the case as it is now, or dismissed. Once.
    pub async fn judge_refusal(
        &self,
        person: &Person,
        (id, verdict): (i64, Verdict),
        reason: &str,
    ) -> Result<(), DeskError> {
        if !authorize(person, Wish::Review, None) {
            return Err(DeskError::NotFound);
        }
        let seen = self.refusal(person, id).await?;
        if seen.answered.is_some() {
            return Err(DeskError::NotOpen);
        }
        let (entered, document) = (verdict == Verdict::Enter, seen.row.document);
        if entered {
            let edits = seen.edits.filter(|edits| !edits.is_empty()).ok_or_else(unreadable)?;
            self.enter_again(person, &seen.row, &edits).await?;
        }
        let answered = AnsweredRow {
            id,
            at: self.now(),
            worker: person.worker,
            entered,
            reason: reason.trim().to_owned(),
        };
        if !self.store.answer(answered).await? {
            return Err(DeskError::NotOpen);
        }
        let act = if entered { "refused.enter" } else { "refused.dismiss" };
        self.note(person, (act, Some(document), &id.to_string(), reason)).await?;
        Ok(())
    }

    async fn enter_again(
        &self,
        person: &Person,
        row: &QuarantineRow,
        edits: &[Edit],
    ) -> Result<(), DeskError> {
        if self.store.row(row.document).await?.is_some() {
            let view = self.view(person, row.document).await?;
            return self.desk_edit(person, row.document, &view.heads, edits).await.map(|_| ());
        }
        let kind = kind_of_first(&row.bytes).ok_or_else(unreadable)?;
        let mut doc = doorstep_protocol::documents::genesis::new_document(kind);
        let at = [genesis_hash(kind)];
        let made = edit_at(&mut doc, kind, &at, (&self.desk_actor(), self.now()), edits)?;
        let change = made.ok_or(DeskError::NotOpen)?;
        let session = Session { at_desk: true, ..Session::at(person.clone(), self.desk) };
        let done = self.ingest(&session, row.document, vec![change.raw_bytes().to_vec()], false).await?;
        match done.rejected.into_iter().next() {
            Some(no) => Err(DeskError::Refused { code: no.code, message: no.message }),
            None => Ok(()),
        }
    }

    /// What the change writes, on a copy of the case upon what it builds on.
    async fn read_refused(
        &self,
        person: &Person,
        row: &QuarantineRow,
    ) -> Result<Option<Vec<Edit>>, DeskError> {
        let (_guard, case) = self.take(row.document).await?;
        let stored = case.is_some();
        let mut copy = match case {
            Some(case) => {
                let copy = case.clone();
                self.put_back(case);
                copy
            }
            None => {
                let author = self.store.person(row.worker).await?;
                let (Some(kind), Some(author)) = (kind_of_first(&row.bytes), author) else { return Ok(None) };
                let mut new = Case::new(row.document, kind, &author, row.at, &*self.pack(&row.district)?);
                new.staff = self.staff(&row.district).await?;
                new
            }
        };
        let before_it = self.builds_on(row, &copy).await?;
        let facts = |row: &QuarantineRow| Facts {
            worker: row.worker,
            device: row.device,
            made: row.at,
            received: row.at,
            receipt: Receipt::default(),
        };
        for earlier in &before_it {
            if enter(&mut copy, &earlier.bytes, facts(earlier)).is_none() {
                return Ok(None);
            }
        }
        let before = copy.fields();
        let Some(words) = enter(&mut copy, &row.bytes, facts(row)) else { return Ok(None) };
        let pack = &*self.pack_of(&copy)?;
        let reading = copy.refresh(pack, self.now());
        if copy.row.audience.is_none() {
            copy.row.audience.clone_from(&reading.confined);
        }
        let sees = authorize(person, Wish::Read, Some((&copy.row, pack)));
        let for_the_desk = !stored && copy.row.audience.is_none() && self.at_the_front(person, &copy, pack);
        Ok((sees || for_the_desk).then(|| written(&before, &copy, words)))
    }

    /// A case that never came in is for those who would take it in, unless it names them.
    fn at_the_front(&self, person: &Person, copy: &Case, pack: &doorstep_policy::Pack) -> bool {
        let front = person.unit == pack.desk() || authorize(person, Wish::Administer, None);
        front && !concerns(person, &copy.row, pack)
    }

    /// The refused changes that this one builds on, earliest first.
    async fn builds_on(&self, row: &QuarantineRow, copy: &Case) -> Kept<Vec<QuarantineRow>> {
        let mut found: Vec<QuarantineRow> = Vec::new();
        let mut todo = deps(&row.bytes);
        while let Some(dep) = todo.pop() {
            let known = copy.known.contains_key(&dep) || found.iter().any(|row| row.hash == dep);
            if known || found.len() >= limits::REFUSED_CHAIN {
                continue;
            }
            if let Some(earlier) = self.store.quarantined(row.document, dep).await? {
                todo.extend(deps(&earlier.bytes));
                found.push(earlier);
            }
        }
        // The quarantine keeps the order in which they came, which is causal for one device.
        found.sort_by_key(|row| row.id);
        Ok(found)
    }
}

fn unreadable() -> DeskError {
    DeskError::Refused {
        code: "refused.unreadable".into(),
        message: "this change does not read, or is not for you to read; it can only be dismissed".into(),
    }
}

fn deps(chunk: &[u8]) -> Vec<Hash> {
    let summary = gate::inspect(chunk, &ByteLimits::default());
    summary.map(|summary| summary.deps.iter().map(|dep| Hash(*dep)).collect()).unwrap_or_default()
}

/// Passes a change through the gate and into the copy. Gives its words; `None` where it does not pass.
fn enter(copy: &mut Case, chunk: &[u8], facts: Facts) -> Option<Vec<Word>> {
    let (gate::Admitted { change, decoded }, implied) = constants::admit(copy, &|_| true, chunk).ok()?;
    let accepted = derive_decoded(copy.row.kind, (&change, &decoded), facts).ok()?;
    constants::enter(copy, &implied);
    let changes = implied.into_iter().cloned().chain([change]).collect();
    gate::apply(&mut copy.doc, changes).ok()?;
    let words = accepted.words.clone();
    copy.enter(accepted);
    Some(words)
}

/// What came with the change, as edits of a person. Decisions between values are not entered again: they are made anew.
fn written(before: &Map<String, Json>, copy: &Case, words: Vec<Word>) -> Vec<Edit> {
    let after = copy.fields();
    let mut edits = Vec::new();
    for field in copy.row.kind.fields().filter(|field| !field.is_word()) {
        let (old, name) = (before.get(field.name), field.name.to_owned());
        match after.get(field.name).filter(|new| old != Some(new)) {
            Some(Json::String(text)) => edits.push(Edit::SetText { field: name, text: text.clone() }),
            Some(Json::Array(items)) => {
                let known = old.and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
                let fresh = items.iter().filter(|item| !known.contains(item));
                let text = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                edits.extend(fresh.map(|item| Edit::Append { field: name.clone(), item: text(item) }));
            }
            _ => {}
        }
    }
    let plain = words.into_iter().filter(|word| word.act == Act::Plain);
    edits.extend(plain.map(|word| Edit::Put { field: word.field.name.to_owned(), value: word.value }));
    edits
}
