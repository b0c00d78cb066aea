//! Bytes of a reconnect of a real device, counted at a TCP proxy after the upgrade.

use std::time::Duration;

use doorstep_client::store::{Sqlite, Store};
use doorstep_protocol::documents::Edit;

use super::held::{Held, cases};
use super::{Author, Made, Row, Size};
use crate::play::api::Api;
use crate::play::process::{Binaries, Device, Scratch, Serve, Server, poll};
use crate::play::proxy::Proxy;

const HELD: usize = 1_000;
const CHANGED: usize = 10;
/// samod 0.16 with 1,000 documents held and none changed, both ways (FINDINGS, section 1).
const SAMOD_0: f64 = 349_264.0;
/// automerge-repo 2.5.6 with 1,000 held and 10 changed, both ways (FINDINGS, section 1).
const REPO_10: f64 = 193_076.0;

const DISTRICT: &str = "511902";
const TOWN: &str = "511902105";
const VILLAGE: &str = "511902105238";

/// What a reconnect may cost if nothing has changed, both ways.
const TARGET_0: f64 = 300.0;
/// Cases that are edited on the device.
const EDITED: usize = 100;

/// With a thousand held, as the peers were measured; then with as many as the targets say.
pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let mut rows = thousand()?;
    rows.extend(many(cases(size))?);
    Ok(rows)
}

/// A device that holds them all: with nothing to tell, and with edits of its own.
fn many(cases: usize) -> Result<Vec<Row>, String> {
    let held = Held::build("reconnect-many", cases)?;
    let device = held.reader("reader")?;
    let drained = || {
        let report = device.run(&["sync"]).ok()?.good().ok()?;
        (report["received"] == 0).then_some(())
    };
    poll(Duration::from_mins(10), drained).ok_or("the device never has all")?;
    let (counted, report) = held.sync(&device)?;
    let nothing = (counted.up + counted.down) as f64;
    let named = format!("reconnect, 0 of {cases} held changed");
    let mut rows = vec![
        Row::new(&named, (nothing, "B"), TARGET_0).at(cases, 0),
        Row::new(&format!("{named}: exchanges"), (number(&report["round_trips"]), "exchanges"), 1.0),
    ];
    let ids = held.fleet.ids();
    for (what, words) in [
        ("a number", ["--set", "contact_phone=13900000000"]),
        ("a log entry", ["--append", "log=上门查看：渠道已通，果园有水，住户满意"]),
    ] {
        for id in &ids[..EDITED] {
            device.run(&[&["edit", &id.to_string()], &words[..]].concat())?.good()?;
        }
        let raw = raw_bytes(&device)?;
        let (counted, report) = held.sync(&device)?;
        if report["sent"] != EDITED {
            return Err(format!("{} of {EDITED} edits were acknowledged", report["sent"]));
        }
        let (bytes, trips) = ((counted.up + counted.down) as f64, number(&report["round_trips"]));
        let name = format!("reconnect, {what} in {EDITED} of {cases} held, edited here");
        rows.push(Row::new(&format!("{name}, beside the raw changes"), (bytes, "B"), raw).at(cases, EDITED));
        rows.push(Row::new(&format!("{name}: exchanges"), (trips, "exchanges"), 1.0));
        poll(Duration::from_mins(2), drained).ok_or("the device never has all")?;
    }
    Ok(rows)
}

fn number(json: &serde_json::Value) -> f64 {
    json.as_f64().unwrap_or(f64::NAN)
}

/// Bytes of the changes that wait on a device.
fn raw_bytes(device: &Device) -> Result<f64, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let outbox = runtime.block_on(async { Sqlite::open(&device.store).await?.outbox().await });
    let outbox = outbox.map_err(|error| error.to_string())?;
    Ok(outbox.iter().map(|entry| entry.bytes.len()).sum::<usize>() as f64)
}

fn thousand() -> Result<Vec<Row>, String> {
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-reconnect")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT0S".into()), ..Serve::default() };
    let server = Server::start(&binaries, &serve)?;
    let proxy = Proxy::before(&server.url)?;
    let mut author = author(&server, Device::at(&binaries, scratch.path("author.sqlite")))?;
    let reader = Device::at(&binaries, scratch.path("reader.sqlite"));
    let desk = server.invite((DISTRICT, "511902-intake"), ("李红英", "reviewer"))?;
    reader.run(&["enrol", &server.url, &desk.code])?.good()?;
    let api = Api::new(&server.url, &server.token(&desk.worker)?);

    let mut cases: Vec<Made> = (0..HELD).map(|_| author.make(VILLAGE)).collect::<Result<_, _>>()?;
    author.send(&mut cases)?;
    quiet(&api, &reader, &cases)?;
    proxy.take();
    reader.run(&["sync", "--url", &proxy.url])?.good()?;
    let nothing = proxy.take();
    for case in &mut cases[..CHANGED] {
        let edit = Edit::Put { field: "contact_phone".into(), value: Some("13900000000".into()) };
        author.edit(case, &[edit])?;
    }
    author.send(&mut cases)?;
    let report = reader.run(&["sync", "--url", &proxy.url])?.good()?;
    let ten = proxy.take();
    if report["received"] != CHANGED {
        return Err(format!("the reader received {} of {CHANGED} changes", report["received"]));
    }
    let bytes = |counted: crate::play::proxy::Counted| ((counted.up + counted.down) as f64, "B");
    Ok(vec![
        Row::new("reconnect, 0 of 1,000 held changed", bytes(nothing), SAMOD_0).at(HELD, 0),
        Row::new("reconnect, 10 of 1,000 held changed", bytes(ten), REPO_10).at(HELD, CHANGED),
    ])
}

/// A device of a worker of the town, whose edits are made in memory.
pub(super) fn author(server: &Server, device: Device) -> Result<Author, String> {
    let invitation = server.invite((DISTRICT, TOWN), ("向明", "worker"))?;
    let enrolled = device.run(&["enrol", &server.url, &invitation.code])?.good()?;
    Author::new(device, enrolled["device"].as_str().unwrap_or_default())
}

/// Everything is decided and the reader has all of it.
fn quiet(api: &Api, reader: &Device, cases: &[Made]) -> Result<(), String> {
    let ids = cases.iter().map(|case| case.id.to_string());
    for id in ids {
        let settled = || api.case(&id).ok().flatten().filter(|case| case["settled"]["ok"] == true);
        poll(Duration::from_mins(2), settled).ok_or_else(|| format!("{id} does not settle"))?;
    }
    let drained = || {
        let report = reader.run(&["sync"]).ok()?.good().ok()?;
        (report["received"] == 0).then_some(())
    };
    poll(Duration::from_mins(2), drained).ok_or_else(|| "the reader never has all".into())
}
