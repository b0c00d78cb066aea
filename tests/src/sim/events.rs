//! The scheduler: what happens next, and the connections between devices and nodes.

use std::collections::BTreeMap;

use doorstep_protocol::documents::Role;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::machines::device::End;
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::store::Person;
use doorstep_server::store::memory::MemoryStore;
use sha2::{Digest, Sha256};

use super::POSTS;
use super::oracles::Checks;
use crate::harness::{CENTRE, DESK, Handset, Line, Move, Rng, Stop, World};

pub(super) const SECOND: Millis = 1_000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const HOUR: Millis = 60 * MINUTE;

/// In seeds from here on people move to other units, too. A seed below breaks the same things as when it failed once.
const MOVES_FROM: u64 = 100_000;

/// What can be due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Somebody does something on their device.
    Work(usize),
    /// A device tries to connect.
    Connect(usize),
    /// Something moves on a line.
    Step(u64),
    /// A node does what is due.
    Tick(usize),
    /// A reviewer looks at the queue.
    Review,
    /// Somebody works at the desk.
    Desk,
    /// Something breaks.
    Break,
    /// The store works again, and a node's process starts anew.
    Restart(usize),
    /// A device that crashed starts anew.
    Revive(usize),
    /// The disk has room again.
    Room,
    /// A restored centre may decide again.
    Release,
    /// Oracles look around.
    Look,
}

/// A connection.
pub(super) struct Wire {
    pub(super) device: usize,
    pub(super) node: usize,
    pub(super) line: Line,
    /// Cut after so many more steps.
    pub(super) cut_after: Option<usize>,
    /// The longest time of one step.
    pub(super) pace: Millis,
    /// A live line is given up here.
    pub(super) until: Millis,
}

/// A device as the simulation sees it.
pub(super) struct Post {
    pub(super) handset: Handset,
    pub(super) on: Option<u64>,
    /// No network until then.
    pub(super) dark: Millis,
    pub(super) dead: bool,
    /// A form that somebody opened and has not saved.
    pub(super) form: Option<(DocumentId, Vec<Hash>)>,
    /// A copy of its store, to come back to.
    pub(super) copy: Option<Handset>,
    /// Shut out for good.
    pub(super) gone: bool,
}

impl Post {
    pub(super) fn of(handset: Handset) -> Self {
        Post { handset, on: None, dark: 0, dead: false, form: None, copy: None, gone: false }
    }
}

/// Everything of one run.
pub(super) struct Sim {
    pub(super) world: World,
    pub(super) rng: Rng,
    pub(super) posts: Vec<Post>,
    pub(super) wires: BTreeMap<u64, Wire>,
    pub(super) reviewer: Person,
    pub(super) clerk: Person,
    /// Kinds of things that may break.
    pub(super) kinds: usize,
    /// A form at the desk.
    pub(super) form: Option<(DocumentId, String, Vec<Hash>)>,
    pub(super) checks: Checks,
    pub(super) faults: BTreeMap<&'static str, u64>,
    pub(super) tokens: u64,
    /// Until when writes fail.
    pub(super) failing: bool,
    /// The store was put back, and not everything has come back yet.
    pub(super) healing: bool,
    /// A backup, and until when it is known to be complete.
    pub(super) backup: Option<(MemoryStore, Millis)>,
    /// What the disk has really kept, of a machine that is about to stop.
    pub(super) unsynced: Option<MemoryStore>,
    /// Devices that there may be.
    pub(super) most: usize,
    pub(super) hasher: Sha256,
    queue: BTreeMap<(Millis, u64), Event>,
    serial: u64,
}

