//! A worker's device: a replica over a memory store that outlives its processes.

use doorstep_client::replica::{Acted, EditFailure, Made, Refused, Replica, Seal, Shown};
use doorstep_client::store::{Identity, Memory, Store, immediate};
use doorstep_protocol::documents::{Edit, Kind};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use doorstep_server::store::Person;
use serde_json::Value as Json;

use super::clock::FixedSource;

/// A device in somebody's hands.
#[derive(Debug)]
pub struct Handset {
    /// Whose it is.
    pub person: Person,
    /// The device.
    pub id: DeviceId,
    /// What survives a crash.
    pub memory: Memory,
    /// The process that runs now.
    pub replica: Replica<Memory, FixedSource>,
}

/// An edit that writes a field; an empty value clears it.
pub fn put(field: &str, value: &str) -> Edit {
    match field {
        "description" => Edit::SetText { field: field.into(), text: value.into() },
        "log" | "tags" => Edit::Append { field: field.into(), item: value.into() },
        _ => Edit::Put { field: field.into(), value: (!value.is_empty()).then(|| value.to_owned()) },
    }
}

impl Handset {
    /// An enrolled device that has never synced.
    pub fn new(person: Person, (id, proof): (DeviceId, String), source: FixedSource) -> Self {
        let memory = Memory::default();
        let mut replica = Replica::new(memory.clone(), source);
        let identity = Identity {
            url: "http://centre.invalid".into(),
            device: id,
            worker: person.worker,
            name: person.name.clone(),
            district: person.district.clone(),
            unit: person.unit.clone(),
            role: person.role.name().into(),
            secret: [7; 32],
            proof: Some(proof),
        };
        immediate(replica.enrolled(identity, 0)).expect("a new store enrols");
        Handset { person, id, memory, replica }
    }

    /// Ends the process and starts another on the same store.
    pub fn restart(&mut self) {
        self.memory.revive();
        let source = self.replica.source().next_process();
        self.replica = Replica::new(self.memory.clone(), source);
    }

    /// The store as it is now, on another device: a clone of this one, or a copy to come back to.
    pub fn copied(&mut self) -> Self {
        let memory = self.memory.copied();
        memory.revive();
        let replica = Replica::new(memory.clone(), self.replica.source().next_process());
        Handset { person: self.person.clone(), id: self.id, memory, replica }
    }

    /// Makes a case with these fields.
    pub fn new_case(&mut self, fields: &[(&str, &str)]) -> DocumentId {
        let edits = fields.iter().map(|(field, value)| put(field, value)).collect();
        immediate(self.replica.new_document(Kind::Case, edits)).expect("a case can be made offline").document
    }

    /// Writes one field of what is shown now.
    pub fn set(&mut self, case: DocumentId, field: &str, value: &str) -> Made {
        self.edit(case, vec![put(field, value)]).expect("a held case can be edited offline")
    }

    /// Edits what is shown now.
    pub fn edit(&mut self, case: DocumentId, edits: Vec<Edit>) -> Result<Made, EditFailure> {
        immediate(self.replica.edit(case, None, edits))
    }

    /// Edits what a form showed.
    pub fn edit_at(
        &mut self,
        case: DocumentId,
        heads: &[Hash],
        edits: Vec<Edit>,
    ) -> Result<Made, EditFailure> {
        immediate(self.replica.edit(case, Some(heads), edits))
    }

    /// Acts on a case.
    pub fn act(&mut self, case: DocumentId, name: &str, args: &[(&str, &str)]) -> Result<Acted, EditFailure> {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        immediate(self.replica.act(case, name, args))
    }

    /// Signs what the case says here now.
    pub fn sign(&mut self, case: DocumentId, role: &str) {
        immediate(self.replica.sign(case, role, Seal::default())).expect("a held case can be signed offline");
    }

    /// Checks a case out for so long.
    pub fn checkout(&mut self, case: DocumentId, for_ms: Millis) {
        use doorstep_client::Source;
        let until = self.replica.source().now() + for_ms;
        immediate(self.replica.checkout(vec![case], until)).expect("a held case can be checked out");
    }

    /// What the case shows here.
    pub fn show(&self, case: DocumentId) -> Shown {
        immediate(self.replica.show(case)).expect("the case is held")
    }

    /// What one field shows here; null where unset.
    pub fn field(&self, case: DocumentId, name: &str) -> Json {
        self.show(case).fields.get(name).cloned().unwrap_or(Json::Null)
    }

    /// The fields in conflict.
    pub fn disputes(&self, case: DocumentId) -> Vec<String> {
        self.show(case).conflicts.into_iter().map(|conflict| conflict.field.to_owned()).collect()
    }

    /// Whether anything of the case is in the store, hidden or not.
    pub fn holds(&self, case: DocumentId) -> bool {
        immediate(self.memory.load(case)).expect("memory reads").is_some()
    }

    /// Whether people see the case in the list.
    pub fn lists(&self, case: DocumentId) -> bool {
        immediate(self.replica.list(None)).expect("memory reads").iter().any(|item| item.id == case)
    }

    /// Changes that the centre has not answered.
    pub fn unsent(&self) -> usize {
        immediate(self.memory.outbox()).expect("memory reads").len()
    }

    /// What was refused and is still shown.
    pub fn refused(&self) -> Vec<Refused> {
        immediate(self.replica.rejected()).expect("memory reads")
    }
}
