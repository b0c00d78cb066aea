//! What is told outside: once for each decision, in codes, never of what is held back; signed so that others can check.

use axum::http::StatusCode;
use data_encoding::BASE64;
use doorstep_policy::Directive;
use doorstep_protocol::documents::Role;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::desk::{open, send};
use super::world::{TOWN, World, somebody};
use crate::http::hooks::{Form, Hook, USUAL, retry, retry_after};
use crate::limits;
use crate::pipeline::{DeskError, recovery, released};
use crate::store::deliveries::{Deliveries, DeliveryRow, Shown, Standing};
use crate::store::{Person, Store};

const SECRET: &[u8] = b"a secret of 24 bytes or more";

fn hook(form: Form) -> Hook {
    Hook {
        name: "duty".into(),
        district: "511902".into(),
        form,
        url: "https://gateway.example/send?key=hidden".into(),
        secrets: vec![SECRET.to_vec()],
        events: USUAL.to_vec(),
        units: Vec::new(),
        to: vec!["13800138000".into()],
        desk: Some("https://desk.example/".into()),
    }
}

/// A case of the town that is decided, told of or not.
async fn decided(world: &World, words: &[(&str, &str)]) -> doorstep_protocol::DocumentId {
    let all = [("place", TOWN), ("severity", "light"), ("person.name", "王秀兰")];
    let (id, _) = world.case(&[&all, words].concat()).await;
    world.wait(60 * 60_000);
    while world.centre.tick().await.expect("ticks").1 > 0 {}
    id
}

async fn told(world: &World) -> Vec<DeliveryRow> {
    let listed = world.centre.store().deliveries(("511902", Shown::All), None, 99).await;
    let mut rows = listed.expect("reads");
    rows.reverse();
    rows
}

#[tokio::test]
async fn each_decision_is_told_once_and_nothing_of_what_lies_in_a_compartment() {
    let world = World::new().await;
    let hook = hook(Form::Event);
    decided(&world, &[("title", "从前的事"), ("category", "roads")]).await;
    assert!(!hook.gather(&world.centre).await.expect("reads"), "a new address begins with what comes now");
    assert_eq!(told(&world).await, []);
    let id = decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    let conduct = decided(&world, &[("title", "收红包"), ("category", "conduct")]).await;
    for _ in 0..2 {
        hook.gather(&world.centre).await.expect("reads");
    }
    let rows = told(&world).await;
    let events: Vec<(&str, Standing)> = rows.iter().map(|row| (row.event.as_str(), row.standing)).collect();
    assert_eq!(events, [("assign", Standing::Waiting)], "once, though it was looked for twice");
    assert_eq!(rows[0].document, id);
    let secret = DeliveryRow { document: conduct, ..rows[0].clone() };
    assert_eq!(
        hook.letter(&world.centre, &secret).await.expect("reads"),
        None,
        "not if somebody asks for it either"
    );

    let letter = hook.letter(&world.centre, &rows[0]).await.expect("reads").expect("a letter");
    for hidden in ["水沟堵塞", "王秀兰", "hidden"] {
        assert!(!letter.body.contains(hidden), "{hidden}: {}", letter.body);
    }
    let body: serde_json::Value = serde_json::from_str(&letter.body).expect("JSON");
    assert_eq!(body["type"], "case.assign");
    assert_eq!(body["data"]["link"], format!("https://desk.example/cases/{id}"));
    let header = |name: &str| {
        let found = letter.headers.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("a key");
    let signed = format!("{}.{}.{}", header("webhook-id"), header("webhook-timestamp"), letter.body);
    mac.update(signed.as_bytes());
    let expected = format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()));
    assert_eq!(header("webhook-signature"), expected);
    assert_eq!(header("webhook-id"), format!("duty_{id}_{}", rows[0].n), "the same whenever it comes");
}

#[tokio::test]
async fn only_the_units_and_events_that_are_named_are_told_and_no_unit_of_what_is_about_it() {
    let world = World::new().await;
    let other = Hook { name: "other".into(), units: vec!["511902106".into()], ..hook(Form::Event) };
    let late = Hook { name: "late".into(), events: vec![Directive::Overdue], ..hook(Form::Event) };
    let own = Hook { name: "own".into(), units: vec![TOWN.into()], ..hook(Form::Event) };
    for hook in [&other, &late, &own] {
        hook.gather(&world.centre).await.expect("reads");
    }
    decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    decided(&world, &[("title", "路灯"), ("category", "roads"), ("subject", TOWN)]).await;
    // Nor about one of its people, though it is the town's to handle: the group reads it, and they are in the group.
    somebody(&world.centre, "白云飞", TOWN, Role::Handler).await;
    decided(&world, &[("title", "桥面"), ("category", "roads"), ("subject", "白云飞")]).await;
    for hook in [&other, &late, &own] {
        hook.gather(&world.centre).await.expect("reads");
    }
    let rows = told(&world).await;
    let hooks: Vec<&str> = rows.iter().map(|row| row.hook.as_str()).collect();
    assert_eq!(
        hooks,
        ["own"],
        "not another unit's, not another event, and not the one about the town itself"
    );
}

