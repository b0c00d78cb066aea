//! No network, for as long as it takes: nothing is lost, and everything arrives later.

use super::world::{VILLAGE, World};

#[test]
fn days_without_a_server_lose_nothing() {
    let mut world = World::new("offline");
    let xiang = world.worker("向明");
    world.server.kill();
    let place = format!("place={VILLAGE}");
    let ids: Vec<String> =
        (0..5).map(|n| xiang.case(&[&format!("title=第 {n} 件"), &place, "category=roads"])).collect();
    xiang.good(&["edit", &ids[0], "--append", "log=隔天又看了一次"]);
    let pending = xiang.good(&["status"])["pending"].clone();
    assert!(pending.as_u64().expect("a number") >= 6, "{pending}");

    let unreachable = xiang.ends(&["sync"], 4);
    assert_eq!(unreachable.json["error"]["code"], "centre.unreachable", "{}", unreachable.json);
    assert_eq!(xiang.good(&["status"])["pending"], pending);

    world.restart();
    let report = xiang.sync();
    assert_eq!((&report["pending"], &report["rejected"]), (&0.into(), &0.into()));
    let desk = world.desk();
    for id in &ids {
        assert!(desk.case(id).expect("the API answers").is_some(), "{id}");
    }
    world.verify();
}
