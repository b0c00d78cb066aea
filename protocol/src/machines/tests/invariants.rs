//! What must hold at every frame and request of a session, whatever the order.

use std::collections::BTreeSet;

use super::centre::{Centre, hash_of};
use super::store::Store;
use crate::machines::session::Out;
use crate::wire::{Down, Up};
use crate::{DocumentId, Hash};

/// What one session has said so far, as far as a rule needs it.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that has happened")]
pub(super) struct Invariants {
    announced: BTreeSet<(DocumentId, Hash)>,
    pushed: Vec<(DocumentId, Vec<Hash>)>,
    commands: u32,
    hello: bool,
    welcomed: bool,
    faulted: bool,
    opened: bool,
    pages_out: usize,
    drained: bool,
}

impl Invariants {
    /// The device sends a frame.
    pub(super) fn said(&mut self, frame: &Up, store: &Store) {
        assert_eq!(matches!(frame, Up::Hello(_)), !self.hello, "the hello is first and once");
        self.hello = true;
        match frame {
            Up::Hello(hello) => {
                let hashes = |a: &crate::wire::Announced| {
                    a.hashes.iter().map(|h| (a.document, *h)).collect::<Vec<_>>()
                };
                self.announced = hello.unsent.iter().flat_map(hashes).collect();
                self.commands = hello.commands;
            }
            Up::Stored { cursor, .. } => {
                let stored = store.cursor.as_ref().is_some_and(|stored| stored[..] == cursor[..]);
                assert!(cursor.is_empty() || stored, "stored is said after it is so");
                assert_eq!(self.pages_out, 1);
                self.pages_out = 0;
            }
            Up::Push { document, changes } => {
                self.pushed.push((*document, changes.iter().map(|chunk| hash_of(chunk)).collect()));
            }
            Up::Act(_) | Up::Return { .. } | Up::Returned => {}
        }
    }

    /// The centre sends a frame.
    pub(super) fn heard(&mut self, frame: &Down, centre: &Centre) {
        assert!(!self.faulted, "nothing follows a fault");
        let first_allowed = matches!(frame, Down::Welcome(_) | Down::Fault { .. });
        assert!(self.welcomed || first_allowed, "the welcome comes first: {frame:?}");
        match frame {
            Down::Welcome(welcome) => {
                assert!(!self.welcomed, "one welcome");
                self.welcomed = true;
                assert!(!welcome.last || self.answered(), "last says that all is answered");
            }
            Down::Ack { push, without, facts, .. } => {
                let (document, hashes) = &self.pushed[*push as usize];
                let left = hashes.iter().enumerate().filter(|(at, _)| !without.contains(&(*at as u32)));
                let acked: Vec<Hash> = left.map(|(_, hash)| *hash).collect();
                assert_eq!(facts.iter().map(|facts| facts.count as usize).sum::<usize>(), acked.len());
                for hash in acked {
                    assert!(centre.accepted.contains_key(&hash), "an ack means durable");
                    self.announced.remove(&(*document, hash));
                }
            }
            Down::Reject { document, changes } => {
                for rejected in changes {
                    assert!(centre.quarantine.contains_key(&rejected.hash), "quarantined before the reply");
                    self.announced.remove(&(*document, rejected.hash));
                }
            }
            Down::Held { document, changes } => {
                for held in changes {
                    assert!(!centre.accepted.contains_key(&held.hash), "what is taken is not held");
                    self.announced.remove(&(*document, held.hash));
                }
            }
            Down::Acted { id, .. } => {
                assert!(centre.acted.contains(id), "decided before the reply");
                self.commands = self.commands.saturating_sub(1);
            }
            Down::Page { .. } => {
                assert!(self.answered(), "pages wait for what the hello announced");
                assert_eq!(self.pages_out, 0, "one page in flight");
                self.pages_out = 1;
            }
            Down::Fault { .. } => self.faulted = true,
        }
    }

    /// The session asks for something.
    pub(super) fn asked(&mut self, task: &Out, under_way: &[Out]) {
        assert_eq!(matches!(task, Out::Open(_)), !self.opened, "the hello is recorded first");
        let opening = under_way.iter().any(|other| matches!(other, Out::Open(_)));
        assert!(!opening, "nothing is asked for while the hello is being recorded");
        self.opened = true;
        let alike = |kind: fn(&Out) -> bool| under_way.iter().any(kind);
        match task {
            Out::Ingest { document, .. } => {
                let same = |other: &Out| matches!(other, Out::Ingest { document: d, .. } if d == document);
                assert!(!under_way.iter().any(same), "pushes of one document come one after the other");
            }
            Out::Act(_) => {
                assert!(
                    !alike(|other| matches!(other, Out::Ingest { .. } | Out::Act(_))),
                    "commands come after"
                );
            }
            Out::LoadPage => {
                assert!(self.answered() && self.drained);
                assert!(!alike(|other| matches!(other, Out::LoadPage | Out::Stored { .. })));
            }
            Out::Drained => {
                assert!(!self.drained, "drained once");
                self.drained = true;
            }
            _ => {}
        }
    }

    fn answered(&self) -> bool {
        self.announced.is_empty() && self.commands == 0
    }
}
