//! Stored changes to a document and its conflict table.
//!
//! Never judges changes: the centre's gate has, and this device made its own. Of a change of a newer schema
//! the words that this build knows are shown; the whole of it is applied and kept.

use automerge::{Automerge, Change, ReadDoc};
use doorstep_protocol::documents::genesis::{genesis, migrations_to, new_document, with_migrations};
use doorstep_protocol::documents::{Accepted, Facts, Kind, Table, View, known_words};
use doorstep_protocol::{DocumentId, Hash};

use super::Author;
use crate::store::{DocumentRow, Stored, StoredDecision};

/// A held document cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("document {document} cannot be opened: {what}")]
pub struct Unreadable {
    document: DocumentId,
    what: String,
}

impl Unreadable {
    #[expect(clippy::unused_self, reason = "read like the other errors' advice")]
    pub(super) fn next(&self) -> &'static str {
        "Copy the store file away before anything else, and report this; other documents are not affected."
    }
}

/// A document in memory.
pub(super) struct Document {
    pub(super) kind: Kind,
    pub(super) doc: Automerge,
    pub(super) table: Table,
    /// In the order of arrival, for tables of a part of the history.
    words: Vec<Accepted>,
}

/// A document's heads in ascending order.
pub(super) fn heads(doc: &Automerge) -> Vec<Hash> {
    let mut heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
    heads.sort_unstable();
    heads
}

impl Document {
    /// What the centre has accepted.
    pub(super) fn accepted(stored: &Stored) -> Result<Self, Unreadable> {
        let kind = stored.row.kind;
        let mut document =
            Document { kind, doc: new_document(kind), table: Table::default(), words: Vec::new() };
        document.note(genesis(kind), Facts::default());
        document.add(stored, stored.changes.iter().map(|change| (change.bytes.as_slice(), change.facts)))?;
        Ok(document)
    }

    /// What the device shows: accepted changes and its own that are under way.
    pub(super) fn shown(stored: &Stored, author: &Author) -> Result<Self, Unreadable> {
        let mut document = Self::accepted(stored)?;
        let pending = stored.outbox.iter().filter(|entry| !document.table.knows(&entry.hash));
        let pending: Vec<_> =
            pending.map(|entry| (entry.bytes.as_slice(), author.provisional(entry.made))).collect();
        document.add(stored, pending.into_iter())?;
        Ok(document)
    }

    fn add<'a>(
        &mut self,
        stored: &Stored,
        changes: impl Iterator<Item = (&'a [u8], Facts)>,
    ) -> Result<(), Unreadable> {
        let unreadable = |what: String| Unreadable { document: stored.row.document, what };
        let mut parsed = Vec::new();
        for (bytes, facts) in changes {
            let change = Change::from_bytes(bytes.to_vec()).map_err(|error| unreadable(error.to_string()))?;
            self.note(&change, facts);
            parsed.push(change);
        }
        let all = with_migrations(self.kind, parsed);
        self.doc.apply_changes(all).map_err(|error| unreadable(error.to_string()))
    }

    /// Adds a change that is in the document to the table.
    pub(super) fn note(&mut self, change: &Change, facts: Facts) {
        let migrations = change.deps().iter().flat_map(|dep| migrations_to(self.kind, &Hash::from(*dep)));
        let words = migrations.map(|migration| (migration, Facts::default())).chain([(change, facts)]);
        for (change, facts) in words {
            if !self.table.knows(&change.hash().into()) {
                let words = known_words(self.kind, change, facts);
                self.table.insert(words.clone());
                self.words.push(words);
            }
        }
    }

    pub(super) fn heads(&self) -> Vec<Hash> {
        heads(&self.doc)
    }

    /// The heads among these: what no other of them follows. `None` if one is not in the document.
    pub(super) fn reduced(&self, at: &[Hash]) -> Option<Vec<Hash>> {
        let own = self.heads();
        if own == at {
            return Some(own);
        }
        let at: Vec<_> = at.iter().map(|hash| automerge::ChangeHash::from(*hash)).collect();
        self.doc.fork_at(&at).ok().map(|fork| heads(&fork))
    }

    /// What stood when a form showed these heads. The whole table where they are not in the document.
    pub(super) fn table_at(&self, at: &[Hash]) -> Table {
        let at: Vec<_> = at.iter().map(|hash| automerge::ChangeHash::from(*hash)).collect();
        match self.doc.fork_at(&at) {
            Ok(fork) => Table::of(
                self.words
                    .iter()
                    .filter(|words| fork.get_change_by_hash(&words.hash.into()).is_some())
                    .cloned(),
            ),
            Err(_) => self.table.clone(),
        }
    }
}

/// What lists show without opening the document.
pub(super) fn summarise(row: &mut DocumentRow, document: &Document, decisions: &[StoredDecision]) {
    row.title = match row.kind.field("title").map(|field| document.table.view(field)) {
        Some(View::Is(title)) => title,
        _ => None,
    };
    let last =
        decisions.last().and_then(|decision| serde_json::from_str::<serde_json::Value>(&decision.json).ok());
    row.due = last.and_then(|decision| decision["due"].as_str().map(str::to_owned));
}
