//! The API: each endpoint as it answers, and beside it as it refuses.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::{Checkout, Hello};
use serde_json::json;

use super::world::{ID_NUMBER, OTHER_TOWN, START, TOWN, World, problem};
use crate::enrol::invite;
use crate::limits;

const KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

#[tokio::test]
async fn a_device_enrols_once() {
    let world = World::new().await;
    let (store, packs) = (world.centre.store(), world.centre.packs());
    let who = ("511902", TOWN, "周洁", Role::Worker);
    let code = invite(&**store, &packs, who, (START, &**world.centre.source())).await.expect("invited").code;
    let enrol = |code: &str, key: &str| json!({"code": code, "public_key": key});
    let bad = world.ask("POST", "/api/v1/enrol", "", Some(enrol(&code, "feed"))).await;
    problem(&bad, 422, "enrol.key");
    let done = world.ask("POST", "/api/v1/enrol", "", Some(enrol(&code, KEY))).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    assert_eq!(done.json()["name"], "周洁");
    assert_eq!(done.json()["now"], "2026-11-21T10:00:00Z");
    let again = world.ask("POST", "/api/v1/enrol", "", Some(enrol(&code, KEY))).await;
    problem(&again, 401, "enrol.code");
}

#[tokio::test]
async fn a_nonce_is_this_servers() {
    let world = World::new().await;
    let nonce = world.ask("GET", "/api/v1/nonce", "", None).await.json();
    assert!(world.centre.keys().nonce_holds(nonce["nonce"].as_str().expect("text"), world.now()));
}

#[tokio::test]
async fn bad_requests_are_told_apart_and_never_a_fault() {
    let world = World::new().await;
    let post = |media: &'static str, body: String| {
        Request::post("/api/v1/enrol")
            .header(header::CONTENT_TYPE, media)
            .body(Body::from(body))
            .expect("a request")
    };
    let json = "application/json";
    let answer = world.send(post(json, "{\"code\":".into())).await;
    problem(&answer, 400, "body.malformed");
    let answer = world.send(post(json, "{\"code\":\"A\",\"public_key\":\"B\",\"more\":1}".into())).await;
    problem(&answer, 422, "body.invalid");
    let answer = world.send(post("text/plain", "hello".into())).await;
    problem(&answer, 415, "body.media");
    let answer = world.send(post(json, " ".repeat(limits::MAX_BODY_BYTES + 1))).await;
    problem(&answer, 413, "body.large");
    let answer = world.ask("GET", "/api/v1/nowhere", "", None).await;
    problem(&answer, 404, "route.unknown");
    let answer = world.send(Request::delete("/api/v1/cases").body(Body::empty()).expect("a request")).await;
    assert!(answer.header(header::ALLOW).contains("GET"));
    problem(&answer, 405, "method.unknown");
}

#[tokio::test]
async fn nobody_gets_in_without_a_token_that_holds() {
    let world = World::new().await;
    let id = world.disputed().await;
    let paths = ["cases", "conflicts", "quarantine", "invariants"].map(|name| format!("/api/v1/{name}"));
    let of_case = ["", "/decisions", "/history"].map(|part| format!("/api/v1/cases/{id}{part}"));
    for path in paths.iter().chain(&of_case) {
        for token in ["", "garbage", &"A".repeat(43)] {
            let answer = world.ask("GET", path, token, None).await;
            assert_eq!(answer.header(header::WWW_AUTHENTICATE), "Bearer");
            problem(&answer, 401, "token.invalid");
        }
    }
    world.wait(limits::TOKEN_LIFE_MS);
    let answer = world.get(&world.li, "/api/v1/cases").await;
    problem(&answer, 401, "token.invalid");
}

#[tokio::test]
async fn cases_are_listed_for_those_who_see_them() {
    let world = World::new().await;
    let id = world.disputed().await;
    world.wait(1);
    let (calm, _) = world.case(&[("title", "路灯不亮"), ("category", "facilities"), ("place", TOWN)]).await;
    let items = world.get(&world.li, "/api/v1/cases").await.json();
    assert_eq!(items["items"][0]["id"], calm.to_string());
    assert_eq!(items["items"][1]["conflicts"], json!(["place"]));
    let first = world.get(&world.li, "/api/v1/cases?limit=1").await.json();
    let rest = world
        .get(&world.li, &format!("/api/v1/cases?limit=1&after={}", first["next"].as_str().expect("next")))
        .await
        .json();
    assert_eq!(rest["items"][0]["id"], id.to_string());
    let disputed = world.get(&world.li, "/api/v1/cases?conflict=true&kind=case").await.json();
    assert_eq!(disputed["items"].as_array().map(Vec::len), Some(1));
    let due = world.get(&world.li, "/api/v1/cases?due_before=2026-11-21T18:00:00%2B08:00").await.json();
    assert_eq!(due["items"], json!([]));
    assert_eq!(world.get(&world.stranger, "/api/v1/cases").await.json()["items"], json!([]));
    for query in ["limit=0", "limit=101", "limit=x", "kind=rumour", "after=1", "due_before=noon", "order=due"]
    {
        let answer = world.get(&world.li, &format!("/api/v1/cases?{query}")).await;
        problem(&answer, 400, "query.invalid");
    }
}

