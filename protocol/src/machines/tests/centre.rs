//! A toy centre: a set of accepted changes, a feed, and what each request of a session comes to.

use std::collections::{BTreeMap, BTreeSet};

use crate::machines::session::{In, Opened, Out, Page};
use crate::wire::{Acked, ActOutcome, Blob, Entry, Hello, Rejected, Sent};
use crate::{DeviceId, DocumentId, Hash, Receipt, WorkerId};

/// One thing in the feed.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A change, and whether the device of these tests made it.
    Change { document: DocumentId, bytes: Vec<u8>, own: bool },
    /// The device may no longer hold the document.
    Revoke(DocumentId),
}

/// What is durable at the centre, and how many entries one page has.
#[derive(Debug)]
pub(super) struct Centre {
    pub(super) accepted: BTreeMap<Hash, (DocumentId, Vec<u8>)>,
    pub(super) quarantine: BTreeMap<Hash, &'static str>,
    pub(super) feed: Vec<Item>,
    /// Commands in the order in which they were decided.
    pub(super) acted: Vec<[u8; 16]>,
    /// Purges that the device confirmed.
    pub(super) confirmed: BTreeSet<DocumentId>,
    pub(super) drained: usize,
    pub(super) page_size: usize,
    /// Where the session at hand reads on.
    at: usize,
}

/// The toy's change: a text; one whose name begins with "bad" is refused.
pub(super) fn hash_of(bytes: &[u8]) -> Hash {
    crate::wire::hash_of(bytes)
}

impl Centre {
    pub(super) fn new() -> Self {
        Centre {
            accepted: BTreeMap::new(),
            quarantine: BTreeMap::new(),
            feed: Vec::new(),
            acted: Vec::new(),
            confirmed: BTreeSet::new(),
            drained: 0,
            page_size: 2,
            at: 0,
        }
    }

    /// Another device's change.
    pub(super) fn commit_foreign(&mut self, document: DocumentId, name: &str) {
        self.feed.push(Item::Change { document, bytes: name.as_bytes().to_vec(), own: false });
    }

    /// Does what a session asked for, durably, and gives what it is to be told.
    pub(super) fn complete(&mut self, asked: Out) -> Option<In> {
        match asked {
            Out::Open(hello) => Some(In::Opened(self.open(&hello))),
            Out::Ingest { document, changes, covered } => Some(self.ingest(document, &changes, covered)),
            Out::Act(command) => {
                if !self.acted.contains(&command.id) {
                    self.acted.push(command.id);
                }
                let n = self.acted.iter().position(|id| *id == command.id).expect("just decided") as u32;
                Some(In::Acted { id: command.id, outcome: ActOutcome::Decided { n } })
            }
            Out::LoadPage => Some(In::Page(self.page())),
            // This toy centre never asks for anything back.
            Out::Return { .. } => unreachable!("nothing was asked to be given back"),
            Out::Stored { cursor, purged } => {
                if !cursor.is_empty() {
                    self.at = position(&cursor);
                }
                self.confirmed.extend(purged);
                Some(In::Recorded)
            }
            Out::Drained => {
                self.drained += 1;
                None
            }
            Out::Send(_) | Out::Close => unreachable!("the line's business"),
        }
    }

    fn open(&mut self, hello: &Hello) -> Opened {
        self.at = hello.cursor.as_ref().map_or(0, position);
        self.confirmed.extend(&hello.purged);
        Opened {
            epoch: 1,
            scope: 1,
            now: 5_000,
            prefix: (hello.counter == 0).then_some(DeviceId([9; 8])),
            reoffer: None,
        }
    }

    fn ingest(&mut self, document: DocumentId, changes: &[Blob], mut covered: bool) -> In {
        let (mut acked, mut rejected) = (Vec::new(), Vec::new());
        for bytes in changes {
            let hash = hash_of(bytes);
            let code = match self.quarantine.get(&hash) {
                Some(code) => Some(*code),
                None if bytes.starts_with(b"bad") => Some("schema.type"),
                None if covered => Some("covered"),
                None => None,
            };
            if let Some(code) = code {
                covered = true;
                self.quarantine.insert(hash, code);
                rejected.push(Rejected { hash, code: code.into(), message: String::new() });
            } else {
                if self.accepted.insert(hash, (document, bytes.to_vec())).is_none() {
                    self.feed.push(Item::Change { document, bytes: bytes.to_vec(), own: true });
                }
                acked.push(Acked { hash, made: 1, received: 2, receipt: Receipt::default() });
            }
        }
        In::Ingested { document, acked, rejected, held: Vec::new() }
    }

    fn page(&self) -> Option<Page> {
        let foreign = |item: &&(usize, &Item)| !matches!(item.1, Item::Change { own: true, .. });
        let rest: Vec<(usize, &Item)> = self.feed.iter().enumerate().skip(self.at).collect();
        let visible: Vec<_> = rest.iter().filter(foreign).collect();
        let (last, _) = visible.iter().take(self.page_size).next_back()?;
        let entries = visible.iter().take(self.page_size).map(|(_, item)| entry(item)).collect();
        let cursor = Blob::from((*last as u64 + 1).to_be_bytes().to_vec());
        Some(Page { cursor, entries, names: vec![], more: visible.len() > self.page_size })
    }
}

fn position(cursor: &Blob) -> usize {
    let bytes: [u8; 8] = cursor[..].try_into().expect("a cursor that this centre made");
    u64::from_be_bytes(bytes) as usize
}

fn entry(item: &Item) -> Entry {
    match item {
        Item::Revoke(document) => Entry::Revoke { document: *document },
        Item::Change { document, bytes, .. } => {
            let bytes = Blob::from(bytes.clone());
            let sent = Sent {
                bytes,
                worker: WorkerId(2),
                device: DeviceId([2; 8]),
                made: 1,
                received: 2,
                receipt: Receipt::default(),
            };
            Entry::Document {
                document: *document,
                grant: false,
                changes: vec![sent],
                decisions: vec![],
                settled: None,
                briefs: None,
            }
        }
    }
}
