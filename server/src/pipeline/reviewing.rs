//! Who looks after an open conflict: the queue, the soft claim, handing over, stepping back, asking the worker.
//!
//! Nothing here decides a conflict or keeps anybody from deciding one, save that whoever is concerned sees it no more.

use std::collections::BTreeMap;

use doorstep_policy::ConflictDue;
use doorstep_protocol::documents::{Edit, Kind};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash, WorkerId};
use serde_json::Value as Json;

use super::case::timestamp;
use super::desk::DeskError;
use super::{Centre, settle};
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::store::office::{AskedRow, JournalRow, ReviewRow};
use crate::store::{CaseRow, Kept, Person, Query, Store, StoreError};

/// An open conflict in the queue: from rows, without opening its document.
#[derive(Clone, Debug)]
pub struct OpenConflict {
    /// Its document.
    pub row: CaseRow,
    /// The field's name.
    pub field: String,
    /// Who looks after it.
    pub review: ReviewRow,
    /// By when, by the district's pack.
    pub due: Option<ConflictDue>,
}

impl OpenConflict {
    /// Its deadline has passed.
    pub fn is_late(&self, now: Millis) -> bool {
        self.due.as_ref().is_some_and(|due| due.due.as_millisecond() <= now)
    }

    /// Those above hear of it.
    pub fn has_gone_up(&self, now: Millis) -> bool {
        self.due.as_ref().and_then(|due| due.escalates).is_some_and(|at| at.as_millisecond() <= now)
    }
}

fn refused(code: &str, message: &str) -> DeskError {
    DeskError::Refused { code: code.to_owned(), message: message.to_owned() }
}

impl<S: Store> Centre<S> {
    /// Every open conflict that this person sees: urgent first, then what is late, then the longest open.
    pub async fn queue(&self, person: &Person) -> Kept<Vec<OpenConflict>> {
        let query = Query {
            in_conflict: true,
            kind: Some(Kind::Case),
            limit: limits::QUEUE_ROWS,
            ..Query::default()
        };
        let rows = self.list(person, query).await?;
        let mut found = self.under_review(rows).await?;
        let now = self.now();
        found.sort_by_key(|open| (!open.row.urgent, !open.is_late(now), open.row.conflict_since));
        Ok(found)
    }

    async fn under_review(&self, rows: Vec<CaseRow>) -> Kept<Vec<OpenConflict>> {
        let mut reviews = BTreeMap::new();
        for part in rows.chunks(limits::LIST_ROWS) {
            for review in self.store.reviews(part.iter().map(|row| row.document).collect()).await? {
                reviews.insert((review.document, review.field.clone()), review);
            }
        }
        let mut found = Vec::new();
        for row in rows {
            let since = row.conflict_since.unwrap_or(row.updated);
            let pack = self.pack(&row.district)?;
            for field in &row.conflicts {
                let known = reviews.remove(&(row.document, field.clone()));
                found.push(OpenConflict {
                    due: pack.conflict_due(row.urgent, row.unit.as_deref(), timestamp(since)),
                    review: current(known, (row.document, field), since),
                    field: field.clone(),
                    row: row.clone(),
                });
            }
        }
        Ok(found)
    }

    /// One open conflict, for somebody who may look at the case.
    pub async fn open_conflict(
        &self,
        person: &Person,
        (document, field): (DocumentId, &str),
    ) -> Result<OpenConflict, DeskError> {
        let row = self.store.row(document).await?.ok_or(DeskError::NotFound)?;
        let pack = self.pack(&row.district)?;
        if !authorize(person, Wish::Desk, None) || !authorize(person, Wish::Look, Some((&row, &pack))) {
            return Err(DeskError::NotFound);
        }
        let found = self.under_review(vec![row]).await?;
        found.into_iter().find(|open| open.field == field).ok_or(DeskError::NotOpen)
    }

    /// Whether somebody decides about a case: they review, and it is theirs to see, not only to look at.
    pub fn may_review(&self, person: &Person, row: &CaseRow) -> Kept<bool> {
        Ok(authorize(person, Wish::Review, Some((row, &*self.pack(&row.district)?))))
    }

    /// Whoever may decide this conflict: they review, and see the case.
    pub async fn reviewers(&self, row: &CaseRow) -> Kept<Vec<Person>> {
        let pack = self.pack(&row.district)?;
        let people = self.store.people(&row.district).await?.into_iter();
        Ok(people.filter(|person| authorize(person, Wish::Review, Some((row, &pack)))).collect())
    }

    /// A reviewer has the conflict on their screen: shown to others for a while.
    pub async fn opened(&self, person: &Person, open: &OpenConflict) -> Kept<()> {
        let now = self.now();
        let fresh = |(by, at): (WorkerId, Millis)| by == person.worker && now - at < limits::OPENED_SEEN_MS;
        if !self.may_review(person, &open.row)? || open.review.opened.is_some_and(fresh) {
            return Ok(());
        }
        let row = ReviewRow { opened: Some((person.worker, now)), ..open.review.clone() };
        // Whoever was first is shown; nothing hangs on it.
        self.store.put_review(row).await.map(|_| ())
    }