#[tokio::test]
async fn a_case_is_shown_masked_and_only_to_those_who_see_it() {
    let world = World::new().await;
    let id = world.disputed().await;
    let answer = world.get(&world.wang, &format!("/api/v1/cases/{id}")).await;
    assert_eq!(answer.header(header::ETAG), "\"3\"");
    let case = answer.json();
    assert_eq!(case["fields"]["person.id_number"], "511***********1234");
    assert_eq!(case["fields"]["contact_phone"], "138****8000");
    assert_eq!(case["fields"]["place"], json!({"disputed": [OTHER_TOWN, TOWN]}));
    assert_eq!(case["decisions"][0]["cause"], "Intake");
    assert_eq!(case["settled"]["waits"][0], json!({"kind": "conflict", "who": "place", "until": null}));
    assert!(!answer.text.contains(ID_NUMBER) && !answer.text.contains("13800138000"));
    let log = world.get(&world.wang, &format!("/api/v1/cases/{id}/decisions")).await.json();
    assert_eq!(log["items"], case["decisions"]);
    let history = world.get(&world.wang, &format!("/api/v1/cases/{id}/history")).await.json();
    let who: Vec<_> =
        history["items"].as_array().expect("items").iter().map(|item| item["worker"].clone()).collect();
    assert_eq!(who, ["王敏", "陈刚", "王敏"]);
    let absent = id.to_string().replace("-7", "-4");
    for part in ["", "/decisions", "/history"] {
        let forbidden = world.get(&world.stranger, &format!("/api/v1/cases/{id}{part}")).await;
        let missing = world.get(&world.stranger, &format!("/api/v1/cases/{absent}{part}")).await;
        assert_eq!(forbidden.text, missing.text);
        problem(&forbidden, 404, "not.found");
        let nonsense = world.get(&world.li, &format!("/api/v1/cases/0417{part}")).await;
        problem(&nonsense, 404, "not.found");
    }
}

#[tokio::test]
async fn a_command_is_decided_or_refused_by_its_rule() {
    let world = World::new().await;
    let (id, _) = world.case(&[("title", "路灯不亮")]).await;
    let path = format!("/api/v1/cases/{id}/commands");
    let take_on = json!({"name": "accept", "id": "01890a5d-ac96-774b-bcce-b302099a8057"});
    let done = world.post(&world.chen, &path, take_on.clone()).await;
    assert_eq!(done.json(), json!({"outcome": "decided", "n": 2}));
    assert_eq!(world.post(&world.chen, &path, take_on).await.json()["n"], 2);
    let refused = world
        .post(&world.chen, &path, json!({"name": "extend", "args": {"days": "30", "reason": "r1"}}))
        .await;
    assert_eq!(problem(&refused, 409, "command.refused")["rule"], "command.extend");
    let refused = world.post(&world.chen, &path, json!({"name": "dance"})).await;
    problem(&refused, 409, "command.refused");
    let refused = world.post(&world.stranger, &path, json!({"name": "accept"})).await;
    problem(&refused, 404, "not.found");
    let refused =
        world.post(&world.chen, &path, json!({"name": "claim", "args": {"reason": "长".repeat(501)}})).await;
    problem(&refused, 422, "command.large");
    let refused = world.post(&world.chen, &path, json!({"name": "claim", "id": "7"})).await;
    problem(&refused, 422, "body.invalid");
}

