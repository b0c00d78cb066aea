//! One device of the fleet: its key, its cases, its socket.

use std::time::{Duration, Instant};

use automerge::Automerge;
use doorstep_client::auth::{authorization, public_key, socket_url};
use doorstep_client::store::Identity;
use doorstep_protocol::documents::genesis::new_document;
use doorstep_protocol::documents::{Edit, Kind, Role, edit_at};
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Aside, DeviceRow, EnrolmentRow, Person, Store, StoreError};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::play::wire::{Heard, Hello, Socket, hello, push, stored};

/// Documents of one device that are under way at a time: no more than the centre takes side by side.
const UNDER_WAY: usize = 64;
/// Changes of one push frame.
const PUSH: usize = 256;

/// A document and its changes, to be pushed.
pub(in crate::play::bench) type Load = ([u8; 16], Vec<Vec<u8>>);

/// One device and the cases that it made.
pub(super) struct Handheld {
    pub(super) identity: Identity,
    counter: u64,
    actor: [u8; 16],
    pub(super) cases: Vec<Case>,
}

/// A case on the device.
pub(super) struct Case {
    id: DocumentId,
    doc: Automerge,
    pub(super) unsent: Vec<Vec<u8>>,
    pub(super) made: usize,
}

/// A worker with a device, put into the store as `doorstep admin` and enrolment would.
pub(super) async fn enrol(
    store: &SqliteStore,
    url: &str,
    (district, unit): (&str, &str),
    (n, now): (usize, i64),
) -> Result<Handheld, StoreError> {
    let name = format!("第 {n} 名网格员");
    let (district, unit) = (district.to_owned(), unit.to_owned());
    let person = Person {
        worker: WorkerId::default(),
        name: name.clone(),
        district: district.clone(),
        unit: unit.clone(),
        role: Role::Worker,
        ended: None,
    };
    let worker = store.add_person(person).await?;
    let (mut secret, mut code) = ([7; 32], [9; 32]);
    secret[..8].copy_from_slice(&(n as u64).to_be_bytes());
    code[..8].copy_from_slice(&(n as u64).to_be_bytes());
    let actor: [u8; 16] = scattered(&[n as u64]);
    let device = DeviceId(actor[..8].try_into().expect("eight of sixteen"));
    let offered = EnrolmentRow { code, worker, expires: now + 60_000, used: None };
    store.write(vec![Aside::Enrolment(offered)]).await?;
    let row = DeviceRow {
        device,
        prefixes: Vec::new(),
        worker,
        district: district.clone(),
        key: public_key(&secret),
        enrolled: now,
        seen: None,
        revoked: None,
    };
    store.enrol(code, row).await?;
    let (role, url) = (Role::Worker.name().to_owned(), url.to_owned());
    let identity = Identity { url, device, worker, name, district, unit, role, secret, proof: None };
    Ok(Handheld { identity, counter: 0, actor, cases: Vec::new() })
}

/// Bytes that no compression makes smaller, as random ones, and the same in every run.
pub(super) fn scattered<const N: usize>(from: &[u64]) -> [u8; N] {
    let words: Vec<u8> = from.iter().flat_map(|word| word.to_be_bytes()).collect();
    Sha256::digest(words)[..N].try_into().expect("at most 32 bytes")
}

impl Handheld {
    /// Its cases whole, uncompressed: what others would send.
    pub(super) fn saves(&self) -> impl Iterator<Item = Vec<u8>> {
        self.cases.iter().map(|case| case.doc.save_nocompress())
    }

    /// Ids of its cases.
    pub(super) fn ids(&self) -> impl Iterator<Item = DocumentId> {
        self.cases.iter().map(|case| case.id)
    }

    /// Connects to stay, and takes what there is to take.
    pub(super) fn stay(&mut self, nonce: &str) -> Result<Socket, String> {
        let mut socket = self.connect(nonce, &[], true)?;
        loop {
            match socket.hear(Duration::from_mins(5)) {
                Heard::Welcome(true) => return Ok(socket),
                Heard::Page(cursor, _, last) => {
                    socket.send(stored(&cursor));
                    if last {
                        return Ok(socket);
                    }
                }
                Heard::Welcome(false) | Heard::Other(_) => {}
                other => return Err(format!("the centre did not welcome a device: {other:?}")),
            }
        }
    }