    /// Gives the conflict to somebody, takes it, or (`None`) puts it back. `held`: who has it as far as this person knows; if
    /// another has it by now, nothing is done.
    pub async fn assign(
        &self,
        person: &Person,
        at: (DocumentId, &str),
        (to, reason): (Option<WorkerId>, &str),
        held: Option<Option<WorkerId>>,
    ) -> Result<(), DeskError> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let open = self.reviewed_by(person, at).await?;
            let has = open.review.owner;
            if has == to && held.is_some() {
                // What they wish is so already: whoever presses twice is told the same twice.
                return Ok(());
            }
            if held.is_some_and(|held| has != held && has != Some(person.worker)) {
                return Err(refused("assign.taken", "somebody else has this conflict by now"));
            }
            if let Some(to) = to
                && !self.reviewers(&open.row).await?.iter().any(|reviewer| reviewer.worker == to)
            {
                return Err(refused("assign.nobody", "nobody of that number may decide this conflict"));
            }
            let row = ReviewRow { owner: to, given: Some((person.worker, self.now())), ..open.review };
            if self.store.put_review(row).await? {
                let about = to.map(|to| to.to_string()).unwrap_or_default();
                self.note(person, ("review.assign", Some(at.0), &format!("{} → {about}", at.1), reason))
                    .await?;
                self.news.add(at.0);
                self.moved.send_modify(|n| *n += 1);
                return Ok(());
            }
        }
        Err(StoreError::Failed("another writer was always first; try again".into()).into())
    }

    async fn reviewed_by(&self, person: &Person, at: (DocumentId, &str)) -> Result<OpenConflict, DeskError> {
        let open = self.open_conflict(person, at).await?;
        if self.may_review(person, &open.row)? { Ok(open) } else { Err(DeskError::NotFound) }
    }

    /// The person is concerned: from now on they see nothing of the case, and what was theirs is nobody's.
    pub async fn step_back(
        &self,
        person: &Person,
        document: DocumentId,
        reason: &str,
    ) -> Result<(), DeskError> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take_stored(document).await?;
            let Some(mut case) = case else { return Err(DeskError::NotFound) };
            let pack = &self.pack_of(&case)?;
            if !authorize(person, Wish::Review, Some((&case.row, pack))) {
                self.put_back(case);
                return Err(DeskError::NotFound);
            }
            case.row.recused.insert(person.worker);
            settle::schedule(&mut case, pack, &self.settings, self.now(), |device| self.progress(device));
            let staged = case.stage(Vec::new());
            if self.commit(case, staged).await?.is_none() {
                continue;
            }
            for review in self.store.reviews(vec![document]).await? {
                if review.owner == Some(person.worker) {
                    self.store.put_review(ReviewRow { owner: None, ..review }).await?;
                }
            }
            self.note(person, ("review.step_back", Some(document), "", reason)).await?;
            return Ok(());
        }
        Err(StoreError::Failed("another writer was always first; try again".into()).into())
    }

    /// Asks a worker about a conflict: an entry of the case's log in the reviewer's name, which reaches the worker's
    /// devices with the case. Until they write something the conflict shows that it waits for them.
    pub async fn ask_back(
        &self,
        person: &Person,
        at: (DocumentId, &str),
        (worker, question): (WorkerId, &str),
    ) -> Result<Hash, DeskError> {
        let open = self.reviewed_by(person, at).await?;
        let pack = self.pack(&open.row.district)?;
        let asked = self.person(worker).await?.filter(|asked| {
            asked.district == person.district && authorize(asked, Wish::Write, Some((&open.row, &pack)))
        });
        let Some(asked) = asked else {
            return Err(refused(
                "ask.unseen",
                "that worker does not have this case any more: telephone, or decide without",
            ));
        };
        let item = format!("@{} {}", asked.name, question.trim());
        let _one_after_the_other = self.asking.lock().await;
        let open = self.reviewed_by(person, at).await?;
        let view = self.view(person, at.0).await?;
        let said =
            view.fields.get("log").and_then(Json::as_array).is_some_and(|log| log.iter().any(|i| i == &item));
        if let Some(before) = open.review.asked.as_ref().filter(|before| said && before.worker == worker) {
            return Ok(before.hash);
        }
        let edit = Edit::Append { field: "log".into(), item };
        let hash = self.desk_edit(person, at.0, &view.heads, &[edit]).await?;
        for _ in 0..limits::CAS_ATTEMPTS {
            let open = self.reviewed_by(person, at).await?;
            let row = AskedRow { worker, by: person.worker, at: self.now(), hash };
            if self.store.put_review(ReviewRow { asked: Some(row), ..open.review }).await? {
                break;
            }
        }
        self.note(person, ("review.ask", Some(at.0), &format!("{} → {worker}", at.1), "")).await?;
        Ok(hash)
    }

    /// Writes down what somebody did. No contents.
    pub async fn note(
        &self,
        person: &Person,
        (act, document, about, reason): (&str, Option<DocumentId>, &str, &str),
    ) -> Kept<()> {
        let row = JournalRow {
            id: 0,
            district: person.district.clone(),
            at: self.now(),
            worker: person.worker,
            act: act.to_owned(),
            document,
            about: about.to_owned(),
            reason: reason.trim().to_owned(),
        };
        self.store.note(row).await
    }
}

/// What is known of this conflict; what is known of an earlier one of the same field says nothing.
fn current(known: Option<ReviewRow>, (document, field): (DocumentId, &str), since: Millis) -> ReviewRow {
    match known {
        Some(row) if row.since == since => row,
        Some(row) => ReviewRow { version: row.version, ..ReviewRow::new(document, field, since) },
        None => ReviewRow::new(document, field, since),
    }
}
