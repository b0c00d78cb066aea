//! Stories of one push at the centre, where a case in memory, a device or a document is not what it was.

mod budgets;
mod erasure;
mod snapshots;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use doorstep_policy::{Pack, embedded_bazhou};
use doorstep_protocol::documents::genesis::new_document;
use doorstep_protocol::documents::{Edit, Kind, Role, edit_at};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};

use super::admit::Ingested;
use super::{Centre, Packs, Session, Settings};
use crate::clock::Source;
use crate::keys::Keys;
use crate::store::memory::MemoryStore;
use crate::store::{Aside, CopyRow, DeviceRow, EnrolmentRow, Person, Store};

const NOW: Millis = 1_795_255_200_000;
const DEVICE: DeviceId = DeviceId([3; 8]);
const ACTOR: [u8; 16] = [3; 16];

/// A clock that stands until it is moved.
struct Still(AtomicI64);

impl Source for Still {
    fn now(&self) -> Millis {
        self.0.load(Ordering::Relaxed)
    }

    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(5);
    }
}

/// A centre, one worker with a device, and a case that grows on it.
struct World {
    clock: Arc<Still>,
    centre: Centre<MemoryStore>,
    session: Session,
    id: DocumentId,
    doc: automerge::Automerge,
}

/// A process of the centre over a store.
fn centre(store: Arc<MemoryStore>, clock: &Arc<Still>) -> Centre<MemoryStore> {
    let pack = Pack::load(&embedded_bazhou()).expect("the embedded pack loads");
    let clock = Arc::clone(clock);
    Centre::new(store, Packs::new([pack]), clock, Keys::new([7; 32]), Settings::default())
}

impl World {
    async fn new() -> Self {
        let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(Still(AtomicI64::new(NOW))));
        let centre = centre(store, &clock);
        let (name, district, unit) = ("王敏".into(), "511902".into(), "511902105238".into());
        let person =
            Person { worker: WorkerId::default(), name, district, unit, role: Role::Worker, ended: None };
        let worker = centre.store().add_person(person.clone()).await.expect("added");
        let person = Person { worker, ..person };
        let offered = EnrolmentRow { code: [1; 32], worker, expires: NOW + 1, used: None };
        centre.store().write(vec![Aside::Enrolment(offered)]).await.expect("offered");
        let device = DeviceRow {
            device: DEVICE,
            prefixes: Vec::new(),
            worker,
            district: person.district.clone(),
            key: [0; 32],
            enrolled: NOW,
            seen: None,
            revoked: None,
        };
        assert!(centre.store().enrol([1; 32], device).await.expect("enrolled"));
        let session = Session::at(person, DEVICE);
        let said = CopyRow { prefix: DEVICE, counter: session.counter, marks: Vec::new(), walks: false };
        centre.store().write(vec![Aside::Copy(said)]).await.expect("it has said hello");
        World { clock, centre, session, id: DocumentId::v7(NOW, [4; 10]), doc: new_document(Kind::Case) }
    }

    /// The process ends, and another begins on the same store: what it had in memory is gone.
    fn restart(&mut self) {
        self.centre = centre(Arc::clone(self.centre.store()), &self.clock);
    }

    /// One more change on the device.
    fn make(&mut self, field: &str, value: &str) -> Vec<u8> {
        let heads: Vec<Hash> = self.doc.get_heads().into_iter().map(Hash::from).collect();
        let edit = Edit::Put { field: field.into(), value: Some(value.into()) };
        let made = edit_at(&mut self.doc, Kind::Case, &heads, (&ACTOR, NOW), &[edit]);
        made.expect("edits").expect("changes").raw_bytes().to_vec()
    }

    async fn push(&self, chunk: &[u8]) -> Ingested {
        self.centre.ingest(&self.session, self.id, vec![chunk.to_vec()], false).await.expect("ingested")
    }

    /// The title that the centre shows.
    async fn shown(&self) -> Option<String> {
        let (_guard, case) = self.centre.take(self.id).await.expect("taken");
        let case = case.expect("it is stored");
        let title = case.fields()["title"].as_str().map(str::to_owned);
        self.centre.put_back(case);
        title
    }

    async fn stored(&self) -> usize {
        self.centre.store().load(self.id).await.expect("loads").map_or(0, |stored| stored.changes.len())
    }
}

