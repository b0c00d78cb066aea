//! A small district: a villager's case, two people who write about it, a reviewer, a stranger; time stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use doorstep_policy::{Pack, embedded_bazhou};
use doorstep_protocol::documents::genesis::{genesis_hash, new_document};
use doorstep_protocol::documents::{Edit, Kind, Role, edit_at};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::Hello;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use serde_json::Value as Json;
use tower::ServiceExt;

use super::conform;
use crate::clock::{Source, random};
use crate::http::scrape::Scrapers;
use crate::keys::Keys;
use crate::limits;
use crate::pipeline::{Centre, Session, Settings};
use crate::policies::Packs;
use crate::store::Store;
use crate::store::memory::MemoryStore;
use crate::store::{Aside, DeviceRow, EnrolmentRow, Person};

pub(super) const VILLAGE: &str = "511902105238";
pub(super) const TOWN: &str = "511902105";
pub(super) const OTHER_TOWN: &str = "511902104";
pub(super) const ID_NUMBER: &str = "511902199001011234";
/// 21 November 2026, 18:00 in Beijing.
pub(super) const START: Millis = 1_795_255_200_000;

/// Time that only the story moves, and bytes that only count.
#[derive(Default)]
struct Still {
    now: AtomicI64,
    given: AtomicU64,
}

