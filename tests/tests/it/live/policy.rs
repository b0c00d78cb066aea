//! Versions of a pack in a running server: let in, refused, migrated to, rolled back.

use std::path::{Path, PathBuf};
use std::process::Command;

use doorstep_tests::play::api::Api;
use doorstep_tests::play::process::{Scratch, Serve, Server, poll};
use serde_json::Value as Json;

use super::world::{PATIENCE, Phone, TOWN, VILLAGE, World, binaries, doorstep, last_cause};

/// A server on a copy of the Bazhou pack.
fn on_a_copy(name: &str) -> (World, PathBuf) {
    let scratch = Scratch::new(name).expect("a temporary folder");
    let pack = scratch.path("pack");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies/bazhou");
    let copied = Command::new("cp").arg("-r").arg(shipped).arg(&pack).status().expect("cp runs");
    assert!(copied.success());
    let settle = Some("PT1S".into());
    let serve = Serve { data: scratch.path("data"), settle, packs: vec![pack.clone()], ..Serve::default() };
    let server = Server::start(binaries(), &serve).expect("the server starts");
    (World { scratch, serve, server }, pack)
}

fn edit(pack: &Path, file: &str, from: &str, to: &str) {
    let path = pack.join(file);
    let text = std::fs::read_to_string(&path).expect("the pack reads");
    assert!(text.contains(from), "{file} has {from:?}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("the pack is written");
}

/// The next version: light things go to the town.
fn second_version(pack: &Path) {
    edit(pack, "policy.toml", "version = \"2026.6\"", "version = \"2027.1\"");
    let small = "'dispute', 'other']\n'''\nto = \"village\"";
    edit(pack, "policy.toml", small, &small.replace("village", "town"));
    // A campaign that goes on: figures by campaign follow the pack.
    let standing = "from = 2024-04-01T00:00:00+08:00\nto = 2027-01-01";
    edit(pack, "policy.toml", standing, &standing.replace("2027", "2100"));
    let examples = pack.join("examples");
    std::fs::remove_dir_all(&examples).expect("the examples of the first version go");
}

fn in_force(desk: &Api, wanted: &str) {
    let found = poll(PATIENCE, || {
        let answer = desk.get("policies").ok()?;
        (answer.status == 200 && answer.json["in_force"] == wanted).then_some(())
    });
    found.unwrap_or_else(|| panic!("{wanted} is not in force: {:?}", desk.get("policies")));
}

/// A light case about water, and its last decision once it has settled.
fn light_case(phone: &Phone) -> (String, Json) {
    let id = phone.case(&["title=水管漏水", "category=water", "severity=light", &format!("place={VILLAGE}")]);
    let shown = phone.sync_until(&id, |shown| last_cause(shown) == "Settled");
    (id, last(&shown))
}

fn last(shown: &Json) -> Json {
    shown["decisions"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default()
}

fn beside(world: &World, words: &[&str], exit: i32) -> Json {
    let output = world.server.beside(words).expect("doorstep runs");
    assert_eq!(output.exit, exit, "{words:?}: {} {}", output.json, output.stderr);
    output.json
}

#[test]
fn a_new_version_decides_new_cases_and_standing_ones_move_only_when_somebody_says_so() {
    let (world, pack) = on_a_copy("versions");
    let (desk, xiang) = (world.desk(), world.worker("向明"));
    let (old, decision) = light_case(&xiang);
    assert_eq!((&decision["unit"], &decision["policy"]), (&VILLAGE.into(), &"bazhou@2026.6".into()));

    second_version(&pack);
    let folder = pack.to_str().expect("a path");
    edit(&pack, "policy.toml", "class = \"small\"", "class = \"smal\"");
    let refused = beside(&world, &["admin", "policy", "--pack", folder], 1);
    let problem = &refused["problems"][0];
    assert_eq!((&problem["code"], &problem["file"]), (&"unknown-class".into(), &"policy.toml".into()));
    in_force(&desk, "bazhou@2026.6");

    edit(&pack, "policy.toml", "class = \"smal\"", "class = \"small\"");
    assert_eq!(beside(&world, &["admin", "policy", "--pack", folder], 0)["id"], "bazhou@2027.1");
    in_force(&desk, "bazhou@2027.1");
    let (_, decision) = light_case(&xiang);
    assert_eq!((&decision["unit"], &decision["policy"]), (&TOWN.into(), &"bazhou@2027.1".into()));

    let replayed = beside(&world, &["policy", "replay"], 0);
    assert_eq!((&replayed["different"], replayed["decisions"].as_u64()), (&Json::Array(vec![]), Some(4)));

    let preview = beside(&world, &["policy", "migrate", "--preview"], 0);
    let moved = &preview["moves"][0];
    assert_eq!((&preview["cases"], &moved["document"]), (&1.into(), &Json::from(old.as_str())));
    assert_eq!((&moved["from"]["unit"], &moved["to"]["unit"]), (&VILLAGE.into(), &TOWN.into()));
    assert_eq!(beside(&world, &["policy", "migrate", "--preview"], 0), preview, "a preview keeps nothing");
    assert_eq!(beside(&world, &["policy", "migrate"], 0)["moves"], preview["moves"]);
    assert_eq!(beside(&world, &["policy", "migrate"], 0)["cases"], 0, "what has moved stays");
    let shown = xiang.sync_until(&old, |shown| last_cause(shown) == "PolicyMigration");
    assert_eq!((&last(&shown)["unit"], &last(&shown)["directive"]), (&TOWN.into(), &"migrate".into()));

    // BZ-18: of a campaign only what was registered in it.
    let collected = |cohort: &str, exit: i32| {
        let words = ["figures", "--measure", "collected", "--as-of", "2099-01-01T00:00:00Z", "--cohort"];
        beside(&world, &[&words[..], &[cohort]].concat(), exit)
    };
    assert_eq!(collected("campaign=standing-2024", 0)["denominator"], 2);
    assert_eq!(collected("campaign=check-2021", 0)["denominator"], 0);
    assert_eq!(collected("campaign=no-such", 2)["error"]["code"], "cohort.unknown");
    let strange = collected("category=watr", 2);
    assert!(strange["error"]["message"].as_str().is_some_and(|text| text.contains("water")), "{strange}");
    for year in ["year=20266", "year=206", "year=2026,year=99999"] {
        let typo = collected(year, 2);
        let message = typo["error"]["message"].as_str().unwrap_or_default();
        assert!(typo["error"]["code"] == "cohort.unknown" && message.contains("1949–2100"), "{typo}");
    }
    assert_eq!(collected("year=2019", 0)["denominator"], 0, "a year in which nothing was raised");
    assert_eq!(collected("category=health", 0)["denominator"], 0, "there is such a category, and no case");
    let rounds = |cohort: &str, exit: i32| {
        let words = ["figures", "--measure", "rounds", "--as-of", "2099-01-01T00:00:00Z", "--cohort", cohort];
        beside(&world, &words, exit)
    };
    assert_eq!(rounds("mode=hom", 2)["error"]["code"], "cohort.unknown");
    assert_eq!(rounds("mode=home,year=20266", 2)["error"]["code"], "cohort.unknown");
    assert_eq!(rounds("campaign=no-such", 2)["error"]["code"], "cohort.unknown");
    assert_eq!(rounds("mode=home", 0)["denominator"], 0);

    // A word that means nothing, and a time without a version: nobody guesses what was meant.
    assert_eq!(beside(&world, &["figures", "all"], 2)["error"]["code"], "usage.word");
    assert_eq!(beside(&world, &["verify", "all"], 2)["error"]["code"], "usage.word");
    let at = ["admin", "policy", "--activate-at", "2099-01-01T00:00:00Z"];
    assert_eq!(beside(&world, &at, 2)["error"]["code"], "policy.unnamed");
    assert!(beside(&world, &["admin", "policy"], 0)["versions"].is_array(), "without a time it lists");

    // Back again: the earlier version, activated, and the cases moved to it.
    beside(&world, &["admin", "policy", "--activate", "bazhou@2026.6"], 0);
    in_force(&desk, "bazhou@2026.6");
    assert_eq!(beside(&world, &["policy", "migrate"], 0)["cases"], 2);
    let shown = xiang.sync_until(&old, |shown| last(shown)["policy"] == "bazhou@2026.6");
    assert_eq!(last(&shown)["unit"], VILLAGE);
    assert_eq!(beside(&world, &["policy", "replay"], 0)["identical"], 7);
    world.verify();
}

#[test]
fn a_hangup_reads_the_folders_again_and_a_bad_pack_leaves_all_as_it_was() {
    let (mut world, pack) = on_a_copy("hangup");
    let desk = world.desk();
    let hangup = |world: &World| {
        let pid = world.server.pid.to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().expect("kill runs").success());
    };
    let log = world.serve.data.with_extension("log");
    let logged = |wanted: &str| {
        let found =
            poll(PATIENCE, || std::fs::read_to_string(&log).ok().filter(|text| text.contains(wanted)));
        found.unwrap_or_else(|| panic!("the log never says {wanted:?}"));
    };

    // The same version with other rules: decisions that name it would no longer replay.
    edit(&pack, "policy.toml", "limit = 2", "limit = 3");
    hangup(&world);
    logged("was let in before with other rules");
    in_force(&desk, "bazhou@2026.6");

    second_version(&pack);
    edit(&pack, "units.csv", "511902105,曾口镇,town", "511902105,曾口镇,hamlet");
    hangup(&world);
    logged("units-row");
    in_force(&desk, "bazhou@2026.6");

    edit(&pack, "units.csv", "511902105,曾口镇,hamlet", "511902105,曾口镇,town");
    hangup(&world);
    in_force(&desk, "bazhou@2027.1");

    // It is in force after a restart, too, and after one on another folder.
    assert_eq!(world.server.stop(PATIENCE), 0);
    world.serve.packs.clear();
    world.restart();
    in_force(&desk, "bazhou@2027.1");
}

/// CONTRACT: `policy decide`, with what was decided before, and with the reasons in words.
#[test]
fn a_case_is_decided_from_files_and_what_is_printed_can_be_given_back_as_history() {
    let scratch = Scratch::new("decide").expect("a temporary folder");
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies/bazhou");
    let pack = pack.to_str().expect("a path");
    let write = |name: &str, text: &str| {
        let path = scratch.path(name);
        std::fs::write(&path, text).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let fields = format!(r#"{{"category":"water","place":"{VILLAGE}","severity":"light"}}"#);
    let registered = r#""registered_at":"2025-03-03T10:00:00+08:00""#;
    let case = write("case.json", &format!(r#"{{"fields":{fields},{registered}}}"#));
    let first =
        doorstep(&["policy", "decide", pack, "--case", &case, "--at", "2025-03-03T10:05:00+08:00", "--json"]);
    assert_eq!(first.exit, 0, "{}", first.stderr);
    let decisions = first.json["decisions"].as_array().expect("decisions");
    let causes: Vec<&str> = decisions.iter().filter_map(|d| d["cause"].as_str()).collect();
    assert_eq!((first.json["policy"].as_str(), causes), (Some("bazhou@2026.6"), vec!["Intake", "Settled"]));
    let last = &decisions[1];
    assert_eq!((&last["unit"], &last["due"]), (&VILLAGE.into(), &"2025-03-18T15:59:59Z".into()));
    let reason = &last["reasons"][0];
    assert_eq!((&reason["rule"], &reason["basis"]), (&"small-in-the-village".into(), &"BZ-3".into()));
    assert_eq!(reason["inputs"]["severity"], "light");

    let lines: String = decisions.iter().map(|d| format!("{d}\n")).collect();
    let history = write("history.jsonl", &lines);
    let again = ["policy", "decide", pack, "--case", &case, "--history", &history, "--json", "--at"];
    let same = doorstep(&[&again[..], &["2025-03-03T11:00:00+08:00"]].concat());
    assert_eq!(
        same.json["decisions"],
        serde_json::json!([]),
        "the same digest decides nothing: {}",
        same.stderr
    );
    let later = doorstep(&[&again[..], &["2025-03-20T00:00:00+08:00"]].concat());
    let directives: Vec<&str> = later.json["decisions"]
        .as_array()
        .expect("decisions")
        .iter()
        .filter_map(|d| d["directive"].as_str())
        .collect();
    assert_eq!(directives, ["remind", "supervise"], "what time did meanwhile");
    let bad = write("bad.jsonl", "{\"n\":1}\n");
    let refused = doorstep(&[
        "policy",
        "decide",
        pack,
        "--case",
        &case,
        "--at",
        "2025-03-20T00:00:00+08:00",
        "--history",
        &bad,
        "--json",
    ]);
    assert_eq!((refused.exit, &refused.json["error"]["code"]), (2, &"history.bad".into()));
}

/// A unit that cases go to and where nobody works is found by checking the pack against the people of a server.
#[test]
fn a_unit_without_people_is_found_against_a_servers_people() {
    let (world, pack) = on_a_copy("nobody");
    let folder = pack.to_str().expect("a path");
    assert_eq!(beside(&world, &["policy", "check", folder], 1)["ok"], false);
    let nobody = |unit: &str| {
        let found = beside(&world, &["policy", "check", folder], 1);
        let problems = found["problems"].as_array().expect("problems").clone();
        problems
            .iter()
            .any(|p| p["code"] == "nobody" && p["message"].as_str().is_some_and(|m| m.contains(unit)))
    };
    assert!(nobody("511902-water"));
    world.server.invite(("511902", "511902-water"), ("罗开国", "handler")).expect("an invitation");
    assert!(!nobody("511902-water") && nobody("511902-transport"));
}

/// As `doorstep policy check ... | head -1` does.
#[test]
fn whoever_has_read_enough_of_an_answer_stops_no_command() {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/policies/bazhou");
    let mut command = Command::new(&binaries().server);
    let piped = || std::process::Stdio::piped();
    command.args(["policy", "check"]).arg(pack).stdout(piped()).stderr(piped());
    let mut child = command.spawn().expect("runs");
    drop(child.stdout.take());
    let ended = child.wait_with_output().expect("ends");
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success() && !said.contains("panicked"), "{said}");
}
