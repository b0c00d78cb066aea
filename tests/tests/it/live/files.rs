//! Files from a device to the desk: after the text, over cuts and kills, to nobody else, and back from a backup.

use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::Duration;

use doorstep_tests::play::process::{Device, Serve, Server, poll};
use serde_json::{Value as Json, json};

use super::picture::{Raw, picture, png, sha256};
use super::world::{PATIENCE, Phone, World, binaries, desk_until, doorstep, last_cause};

const CASE: [&str; 3] = ["title=塘埂漏水", "category=roads", "place=511902105"];

fn written(world: &World, name: &str, bytes: &[u8]) -> PathBuf {
    let path = world.scratch.path(name);
    std::fs::write(&path, bytes).expect("the folder takes a file");
    path
}

fn attach(world: &World, phone: &Phone, id: &str, bytes: &[u8]) -> String {
    let file = written(world, &format!("{}.png", &sha256(bytes)[..8]), bytes);
    let made = phone.good(&["attach", id, file.to_str().expect("text"), "--purpose", "before"]);
    made["attachment"]["hash"].as_str().expect("a hash").to_owned()
}

fn arrived(case: &Json) -> usize {
    let files = case["attachments"].as_array().into_iter().flatten();
    files.filter(|file| file["state"] == "arrived").count()
}

#[test]
fn a_photo_made_offline_arrives_after_the_text_and_is_seen_by_those_who_see_the_case() {
    let world = World::new("photo");
    let xiang = world.worker("向明");
    let peng = world.worker("彭丽");
    let photo = picture(120, 80, 7);
    let id = xiang.case(&CASE);
    let hash = attach(&world, &xiang, &id, &photo);
    let status = xiang.good(&["status"]);
    assert_eq!(status["attachments"], json!({"pending": 1, "bytes": photo.len(), "refused": 0}));
    assert_eq!(xiang.good(&["files", &id])["items"][0]["state"], "device");

    let report = xiang.sync();
    assert_eq!((&report["attachments_sent"], &report["attachments"]["pending"]), (&1.into(), &0.into()));
    assert_eq!(xiang.good(&["files", &id])["items"][0]["state"], "centre");
    let case = world.desk().case(&id).expect("answers").expect("seen");
    let file = &case["attachments"][0];
    assert_eq!(
        (&file["state"], &file["type"], &file["purpose"]),
        (&"arrived".into(), &"image/png".into(), &"before".into())
    );
    assert_eq!(file["size"], photo.len());

    peng.sync_until(&id, |shown| last_cause(shown) == "Settled");
    assert_eq!(peng.good(&["files", &id])["items"][0]["here"], false);
    let to = world.scratch.path("fetched.png");
    peng.good(&["fetch", &id, &hash, "--to", to.to_str().expect("text")]);
    assert!(std::fs::read(&to).expect("written") == photo);
    assert_eq!(peng.good(&["files", &id])["items"][0]["here"], true);
    let small = world.scratch.path("small.jpg");
    peng.good(&["fetch", &id, &hash, "--thumbnail", "--to", small.to_str().expect("text")]);
    assert!(std::fs::read(&small).expect("written").starts_with(b"\xff\xd8\xff"));
    world.verify();
}

#[test]
fn what_cannot_be_kept_changes_nothing() {
    let world = World::new("no-photo");
    let xiang = world.worker("向明");
    let id = xiang.case(&CASE);
    let before = xiang.show(&id);
    let page = written(&world, "a.jpg", b"<html>");
    for (file, code) in [(page.to_str().expect("text"), "attach.type"), ("/nowhere/at/all", "file.unusable")]
    {
        let refused = xiang.ends(&["attach", &id, file], 2);
        assert_eq!(refused.json["error"]["code"], code);
    }
    assert_eq!(xiang.show(&id), before);
}

/// Starts syncing, and waits until the first file has arrived.
fn begun(phone: &Phone, words: &[&str], seen: impl Fn() -> usize) -> Child {
    let mut sync = phone.device.command(None, words);
    let child = sync.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the device starts");
    poll(PATIENCE, || (seen() > 0).then_some(())).expect("files go");
    child
}

