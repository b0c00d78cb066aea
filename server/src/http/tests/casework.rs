//! Visits, meetings, leave, and the file of a case: as each endpoint answers, and beside it as it refuses.

use axum::body::Body;
use axum::http::{Request, header};
use doorstep_protocol::documents::Role;
use serde_json::json;

use super::world::{TOWN, World, problem, somebody};
use crate::store::Store;

/// BZ-8: one file a case: its source, its process, its effect, and what it lacks.
#[tokio::test]
async fn the_file_of_a_case_says_where_it_came_from_what_was_done_and_what_it_lacks() {
    let world = World::new().await;
    let (case, _) = world.case(&[("title", "路灯"), ("category", "roads"), ("channel", "scan")]).await;
    let path = format!("/api/v1/cases/{case}/file");
    let answer = world.get(&world.li, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let file = answer.json();
    assert_eq!((&file["source"]["channel"], &file["class"]["category"]), (&json!("scan"), &json!("roads")));
    assert_eq!((&file["class"]["year"], &file["archived"]), (&json!(2026), &json!(false)));
    assert_eq!(file["process"][0]["cause"], "Intake");
    let lacks = file["lacks"].as_array().expect("a list");
    for part in ["outcome", "closing", "answer", "signature.person", "signature.principal_leader"] {
        assert!(lacks.contains(&json!(part)), "{part}: {lacks:?}");
    }
    assert!(!lacks.contains(&json!("channel")));
    assert!(!answer.text.contains("路灯"), "codes and counts only");
    problem(&world.get(&world.stranger, &path).await, 404, "not.found");
}

#[tokio::test]
async fn coverage_and_rounds_are_the_desks() {
    let world = World::new().await;
    for path in ["/api/v1/coverage", "/api/v1/rounds", "/api/v1/rounds?kind=meeting"] {
        let answer = world.get(&world.li, path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        problem(&world.get(&world.wang, path).await, 404, "not.found");
    }
    problem(&world.get(&world.li, "/api/v1/coverage?as_of=today").await, 400, "query.invalid");
    problem(&world.get(&world.li, "/api/v1/rounds?kind=case").await, 400, "query.invalid");
    let meetings = world.get(&world.li, "/api/v1/rounds?kind=meeting&from=2026-10-01T00:00:00Z").await.json();
    let joint = meetings["modes"].as_array().expect("a list").iter().find(|mode| mode["mode"] == "joint");
    let missed = joint.map(|mode| mode["missed"].clone());
    assert_eq!(missed, Some(json!(["2026-10-01"])), "no joint meeting in October: BZ-9, monthly");
}

#[tokio::test]
async fn leave_is_entered_listed_and_ended() {
    let world = World::new().await;
    let (wang, chen) = (world.wang.person.worker.to_string(), world.chen.person.worker.to_string());
    let span = |worker: Option<&str>| {
        let mut body =
            json!({"from": "2026-11-22T00:00:00Z", "until": "2026-11-25T00:00:00Z", "deputy": chen});
        if let Some(worker) = worker {
            body["worker"] = json!(worker);
        }
        body
    };
    let path = "/api/v1/absences";
    problem(&world.post(&world.stranger, path, span(Some(&wang))).await, 404, "not.found");
    let own = world.post(&world.wang, path, span(None)).await;
    assert_eq!(own.status, 200, "{}", own.text);
    let id = own.json()["id"].clone();
    assert_eq!((&own.json()["worker"], &own.json()["now"]), (&json!(wang), &json!(false)));
    let listed = world.get(&world.chen, path).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    let bad = json!({"from": "2026-11-25T00:00:00Z", "until": "2026-11-22T00:00:00Z", "deputy": chen});
    problem(&world.post(&world.wang, path, bad).await, 422, "absence.invalid");
    problem(&world.post(&world.wang, path, span(None)).await, 422, "absence.invalid");
    let end = format!("{path}/{id}/end");
    problem(&world.post(&world.stranger, &end, json!({})).await, 404, "not.found");
    assert_eq!(world.post(&world.wang, &end, json!({})).await.status, 200);
    problem(&world.post(&world.wang, &end, json!({})).await, 404, "not.found");
    world.wait(1);
    assert_eq!(world.post(&world.wang, path, span(None)).await.status, 200, "the other one is over");
}

#[tokio::test]
async fn actions_and_tasks_of_what_is_not_there_are_not_found() {
    let world = World::new().await;
    let (case, _) = world.case(&[("title", "路灯")]).await;
    let paths = [format!("/api/v1/meetings/{case}/actions"), format!("/api/v1/visits/{case}/tasks")];
    for path in &paths {
        problem(&world.get(&world.li, path).await, 404, "not.found");
    }
    let action = format!("/api/v1/actions/{case}.00/case");
    problem(&world.post(&world.li, &action, json!({})).await, 404, "not.found");
    problem(&world.post(&world.li, "/api/v1/actions/nonsense/case", json!({})).await, 404, "not.found");
}

#[tokio::test]
async fn a_command_with_if_match_is_decided_on_the_case_as_it_was_read_or_not_at_all() {
    let world = World::new().await;
    let (case, first) = world.case(&[("title", "路灯"), ("category", "roads"), ("place", TOWN)]).await;
    world.wait(60 * 60_000);
    world.centre.tick().await.expect("ticks");
    let path = format!("/api/v1/cases/{case}");
    let boss = somebody(&world.centre, "区领导", "511902", Role::Leader).await;
    let tag = world.get(&world.li, &path).await.header(header::ETAG).to_owned();
    world.write(&world.wang, case, &[first], &[("contact_phone", "13800138000")]).await;
    let id = uuid::Uuid::from_bytes([7; 16]);
    let act = async |tag: &str| {
        let request = Request::post(format!("{path}/commands"))
            .header(header::AUTHORIZATION, format!("Bearer {}", boss.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::IF_MATCH, tag);
        let body = json!({"name": "recuse", "args": {"worker": world.chen.person.worker.to_string(), "reason": "亲属"}, "id": id});
        world.send(request.body(Body::from(body.to_string())).expect("a request")).await
    };
    for old in [tag.as_str(), "\"0\"", "nonsense"] {
        problem(&act(old).await, 412, "version.moved");
    }
    let now = world.get(&world.li, &path).await.header(header::ETAG).to_owned();
    assert_ne!(now, tag);
    let done = act(&now).await;
    assert_eq!(done.status, 200, "the same command, to the case as it stands: {}", done.text);
    let again = act(&tag).await;
    assert_eq!(again.json(), done.json(), "decided once; its first answer stands whatever is named");
}

/// A refusal invites to mend the command and to send it again: with its key, too.
#[tokio::test]
async fn a_keyed_command_that_was_refused_is_mended_and_sent_again_with_its_key() {
    let world = World::new().await;
    let (case, _) = world.case(&[("title", "路灯"), ("category", "water"), ("place", TOWN)]).await;
    world.wait(10 * 60_000);
    world.centre.tick().await.expect("ticks");
    let unit = world.centre.store().row(case).await.expect("reads").expect("a row").unit.expect("an owner");
    let hao = somebody(&world.centre, "郝平", &unit, Role::Handler).await;
    let give = async |body: serde_json::Value| {
        let request = Request::post(format!("/api/v1/cases/{case}/commands"))
            .header(header::AUTHORIZATION, format!("Bearer {}", hao.token))
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", "k1");
        world.send(request.body(Body::from(body.to_string())).expect("a request")).await
    };
    problem(&give(json!({"name": "verify", "args": {"result": "pass"}})).await, 409, "command.refused");
    let done = give(json!({"name": "accept", "args": {}})).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(give(json!({"name": "accept", "args": {}})).await.text, done.text, "once");
}
