//! An erased document leaves a stub, a successor and a line in the ledger; nothing that was said is in any file.

use std::path::{Path, PathBuf};

use super::*;
use crate::blobs::Blobs;
use crate::ledger::Ledger;
use crate::pipeline::{DeskError, EraseError, Erased};
use crate::store::erasures::Erasures;
use crate::store::office::Office;
use crate::store::snapshots::Snapshots;
use crate::store::sqlite::SqliteStore;
use crate::verify;

const SAID: [&str; 4] = ["刘桂芳", "屋后水沟", "13987654321", "隔壁老周"];

/// A data folder that goes with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("doorstep-erasure-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Folder(folder)
    }

    fn database(&self) -> PathBuf {
        self.0.join("doorstep.sqlite")
    }

    async fn centre(&self) -> Centre<SqliteStore> {
        let pack = Pack::load(&embedded_bazhou()).expect("the embedded pack loads");
        let store = SqliteStore::open(&self.database()).await.expect("opens");
        let (packs, keys) = (Packs::new([pack]), Keys::new([7; 32]));
        let clock = Arc::new(Still(AtomicI64::new(NOW)));
        Centre::new(Arc::new(store), packs, clock, keys, Settings::default())
            .with_blobs(Blobs::open(&self.0).expect("a folder for files"))
            .with_ledger(Ledger::of(&self.0))
    }

    /// Which of these words are in any file, byte for byte.
    fn says(&self, words: &[&str]) -> Vec<String> {
        let (mut found, mut folders) = (Vec::new(), vec![self.0.clone()]);
        while let Some(next) = folders.pop() {
            for entry in std::fs::read_dir(&next).expect("lists") {
                let path = entry.expect("lists").path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let bytes = std::fs::read(&path).expect("reads");
                let holds = |word: &&&str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
                found.extend(words.iter().filter(holds).map(|word| format!("{word} in {}", path.display())));
            }
        }
        found
    }
}

async fn add(store: &SqliteStore, role: Role, unit: &str) -> Person {
    let (name, district) = ("王敏".to_owned(), "511902".to_owned());
    let person = Person { worker: WorkerId::default(), name, district, unit: unit.into(), role, ended: None };
    let worker = store.add_person(person.clone()).await.expect("added");
    Person { worker, ..person }
}

/// A case of a worker that says something about somebody in every place where something can be said.
async fn told(centre: &Centre<SqliteStore>) -> (Session, DocumentId) {
    let session = Session::at(add(centre.store(), Role::Worker, "511902101200").await, DEVICE);
    let (id, mut doc) = (DocumentId::v7(NOW, [4; 10]), new_document(Kind::Case));
    let put = |field: &str, value: &str| Edit::Put { field: field.into(), value: Some(value.into()) };
    let steps = [
        vec![put("title", "刘桂芳家屋后水沟堵塞"), put("category", "water"), put("place", "511902101200")],
        vec![put("person.name", "刘桂芳"), put("contact_phone", "13987654321"), put("subject", "隔壁老周")],
        vec![Edit::SetText {
            field: "description".into(), text: "屋后水沟堵塞，隔壁老周填的".into()
        }],
        vec![Edit::Append { field: "log".into(), item: "刘桂芳说又堵了".into() }],
    ];
    let grown = (0..20).map(|n| vec![put("title", &format!("刘桂芳家屋后水沟第{n}次堵塞"))]);
    for edits in steps.into_iter().chain(grown) {
        let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
        let change =
            edit_at(&mut doc, Kind::Case, &heads, (&ACTOR, NOW), &edits).expect("edits").expect("new");
        let chunk = change.raw_bytes().to_vec();
        let done = centre.ingest(&session, id, vec![chunk], false).await.expect("ingested");
        assert_eq!(done.acked.len(), 1, "{:?}", done.rejected);
    }
    // What is refused is kept whole, too.
    let refused = "刘桂芳 13987654321 不是一个改动".as_bytes().to_vec();
    let done = centre.ingest(&session, id, vec![refused], false).await.expect("answered");
    assert_eq!(done.rejected.len(), 1);
    centre.note_dear(id);
    centre.compact(1).await.expect("compacts");
    assert!(centre.store().snapshot_of(id).await.expect("reads").is_some());
    (session, id)
}

