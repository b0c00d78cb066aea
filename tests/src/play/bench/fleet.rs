//! Many devices at once against one server process: each with a key, a socket and a thread of its own, and no disk.
//!
//! What they push is made before the clock starts, so that the time is the centre's.

use std::sync::Barrier;
use std::time::{Duration, Instant};

use automerge::Automerge;
use doorstep_client::auth::authorization;
use doorstep_client::store::Identity;
use doorstep_protocol::documents::genesis::new_document;
use doorstep_protocol::documents::{Edit, Kind, Role, edit_at};
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Aside, DeviceRow, EnrolmentRow, Person, Store};
use serde_json::json;

use super::usage;
use crate::play::process::Server;
use crate::play::wire::{Heard, Hello, Socket, hello, push};

/// Documents of one device that are under way at a time; a device sends no more than the centre takes side by side.
const UNDER_WAY: usize = 64;
/// Changes of one push frame.
const PUSH: usize = 256;

/// Enrolled devices. Their keys are in memory only.
pub(super) struct Fleet {
    devices: Vec<Handheld>,
    now: i64,
}

/// One device and the cases that it made.
pub(super) struct Handheld {
    identity: Identity,
    counter: u64,
    actor: [u8; 16],
    cases: Vec<Case>,
}

struct Case {
    id: DocumentId,
    doc: Automerge,
    unsent: Vec<Vec<u8>>,
    made: usize,
}

/// One push to come: document, number of changes, bytes of the frame.
type Frame = ([u8; 16], usize, Vec<u8>);

/// What one run of the fleet took.
pub(super) struct Run {
    /// Changes acknowledged.
    pub(super) changes: usize,
    /// From the first push to the last ack.
    pub(super) took: Duration,
    /// Of each device, from its first push to its last ack.
    pub(super) each: Vec<Duration>,
    /// CPU time of the server and of this process.
    pub(super) cpu: (Duration, Duration),
}

impl Run {
    /// Changes acknowledged a second.
    pub(super) fn rate(&self) -> f64 {
        (self.changes as f64 / self.took.as_secs_f64()).round()
    }

    /// Microseconds of server and of client CPU a change.
    pub(super) fn cpu_us(&self) -> (f64, f64) {
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / self.changes as f64;
        (each(self.cpu.0), each(self.cpu.1))
    }
}

