//! Memory of the server for each open session with nothing to say.

use std::time::Duration;

use super::fleet::{Coming, Fleet};
use super::ingest::{DISTRICT, TOWN, VILLAGE};
use super::{Row, Size, usage};
use crate::play::process::{Binaries, Scratch, Serve, Server};

/// Sessions that are open before anything is measured: what the first ones need once, later ones share.
const FIRST: usize = 200;
/// What one may cost.
const TARGET_BYTES: f64 = 10.0 * 1024.0;

pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let sessions = match size {
        Size::Short => 1_000,
        Size::Full => 2_000,
    };
    let scratch = Scratch::new("bench-idle")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1H".into()), ..Serve::default() };
    let server = Server::start(&Binaries::beside()?, &serve)?;
    let mut fleet = Fleet::enrol(&server, (DISTRICT, TOWN), FIRST + sessions)?;
    // So that there is a feed, and every session has a cursor.
    fleet.make(1, VILLAGE)?;
    let mut loads = fleet.take();
    loads.truncate(FIRST);
    fleet.push(&server, loads, Coming::Connected)?;
    let mut open = fleet.stay(&server, 0..FIRST)?;
    let before = resident(&server)?;
    open.extend(fleet.stay(&server, FIRST..FIRST + sessions)?);
    let after = resident(&server)?;
    let each = (after - before) * 1024.0 * 1024.0 / sessions as f64;
    open.clear();
    let name = format!("idle: server memory for each of {sessions} sessions, beside 10 KB");
    Ok(vec![Row::new(&name, (each.round(), "B"), TARGET_BYTES)])
}

/// Resident memory in MB once it has come to rest.
fn resident(server: &Server) -> Result<f64, String> {
    std::thread::sleep(Duration::from_secs(5));
    usage::memory(server.pid).map(|(now, _)| now)
}
