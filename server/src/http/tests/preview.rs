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
    let (other, seen) = (side(&page, OTHER_TOWN), super::desk::input(&shown, "shown").to_owned());
    let record = |mark: &'_ str, seen: &'_ str| {
        let all = [("choice", other), ("why", "phoned"), ("heads", &*heads), ("act", "record")];
        let seen = [("mark", mark), ("shown", seen)];
        all.into_iter().chain(seen).map(|(name, value)| (name, value.to_owned())).collect::<Vec<_>>()
    };
    let sent = async |fields: Vec<(&str, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(&world, &world.li, &path, &fields).await
    };
    let refused = sent(record(&mark, &seen)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("您改选了别的"), "nothing has come meanwhile: {}", refused.text);
    // Had it been shown for this answer, something else has come.
    let moved = sent(record(&mark, &format!("{other}||||"))).await;
    assert!(moved.status == StatusCode::CONFLICT && moved.text.contains("情况变了"), "{}", moved.text);
    let mark = super::desk::input(&refused, "mark").to_owned();
    let two = [("choice", other), ("why", "phoned"), ("heads", &heads), ("act", "record"), ("mark", &*mark)];
    assert_eq!(send(&world, &world.li, &path, &two).await.status, StatusCode::SEE_OTHER);
}

/// Two fields that policy reads are in conflict: each can be decided, and nothing follows before both are.
#[tokio::test]
async fn a_conflict_beside_another_one_can_be_decided() {
    let world = World::new().await;
    let (id, first) = world.case(&[("title", "三组塘坝漏水"), ("category", "water")]).await;
    let one = [("place", OTHER_TOWN), ("category", "roads")];
    world.write(&world.chen, id, &[first], &one).await;
    let other = [("place", TOWN), ("category", "facilities")];
    world.write(&world.wang, id, &[first], &other).await;
    for (field, value) in [("place", TOWN), ("category", "roads")] {
        let path = format!("/conflicts/{id}.{field}");
        let open_at = format!("{path}?done=1");
        let page = open(&world, &world.li, &open_at).await;
        assert!(!page.text.contains("裁定已按"), "nothing has been decided, whatever the address says");
        let heads = super::desk::input(&page, "heads").to_owned();
        let answer = [("choice", side(&page, value)), ("why", "phoned"), ("heads", &heads)];
        let asked: Vec<_> = answer.iter().copied().chain([("act", "preview")]).collect();
        let shown = send(&world, &world.li, &path, &asked).await;
        assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
        assert_eq!(shown.text.contains("暂时不作决定"), field == "place", "the other one is open then");
        let mark = super::desk::input(&shown, "mark").to_owned();
        let confirmed: Vec<_> = answer.iter().copied().chain([("act", "record"), ("mark", &*mark)]).collect();
        let done = send(&world, &world.li, &path, &confirmed).await;
        assert_eq!(done.header(header::LOCATION), format!("{path}?done=1"), "{}", done.text);
        assert!(open(&world, &world.li, &open_at).await.text.contains("裁定已按"));
    }
}

/// Nothing follows from a name, whoever is chosen: what was looked at for one answer is still not recorded for another.
#[tokio::test]
async fn an_answer_from_which_the_same_follows_is_looked_at_as_well() {
    let world = World::new().await;
    let (id, first) = world.case(&[("title", "三组塘坝漏水"), ("category", "water"), ("place", TOWN)]).await;
    world.write(&world.chen, id, &[first], &[("person.name", "李一")]).await;
    world.write(&world.wang, id, &[first], &[("person.name", "李二")]).await;
    let path = format!("/conflicts/{id}.person.name");
    let page = open(&world, &world.li, &path).await;
    let heads = super::desk::input(&page, "heads").to_owned();
    let queued = world.get(&world.li, &format!("/api/v1{path}")).await.json();
    let [one, two] = [0, 1].map(|n| queued["sides"][n]["hash"].as_str().expect("a side").to_owned());
    let chosen = |name: &str| if name == "李一" { &*one } else { &*two };
    let asked = |name: &'static str| [("choice", chosen(name)), ("why", "phoned"), ("heads", &*heads)];
    let preview: Vec<_> = asked("李一").into_iter().chain([("act", "preview")]).collect();
    let shown = send(&world, &world.li, &path, &preview).await;
    let (mark, seen) = (super::desk::input(&shown, "mark"), super::desk::input(&shown, "shown"));
    let record = |name| asked(name).into_iter().chain([("act", "record"), ("mark", mark), ("shown", seen)]);
    let refused = send(&world, &world.li, &path, &record("李二").collect::<Vec<_>>()).await;
    assert!(refused.status == StatusCode::UNPROCESSABLE_ENTITY && refused.text.contains("您改选了别的"));
    let address = format!("/api/v1{path}/resolution");
    let body = |name| serde_json::json!({ "side": chosen(name), "reason": "电话核实", "mark": mark });
    problem(&world.post(&world.li, &address, body("李二")).await, 409, "preview.moved");
    let done = send(&world, &world.li, &path, &record("李一").collect::<Vec<_>>()).await;
    assert_eq!(done.header(header::LOCATION), format!("{path}?done=1"), "{}", done.text);
}

/// What was chosen as a reason is read by everybody, in whatever language the reviewer works; what nobody sees is none.
#[tokio::test]
async fn a_reason_is_seen_and_in_the_language_of_the_records() {
    let world = World::new().await;
    let id = world.disputed().await;
    let path = format!("/conflicts/{id}.place");
    let page = open(&world, &world.li, &path).await;
    let heads = super::desk::input(&page, "heads").to_owned();
    let at = format!("{path}?lang=en");
    let own = "长".repeat(480);
    let asked = |why, reason| {
        [
            ("choice", side(&page, TOWN)),
            ("why", why),
            ("reason", reason),
            ("heads", &*heads),
            ("act", "preview"),
        ]
    };
    let unseen = send(&world, &world.li, &at, &asked("other", "\u{200B}\u{202E}")).await;
    assert_eq!(unseen.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = send(&world, &world.li, &at, &asked("evidence", &own)).await;
    assert_eq!(shown.status, StatusCode::OK, "as long as the field allows: {}", shown.text);
    let mark = super::desk::input(&shown, "mark").to_owned();
    let mut record = asked("evidence", "改主意").to_vec();
    record.retain(|(name, _)| *name != "act");
    record.extend([("act", "record"), ("mark", &*mark)]);
    let done = send(&world, &world.li, &at, &record).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let english = open(&world, &world.li, &at).await;
    assert!(english.text.contains("有照片或书证：改主意"), "{}", english.text);
}
