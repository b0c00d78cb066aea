//! Resulting actions of a meeting: a person makes a case of one, or has it decided on a case that exists. Once.
//!
//! The case's id follows from the meeting and the action, and so does the command's: whoever does it again, or at the same
//! time, has done the same. What became of the action is an entry of the meeting, made as the person's own edit.

use doorstep_policy::Pack;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::genesis::{genesis_hash, new_document};
use doorstep_protocol::documents::{Edit, Kind, edit_at, titled};
use doorstep_protocol::wire::{ActOutcome, Command};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::page::Session;
use super::{CaseView, Centre, DeskError};
use crate::store::{Person, Store};

/// One action of a meeting, with what has become of it. Entries about the same thing are one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Action {
    /// Stands for what is to be done, within its meeting.
    pub key: String,
    /// What is to be done.
    pub what: String,
    /// Who is to do it, as the minutes say.
    pub unit: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// By when.
    pub due: Option<String>,
    /// The case that it became or belongs to.
    pub case: Option<DocumentId>,
    /// The decision that it became, `N` of that case.
    pub decision: Option<String>,
}

/// The actions of a meeting in the order of its minutes.
pub(super) fn actions(fields: &Map<String, Json>) -> Vec<Action> {
    let mut actions: Vec<Action> = Vec::new();
    for item in fields.get("actions").and_then(Json::as_array).into_iter().flatten() {
        let line = |name: &str| item[name].as_str().map(str::to_owned);
        let Some(what) = line("what") else { continue };
        let at = actions.iter().position(|action| action.what == what).unwrap_or(actions.len());
        if at == actions.len() {
            actions.push(Action { key: key(&what), what, ..Action::default() });
        }
        let action = &mut actions[at];
        action.unit = line("unit").or(action.unit.take());
        action.by = line("by").or(action.by.take());
        action.due = line("due").or(action.due.take());
        action.case = item["case"].as_str().and_then(|id| id.parse().ok()).or(action.case);
        action.decision = line("decision").or(action.decision.take());
    }
    actions
}

fn key(what: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(what.as_bytes())[..8])
}

fn derived<const N: usize>(meeting: DocumentId, key: &str, what: &str) -> [u8; N] {
    let digest = Sha256::digest(format!("{what}\n{meeting}\n{key}"));
    std::array::from_fn(|i| digest[i])
}

impl<S: Store> Centre<S> {
    /// The actions of a meeting that this person may see.
    pub async fn actions(&self, person: &Person, meeting: DocumentId) -> Result<Vec<Action>, DeskError> {
        Ok(actions(&self.meeting(person, meeting).await?.fields))
    }

    async fn meeting(&self, person: &Person, meeting: DocumentId) -> Result<CaseView, DeskError> {
        let view = self.view(person, meeting).await?;
        if view.row.kind == Kind::Meeting { Ok(view) } else { Err(DeskError::NotFound) }
    }

    /// Makes a case of an action. `fields` are what the person adds to it: category, place, urgency. True: it is new.
    pub async fn case_of_action(
        &self,
        person: &Person,
        (meeting, key): (DocumentId, &str),
        fields: Vec<Edit>,
    ) -> Result<(DocumentId, bool), DeskError> {
        let view = self.meeting(person, meeting).await?;
        let action =
            actions(&view.fields).into_iter().find(|action| action.key == key).ok_or(DeskError::NotFound)?;
        if let Some(case) = action.case {
            return Ok((case, false));
        }
        let case = DocumentId::v7(view.row.registered, derived(meeting, key, "case"));
        let making = self.making.lock().await;
        let made = self.store.row(case).await?.is_none();
        if made {
            let pack = self.pack(&view.row.district)?;
            let edits = begun(&view, &action, &pack, fields);
            self.begin(person, case, &edits).await?;
        }
        drop(making);
        self.enter_action(person, &view, &json!({"what": action.what, "case": case})).await?;
        Ok((case, made))
    }

    /// A new case at the desk: a person's edit, through the gate like any other.
    pub(super) async fn begin(
        &self,
        person: &Person,
        case: DocumentId,
        edits: &[Edit],
    ) -> Result<(), DeskError> {
        if !person.role.writes() {
            return Err(DeskError::NotFound);
        }
        titled(edits)?;
        let (actor, heads) = (self.desk_actor(), [genesis_hash(Kind::Case)]);
        let change = edit_at(&mut new_document(Kind::Case), Kind::Case, &heads, (&actor, self.now()), edits)?;
        let change = change.ok_or(DeskError::NotOpen)?;
        let session = Session { at_desk: true, ..Session::at(person.clone(), self.desk) };
        let done = self.ingest(&session, case, vec![change.raw_bytes().to_vec()], false).await?;
        match done.rejected.into_iter().next() {
            Some(no) => Err(DeskError::Refused { code: no.code, message: no.message }),
            None => Ok(()),
        }
    }

    /// Has an action decided on a case: a command of the person, given once.
    pub async fn decide_action(
        &self,
        person: &Person,
        (meeting, key): (DocumentId, &str),
        (case, name, args): (DocumentId, String, Vec<(String, String)>),
    ) -> Result<ActOutcome, DeskError> {
        let view = self.meeting(person, meeting).await?;
        let action =
            actions(&view.fields).into_iter().find(|action| action.key == key).ok_or(DeskError::NotFound)?;
        if action.case.is_some_and(|of| of != case) {
            return Err(DeskError::NotOpen);
        }
        self.view(person, case).await?;
        let id = derived(meeting, key, "command");
        let outcome = self.act(person, Command { id, document: case, name, args, made: self.now() }).await?;
        if let ActOutcome::Decided { n } = outcome
            && action.decision.is_none()
        {
            let entry = json!({"what": action.what, "case": case, "decision": n.to_string()});
            self.enter_action(person, &view, &entry).await?;
        }
        Ok(outcome)
    }

    async fn enter_action(&self, person: &Person, meeting: &CaseView, entry: &Json) -> Result<(), DeskError> {
        let edit = Edit::Append { field: "actions".into(), item: entry.to_string() };
        self.desk_edit(person, meeting.row.document, &meeting.heads, &[edit]).await.map(drop)
    }
}

/// What a case that arises from a meeting begins with.
fn begun(view: &CaseView, action: &Action, pack: &Pack, fields: Vec<Edit>) -> Vec<Edit> {
    let put = |field: &str, value: &str| Edit::Put { field: field.into(), value: Some(value.to_owned()) };
    let mut edits = vec![put("title", &action.what)];
    let place = view.row.place.as_deref().filter(|_| fields.iter().all(|edit| edit.field() != "place"));
    edits.extend(place.map(|place| put("place", place)));
    let format = view.row.round.as_ref().map(|round| round.mode.as_str());
    let rule = pack.meeting_rules().find(|rule| Some(rule.id.as_str()) == format);
    edits.extend(rule.map(|rule| put("channel", &rule.channel)));
    edits.extend(fields);
    let link = json!({"to": view.row.document, "relation": "meeting"});
    edits.push(Edit::Append { field: "links".into(), item: link.to_string() });
    edits
}