#[tokio::test]
async fn a_restored_centre_tells_nothing_that_it_may_have_told_unless_somebody_says_so() {
    let world = World::new().await;
    let store = world.centre.store();
    let [open, ungathered] =
        ["open", "ungathered"].map(|name| Hook { name: name.into(), ..hook(Form::Event) });
    for hook in [&open, &ungathered] {
        hook.gather(&world.centre).await.expect("reads");
    }
    let id = decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    open.gather(&world.centre).await.expect("reads");
    // The backup has one delivery that waits, and another that nobody had noted yet.
    store.write(recovery(1, world.now(), 0)).await.expect("kept");
    world.centre.remember().await.expect("reads");
    for hook in [&open, &ungathered] {
        hook.gather(&world.centre).await.expect("reads");
    }
    let rows = told(&world).await;
    let stand: Vec<_> = rows.iter().map(|row| (row.hook.as_str(), row.standing, row.said.as_str())).collect();
    let lost = |hook| (hook, Standing::Unknown, "restored");
    assert_eq!(stand, [lost("open"), lost("ungathered")]);
    assert!(rows.iter().all(|row| row.document == id));

    store.write(vec![released()]).await.expect("kept");
    world.centre.remember().await.expect("reads");
    world.wait(1000);
    decided(&world, &[("title", "路灯"), ("category", "roads")]).await;
    open.gather(&world.centre).await.expect("reads");
    let due = store.open_deliveries(Some("open"), world.now(), 9).await.expect("reads");
    assert_eq!(due.len(), 1, "what comes from then on is told");
    assert_ne!(due[0].document, id);
}

