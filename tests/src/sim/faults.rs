//! What breaks: nodes, stores, devices, networks, clocks.

use super::events::{Event, HOUR, MINUTE, SECOND, Sim};
use doorstep_client::store::immediate;
use doorstep_protocol::documents::Role;
use doorstep_server::pipeline::Migration;
use doorstep_server::store::{Person, Store as _};

use super::POSTS;
use crate::harness::{CENTRE, Move};

impl Sim {
    pub(super) fn something_breaks(&mut self) {
        let device = self.rng.below(self.posts.len());
        match self.rng.below(self.kinds) {
            0..=3 => {
                let writes = self.rng.below(8) as u64;
                self.crash_server(writes);
            }
            4..=7 => {
                let writes = 1 + self.rng.below(6) as u64;
                self.crash_device(device, writes);
            }
            8..=11 => self.partition(device),
            12 | 13 => {
                self.fault("skew");
                let skew = self.rng.between(-6 * HOUR, 6 * HOUR);
                self.posts[device].handset.replica.source().skew = skew;
            }
            14 => self.days_of_skew(device),
            15 | 16 => self.back_up(),
            17 => self.put_back(),
            18 | 19 => self.ruin_device(device),
            20 => self.fill_the_disk(),
            21 => self.crash_unsynced(),
            22 => self.tear(),
            23 => self.change_rules(),
            24 => self.migrate(),
            27 => self.move_somebody(device),
            _ => {
                // A process that ends in good order and starts again.
                if self.posts[device].on.is_none() && !self.posts[device].dead {
                    self.fault("device_restart");
                    self.posts[device].handset.restart();
                }
            }
        }
    }

    /// Crashes come while something is being stored, or they show nothing.
    pub(super) fn at_the_worst_moment(&mut self, next: Move, device: usize) {
        match next {
            Move::Ingest(_) if self.rng.one_in(40) => {
                let writes = self.rng.below(3) as u64;
                self.crash_server(writes);
            }
            Move::Down if self.rng.one_in(200) => {
                let writes = 1 + self.rng.below(3) as u64;
                self.crash_device(device, writes);
            }
            _ => {}
        }
    }

    /// The machine stops between any two writes; a while later a process starts on what was written.
    fn crash_server(&mut self, writes: u64) {
        if self.failing {
            return;
        }
        self.fault("server_crash");
        self.failing = true;
        if self.rng.one_in(3) {
            self.fault("answer_lost");
            self.world.store.lose_the_answer_after(writes);
        } else {
            self.world.store.fail_after(writes);
        }
        let node = usize::from(self.rng.one_in(3));
        self.later(Event::Restart(node), SECOND, 10 * MINUTE);
    }

    /// Every connection of the node is gone, and so is all that it had in memory.
    pub(super) fn restart(&mut self, node: usize) {
        if let Some(kept) = self.unsynced.take() {
            self.rewind(&kept, None);
        }
        self.disconnect(node);
        self.world.restart(node);
        self.failing = false;
        self.acknowledged_survives();
    }

    /// Every connection of a node is cut.
    pub(super) fn disconnect(&mut self, node: usize) {
        let lost: Vec<u64> =
            self.wires.iter().filter(|(_, wire)| wire.node == node).map(|(id, _)| *id).collect();
        for id in lost {
            let mut wire = self.wires.remove(&id).expect("just listed");
            let device = wire.device;
            self.detach(id, device);
            if wire.line.is_attached()
                && let Err(stop) = wire.line.cut(&mut self.posts[device].handset)
            {
                self.stopped(device, &stop);
            }
        }
    }

    /// The device's process stops between any two writes.
    fn crash_device(&mut self, device: usize, writes: u64) {
        if !self.posts[device].dead {
            self.fault("device_crash");
            self.posts[device].handset.memory.fail_after(writes);
            self.later(Event::Revive(device), MINUTE, 6 * HOUR);
        }
    }

    /// A new process on the same store. What the old one had connected is gone without a word.
    pub(super) fn revive(&mut self, device: usize) {
        if let Some(id) = self.posts[device].on.take()
            && let Some(wire) = self.wires.get_mut(&id)
        {
            wire.line.abandon();
        }
        self.posts[device].handset.restart();
        self.posts[device].dead = false;
        self.posts[device].form = None;
    }

    /// The rules change while people work.
    fn change_rules(&mut self) {
        if !self.failing {
            self.fault("policy");
            self.world.next_policy();
        }
    }

    /// Somebody moves standing decisions to the rules in force, some of them.
    fn migrate(&mut self) {
        if self.failing || self.world.nodes[0].recovering() {
            return;
        }
        self.fault("migration");
        let documents = immediate(self.world.store.documents(None, 8)).expect("memory reads");
        for document in documents {
            if let Err(error) = immediate(self.world.nodes[0].migrate(document, Migration::Apply)) {
                self.checks.fail(9, &format!("{document} cannot be migrated: {error}"));
            }
        }
    }

    /// Somebody works elsewhere from now on, and sees something else as a whole.
    fn move_somebody(&mut self, device: usize) {
        if self.failing || self.posts[device].gone {
            return;
        }
        self.fault("moved");
        let (unit, role) = *self.rng.pick(&POSTS);
        let to = Person { unit: unit.to_owned(), role, ..self.person(device) };
        let admin = self.world.worker("管理员", CENTRE, Role::Admin);
        if let Err(error) = immediate(self.world.nodes[0].change_person(&admin, to)) {
            self.checks.fail(9, &format!("a person cannot be moved: {error}"));
        }
    }

    /// Whose device it is, as the centre knows them now.
    pub(super) fn person(&self, device: usize) -> Person {
        let person = &self.posts[device].handset.person;
        let known = immediate(self.world.store.person(person.worker)).expect("memory reads");
        known.unwrap_or_else(|| person.clone())
    }

    fn partition(&mut self, device: usize) {
        self.fault("partition");
        let dark = self.rng.between(HOUR, 60 * HOUR);
        self.posts[device].dark = self.world.true_time() + dark;
        if let Some(id) = self.posts[device].on
            && let Some(wire) = self.wires.remove(&id)
        {
            self.lose(id, wire);
        }
    }
}
