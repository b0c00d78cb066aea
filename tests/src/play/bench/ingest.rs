//! Changes a second from 200 WebSockets to durable acks, beside the raw group-commit rate of SQLite for the same
//! bytes on the same disk.
//!
//! *New*: cases that the centre has never seen, intake decided before the ack. *Warm*: cases that it has in memory.
//! *Cold*: it was started again just before, and loads every case.

use std::time::Duration;

use super::fleet::{Coming, Fleet, Run};
use super::{Row, floor, raw};
use crate::play::process::{Binaries, Scratch, Serve, Server};

const DEVICES: usize = 200;
/// Cases of each device.
const CASES: usize = 10;
/// Changes of each case before anything is measured beside new ones.
const BASE: usize = 10;
/// Changes a case of the warm run whose parts are measured one by one.
const FLOOR: usize = 10;

pub(super) const DISTRICT: &str = "511902";
pub(super) const TOWN: &str = "511902105";
pub(super) const VILLAGE: &str = "511902105238";

struct Bench {
    scratch: Scratch,
    serve: Serve,
    binaries: Binaries,
    server: Server,
    fleet: Fleet,
    rows: Vec<Row>,
}

pub(super) fn rows() -> Result<Vec<Row>, String> {
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-ingest")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1H".into()), ..Serve::default() };
    let server = Server::start(&binaries, &serve)?;
    let mut fleet = Fleet::enrol(&server, (DISTRICT, TOWN), DEVICES)?;
    fleet.make(CASES, VILLAGE)?;
    fleet.edit(BASE - 1)?;
    let mut bench = Bench { scratch, serve, binaries, server, fleet, rows: Vec::new() };
    bench.measure("new", BASE)?;
    for changes in [1, 10, 64] {
        bench.fleet.edit(changes)?;
        bench.measure("warm", changes)?;
        bench.fleet.edit(changes)?;
        bench.restart()?;
        bench.measure("cold", changes)?;
    }
    Ok(bench.rows)
}

impl Bench {
    fn restart(&mut self) -> Result<(), String> {
        if self.server.stop(Duration::from_secs(30)) != 0 {
            return Err("the server did not stop".into());
        }
        self.server = Server::start(&self.binaries, &self.serve)?;
        self.fleet.moved(&self.server);
        Ok(())
    }

    fn measure(&mut self, state: &str, changes: usize) -> Result<(), String> {
        let loads = self.fleet.take();
        let chunks: Vec<Vec<u8>> =
            loads.iter().flatten().flat_map(|(_, changes)| changes.iter().cloned()).collect();
        let raw = raw::rate(&self.scratch.path("raw.sqlite"), &chunks)?;
        let run = self.fleet.push(&self.server, loads, Coming::Connected)?;
        let name = format!("ingest, 200 devices, {changes} a case, {state}");
        self.rows.push(Row::new(&name, (run.rate(), "changes/s"), raw));
        self.rows.extend(cpu(&name, &run));
        if (state, changes) == ("warm", FLOOR) {
            let (data, fresh) = (self.server.data(), self.scratch.path("floor.sqlite"));
            self.rows.extend(floor::rows(data, &fresh, changes, run.cpu_us().0)?);
            self.rows.push(allowed(raw, run.cpu_us().0));
        }
        Ok(())
    }
}

/// What half the raw rate would leave for everything that is done with a change, all cores at it, beside what it takes.
fn allowed(raw: f64, server_us: f64) -> Row {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as f64;
    let us = (cores * 1e7 / (raw / 2.0)).round() / 10.0;
    Row::new("ingest floor: CPU that half the raw rate allows on all cores", (us, "us/change"), server_us)
}

/// CPU of the server beside that of the load generator.
fn cpu(name: &str, run: &Run) -> Option<Row> {
    let (server, client) = run.cpu_us();
    (client > 0.0)
        .then(|| Row::new(&format!("{name}: server CPU beside clients'"), (server, "us/change"), client))
}
