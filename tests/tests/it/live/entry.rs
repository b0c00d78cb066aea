//! Who is let in, and how the server stops: codes, tokens, signals, one server a folder.

use std::process::Stdio;
use std::time::Duration;

use doorstep_tests::play::api::Api;
use doorstep_tests::play::process::{Device, Server};
use doorstep_tests::play::wire::Socket;
use serde_json::json;

use super::world::{DISTRICT, PATIENCE, VILLAGE, World, binaries, desk_until, stranger};

#[test]
fn a_wrong_and_a_used_code_enrol_nobody() {
    let world = World::new("codes");
    let (device, _) = stranger(&world.scratch, "stranger.sqlite");
    let wrong = device.run(&["enrol", &world.server.url, "AAAA-BBBB-CCCC-DDDD"]).expect("enrol runs");
    assert_eq!(wrong.json["error"]["code"], "enrol.code", "{} {}", wrong.json, wrong.stderr);
    assert_eq!(wrong.exit, 5, "unauthorised");
    assert!(wrong.json["error"]["next"].is_string(), "{}", wrong.json);

    let invitation = world.server.invite(("511902", "511902105"), ("向明", "worker")).expect("an invitation");
    device
        .run(&["enrol", &world.server.url, &invitation.code])
        .expect("runs")
        .good()
        .expect("the code is good once");
    let (second, _) = stranger(&world.scratch, "second.sqlite");
    let used = second.run(&["enrol", &world.server.url, &invitation.code]).expect("runs");
    assert_eq!(used.exit, wrong.exit, "{}", used.json);
    assert_eq!(used.json["error"]["code"], wrong.json["error"]["code"], "wrong and used look alike");
    let sync = second.run(&["sync"]).expect("runs");
    assert_eq!((sync.exit != 0, &sync.json["error"]["code"]), (true, &"device.not_enrolled".into()));
}

/// `admin enrol` is a process of its own: what names somebody within a text was written when nobody was called so.
#[test]
fn somebody_added_beside_a_running_server_sees_nothing_that_names_them() {
    for restarts in [false, true] {
        let mut world = World::new("newcomer");
        let phone = world.worker("向明");
        let subject = "subject=大罗镇周志强主任";
        let case = phone.case(&["title=久拖不办", "category=water", "severity=light", subject, &place()]);
        phone.sync();
        let desk = world.desk();
        desk_until(&desk, &case, |shown| !shown.is_null());
        let sees = |who: &Api, case: &str| who.case(case).expect("the API answers").is_some();
        // From here on the server knows who works here, as of now; also where it has just begun and committed nothing yet.
        if restarts {
            assert_eq!(world.server.stop(PATIENCE), 0);
            world.restart();
        } else {
            phone.good(&["edit", &case, "--append", "description=一"]);
            phone.sync();
        }
        assert!(sees(&desk, &case));
        let enrolled = |name: &str| {
            let home = (DISTRICT, "511902-supervision");
            let who = world.server.invite(home, (name, "inspector")).expect("an invitation");
            Api::new(&world.server.url, &world.server.token(&who.worker).expect("a token"))
        };
        let named = enrolled("周志强");
        let colleague = enrolled("周志明");
        let hidden = |case: &str| !sees(&named, case) && !sees(&colleague, case) && sees(&desk, case);
        assert!(hidden(&case), "nobody named, nor their unit; the others do");
        phone.good(&["edit", &case, "--append", "description=二"]);
        phone.sync();
        assert!(hidden(&case), "what is written next changes nothing of it");
        let later = phone.case(&["title=还是他", "category=water", "severity=light", subject, &place()]);
        phone.sync();
        assert!(hidden(&later), "nor does a new case wait until who works here is read again");
        let plain = phone.case(&["title=路灯", "category=water", "severity=light", &place()]);
        phone.sync();
        assert!(sees(&named, &plain) && sees(&colleague, &plain), "what names nobody they see");
    }
}

fn place() -> String {
    format!("place={VILLAGE}")
}

