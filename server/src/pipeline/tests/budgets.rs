//! What one device may cost in an hour, and in quarantine altogether; also over a restart, and nothing is lost by it.

use super::*;
use crate::limits;
use crate::pipeline::Spent;

impl World {
    fn pass(&self, time: Millis) {
        self.clock.0.fetch_add(time, Ordering::Relaxed);
    }

    /// So many different changes that are none, of so many bytes each.
    async fn junk(&self, count: usize, bytes: usize) -> Ingested {
        let mut done = Ingested::default();
        for n in 0..count {
            let mut chunk = vec![7; bytes.max(16)];
            chunk[8..16].copy_from_slice(&(n as u64).to_be_bytes());
            done = self.push(&chunk).await;
        }
        done
    }

    /// The code of what holds an honest change back; none if it is taken.
    async fn held_back(&self, chunk: &[u8]) -> Option<String> {
        let mut done = self.push(chunk).await;
        assert_eq!(done.rejected.len(), 0, "never refused");
        assert_eq!(done.acked.len() + done.held.len(), 1, "nothing is dropped");
        done.held.pop().map(|held| held.code)
    }
}

#[tokio::test]
async fn a_device_that_was_refused_too_often_keeps_the_rest_for_an_hour_also_over_a_restart() {
    let mut world = World::new().await;
    world.session.schema = 2;
    let honest = world.make("title", "三组塘坝漏水");
    let refused = limits::REFUSED_PER_HOUR as usize;
    assert_eq!(world.junk(refused, 16).await.rejected.len(), 1, "the last of what an hour has room for");
    assert_eq!(world.held_back(&honest).await.as_deref(), Some("held.budget"));
    world.restart();
    assert_eq!(world.held_back(&honest).await.as_deref(), Some("held.budget"), "another process knows");
    let quarantine = world.centre.store().quarantine("511902", None, refused + 9).await.expect("reads");
    assert_eq!(quarantine.len(), refused);

    // A device of the first version does not know that answer: its session ends, and all stays there.
    world.session.schema = 1;
    let ended = world.centre.ingest(&world.session, world.id, vec![honest.clone()], false).await;
    assert!(ended.is_err_and(|error| error.to_string().contains("kept on it and taken after")));
    world.session.schema = 2;

    // Another device is not concerned, and neither is the desk.
    let other = Session { at_desk: true, ..world.session.clone() };
    let done = world.centre.ingest(&other, world.id, vec![honest.clone()], false).await.expect("ingested");
    assert_eq!(done.acked.len(), 1);

    world.pass(limits::HOUR_MS);
    let next = world.make("title", "四组塘坝漏水");
    assert_eq!(world.held_back(&next).await, None, "the hour is over");
}

#[tokio::test]
async fn a_clock_that_went_back_shuts_nobody_out() {
    let mut world = World::new().await;
    world.session.schema = 2;
    world.junk(limits::REFUSED_PER_HOUR as usize, 16).await;
    world.pass(-limits::DAY_MS);
    let honest = world.make("title", "三组塘坝漏水");
    assert_eq!(world.held_back(&honest).await, None);
}

#[tokio::test]
async fn quarantine_is_bounded_by_bytes_until_an_operator_has_looked() {
    let mut world = World::new().await;
    world.session.schema = 2;
    let each = limits::MAX_CHANGE_BYTES;
    let many = limits::QUARANTINE_BYTES as usize / each;
    assert_eq!(world.junk(many, each).await.rejected.len(), 1);
    let honest = world.make("title", "三组塘坝漏水");
    for _ in 0..2 {
        assert_eq!(world.held_back(&honest).await.as_deref(), Some("held.budget"));
        world.pass(2 * limits::HOUR_MS);
        world.restart();
    }
    // As `doorstep admin budget --reset` does, beside a running server.
    world.centre.store().write(vec![Spent::default().setting(DEVICE)]).await.expect("written");
    assert_eq!(world.held_back(&honest).await, None);
}

#[tokio::test]
async fn documents_and_bytes_count_and_what_counts_is_written_down_in_steps() {
    let mut world = World::new().await;
    world.session.schema = 2;
    let first = world.make("title", "三组塘坝漏水");
    assert_eq!(world.held_back(&first).await, None);
    let written = |world: &World| {
        let store = Arc::clone(world.centre.store());
        async move { Spent::of(&*store, DEVICE).await.expect("reads") }
    };
    assert_eq!(written(&world).await, Spent::default(), "one document is no step");
    world.junk(1, 16).await;
    let spent = written(&world).await;
    assert_eq!((spent.documents, spent.bytes, spent.refused), (1, first.len() as u64, 1));
    for (full, title) in [
        (Spent { documents: limits::DOCUMENTS_PER_HOUR, ..spent }, "四组塘坝漏水"),
        (Spent { bytes: limits::BYTES_PER_HOUR, ..spent }, "五组塘坝漏水"),
    ] {
        world.centre.store().write(vec![full.setting(DEVICE)]).await.expect("written");
        world.restart();
        let next = world.make("title", title);
        assert_eq!(world.held_back(&next).await.as_deref(), Some("held.budget"));
    }
}
