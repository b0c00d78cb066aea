//! `kill -9` of the server at random moments of a big sync: what was acknowledged is there, once.

use std::process::Stdio;
use std::time::{Duration, Instant};

use doorstep_tests::play::process::poll;

use super::world::{Phone, World, last_cause};

const ROUNDS: u64 = 9;
const EDITS: usize = 24;

/// 0 to 1; differs from run to run and from round to round, without a generator.
fn chance(round: u64) -> f64 {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.subsec_nanos());
    let mixed = (u64::from(nanos) ^ (round << 7)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    (mixed % 1_000) as f64 / 1_000.0
}

fn fill(phone: &Phone, id: &str, round: u64) {
    for n in 0..EDITS {
        phone.good(&["edit", id, "--append", &format!("log=轮 {round} 条 {n}")]);
    }
}

#[test]
fn killing_the_server_in_a_sync_loses_and_doubles_nothing() {
    let mut world = World::new("kill");
    let xiang = world.worker("向明");
    let id = xiang.case(&["title=长长的记录", "category=roads", "place=511902105"]);
    fill(&xiang, &id, 0);
    let began = Instant::now();
    xiang.sync();
    let whole = began.elapsed();
    let mut cut = 0;
    for round in 1..ROUNDS {
        fill(&xiang, &id, round);
        let others: Vec<String> =
            (0..4).map(|n| xiang.case(&[&format!("title=轮 {round} 件 {n}"), "category=roads"])).collect();
        cut += usize::from(!killed_in_a_sync(&mut world, &xiang, whole.mul_f64(chance(round))));
        let acked: Vec<String> = acknowledged(&xiang, &others);
        world.restart();
        let desk = world.desk();
        for id in &acked {
            assert!(desk.case(id).expect("the API answers").is_some(), "acknowledged and gone: {id}");
        }
        let done = poll(Duration::from_mins(1), || {
            let report = xiang.device.run(&["sync"]).ok().filter(|output| output.exit == 0)?.json;
            (report["pending"] == 0).then_some(report)
        });
        assert!(done.is_some(), "round {round}: the device never finishes");
    }
    assert!(cut > 0, "no sync was cut in {ROUNDS} rounds of {whole:?}");
    let expected = EDITS * ROUNDS as usize;
    let desk = world.desk();
    let case = desk.case(&id).expect("the API answers").expect("it is there");
    let log = case["fields"]["log"].as_array().expect("a log").clone();
    let mut unique: Vec<String> = log.iter().map(ToString::to_string).collect();
    unique.sort();
    unique.dedup();
    assert_eq!((log.len(), unique.len()), (expected, expected), "each entry is there, once");
    xiang.sync_until(&id, |shown| last_cause(shown) == "Settled");
    assert_eq!(xiang.good(&["rejected"])["items"], serde_json::json!([]));
    world.verify();
}

/// Kills the server this long after a sync began. Whether the sync was through before.
fn killed_in_a_sync(world: &mut World, phone: &Phone, after: Duration) -> bool {
    let mut sync = phone.device.command(None, &["sync"]);
    let mut child = sync.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the device starts");
    // Not a wait for something: the moment itself is what the test varies.
    poll(after, || child.try_wait().ok().flatten());
    world.server.kill();
    child.wait().is_ok_and(|status| status.success())
}

/// The cases that the device holds to be at the centre.
fn acknowledged(phone: &Phone, ids: &[String]) -> Vec<String> {
    let list = phone.good(&["list"]);
    let items = list["items"].as_array().expect("items").iter();
    let centre = items.filter(|item| item["state"] == "centre").filter_map(|item| item["id"].as_str());
    centre.filter(|id| ids.iter().any(|one| one == id)).map(str::to_owned).collect()
}
