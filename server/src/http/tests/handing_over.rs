//! Having what may be told of a case in a compartment handled outside: over the API and at the desk, each refusal with a twin.

use axum::http::{StatusCode, header};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use serde_json::json;

use super::desk::{open, over, send, send_as};
use super::world::{Somebody, TOWN, VILLAGE, World, problem, somebody};
use crate::store::{Query, Store};

const NAME: &str = "陈小兰";

/// A lead about a village clerk, and somebody of the office that looks into it.
async fn lead(world: &World) -> (DocumentId, Somebody) {
    let words = [
        ("title", "村文书截留塘坝款"),
        ("category", "conduct"),
        ("place", VILLAGE),
        ("severity", "medium"),
        ("subject", "周强"),
        ("person.name", NAME),
    ];
    let (id, _) = world.case(&words).await;
    world.wait(60 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    (id, somebody(&world.centre, "纪检员", "511902-discipline", Role::Handler).await)
}

#[tokio::test]
async fn the_endpoint_makes_an_open_case_once_and_tells_no_names() {
    let world = World::new().await;
    let (id, inspector) = lead(&world).await;
    let path = format!("/api/v1/cases/{id}/hand-over");
    let body = |title: &str, category: &str| json!({"title": title, "category": category, "description": "请先抽水保灌。"});
    // Whoever may not see the case learns nothing of it; whoever may see it and not do this is told so.
    for who in [&world.li, &world.chen, &world.stranger] {
        problem(&world.post(who, &path, body("两口山坪塘漏水", "water")).await, 404, "not.found");
    }
    let clerk = somebody(&world.centre, "办事员", "511902-discipline", Role::Worker).await;
    problem(&world.post(&clerk, &path, body("两口山坪塘漏水", "water")).await, 422, "command.hand_over");
    for unseen in ["", " 　", "\u{200B}"] {
        problem(&world.post(&inspector, &path, body(unseen, "water")).await, 422, "title.missing");
        let typed = [("matter", unseen), ("category", "water")];
        let refused = send(&world, &inspector, &format!("/cases/{id}/hand-over"), &typed).await;
        assert!(refused.status == 422 && refused.text.contains("请用一句话写明"), "{}", refused.text);
    }
    let named = body(&format!("{NAME}反映塘坝漏水"), "water");
    problem(&world.post(&inspector, &path, named).await, 422, "hand_over.names");
    problem(
        &world.post(&inspector, &path, body("两口山坪塘漏水", "conduct")).await,
        422,
        "hand_over.category",
    );
    let absent = format!("/api/v1/cases/{}/hand-over", DocumentId::v7(1, [7; 10]));
    problem(&world.post(&inspector, &absent, body("两口山坪塘漏水", "water")).await, 404, "not.found");

    let done = world.post(&inspector, &path, body("两口山坪塘漏水", "water")).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.text);
    let outside: DocumentId = done.json()["case"].as_str().expect("an id").parse().expect("an id");
    let again = world.post(&inspector, &path, body("两口山坪塘漏水", "water")).await;
    assert_eq!(again.json(), done.json(), "doing it again is having done it");
    let row = world.centre.store().row(outside).await.expect("reads").expect("made");
    assert_eq!((row.category.as_deref(), row.place.as_deref()), (Some("water"), Some(VILLAGE)));
    assert!(row.concerned.is_empty());
    let seen = world.get(&world.li, &format!("/api/v1/cases/{outside}")).await;
    assert!(
        seen.status == StatusCode::OK && !seen.text.contains(NAME) && !seen.text.contains(&id.to_string())
    );
}