impl Sim {
    pub(super) fn new(seed: u64, devices: usize) -> Self {
        let mut world = World::new(seed);
        world.add_node();
        let mut rng = world.rng.split();
        let mut posts = Vec::with_capacity(devices);
        let mut people: BTreeMap<usize, Person> = BTreeMap::new();
        for at in 0..devices {
            let (unit, role) = POSTS[at % POSTS.len()];
            // Every fifth device is the second one of somebody.
            let person = match people.get(&(at.saturating_sub(4))).filter(|p| at % 5 == 4 && p.unit == unit) {
                Some(person) => person.clone(),
                None => world.worker(&format!("工作人员{at}"), unit, role),
            };
            people.insert(at, person.clone());
            let skew = if rng.one_in(3) { rng.between(-6 * HOUR, 6 * HOUR) } else { 0 };
            let handset = world.skewed_device_of(&person, skew);
            posts.push(Post::of(handset));
        }
        let reviewer = world.worker("复核员", DESK, Role::Reviewer);
        let clerk = world.worker("快处员", CENTRE, Role::Handler);
        Sim {
            world,
            rng,
            posts,
            wires: BTreeMap::new(),
            reviewer,
            clerk,
            kinds: if seed < MOVES_FROM { 27 } else { 28 },
            form: None,
            checks: Checks::default(),
            faults: BTreeMap::new(),
            tokens: 0,
            failing: false,
            healing: false,
            backup: None,
            unsynced: None,
            most: devices + 2,
            hasher: Sha256::new(),
            queue: BTreeMap::new(),
            serial: 0,
        }
    }

    /// Lives until the time is over.
    pub(super) fn live(&mut self, time: Millis) {
        let end = self.world.true_time() + time;
        for device in 0..self.posts.len() {
            self.later(Event::Work(device), MINUTE, 4 * HOUR);
            self.later(Event::Connect(device), HOUR, 8 * HOUR);
        }
        for event in [Event::Tick(0), Event::Tick(1), Event::Review, Event::Desk, Event::Break, Event::Look] {
            self.later(event, MINUTE, 3 * HOUR);
        }
        while let Some(((at, serial), event)) = self.queue.pop_first() {
            if at > end {
                break;
            }
            self.world.clock.set(at);
            self.hasher.update(format!("{at} {serial} {event:?}\n"));
            self.happen(event);
        }
        self.queue.clear();
        self.world.clock.set(end);
    }

