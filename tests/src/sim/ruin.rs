//! Stores put back, copied, wiped; clocks that are days off; disks without room. And what may be gone after it:
//! only what nobody holds any more.

use std::collections::BTreeSet;
use std::sync::Arc;

use doorstep_client::store::{Store as _, immediate};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::store::memory::MemoryStore;
use doorstep_server::store::{Aside, Store};

use super::events::{Event, HOUR, MINUTE, SECOND, Sim};
use crate::harness::{DISTRICT, Handset};

/// A change or another thing that somebody made, with its bytes.
type Made = (DocumentId, Hash, Vec<u8>);

impl Sim {
    /// A backup is taken; some are known to be complete up to their time.
    pub(super) fn back_up(&mut self) {
        self.fault("backup");
        let horizon = if self.rng.one_in(3) { 0 } else { self.world.now() };
        self.backup = Some((self.world.store.snapshot(), horizon));
    }

    /// The last backup takes the place of the store: by command, or because somebody copies files.
    pub(super) fn put_back(&mut self) {
        let Some((backup, horizon)) = self.backup.take() else { return self.back_up() };
        if self.failing {
            return;
        }
        let by_command = self.rng.one_in(2);
        self.fault(if by_command { "restore" } else { "files_copied_back" });
        self.rewind(&backup, by_command.then_some(horizon));
        self.backup = Some((backup, horizon));
    }

    /// Every connection is gone, and the store is as it was. What nobody holds is written off.
    pub(super) fn rewind(&mut self, to: &MemoryStore, horizon: Option<Millis>) {
        let before = Arc::clone(&self.world.store);
        for node in 0..self.world.nodes.len() {
            self.disconnect(node);
        }
        match horizon {
            Some(horizon) => self.world.restore_from(to, horizon),
            None => self.world.put_back(to),
        }
        self.healing = true;
        let mut made = Vec::new();
        for document in before.hashes().into_keys() {
            let stored = immediate(before.load(document)).expect("memory reads").expect("just listed");
            made.extend(stored.changes.into_iter().map(|row| (document, row.hash, row.bytes)));
        }
        self.write_off(&made);
        // What was refused after the backup is refused again, or taken: nothing more is promised about it.
        let refused = immediate(before.quarantine(DISTRICT, None, usize::MAX)).expect("memory reads");
        for row in refused {
            self.forget(&row.bytes);
        }
        self.later(Event::Release, 6 * HOUR, 30 * HOUR);
    }

    /// The operator lets the centre decide again.
    pub(super) fn release(&mut self) {
        if !self.failing && self.world.nodes.iter().any(doorstep_server::Centre::recovering) {
            self.world.release();
        }
    }

    /// Something happens to the store of a device.
    pub(super) fn ruin_device(&mut self, device: usize) {
        if self.posts[device].dead || self.posts[device].gone {
            return;
        }
        match self.rng.below(8) {
            0 | 1 => {
                let copy = self.posts[device].handset.copied();
                self.posts[device].copy = Some(copy);
            }
            2 | 3 => {
                let Some(copy) = self.posts[device].copy.take() else { return };
                self.fault("device_restored");
                self.forget_outbox(&copy);
                self.replace(device, copy);
            }
            4 if self.posts.len() < self.most => {
                self.fault("device_cloned");
                let twin = self.posts[device].handset.copied();
                self.forget_outbox(&twin);
                self.join(twin);
            }
            5 | 6 => {
                self.fault("device_wiped");
                let person = self.person(device);
                if self.failing {
                    return;
                }
                let fresh = self.world.device_of(&person);
                self.replace(device, fresh);
            }
            7 if self.posts.iter().filter(|post| !post.gone).count() > 3 && !self.failing => {
                self.fault("device_shut_out");
                self.hang_up(device);
                let id = self.posts[device].handset.id;
                let at = self.world.now();
                let shut = Aside::RevokeDevice { device: id, at };
                immediate(self.world.store.write(vec![shut])).expect("nothing fails now");
                let gone: Vec<usize> =
                    (0..self.posts.len()).filter(|at| self.posts[*at].handset.id == id).collect();
                for device in gone {
                    self.hang_up(device);
                    self.posts[device].gone = true;
                    let made = made_on(&self.posts[device].handset);
                    self.write_off(&made);
                }
            }
            _ => {}
        }
    }