#[tokio::test]
async fn a_reviewer_releases_a_checkout_with_a_reason() {
    let world = World::new().await;
    let (id, _) = world.case(&[("title", "路灯不亮")]).await;
    let path = format!("/api/v1/cases/{id}/release");
    let because = json!({"reason": "来电说已离开"});
    let none = world.post(&world.li, &path, because.clone()).await;
    problem(&none, 409, "checkout.none");
    let checkout = Checkout { id: [1; 16], documents: vec![id], until: world.now() + 3_600_000 };
    let hello = Hello { checkouts: vec![checkout], now: world.now(), counter: 1, ..super::world::hello() };
    world.open(&world.wang, &hello).await;
    let wait =
        world.get(&world.li, &format!("/api/v1/cases/{id}")).await.json()["settled"]["waits"][0].clone();
    assert_eq!((wait["kind"].as_str(), wait["who"].as_str()), (Some("checkout"), Some("王敏")));
    let empty = world.post(&world.li, &path, json!({"reason": " "})).await;
    problem(&empty, 422, "reason.missing");
    for who in [&world.wang, &world.chen, &world.stranger] {
        let answer = world.post(who, &path, because.clone()).await;
        problem(&answer, 404, "not.found");
    }
    assert_eq!(world.post(&world.li, &path, because).await.json(), json!({"released": true}));
}

#[tokio::test]
async fn what_was_refused_is_listed_without_its_contents() {
    let world = World::new().await;
    let id = world.disputed().await;
    let session = world.session(&world.chen).await;
    let done = world.centre.ingest(&session, id, vec![b"hostile".to_vec()], false).await.expect("ingested");
    assert_eq!(done.rejected.len(), 1);
    let answer = world.get(&world.li, "/api/v1/quarantine").await;
    let item = &answer.json()["items"][0];
    assert_eq!((item["document"].as_str(), item["bytes"].as_u64()), (Some(&*id.to_string()), Some(7)));
    assert!(!answer.text.contains("hostile"));
    assert_eq!(world.get(&world.stranger, "/api/v1/quarantine").await.json()["items"], json!([]));
    let refused = world.get(&world.wang, "/api/v1/quarantine").await;
    problem(&refused, 404, "not.found");
}

#[tokio::test]
async fn the_invariants_are_for_those_who_inspect() {
    let world = World::new().await;
    world.disputed().await;
    let report = world.get(&world.li, "/api/v1/invariants").await.json();
    assert_eq!(
        (report["ok"].as_bool(), report["invariants"].as_array().map(Vec::len)),
        (Some(true), Some(10))
    );
    for who in [&world.wang, &world.chen] {
        let refused = world.get(who, "/api/v1/invariants").await;
        problem(&refused, 404, "not.found");
    }
}

#[tokio::test]
async fn the_document_and_the_router_name_the_same_routes() {
    let world = World::new().await;
    let document = world.ask("GET", "/api/openapi.json", "", None).await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let endpoints = crate::http::api::endpoints::<crate::store::memory::MemoryStore>();
    let paths = document["paths"].as_object().expect("paths");
    let described: usize =
        paths.values().map(|methods| methods.as_object().map_or(0, serde_json::Map::len)).sum();
    assert_eq!(described, endpoints.len());
    for endpoint in endpoints {
        assert!(document["paths"][endpoint.path][endpoint.method].is_object(), "{}", endpoint.path);
        let path = endpoint.path.replace("{id}", "0");
        let answer = world.ask(&endpoint.method.to_uppercase(), &path, &world.li.token, None).await;
        assert!(
            !answer.text.contains("route.unknown") && !answer.text.contains("method.unknown"),
            "{}",
            endpoint.path
        );
    }
}

#[tokio::test]
async fn operators_see_that_it_is_up() {
    let world = World::new().await;
    world.disputed().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    assert_eq!(world.send(get("/healthz")).await.text, "ok\n");
    assert_eq!(world.send(get("/readyz")).await.status, StatusCode::OK);
    problem(&world.send(get("/metrics")).await, 401, "metrics.closed");
    let mut near = get("/metrics");
    let from = ConnectInfo("127.0.0.1:5000".parse::<SocketAddr>().expect("an address"));
    near.extensions_mut().insert(from);
    let metrics = world.send(near).await;
    assert!(metrics.text.contains("doorstep_feed_head{district=\"511902\"} 3\n"), "{}", metrics.text);
}

#[tokio::test]
async fn a_panic_becomes_a_problem_without_contents() {
    use tower::ServiceExt;
    let inside = axum::routing::get(async || assert!(START < 0, "a secret"));
    let router = axum::Router::<()>::new()
        .route("/", inside)
        .layer(axum::middleware::from_fn(crate::http::guard::catch));
    let response =
        router.oneshot(Request::get("/").body(Body::empty()).expect("a request")).await.expect("answers");
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    assert!(!String::from_utf8_lossy(&body).contains("secret"));
}