    fn connect(
        &mut self,
        nonce: &str,
        unsent: &[([u8; 16], Vec<[u8; 32]>)],
        live: bool,
    ) -> Result<Socket, String> {
        self.counter += 1;
        let auth = authorization(&self.identity, nonce);
        let headers = json!({ "Authorization": auth, "Sec-WebSocket-Protocol": "doorstep.v1" });
        let mut socket = Socket::open(&json!({ "url": socket_url(&self.identity.url), "headers": headers }))?;
        let now = jiff::Timestamp::now().as_millisecond();
        socket.send(hello(&Hello { counter: self.counter, now, unsent, live, ..Hello::default() }));
        Ok(socket)
    }

    /// A new case, empty. The genesis is the same everywhere and never stored: it is not sent.
    pub(super) fn begin(&mut self, id: DocumentId) {
        self.cases.push(Case { id, doc: new_document(Kind::Case), unsent: Vec::new(), made: 0 });
    }

    /// One more change of the last case.
    pub(super) fn edit(&mut self, now: i64, edits: &[Edit]) -> Result<(), String> {
        let case = self.cases.last_mut().ok_or("there is no case")?;
        let heads: Vec<Hash> = case.doc.get_heads().into_iter().map(Hash::from).collect();
        let made = edit_at(&mut case.doc, Kind::Case, &heads, (&self.actor, now), edits);
        let change = made.map_err(|error| error.to_string())?.ok_or("the edit changes nothing")?;
        case.unsent.push(change.raw_bytes().to_vec());
        case.made += 1;
        Ok(())
    }

    /// What was made and not sent.
    pub(super) fn take(&mut self) -> Vec<Load> {
        let load = |case: &mut Case| (*case.id.0.as_bytes(), std::mem::take(&mut case.unsent));
        self.cases.iter_mut().map(load).filter(|(_, changes)| !changes.is_empty()).collect()
    }

    /// Connects and says hello, announcing these, and one change that never comes, so that no page is read
    /// beside the pushes.
    pub(super) fn open(&mut self, nonce: &str, announced: &[Load]) -> Result<Socket, String> {
        let hash = |change: &Vec<u8>| doorstep_server::gate::change_hash(change);
        let announced = announced.iter().map(|(id, changes)| (*id, changes.iter().map(hash).collect()));
        let unsent: Vec<([u8; 16], Vec<[u8; 32]>)> =
            announced.chain([([0xff; 16], vec![[0xff; 32]])]).collect();
        let mut socket = self.connect(nonce, &unsent, false)?;
        match socket.hear(Duration::from_mins(5)) {
            Heard::Welcome(_) => Ok(socket),
            other => Err(format!("the centre did not welcome a device: {other:?}")),
        }
    }

    /// Pushes and hears every ack. Gives the number of changes, and the time from `from` to the last ack.
    pub(super) fn send(
        &self,
        mut socket: Socket,
        (frames, changes): (Vec<Vec<u8>>, usize),
        from: Instant,
    ) -> Result<(usize, Duration), String> {
        let (mut sent, mut answered, mut acked) = (0, 0, 0);
        while answered < frames.len() {
            if sent < frames.len() && sent - answered < UNDER_WAY {
                socket.send(frames[sent].clone());
                sent += 1;
                continue;
            }
            match socket.hear(Duration::from_mins(5)) {
                Heard::Ack(_, hashes) => {
                    acked += hashes.len();
                    answered += 1;
                }
                Heard::Other(_) => {}
                other => return Err(format!("{} was not acknowledged: {other:?}", self.identity.device)),
            }
        }
        let took = from.elapsed();
        if acked != changes {
            let device = self.identity.device;
            return Err(format!("{device} pushed {changes} changes and {acked} were acknowledged"));
        }
        socket.close();
        Ok((acked, took))
    }
}

/// The push frames of a load, and how many changes they carry.
pub(super) fn frames(load: &[Load]) -> (Vec<Vec<u8>>, usize) {
    let parts = load.iter().flat_map(|(id, changes)| changes.chunks(PUSH).map(move |part| push(id, part)));
    (parts.collect(), load.iter().map(|(_, changes)| changes.len()).sum())
}