impl Fleet {
    /// Enrols devices beside a running server, as `doorstep admin` does, each of a worker of its own.
    pub(super) fn enrol(
        server: &Server,
        (district, unit): (&str, &str),
        count: usize,
    ) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let now = jiff::Timestamp::now().as_millisecond();
        let devices = runtime.block_on(async {
            let store = SqliteStore::open(&server.data().join("doorstep.sqlite")).await?;
            let mut devices = Vec::with_capacity(count);
            for n in 0..count {
                devices.push(enrol_one(&store, server, (district, unit), (n, now)).await?);
            }
            store.close().await?;
            Ok(devices)
        });
        let devices = devices.map_err(|error: doorstep_server::store::StoreError| error.to_string())?;
        Ok(Fleet { devices, now })
    }

    /// The server was started again and has another address.
    pub(super) fn moved(&mut self, server: &Server) {
        self.devices.iter_mut().for_each(|device| device.identity.url.clone_from(&server.url));
    }

    /// Each device makes so many new cases, each of one change with four fields.
    pub(super) fn make(&mut self, cases: usize, place: &str) -> Result<(), String> {
        for (n, device) in self.devices.iter_mut().enumerate() {
            for _ in 0..cases {
                self.now += 1;
                let mut random = [0; 10];
                random[..4].copy_from_slice(&(n as u32).to_be_bytes());
                random[6..].copy_from_slice(&(device.cases.len() as u32).to_be_bytes());
                let (id, doc) = (DocumentId::v7(self.now, random), new_document(Kind::Case));
                // The genesis is the same everywhere and never stored: it is not sent.
                device.cases.push(Case { id, doc, unsent: Vec::new(), made: 0 });
                let put =
                    |field: &str, value: &str| Edit::Put { field: field.into(), value: Some(value.into()) };
                let title = format!("渠道漏水 {n}-{}", device.cases.len());
                let edits = [
                    put("title", &title),
                    put("category", "water"),
                    put("place", place),
                    put("severity", "medium"),
                ];
                device.edit(self.now, &edits)?;
            }
        }
        Ok(())
    }

    /// So many more changes of every case: log entries, puts and prose in the proportion of a visit.
    pub(super) fn edit(&mut self, changes: usize) -> Result<(), String> {
        for device in &mut self.devices {
            for at in 0..device.cases.len() {
                // The case that is edited is the last one.
                device.cases.rotate_left(1);
                for _ in 0..changes {
                    self.now += 1;
                    let made = device.cases.last().map_or(0, |case| case.made);
                    device.edit(self.now, &[an_edit(made, at)])?;
                }
            }
        }
        Ok(())
    }

    /// Every device pushes what it has not sent, all at once, and waits for the acks.
    pub(super) fn push(&mut self, server: &Server) -> Result<Run, String> {
        let nonce = nonce(&server.url)?;
        let count = self.devices.len();
        let (ready, go) = (Barrier::new(count + 1), Barrier::new(count + 1));
        let pid = std::process::id();
        std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .devices
                .iter_mut()
                .map(|device| {
                    let (ready, go, nonce) = (&ready, &go, &nonce);
                    scope.spawn(move || {
                        let frames = device.frames();
                        let opened = device.open(nonce);
                        ready.wait();
                        go.wait();
                        device.send(opened?, &frames)
                    })
                })
                .collect();
            ready.wait();
            let before = (usage::cpu(server.pid)?, usage::cpu(pid)?);
            let from = Instant::now();
            go.wait();
            let done: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
            let took = from.elapsed();
            let after = (usage::cpu(server.pid)?, usage::cpu(pid)?);
            let mut run =
                Run { changes: 0, took, each: Vec::new(), cpu: (after.0 - before.0, after.1 - before.1) };
            for one in done {
                let (changes, took) = one.map_err(|_| "a device's thread ended early")??;
                run.changes += changes;
                run.each.push(took);
            }
            Ok(run)
        })
    }

    /// The bytes of all changes that were not sent, in the order of the cases.
    pub(super) fn unsent(&self) -> Vec<Vec<u8>> {
        let cases = self.devices.iter().flat_map(|device| &device.cases);
        cases.flat_map(|case| case.unsent.iter().cloned()).collect()
    }
}

async fn enrol_one(
    store: &SqliteStore,
    server: &Server,
    (district, unit): (&str, &str),
    (n, now): (usize, i64),
) -> Result<Handheld, doorstep_server::store::StoreError> {
    let name = format!("第 {n} 名网格员");
    let (district, unit) = (district.to_owned(), unit.to_owned());
    let role = Role::Worker;
    let person = Person {
        worker: WorkerId::default(),
        name: name.clone(),
        district: district.clone(),
        unit: unit.clone(),
        role,
        ended: None,
    };
    let worker = store.add_person(person).await?;
    let (mut secret, mut code, mut device) = ([7; 32], [9; 32], [0xbe; 8]);
    secret[..8].copy_from_slice(&(n as u64).to_be_bytes());
    code[..8].copy_from_slice(&(n as u64).to_be_bytes());
    device[4..].copy_from_slice(&(n as u32).to_be_bytes());
    let device = DeviceId(device);
    let key = doorstep_client::auth::public_key(&secret);
    store
        .write(vec![Aside::Enrolment(EnrolmentRow { code, worker, expires: now + 60_000, used: None })])
        .await?;
    let row = DeviceRow {
        device,
        prefixes: Vec::new(),
        worker,
        district: district.clone(),
        key,
        counter: 0,
        enrolled: now,
        seen: None,
        revoked: None,
    };
    store.enrol(code, row).await?;
    let role = role.name().to_owned();
    let identity = Identity { url: server.url.clone(), device, worker, name, district, unit, role, secret };
    let mut actor = [7; 16];
    actor[..8].copy_from_slice(&device.0);
    Ok(Handheld { identity, counter: 0, actor, cases: Vec::new() })
}