#[test]
fn tokens_that_are_not_of_this_moment_and_device_open_nothing() {
    let world = World::new("tokens");
    let (xiang, zeng) = (world.worker("向明"), world.worker("曾晓兰"));
    let auth = xiang.good(&["auth"]);
    let header = auth["headers"]["Authorization"].as_str().expect("a header").to_owned();
    let with = |value: &str| {
        let mut changed = auth.clone();
        changed["headers"]["Authorization"] = json!(value);
        changed
    };
    let refused = |value: &str| match Socket::open(&with(value)) {
        Ok(_) => panic!("let in with {value}"),
        Err(error) => assert_eq!(error, "HTTP 401", "{value}"),
    };
    refused("");
    refused("Doorstep x.y");
    let middle = header.len() / 2;
    let tampered = format!(
        "{}{}{}",
        &header[..middle],
        if header.as_bytes()[middle] == b'A' { 'B' } else { 'A' },
        &header[middle + 1..]
    );
    refused(&tampered);
    // The claim of one device with the signature of another.
    let other = zeng.good(&["auth"])["headers"]["Authorization"].as_str().expect("a header").to_owned();
    let (claim, _) = header.split_once('.').expect("P.S");
    let (_, signature) = other.split_once('.').expect("P.S");
    refused(&format!("{claim}.{signature}"));
    // A nonce of another centre is none of this one's.
    let other = World::new("other-centre");
    let foreign = xiang.good(&["auth", "--url", &other.server.url]);
    refused(foreign["headers"]["Authorization"].as_str().expect("a header"));
    Socket::open(&auth).expect("the untouched one is good");

    // A bearer token whose time is over opens nothing either.
    let words = ["admin", "token", "--worker", &xiang.worker, "--life", "PT0S"];
    let expired = world.server.beside(&words).expect("runs").good().expect("a token");
    let expired = expired["token"].as_str().expect("a token").to_owned();
    let api = doorstep_tests::play::api::Api::new(&world.server.url, &expired);
    assert_eq!(api.get("cases").expect("answers").status, 401);

    // A device that was shut out hears so: exit 5, and keeps what it has.
    let id = xiang.case(&["title=还在设备上"]);
    let revoked = world.server.beside(&["admin", "revoke", "--device", &xiang.id]).expect("runs");
    assert_eq!(revoked.exit, 0, "{}", revoked.told());
    let sync = xiang.ends(&["sync"], 5);
    assert!(sync.json["error"]["kept"].is_string(), "{}", sync.json);
    assert_eq!(xiang.show(&id)["state"], "device");
    let api = doorstep_tests::play::api::Api::new(&world.server.url, "no-token");
    assert_eq!(api.get("cases").expect("answers").status, 401);
}

#[test]
fn sigterm_drains_and_ends_with_zero() {
    let mut world = World::new("sigterm");
    let xiang = world.worker("向明");
    for n in 0..20 {
        xiang.case(&[&format!("title=第 {n} 件")]);
    }
    let mut watch = xiang.device.command(None, &["sync", "--watch"]);
    let mut child = watch.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the device starts");
    let desk = world.desk();
    let arrived = doorstep_tests::play::process::poll(super::world::PATIENCE, || {
        let cases = desk.get("cases?limit=100").ok()?.json;
        (cases["items"].as_array()?.len() == 20).then_some(())
    });
    assert!(arrived.is_some(), "the live session sends what is there");
    assert_eq!(world.server.stop(Duration::from_secs(15)), 0);
    drop(child.kill());
    drop(child.wait());
    world.restart();
    xiang.sync();
    assert_eq!(xiang.good(&["status"])["pending"], 0);
    world.verify();
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let mut world = World::new("second-server");
    let error = Server::start(binaries(), &world.serve).expect_err("one server a folder");
    assert!(error.contains("Another server runs"), "{error}");
    assert!(world.server.runs());
    let device: Device = world.worker("向明").device;
    assert_eq!(device.run(&["sync"]).expect("runs").exit, 0, "the first one is untouched");
}
