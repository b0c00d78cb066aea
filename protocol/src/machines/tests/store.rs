//! A toy device store: what the machine asks to persist, applied whole or not at all.

use super::centre::hash_of;
use crate::DocumentId;
use crate::machines::device::{Persist, Start, Unsent};
use crate::wire::{Command, Entry, Rejected};

/// What survives when the process ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Store {
    pub(super) counter: u64,
    pub(super) cursor: Option<Vec<u8>>,
    pub(super) outbox: Vec<Unsent>,
    pub(super) commands: Vec<Command>,
    /// Foreign changes in the order in which they came.
    pub(super) received: Vec<String>,
    /// Names of refused changes, still shown to the person.
    pub(super) refused: Vec<String>,
    pub(super) purged: Vec<DocumentId>,
    generation: u32,
}

/// The document of this number.
pub(super) fn document(n: u8) -> DocumentId {
    DocumentId::v7(0, [n; 10])
}

/// A change's name without what a replay under a fresh actor adds.
pub(super) fn name_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.split('#').next().unwrap_or_default().trim_end().to_owned()
}

/// The toy's change. A hash leaves out the first eight bytes, so they are said again.
fn change_of(name: &str, generation: u32) -> Vec<u8> {
    let again: String = name.chars().take(8).collect();
    format!("{name}#--------{again}{generation}").into_bytes()
}

impl Store {
    /// A person's edit.
    pub(super) fn edit(&mut self, document: DocumentId, name: &str) -> Unsent {
        let bytes = change_of(name, 0);
        let unsent = Unsent { document, hash: hash_of(&bytes), bytes };
        self.outbox.push(unsent.clone());
        unsent
    }

    /// A command given on this device.
    pub(super) fn command(&mut self, n: u8) -> Command {
        let command =
            Command { id: [n; 16], document: document(1), name: "accept".into(), args: vec![], made: 1 };
        self.commands.push(command.clone());
        command
    }

    /// What a new session starts from; the counter is stored first.
    pub(super) fn start(&mut self, live: bool) -> Start {
        self.counter += 1;
        Start {
            counter: self.counter,
            now: 1_000,
            cursor: self.cursor.clone(),
            outbox: self.outbox.clone(),
            commands: self.commands.clone(),
            checkouts: vec![],
            purged: self.purged.clone(),
            live,
            prefix: None,
            marks: vec![],
            heard: None,
            granted: None,
        }
    }

    /// Applies one durable step; gives the documents purged by it and the changes rebuilt by it.
    pub(super) fn apply(&mut self, step: Persist) -> (Vec<DocumentId>, Vec<Unsent>) {
        match step {
            // The hello named them, and the centre recorded it.
            Persist::Welcome { .. } => self.purged.clear(),
            Persist::Acked { changes, .. } => {
                self.outbox.retain(|unsent| !changes.iter().any(|acked| acked.hash == unsent.hash));
            }
            Persist::Rejected { document, changes } => return (vec![], self.rebuild(document, &changes)),
            Persist::Held { .. } => {}
            Persist::Acted { id, .. } => self.commands.retain(|command| command.id != id),
            Persist::Page { cursor, entries, .. } => return (self.page(cursor.to_vec(), entries), vec![]),
        }
        (vec![], vec![])
    }

    fn page(&mut self, cursor: Vec<u8>, entries: Vec<Entry>) -> Vec<DocumentId> {
        if !cursor.is_empty() {
            self.cursor = Some(cursor);
        }
        let mut purged = Vec::new();
        for entry in entries {
            match entry {
                Entry::Document { changes, .. } => {
                    self.received.extend(changes.iter().map(|sent| name_of(&sent.bytes)));
                }
                Entry::Revoke { document } => purged.push(document),
            }
        }
        self.purged.extend(&purged);
        purged
    }

    /// The refused stays shown; every other edit of the document is replayed under a fresh actor.
    fn rebuild(&mut self, document: DocumentId, rejected: &[Rejected]) -> Vec<Unsent> {
        let held = |hash| self.outbox.iter().any(|unsent| unsent.hash == hash);
        if !rejected.iter().any(|refused| held(refused.hash)) {
            return vec![];
        }
        self.generation += 1;
        let mut rebuilt = Vec::new();
        for mut unsent in std::mem::take(&mut self.outbox) {
            let verdict = rejected.iter().find(|refused| refused.hash == unsent.hash);
            if verdict.is_some_and(|refused| refused.code != "covered") {
                self.refused.push(name_of(&unsent.bytes));
                continue;
            }
            if unsent.document == document {
                unsent.bytes = change_of(&name_of(&unsent.bytes), self.generation);
                unsent.hash = hash_of(&unsent.bytes);
                rebuilt.push(unsent.clone());
            }
            self.outbox.push(unsent);
        }
        rebuilt
    }
}
