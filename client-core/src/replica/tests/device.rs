//! A device over a memory store, and the centre's frames by hand.

use doorstep_protocol::documents::{Edit, Kind};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::machines::device::{End, Persist, Start};
use doorstep_protocol::wire::{Acked, Blob, Entry, Rejected, Sent};
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};

use crate::replica::{Replica, Shown};
use crate::source::Source;
use crate::store::{Identity, Memory, Store as _, immediate};

/// Counts up, so that every run is the same.
#[derive(Clone, Debug)]
pub(super) struct Steps {
    pub(super) now: Millis,
    pub(super) byte: u8,
}

impl Source for Steps {
    fn now(&self) -> Millis {
        self.now
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            self.byte = self.byte.wrapping_add(1);
            *byte = self.byte;
        }
    }
}

pub(super) const NOW: Millis = 1_790_000_000_000;

pub(super) struct Device {
    pub(super) store: Memory,
    pub(super) replica: Replica<Memory, Steps>,
}

pub(super) fn device(n: u8) -> Device {
    let store = Memory::default();
    let mut replica = Replica::new(store.clone(), Steps { now: NOW, byte: n.wrapping_mul(40) });
    let identity = Identity {
        url: "http://centre".into(),
        device: DeviceId([n; 8]),
        worker: WorkerId(u32::from(n)),
        name: format!("worker {n}"),
        district: "150702".into(),
        unit: "150702002".into(),
        role: "worker".into(),
        secret: [n; 32],
        proof: None,
    };
    immediate(replica.enrolled(identity, 0)).expect("a new store");
    Device { store, replica }
}

pub(super) fn put(field: &str, value: &str) -> Vec<Edit> {
    vec![Edit::Put { field: field.into(), value: Some(value.into()) }]
}

impl Device {
    pub(super) fn new_case(&mut self, edits: Vec<Edit>) -> DocumentId {
        immediate(self.replica.new_document(Kind::Case, edits)).expect("a valid case").document
    }

    pub(super) fn edit(&mut self, id: DocumentId, edits: Vec<Edit>) -> Hash {
        let made = immediate(self.replica.edit(id, None, edits)).expect("a valid edit");
        *made.hashes.last().expect("something changed")
    }

    pub(super) fn start(&mut self) -> Start {
        immediate(self.replica.start_session(false)).expect("enrolled")
    }

    pub(super) fn persist(&mut self, step: &Persist) -> Vec<DocumentId> {
        immediate(self.replica.persist(step)).expect("the store works")
    }

    pub(super) fn show(&self, id: DocumentId) -> Shown {
        immediate(self.replica.show(id)).expect("shown")
    }

    pub(super) fn accept(&mut self, start: &Start) {
        for unsent in &start.outbox {
            let acked = Acked {
                hash: unsent.hash,
                made: NOW,
                received: NOW + 5,
                receipt: doorstep_protocol::Receipt::default(),
            };
            self.persist(&Persist::Acked { document: unsent.document, changes: vec![acked] });
        }
        immediate(self.replica.end_session(&End::Done)).expect("the store works");
    }

    /// All changes of a document as the centre would send them.
    pub(super) fn sent(&self, id: DocumentId) -> Vec<Sent> {
        let stored = immediate(self.store.load(id)).expect("loads").expect("held");
        let (worker, device) = (WorkerId(u32::from(self.replica_id())), DeviceId([self.replica_id(); 8]));
        let unsent = stored.outbox.into_iter().map(|entry| entry.bytes);
        let bytes = stored.changes.into_iter().map(|change| change.bytes).chain(unsent);
        bytes
            .map(|bytes| Sent {
                bytes: bytes.into(),
                worker,
                device,
                made: NOW,
                received: NOW + 1,
                receipt: doorstep_protocol::Receipt::default(),
            })
            .collect()
    }

    pub(super) fn replica_id(&self) -> u8 {
        let identity = immediate(self.replica.identity()).expect("reads").expect("enrolled");
        identity.device.0[0]
    }
}

pub(super) fn grant(document: DocumentId, changes: Vec<Sent>) -> Entry {
    let decision = br#"{"epoch":1,"n":1,"cause":{"kind":"Intake"},"due":"2026-12-01T00:00:00Z"}"#;
    let decisions = vec![Blob::from(decision.to_vec())];
    Entry::Document { document, grant: true, changes, decisions, settled: None, briefs: None }
}

pub(super) fn page(cursor: &[u8], entries: Vec<Entry>) -> Persist {
    Persist::Page { cursor: Blob::from(cursor.to_vec()), entries, names: Vec::new(), last: true }
}

pub(super) fn refused(hash: Hash, code: &str) -> Rejected {
    Rejected { hash, code: code.into(), message: "no".into() }
}
