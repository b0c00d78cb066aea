//! An in-process world: real centres over one memory store, real devices, a simulated clock, and a
//! network whose every delivery is drawn from a seed.
//!
//! Stories and the simulation stand on it. It owns no rule: what it shows, production code decided.

pub mod clock;
pub mod handset;
pub mod line;
mod packs;
pub mod rng;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use doorstep_client::replica::EnrolledAlready;
use doorstep_client::store::immediate;
use doorstep_policy::Decision;
use doorstep_protocol::documents::{Role, Value};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::limits::REOFFER_AGAIN;
use doorstep_protocol::machines::device::End;
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::Centre;
use doorstep_server::enrol::{EnrolError, Former, enrol, enrol_again, invite};
use doorstep_server::keys::Keys;
use doorstep_server::pipeline::{CaseView, DeskError, Resolution, Settings, WaitKind, recovery, released};
use doorstep_server::policies::Packs;
use doorstep_server::store::memory::MemoryStore;
use doorstep_server::store::{Aside, Person, Store, Stored};

pub use clock::{Clock, FixedSource};
pub use handset::{Handset, put};
pub use line::{Line, Move, Note, Stop, Traffic};
pub use packs::{OTHER_RULES, next_packs, pack_folder, packs, read_pack, shipped};
pub use rng::Rng;

/// The district of the built-in pack.
pub const DISTRICT: &str = "511902";
/// 柏林村, a village of 清江镇.
pub const VILLAGE: &str = "511902101200";
/// 塘坝村, its neighbour.
pub const NEIGHBOUR: &str = "511902101201";
/// 清江镇, the town of both.
pub const TOWN: &str = "511902101";
/// Its fast-handling centre: the intake unit of both villages.
pub const CENTRE: &str = "511902101-centre";
/// The district's intake desk.
pub const DESK: &str = "511902-intake";
/// The district's water department.
pub const WATER: &str = "511902-water";

/// As often as a driver tries after a refusal had edits rebuilt.
const AGAIN: usize = 3;
/// More steps than any story's session takes.
const STEPS: usize = 100_000;

/// Whether the store has let in the version that comes after the built-in one.
const NEXT_POLICY: &str = "harness/next-policy";

/// A centre, its devices' network, and the clock.
pub struct World {
    /// The centre's clock.
    pub clock: Arc<Clock>,
    /// What every node of the centre keeps.
    pub store: Arc<MemoryStore>,
    /// The nodes.
    pub nodes: Vec<Centre<MemoryStore>>,
    /// The network's chance.
    pub rng: Rng,
    settings: Settings,
}

impl Default for World {
    fn default() -> Self {
        World::new(1)
    }
}

/// How a sync went.
#[derive(Clone, Debug)]
pub struct Synced {
    /// How the last session ended.
    pub end: End,
    /// What was carried in all.
    pub traffic: Traffic,
    /// Sessions.
    pub sessions: usize,
}

