//! What a device announces before the case is there, and what it is told about cases that are not its own.

use doorstep_protocol::documents::{Kind, genesis::genesis, genesis::genesis_hash};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{Announced, Hello};
use doorstep_protocol::{DocumentId, Hash};

use super::world::{TOWN, World, hello};

const GONE: Millis = 3 * 60 * 60_000;

#[tokio::test]
async fn what_is_announced_of_a_new_case_holds_it_up_until_it_comes() {
    let world = World::new().await;
    let id = DocumentId::v7(world.now(), [7; 10]);
    let (change, first) = world.made(&world.wang, &[("title", "塘堰漏水"), ("category", "water")]);
    let missing = Hash([9; 32]);
    let unsent = vec![Announced { document: id, hashes: vec![genesis_hash(Kind::Case), first, missing] }];
    let session = world.open(&world.wang, &Hello { now: world.now(), unsent, ..hello() }).await;
    let bytes = genesis(Kind::Case).raw_bytes().to_vec();
    let done = world.centre.ingest(&session, id, vec![bytes, change], false).await.expect("ingested");
    assert_eq!((done.acked.len(), done.rejected.len()), (2, 0));
    let case = world.get(&world.li, &format!("/api/v1/cases/{id}")).await.json();
    let waits = case["settled"]["waits"].as_array().expect("waits");
    assert!(waits.iter().any(|wait| wait["kind"] == "announced"), "{waits:?}");
}

#[tokio::test]
async fn pushes_to_an_absent_case_and_to_anothers_are_answered_alike() {
    let world = World::new().await;
    let (theirs, _) = world.case(&[("title", "塘堰漏水"), ("category", "water")]).await;
    let absent = DocumentId::v7(world.now(), [7; 10]);
    let session = world.session(&world.stranger).await;
    let genesis = genesis(Kind::Case).raw_bytes().to_vec();
    for chunk in [genesis, b"not a change".to_vec(), world.orphan(&world.stranger)] {
        let mut answers = Vec::new();
        for id in [theirs, absent] {
            let done = world.centre.ingest(&session, id, vec![chunk.clone()], false).await.expect("ingested");
            answers.push((done.acked, done.rejected));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0.len() + answers[0].1.len(), 1, "answered once");
    }
}

#[tokio::test]
async fn whoever_was_named_sees_the_case_again_when_that_is_decided_and_not_before() {
    let world = World::new().await;
    let (id, first) = world.case(&[("category", "water"), ("place", TOWN)]).await;
    world.wait(GONE);
    world.centre.tick().await.expect("ticks");
    let path = format!("/api/v1/cases/{id}");
    assert_eq!(world.get(&world.wang, &path).await.status, 200);
    let named = world.write(&world.chen, id, &[first], &[("subject", " 王敏 ")]).await;
    assert_eq!(world.get(&world.wang, &path).await.status, 404);
    world.write(&world.chen, id, &[named], &[("subject", "村委会")]).await;
    assert_eq!(world.get(&world.wang, &path).await.status, 404, "nothing is decided yet");
    world.wait(GONE);
    world.centre.tick().await.expect("ticks");
    assert_eq!(world.get(&world.wang, &path).await.status, 200);
}
