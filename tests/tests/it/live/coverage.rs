//! The plan of visits, through the programs: what devices write on the spot is what the API says is left.

use doorstep_tests::harness::pack_folder;
use doorstep_tests::play::api::Api;
use doorstep_tests::play::process::{Device, Scratch, Serve, Server};
use serde_json::{Value as Json, json};

use super::world::{World, binaries};

const DISTRICT: &str = "510302";
/// Of the first team: 仲权镇.
const TOWN: &str = "510302101";
const VILLAGES: [&str; 3] = ["510302101201", "510302101203", "510302101204"];
/// 荣边镇, of the second team.
const ELSEWHERE: &str = "510302103201";

fn ziliujing(name: &str) -> World {
    let scratch = Scratch::new(name).expect("a temporary folder");
    let data = scratch.path("data");
    let serve = Serve {
        data,
        packs: vec![pack_folder("ziliujing")],
        settle: Some("PT1S".into()),
        ..Serve::default()
    };
    let server = Server::start(binaries(), &serve).expect("the server starts");
    World { scratch, serve, server }
}

fn enrolled(world: &World, (name, unit, role): (&str, &str, &str)) -> (Device, String) {
    let invitation = world.server.invite((DISTRICT, unit), (name, role)).expect("an invitation");
    let device = Device::at(binaries(), world.scratch.path(&format!("{name}.sqlite")));
    let output = device.run(&["enrol", &world.server.url, &invitation.code]).expect("enrol runs");
    assert_eq!(output.exit, 0, "{}", output.told());
    (device, invitation.worker)
}

fn good(device: &Device, words: &[&str]) -> Json {
    let output = device.run(words).expect("the device runs");
    assert_eq!(output.exit, 0, "{words:?}: {}", output.told());
    output.json
}

fn concentrated(device: &Device, day: &str, villages: &[&str]) {
    let at = format!("visited_at={day}");
    let place = format!("place={TOWN}");
    let mut words = vec!["new", "visit", "--set", "mode=concentrated", "--set", "team=first"];
    words.extend(["--set", "leader=组长文", "--set", &place, "--set", &at]);
    let villages: Vec<String> =
        villages.iter().map(|code| format!("villages={}", json!({"place": code, "people": 20}))).collect();
    villages.iter().for_each(|village| words.extend(["--append", village]));
    good(device, &words);
}

/// ZL-6: 4 teams, one concentrated visit a month, one town a visit, 56 of 56 villages: and which are left.
#[test]
fn the_coverage_plan_says_which_of_56_villages_are_left_and_which_months_were_missed() {
    let world = ziliujing("coverage");
    let (wen, worker) = enrolled(&world, ("文静", "510302-discipline", "leader"));
    concentrated(&wen, "2023-01-12", &[VILLAGES[0], VILLAGES[1], ELSEWHERE]);
    concentrated(&wen, "2023-03-09", &[VILLAGES[2], VILLAGES[0]]);
    let unled = [
        "new",
        "visit",
        "--set",
        "mode=concentrated",
        "--set",
        "team=first",
        "--set",
        "visited_at=2023-02-09",
    ];
    good(&wen, &unled);
    let standing = [
        "new",
        "visit",
        "--set",
        "mode=standing",
        "--set",
        "format=pond",
        "--set",
        "place=510302101205",
        "--set",
        "visited_at=2023-02-10",
    ];
    good(&wen, &standing);
    good(&wen, &["sync"]);

    let api = Api::new(&world.server.url, &world.server.token(&worker).expect("a token"));
    let get = |path: &str| api.get(path).and_then(|answer| answer.good()).expect("the API answers");
    let plan = &get("coverage?as_of=2023-04-10T00:00:00Z")["plans"][0];
    assert_eq!(
        (&plan["of"], &plan["covered"], &plan["rounds"]),
        (&json!(56), &json!(3), &json!(2)),
        "{plan}"
    );
    let left: Vec<&str> =
        plan["left"].as_array().expect("a list").iter().filter_map(|p| p["place"].as_str()).collect();
    assert_eq!(left.len(), 53);
    assert!(left.contains(&ELSEWHERE), "one town a visit: another town's village does not count");
    assert!(left.contains(&"510302101205"), "a standing visit is none of the plan's");
    assert_eq!(plan["astray"], 1, "nobody led it");
    let first = &plan["teams"][0];
    assert_eq!(first["missed"], json!(["2023-02-01"]), "one visit a month");
    assert_eq!((&first["of"], &first["covered"]), (&json!(17), &json!(3)));
    let earlier = &get("coverage?as_of=2023-02-01T00:00:00Z")["plans"][0];
    assert_eq!(earlier["covered"], 2, "as of then");

    // The map at the desk shows the same: by town, a tile a village. Whoever does not supervise has none.
    let map = api.page("/supervision/coverage").expect("a page").json.as_str().unwrap_or_default().to_owned();
    assert!(map.contains("3 / 56") && map.contains("2023年2月"), "{map}");
    assert_eq!((map.matches("tile reached").count(), map.matches("tile left").count()), (3, 53));
    let (_, worker) = enrolled(&world, ("小杨", "510302-discipline", "handler"));
    let other = Api::new(&world.server.url, &world.server.token(&worker).expect("a token"));
    assert_eq!(other.page("/supervision/coverage").expect("answers").status, 404);

    // ZL-7: by the pond, counted for itself.
    let modes = get("rounds?from=2023-01-01T00:00:00Z&to=2024-01-01T00:00:00Z")["modes"].clone();
    let standing = modes.as_array().expect("a list").iter().find(|mode| mode["mode"] == "standing");
    assert_eq!(standing.map(|mode| mode["rounds"].clone()), Some(json!(1)), "{modes}");
    world.verify();
}

/// ZL-9: what the departments hear at one table (开门听风) becomes a case that their channel routes.
#[test]
fn what_a_round_table_hears_becomes_a_case_of_its_channel() {
    let world = ziliujing("round-table");
    let (gao, worker) = enrolled(&world, ("高敏", "510302-intake", "reviewer"));
    let made = good(
        &gao,
        &[
            "new",
            "meeting",
            "--set",
            "format=roundtable",
            "--set",
            "place=510302005003",
            "--append",
            r#"actions={"what":"夜市油烟扰民","unit":"510302-urban"}"#,
        ],
    );
    good(&gao, &["sync"]);
    let meeting = made["id"].as_str().expect("an id");
    let api = Api::new(&world.server.url, &world.server.token(&worker).expect("a token"));
    let items =
        api.get(&format!("meetings/{meeting}/actions")).and_then(|answer| answer.good()).expect("answers");
    let action = items["items"][0]["id"].as_str().expect("an id").to_owned();
    let fields = json!({"category": "environment", "subject": "510302-urban", "severity": "medium"});
    let make =
        || api.post(&format!("actions/{action}/case"), &fields).and_then(|a| a.good()).expect("answers");
    let (first, again) = (make(), make());
    assert_eq!(
        (&first["made"], &again["made"], &first["case"]),
        (&json!(true), &json!(false), &again["case"])
    );
    let id = first["case"].as_str().expect("an id");
    let routed = super::world::desk_until(&api, id, |case| case["settled"]["ok"] == true);
    let last = routed["decisions"].as_array().and_then(|all| all.last()).cloned().expect("decided");
    assert_eq!((&routed["fields"]["channel"], &last["unit"]), (&json!("roundtable"), &json!("510302-urban")));
    world.verify();
}
