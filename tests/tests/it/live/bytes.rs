//! What a rejoin costs, counted at a TCP proxy after the upgrade: the same for 10 and for 2,000 held cases.

use std::time::Duration;

use doorstep_tests::play::bench::Author;
use doorstep_tests::play::process::poll;
use doorstep_tests::play::proxy::{Counted, Proxy};

use super::world::{Phone, VILLAGE, World};

/// A device that holds so many cases, all decided, and rejoins.
fn rejoin(held: usize) -> (World, Phone, Proxy, Counted) {
    let world = World::settling(&format!("rejoin-{held}"), "PT0S");
    let xiang = world.worker("向明");
    let mut author = Author::new(xiang.device.clone(), &xiang.id).expect("an author");
    let mut cases: Vec<_> = (0..held).map(|_| author.make(VILLAGE).expect("a case")).collect();
    author.send(&mut cases).expect("the centre takes them");
    let desk = world.desk();
    for case in &cases {
        let settled =
            || desk.case(&case.id.to_string()).ok().flatten().filter(|case| case["settled"]["ok"] == true);
        poll(Duration::from_mins(1), settled).expect("every case settles");
    }
    let reader = world.phone("李红英", ("511902-intake", "reviewer"));
    let drained = poll(Duration::from_mins(1), || (reader.sync()["received"] == 0).then_some(()));
    assert!(drained.is_some(), "the reader never has all");
    assert_eq!(reader.good(&["status"])["held"], held);
    let proxy = Proxy::before(&world.server.url).expect("a proxy");
    reader.good(&["sync", "--url", &proxy.url]);
    let counted = proxy.take();
    (world, reader, proxy, counted)
}

#[test]
fn rejoining_costs_the_same_for_ten_and_two_thousand_cases() {
    let (world, reader, proxy, few) = rejoin(10);
    let (_other, _, _, many) = rejoin(2_000);
    for counted in [few, many] {
        assert!(counted.up + counted.down < 1_024, "{counted:?}");
        assert_eq!((counted.messages_up, counted.messages_down), (1, 1), "{counted:?}");
    }
    assert!(many.up.abs_diff(few.up) <= 8 && many.down.abs_diff(few.down) <= 8, "{few:?} {many:?}");

    // And again, with nothing in between.
    let report = reader.good(&["sync", "--url", &proxy.url]);
    let again = proxy.take();
    assert_eq!((report["round_trips"].clone(), again.messages_up), (1.into(), 1));
    world.verify();
}