    /// The centre's clock, or a device's, is days off.
    pub(super) fn days_of_skew(&mut self, device: usize) {
        let days = 24 * HOUR;
        if self.rng.one_in(2) {
            self.fault("skew_days_device");
            self.posts[device].handset.replica.source().skew = self.rng.between(-9 * days, 9 * days);
        } else {
            self.fault("skew_days_server");
            let skew = if self.rng.one_in(2) { 0 } else { self.rng.between(-3 * days, 3 * days) };
            self.world.clock.skew(skew);
        }
    }

    /// No write succeeds for a while; the process lives.
    pub(super) fn fill_the_disk(&mut self) {
        if !self.failing {
            self.fault("full_disk");
            self.failing = true;
            self.world.store.fail_after(0);
            self.later(Event::Room, 10 * MINUTE, 3 * HOUR);
        }
    }

    /// A machine that stops, on a disk that has kept less than it said.
    pub(super) fn crash_unsynced(&mut self) {
        if !self.failing {
            self.fault("unsynced");
            self.unsynced = Some(self.world.store.snapshot());
            self.later(Event::Restart(0), SECOND, MINUTE);
        }
    }

    /// The machine stops in the middle of its last write: what is half there is thrown away when it starts again.
    pub(super) fn tear(&mut self) {
        if !self.failing {
            self.fault("torn");
            self.failing = true;
            self.unsynced = Some(self.world.store.snapshot());
            // One more write is answered, and is what is torn.
            self.world.store.fail_after(1);
            self.later(Event::Restart(0), SECOND, 10 * MINUTE);
        }
    }

    /// Another device comes in; all devices of one run are judged alike.
    fn join(&mut self, handset: Handset) {
        self.posts.push(super::events::Post::of(handset));
        let device = self.posts.len() - 1;
        self.later(Event::Work(device), MINUTE, 4 * HOUR);
        self.later(Event::Connect(device), MINUTE, 4 * HOUR);
    }

    fn replace(&mut self, device: usize, with: Handset) {
        self.hang_up(device);
        let old = std::mem::replace(&mut self.posts[device].handset, with);
        self.posts[device].form = None;
        self.posts[device].copy = None;
        let made = made_on(&old);
        let refused = immediate(old.memory.rejected()).expect("memory reads");
        refused.iter().for_each(|item| self.forget(&item.bytes));
        self.write_off(&made);
    }

    fn hang_up(&mut self, device: usize) {
        let mine: Vec<u64> =
            self.wires.iter().filter(|(_, wire)| wire.device == device).map(|(id, _)| *id).collect();
        for id in mine {
            drop(self.wires.remove(&id));
        }
        self.posts[device].on = None;
    }

    /// Of these, what is neither at the centre nor on a device that may come back is gone for good.
    fn write_off(&mut self, made: &[Made]) {
        let mut kept: BTreeSet<(DocumentId, Hash)> = BTreeSet::new();
        let stored = self.world.store.hashes();
        kept.extend(
            stored.into_iter().flat_map(|(id, hashes)| hashes.into_iter().map(move |hash| (id, hash))),
        );
        for post in self.posts.iter().filter(|post| !post.gone) {
            kept.extend(made_on(&post.handset).into_iter().map(|(id, hash, _)| (id, hash)));
        }
        for (document, hash, bytes) in made {
            if !kept.contains(&(*document, *hash)) {
                self.checks.written_off(*document, hash);
                self.forget(bytes);
            }
        }
    }

    /// Nothing is promised about the edits in these bytes any more.
    fn forget(&mut self, bytes: &[u8]) {
        for start in (0..bytes.len()).filter(|at| bytes[*at] == b'<') {
            let Some(end) = bytes[start..].iter().take(12).position(|byte| *byte == b'>') else { continue };
            let token = String::from_utf8_lossy(&bytes[start..=start + end]).into_owned();
            self.checks.tokens.remove(&token);
        }
    }

    /// Two copies may each make a refused edit anew.
    fn forget_outbox(&mut self, handset: &Handset) {
        for entry in immediate(handset.memory.outbox()).expect("memory reads") {
            self.forget(&entry.bytes);
        }
    }
}

/// Accepted and unsent changes of a device.
fn made_on(handset: &Handset) -> Vec<Made> {
    let mut made = Vec::new();
    for listed in immediate(handset.memory.list()).expect("memory reads") {
        let document = listed.row.document;
        let held = immediate(handset.memory.load(document)).expect("memory reads").expect("just listed");
        made.extend(held.changes.into_iter().map(|change| (document, change.hash, change.bytes)));
        made.extend(held.outbox.into_iter().map(|entry| (document, entry.hash, entry.bytes)));
    }
    made
}