/// What a person does to a case, one change after the other.
fn an_edit(made: usize, case: usize) -> Edit {
    let put = |field: &str, value: String| Edit::Put { field: field.into(), value: Some(value) };
    match made % 10 {
        3 => put("contact_phone", format!("139{:08}", made * 1_000 + case)),
        5 => Edit::SetText {
            field: "description".into(),
            text: format!("第 {made} 次：渠道漏水，果园还没有水"),
        },
        7 => put("severity", if made % 20 == 7 { "light" } else { "medium" }.into()),
        _ => Edit::Append {
            field: "log".into(),
            item: format!("第 {made} 次查看：水位又降了，果园还没有水"),
        },
    }
}

fn nonce(url: &str) -> Result<String, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(doorstep_client::enrol::fetch_nonce(url)).map_err(|error| error.to_string())
}

impl Handheld {
    fn edit(&mut self, now: i64, edits: &[Edit]) -> Result<(), String> {
        let case = self.cases.last_mut().ok_or("there is no case")?;
        let heads: Vec<Hash> = case.doc.get_heads().into_iter().map(Hash::from).collect();
        let made = edit_at(&mut case.doc, Kind::Case, &heads, (&self.actor, now), edits);
        let change = made.map_err(|error| error.to_string())?.ok_or("the edit changes nothing")?;
        case.unsent.push(change.raw_bytes().to_vec());
        case.made += 1;
        Ok(())
    }

    fn frames(&mut self) -> Vec<Frame> {
        let mut frames = Vec::with_capacity(self.cases.len());
        for case in &mut self.cases {
            let document = *case.id.0.as_bytes();
            let changes = std::mem::take(&mut case.unsent);
            frames.extend(changes.chunks(PUSH).map(|part| (document, part.len(), push(&document, part))));
        }
        frames
    }

    /// Connects and says hello. Something is announced that never comes, so that no page is read beside the pushes.
    fn open(&mut self, nonce: &str) -> Result<Socket, String> {
        self.counter += 1;
        let url = doorstep_client::auth::socket_url(&self.identity.url);
        let auth = authorization(&self.identity, nonce);
        let headers = json!({ "Authorization": auth, "Sec-WebSocket-Protocol": "doorstep.v1" });
        let mut socket = Socket::open(&json!({ "url": url, "headers": headers }))?;
        let unsent = [([0xff; 16], vec![[0xff; 32]])];
        let now = jiff::Timestamp::now().as_millisecond();
        socket.send(hello(&Hello { counter: self.counter, now, unsent: &unsent, ..Hello::default() }));
        match socket.hear(Duration::from_mins(2)) {
            Heard::Welcome(_) => Ok(socket),
            other => Err(format!("the centre did not welcome a device: {other:?}")),
        }
    }

    /// Pushes the frames and hears every ack.
    fn send(&self, mut socket: Socket, frames: &[Frame]) -> Result<(usize, Duration), String> {
        let from = Instant::now();
        let (mut waiting, mut acked) = (0, 0);
        let mut hear = |socket: &mut Socket, waiting: &mut usize| match socket.hear(Duration::from_mins(5)) {
            Heard::Ack(_, hashes) => {
                acked += hashes.len();
                *waiting -= 1;
                Ok(())
            }
            Heard::Other(_) => Ok(()),
            other => Err(format!("{} was not acknowledged: {other:?}", self.identity.device)),
        };
        for (_, _, frame) in frames {
            while waiting >= UNDER_WAY {
                hear(&mut socket, &mut waiting)?;
            }
            socket.send(frame.clone());
            waiting += 1;
        }
        while waiting > 0 {
            hear(&mut socket, &mut waiting)?;
        }
        let took = from.elapsed();
        let sent: usize = frames.iter().map(|(_, changes, _)| changes).sum();
        if acked != sent {
            return Err(format!(
                "{} pushed {sent} changes and {acked} were acknowledged",
                self.identity.device
            ));
        }
        socket.close();
        Ok((acked, took))
    }
}
