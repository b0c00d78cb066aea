//! A centre that holds many cases of twelve changes, all of them decided, and devices that come through a proxy.

use std::time::Duration;

use doorstep_server::store::Store;
use doorstep_server::store::sqlite::SqliteStore;

use super::Size;
use super::fleet::{Coming, Fleet};
use super::ingest::{DISTRICT, TOWN, VILLAGE};
use crate::play::process::{Binaries, Device, Scratch, Serve, Server};
use crate::play::proxy::{Counted, Proxy};

const DEVICES: usize = 100;
/// Changes of each case, beside its genesis.
const CHANGES: usize = 12;
/// How often to look whether everything is decided.
const LOOK: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_mins(10);

/// Cases that are held.
pub(super) fn cases(size: Size) -> usize {
    match size {
        Size::Short => 1_000,
        Size::Full => 10_000,
    }
}

/// The centre and its cases.
pub(super) struct Held {
    pub(super) fleet: Fleet,
    pub(super) proxy: Proxy,
    binaries: Binaries,
    server: Server,
    // Dropped after the server.
    scratch: Scratch,
}

impl Held {
    /// Everything is made, pushed, settled and decided.
    pub(super) fn build(name: &str, cases: usize) -> Result<Self, String> {
        let binaries = Binaries::beside()?;
        let scratch = Scratch::new(&format!("bench-{name}"))?;
        let serve = Serve { data: scratch.path("data"), settle: Some("PT0S".into()), ..Serve::default() };
        let server = Server::start(&binaries, &serve)?;
        let proxy = Proxy::before(&server.url)?;
        let mut fleet = Fleet::enrol(&server, (DISTRICT, TOWN), DEVICES)?;
        fleet.make(cases / DEVICES, VILLAGE)?;
        fleet.visit(CHANGES - 1)?;
        let loads = fleet.take();
        fleet.push(&server, loads, Coming::Connected)?;
        decided(&server, cases as u64)?;
        Ok(Held { fleet, proxy, binaries, server, scratch })
    }

    /// A new device of the intake desk, which sees every case.
    pub(super) fn reader(&self, name: &str) -> Result<Device, String> {
        let reader = Device::at(&self.binaries, self.scratch.path(&format!("{name}.sqlite")));
        let desk = self.server.invite((DISTRICT, "511902-intake"), (name, "reviewer"))?;
        reader.run(&["enrol", &self.server.url, &desk.code])?.good()?;
        Ok(reader)
    }

    /// One sync through the proxy: what went over the wire, and what the device says of it.
    pub(super) fn sync(&self, device: &Device) -> Result<(Counted, serde_json::Value), String> {
        self.proxy.take();
        let report = device.run(&["sync", "--url", &self.proxy.url])?.good()?;
        Ok((self.proxy.take(), report))
    }
}

/// Each case has been taken in by one commit and decided by another, and nothing moves any more.
fn decided(server: &Server, cases: u64) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let path = server.data().join("doorstep.sqlite");
    runtime.block_on(async {
        let store = SqliteStore::open(&path).await.map_err(|error| error.to_string())?;
        let (mut before, mut waited) = (0, Duration::ZERO);
        while waited < PATIENCE {
            let head = store.head(DISTRICT).await.map_err(|error| error.to_string())?;
            if head >= 2 * cases && head == before {
                return store.close().await.map_err(|error| error.to_string());
            }
            before = head;
            waited += LOOK;
            tokio::time::sleep(LOOK).await;
        }
        Err(format!("the feed stands at {before}; {cases} cases are not decided"))
    })
}