#[tokio::test]
async fn an_administrator_sees_what_came_of_it_and_has_it_sent_again_once() {
    let world = World::new().await;
    let store = world.centre.store();
    let boss = somebody(&world.centre, "吴敬", "511902", Role::Admin).await;
    let elsewhere = Person { district: "510302".into(), ..boss.person.clone() };
    let hook = hook(Form::Event);
    hook.gather(&world.centre).await.expect("reads");
    decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    hook.gather(&world.centre).await.expect("reads");
    let row = told(&world).await.pop().expect("one");
    let again = format!("/admin/hooks/{}", row.id);
    let early = send(&world, &boss, &again, &[]).await;
    assert!(early.status == StatusCode::CONFLICT, "it is still to be sent");
    let failed = DeliveryRow { standing: Standing::Failed, tries: 7, said: "500".into(), ..row.clone() };
    assert!(store.put_delivery(failed, Standing::Waiting).await.expect("kept"));

    let page = open(&world, &boss, "/admin/hooks?view=undelivered").await;
    for shown in ["duty", "HTTP 500", &again] {
        assert!(page.text.contains(shown), "{shown}");
    }
    assert!(!page.text.contains("gateway.example"), "an address may hold a key");
    for who in [&world.li, &world.chen] {
        assert_eq!(open(&world, who, "/admin/hooks").await.status, StatusCode::NOT_FOUND);
        assert_eq!(send(&world, who, &again, &[]).await.status, StatusCode::NOT_FOUND);
    }
    let another = world.centre.tell_again(&elsewhere, row.id).await;
    assert!(matches!(another, Err(DeskError::NotFound)), "another district's");
    assert_eq!(send(&world, &boss, &again, &[]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(send(&world, &boss, &again, &[]).await.status, StatusCode::CONFLICT, "a double click");
    let row = store.delivery(row.id).await.expect("reads").expect("there");
    assert_eq!((row.standing, row.tries), (Standing::Waiting, 0));
    assert!(open(&world, &boss, "/admin/journal").await.text.contains("duty assign"));
}

#[tokio::test]
async fn people_read_words_and_every_retry_comes_later_until_it_is_given_up() {
    let world = World::new().await;
    let hook = hook(Form::Wecom);
    hook.gather(&world.centre).await.expect("reads");
    decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    hook.gather(&world.centre).await.expect("reads");
    let row = told(&world).await.pop().expect("one");
    let letter = hook.letter(&world.centre, &row).await.expect("reads").expect("a letter");
    let body: serde_json::Value = serde_json::from_str(&letter.body).expect("JSON");
    let text = body["text"]["content"].as_str().expect("text");
    assert!(text.starts_with("【家门口】派单") && text.contains("https://desk.example/cases/"), "{text}");
    assert!(!text.contains("水沟") && !text.contains('⟦'), "{text}");
    let sms = Hook { form: Form::Sms, ..hook };
    let letter = sms.letter(&world.centre, &row).await.expect("reads").expect("a letter");
    let body: serde_json::Value = serde_json::from_str(&letter.body).expect("JSON");
    assert_eq!(body["to"][0], "13800138000");
    let waits: Vec<i64> = (1..9).map_while(|tries| retry(tries, 0, None)).collect();
    assert!(waits.len() == 6 && waits.is_sorted(), "{waits:?}");
}

#[tokio::test]
async fn administrators_read_the_journal_page_by_page_over_the_api() {
    let world = World::new().await;
    let store = world.centre.store();
    let boss = somebody(&world.centre, "吴敬", "511902", Role::Admin).await;
    let hook = hook(Form::Event);
    hook.gather(&world.centre).await.expect("reads");
    let id = decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    hook.gather(&world.centre).await.expect("reads");
    let row = told(&world).await.pop().expect("one");
    let done = DeliveryRow { standing: Standing::Delivered, tries: 1, said: "200".into(), ..row.clone() };
    assert!(store.put_delivery(done.clone(), Standing::Waiting).await.expect("kept"));
    let elsewhere = doorstep_protocol::DocumentId::v7(1, [9; 10]);
    let many = u32::try_from(limits::LIST_ROWS).expect("few");
    let more = (2..=many).map(|n| DeliveryRow { n, document: elsewhere, ..row.clone() });
    store.add_deliveries(more.collect(), ("hooks/duty".into(), "{}".into())).await.expect("kept");

    let here = "/api/v1/hooks/deliveries";
    let page = world.get(&boss, here).await;
    assert_eq!(page.status, StatusCode::OK);
    let next = page.json()["next"].as_i64().expect("a full page may go on");
    assert_eq!(page.json()["items"].as_array().map(Vec::len), Some(limits::LIST_ROWS));
    let page_json = page.json();
    let first = &page_json["items"][limits::LIST_ROWS - 1];
    assert_eq!(first["standing"], "delivered");
    assert_eq!(
        (&first["hook"], &first["said"], &first["due"]),
        (&"duty".into(), &"200".into(), &serde_json::Value::Null)
    );
    assert_eq!(first["case"], id.to_string());
    assert_eq!(page_json["items"][0]["case"], serde_json::Value::Null, "not one that they do not see");
    assert!(!page.text.contains("gateway.example"), "an address may hold a key");
    let last = world.get(&boss, &format!("{here}?before={next}")).await;
    assert_eq!(
        (last.json()["items"].as_array().map(Vec::len), &last.json()["next"]),
        (Some(0), &serde_json::Value::Null)
    );
    let open = world.get(&boss, &format!("{here}?view=open")).await;
    assert_eq!(open.json()["items"].as_array().map(Vec::len), Some(limits::LIST_ROWS - 1));
    assert!(open.json()["items"][0]["due"].is_string());
    assert_eq!(world.get(&boss, &format!("{here}?view=lost")).await.status, StatusCode::BAD_REQUEST);
    for who in [&world.li, &world.chen] {
        assert_eq!(world.get(who, here).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_arrived_long_ago_is_forgotten_and_not_told_again() {
    let world = World::new().await;
    let store = world.centre.store();
    let hook = hook(Form::Event);
    hook.gather(&world.centre).await.expect("reads");
    decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    hook.gather(&world.centre).await.expect("reads");
    let row = told(&world).await.pop().expect("one");
    let done = DeliveryRow { standing: Standing::Delivered, ..row };
    assert!(store.put_delivery(done, Standing::Waiting).await.expect("kept"));
    assert_eq!(world.centre.forget_told().await.expect("reads"), 0);
    world.wait(limits::HOOK_KEPT_MS + 1);
    assert_eq!(world.centre.forget_told().await.expect("reads"), 1);
    hook.gather(&world.centre).await.expect("reads");
    assert_eq!(told(&world).await, []);
}

#[test]
fn an_address_that_asks_for_time_is_given_it_up_to_a_day() {
    let now = 784_111_777_000;
    assert_eq!(retry_after("120", now), Some(now + 120_000));
    assert_eq!(retry_after(" Sun, 06 Nov 1994 08:50:37 GMT", now), Some(now + 60_000));
    assert_eq!(retry_after("999999", now), Some(now + limits::HOOK_RETRY_AFTER_MS), "no longer than a day");
    for idle in ["0", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1984 08:49:37 GMT", "soon", "-5", ""] {
        assert_eq!(retry_after(idle, now), None, "{idle:?}");
    }
    assert_eq!(retry(1, now, Some(now + 120_000)), Some(now + 120_000));
    assert_eq!(retry(4, now, Some(now + 120_000)), retry(4, now, None), "a longer wait of our own stands");
    assert_eq!(retry(9, now, Some(now + 120_000)), None, "given up all the same");
}
