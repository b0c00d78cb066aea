//! Rules that a restored centre has forgotten: nothing is lost or decided twice, and nobody waits for them.

use doorstep_client::store::immediate;
use doorstep_policy::{PackFiles, embedded_bazhou};
use doorstep_server::{policies, verify};
use doorstep_tests::harness::World;

use super::village::{A_WHILE, Village, small};

fn later_version(files: &PackFiles) -> PackFiles {
    let mut later = files.clone();
    let text = later.0.get_mut("policy.toml").expect("a pack has rules");
    let named = |line: &str| {
        if line.starts_with("version = ") { "version = \"2099.9\"".into() } else { line.to_owned() }
    };
    *text = text.lines().map(named).collect::<Vec<String>>().join("\n");
    later
}

fn knows(world: &World) {
    let packs = immediate(policies::load(&*world.store)).expect("memory reads").expect("let in");
    world.nodes.iter().for_each(|node| node.install(packs.clone()));
}

#[test]
fn a_version_of_the_rules_that_the_backup_does_not_know_can_be_let_in_again() {
    let mut village = Village::new();
    let files = embedded_bazhou();
    let now = village.world.now();
    immediate(policies::begin(&*village.world.store, std::slice::from_ref(&files), now)).expect("let in");
    let backup = village.world.store.snapshot();
    let later = later_version(&files);
    immediate(policies::install(&*village.world.store, &later, None, now)).expect("let in");
    knows(&village.world);
    village.world.advance(A_WHILE);
    let young = village.li.new_case(&small("桥栏断了"));
    village.world.sync(&mut village.li);
    village.world.advance(A_WHILE);
    village.world.sync(&mut village.zhao);
    let decided = village.world.decisions(young);
    assert!(decided.iter().all(|decision| decision.policy.ends_with("2099.9")), "{decided:?}");

    village.world.restore(&backup);
    knows(&village.world);
    for device in [&mut village.li, &mut village.zhao] {
        village.world.sync(device);
        assert_eq!((device.unsent(), device.refused().len()), (0, 0));
    }
    village.world.release();
    village.world.tick(0);
    let after = village.world.decisions(young);
    assert_eq!(after.len(), decided.len(), "nothing is lost, and nothing is decided twice");
    // The case goes on by what is known: nobody waits for the version.
    village.li.set(young, "severity", "heavy");
    village.world.sync(&mut village.li);
    village.world.advance(A_WHILE);
    assert!(village.world.decisions(young).len() > after.len());

    let now = village.world.now();
    immediate(policies::install(&*village.world.store, &later, None, now)).expect("let in again");
    knows(&village.world);
    let report = immediate(verify::report(village.world.centre())).expect("memory reads");
    assert!(report.ok, "with the version back, every decision replays: {report:?}");
}
