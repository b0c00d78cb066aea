//! One device in two districts, at two centres: each holds its own, and one that cannot be reached holds up nothing.

use doorstep_client::Sqlite;
use doorstep_tests::harness::pack_folder;
use doorstep_tests::play::process::{Device, Output, Serve, Server};
use serde_json::{Value as Json, json};

use super::world::{DISTRICT, TOWN, World, binaries};

const OTHER: &str = "510302";
const INTAKE: &str = "510302-intake";

fn good(device: &Device, words: &[&str]) -> Json {
    let output = device.run(words).expect("the device runs");
    assert_eq!(output.exit, 0, "{words:?}: {}", output.told());
    output.json
}

fn refused(device: &Device, words: &[&str]) -> (i32, String) {
    let Output { exit, json, .. } = device.run(words).expect("the device runs");
    (exit, json["error"]["code"].as_str().unwrap_or_default().to_owned())
}

fn id(made: &Json) -> &str {
    made["id"].as_str().expect("an id")
}

#[test]
fn a_device_works_in_two_districts_and_neither_waits_for_the_other() {
    let here = World::new("districts");
    let serve = Serve {
        data: here.scratch.path("other"),
        packs: vec![pack_folder("ziliujing")],
        settle: Some("PT1S".into()),
        ..Serve::default()
    };
    let mut there = Server::start(binaries(), &serve).expect("the other centre starts");
    let device = here.worker("王小明").device;
    let invited = there.invite((OTHER, INTAKE), ("王小明", "reviewer")).expect("an invitation");

    // Without a word of it, a second code is no second district; a wrong word leaves the code as it is.
    assert_eq!(refused(&device, &["enrol", &there.url, &invited.code]), (1, "device.enrolled".into()));
    let nobody = ["enrol", "http://127.0.0.1:9", "AAAA-BBBB-CCCC-DDDD"];
    assert_eq!(refused(&device, &nobody), (1, "device.enrolled".into()), "nothing was sent there");
    let elsewhere = ["enrol", &there.url, &invited.code, "--district", "150703"];
    assert_eq!(refused(&device, &elsewhere), (1, "enrol.district".into()));
    let enrolled = good(&device, &["enrol", &there.url, &invited.code, "--district", OTHER]);
    assert_eq!(enrolled["district"], OTHER);

    assert_eq!(refused(&device, &["new", "case", "--set", "title=桥"]), (2, "district.needed".into()));
    let nowhere = ["new", "case", "--district", "150703", "--set", "title=桥"];
    assert_eq!(refused(&device, &nowhere), (2, "district.absent".into()));
    let place = format!("place={TOWN}");
    let ours =
        good(&device, &["new", "case", "--district", DISTRICT, "--set", "title=漏水", "--set", &place]);
    let theirs = good(&device, &["new", "case", "--district", OTHER, "--set", "title=井盖"]);
    let listed = good(&device, &["list"]);
    let mut found: Vec<(&str, &Json)> =
        listed["items"].as_array().expect("items").iter().map(|item| (id(item), &item["district"])).collect();
    found.sort_unstable_by_key(|(_, district)| district.to_string());
    assert_eq!(found, [(id(&theirs), &json!(OTHER)), (id(&ours), &json!(DISTRICT))]);
    assert_eq!(good(&device, &["status"])["pending"], 2);

    let until =
        jiff::Timestamp::now().checked_add(jiff::SignedDuration::from_hours(2)).expect("a time").to_string();
    let both = ["checkout", id(&ours), id(&theirs), "--until", &until];
    assert_eq!(refused(&device, &both), (2, "checkout.districts".into()));
    let elsewhere = ["sync", "--url", &there.url];
    assert_eq!(refused(&device, &elsewhere), (2, "district.needed".into()), "an address is one centre's");
    // A copy beside the store, and a store under another's name, are no districts.
    let file = |code: &str| format!("{}.district-{code}", device.store.display());
    std::fs::copy(file(OTHER), file("510302old")).expect("copies");
    std::fs::copy(&device.store, file("511902")).expect("copies");
    assert_eq!(good(&device, &["list"])["items"].as_array().map(Vec::len), Some(2));
    for copy in ["510302old", "511902"] {
        std::fs::remove_file(file(copy)).expect("removes");
    }

    // One sync is both; each centre has its own and nothing of the other's.
    let sent = good(&device, &["sync"]);
    assert_eq!((&sent["sent"], &sent["pending"]), (&json!(2), &json!(0)), "{sent}");
    for made in [&ours, &theirs] {
        assert_eq!(good(&device, &["show", id(made)])["state"], "centre");
    }
    assert_eq!(here.desk().case(id(&theirs)).expect("answers"), None);

    // With one of them away, what is written for the other arrives; what is not stays and is said.
    assert_eq!(there.stop(super::world::PATIENCE), 0);
    good(&device, &["edit", id(&ours), "--set", "urgency=soon"]);
    good(&device, &["edit", id(&theirs), "--set", "urgency=soon"]);
    let cut = device.run(&["sync"]).expect("the device runs");
    assert_eq!(cut.exit, 4, "{}", cut.told());
    assert!(cut.json["error"]["message"].as_str().is_some_and(|said| said.contains(OTHER)), "{}", cut.json);
    assert_eq!(good(&device, &["show", id(&ours)])["state"], "centre");
    assert_eq!(good(&device, &["show", id(&theirs)])["state"], "device");
    assert_eq!(good(&device, &["status", "--district", OTHER])["pending"], 1);
    let listen = there.url.trim_start_matches("http://").to_owned();
    let there = Server::start(binaries(), &Serve { listen: Some(listen), ..serve }).expect("it starts again");
    assert_eq!(good(&device, &["sync"])["sent"], 1);

    // A file that is damaged is said; whoever names another district goes on with that.
    let further = file(OTHER);
    let whole = std::fs::read(&further).expect("a file beside the first");
    std::fs::write(&further, "no store").expect("writes");
    assert_eq!(refused(&device, &["list"]), (1, "store.failed".into()));
    assert_eq!(good(&device, &["list", "--district", DISTRICT])["items"].as_array().map(Vec::len), Some(1));
    std::fs::write(&further, whole).expect("writes");
    assert_eq!(good(&device, &["list"])["items"].as_array().map(Vec::len), Some(2));

    // One is given up by its name alone, and not with anything in it that nobody else has.
    let leave = ["leave", "--district", OTHER];
    assert_eq!(refused(&device, &["leave"]), (2, "usage".into()));
    good(&device, &["edit", id(&theirs), "--set", "severity=light"]);
    assert_eq!(refused(&device, &leave), (1, "leave.unsent".into()));
    assert_eq!(good(&device, &["sync"])["sent"], 1);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let watching = runtime.block_on(Sqlite::open(std::path::Path::new(&further))).expect("opens");
    assert_eq!(refused(&device, &leave), (1, "leave.busy".into()), "not under the hands of another program");
    runtime.block_on(watching.close());
    assert_eq!(good(&device, &leave)["held"], 1);
    let left = std::fs::read_dir(device.store.parent().expect("a folder")).expect("reads");
    let left = left.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
    let left: Vec<String> = left.filter(|name| name.contains(OTHER)).collect();
    assert_eq!(left, [""; 0]);
    assert_eq!(refused(&device, &leave), (2, "district.absent".into()));
    assert_eq!(good(&device, &["list"])["items"].as_array().map(Vec::len), Some(1));
    let bytes = std::fs::read(&device.store).expect("the first file");
    assert!(
        bytes.windows("漏水".len()).any(|piece| piece == "漏水".as_bytes()),
        "or the next look sees nothing"
    );
    // The first as well: what is there then is a device that was never enrolled.
    assert_eq!(good(&device, &["leave", "--district", DISTRICT])["left"], true);
    assert_eq!(refused(&device, &["list"]), (1, "device.not_enrolled".into()));
    let bytes = std::fs::read(&device.store).expect("the first file stays");
    assert!(!bytes.windows("漏水".len()).any(|piece| piece == "漏水".as_bytes()), "overwritten");
    here.verify();
    let verified = there.beside(&["verify"]).expect("verify runs");
    assert_eq!(verified.exit, 0, "{}", verified.json);
}
