//! What follows is shown before it is recorded, is what is decided then, and is shown anew where it has changed.

use axum::http::{StatusCode, header};

use super::desk::{open, send, side};
use super::world::{OTHER_TOWN, TOWN, World, problem};
use crate::limits;

#[tokio::test]
async fn what_is_decided_is_what_was_shown() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let heads = super::desk::input(&page, "heads").to_owned();
    let answer = [("choice", side(&page, TOWN)), ("why", "phoned"), ("heads", &heads)];
    let asked: Vec<_> = answer.iter().copied().chain([("act", "preview")]).collect();
    let shown = send(&world, &world.li, &path, &asked).await;
    assert_eq!(shown.status, StatusCode::OK);
    let mark = super::desk::input(&shown, "mark").to_owned();
    let still = open(&world, &world.li, &path).await;
    assert_eq!(still.status, StatusCode::OK, "nothing was recorded: the conflict is still open");

    let body = serde_json::json!({ "side": side(&page, TOWN), "reason": "phoned", "heads": [] });
    let stale = world.post(&world.li, &format!("/api/v1{path}/preview"), body).await;
    problem(&stale, 409, "heads.stale");
    let body = serde_json::json!({ "side": side(&page, TOWN), "reason": "phoned" });
    let promised = world.post(&world.li, &format!("/api/v1{path}/preview"), body).await.json();
    assert_eq!(promised["mark"], *mark, "the desk and the API foresee the same");
    let confirmed: Vec<_> = answer.iter().copied().chain([("act", "record"), ("mark", &*mark)]).collect();
    let done = send(&world, &world.li, &path, &confirmed).await;
    assert_eq!(done.header(header::LOCATION), format!("{path}?done=1"));
    world.wait(limits::HOUR_MS);
    world.centre.tick().await.expect("ticks");
    let decided = world.get(&world.li, &format!("/api/v1/cases/{id}/decisions")).await.json();
    let decided = decided["items"].as_array().expect("a list").last().expect("decided").clone();
    for what in ["directive", "unit", "co_units", "step", "due"] {
        assert_eq!(decided[what], promised["decision"][what], "{what}");
    }
    let rules = |decision: &serde_json::Value| {
        let reasons = decision["reasons"].as_array().expect("a list").clone();
        reasons.into_iter().map(|reason| reason["rule"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(rules(&decided), rules(&promised["decision"]));
}

#[tokio::test]
async fn a_preview_that_no_longer_holds_is_shown_anew() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let heads = super::desk::input(&page, "heads").to_owned();
    let one = [("choice", side(&page, TOWN)), ("why", "phoned"), ("heads", &heads), ("act", "preview")];
    let shown = send(&world, &world.li, &path, &one).await;
    let mark = super::desk::input(&shown, "mark").to_owned();
    // The same mark does not stand for the other answer.
    let other = side(&page, OTHER_TOWN);
    let two = [("choice", other), ("why", "phoned"), ("heads", &heads), ("act", "record"), ("mark", &*mark)];
    let refused = send(&world, &world.li, &path, &two).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let mark = super::desk::input(&refused, "mark").to_owned();
    let two = [("choice", other), ("why", "phoned"), ("heads", &heads), ("act", "record"), ("mark", &*mark)];
    assert_eq!(send(&world, &world.li, &path, &two).await.status, StatusCode::SEE_OTHER);
}