#[tokio::test]
async fn the_form_is_for_whoever_may_keeps_what_was_typed_and_outlives_a_session() {
    let world = World::new().await;
    let (id, inspector) = lead(&world).await;
    let (case, path) = (format!("/cases/{id}"), format!("/cases/{id}/hand-over"));
    for who in [&world.li, &world.stranger] {
        assert_eq!(open(&world, who, &path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(send(&world, who, &path, &[("matter", "x"), ("category", "water")]).await.status, 404);
    }
    let leader = somebody(&world.centre, "审核员", "511902-discipline", Role::Reviewer).await;
    assert!(!open(&world, &leader, &case).await.text.contains(&path), "sees the case, and may not");
    assert_eq!(open(&world, &leader, &path).await.status, StatusCode::NOT_FOUND);

    let page = open(&world, &inspector, &case).await.text;
    assert!(page.contains(&path) && !page.contains("value=\"hand_over\""), "a page of its own");
    let form = open(&world, &inspector, &path).await.text;
    assert!(form.contains(&format!("name=\"place\" value=\"{VILLAGE}\"")) && !form.contains(NAME), "{form}");
    let option = |code: &str| format!("<option value=\"{code}\"");
    assert!(form.contains(&option("water")) && !form.contains(&option("conduct")), "it would stay inside");
    let typed = [("matter", "两口山坪塘漏水"), ("facts", "陈小兰家三百亩果园缺水"), ("category", "water")];
    let refused = send(&world, &inspector, &path, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("透露了反映人") && refused.text.contains("三百亩果园缺水</textarea>"));
    assert!(refused.text.contains("value=\"water\" selected"));

    let late = [("matter", "两口山坪塘漏水"), ("category", "water"), ("key", "of a session that is over")];
    let kept = send_as(&world, &over(&world, &inspector), &path, &late).await;
    assert!(kept.status == StatusCode::UNAUTHORIZED && kept.text.contains("name=\"kept\""));
    let good =
        [("matter", "两口山坪塘漏水"), ("facts", "三百亩果园缺水"), ("category", "water"), ("place", TOWN)];
    let done = send(&world, &inspector, &path, &good).await;
    assert_eq!(done.header(header::LOCATION), format!("{case}?done=handed-over"), "{}", done.text);
    let shown = open(&world, &inspector, done.header(header::LOCATION)).await.text;
    assert!(shown.contains("已作为公开件另行交办") && shown.contains("脱密交办"), "{shown}");
    let query = Query { district: "511902".into(), limit: 9, ..Query::default() };
    let rows = world.centre.store().rows(query).await.expect("reads");
    let outside = rows.iter().find(|row| row.title.as_deref() == Some("两口山坪塘漏水")).expect("made");
    assert_eq!(outside.place.as_deref(), Some(TOWN));
}

#[tokio::test]
async fn a_deputy_within_the_compartment_hands_over_as_who_is_away_would_and_nobody_else_does() {
    let world = World::new().await;
    let (id, inspector) = lead(&world).await;
    let clerk = somebody(&world.centre, "办事员", "511902-discipline", Role::Reviewer).await;
    let path = format!("/cases/{id}/hand-over");
    let of = inspector.person.worker.to_string();
    let (standing, case) = (format!("{path}?for={of}"), format!("/cases/{id}?for={of}"));
    assert_eq!(open(&world, &clerk, &standing).await.status, StatusCode::NOT_FOUND, "nobody is away");
    let deputy = clerk.person.worker.to_string();
    let leave = json!({"from": "2026-11-21T00:00:00Z", "until": "2026-11-25T00:00:00Z", "deputy": deputy});
    assert_eq!(world.post(&inspector, "/api/v1/absences", leave).await.status, StatusCode::OK);

    let typed = [("matter", "两口山坪塘漏水"), ("category", "water"), ("for", of.as_str())];
    assert_eq!(open(&world, &clerk, &path).await.status, StatusCode::NOT_FOUND, "not by themselves");
    assert_eq!(send(&world, &clerk, &path, &typed[..2]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for who in [&world.li, &world.stranger] {
        assert_eq!(open(&world, who, &standing).await.status, StatusCode::NOT_FOUND);
        assert_eq!(send(&world, who, &path, &typed).await.status, StatusCode::NOT_FOUND);
    }
    assert!(open(&world, &clerk, &case).await.text.contains(&standing), "it is offered");
    let form = open(&world, &clerk, &standing).await.text;
    assert!(
        form.contains(&format!("name=\"for\" value=\"{of}\"")) && form.contains("您在代纪检员办"),
        "{form}"
    );
    let empty = send(&world, &clerk, &path, &[("matter", ""), ("for", of.as_str())]).await;
    assert!(empty.status == StatusCode::UNPROCESSABLE_ENTITY && empty.text.contains("name=\"for\""));
    let done = send(&world, &clerk, &path, &typed).await;
    assert_eq!(
        done.header(header::LOCATION),
        format!("/cases/{id}?done=handed-over&for={of}"),
        "{}",
        done.text
    );
    let shown = open(&world, &clerk, done.header(header::LOCATION)).await;
    assert!(shown.status == StatusCode::OK && shown.text.contains("脱密交办"), "{}", shown.text);

    let api = format!("/api/v1/cases/{id}/hand-over");
    let body = json!({"title": "塘坝闸门锈死", "category": "water", "for": of});
    problem(&world.post(&world.li, &api, body.clone()).await, 404, "not.found");
    assert_eq!(world.post(&clerk, &api, body).await.status, StatusCode::OK);
}