async fn gone(centre: &Centre<SqliteStore>, folder: &Folder, (id, erased): (DocumentId, &Erased)) {
    assert_eq!(folder.says(&SAID), [] as [String; 0], "not in the database, its log, the ledger or anywhere");
    let stub = centre.store().load(id).await.expect("reads").expect("a stub is left");
    assert!(stub.row.erased.is_some() && stub.changes.is_empty() && stub.decisions.is_empty());
    let row = centre.store().erasure(id).await.expect("reads").expect("it is in the ledger");
    assert_eq!((row.changes.len(), row.successor), (24, erased.row.successor));
    let report = verify::report(centre).await.expect("reads");
    assert!(report.ok && report.invariants[0].checked >= 24, "{report:?}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).expect("copied");
}

#[tokio::test]
async fn nothing_of_an_erased_document_is_in_any_file_and_a_redacted_one_goes_on() {
    let folder = Folder::new("files");
    let centre = folder.centre().await;
    let (_, id) = told(&centre).await;
    let admin = add(centre.store(), Role::Admin, "511902").await;
    // Whom it is about works here: the name goes, and he sees no more of it than before.
    let named = add(centre.store(), Role::Leader, "511902").await;
    // Spaced as a register does it, so that what is said of him there is no trace of what was said here.
    let named = Person { name: "隔 壁 老 周".into(), ..named };
    centre.store().change_person(named.clone()).await.expect("named");
    assert!(centre.view(&named, id).await.is_err());
    assert!(folder.says(&SAID).len() >= SAID.len(), "it was there: the test would see it");
    let before = centre.store().load(id).await.expect("reads").expect("stored");

    let erased = centre.erase(&admin, id, "2026-17").await.expect("erased");
    let named = Person { name: "改名".into(), ..named };
    centre.store().change_person(named.clone()).await.expect("renamed");
    assert!(centre.view(&named, erased.row.successor).await.is_err(), "nor of what goes on in its place");
    assert!(centre.scour().await.expect("scoured"));
    gone(&centre, &folder, (id, &erased)).await;

    let successor = centre.store().load(erased.row.successor).await.expect("reads").expect("it goes on");
    assert_eq!(successor.row.category.as_deref(), Some("water"));
    assert_eq!((&successor.row.title, successor.row.concerned.len()), (&None, 0));
    assert_eq!((successor.row.registered, successor.row.author), (before.row.registered, before.row.author));
    let outcome = |stored: &crate::store::Stored| {
        let all = stored.decisions.iter().map(|row| &row.decision);
        all.map(|d| (d.n, d.unit.clone(), d.step.clone(), d.due)).collect::<Vec<_>>()
    };
    assert!(!before.decisions.is_empty());
    assert_eq!(outcome(&successor), outcome(&before), "owner, step and deadline go on");
}

#[tokio::test]
async fn an_older_copy_that_is_put_in_its_place_is_erased_again_when_the_server_starts() {
    let folder = Folder::new("copy");
    let centre = folder.centre().await;
    let (_, id) = told(&centre).await;
    let admin = add(centre.store(), Role::Admin, "511902").await;
    centre.store().close().await.expect("closed");
    let copied = Folder::new("elsewhere");
    copy(&folder.database(), &copied.database());

    let centre = folder.centre().await;
    let erased = centre.erase(&admin, id, "2026-17").await.expect("erased");
    centre.store().close().await.expect("closed");
    copy(&copied.database(), &folder.database());
    assert!(!folder.says(&SAID).is_empty(), "somebody put it back");

    let centre = folder.centre().await;
    let rows = centre.known_erasures().await.expect("the ledger reads");
    assert_eq!(centre.erase_again(rows.clone()).await.expect("erased"), 1);
    assert_eq!(centre.erase_again(rows).await.expect("nothing more"), 0);
    assert!(centre.scour().await.expect("scoured"));
    gone(&centre, &folder, (id, &erased)).await;
    assert!(centre.store().row(erased.row.successor).await.expect("reads").is_some());
}

#[tokio::test]
async fn what_a_device_still_sends_is_refused_and_kept_nowhere() {
    let folder = Folder::new("device");
    let centre = folder.centre().await;
    let (session, id) = told(&centre).await;
    let admin = add(centre.store(), Role::Admin, "511902").await;
    let changes = centre.store().load(id).await.expect("reads").expect("stored").changes;
    centre.erase(&admin, id, "2026-17").await.expect("erased");
    for chunk in [changes[0].bytes.clone(), "刘桂芳又来了".as_bytes().to_vec()] {
        let done = centre.ingest(&session, id, vec![chunk], false).await.expect("answered");
        assert_eq!((done.acked.len(), done.rejected[0].code.as_str()), (0, "document.erased"));
    }
    assert_eq!(centre.store().quarantine("511902", None, 9).await.expect("reads"), []);
    assert!(centre.scour().await.expect("scoured"));
    assert_eq!(folder.says(&SAID), [] as [String; 0]);
}

#[tokio::test]
async fn nobody_but_an_administrator_erases_and_nothing_is_erased_twice() {
    let folder = Folder::new("right");
    let centre = folder.centre().await;
    let (session, id) = told(&centre).await;
    let leader = add(centre.store(), Role::Leader, "511902").await;
    for person in [&session.person, &leader] {
        let refused = centre.erase(person, id, "2026-17").await;
        assert!(matches!(refused, Err(EraseError::Desk(DeskError::NotFound))));
    }
    assert_eq!(Ledger::of(&folder.0).read().expect("reads"), []);
    let admin = add(centre.store(), Role::Admin, "511902").await;
    centre.erase(&admin, id, "2026-17").await.expect("erased");
    let again = centre.erase(&admin, id, "2026-17").await;
    assert!(matches!(again, Err(EraseError::Desk(DeskError::NotFound))));
}

/// What goes on in the place of a complaint goes on with those who had it, and not with whom it is about.
#[tokio::test]
async fn a_redacted_complaint_is_kept_from_the_unit_that_it_named() {
    const LEADER: &str = "511902-leader";
    let folder = Folder::new("complaint");
    let centre = folder.centre().await;
    let session = Session::at(add(centre.store(), Role::Worker, "511902101200").await, DEVICE);
    let admin = add(centre.store(), Role::Admin, LEADER).await;
    let (id, mut doc) = (DocumentId::v7(NOW, [4; 10]), new_document(Kind::Case));
    let put = |field: &str, value: &str| Edit::Put { field: field.into(), value: Some(value.into()) };
    let edits = [put("title", "收红包"), put("category", "conduct"), put("subject", "巴州区纪委监委")];
    let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
    let change = edit_at(&mut doc, Kind::Case, &heads, (&ACTOR, NOW), &edits).expect("edits").expect("new");
    let done = centre.ingest(&session, id, vec![change.raw_bytes().to_vec()], false).await.expect("ingested");
    assert_eq!(done.acked.len(), 1, "{:?}", done.rejected);
    let before = centre.store().row(id).await.expect("reads").expect("stored");
    assert_eq!(before.unit.as_deref(), Some(LEADER));
    let erased = centre.erase(&admin, id, "2026-18").await.expect("erased");
    let row = centre.store().row(erased.row.successor).await.expect("reads").expect("it goes on");
    assert_eq!(row.unit.as_deref(), Some(LEADER));
    let audience = row.audience.expect("decided");
    assert!(audience.excluded_units.contains("511902-discipline"), "{audience:?}");
    assert!(audience.units.contains(LEADER));
}