/// A hundred photos wait; an edit made while they go is acknowledged before they are through.
fn overtakes(name: &str, words: &[&str]) {
    const PHOTOS: u32 = 100;
    let world = World::new(name);
    let (xiang, desk) = (world.worker("向明"), world.desk());
    let (id, other) = (xiang.case(&CASE), xiang.case(&CASE));
    for n in 0..PHOTOS {
        attach(&world, &xiang, &id, &picture(300, 300, n + 1));
    }
    let seen = || desk.case(&id).ok().flatten().map_or(0, |case| arrived(&case));
    let mut child = begun(&xiang, words, seen);
    xiang.good(&["edit", &other, "--set", "contact_phone=13900000000"]);
    desk_until(&desk, &other, |case| case["fields"]["contact_phone"] != Json::Null);
    let through = seen();
    assert!(through < PHOTOS as usize, "{through} photos were through before the edit");
    poll(4 * PATIENCE, || (seen() == PHOTOS as usize).then_some(())).expect("all photos arrive");
    drop(child.kill());
    drop(child.wait());
    assert_eq!(xiang.sync()["attachments"]["pending"], 0);
    world.verify();
}

#[test]
fn a_hundred_photos_never_delay_one_edit() {
    overtakes("hundred", &["sync"]);
}

#[test]
fn a_hundred_photos_never_delay_one_edit_of_a_live_session() {
    overtakes("hundred-live", &["sync", "--watch"]);
}

#[test]
fn a_server_that_is_killed_in_an_upload_goes_on_where_it_was() {
    let mut world = World::new("kill-upload");
    let xiang = world.worker("向明");
    let photo = picture(1_000, 700, 9);
    let id = xiang.case(&CASE);
    let hash = attach(&world, &xiang, &id, &photo);
    for round in 1..6 {
        let mut sync = xiang.device.command(None, &["sync"]);
        let mut child = sync.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the device starts");
        // Not a wait for something: the moment itself is what the test varies.
        poll(Duration::from_millis(90 * round), || child.try_wait().ok().flatten());
        world.server.kill();
        drop(child.wait());
        world.restart();
    }
    let there = poll(PATIENCE, || {
        let sync = xiang.device.run(&["sync"]).ok()?;
        (sync.exit == 0 && sync.json["attachments"]["pending"] == 0).then_some(())
    });
    there.expect("it arrives");
    let raw = Raw::of(&xiang, &world.server.url);
    assert!(raw.plain(("GET", &format!("/files/v1/{id}/{hash}")), &[], b"").body == photo);
    world.verify();
}

#[test]
fn a_case_that_is_taken_away_goes_after_its_files_have_arrived() {
    let world = World::new("drained");
    let (xiang, peng) = (world.worker("向明"), world.worker("彭丽"));
    let id = xiang.case(&CASE);
    xiang.sync_until(&id, |shown| last_cause(shown) == "Settled");
    peng.sync_until(&id, |shown| last_cause(shown) == "Settled");
    let photo = picture(60, 60, 11);
    let hash = attach(&world, &xiang, &id, &photo);
    peng.good(&["edit", &id, "--set", "subject=向明"]);
    peng.sync();
    let gone = poll(PATIENCE, || {
        xiang.sync();
        (xiang.good(&["status"])["held"] == 0).then(|| xiang.good(&["status"]))
    });
    assert_eq!(gone.expect("the case goes")["attachments"]["pending"], 0);
    xiang.ends(&["files", &id], 1);
    let case = world.desk().case(&id).expect("answers").expect("seen");
    assert_eq!((arrived(&case), &case["attachments"][0]["hash"]), (1, &hash.as_str().into()));
    let raw = Raw::of(&xiang, &world.server.url);
    assert_eq!(raw.plain(("GET", &format!("/files/v1/{id}/{hash}")), &[], b"").status, 404);
    world.verify();
}

