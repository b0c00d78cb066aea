//! Files at the desk: awaited, arrived, seen by whoever sees the case, bounded, forgotten.

use std::path::PathBuf;
use std::sync::Arc;

use doorstep_protocol::documents::{Attachment, Media};
use doorstep_protocol::{DocumentId, Hash};
use sha2::{Digest, Sha256};

use super::desk::open;
use super::world::{TOWN, World, problem};
use crate::blobs::Blobs;
use crate::limits;
use crate::pipeline::{Centre, FileError, Settings};
use crate::store::Store;
use crate::store::arrivals::{ArrivalRow, Arrivals};

const VOICE: &[u8] = b"#!AMR\n somebody tells about a pond";

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A world whose centre keeps files.
async fn keeping(name: &str) -> (World, Folder) {
    let folder = Folder(std::env::temp_dir().join(format!("doorstep-files-{name}-{}", std::process::id())));
    let mut world = World::new().await;
    let old = &world.centre;
    let (store, source) = (Arc::clone(old.store()), Arc::clone(old.source()));
    let blobs = Blobs::open(&folder.0).expect("a temporary folder can be made");
    let centre = Centre::new(store, old.packs().clone(), source, old.keys().clone(), Settings::default());
    world.centre = Arc::new(centre.with_blobs(blobs));
    world.router = crate::http::router(Arc::clone(&world.centre));
    (world, folder)
}

fn named(bytes: &[u8], size: u64) -> Attachment {
    Attachment {
        hash: Hash(Sha256::digest(bytes).into()),
        size,
        media: Media::Amr,
        name: "塘.amr".into(),
        purpose: "voice".into(),
        made: "2026-11-21T10:00:00Z".into(),
    }
}

/// A case of the village that names these files.
async fn naming(world: &World, files: &[&Attachment]) -> DocumentId {
    let items: Vec<String> = files.iter().map(|file| file.item()).collect();
    let mut words = vec![("title", "塘坝漏水"), ("category", "water"), ("place", TOWN)];
    words.extend(items.iter().map(|item| ("attachments", item.as_str())));
    world.case(&words).await.0
}

/// What the device that made the case is told when it begins.
async fn begin(world: &World, id: DocumentId, hash: Hash) -> Result<(), FileError> {
    let device = world.centre.store().device(world.wang.device).await.expect("reads").expect("enrolled");
    let (upload, arriving) = world.centre.upload((&device, &world.wang.person), (id, hash)).await?;
    world.centre.begin_upload(&upload, &arriving).await
}

async fn send(world: &World, id: DocumentId, bytes: &[u8]) {
    let hash = Hash(Sha256::digest(bytes).into());
    begin(world, id, hash).await.expect("begun");
    let device = world.centre.store().device(world.wang.device).await.expect("reads").expect("enrolled");
    let who = (&device, &world.wang.person);
    let (upload, mut arriving) = world.centre.upload(who, (id, hash)).await.expect("may be sent");
    arriving.append(bytes).await.expect("written");
    arriving.sync().await.expect("synced");
    world.centre.finish(&upload, &mut arriving).await.expect("whole");
}

#[tokio::test]
async fn the_case_says_what_is_here_and_what_is_awaited() {
    let (world, _folder) = keeping("desk").await;
    let (here, not_yet) = (named(VOICE, VOICE.len() as u64), named(b"other", 9_000));
    let id = naming(&world, &[&here, &not_yet]).await;
    send(&world, id, VOICE).await;
    let case = world.get(&world.li, &format!("/api/v1/cases/{id}")).await.json();
    let states: Vec<_> = (0..2).map(|n| case["attachments"][n]["state"].as_str().expect("a state")).collect();
    assert_eq!(states, ["arrived", "awaited"]);
    let file = format!("/files/v1/{id}/{}", here.hash);
    for (lang, awaited) in [("en", "Not here yet: still on the device"), ("zh-CN", "还未上传，仍在设备上")]
    {
        let page = open(&world, &world.li, &format!("/cases/{id}?lang={lang}")).await;
        assert!(page.text.contains(&format!("href=\"{file}\"")), "{}", page.text);
        assert_eq!(page.text.matches(awaited).count(), 1);
        assert!(!page.text.contains(&format!("/files/v1/{id}/{}", not_yet.hash)));
    }
    assert_eq!(open(&world, &world.li, &file).await.status.as_u16(), 200, "the desk's cookie reads it");
    problem(&world.get(&world.stranger, &file).await, 404, "not.found");
}

#[tokio::test]
async fn what_is_forgotten_is_gone() {
    let (world, folder) = keeping("forget").await;
    let (here, half) = (named(VOICE, VOICE.len() as u64), named(b"half", 4));
    let id = naming(&world, &[&here, &half]).await;
    let other = naming(&world, &[&here]).await;
    send(&world, id, VOICE).await;
    send(&world, other, VOICE).await;
    begin(&world, id, half.hash).await.expect("begun");
    let gone = world.centre.forget_files("511902", id).await.expect("the folder is writable");
    assert_eq!(gone, 2, "a whole file, and one under way");
    assert_eq!(world.centre.store().arrivals(id).await.expect("reads"), []);
    assert!(!folder.0.join("blobs/511902").join(id.to_string()).join(here.hash.to_string()).exists());
    let still = format!("/files/v1/{other}/{}", here.hash);
    assert_eq!(world.get(&world.li, &still).await.status.as_u16(), 200, "another case keeps its own");
}

#[tokio::test]
async fn a_device_begins_and_sends_only_so_much() {
    let (world, _folder) = keeping("bounds").await;
    let files: Vec<_> = (0..=limits::UPLOADS_BEGUN as u8).map(|n| named(&[n], 1_000)).collect();
    let id = naming(&world, &files.iter().collect::<Vec<_>>()).await;
    for file in &files[1..] {
        begin(&world, id, file.hash).await.expect("begun");
    }
    assert!(matches!(begin(&world, id, files[0].hash).await, Err(FileError::Begun)));
    begin(&world, id, files[1].hash).await.expect("one that was begun goes on");
    assert_eq!(world.centre.blobs().expect("keeps files").expire(i64::MAX).await.expect("sweeps"), 8);
    let much = ArrivalRow {
        document: id,
        hash: Hash([9; 32]),
        size: limits::UPLOAD_BYTES_PER_DAY - 500,
        media: Media::Pdf,
        device: world.wang.device,
        at: world.now(),
    };
    world.centre.store().arrive(much).await.expect("noted");
    assert!(matches!(begin(&world, id, files[0].hash).await, Err(FileError::Quota)));
    world.wait(limits::DAY_MS + 1);
    begin(&world, id, files[0].hash).await.expect("another day");
}
