//! A referred case leaves the village's devices at their next sync; what they had not sent is taken.

use super::world::{World, desk_until, last_cause};

const COMMUNITY: &str = "511902001001";

#[test]
fn a_referred_case_leaves_the_village_and_nothing_unsent_is_lost() {
    let world = World::new("referral");
    let chen = world.phone("陈立群", (COMMUNITY, "worker"));
    let deng = world.phone("邓小琴", (COMMUNITY, "worker"));
    let id = chen.case(&[
        "title=市场街没有公厕",
        "category=facilities",
        "severity=light",
        &format!("place={COMMUNITY}"),
    ]);
    chen.sync_until(&id, |shown| last_cause(shown) == "Settled");
    deng.sync_until(&id, |shown| last_cause(shown) == "Settled");

    chen.good(&["act", &id, "refer", "--set", "unit=511902-urban", "--set", "reason=needs-building-land"]);
    deng.good(&["edit", &id, "--append", "log=商户愿意让出门面"]);
    chen.sync();
    for phone in [&chen, &deng] {
        phone.sync();
        phone.sync();
        let shown = phone.device.run(&["show", &id]).expect("show runs");
        assert_ne!(shown.exit, 0, "it is gone: {}", shown.json);
        assert_eq!(phone.good(&["list"])["items"], serde_json::json!([]));
        assert_eq!(phone.good(&["status"])["pending"], 0);
        let edit = phone.device.run(&["edit", &id, "--append", "log=x"]).expect("edit runs");
        assert_ne!(edit.exit, 0, "what is gone is not edited");
    }
    let desk = world.desk();
    let case = desk_until(&desk, &id, |case| last_cause(case) == "Command");
    assert_eq!(case["fields"]["log"], serde_json::json!(["商户愿意让出门面"]));
    assert_eq!(deng.good(&["rejected"])["items"], serde_json::json!([]));

    let he = world.phone("何光明", ("511902-urban", "handler"));
    he.sync_until(&id, |shown| shown["fields"]["log"].as_array().is_some_and(|log| log.len() == 1));
    let verified = world.verify();
    let four = verified["invariants"]
        .as_array()
        .expect("ten")
        .iter()
        .find(|one| one["id"] == 4)
        .expect("the fourth");
    assert!(four["checked"].as_u64().expect("a number") >= 2, "{four}");
}