/// Each copy of a store holds under a prefix of its own, and what is taken from it takes its files along.
#[test]
fn a_copied_store_sends_its_files_before_a_case_is_taken_from_it() {
    let world = World::new("copied");
    let (xiang, peng) = (world.worker("向明"), world.worker("彭丽"));
    xiang.sync();
    let store = world.scratch.path("copy.sqlite");
    std::fs::copy(&xiang.device.store, &store).expect("copies");
    let copy =
        Phone { device: Device::at(binaries(), store), id: xiang.id.clone(), worker: xiang.worker.clone() };
    for phone in [&xiang, &copy, &xiang] {
        phone.sync();
    }
    let id = peng.case(&CASE);
    peng.sync_until(&id, |shown| last_cause(shown) == "Settled");
    copy.sync_until(&id, |shown| last_cause(shown) == "Settled");
    attach(&world, &copy, &id, &picture(60, 60, 12));
    peng.good(&["edit", &id, "--set", "subject=向明"]);
    peng.sync();
    let gone = poll(PATIENCE, || {
        copy.sync();
        (copy.good(&["status"])["held"] == 0).then_some(())
    });
    gone.expect("the case goes");
    let case = world.desk().case(&id).expect("answers").expect("seen");
    assert_eq!(arrived(&case), 1, "{}", case["attachments"]);
}

#[test]
fn a_picture_that_would_fill_the_memory_is_kept_without_a_thumbnail() {
    let world = World::new("bomb");
    let xiang = world.worker("向明");
    let id = xiang.case(&CASE);
    let bomb = png((60_000, 60_000), &[0; 600]);
    let hash = attach(&world, &xiang, &id, &bomb);
    xiang.sync();
    let raw = Raw::of(&xiang, &world.server.url);
    let file = format!("/files/v1/{id}/{hash}");
    for _ in 0..2 {
        let none = raw.plain(("GET", &format!("{file}/thumbnail")), &[], b"");
        assert_eq!((none.status, none.code().as_str()), (404, "thumbnail.none"));
    }
    assert!(raw.plain(("GET", &file), &[], b"").body == bomb);
    world.verify();
}

#[test]
fn a_backup_has_the_files_and_devices_send_what_it_lacks() {
    let mut world = World::new("backup-files");
    let xiang = world.worker("向明");
    let id = xiang.case(&CASE);
    attach(&world, &xiang, &id, &picture(50, 40, 21));
    xiang.sync();
    let file = world.scratch.path("copy.backup");
    let file = file.to_str().expect("text").to_owned();
    let backup = world.server.beside(&["backup", "--to", &file]).expect("runs");
    assert_eq!((backup.exit, &backup.json["attachments"]["files"]), (0, &1.into()), "{}", backup.told());
    attach(&world, &xiang, &id, &picture(50, 40, 22));
    xiang.sync();
    let secret = world.server.data().join("secret.key");
    world.server.kill();

    let data = world.scratch.path("restored");
    let (folder, secret) = (data.to_str().expect("text"), secret.to_str().expect("text"));
    let restored = doorstep(&["restore", "--from", &file, "--data", folder, "--secret", secret, "--json"]);
    assert_eq!(
        restored.json["attachments"],
        json!({"files": 1, "bytes": restored.json["attachments"]["bytes"], "missing": 0})
    );
    let serve = Serve { data: data.clone(), settle: Some("PT1S".into()), ..Serve::default() };
    world.server = Server::start(binaries(), &serve).expect("the restored server starts");
    let report = xiang.good(&["sync", "--url", &world.server.url]);
    assert_eq!(report["attachments"]["pending"], 0);
    let case = world.desk().case(&id).expect("answers").expect("seen");
    assert_eq!(arrived(&case), 2, "the one of the backup, and the one that came back: {case}");
    world.verify();

    // A file that is lost or damaged behind the server's back is found.
    let kept =
        std::fs::read_dir(data.join("blobs/511902").join(&id)).expect("a folder of the case").flatten();
    let one = kept.map(|entry| entry.path()).find(|path| path.extension().is_none()).expect("a file");
    std::fs::write(&one, b"something else").expect("writable");
    let report = world.server.beside(&["verify"]).expect("runs");
    assert_eq!((report.exit, &report.json["invariants"][0]["failed"]), (1, &1.into()));
}
