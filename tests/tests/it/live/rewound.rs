//! Files copied behind a server's back: it notices by itself, and gives nobody the number of somebody it has forgotten.

use std::path::{Path, PathBuf};
use std::time::Duration;

use doorstep_tests::play::api::Api;
use doorstep_tests::play::process::{Device, Output, Server};
use serde_json::json;

use super::world::{PATIENCE, Phone, World, binaries, last_cause};

const FILES: [&str; 3] = ["doorstep.sqlite", "doorstep.sqlite-wal", "doorstep.sqlite-shm"];

fn copy(from: &Path, to: &Path) {
    for file in FILES {
        let _ = std::fs::remove_file(to.join(file));
        if from.join(file).exists() {
            std::fs::copy(from.join(file), to.join(file)).expect("copied");
        }
    }
}

fn folders(world: &World) -> (PathBuf, PathBuf) {
    let older = world.scratch.path("older");
    std::fs::create_dir_all(&older).expect("a folder");
    (world.server.data().to_owned(), older)
}

/// Somebody whom an administrator adds at the API, which no command beside the server sees.
fn added(world: &World, name: &str) -> Phone {
    let admin = world.server.invite(("511902", "511902"), ("管理员", "admin")).expect("a code");
    let api = Api::new(&world.server.url, &world.server.token(&admin.worker).expect("a token"));
    let person = json!({"name": name, "unit": "511902105", "role": "worker"});
    let made = api.post("people", &person).and_then(|answer| answer.good()).expect("added");
    let device = Device::at(binaries(), world.scratch.path("added.sqlite"));
    let code = made["code"].as_str().expect("a code").to_owned();
    let enrolled = device.run(&["enrol", &world.server.url, &code]).and_then(Output::good).expect("enrolled");
    let id = enrolled["device"].as_str().expect("a device id").to_owned();
    Phone { device, id, worker: format!("w{}", made["worker"]) }
}

#[test]
fn whoever_is_enrolled_on_older_files_is_nobody_that_they_have_forgotten() {
    let mut world = World::new("rewound");
    let first = world.worker("甲甲");
    let (data, older) = folders(&world);
    assert_eq!(world.server.stop(Duration::from_secs(15)), 0);
    copy(&data, &older);
    world.restart();
    let second = added(&world, "乙乙");
    let case = second.case(&["title=只有乙乙知道", "category=roads", "place=511902105"]);
    second.sync_until(&case, |shown| last_cause(shown) == "Settled");
    second.good(&["edit", &case, "--append", "log=还没有上传"]);
    assert_eq!(world.server.stop(Duration::from_secs(15)), 0);
    copy(&older, &data);
    world.restart();

    // Before any device has been back.
    let third = world.phone("丙丙", ("511902106", "worker"));
    assert!(third.worker != second.worker && third.worker != first.worker, "{} is nobody else", third.worker);
    first.sync();
    third.sync();
    let told = second.ends(&["sync"], 5);
    assert_eq!(told.json["error"]["code"], "token.invalid", "{}", told.json);
    let again = world.server.invite(("511902", "511902105"), ("乙乙", "worker")).expect("a code");
    second.good(&["enrol", &world.server.url, &again.code]);
    second.sync();
    assert_eq!(world.server.beside(&["admin", "release"]).expect("runs").exit, 0);
    second.sync_until(&case, |shown| last_cause(shown) == "Settled");
    third.sync();
    let seen = third.ends(&["show", &case], 1);
    assert!(!seen.told().contains("只有乙乙知道"), "{}", seen.told());
    world.verify();
}

#[test]
fn a_store_that_has_gone_is_not_replaced_by_an_empty_one() {
    let mut world = World::new("gone");
    world.worker("甲甲");
    let (data, older) = folders(&world);
    assert_eq!(world.server.stop(Duration::from_secs(15)), 0);
    copy(&data, &older);
    FILES.iter().for_each(|file| drop(std::fs::remove_file(data.join(file))));
    let Err(no) = Server::start(binaries(), &world.serve) else { panic!("it starts") };
    assert!(no.contains("data.gone") || no.contains("had a store"), "{no}");
    assert!(!data.join("doorstep.sqlite").exists(), "and makes none");
    copy(&older, &data);
    let started =
        doorstep_tests::play::process::poll(PATIENCE, || Server::start(binaries(), &world.serve).ok());
    world.server = started.expect("it starts with what it had");
    world.verify();
}
