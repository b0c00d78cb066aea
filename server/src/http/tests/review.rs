//! Conflicts through the API: the queue, a resolution, and every way in which one is not taken.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value as Json, json};

use super::world::{ID_NUMBER, OTHER_TOWN, TOWN, World, problem};
use crate::http::auth::COOKIE;

async fn open(world: &World, field: &str) -> (String, Json) {
    let conflicts = world.get(&world.li, "/api/v1/conflicts").await.json();
    let found =
        conflicts["items"].as_array().expect("items").iter().find(|item| item["field"] == field).cloned();
    let found = found.expect("the conflict is open");
    (format!("/api/v1/conflicts/{}", found["id"].as_str().expect("an id")), found)
}

#[tokio::test]
async fn the_queue_shows_both_sides_and_what_they_had_not_seen() {
    let world = World::new().await;
    let id = world.disputed().await;
    let (path, queued) = open(&world, "place").await;
    assert_eq!(queued["id"], format!("{id}.place"));
    assert_eq!(world.get(&world.li, &path).await.json(), queued);
    let sides = queued["sides"].as_array().expect("sides");
    assert!(sides[0]["hash"].as_str() < sides[1]["hash"].as_str(), "by hash, not by time");
    assert!(sides.iter().all(|side| side["saw"] == json!([])));
    assert_eq!(queued["base"], json!([]));
    assert_eq!(world.get(&world.stranger, "/api/v1/conflicts").await.json()["items"], json!([]));
    let refused = world.get(&world.wang, "/api/v1/conflicts").await;
    problem(&refused, 404, "not.found");
    for who in [&world.wang, &world.stranger] {
        let refused = world.get(who, &path).await;
        problem(&refused, 404, "not.found");
    }
    let closed = world.get(&world.li, &path.replace(".place", ".category")).await;
    problem(&closed, 404, "not.found");
}

#[tokio::test]
async fn a_resolution_is_recorded_once_with_its_reason() {
    let world = World::new().await;
    let id = world.disputed().await;
    let (path, queued) = open(&world, "place").await;
    let path = format!("{path}/resolution");
    let answer = json!({"value": TOWN, "reason": "电话核实", "heads": queued["heads"]});
    for who in [&world.chen, &world.wang, &world.stranger] {
        let refused = world.post(who, &path, answer.clone()).await;
        problem(&refused, 404, "not.found");
    }
    let done = world.post(&world.li, &path, answer.clone()).await.json();
    assert_eq!((done["document"].as_str(), done["field"].as_str()), (Some(&*id.to_string()), Some("place")));
    let case = world.get(&world.li, &format!("/api/v1/cases/{id}")).await.json();
    assert_eq!((&case["fields"]["place"], &case["conflicts"]), (&json!(TOWN), &json!([])));
    assert_eq!(case["heads"], json!([done["hash"]]));
    let again = world.post(&world.li, &path, answer).await;
    problem(&again, 409, "conflict.closed");
}

#[tokio::test]
async fn a_bad_answer_is_refused_and_changes_nothing() {
    let world = World::new().await;
    world.disputed().await;
    let (path, queued) = open(&world, "place").await;
    let path = format!("{path}/resolution");
    let (why, side) = ("电话核实", &queued["sides"][0]["hash"]);
    for (answer, code) in [
        (json!({"value": TOWN}), "reason.missing"),
        (json!({"value": TOWN, "reason": " "}), "reason.missing"),
        (json!({"value": TOWN, "reason": "长".repeat(501)}), "reason.long"),
        (json!({"reason": why}), "choice.missing"),
        (json!({"value": TOWN, "side": side, "reason": why}), "choice.both"),
        (json!({"side": "ab".repeat(32), "reason": why}), "side.unknown"),
        (json!({"value": "511999999", "reason": why}), "value.invalid"),
        (json!({"value": "此处", "reason": why}), "value.invalid"),
        (json!({"value": 7, "reason": why}), "body.invalid"),
    ] {
        let refused = world.post(&world.li, &path, answer).await;
        problem(&refused, 422, code);
    }
    assert_eq!(open(&world, "place").await.1, queued);
}

