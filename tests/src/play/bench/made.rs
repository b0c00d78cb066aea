//! Many cases at once, made with the protocol's own edits and pushed over one socket: a device with no disk.

use std::collections::BTreeMap;
use std::time::Duration;

use automerge::Automerge;
use doorstep_protocol::documents::{Edit, Kind, edit_at, genesis, genesis::new_document};
use doorstep_protocol::{DocumentId, Hash};
use serde_json::Value as Json;

use crate::play::process::Device;
use crate::play::wire::{Heard, Hello, Socket, hello, push};

/// A case that an author made, and its changes that were not acknowledged.
#[derive(Debug)]
pub struct Made {
    /// Its id.
    pub id: DocumentId,
    doc: Automerge,
    /// Chunks to push, in order.
    pub changes: Vec<Vec<u8>>,
}

/// An enrolled device whose edits are made in memory.
#[derive(Debug)]
pub struct Author {
    device: Device,
    actor: [u8; 16],
    counter: u64,
    now: i64,
    made: u64,
}

impl Author {
    /// Over an enrolled `doorstep-device`; `prefix` is the device id that enrolment gave.
    pub fn new(device: Device, prefix: &str) -> Result<Self, String> {
        let prefix: doorstep_protocol::DeviceId =
            prefix.parse().map_err(|_| format!("{prefix:?} is no device id"))?;
        let mut actor = [7; 16];
        actor[..8].copy_from_slice(&prefix.0);
        let now = jiff::Timestamp::now().as_millisecond();
        Ok(Author { device, actor, counter: 0, now, made: 0 })
    }

    /// What a client of one's own needs to connect.
    pub fn auth(&self) -> Result<Json, String> {
        self.device.run(&["auth"])?.good()
    }

    /// A new case with a title, a category and a place; its place tells cases of a run apart.
    pub fn make(&mut self, place: &str) -> Result<Made, String> {
        self.made += 1;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&self.made.to_be_bytes());
        let id = DocumentId::v7(self.now, random);
        let mut case = Made {
            id,
            doc: new_document(Kind::Case),
            changes: vec![genesis(Kind::Case).raw_bytes().to_vec()],
        };
        let put = |field: &str, value: String| Edit::Put { field: field.into(), value: Some(value) };
        let title = format!("渠道漏水 {}", self.made);
        let edits = [
            put("title", title),
            put("category", "water".into()),
            put("place", place.into()),
            put("severity", "medium".into()),
        ];
        self.edit(&mut case, &edits)?;
        Ok(case)
    }

    /// One more change of a case.
    pub fn edit(&mut self, case: &mut Made, edits: &[Edit]) -> Result<Hash, String> {
        self.now += 1;
        let heads: Vec<Hash> = case.doc.get_heads().into_iter().map(Hash::from).collect();
        let made = edit_at(&mut case.doc, Kind::Case, &heads, (&self.actor, self.now), edits);
        let change = made.map_err(|error| error.to_string())?.ok_or("the edit changes nothing")?;
        case.changes.push(change.raw_bytes().to_vec());
        Ok(change.hash().into())
    }

    /// Pushes what was made and waits until all of it is acknowledged. Returns the number of changes.
    pub fn send(&mut self, cases: &mut [Made]) -> Result<usize, String> {
        const UNDER_WAY: usize = 64;
        self.counter += 1;
        let mut socket = Socket::open(&self.auth()?)?;
        socket.send(hello(&Hello { counter: self.counter, now: self.now, ..Hello::default() }));
        let mut waiting: BTreeMap<[u8; 16], usize> = BTreeMap::new();
        let mut sent = 0;
        for case in cases.iter_mut() {
            while waiting.len() >= UNDER_WAY {
                heard(&mut socket, &mut waiting)?;
            }
            let changes = std::mem::take(&mut case.changes);
            if changes.is_empty() {
                continue;
            }
            let document = *case.id.0.as_bytes();
            sent += changes.len();
            waiting.insert(document, changes.len());
            for part in changes.chunks(256) {
                socket.send(push(&document, part));
            }
        }
        while !waiting.is_empty() {
            heard(&mut socket, &mut waiting)?;
        }
        socket.close();
        Ok(sent)
    }
}

fn heard(socket: &mut Socket, waiting: &mut BTreeMap<[u8; 16], usize>) -> Result<(), String> {
    match socket.hear(Duration::from_mins(1)) {
        Heard::Ack(document, hashes) => {
            if let Some(left) = waiting.get_mut(&document) {
                *left = left.saturating_sub(hashes.len());
                if *left == 0 {
                    waiting.remove(&document);
                }
            }
            Ok(())
        }
        Heard::Welcome(_) | Heard::Other(_) | Heard::Page(..) => Ok(()),
        other => Err(format!("the centre did not take the changes: {other:?}")),
    }
}
