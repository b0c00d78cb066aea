//! What is told outside: once for each decision, in codes, never of what is held back; signed so that others can check.

use data_encoding::BASE64;
use doorstep_policy::Directive;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::world::{TOWN, World};
use crate::http::hooks::{Form, Hook, USUAL, retry};
use crate::store::deliveries::{Deliveries, DeliveryRow, Standing};
use crate::store::{Aside, Store};

const SECRET: &[u8] = b"a secret of 24 bytes or more";

fn hook(form: Form) -> Hook {
    Hook {
        name: "duty".into(),
        district: "511902".into(),
        form,
        url: "https://gateway.example/send?key=hidden".into(),
        secret: Some(SECRET.to_vec()),
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
    let mut rows = world.centre.store().deliveries("511902", None, 99).await.expect("reads");
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
    assert_eq!(header("webhook-id"), format!("duty.{id}.{}", rows[0].n), "the same whenever it comes");
}

#[tokio::test]
async fn a_restored_centre_tells_nothing_twice_and_only_the_units_and_events_that_are_named() {
    let world = World::new().await;
    let store = world.centre.store();
    let narrow = Hook { units: vec!["511902106".into()], ..hook(Form::Event) };
    let other = Hook { name: "other".into(), events: vec![Directive::Overdue], ..hook(Form::Event) };
    let usual = Hook { name: "usual".into(), ..hook(Form::Event) };
    for hook in [&narrow, &other, &usual] {
        hook.gather(&world.centre).await.expect("reads");
    }
    decided(&world, &[("title", "水沟堵塞"), ("category", "water")]).await;
    for hook in [&narrow, &other] {
        hook.gather(&world.centre).await.expect("reads");
    }
    assert_eq!(told(&world).await, [], "another unit's, or another event");
    // A backup from before: nobody knows what was told since.
    let before = r#"{"epoch":0,"seq":0}"#;
    store
        .write(vec![Aside::Setting { key: "hooks/usual".into(), value: before.into() }])
        .await
        .expect("kept");
    usual.gather(&world.centre).await.expect("reads");
    assert_eq!(told(&world).await, []);
    decided(&world, &[("title", "路灯"), ("category", "roads")]).await;
    usual.gather(&world.centre).await.expect("reads");
    assert_eq!(told(&world).await.len(), 1, "what comes from then on is");
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
    let waits: Vec<i64> = (1..9).map_while(|tries| retry(tries, 0)).collect();
    assert!(waits.len() == 5 && waits.is_sorted(), "{waits:?}");
}
