//! A visit, offline, becomes a decided case; what does not fit the schema changes nothing.

use super::world::{VILLAGE, World, desk_until, last_cause};

#[test]
fn an_offline_visit_becomes_a_decided_case() {
    let world = World::new("visit");
    let xiang = world.worker("向明");
    let place = format!("place={VILLAGE}");
    let id = xiang.case(&["title=山坪塘漏水", "category=water", "severity=medium", &place]);
    let shown = xiang.show(&id);
    assert_eq!((&shown["state"], &shown["fields"]["category"]), (&"device".into(), &"water".into()));

    let report = xiang.sync();
    assert_eq!((&report["pending"], &report["rejected"]), (&0.into(), &0.into()));
    let shown = xiang.sync_until(&id, |shown| last_cause(shown) == "Settled");
    assert_eq!(shown["state"], "centre");
    assert_eq!(shown["settled"]["ok"], true);
    let decisions = shown["decisions"].as_array().expect("decisions");
    assert_eq!(decisions[0]["cause"], "Intake");
    let last = decisions.last().expect("one");
    assert_eq!((&last["directive"], &last["unit"]), (&"assign".into(), &"511902105".into()));
    let rules: Vec<_> =
        last["reasons"].as_array().expect("reasons").iter().map(|reason| &reason["rule"]).collect();
    assert!(rules.contains(&&"town".into()), "{rules:?}");

    // A late edit that policy does not read stays silent; one that it reads amends.
    xiang.good(&["edit", &id, "--set", "contact_phone=13900000000"]);
    xiang.sync();
    let desk = world.desk();
    let case = desk_until(&desk, &id, |case| {
        case["fields"]["contact_phone"] != serde_json::Value::Null && case["settled"]["ok"] == true
    });
    assert_eq!(case["decisions"].as_array().expect("decisions").len(), decisions.len());
    xiang.good(&["edit", &id, "--set", "severity=heavy"]);
    xiang.sync();
    let case = desk_until(&desk, &id, |case| {
        case["decisions"].as_array().is_some_and(|all| all.len() > decisions.len())
    });
    let last = case["decisions"].as_array().expect("decisions").last().expect("one").clone();
    assert_eq!((&last["directive"], &last["unit"]), (&"amend".into(), &"511902-water".into()));
    world.verify();
}

#[test]
fn a_field_that_does_not_exist_changes_nothing() {
    let world = World::new("unknown-field");
    let xiang = world.worker("向明");
    let id = xiang.case(&["title=塘"]);
    let before = xiang.show(&id);
    let refused = xiang.ends(&["edit", &id, "--set", "colour=blue"], 2);
    let error = &refused.json["error"];
    assert!(["code", "message", "kept", "next"].iter().all(|part| error[part].is_string()), "{error}");
    assert!(error["message"].as_str().expect("text").contains("colour"), "{error}");
    xiang.ends(&["edit", &id, "--set", "urgency=later"], 2);
    xiang.ends(&["edit", &id, "--set", "place=510"], 2);
    xiang.ends(&["new", "case", "--set", "colour=blue"], 2);
    assert_eq!(xiang.show(&id), before);
    assert_eq!(xiang.good(&["list"])["items"].as_array().expect("items").len(), 1);
}
