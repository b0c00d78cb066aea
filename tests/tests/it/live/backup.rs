//! Backup, restore, verify: a round trip beside a running server.

use std::os::unix::fs::PermissionsExt;

use doorstep_tests::play::process::{Serve, Server, poll};

use super::world::{PATIENCE, World, binaries, doorstep, last_cause};

#[test]
fn a_backup_restores_to_what_was_there() {
    let mut world = World::new("backup");
    let xiang = world.worker("向明");
    let ids: Vec<String> = (0..3)
        .map(|n| xiang.case(&[&format!("title=第 {n} 件"), "category=roads", "place=511902105"]))
        .collect();
    for id in &ids {
        xiang.sync_until(id, |shown| last_cause(shown) == "Settled");
    }
    let before = world.verify();
    let file = world.scratch.path("copy.backup");
    let file = file.to_str().expect("a path of text");
    let backup = world.server.beside(&["backup", "--to", file]).expect("backup runs");
    assert_eq!(backup.exit, 0, "{}", backup.told());
    for private in [std::path::Path::new(file), &world.server.data().join("doorstep.sqlite")] {
        let mode = std::fs::metadata(private).expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "nobody else on this machine reads {}", private.display());
    }
    assert_ne!(
        world.server.beside(&["backup", "--to", file]).expect("runs").exit,
        0,
        "a backup is never overwritten"
    );
    let secret = world.server.data().join("secret.key");
    assert_eq!(world.server.stop(std::time::Duration::from_secs(15)), 0);

    let data = world.scratch.path("restored");
    let folder = data.to_str().expect("a path of text");
    let occupied = world.server.data().to_str().expect("a path of text").to_owned();
    assert_ne!(
        doorstep(&["restore", "--from", file, "--data", &occupied, "--json"]).exit,
        0,
        "only into an empty folder"
    );
    let restored = doorstep(&["restore", "--from", file, "--data", folder, "--json"]);
    assert_eq!(restored.exit, 0, "{}", restored.told());
    if secret.exists() {
        std::fs::copy(&secret, data.join("secret.key")).expect("the secret is kept elsewhere and put back");
    }
    let serve = Serve { data: data.clone(), settle: Some("PT1S".into()), ..Serve::default() };
    world.server = Server::start(binaries(), &serve).expect("the restored server starts");
    let after = world.verify();
    let checked = |report: &serde_json::Value| report["invariants"][0]["checked"].clone();
    assert_eq!(checked(&after), checked(&before), "every change is there again");
    let replay = world.server.beside(&["policy", "replay"]).expect("replay runs");
    assert_eq!((replay.exit, &replay.json["different"]), (0, &serde_json::json!([])), "{}", replay.json);

    // The device goes on, by its new address; nothing is asked of it twice.
    let report = xiang.good(&["sync", "--url", &world.server.url]);
    assert_eq!((&report["pending"], &report["rejected"]), (&0.into(), &0.into()));
}

#[test]
fn what_was_accepted_after_the_backup_comes_back_from_the_devices() {
    let mut world = World::new("healing");
    let xiang = world.worker("向明");
    let old = xiang.case(&["title=旧的", "category=roads", "place=511902105"]);
    xiang.sync_until(&old, |shown| last_cause(shown) == "Settled");
    let file = world.scratch.path("old.backup");
    let file = file.to_str().expect("a path of text");
    assert_eq!(world.server.beside(&["backup", "--to", file]).expect("backup runs").exit, 0);

    // Acknowledged, and in no backup.
    xiang.good(&["edit", &old, "--append", "log=备份之后写的"]);
    let new = xiang.case(&["title=新的", "category=roads", "place=511902105"]);
    xiang.sync_until(&new, |shown| last_cause(shown) == "Settled");
    let before = world.verify()["invariants"][0]["checked"].clone();
    let secret = world.server.data().join("secret.key");
    world.server.kill();

    let data = world.scratch.path("restored");
    let (folder, secret) = (data.to_str().expect("text"), secret.to_str().expect("text"));
    let restored = doorstep(&["restore", "--from", file, "--data", folder, "--secret", secret, "--json"]);
    assert_eq!((restored.exit, &restored.json["recovering"]), (0, &true.into()), "{}", restored.told());
    let serve = Serve { data: data.clone(), settle: Some("PT1S".into()), ..Serve::default() };
    world.server = Server::start(binaries(), &serve).expect("the restored server starts");
    let url = world.server.url.clone();
    let report = xiang.good(&["sync", "--url", &url]);
    assert_eq!((&report["pending"], &report["rejected"]), (&0.into(), &0.into()));
    let report = world.server.beside(&["verify"]).expect("verify runs").json;
    assert_eq!(report["invariants"][0]["checked"], before, "every acknowledged change is back: {report}");

    assert_eq!(world.server.beside(&["admin", "release"]).expect("runs").exit, 0);
    let decided = poll(PATIENCE, || {
        xiang.good(&["sync", "--url", &url]);
        let shown = xiang.show(&new);
        (last_cause(&shown) == "Settled" && shown["decisions"].as_array()?.len() == 2).then_some(shown)
    });
    decided.expect("the released server decides on what came back");
    world.verify();
}
