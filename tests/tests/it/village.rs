//! Where most stories begin: a village with three workers, a reviewer at the desk, and a small case that
//! all three hold on their devices.

use std::time::Duration;

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Role;
use doorstep_server::store::Person;
use doorstep_tests::harness::{DESK, Handset, VILLAGE, World};

/// Longer than the pack's quiet time of two minutes.
pub(crate) const A_WHILE: Duration = Duration::from_secs(150);

/// The village after the case has settled for the first time.
pub(crate) struct Village {
    pub(crate) world: World,
    pub(crate) wang: Handset,
    pub(crate) li: Handset,
    pub(crate) zhao: Handset,
    pub(crate) reviewer: Person,
    pub(crate) case: DocumentId,
}

impl Village {
    pub(crate) fn new() -> Self {
        Village::of(World::new(7))
    }

    pub(crate) fn of(mut world: World) -> Self {
        let mut wang = world.device("王敏", VILLAGE, Role::Worker);
        let mut li = world.device("李华", VILLAGE, Role::Worker);
        let mut zhao = world.device("赵强", VILLAGE, Role::Worker);
        let reviewer = world.worker("陈静", DESK, Role::Reviewer);
        let case = wang.new_case(&small("屋后水沟堵塞"));
        world.sync(&mut wang);
        world.advance(A_WHILE);
        for device in [&mut wang, &mut li, &mut zhao] {
            world.sync(device);
        }
        assert!(li.holds(case) && zhao.holds(case), "the village's own case is on its devices");
        Village { world, wang, li, zhao, reviewer, case }
    }

    /// What Li's device was given as proof of its enrolment.
    pub(crate) fn proof_of_li(&self) -> Option<String> {
        let identity = doorstep_client::store::immediate(self.li.replica.identity()).expect("memory reads");
        identity.and_then(|identity| identity.proof)
    }

    /// Wang and Li name different categories, each offline; both arrive.
    pub(crate) fn disputed() -> Self {
        let mut village = Village::new();
        village.wang.set(village.case, "category", "roads");
        village.li.set(village.case, "category", "facilities");
        village.world.sync(&mut village.wang);
        village.world.sync(&mut village.li);
        village
    }

    /// What the category shows at the desk.
    pub(crate) fn category(&self) -> serde_json::Value {
        let view = self.world.view(&self.reviewer, self.case).expect("the desk sees the case");
        view.fields["category"].clone()
    }
}

/// A small matter of the village: the village handles it.
pub(crate) fn small(title: &str) -> [(&str, &str); 4] {
    [("title", title), ("category", "water"), ("severity", "light"), ("place", VILLAGE)]
}
