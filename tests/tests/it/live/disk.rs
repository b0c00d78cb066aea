//! A full disk: a real, small file system that somebody else fills while devices sync, and empties again.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use doorstep_tests::play::process::{Binaries, Serve, Server, poll};
use serde_json::json;

use super::world::{PATIENCE, Phone, World, binaries, last_cause};

/// Bytes of the file system: the database, its log, and what the test fills.
const SIZE: &str = "24m";
const EDITS: usize = 40;

/// A program that mounts the small file system in a name space of its own, puts the folder's content there
/// and becomes the server.
fn confined(world: &World, home: &Path) -> Binaries {
    let wrapper = world.scratch.path("confined");
    let script = format!(
        "#!/bin/sh\nset -e\nexec unshare -rm sh -c 'mount -t tmpfs -o size={SIZE} tmpfs \"$0\" && \
         cp -a \"$1\"/. \"$0\"/ && shift && exec \"$@\"' '{data}' '{home}' '{server}' \"$@\"\n",
        data = world.serve.data.display(),
        home = home.display(),
        server = binaries().server.display(),
    );
    std::fs::write(&wrapper, script).expect("written");
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).expect("made executable");
    Binaries { server: wrapper, device: binaries().device.clone() }
}

/// The data folder as the confined server sees it.
fn inside(server: &Server, data: &Path) -> PathBuf {
    PathBuf::from(format!("/proc/{}/root{}", server.pid, data.display()))
}

/// Writes until there is no room.
fn fill(path: &Path) {
    let mut filler = File::create(path).expect("the filler begins");
    for chunk in [64 * 1024, 1024, 1] {
        while filler.write_all(&vec![7; chunk]).is_ok() {}
    }
}

fn append(phone: &Phone, id: &str, from: usize) {
    for n in from..from + EDITS {
        phone.good(&["edit", id, "--append", &format!("log=条 {n} {}", "长".repeat(4_000))]);
    }
}

#[test]
fn a_full_disk_loses_nothing_and_all_goes_on_when_there_is_room() {
    let mut world = World::new("disk");
    let xiang = world.worker("向明");
    let desk = world.desk();
    let id = xiang.case(&["title=满了", "category=roads", "place=511902105"]);
    append(&xiang, &id, 0);
    xiang.sync();
    assert_eq!(world.server.stop(PATIENCE), 0);
    let home = world.scratch.path("home");
    std::fs::rename(&world.serve.data, &home).expect("moved");
    std::fs::create_dir(&world.serve.data).expect("a place to mount");
    let listen = world.server.url.trim_start_matches("http://").to_owned();
    let serve = Serve { listen: Some(listen), ..world.serve.clone() };
    let small = confined(&world, &home);
    let started = poll(PATIENCE, || Server::start(&small, &serve).ok());
    world.server = started.expect("the server starts on a small file system");
    let data = inside(&world.server, &world.serve.data);

    append(&xiang, &id, EDITS);
    fill(&data.join("filler"));
    let full = xiang.ends(&["sync"], 4);
    assert_eq!(full.json["error"]["code"], "store.failed", "{}", full.json);
    assert!(world.server.runs());
    let status = xiang.good(&["status"]);
    let pending = status["pending"].as_u64().expect("a number");
    assert!(pending > 0 && status["rejected"] == 0, "{status}");
    // What was acknowledged, before and in the middle, is there; the rest is on the device.
    let case = desk.case(&id).expect("the API answers").expect("it is there");
    let at_centre = case["fields"]["log"].as_array().expect("a log").len();
    assert!(at_centre + pending as usize >= 2 * EDITS, "{at_centre} there, {pending} here");

    std::fs::remove_file(data.join("filler")).expect("room again");
    let done = poll(PATIENCE, || xiang.device.run(&["sync"]).ok().filter(|output| output.exit == 0));
    assert_eq!(done.expect("syncs without a restart").json["pending"], 0);
    let case = desk.case(&id).expect("the API answers").expect("it is there");
    let mut log: Vec<String> =
        case["fields"]["log"].as_array().expect("a log").iter().map(ToString::to_string).collect();
    log.sort();
    log.dedup();
    assert_eq!((log.len(), case["fields"]["log"].as_array().map(Vec::len)), (2 * EDITS, Some(2 * EDITS)));
    xiang.sync_until(&id, |shown| last_cause(shown) == "Settled");
    assert_eq!(xiang.good(&["rejected"])["items"], json!([]));
    let verified = desk.get("/api/v1/invariants").expect("the API answers").good().expect("verified");
    assert_eq!(verified["ok"], true, "{verified}");
}
