//! What a changed case costs with many cases stored, beside the same with ten thousand.
//!
//! Both times the server was started just before, so that every case it touches is loaded from the disk. What fills the
//! store goes through sockets, gate and decisions like everything else.

use std::time::Duration;

use super::fleet::{Coming, Fleet, Load};
use super::ingest::{DISTRICT, TOWN, VILLAGE};
use super::{Row, Size, usage};
use crate::play::process::{Binaries, Scratch, Serve, Server};

const DEVICES: usize = 100;
/// Changes of each case.
const BASE: usize = 10;
/// Cases of each device that are changed and measured.
const CHANGED: usize = 20;
/// Cases of each device that are pushed at a time to fill the store: bounds the memory of this process.
const ROUND: usize = 50;
const FEW: usize = 10_000;

pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let many = match size {
        Size::Short => 40_000,
        Size::Full => 1_000_000,
    };
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-growth")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1H".into()), ..Serve::default() };
    let mut server = Server::start(&binaries, &serve)?;
    let mut fleet = Fleet::enrol(&server, (DISTRICT, TOWN), DEVICES)?;
    fleet.make(CHANGED, VILLAGE)?;
    fleet.edit(BASE - 1)?;
    let made = fleet.take();
    fleet.push(&server, made.clone(), Coming::Connected)?;
    let mut stored = DEVICES * CHANGED;
    let mut measured = Vec::new();
    for wanted in [FEW, many] {
        fill(&server, &mut fleet, &made, (&mut stored, wanted))?;
        if server.stop(Duration::from_secs(60)) != 0 {
            return Err("the server did not stop".into());
        }
        server = Server::start(&binaries, &serve)?;
        fleet.moved(&server);
        fleet.edit(1)?;
        let loads = fleet.take();
        let run = fleet.push(&server, loads, Coming::Connected)?;
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

fn fill(
    server: &Server,
    fleet: &mut Fleet,
    made: &[Vec<Load>],
    (stored, wanted): (&mut usize, usize),
) -> Result<(), String> {
    while *stored < wanted {
        let cases = ROUND.min((wanted - *stored).div_ceil(DEVICES));
        let loads = fleet.copies(made, cases, *stored);
        fleet.push(server, loads, Coming::Connected)?;
        *stored += cases * DEVICES;
    }
    Ok(())
}
