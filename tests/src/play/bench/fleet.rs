//! Many devices at once against one server process: each with a key, a socket and a thread of its own, and no disk.
//!
//! What they push is made before the clock starts, so that the time is the centre's.

mod handheld;
mod visits;

use std::ops::Range;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Edit;
use doorstep_server::store::StoreError;
use doorstep_server::store::sqlite::SqliteStore;

use super::usage;
use crate::play::process::Server;
use crate::play::wire::Socket;
pub(super) use handheld::Load;
use handheld::{Handheld, enrol, frames, scattered};

/// Enrolled devices. Their keys are in memory only.
pub(super) struct Fleet {
    devices: Vec<Handheld>,
    now: i64,
}

/// How the devices come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Coming {
    /// All are connected before the clock starts; nothing is announced.
    Connected,
    /// One after the other within this time, each announcing what it brings. A device's time begins before it
    /// connects.
    Within(Duration),
}

/// What one run of the fleet took.
pub(super) struct Run {
    /// Changes acknowledged.
    pub(super) changes: usize,
    /// From the first push to the last ack.
    pub(super) took: Duration,
    /// Of each device, to its last ack.
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
    pub(super) fn enrol(server: &Server, unit: (&str, &str), count: usize) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let now = jiff::Timestamp::now().as_millisecond();
        let devices = runtime.block_on(async {
            let store = SqliteStore::open(&server.data().join("doorstep.sqlite")).await?;
            let mut devices = Vec::with_capacity(count);
            for n in 0..count {
                devices.push(enrol(&store, &server.url, unit, (n, now)).await?);
            }
            store.close().await?;
            Ok(devices)
        });
        let devices = devices.map_err(|error: StoreError| error.to_string())?;
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
                device.begin(id(self.now, n, device.cases.len()));
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

    /// The same change of every case again, one that policy reads.
    pub(super) fn worsen(&mut self, severity: &str) -> Result<(), String> {
        for device in &mut self.devices {
            for _ in 0..device.cases.len() {
                device.cases.rotate_left(1);
                self.now += 1;
                let edit = Edit::Put { field: "severity".into(), value: Some(severity.into()) };
                device.edit(self.now, &[edit])?;
            }
        }
        Ok(())
    }

    /// All cases whole, uncompressed, device by device.
    pub(super) fn saves(&self) -> Vec<Vec<u8>> {
        self.devices.iter().flat_map(Handheld::saves).collect()
    }

    /// Ids of all cases, device by device.
    pub(super) fn ids(&self) -> Vec<DocumentId> {
        self.devices.iter().flat_map(Handheld::ids).collect()
    }

    /// Sessions of these devices that stay open, with nothing to say.
    pub(super) fn stay(&mut self, server: &Server, which: Range<usize>) -> Result<Vec<Socket>, String> {
        let mut nonce = nonce(&server.url)?;
        let mut sockets = Vec::with_capacity(which.len());
        for (n, device) in self.devices[which].iter_mut().enumerate() {
            if n % 500 == 499 {
                nonce = self::nonce(&server.url)?;
            }
            sockets.push(device.stay(&nonce)?);
        }
        Ok(sockets)
    }

    /// What every device has made and not sent.
    pub(super) fn take(&mut self) -> Vec<Vec<Load>> {
        self.devices.iter_mut().map(Handheld::take).collect()
    }

    /// The first devices push a load each and wait for the acks.
    pub(super) fn push(
        &mut self,
        server: &Server,
        loads: Vec<Vec<Load>>,
        coming: Coming,
    ) -> Result<Run, String> {
        let nonce = nonce(&server.url)?;
        let count = self.devices.len().min(loads.len());
        let (ready, go) = (Barrier::new(count + 1), Barrier::new(count + 1));
        std::thread::scope(|scope| {
            let pairs = self.devices.iter_mut().zip(loads).enumerate();
            let threads: Vec<_> = pairs
                .map(|(n, (device, load))| {
                    let (ready, go, nonce) = (&ready, &go, &nonce);
                    scope.spawn(move || {
                        let frames = frames(&load);
                        let opened = match coming {
                            Coming::Connected => Some(device.open(nonce, &[])),
                            Coming::Within(_) => None,
                        };
                        ready.wait();
                        go.wait();
                        if let Coming::Within(span) = coming {
                            std::thread::sleep(span * n as u32 / count as u32);
                        }
                        let from = Instant::now();
                        let socket = opened.unwrap_or_else(|| device.open(nonce, &load))?;
                        device.send(socket, frames, from)
                    })
                })
                .collect();
            ready.wait();
            let pid = std::process::id();
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
}

fn id(now: i64, device: usize, case: usize) -> DocumentId {
    DocumentId::v7(now, scattered(&[device as u64, case as u64]))
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