    pub(super) fn later(&mut self, event: Event, from: Millis, to: Millis) {
        self.serial += 1;
        let at = self.world.true_time() + self.rng.between(from, to);
        self.queue.insert((at, self.serial), event);
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Work(device) => {
                self.work(device);
                self.later(event, 10 * MINUTE, 10 * HOUR);
            }
            Event::Connect(device) => {
                self.connect(device);
                self.later(event, HOUR, 14 * HOUR);
            }
            Event::Step(id) => self.step(id),
            Event::Tick(node) => {
                // A hanging clock hangs no queue: the wait is the centre's own.
                let due = self.tick(node);
                // A centre that recovers looks every second whether it may decide again; nothing else waits for it.
                let idle = self.failing || self.world.nodes[node].recovering();
                let least = if idle { 10 * MINUTE } else { SECOND };
                let wait = due.map_or(HOUR, |due| due - self.world.now()).clamp(least, 30 * MINUTE);
                let slack = if node == 0 { 2 * SECOND } else { 3 * HOUR };
                self.later(event, wait, wait + slack);
            }
            Event::Review => {
                self.review();
                self.later(event, HOUR, 8 * HOUR);
            }
            Event::Desk => {
                self.desk();
                self.later(event, HOUR, 6 * HOUR);
            }
            Event::Break => {
                self.something_breaks();
                self.later(event, HOUR, 10 * HOUR);
            }
            Event::Restart(node) => self.restart(node),
            Event::Revive(device) => self.revive(device),
            Event::Room => {
                self.world.store.revive();
                self.failing = false;
            }
            Event::Release => self.release(),
            Event::Look => {
                self.look();
                self.later(event, 12 * HOUR, 36 * HOUR);
            }
        }
    }

    pub(super) fn fault(&mut self, name: &'static str) {
        *self.faults.entry(name).or_default() += 1;
    }

    fn connect(&mut self, device: usize) {
        let post = &mut self.posts[device];
        if post.on.is_some() || post.dead || post.gone || post.dark > self.world.true_time() {
            return;
        }
        let node = usize::from(self.rng.one_in(4));
        let live = self.rng.one_in(5);
        match Line::open(&self.world.nodes[node], &mut post.handset, live) {
            Ok(None) => self.let_in_again(device),
            Err(stop) => self.stopped(device, &stop),
            Ok(Some(line)) => {
                let cut_after = self.rng.one_in(5).then(|| self.rng.below(12));
                let pace = if self.rng.one_in(6) { 40 * SECOND } else { 400 };
                let until = self.world.true_time() + self.rng.between(MINUTE, 6 * HOUR);
                self.serial += 1;
                let id = self.serial;
                post.on = Some(id);
                self.wires.insert(id, Wire { device, node, line, cut_after, pace, until });
                self.later(Event::Step(id), 1, pace);
            }
        }
    }

    /// A restored centre does not know devices that were enrolled after the backup.
    pub(super) fn let_in_again(&mut self, device: usize) {
        if self.failing {
            return;
        }
        match self.world.enrol_again(&mut self.posts[device].handset) {
            Ok(noted) => {
                self.fault("enrolled_again");
                if !noted {
                    self.stopped(device, &Stop::Crashed);
                }
            }
            Err(error) => self.checks.fail(9, &format!("device {device} is not let in: {error}")),
        }
    }

    fn step(&mut self, id: u64) {
        let Some(mut wire) = self.wires.remove(&id) else { return };
        if wire.cut_after == Some(0) && wire.line.is_attached() {
            wire.cut_after = None;
            self.fault("truncate");
            return self.lose(id, wire);
        }
        if wire.line.is_attached() && self.rng.one_in(80) {
            self.fault("drop");
            return self.lose(id, wire);
        }
        let moves = wire.line.moves();
        if moves.is_empty() {
            return self.idle(id, wire);
        }
        let next = *self.rng.pick(&moves);
        if matches!(next, Move::Ingest(at) if at > 0) || self.overtaken(id, &wire) {
            self.fault("reorder");
        }
        self.at_the_worst_moment(next, wire.device);
        let handset = &mut self.posts[wire.device].handset;
        let stepped = wire.line.step(next, &self.world.nodes[wire.node], handset);
        wire.cut_after = wire.cut_after.map(|left| left.saturating_sub(1));
        self.hear(&mut wire);
        if let Err(stop) = stepped {
            wire.line.abandon();
            self.stopped(wire.device, &stop);
        }
        let pace = wire.pace;
        self.hasher.update(format!("{:?} {:?}\n", next, wire.line.traffic));
        self.wires.insert(id, wire);
        self.later(Event::Step(id), 1, pace);
    }

    /// A device's newer connection is open while this one still delivers.
    fn overtaken(&self, id: u64, wire: &Wire) -> bool {
        self.posts[wire.device].on.is_some_and(|on| on != id)
    }

    /// Nothing moves: over, or live and waiting.
    fn idle(&mut self, id: u64, mut wire: Wire) {
        if wire.line.is_over() {
            let again = matches!(wire.line.end, Some(End::Again | End::Done))
                && self.posts[wire.device].handset.unsent() > 0;
            self.detach(id, wire.device);
            if again {
                self.later(Event::Connect(wire.device), SECOND, MINUTE);
            }
        } else if self.world.true_time() > wire.until {
            self.lose(id, wire);
        } else {
            let handset = &mut self.posts[wire.device].handset;
            if let Err(stop) = wire.line.local(handset) {
                wire.line.abandon();
                self.stopped(wire.device, &stop);
            }
            self.hear(&mut wire);
            self.wires.insert(id, wire);
            self.later(Event::Step(id), SECOND, 5 * MINUTE);
        }
    }

    /// The connection is gone for the device. Half of the time what it sent goes on arriving.
    pub(super) fn lose(&mut self, id: u64, mut wire: Wire) {
        let device = wire.device;
        let handset = &mut self.posts[device].handset;
        let lingers = self.rng.one_in(2);
        let cut = if lingers { wire.line.leave(handset) } else { wire.line.cut(handset) };
        self.detach(id, device);
        if let Err(stop) = cut {
            self.stopped(device, &stop);
        }
        if lingers && !wire.line.is_over() {
            self.fault("duplicate");
            self.wires.insert(id, wire);
            self.later(Event::Step(id), SECOND, 20 * MINUTE);
        }
        // People press the button again.
        self.later(Event::Connect(device), SECOND, 10 * MINUTE);
    }

    pub(super) fn detach(&mut self, id: u64, device: usize) {
        if self.posts[device].on == Some(id) {
            self.posts[device].on = None;
        }
    }

    /// A device stopped in the middle of something.
    pub(super) fn stopped(&mut self, device: usize, stop: &Stop) {
        self.posts[device].on = None;
        match stop {
            Stop::Broken(what) => self.checks.fail(9, &format!("device {device} cannot go on: {what}")),
            Stop::Crashed => {
                if !self.posts[device].dead {
                    self.posts[device].dead = true;
                    self.later(Event::Revive(device), SECOND, HOUR);
                }
            }
        }
    }
}
