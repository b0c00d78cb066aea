//! The evening return: every device of a district comes back within a minute with cases that were edited all day.
//!
//! Announced, pushed, acknowledged, settled and decided again; pages are measured elsewhere. The server is a process
//! of its own, so that its memory is its own.

use std::time::{Duration, Instant};

use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Query, Store};

use super::fleet::{Coming, Fleet};
use super::ingest::{DISTRICT, TOWN, VILLAGE};
use super::{Row, Size, usage};
use crate::play::process::{Binaries, Scratch, Serve, Server, poll};

/// Changes of each case before the day.
const BASE: usize = 10;
const MINUTE: Duration = Duration::from_mins(1);
/// What the server may have in memory at the most, in MB.
const MEMORY: f64 = 400.0;

pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let (devices, cases) = match size {
        Size::Short => (200, 50),
        Size::Full => (1_000, 50),
    };
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-evening")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1S".into()), ..Serve::default() };
    let mut server = Server::start(&binaries, &serve)?;
    let mut fleet = Fleet::enrol(&server, (DISTRICT, TOWN), devices)?;
    fleet.make(cases, VILLAGE)?;
    fleet.edit(BASE - 1)?;
    let loads = fleet.take();
    fleet.push(&server, loads, Coming::Connected)?;
    decided(&server, devices * cases, 1)?;
    let (_, loading) = usage::memory(server.pid)?;
    // That every device brings its whole store at once is no evening: the day's server has not seen it.
    if server.stop(MINUTE) != 0 {
        return Err("the server does not stop".into());
    }
    let server = Server::start(&binaries, &serve)?;
    fleet.moved(&server);

    fleet.edit(1)?;
    fleet.worsen("heavy")?;
    let loads = fleet.take();
    let run = fleet.push(&server, loads, Coming::Within(MINUTE))?;
    let from = Instant::now();
    decided(&server, devices * cases, 2)?;
    let settled = from.elapsed().as_secs_f64();
    let (_, most) = usage::memory(server.pid)?;
    let seconds: Vec<f64> = run.each.iter().map(Duration::as_secs_f64).collect();
    let mean = seconds.iter().sum::<f64>() / seconds.len() as f64;
    let slowest = seconds.iter().copied().fold(0.0, f64::max);
    let name = format!("evening return, {devices} devices with {cases} edited cases within a minute");
    let (server_us, client_us) = run.cpu_us();
    Ok(vec![
        Row::new(
            &format!("{name}: last ack"),
            (run.took.as_secs_f64() * 1e3, "ms"),
            MINUTE.as_secs_f64() * 1e3,
        ),
        Row::new(&format!("{name}: slowest device beside the mean"), (slowest * 1e3, "ms"), mean * 1e3),
        Row::new(
            &format!("{name}: all decided after the last ack"),
            (settled * 1e3, "ms"),
            MINUTE.as_secs_f64() * 1e3,
        ),
        Row::new(&format!("{name}: server memory at most"), (most, "MB"), MEMORY),
        Row::new(
            &format!("{name}: the same while all of it was loaded at once before"),
            (loading, "MB"),
            MEMORY,
        ),
        Row::new(&format!("{name}: server CPU beside clients'"), (server_us, "us/change"), client_us),
    ])
}

/// Waits until every case has settled and its last decision has at least this number.
fn decided(server: &Server, cases: usize, n: u32) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let path = server.data().join("doorstep.sqlite");
    let store = runtime.block_on(SqliteStore::open(&path)).map_err(|error| error.to_string())?;
    let all = || {
        let (mut seen, mut after) = (0, None);
        loop {
            let query = Query { district: DISTRICT.into(), after, limit: 1_000, ..Query::default() };
            let rows = runtime.block_on(store.rows(query)).ok()?;
            let Some(last) = rows.last() else { break };
            after = Some(last.document);
            seen += rows.len();
            if rows.iter().any(|row| row.unsettled_since.is_some() || row.decided < n) {
                return None;
            }
        }
        (seen == cases).then_some(())
    };
    poll(Duration::from_mins(10), all).ok_or_else(|| format!("not all of {cases} cases are decided"))
}