#[tokio::test]
async fn a_side_or_nothing_can_be_chosen() {
    let world = World::new().await;
    let id = world.disputed().await;
    let (path, queued) = open(&world, "place").await;
    let side = &queued["sides"][0];
    world
        .post(&world.li, &format!("{path}/resolution"), json!({"side": side["hash"], "reason": "台账"}))
        .await;
    let case = format!("/api/v1/cases/{id}");
    assert_eq!(world.get(&world.li, &case).await.json()["fields"]["place"], side["value"]);
    let world = World::new().await;
    let other = world.disputed().await;
    let (path, _) = open(&world, "place").await;
    let done = world
        .post(&world.li, &format!("{path}/resolution"), json!({"value": null, "reason": "都不对"}))
        .await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(
        world.get(&world.li, &format!("/api/v1/cases/{other}")).await.json()["fields"]["place"],
        Json::Null
    );
}

#[tokio::test]
async fn what_came_since_is_shown_and_nothing_is_recorded() {
    let world = World::new().await;
    let id = world.disputed().await;
    let (path, queued) = open(&world, "place").await;
    let base = world.centre.store();
    let first = crate::store::Store::load(&**base, id).await.expect("loads").expect("stored").changes[0].hash;
    world.write(&world.chen, id, &[first], &[("place", "511902101")]).await;
    let answer = json!({"value": TOWN, "reason": "电话核实", "heads": queued["heads"]});
    let refused = world.post(&world.li, &format!("{path}/resolution"), answer).await;
    let told = problem(&refused, 409, "heads.stale");
    let now = open(&world, "place").await.1;
    assert_eq!(told["conflict"], now);
    assert_ne!(now["sides"], queued["sides"]);
    let unknown = json!({"value": TOWN, "reason": "电话核实", "heads": ["ab".repeat(32)]});
    let refused = world.post(&world.li, &format!("{path}/resolution"), unknown).await;
    problem(&refused, 409, "heads.stale");
}

#[tokio::test]
async fn an_edit_elsewhere_in_the_case_does_not_disturb_a_resolution() {
    let world = World::new().await;
    let id = world.disputed().await;
    let (path, queued) = open(&world, "place").await;
    let heads: Vec<_> = world.centre.view(&world.li.person, id).await.expect("seen").heads;
    world.write(&world.chen, id, &heads, &[("contact_phone", "13900139000")]).await;
    let answer = json!({"value": OTHER_TOWN, "reason": "电话核实", "heads": queued["heads"]});
    assert_eq!(world.post(&world.li, &format!("{path}/resolution"), answer).await.status, 200);
}

#[tokio::test]
async fn a_masked_number_never_overwrites_the_real_one() {
    let world = World::new().await;
    let (id, first) = world.case(&[("title", "养老金")]).await;
    world.write(&world.wang, id, &[first], &[("person.id_number", ID_NUMBER)]).await;
    world.write(&world.chen, id, &[first], &[("person.id_number", "511902199001011243")]).await;
    let (path, queued) = open(&world, "person.id_number").await;
    assert!(!queued.to_string().contains(ID_NUMBER));
    let path = format!("{path}/resolution");
    let side = queued["sides"]
        .as_array()
        .expect("sides")
        .iter()
        .find(|side| side["worker"] == "王敏")
        .expect("a side");
    let refused = world.post(&world.li, &path, json!({"value": side["value"], "reason": "证件"})).await;
    problem(&refused, 422, "value.masked");
    assert_eq!(
        world.post(&world.li, &path, json!({"side": side["hash"], "reason": "证件"})).await.status,
        200
    );
    let view = world.centre.view(&world.li.person, id).await.expect("seen");
    assert_eq!(view.fields["person.id_number"], ID_NUMBER);
}

#[tokio::test]
async fn the_desks_cookie_needs_the_form_key_to_change_something() {
    let world = World::new().await;
    world.disputed().await;
    let (path, _) = open(&world, "place").await;
    let body = json!({"value": TOWN, "reason": "电话核实"}).to_string();
    let post = |key: &str| {
        let request =
            Request::post(format!("{path}/resolution")).header(header::CONTENT_TYPE, "application/json");
        let request =
            request.header(header::COOKIE, format!("{COOKIE}={}", world.li.token)).header("x-form-key", key);
        request.body(Body::from(body.clone())).expect("a request")
    };
    let answer = world.send(post("")).await;
    problem(&answer, 403, "form.key");
    let foreign = world.centre.keys().form_key(world.chen.person.worker, world.now());
    let answer = world.send(post(&foreign)).await;
    problem(&answer, 403, "form.key");
    assert_eq!(
        world.send(post(&world.centre.keys().form_key(world.li.person.worker, world.now()))).await.status,
        200
    );
}
