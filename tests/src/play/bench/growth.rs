//! What a changed case costs with many cases stored, beside the same with ten thousand.
//!
//! Both times the server was started just before, so that every case it touches is loaded from the disk, and as many
//! cases are changed, each for the first time since it was registered. Those come through sockets, gate and decisions, and
//! some are changed before the clock starts: the index of words has merges to make up for that filling it so fast leaves.
//! What fills the store around them is what gate and pipeline wrote of such a case, under other ids and in rows of a
//! district of four years ([`cases`]), by the commits that write everything: a million through sockets would take hours.

use std::time::{Duration, Instant};

use doorstep_protocol::DocumentId;
use doorstep_server::store::sqlite::SqliteStore;
use doorstep_server::store::{Row as Written, Store};

use super::desk::{bar, rows as cases};
use super::fleet::{Coming, Fleet, Load};
use super::ingest::{DISTRICT, TOWN, VILLAGE};
use super::{Row, Size, usage};
use crate::play::process::{Binaries, Scratch, Serve, Server};

const DEVICES: usize = 100;
/// Changes of each case.
const BASE: usize = 10;
/// Cases of each device that are changed and not counted, and such that are, each time others.
const UNCOUNTED: usize = 10;
const COUNTED: usize = 40;
/// Of each device.
const CASES: usize = 2 * (UNCOUNTED + COUNTED);
const FEW: usize = DEVICES * CASES;
/// A server that has used less than this within [`LOOK`] has done what it does when it starts.
const IDLE: Duration = Duration::from_millis(20);
const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_mins(5);

pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let many = match size {
        Size::Short => 40_000,
        Size::Full => 1_000_000,
    };
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-growth")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT24H".into()), ..Serve::default() };
    let mut server = Server::start(&binaries, &serve)?;
    let mut fleet = Fleet::enrol(&server, (DISTRICT, TOWN), DEVICES)?;
    fleet.make(CASES, VILLAGE)?;
    fleet.edit(BASE - 1)?;
    let made = fleet.take();
    fleet.push(&server, made, Coming::Connected)?;
    let with = written(&serve.data.join("doorstep.sqlite"), fleet.ids()[0])?;
    fleet.edit(1)?;
    let mut first = fleet.take();
    let second = first.iter_mut().map(|loads| loads.split_off(CASES / 2)).collect();
    let mut stored = 0;
    let mut measured = Vec::new();
    for (wanted, mut uncounted) in [(FEW, first), (many, second)] {
        let counted = uncounted.iter_mut().map(|loads: &mut Vec<Load>| loads.split_off(UNCOUNTED)).collect();
        stop(&mut server)?;
        let file = serve.data.join("doorstep.sqlite");
        let began = Instant::now();
        let shown = bar("cases", wanted);
        cases::fill(&file, (&mut stored, wanted - FEW), &with, &shown)?;
        shown.finish_and_clear();
        let bytes = std::fs::metadata(&file).map_or(0, |found| found.len());
        eprintln!("{wanted} cases stored, {} MB, {:.0} s", bytes >> 20, began.elapsed().as_secs_f64());
        server = Server::start(&binaries, &serve)?;
        begun(&server)?;
        fleet.moved(&server);
        fleet.push(&server, uncounted, Coming::Connected)?;
        begun(&server)?;
        let run = fleet.push(&server, counted, Coming::Connected)?;
        measured.push((run.cpu_us().0, usage::memory(server.pid)?.1));
    }
    let [(few_us, few_mb), (many_us, many_mb)] = measured[..] else { return Err("two were measured".into()) };
    Ok(vec![
        Row::new(
            &format!("growth: server CPU a changed case, {many} stored beside {FEW}"),
            (many_us, "us"),
            few_us,
        ),
        Row::new(
            &format!("growth: server memory at most, {many} stored beside {FEW}"),
            (many_mb, "MB"),
            few_mb,
        ),
    ])
}

fn stop(server: &mut Server) -> Result<(), String> {
    if server.stop(Duration::from_mins(1)) == 0 { Ok(()) } else { Err("the server did not stop".into()) }
}

/// Waits until a server has nothing more to do: what every start does once, what the last push left to be looked at.
fn begun(server: &Server) -> Result<(), String> {
    let began = Instant::now();
    loop {
        let before = usage::cpu(server.pid)?;
        std::thread::sleep(LOOK);
        if usage::cpu(server.pid)? - before < IDLE {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            return Err("the server is never done with starting".into());
        }
    }
}

/// What the gate and the pipeline have written of this case.
fn written(file: &std::path::Path, like: DocumentId) -> Result<Vec<Written>, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let stored = runtime.block_on(async {
        let store = SqliteStore::open(file).await?;
        let stored = store.load(like).await?;
        store.close().await?;
        Ok::<_, doorstep_server::store::StoreError>(stored)
    });
    let stored = stored.map_err(|error| error.to_string())?.ok_or("the first case is not stored")?;
    let changes = stored.changes.into_iter().map(|change| Written::Change {
        hash: change.hash,
        bytes: change.bytes,
        facts: change.facts,
    });
    let decisions = stored.decisions.into_iter().map(|row| Written::Decision(Box::new(row.decision)));
    Ok(changes.chain(decisions).collect())
}