impl Source for Still {
    fn now(&self) -> Millis {
        self.now.load(Relaxed)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let next = self.given.fetch_add(1, Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
            chunk.copy_from_slice(&next.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// Somebody with a token and a device.
pub(super) struct Somebody {
    pub(super) person: Person,
    pub(super) token: String,
    pub(super) device: DeviceId,
}

pub(super) struct World {
    pub(super) centre: Arc<Centre<MemoryStore>>,
    pub(super) router: Router,
    still: Arc<Still>,
    /// Writes in the village.
    pub(super) wang: Somebody,
    /// Writes at the town's centre.
    pub(super) chen: Somebody,
    /// Reviews for the district.
    pub(super) li: Somebody,
    /// Reviews in another town: sees nothing of this.
    pub(super) stranger: Somebody,
}

/// An answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(super) fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of text"))
    }
}

pub(super) async fn somebody(centre: &Centre<MemoryStore>, name: &str, unit: &str, role: Role) -> Somebody {
    let mut person = Person {
        worker: WorkerId::default(),
        name: name.into(),
        district: "511902".into(),
        unit: unit.into(),
        role,
        ended: None,
    };
    person.worker = centre.store().add_person(person.clone()).await.expect("added");
    let token = centre.keys().token(person.worker, START + limits::TOKEN_LIFE_MS);
    let device = DeviceId(random(&**centre.source()));
    let enrolment = EnrolmentRow {
        code: [person.worker.0 as u8; 32],
        worker: person.worker,
        expires: START + 1,
        used: None,
    };
    centre.store().write(vec![Aside::Enrolment(enrolment.clone())]).await.expect("invited");
    let who = Somebody { person, token, device };
    assert!(centre.store().enrol(enrolment.code, device_row(&who)).await.expect("enrolled"));
    who
}

fn device_row(who: &Somebody) -> DeviceRow {
    DeviceRow {
        device: who.device,
        prefixes: Vec::new(),
        worker: who.person.worker,
        district: who.person.district.clone(),
        key: [0; 32],
        enrolled: START,
        seen: None,
        revoked: None,
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let pack = Pack::load(&embedded_bazhou()).expect("the embedded pack loads");
        let still = Arc::new(Still { now: AtomicI64::new(START), ..Still::default() });
        let source: crate::clock::SharedSource = Arc::clone(&still) as _;
        let desk = pack.desk().to_owned();
        let store = Arc::new(MemoryStore::default());
        let centre =
            Arc::new(Centre::new(store, Packs::new([pack]), source, Keys::new([7; 32]), Settings::default()));
        World {
            wang: somebody(&centre, "王敏", VILLAGE, Role::Worker).await,
            chen: somebody(&centre, "陈刚", "511902105-centre", Role::Handler).await,
            li: somebody(&centre, "李静", &desk, Role::Reviewer).await,
            stranger: somebody(&centre, "赵强", OTHER_TOWN, Role::Reviewer).await,
            router: crate::http::router(
                Arc::clone(&centre),
                tokio::sync::watch::channel(false).1,
                Scrapers::default(),
            ),
            centre,
            still,
        }
    }

    pub(super) fn now(&self) -> Millis {
        self.still.now()
    }

    pub(super) fn wait(&self, span: Millis) {
        self.still.now.fetch_add(span, Relaxed);
    }

    pub(super) async fn session(&self, who: &Somebody) -> Session {
        let hello = Hello { now: self.now(), ..hello() };
        self.open(who, &hello).await
    }

    /// A device says hello, each time as its next session.
    pub(super) async fn open(&self, who: &Somebody, hello: &Hello) -> Session {
        let last = self.centre.store().copy(who.device).await.expect("reads");
        let hello = Hello { counter: last.map_or(1, |last| last.counter + 1), ..hello.clone() };
        self.centre.open(&device_row(who), who.person.clone(), &hello).await.expect("opened").0
    }

    /// Writes words at heads, as a device would, and sends them. Gives the change.
    pub(super) async fn write(
        &self,
        who: &Somebody,
        id: DocumentId,
        at: &[Hash],
        words: &[(&str, &str)],
    ) -> Hash {
        self.write_before(0, who, (id, at), words).await
    }

    /// The same, written so long before it arrives.
    pub(super) async fn write_before(
        &self,
        ago: Millis,
        who: &Somebody,
        (id, at): (DocumentId, &[Hash]),
        words: &[(&str, &str)],
    ) -> Hash {
        let mut doc = new_document(Kind::Case);
        if let Some(stored) = self.centre.store().load(id).await.expect("loads") {
            let changes = stored
                .changes
                .into_iter()
                .map(|row| automerge::Change::from_bytes(row.bytes).expect("parses"));
            doc.apply_changes(changes.collect::<Vec<_>>()).expect("applies");
        }
        let edits: Vec<Edit> = words
            .iter()
            .map(|(field, value)| Edit::Put { field: (*field).into(), value: Some((*value).into()) })
            .collect();
        let mut actor = [0; 16];
        actor[..8].copy_from_slice(&who.device.0);
        actor[8..].copy_from_slice(&random::<8>(&*self.still));
        let change = edit_at(&mut doc, Kind::Case, at, (&actor, self.now() - ago), &edits)
            .expect("edits")
            .expect("changes");
        let done =
            self.centre.ingest(&self.session(who).await, id, vec![change.raw_bytes().to_vec()], false).await;
        let done = done.expect("ingested");
        assert!(done.rejected.is_empty(), "{:?}", done.rejected);
        change.hash().into()
    }

    /// The first change of a case that is not sent yet, and its hash.
    pub(super) fn made(&self, who: &Somebody, words: &[(&str, &str)]) -> (Vec<u8>, Hash) {
        let mut doc = new_document(Kind::Case);
        let put = |(field, value): &(&str, &str)| Edit::Put {
            field: (*field).into(),
            value: Some((*value).into()),
        };
        let edits: Vec<Edit> = words.iter().map(put).collect();
        let mut actor = [0; 16];
        actor[..8].copy_from_slice(&who.device.0);
        let change = edit_at(&mut doc, Kind::Case, &[genesis_hash(Kind::Case)], (&actor, self.now()), &edits)
            .expect("edits")
            .expect("changes");
        (change.raw_bytes().to_vec(), change.hash().into())
    }

    /// A change that builds on one that nobody has.
    pub(super) fn orphan(&self, who: &Somebody) -> Vec<u8> {
        let mut doc = new_document(Kind::Case);
        let mut at = vec![genesis_hash(Kind::Case)];
        let mut actor = [0; 16];
        actor[..8].copy_from_slice(&who.device.0);
        let mut last = Vec::new();
        for title in ["one", "two"] {
            let edit = Edit::Put { field: "title".into(), value: Some(title.into()) };
            let change = edit_at(&mut doc, Kind::Case, &at, (&actor, self.now()), &[edit])
                .expect("edits")
                .expect("changes");
            at = vec![change.hash().into()];
            last = change.raw_bytes().to_vec();
        }
        last
    }

    /// A case of the village, with its first change.
    pub(super) async fn case(&self, words: &[(&str, &str)]) -> (DocumentId, Hash) {
        let id = DocumentId::v7(self.now(), random(&*self.still));
        let first = self.write(&self.wang, id, &[genesis_hash(Kind::Case)], words).await;
        (id, first)
    }

    /// The case of these stories, in which two people disagree about the place.
    pub(super) async fn disputed(&self) -> DocumentId {
        let words = [
            ("title", "三组塘坝漏水"),
            ("category", "water"),
            ("person.id_number", ID_NUMBER),
            ("contact_phone", "13800138000"),
        ];
        let (id, first) = self.case(&words).await;
        self.wait(60_000);
        self.write(&self.chen, id, &[first], &[("place", OTHER_TOWN)]).await;
        self.wait(8 * 60 * 60_000);
        // An afternoon without a network.
        self.write_before(6 * 60 * 60_000, &self.wang, (id, &[first]), &[("place", TOWN)]).await;
        id
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("a router does not fail");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Asks the API, and holds the answer against the API's document.
    pub(super) async fn ask(&self, method: &str, path: &str, token: &str, body: Option<Json>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = match body {
            None => Body::empty(),
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
        };
        let answer = self.send(request.body(body).expect("a request")).await;
        let document =
            self.send(Request::get("/api/openapi.json").body(Body::empty()).expect("a request")).await;
        conform::holds(&document.json(), method, path, &answer);
        answer
    }

    pub(super) async fn get(&self, who: &Somebody, path: &str) -> Answer {
        self.ask("GET", path, &who.token, None).await
    }

    pub(super) async fn post(&self, who: &Somebody, path: &str, body: Json) -> Answer {
        self.ask("POST", path, &who.token, Some(body)).await
    }
}

/// Asserts a problem of this status and code.
pub(super) fn problem(answer: &Answer, status: u16, code: &str) -> Json {
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), problem["code"].as_str()), (status, Some(code)), "{problem}");
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
    assert_eq!(problem["status"], status);
    problem
}

/// A hello that says nothing yet.
pub(super) fn hello() -> Hello {
    Hello {
        version: limits::WIRE_VERSION,
        schema: limits::SCHEMA_VERSION,
        counter: 1,
        now: START,
        cursor: None,
        unsent: Vec::new(),
        checkouts: Vec::new(),
        purged: Vec::new(),
        live: false,
        commands: 0,
        prefix: None,
        marks: Vec::new(),
        heard: None,
        granted: None,
    }
}
