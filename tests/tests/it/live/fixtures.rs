//! Stores and frames of every version that was ever recorded: today's programs open them, sync, edit and verify.
//!
//! The recorded files are copied before they are opened and never written over
//! (`deploy/scripts/fixtures.sh` records the next version).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorstep_protocol::wire::{Down, Up, decode};
use doorstep_tests::play::process::{Device, Scratch, Serve, Server};
use serde_json::Value as Json;

use super::world::{Phone, binaries};

fn recorded() -> Vec<PathBuf> {
    let all = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")).expect("the fixtures");
    // Beside the versions there are fixtures of other tests.
    let version = |path: &PathBuf| path.join("stores").is_dir();
    let mut all: Vec<PathBuf> = all.flatten().map(|entry| entry.path()).filter(version).collect();
    all.sort();
    assert!(!all.is_empty());
    all
}

fn json(path: &Path) -> Json {
    serde_json::from_str(&fs::read_to_string(path).expect("a recorded file")).expect("JSON")
}

/// The devices of a version, on copies of their stores.
fn phones(version: &Path, scratch: &Scratch) -> Vec<(String, Phone)> {
    let of = |name: &str| {
        let store = scratch.path(&format!("{name}.sqlite"));
        fs::copy(version.join(format!("stores/{name}.sqlite")), &store).expect("a store to copy");
        let device = Device::at(binaries(), store);
        (name.to_owned(), Phone { device, id: String::new(), worker: String::new() })
    };
    ["xiang", "zeng", "luo"].map(of).into()
}

/// What each device showed when it was recorded: device, document, and that.
fn shown(version: &Path) -> Vec<(String, String, Json)> {
    let all = fs::read_dir(version.join("stores/shown")).expect("what was shown");
    let read = |path: PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        let mut parts = name.split('.').map(str::to_owned);
        (parts.next().expect("a device"), parts.next().expect("a document"), json(&path))
    };
    all.flatten().map(|entry| read(entry.path())).collect()
}

#[test]
fn stores_of_every_version_open_sync_and_go_on() {
    for version in recorded() {
        let scratch = Scratch::new("fixtures").expect("a temporary folder");
        let phones = phones(&version, &scratch);
        let shown = shown(&version);
        let phone = |name: &str| &phones.iter().find(|(own, _)| own == name).expect("recorded").1;
        for (name, id, then) in &shown {
            let now = phone(name).show(id);
            for part in ["fields", "heads", "conflicts", "state", "kind"] {
                assert_eq!(now[part], then[part], "{version:?} {name} {id} {part}");
            }
        }
        let serve = Serve { data: scratch.path("data"), settle: Some("PT1S".into()), ..Serve::default() };
        fs::create_dir_all(&serve.data).expect("a folder");
        for name in ["doorstep.sqlite", "secret.key"] {
            fs::copy(version.join("stores").join(name), serve.data.join(name)).expect("a file to copy");
        }
        let mut server = Server::start(binaries(), &serve).expect("a server of today opens it");
        let sync = |name: &str| phone(name).good(&["sync", "--url", &server.url]);
        // What was never sent is taken; nothing comes back as refused.
        assert!(sync("zeng")["sent"].as_u64() > Some(1), "{version:?}");
        for name in ["luo", "xiang", "zeng", "luo"] {
            let report = sync(name);
            assert_eq!((&report["pending"], &report["rejected"]), (&0.into(), &0.into()), "{name} {report}");
        }
        // Old documents take what today's schema adds, and both sides of the old conflict still stand.
        let (_, one, _) =
            shown.iter().find(|(_, _, s)| s["fields"]["title"] == "渠道堵塞").expect("recorded");
        let evidence = r#"evidence={"attachment":"after.jpg","purpose":"after"}"#;
        phone("xiang").good(&["edit", one, "--append", evidence, "--append", "log=升级之后"]);
        phone("luo").good(&["edit", one, "--append", evidence]);
        for name in ["xiang", "luo", "zeng", "xiang"] {
            sync(name);
        }
        let now = phone("zeng").show(one);
        assert_eq!(now["fields"]["evidence"].as_array().map(Vec::len), Some(2), "{now}");
        assert_eq!(now["conflicts"][0]["field"], "place");
        assert_eq!(now["heads"], phone("xiang").show(one)["heads"]);
        let verified = server.beside(&["verify"]).expect("verify runs");
        assert_eq!(verified.exit, 0, "{version:?}: {}", verified.json);
        assert_eq!(server.stop(Duration::from_secs(15)), 0);
    }
}

/// What two programs of different versions need to tell each other what is wrong; the rest may move with the
/// wire version.
#[test]
fn hellos_welcomes_and_faults_of_every_version_are_read() {
    let bytes = |vector: &Json| {
        let hex = vector["hex"].as_str().expect("a frame");
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        (0..hex.len()).step_by(2).map(byte).collect::<Vec<u8>>()
    };
    for version in recorded() {
        let frames = |name: &str, kind: &str| {
            let all = json(&version.join("wire").join(name));
            let of_kind =
                all.as_array().expect("frames").iter().filter(|vector| !vector["json"][kind].is_null());
            let of_kind: Vec<Json> = of_kind.cloned().collect();
            assert!(!of_kind.is_empty(), "{version:?} {kind}");
            of_kind
        };
        for vector in frames("up.json", "hello") {
            decode::<Up>(&bytes(&vector)).unwrap_or_else(|e| panic!("{version:?} {}: {e}", vector["name"]));
        }
        for vector in ["welcome", "fault"].into_iter().flat_map(|kind| frames("down.json", kind)) {
            decode::<Down>(&bytes(&vector)).unwrap_or_else(|e| panic!("{version:?} {}: {e}", vector["name"]));
        }
    }
}
