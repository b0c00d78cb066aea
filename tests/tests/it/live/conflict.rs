//! Three devices, one case, two open words; a person at the desk finishes it; everybody hears of it.

use super::world::{Phone, TOWN, VILLAGE, World, desk_until, last_cause};

fn held(world: &World, name: &str, id: &str) -> Phone {
    let phone = world.worker(name);
    phone.sync_until(id, |_| true);
    phone
}

#[test]
fn a_conflict_of_three_devices_is_finished_at_the_desk_and_travels_back() {
    let world = World::new("conflict");
    let first = world.worker("向明");
    let town = format!("place={TOWN}");
    let id = first.case(&["title=渠道堵塞", &town, "category=water", "severity=medium"]);
    first.sync_until(&id, |shown| last_cause(shown) == "Settled");
    let (second, third) = (held(&world, "曾晓兰", &id), held(&world, "罗开国", &id));

    first.good(&["edit", &id, "--set", &format!("place={VILLAGE}"), "--append", "log=甲"]);
    second.good(&["edit", &id, "--set", "place=511902105201", "--append", "log=乙"]);
    third.good(&["edit", &id, "--set", "place=511902105202", "--append", "log=丙"]);
    for phone in [&third, &first, &second] {
        phone.sync();
    }
    let desk = world.desk();
    let case = desk_until(&desk, &id, |case| {
        case["conflicts"][0]["sides"].as_array().is_some_and(|sides| sides.len() == 3)
    });
    assert_eq!(case["conflicts"][0]["field"], "place");
    assert_eq!(case["conflicts"][0]["base"][0]["value"], TOWN);
    assert_eq!(case["settled"]["ok"], false);
    let decided = case["decisions"].as_array().expect("decisions").len();

    // All three see the same, whatever order they heard it in.
    let shown: Vec<_> = [&first, &second, &third]
        .map(|phone| {
            phone.sync_until(&id, |shown| {
                shown["conflicts"][0]["sides"].as_array().is_some_and(|sides| sides.len() == 3)
            })
        })
        .into_iter()
        .map(|shown| (shown["conflicts"].clone(), shown["fields"].clone(), shown["heads"].clone()))
        .collect();
    assert_eq!(shown[0], shown[1]);
    assert_eq!(shown[1], shown[2]);

    // Without a reason nothing is recorded; nor by somebody who may not review.
    let conflict = format!("{id}.place");
    assert!(desk.resolve(&conflict, Some(VILLAGE), " ", None).expect("the API answers").status >= 400);
    let worker = doorstep_tests::play::api::Api::new(
        &world.server.url,
        &world.server.token(&first.worker).expect("a token"),
    );
    assert_eq!(
        worker.resolve(&conflict, Some(VILLAGE), "我看过", None).expect("the API answers").status,
        404
    );
    let answer = desk
        .resolve(&conflict, Some(VILLAGE), "照片上是金凤村的石碑", Some(&case["heads"]))
        .expect("the API answers");
    assert_eq!(answer.status, 200, "{}", answer.json);
    let again = desk.resolve(&conflict, Some(TOWN), "再来一次", None).expect("the API answers");
    assert!(again.status >= 400, "it is not open any more: {}", again.json);

    let case = desk_until(&desk, &id, |case| case["settled"]["ok"] == true);
    assert_eq!(case["fields"]["place"], VILLAGE);
    assert_eq!(case["decisions"].as_array().expect("decisions").len(), decided + 1, "one amendment");
    for phone in [&first, &second, &third] {
        let shown = phone.sync_until(&id, |shown| shown["fields"]["place"] == VILLAGE);
        assert_eq!(shown["conflicts"], serde_json::json!([]));
        assert_eq!(shown["fields"]["log"].as_array().expect("a log").len(), 3);
    }
    world.verify();
}