impl World {
    /// A world of one node with the pack's own settling times.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let clock = Clock::new(rng.split());
        let mut world = World {
            clock,
            store: Arc::new(MemoryStore::default()),
            nodes: Vec::new(),
            rng,
            settings: Settings::default(),
        };
        world.add_node();
        world
    }

    /// Another node over the same store. Returns its number.
    pub fn add_node(&mut self) -> usize {
        let node = self.fresh_node();
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// Ends a node's process and starts another: its cache is gone.
    pub fn restart(&mut self, node: usize) {
        self.store.revive();
        self.nodes[node] = self.fresh_node();
        immediate(self.nodes[node].remember()).expect("reads");
    }

    /// Puts an old copy of the store in the place of today's, as `doorstep restore` does: a new epoch,
    /// nothing decided until it is released. Devices are asked for everything.
    pub fn restore(&mut self, backup: &MemoryStore) {
        self.restore_from(backup, 0);
    }

    /// The same from a backup that is known to hold all that was accepted before `horizon`.
    pub fn restore_from(&mut self, backup: &MemoryStore, horizon: Millis) {
        let epoch = self.nodes[0].epoch();
        self.put_back(backup);
        let epoch = epoch.max(self.nodes[0].epoch());
        immediate(self.store.write(recovery(epoch, self.now(), horizon))).expect("writes");
        self.nodes.iter().for_each(|node| immediate(node.remember()).expect("reads"));
    }

    /// The same behind the server's back: somebody copies files.
    pub fn put_back(&mut self, backup: &MemoryStore) {
        self.store = Arc::new(backup.snapshot());
        let nodes = (0..self.nodes.len()).map(|_| self.fresh_node()).collect();
        self.nodes = nodes;
        self.nodes.iter().for_each(|node| immediate(node.remember()).expect("reads"));
    }

    /// Lets a restored centre decide again.
    pub fn release(&mut self) {
        immediate(self.store.write(vec![released()])).expect("writes");
    }

    /// Lets in the next version of the rules, for new cases and for whatever is migrated. A store that is put back
    /// has forgotten it.
    pub fn next_policy(&mut self) {
        let noted = Aside::Setting { key: NEXT_POLICY.into(), value: "yes".into() };
        immediate(self.store.write(vec![noted])).expect("writes");
        self.nodes.iter().for_each(|node| node.install(self.packs()));
    }

    /// The rules that this store knows.
    pub fn packs(&self) -> Packs {
        let next = immediate(self.store.setting(NEXT_POLICY)).expect("memory reads").is_some();
        if next { next_packs() } else { packs() }
    }

    fn fresh_node(&self) -> Centre<MemoryStore> {
        let (store, source) = (Arc::clone(&self.store), Arc::clone(&self.clock));
        Centre::new(store, self.packs(), source, Keys::new([42; 32]), self.settings.clone())
    }

    /// The first node.
    pub fn centre(&self) -> &Centre<MemoryStore> {
        &self.nodes[0]
    }

    /// Now, by the centre's clock.
    pub fn now(&self) -> Millis {
        self.clock.shown()
    }

    /// Now, whatever clocks show.
    pub fn true_time(&self) -> Millis {
        self.clock.now()
    }

    /// Somebody who works in a unit.
    pub fn worker(&self, name: &str, unit: &str, role: Role) -> Person {
        let by = (self.now(), &*self.clock as &dyn doorstep_server::clock::Source);
        let invitation = immediate(invite(&*self.store, &packs(), (DISTRICT, unit, name, role), by));
        let worker = invitation.expect("the pack has the unit").worker;
        immediate(self.store.person(worker)).expect("memory reads").expect("just invited")
    }

    /// A device of somebody.
    pub fn device_of(&mut self, person: &Person) -> Handset {
        self.skewed_device_of(person, 0)
    }

    /// A device whose clock shows so much more than the centre's.
    pub fn skewed_device_of(&mut self, person: &Person, skew: Millis) -> Handset {
        let by = (self.now(), &*self.clock as &dyn doorstep_server::clock::Source);
        let who = (DISTRICT, person.unit.as_str(), person.name.as_str(), person.role);
        let invitation = immediate(invite(&*self.store, &packs(), who, by)).expect("the pack has the unit");
        // All zeros is a point of the curve; no token is signed here.
        let enrolled =
            immediate(enrol(self.centre(), (&invitation.code, None), [0; 32])).expect("the code is new");
        let source = FixedSource::new(Arc::clone(&self.clock), skew, self.rng.split());
        Handset::new(enrolled.person, (enrolled.device, enrolled.proof), source)
    }

    /// A device that this centre has forgotten enrols again, with a code that the office gives its worker today.
    /// False: the device crashed before it could note so. It goes on as the same device.
    pub fn enrol_again(&mut self, handset: &mut Handset) -> Result<bool, EnrolError> {
        let by = (self.now(), &*self.clock as &dyn doorstep_server::clock::Source);
        // As the office knows them today: they may have moved since.
        let known = immediate(self.store.person(handset.person.worker)).expect("memory reads");
        let Person { name, unit, role, .. } = known.as_ref().unwrap_or(&handset.person);
        let invitation = immediate(invite(&*self.store, &packs(), (DISTRICT, unit, name, *role), by))?;
        let held = immediate(handset.replica.identity()).expect("memory reads").expect("it was enrolled");
        let (device, worker, proof) = (held.device, held.worker, held.proof.clone().unwrap_or_default());
        let former = Former { device, worker, proof };
        immediate(enrol_again(self.centre(), (&invitation.code, None), ([0; 32], former)))?;
        match immediate(handset.replica.enrolled_again(held, 0)) {
            Ok(()) => Ok(true),
            Err(EnrolledAlready::Store(_)) => Ok(false),
            Err(error) => panic!("the same device: {error}"),
        }
    }

    /// Somebody new with a device.
    pub fn device(&mut self, name: &str, unit: &str, role: Role) -> Handset {
        let person = self.worker(name, unit, role);
        self.device_of(&person)
    }

    /// Syncs until nothing more is to be done, deliveries in an order of the seed.
    pub fn sync(&mut self, handset: &mut Handset) -> Synced {
        self.sync_at(0, handset)
    }

    /// Syncs with one of the nodes.
    pub fn sync_at(&mut self, node: usize, handset: &mut Handset) -> Synced {
        let mut synced = Synced { end: End::Cut, traffic: Traffic::default(), sessions: 0 };
        for _ in 0..AGAIN {
            let mut line = self.connect(node, handset);
            self.run(node, &mut line, handset, STEPS);
            synced.sessions += 1;
            synced.traffic = add(synced.traffic, line.traffic);
            synced.end = line.end.expect("a session that is not live ends");
            let asked_more = matches!(&synced.end, End::Fault { code, .. } if code == REOFFER_AGAIN);
            let over = !matches!(synced.end, End::Done | End::Again) || handset.unsent() == 0;
            if over && !asked_more {
                break;
            }
        }
        synced
    }

    /// One session, however it ends.
    pub fn sync_once(&mut self, handset: &mut Handset) -> Option<End> {
        let mut line = self.connect(0, handset);
        self.run(0, &mut line, handset, STEPS);
        line.end
    }

    /// Opens a connection that the caller drives.
    pub fn connect(&mut self, node: usize, handset: &mut Handset) -> Line {
        let line = Line::open(&self.nodes[node], handset, false).expect("the device's store works");
        line.expect("the centre lets the device in")
    }

    /// At most so many steps of a connection.
    pub fn run(&mut self, node: usize, line: &mut Line, handset: &mut Handset, steps: usize) {
        for _ in 0..steps {
            let moves = line.moves();
            if moves.is_empty() {
                return;
            }
            let next = *self.rng.pick(&moves);
            line.step(next, &self.nodes[node], handset).expect("the device's store works");
        }
    }

    /// Lets time pass; the first node does what is due as it becomes due.
    pub fn advance(&mut self, time: Duration) {
        let end = self.now() + time.as_millis() as Millis;
        self.tick(0);
        if self.nodes[0].recovering() {
            // Whatever is due stays so: nothing is decided before the release.
            return self.clock.set(end);
        }
        for _ in 0..STEPS {
            match immediate(self.store.next_due()).expect("memory reads") {
                Some(due) if due <= end => {
                    self.clock.set(due);
                    self.tick(0);
                }
                _ => return self.clock.set(end),
            }
        }
        panic!("the ticks never end");
    }

    /// Lets time pass while no node ticks.
    pub fn skip(&mut self, time: Duration) {
        self.clock.set(self.now() + time.as_millis() as Millis);
    }

    /// One node does what is due.
    pub fn tick(&self, node: usize) {
        immediate(self.nodes[node].tick()).expect("memory keeps");
    }

    /// What is stored of a case.
    pub fn stored(&self, case: DocumentId) -> Stored {
        immediate(self.store.load(case)).expect("memory reads").expect("the case is stored")
    }

    /// The decisions on a case.
    pub fn decisions(&self, case: DocumentId) -> Vec<Decision> {
        self.stored(case).decisions.into_iter().map(|row| row.decision).collect()
    }

    /// The kinds of cause, in order.
    pub fn causes(&self, case: DocumentId) -> Vec<&'static str> {
        self.decisions(case).iter().map(|decision| decision.cause.kind()).collect()
    }

    /// A case as somebody at the desk sees it.
    pub fn view(&self, person: &Person, case: DocumentId) -> Result<CaseView, DeskError> {
        immediate(self.centre().view(person, case))
    }

    /// What a case waits for.
    pub fn waits(&self, case: DocumentId) -> Vec<WaitKind> {
        let settled =
            immediate(self.centre().settled(case)).expect("memory reads").expect("the case is stored");
        settled.waits.into_iter().map(|wait| wait.kind).collect()
    }

    /// Resolves a conflict as things are now.
    pub fn resolve(
        &self,
        reviewer: &Person,
        (case, field): (DocumentId, &str),
        (value, reason): (&str, &str),
    ) -> Result<Hash, DeskError> {
        self.resolve_at(reviewer, (case, field), (value, reason), None)
    }

    /// Resolves a conflict as a form showed it.
    pub fn resolve_at(
        &self,
        reviewer: &Person,
        about: (DocumentId, &str),
        (value, reason): (&str, &str),
        heads: Option<Vec<Hash>>,
    ) -> Result<Hash, DeskError> {
        let value: Value = Some(value.to_owned());
        let resolution = Resolution { value, reason: reason.to_owned(), heads, ..Resolution::default() };
        immediate(self.centre().resolve(reviewer, about, resolution))
    }

    /// Gives a command at the desk.
    pub fn act(&self, person: &Person, case: DocumentId, name: &str, args: &[(&str, &str)]) -> ActOutcome {
        let id = doorstep_server::clock::random(&*self.clock as &dyn doorstep_server::clock::Source);
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let command = Command { id, document: case, name: name.to_owned(), args, made: self.now() };
        immediate(self.centre().act(person, command)).expect("memory keeps")
    }

    /// Every stored change by document; each must be there once.
    pub fn stored_hashes(&self) -> BTreeMap<DocumentId, Vec<Hash>> {
        self.store.hashes()
    }
}

fn add(a: Traffic, b: Traffic) -> Traffic {
    Traffic {
        frames_up: a.frames_up + b.frames_up,
        bytes_up: a.bytes_up + b.bytes_up,
        frames_down: a.frames_down + b.frames_down,
        bytes_down: a.bytes_down + b.bytes_down,
    }
}