/// What the gate passes and automerge does not: here because the document in memory lacks a change.
#[tokio::test]
async fn what_automerge_refuses_after_the_gate_is_in_quarantine_and_never_served() {
    let mut world = World::new().await;
    let first = world.make("title", "三组塘坝漏水");
    assert_eq!(world.push(&first).await.acked.len(), 1);
    {
        let (_guard, case) = world.centre.take(world.id).await.expect("taken");
        let mut case = case.expect("it is stored");
        case.doc = new_document(Kind::Case);
        world.centre.put_back(case);
    }
    let second = world.make("title", "四组塘坝漏水");
    let refused = world.push(&second).await;
    assert_eq!((refused.acked.len(), refused.rejected.len()), (0, 1));
    assert_eq!(refused.rejected[0].code, "trial.heads");
    let kept = world.centre.store().quarantined(world.id, refused.rejected[0].hash).await.expect("reads");
    assert_eq!(kept.expect("it is in quarantine").bytes, second);
    assert_eq!((world.shown().await.as_deref(), world.stored().await), (Some("三组塘坝漏水"), 1));

    // The case was forgotten and loaded again, whole: what comes next is taken.
    assert_eq!(world.push(&second).await.acked.len(), 1);
    assert_eq!((world.shown().await.as_deref(), world.stored().await), (Some("四组塘坝漏水"), 2));
}

#[tokio::test]
async fn a_device_that_is_shut_out_while_it_pushes_is_told_so_and_nothing_is_taken() {
    let mut world = World::new().await;
    let first = world.make("title", "三组塘坝漏水");
    assert!(!world.push(&first).await.shut_out);
    let revoked = vec![Aside::RevokeDevice { device: DEVICE, at: NOW }];
    world.centre.store().write(revoked).await.expect("revoked");
    let second = world.make("title", "四组塘坝漏水");
    // New, known already, and no change at all: none of them is answered.
    for chunk in [&second, &first, &vec![1, 2, 3]] {
        let done = world.push(chunk).await;
        assert!(done.shut_out && done.acked.is_empty() && done.rejected.is_empty());
    }
    assert_eq!((world.shown().await.as_deref(), world.stored().await), (Some("三组塘坝漏水"), 1));
    let quarantine = world.centre.store().quarantine("511902", None, 9).await.expect("reads");
    assert_eq!(quarantine, []);
}

#[tokio::test]
async fn the_cache_holds_what_fits_and_forgets_what_was_used_longest_ago() {
    let mut world = World::new().await;
    let pack = world.centre.packs().of("511902", NOW).expect("it is in force").clone();
    let case =
        |n: u8| super::Case::new(DocumentId::v7(NOW, [n; 10]), Kind::Case, &world.session.person, NOW, &pack);
    let weight = case(0).weight();
    let cache = super::cache::Cache::of(weight * 3);
    for n in 0..10 {
        cache.put(case(n));
        assert!(cache.take(case(0).row.document).is_some_and(|case| {
            cache.put(case);
            true
        }));
    }
    let here = (0..10).filter(|n| cache.take(case(*n).row.document).is_some());
    assert_eq!(here.collect::<Vec<_>>(), [0, 8, 9]);

    // A case with changes weighs more than an empty one.
    let first = world.make("title", "三组塘坝漏水");
    world.push(&first).await;
    let (_guard, grown) = world.centre.take(world.id).await.expect("taken");
    assert!(grown.expect("it is stored").weight() > weight + first.len());
}
